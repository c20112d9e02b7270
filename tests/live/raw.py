"""A websocket client that can also do what the protocol forbids."""

from __future__ import annotations

import asyncio
import base64
import os
import struct


class RawSocket:
    """A connection after its handshake. `status` is the handshake's HTTP status."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
        self.reader, self.writer, self.status = reader, writer, status

    @classmethod
    async def open(cls, port: int, path: str, cookie: str = "", origin: str | None = "") -> RawSocket:
        """Shake hands. `origin` "" is the server's own, None leaves the header out."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        if origin is not None:
            lines.append(f"Origin: {origin or f'http://127.0.0.1:{port}'}")
        if cookie:
            lines.append(f"Cookie: {cookie}")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        return cls(reader, writer, int(head.split()[1]))

    def send(self, payload: bytes, opcode: int = 1, *, fin: bool = True, mask: bool = True, rsv: int = 0) -> None:
        first = (0x80 if fin else 0) | rsv << 4 | opcode
        size = len(payload)
        flag = 0x80 if mask else 0
        if size < 126:
            head = struct.pack("!BB", first, flag | size)
        elif size < 65536:
            head = struct.pack("!BBH", first, flag | 126, size)
        else:
            head = struct.pack("!BBQ", first, flag | 127, size)
        # A mask of zeros leaves the payload as it is.
        self.writer.write(head + (b"\0\0\0\0" if mask else b"") + payload)

    async def receive(self, seconds: float = 5) -> tuple[int, bytes]:
        """The next frame's opcode and payload."""
        async with asyncio.timeout(seconds):
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return first & 0xF, await self.reader.readexactly(size)

    async def close_code(self, seconds: float = 10) -> int:
        """Read until the server closes; 1006 when it just hangs up."""
        try:
            while True:
                opcode, payload = await self.receive(seconds)
                if opcode == 8:
                    return int(struct.unpack("!H", payload[:2])[0]) if payload else 1005
        except (asyncio.IncompleteReadError, ConnectionError):
            return 1006

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return

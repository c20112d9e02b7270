"""`python -m chatapp.demo`: one line when it is ready, and an end when it is told or left alone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
COMMAND = ("-m", "chatapp.demo", "--port")


@asynccontextmanager
async def started(*words: str, program: str = sys.executable) -> AsyncIterator[Process]:
    """A process of ours, ended with the block."""
    process = await asyncio.create_subprocess_exec(program, *words, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def first_line(process: Process) -> str:
    assert process.stdout
    async with asyncio.timeout(10):
        return (await process.stdout.readline()).decode()


async def test_it_says_where_it_listens_and_ends_on_sigterm() -> None:
    async with started(*COMMAND, "0") as process:
        line = await first_line(process)
        port = int(line.removeprefix("demo on 127.0.0.1:"))
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://127.0.0.1:{port}/v1/models")).status_code == 200
            assert (await client.get(f"http://127.0.0.1:{port}/v1/_seen")).status_code == 404
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                assert await process.wait() == 0


async def test_it_keeps_a_record_on_request() -> None:
    async with started(*COMMAND, "0", "--seen") as process:
        port = int((await first_line(process)).rpartition(":")[2])
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://127.0.0.1:{port}/v1/_seen")).json()["asked"] == []


async def test_a_taken_port_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with started(*COMMAND, port) as process:
            _, error = await process.communicate()
    assert process.returncode == 1
    assert error.decode().startswith(f"demo: cannot listen on 127.0.0.1:{port}")
    assert "Traceback" not in error.decode()


async def test_it_ends_when_its_parent_dies() -> None:
    script = f"{sys.executable} {' '.join(COMMAND)} 0 --with-parent & echo $!; wait"
    async with started("-c", script, program="/bin/sh") as shell:
        child = int(await first_line(shell))
        assert (await first_line(shell)).startswith("demo on ")
        shell.kill()
        assert shell.stdout
        try:
            # The child holds the other end of this pipe, so its end is the child's end.
            async with asyncio.timeout(10):
                assert await shell.stdout.read() == b""
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            raise

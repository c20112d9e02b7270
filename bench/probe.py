"""The longest wait for a page that costs nothing, in seconds: asks until its standard input ends, then prints it.

A process of its own, so that what the bench itself does is not in the figure.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

EVERY = 0.01


@asynccontextmanager
async def probing(base: str) -> AsyncIterator[list[float]]:
    """Probe during the block; the list has the longest wait afterwards."""
    command = (sys.executable, "-m", "bench.probe", base)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    longest: list[float] = []
    try:
        yield longest
    finally:
        printed, _ = await process.communicate(b"")
        longest.append(float(printed))


async def main(base: str) -> None:
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    longest = 0.0
    async with aiohttp.ClientSession() as http:
        while not over.done():
            began = time.monotonic()
            async with http.get(base + "/healthz") as response:
                await response.read()
            longest = max(longest, time.monotonic() - began)
            await asyncio.sleep(EVERY)
    print(longest)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

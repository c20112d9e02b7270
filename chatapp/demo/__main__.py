"""`python -m chatapp.demo --port 8765`: run the demo provider until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys

from chatapp.demo.server import HOST, KEPT_IN_TESTS, serving
from chatapp.demo.trouble import DEFAULT_RATE

DEFAULT_PORT = 8765
PARENT_CHECK_SECONDS = 1.0


def main() -> None:
    """Parse the command line and serve; a port that is taken ends it with a sentence and status 1."""
    parser = argparse.ArgumentParser(prog="python -m chatapp.demo", description="Parley's demo provider, on loopback.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 chooses a free one (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=DEFAULT_RATE, help="deltas a second, 0: full speed (default: 50)")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started it ends")
    parser.add_argument("--seen", action="store_true", help="keep a record of all requests at /v1/_seen, for tests")
    options = parser.parse_args()
    try:
        asyncio.run(_serve(options))
    except OSError as error:
        sys.exit(f"demo: cannot listen on {HOST}:{options.port}: {error.strerror}")


async def _serve(options: argparse.Namespace) -> None:
    parent = os.getppid()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with serving(options.port, rate=options.rate, keep=KEPT_IN_TESTS if options.seen else 0) as demo:
        print(f"demo on {HOST}:{demo.port}", flush=True)
        watch = asyncio.create_task(_outlive(parent, stopped)) if options.with_parent else None
        await stopped.wait()
        if watch:
            watch.cancel()


async def _outlive(parent: int, stopped: asyncio.Event) -> None:
    """An orphan gets another parent; polling sees that on every system, and whichever thread started us."""
    while os.getppid() == parent:  # noqa: ASYNC110 - no event announces it
        await asyncio.sleep(PARENT_CHECK_SECONDS)
    stopped.set()


if __name__ == "__main__":
    main()

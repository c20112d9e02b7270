"""Long conversations on a running server."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence

from tests.live.server import ROOT, Server


async def write_long(
    server: Server, texts: Sequence[tuple[str, str]], *, to: str = "", rendered: bool = True
) -> tuple[str, list[int]]:
    """Ann's conversation of these questions and answers, or this one of hers gone on with; its id, and the messages'.

    Without `rendered` there is no HTML yet, as after an import.
    """
    writer = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.live.long",
        to,
        str(int(rendered)),
        cwd=ROOT,
        env=server.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await writer.communicate(json.dumps(texts).encode())
    made = json.loads(out)
    return made["conversation"], made["messages"]

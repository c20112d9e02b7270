"""For a process of our own that reads what strangers made: it gives way to the server, and its limits are for ever."""

from __future__ import annotations

import os
import resource
import signal

NICE = 10


def confine(*, memory: int, seconds: int | None = None, file: int | None = None) -> None:
    """Limit this process: bytes of memory, seconds of CPU time, bytes of a file that it writes. It leaves no core."""
    os.nice(NICE)
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: file,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        if most is None:
            continue
        _, hard = resource.getrlimit(kind)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))
    # Too large a file is then an error of the write, not the end of the process.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # The terminal's Ctrl-C is for the server, which then ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

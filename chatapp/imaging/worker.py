"""The process in which images are decoded. Jobs come as JSON lines on standard input, results go out as such lines.

It may use so much memory and time and no more, and may die: the answers of the server go on.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chatapp.confined import confine
from chatapp.imaging.clean import clean
from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.results import Cleaned, Limits, Scaled
from chatapp.imaging.scale import scale

# 50 megapixels with alpha and a profile take 0.9 GB at the most.
MEMORY_BYTES = 1_500_000_000
FILE_BYTES = 600_000_000
# Of CPU time; a photo of 12 megapixels takes half a second.
JOB_SECONDS = 15


def main() -> None:
    confine(memory=MEMORY_BYTES, file=FILE_BYTES)
    for line in sys.stdin:
        with job_time():
            answer = result_of(json.loads(line))
        print(json.dumps(answer), flush=True)


@contextlib.contextmanager
def job_time() -> Iterator[None]:
    """The signal's default action ends the process, even in the middle of a decoder."""
    signal.setitimer(signal.ITIMER_PROF, JOB_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def result_of(job: dict[str, Any]) -> dict[str, Any]:
    """{"made": …}, {"refused": code, "values": …} or {"errno": …}: what the disk said."""
    try:
        return {"made": asdict(carry_out(job))}
    except ImageRefused as refused:
        return {"refused": refused.code, "values": refused.values}
    except OSError as error:
        return {"errno": error.errno}
    except Exception:
        traceback.print_exc()
        return {"refused": "broken", "values": {}}


def carry_out(job: dict[str, Any]) -> Cleaned | Scaled:
    source, (to, *more) = Path(job["source"]), [Path(path) for path in job["to"]]
    if job["do"] == "clean":
        return clean(source, to, more[0], Limits(job["bytes"], job["pixels"]))
    return scale(source, to, job["pixels"])


if __name__ == "__main__":
    main()

"""The process in which a file is read: `python -m chatapp.transfer.reading FILE FOLDER BYTES_OF_AN_IMAGE`.

Conversations go out as JSON lines on standard output: a "chat" with its messages and an "end", or "unread" with the
reason; a file that is none of ours is "refused". The process may use so much memory and time and no more, and may die.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from chatapp.confined import confine
from chatapp.transfer.limits import CONVERSATIONS, READER_MEMORY, READER_SECONDS
from chatapp.transfer.reading.files import conversations
from chatapp.transfer.reading.tree import Tree
from chatapp.transfer.reading.values import Unreadable

TOO_LARGE = "It holds more than can be read at once."


def main() -> None:
    path, folder, most_bytes = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    confine(memory=READER_MEMORY, seconds=READER_SECONDS)
    try:
        for count, found in enumerate(conversations(path, folder, most_bytes)):
            if count >= CONVERSATIONS:
                say({"t": "unread", "title": "", "why": f"A file may hold {CONVERSATIONS:,} chats; the rest was left."})
                break
            if isinstance(found, Tree):
                tell(found)
            else:
                say({"t": "unread", "title": found[0], "why": found[1]})
        say({"t": "done"})
    except Unreadable as unreadable:
        say({"t": "refused", "why": unreadable.sentence})
    except MemoryError:
        say({"t": "refused", "why": TOO_LARGE})


def tell(tree: Tree) -> None:
    """The conversation in lines, a message each; the digest is that of all of them."""
    digest = hashlib.sha256()
    head = {"source": tree.source, "title": tree.title, "pictures": tree.pictures, **tree.head}
    for record in ({"t": "chat", **head}, *({"t": "message", **asdict(node)} for node in tree.nodes)):
        digest.update(say(record))
    say({"t": "end", "open": tree.open, "left_out": tree.left_out, "digest": digest.hexdigest()})


def say(record: dict[str, Any]) -> bytes:
    line = json.dumps(record, ensure_ascii=False, default=datetime.isoformat).encode() + b"\n"
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
    return line


if __name__ == "__main__":
    main()

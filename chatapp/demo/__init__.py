"""The demo provider: an OpenAI-compatible server of the project's own, so that Parley works without a key.

`python -m chatapp.demo --port 8765` runs it; it listens on this machine only. Tests use the same server in
their own event loop:

    async with serving() as demo:
        …  # demo.base_url, demo.record.asked, demo.record.hang_ups, demo.record.open_connections

What it says is a script: `chatapp.demo.script` lists the words that choose one, in English and Chinese. What
it does wrong on request, by words like `demo:cut` in the last user message, is listed in
`chatapp.demo.trouble`.
"""

from chatapp.demo.dialogue import CONTINUE_OPENING
from chatapp.demo.numbered import SHAPES, numbers
from chatapp.demo.record import Asked, Record
from chatapp.demo.script import Script, script_for
from chatapp.demo.server import Demo, serving
from chatapp.demo.titles import TITLE_OPENING
from chatapp.demo.trouble import FAKE_SECRET, HOSTILE_MARK

__all__ = [
    "CONTINUE_OPENING",
    "FAKE_SECRET",
    "HOSTILE_MARK",
    "SHAPES",
    "TITLE_OPENING",
    "Asked",
    "Demo",
    "Record",
    "Script",
    "numbers",
    "script_for",
    "serving",
]

"""Why a file is not taken, in words for the person who chose it."""

from __future__ import annotations

from chatapp.imaging.errors import in_bytes
from chatapp.transfer.limits import FILE_BYTES


class NotTaken(Exception):
    """Base. `status` is the HTTP status of the answer."""

    status = 422
    sentence = "The file could not be taken."

    def __str__(self) -> str:
        return self.sentence


class NoFile(NotTaken):
    sentence = "There is no file in what was sent. Choose one first."


class FileTooLarge(NotTaken):
    status = 413

    def __init__(self, size: int) -> None:
        self.sentence = (
            f"The file has {in_bytes(size)}; the limit is {in_bytes(FILE_BYTES)}. Of a zip file from ChatGPT, "
            "unpack it and choose conversations.json alone, or a part of it."
        )


class StillImporting(NotTaken):
    status = 409
    sentence = "An import of yours is still running. Wait for its end, then choose the next file."


class Exporting(NotTaken):
    status = 429
    sentence = "Two exports of yours are still running. Wait for the end of one of them, then begin the next."

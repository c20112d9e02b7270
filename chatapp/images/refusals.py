"""Why an image is not kept, where the image itself is not to blame. See chatapp.imaging.errors for the rest."""

from __future__ import annotations

from chatapp.imaging.errors import in_bytes


class NotKept(Exception):
    """Base. `status` is the HTTP status of the answer."""

    status = 422
    sentence = "The image could not be attached."

    def __str__(self) -> str:
        return self.sentence


class NoFile(NotKept):
    sentence = "There is no file in what was sent. Choose the image again."


class SeveralFiles(NotKept):
    sentence = "Images are sent one by one; these came together. Choose them again."


class QuotaReached(NotKept):
    def __init__(self, used: int, limit: int) -> None:
        self.sentence = (
            f"Your images take up {in_bytes(used)}; the limit is {in_bytes(limit)}. "
            "Delete conversations with images that you do not need."
        )


class TooManyUnsent(NotKept):
    def __init__(self, limit: int) -> None:
        self.sentence = f"You have {limit} images that are in no message, which is the limit. Send or remove some."


class NoRoom(NotKept):
    status = 507
    sentence = "The server could not store the image; its disk may be full. Tell an administrator."


class NotFetched(NotKept):
    """The sentence says what happened, never which addresses were tried."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

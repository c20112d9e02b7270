"""What we do not take, in words for the person who sent it. The text stays in the composer."""

from __future__ import annotations

MESSAGE_CHARACTERS = 100_000
TITLE_CHARACTERS = 200
MOST_WAITING = 20


class Refused(Exception):
    """Base. `status` is the HTTP status of the answer to the post."""

    status = 422
    sentence = "This could not be done."

    def __str__(self) -> str:
        return self.sentence


class EmptyMessage(Refused):
    sentence = "There is nothing to send yet. Write a message first."


class MessageTooLong(Refused):
    def __init__(self, characters: int) -> None:
        self.sentence = (
            f"The message has {characters:,} characters; the limit is {MESSAGE_CHARACTERS:,}. "
            "Shorten it or send it in parts."
        )


class TooManyImages(Refused):
    def __init__(self, images: int, limit: int) -> None:
        self.sentence = f"The message has {images} images; the limit is {limit}. Remove some, or send them in parts."


class ImageGone(Refused):
    sentence = "One of the images is not on the server any more. Remove it, attach it again and send."


class UnknownAlias(Refused):
    sentence = "This model is not available to you any more. Pick another one and send again."


class NoAlias(Refused):
    sentence = "No model is connected yet. An administrator can connect one under Administration."


class AnswerRunning(Refused):
    status = 409
    sentence = "An answer is still being written here. Stop it or wait for its end, then send again."


class QueueFull(Refused):
    status = 409
    sentence = f"{MOST_WAITING} messages wait already. Let some of them go out, or remove one, then send again."


class NothingToContinue(Refused):
    status = 409
    sentence = "This answer has no loose end to continue from."


class NothingToEdit(Refused):
    sentence = "Only a question can be edited."


class Restarting(Refused):
    status = 503
    sentence = "The server is restarting and takes no new message for a moment. Send again in some seconds."


class BadForm(Refused):
    status = 400
    sentence = "The page sent something that the server does not understand. Reload the page and send again."


class BadTitle(Refused):
    sentence = f"A title has between 1 and {TITLE_CHARACTERS} characters."

"""What we do not take, in words for the person who sent it. The text stays in the composer."""

from __future__ import annotations

MESSAGE_CHARACTERS = 100_000
TITLE_CHARACTERS = 200
MOST_WAITING = 20
MOST_COMPARED = 3


class Refused(Exception):
    """Base. `status` is the HTTP status of the answer to the post."""

    status = 422
    sentence = "This could not be done."

    def __str__(self) -> str:
        return self.sentence


class ReadOnly(Refused):
    status = 403
    sentence = "You can read this chat, but not write in it. Go on in a chat of your own, or ask its owner."


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


class UnknownPrompt(Refused):
    sentence = "The prompt is not there for you any more. Remove it, or choose another one, and send again."


class AnswerRunning(Refused):
    status = 409
    sentence = "An answer is still being written here. Stop it or wait for its end, then send again."


class QueueFull(Refused):
    status = 409
    sentence = f"{MOST_WAITING} messages wait already. Let some of them go out, or remove one, then send again."


class TooManyCompared(Refused):
    sentence = f"At most {MOST_COMPARED} models answer side by side. Take one away and send again."


class KeepOneFirst(Refused):
    status = 409
    sentence = "Several answers stand side by side here. Keep one of them to go on from, then send again."


class NothingToKeep(Refused):
    status = 409
    sentence = "This answer does not stand beside others any more."


class NothingToContinue(Refused):
    status = 409
    sentence = "This answer has no loose end to continue from."


class NothingToAnswer(Refused):
    status = 409
    sentence = "There is no question here that has no answer yet."


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


class TemporaryChat(Refused):
    sentence = "A temporary chat cannot be shared. Choose “Keep this chat” in it first."

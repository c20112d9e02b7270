"""What cannot be filed so, in words for the person who asked."""

from __future__ import annotations

from chatapp.conversations.refusals import Refused

NAME_CHARACTERS = 80
MOST_FOLDERS = 50
MOST_AT_ONCE = 500


class BadName(Refused):
    sentence = f"A folder's name has between 1 and {NAME_CHARACTERS} characters."


class NameTaken(Refused):
    def __init__(self, name: str) -> None:
        self.sentence = f"You have a folder named {name} already. Choose another name."


class TooManyFolders(Refused):
    sentence = f"You have {MOST_FOLDERS} folders; that is the limit. Delete one that is not needed any more."


class NothingChosen(Refused):
    sentence = "No chat is chosen. Tick at least one."


class TooManyChosen(Refused):
    sentence = f"At most {MOST_AT_ONCE} chats can be filed at once. Untick some, and do the rest afterwards."


class TooLate(Refused):
    status = 409
    sentence = "This cannot be taken back any more: more than an hour has passed."

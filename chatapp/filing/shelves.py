"""The pages that list chats: all of them, what is pinned, a folder, the archive, what others share."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, QueryDict

from accounts.models import User
from chatapp.conversations.models import Conversation, Folder
from chatapp.conversations.sidebar import COLUMNS, MOST_LINES, PAGE, Cursor, listed, others_chats
from chatapp.unread.marks import unread_by

ARCHIVE = "archive"
PINNED = "pinned"
LOOSE = "loose"
SHARED = "shared"
# Those that an address names.
_NAMED = ("", PINNED, LOOSE, SHARED)
_HEADINGS = {
    "": "All chats",
    PINNED: "Pinned chats",
    LOOSE: "Chats in no folder",
    ARCHIVE: "Archive",
    SHARED: "Shared with me",
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a page lists: `show` is "" for everything, or one of the names above, or `folder` is one."""

    show: str = ""
    folder: Folder | None = None

    @property
    def heading(self) -> str:
        return self.folder.name if self.folder else _HEADINGS[self.show]

    @property
    def archived(self) -> bool:
        return self.show == ARCHIVE

    @property
    def shared(self) -> bool:
        """Other people's chats: how these are filed is their owners'."""
        return self.show == SHARED

    @property
    def query(self) -> str:
        """Its part of an address, to be followed by others."""
        if self.folder:
            return f"folder={self.folder.pk}&"
        return f"show={self.show}&" if self.show and not self.archived else ""

    def chats(self, user: User) -> QuerySet[Conversation]:
        """What was used last comes first."""
        if self.shared:
            theirs = others_chats(user).annotate(unread=unread_by(user.pk))
            return theirs.select_related("owner").only(*COLUMNS, "owner__name")
        found = listed(user)
        if self.archived:
            found = Conversation.objects.owned_by(user).filter(archived_at__isnull=False, temporary=False)
        if self.show == PINNED:
            found = found.filter(pinned_at__isnull=False)
        if self.show == LOOSE:
            found = found.filter(folder=None)
        if self.folder:
            found = found.filter(folder=self.folder)
        return found.only(*COLUMNS, "archived_at").order_by("-active_at", "-pk")


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a shelf; `older` is the cursor of what comes after them."""

    chats: list[Conversation]
    older: Cursor | None


def shelf_of(asked: QueryDict, folders: list[Folder]) -> Shelf:
    """The shelf that an address names. Raises Http404, also where the folder is not among these."""
    show, named = asked.get("show", ""), asked.get("folder", "")
    if show not in _NAMED:
        raise Http404
    if not named:
        return Shelf(show)
    folder = next((one for one in folders if str(one.pk) == named), None)
    if folder is None:
        raise Http404
    return Shelf(folder=folder)


def page_of(user: User, shelf: Shelf, folders: list[Folder], before: str, lines: int) -> Page:
    """So many lines after this cursor, "" for the first ones, each with its folder; one query. Raises Http404."""
    found = shelf.chats(user)
    if before:
        cursor = Cursor.read(before)
        if cursor is None:
            raise Http404
        found = cursor.rest_of(found)
    lines = max(PAGE, min(lines, MOST_LINES))
    chats = list(found[: lines + 1])
    by_id = {folder.pk: folder for folder in folders}
    for chat in chats:
        chat.folder = by_id.get(chat.folder_id or 0)
    return Page(chats[:lines], Cursor.of(chats[lines - 1]) if len(chats) > lines else None)

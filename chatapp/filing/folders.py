"""A member's folders: made, named, put in order and deleted. Conversations are never lost with one."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404

from accounts.models import User
from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation, Folder
from chatapp.conversations.words import clean
from chatapp.database import written
from chatapp.filing import refusals
from chatapp.generation import hub


async def create(user: User, name: str) -> Folder:
    """A new folder after the others. Raises Refused."""
    return _told(user, await written(_create, user, name))


async def rename(user: User, folder_id: int, name: str) -> Folder:
    """Raises Refused or Http404."""
    return _told(user, await written(_rename, user, folder_id, name))


async def shift(user: User, folder_id: int, by: int) -> Folder:
    """One place up (-1) or down (1); at the end of its way it stays. Raises Http404."""
    return _told(user, await written(_shift, user, folder_id, by))


async def delete(user: User, folder_id: int) -> Folder:
    """Its conversations stay, and go back among the days. Raises Http404."""
    return _told(user, await written(_delete, user, folder_id))


def alone(user: User) -> None:
    """One change to a member's folders at a time: their names, number and order hold against each other."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def own_folder(user: User, folder_id: int) -> Folder:
    """The person's own folder. Raises Http404."""
    folder = user.folders.filter(pk=folder_id).first()
    if folder is None:
        raise Http404
    return folder


def named_folder(user: User, name: str) -> Folder:
    """The folder of this name, made if there is none; inside a transaction. Raises Refused."""
    name = _checked(name)
    alone(user)
    return user.folders.filter(name=name).first() or _made(user, name)


@transaction.atomic
def _create(user: User, name: str) -> Folder:
    name = _checked(name)
    alone(user)
    _refuse_taken(user, name)
    return _made(user, name)


@transaction.atomic
def _rename(user: User, folder_id: int, name: str) -> Folder:
    name = _checked(name)
    alone(user)
    folder = own_folder(user, folder_id)
    _refuse_taken(user, name, but=folder)
    folder.name = name
    folder.save(update_fields=["name"])
    return folder


@transaction.atomic
def _shift(user: User, folder_id: int, by: int) -> Folder:
    alone(user)
    folder = own_folder(user, folder_id)
    folders = list(user.folders.all())
    at = folders.index(folder)
    folders.insert(max(0, at + by), folders.pop(at))
    for order, one in enumerate(folders):
        one.order = order
    Folder.objects.bulk_update(folders, ["order"])
    return folder


@transaction.atomic
def _delete(user: User, folder_id: int) -> Folder:
    alone(user)
    folder = own_folder(user, folder_id)
    Conversation.objects.filter(folder=folder).update(folder=None)
    Folder.objects.filter(pk=folder.pk).delete()
    return folder


def _made(user: User, name: str) -> Folder:
    orders = list(user.folders.values_list("order", flat=True))
    if len(orders) >= refusals.MOST_FOLDERS:
        raise refusals.TooManyFolders
    return user.folders.create(name=name, order=max(orders, default=-1) + 1)


def _checked(name: str) -> str:
    name = " ".join(clean(name).split())
    if not 0 < len(name) <= refusals.NAME_CHARACTERS:
        raise refusals.BadName
    return name


def _refuse_taken(user: User, name: str, but: Folder | None = None) -> None:
    taken = user.folders.filter(name=name)
    if (taken.exclude(pk=but.pk) if but else taken).exists():
        raise refusals.NameTaken(name)


def _told(user: User, folder: Folder) -> Folder:
    hub.tell_member(user.pk, fragments.past_frame())
    return folder

"""Pages of the prompt library, and what the composer asks of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from chatapp.catalog.access import aliases_for
from chatapp.conversations.models import Conversation
from chatapp.conversations.requests import Request, check_id, member, number
from chatapp.conversations.sidebar import sidebar_for
from chatapp.conversations.views import start_page
from chatapp.database import in_order, written
from chatapp.prompts import library, use
from chatapp.prompts.access import archive_of, found, keeps, kept_by, prompts_for
from chatapp.prompts.forms import PromptForm
from chatapp.prompts.models import Prompt
from chatapp.prompts.versions import entries

OFFERED = 50
LISTED = 100
LAST_PAGE = 10_000
VERSIONS_SHOWN = 30
SEARCH_CHARACTERS = 100
LARGEST_NUMBER = 2**31
INVALID = 422
# What lists do not show.
_LONG = ("instructions", "first_message")
_page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. `alias` is "" where the reader may not use it, `seen_by` names groups to keepers alone."""

    prompt: Prompt
    mine: bool
    keeps: bool
    alias: str
    seen_by: str


@require_safe
def listed(request: Request) -> HttpResponse:
    """Their own and the team's; ?q= searches names and titles, ?show=archived shows those put aside."""
    return render(request, "prompts/list.html", _list(request))


@never_cache
@_page_with_form
async def new(request: Request) -> HttpResponse:
    user = await member(request)
    if request.method != "POST":
        return await in_order(_new_page, request, None)
    form = await written(library.make, user, request.POST)
    if form.errors:
        return await in_order(_new_page, request, form)
    return await in_order(_told, request, f"{form.instance} is there. Type it in an empty message to use it.")


@require_safe
def read(request: Request, pk: int) -> HttpResponse:
    """What a prompt says, for everybody who sees it."""
    chosen = _chosen(request, pk)
    context = {"place": "prompts", "chosen": chosen, "row": _row(chosen.prompt, request.user, _names(request.user))}
    return render(request, "prompts/read.html", context | sidebar_for(request.user, request))


@never_cache
@_page_with_form
async def edit(request: Request, pk: int) -> HttpResponse:
    check_id(pk)
    if request.method != "POST":
        return await in_order(_edit_page, request, pk, None)
    form = await written(library.change, await member(request), pk, request.POST)
    if form.errors:
        return await in_order(_edit_page, request, pk, form)
    return await in_order(_told, request, "Saved. It holds from the next use on.")


@require_safe
def history(request: Request, pk: int) -> HttpResponse:
    """Every version, newest first; for the owner alone, since a prompt may have been their secret before."""
    check_id(pk)
    prompt = prompts_for(request.user).filter(owner=request.user, pk=pk).first()
    if prompt is None:
        raise Http404
    before = number(request.GET.get("before", str(LARGEST_NUMBER)))
    shown = entries(prompt, _names(request.user), min(before, LARGEST_NUMBER), VERSIONS_SHOWN)
    older = shown[-1].version.number if shown and shown[-1].version.number > 1 else None
    context = {"place": "prompts", "prompt": prompt, "entries": shown, "older": older}
    return render(request, "prompts/history.html", context | sidebar_for(request.user, request))


@require_POST
async def bring_back(request: Request, pk: int, version: int) -> HttpResponse:
    check_id(pk)
    if version > LARGEST_NUMBER:
        raise Http404
    await written(library.bring_back, await member(request), pk, version)
    return await in_order(_told, request, f"Version {version} is back, as the newest one.", ("prompts:history", pk))


@require_POST
async def duplicate(request: Request, pk: int) -> HttpResponse:
    check_id(pk)
    copy = await written(library.duplicate, await member(request), pk)
    return await in_order(_told, request, f"{copy} is your copy; only you see it.", ("prompts:edit", copy.pk))


@require_POST
async def archive(request: Request, pk: int) -> HttpResponse:
    """Away at once; the answer offers Undo."""
    return await _changed(request, pk, library.archive, "archived")


@require_POST
async def restore(request: Request, pk: int) -> HttpResponse:
    return await _changed(request, pk, library.restore, "back")


@_page_with_form
async def delete(request: Request, pk: int) -> HttpResponse:
    """For good, so it asks first."""
    check_id(pk)
    if request.method != "POST":
        return await in_order(_delete_page, request, pk)
    prompt = await written(library.delete, await member(request), pk)
    return await in_order(_told, request, f"{prompt} is deleted.", ("prompts:list",))


@require_safe
def start(request: Request, pk: int) -> HttpResponse:
    """A new conversation with this prompt in its composer."""
    chosen = _chosen(request, pk)
    given: dict[str, object] = {"chosen": chosen, "typed": chosen.prompt.first_message}
    if chosen.alias:
        given |= {"alias": chosen.alias, "think": chosen.alias.think_by_default}
    if chosen.prompt.think is not None:
        given["think"] = chosen.prompt.think
    return start_page(request, given)


@require_safe
def menu(request: Request) -> HttpResponse:
    """What the composer offers after a slash, as a list of options; one query."""
    words = request.GET.get("q", "")[:SEARCH_CHARACTERS]
    offered = list(found(prompts_for(request.user), words).defer(*_LONG)[: OFFERED + 1])
    context = {"prompts": offered[:OFFERED], "more": len(offered) > OFFERED}
    return render(request, "prompts/_menu.html", context)


@require_safe
def chip(request: Request, pk: int) -> HttpResponse:
    """The prompt as the composer shows it; ?c= names the conversation that it was chosen in."""
    inside = request.GET.get("c", "")
    context = {"chosen": _chosen(request, pk), "inside": inside, "conversation": _own(request.user, inside)}
    return render(request, "prompts/_chosen.html", context)


@require_POST
async def instruct(request: Request, pk: int, conversation: uuid.UUID) -> HttpResponse:
    """Give a conversation that is there the prompt's instructions; the answer offers Undo."""
    check_id(pk)
    done = await written(use.instruct, await member(request), conversation, pk)
    if not request.htmx:
        return redirect("conversations:conversation", conversation)
    return await in_order(render, request, "prompts/_toast_instructed.html", {"done": done})


def _list(request: Request) -> dict[str, object]:
    user, words = request.user, request.GET.get("q", "")[:SEARCH_CHARACTERS]
    archived = request.GET.get("show") == "archived"
    prompts = archive_of(user) if archived else prompts_for(user)
    page = max(1, min(number(request.GET.get("page", "1")), LAST_PAGE))
    first = LISTED * (page - 1)
    some = list(found(prompts, words).defer(*_LONG).prefetch_related("groups")[first : first + LISTED + 1])
    names = _names(user)
    return {
        "place": "prompts",
        "rows": [_row(prompt, user, names) for prompt in some[:LISTED]],
        "words": words,
        "archived": archived,
        "query": f"?{asked}" if (asked := request.GET.urlencode()) else "",
        "next": page + 1 if len(some) > LISTED else None,
        "before": page - 1,
    } | sidebar_for(user, request)


def _row(prompt: Prompt, user: User, names: Mapping[int, str]) -> Row:
    mine, keeper = prompt.owner_id == user.pk, keeps(user, prompt)
    return Row(prompt, mine, keeper, names.get(prompt.alias_id or 0, ""), _seen_by(prompt, mine, keeper))


def _seen_by(prompt: Prompt, mine: bool, keeper: bool) -> str:
    if prompt.shared != Prompt.Shared.GROUPS:
        return "Only you" if mine and prompt.shared == Prompt.Shared.NOBODY else "Everyone"
    groups = ", ".join(sorted(group.name for group in prompt.groups.all())) if keeper else ""
    return groups or ("Only you" if keeper else "Your group")


def _names(user: User) -> dict[int, str]:
    """The aliases that this person may use."""
    return {alias.pk: alias.name for alias in aliases_for(user)}


def _chosen(request: Request, pk: int) -> use.Chosen:
    check_id(pk)
    chosen = use.chosen(request.user, pk)
    if chosen is None:
        raise Http404
    return chosen


def _own(user: User, text: str) -> Conversation | None:
    """The conversation of this id, if the person may instruct it. Raises Http404 for what is no id."""
    try:
        return Conversation.objects.owned_by(user).filter(pk=uuid.UUID(text)).first() if text else None
    except ValueError as error:
        raise Http404 from error


def _new_page(request: Request, sent: PromptForm | None) -> HttpResponse:
    form = sent or PromptForm(instance=Prompt(owner=request.user), by=request.user)
    context = {"place": "prompts", "form": form} | sidebar_for(request.user, request)
    return render(request, "prompts/edit.html", context, status=INVALID if sent else 200)


def _edit_page(request: Request, pk: int, sent: PromptForm | None) -> HttpResponse:
    saved = kept_by(request.user).filter(archived_at=None).select_related("owner", "alias").filter(pk=pk).first()
    if saved is None:
        raise Http404
    form = sent or PromptForm(instance=saved, by=request.user)
    context = {"place": "prompts", "form": form, "prompt": saved, "mine": saved.owner_id == request.user.pk}
    context |= sidebar_for(request.user, request)
    return render(request, "prompts/edit.html", context, status=INVALID if sent else 200)


def _delete_page(request: Request, pk: int) -> HttpResponse:
    prompt = archive_of(request.user).filter(pk=pk).first()
    if prompt is None:
        raise Http404
    context = {"place": "prompts", "prompt": prompt} | sidebar_for(request.user, request)
    return render(request, "prompts/delete.html", context)


async def _changed(request: Request, pk: int, act: Callable[[User, int], Prompt], how: str) -> HttpResponse:
    """For htmx a word about it and the list as it is now; the list itself for a plain form."""
    check_id(pk)
    prompt = await written(act, await member(request), pk)
    if not request.htmx:
        return await in_order(_told, request, f"{prompt} is {how}.")
    return await in_order(_list_again, request, prompt, how)


def _list_again(request: Request, prompt: Prompt, how: str) -> HttpResponse:
    return render(request, "prompts/_changed.html", _list(request) | {"prompt": prompt, "how": how})


def _told(request: Request, words: str, where: tuple[Any, ...] = ("prompts:list",)) -> HttpResponse:
    messages.success(request, words, extra_tags="good")
    return redirect(*where)

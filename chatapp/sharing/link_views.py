"""What owners see and do about links: the dialog in a conversation, and the list of all they share."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chatapp.conversations.branches import open_leaf
from chatapp.conversations.models import Conversation
from chatapp.conversations.refusals import Refused
from chatapp.conversations.requests import Request, check_id, member
from chatapp.conversations.sidebar import sidebar_for, zone_of
from chatapp.database import in_order
from chatapp.sharing import links, updates
from chatapp.sharing.link_forms import ChangeForm, LinkForm, sentence
from chatapp.sharing.links import address_of
from chatapp.sharing.members import guests_of, shared_by
from chatapp.sharing.models import Link, LinkRules
from chatapp.sharing.taking import bound_to, branch_through, branch_to, tally
from chatapp.sharing.updates import Prospect

CONFLICT, INVALID = 409, 422
_page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What an owner is asked before a link is updated; `again` where it has become another thing meanwhile."""

    pk: int
    says: str
    prospect: Prospect
    again: bool


@sensitive_post_parameters("password")
@never_cache
@_page_with_form
async def share(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Who may read a conversation: a dialog for htmx, a page of its own without JavaScript. A post makes a link."""
    user = await member(request)
    if request.method != "POST":
        return await in_order(_shown, request, pk)
    form = await in_order(_sent_form, request, pk)
    if not form.is_valid():
        return await in_order(_shown, request, pk, form=form)
    try:
        link, token = await links.make(user, pk, form.wish)
    except Refused as refused:
        return await in_order(_shown, request, pk, form=form, refusal=refused.sentence)
    # A repeat of what was revoked meanwhile.
    fresh = None if link.revoked_at else (link, address_of(request, token))
    return await in_order(_shown, request, pk, fresh=fresh)


@require_POST
def look(request: Request, pk: uuid.UUID) -> HttpResponse:
    """What a link as it is in the form would show, in one sentence."""
    form = _sent_form(request, pk)
    says = _says(_conversation(request, pk), form) if form.is_valid() else ""
    return render(request, "sharing/link_says.html", {"says": says})


@sensitive_post_parameters()
@require_POST
async def change(request: Request, pk: int) -> HttpResponse:
    """Another label, end or password."""
    user, link = await member(request), await in_order(_link, request, pk)
    form = await in_order(_change_form, request, link)
    if not form.is_valid():
        return await in_order(_shown, request, link.conversation_id, changing=form, changed=link.pk)
    return await _after(request, await links.change(user, pk, form.change))


@never_cache
@_page_with_form
async def update(request: Request, pk: int) -> HttpResponse:
    """Asks what a link is to show, in the place where it stands; a post that has seen exactly that lets it do so."""
    user, link = await member(request), await in_order(_link, request, pk)
    if request.method == "POST":
        try:
            return await _after(request, await updates.update(user, pk, request.POST.get("seen", "")))
        except updates.OtherThanSeen:
            pass
    return await in_order(_asking, request, link)


@require_POST
async def revoke(request: Request, pk: int) -> HttpResponse:
    check_id(pk)
    return await _after(request, await links.revoke(await member(request), pk))


@require_POST
async def restore(request: Request, pk: int) -> HttpResponse:
    check_id(pk)
    return await _after(request, await links.bring_back(await member(request), pk))


@require_safe
def shares(request: Request) -> HttpResponse:
    """All that the member shares, in one list."""
    return _shares(request)


async def _after(request: Request, link: Link) -> HttpResponse:
    """The place where it was asked for, as it is now."""
    if not request.htmx:
        path = "/shares/" if _in_list(request) else f"/c/{link.conversation_id}/share/"
        return HttpResponseRedirect(path, status=303)
    if _in_list(request):
        return await in_order(_shares, request)
    return await in_order(_shown, request, link.conversation_id)


def _in_list(request: Request) -> bool:
    """It was asked for in the list of all that the member shares."""
    return "shares" in (request.GET.get("at"), request.POST.get("at"))


def _asking(request: Request, link: Link) -> HttpResponse:
    found, again = updates.prospect(request.user, link), request.method == "POST"
    asked = Asked(link.pk, sentence(found.tally, link), found, again)
    return _shares(request, asked) if _in_list(request) else _shown(request, link.conversation_id, asked=asked)


def _shares(request: Request, asked: Asked | None = None) -> HttpResponse:
    context: dict[str, object] = {"links": links.listed_of(request.user), "rules": LinkRules.now(), "asked": asked}
    if not request.htmx:
        context |= {"invited": shared_by(request.user), "place": "shares"} | sidebar_for(request.user, request)
    with timezone.override(zone_of(request)):
        template = "sharing/link_list.html" if request.htmx else "sharing/shares.html"
        return render(request, template, context, status=_status(request, asked))


def _status(request: Request, asked: Asked | None) -> int:
    """Htmx swaps in nothing but a success."""
    return CONFLICT if asked and asked.again and not request.htmx else 200


def _shown(
    request: Request,
    pk: uuid.UUID,
    *,
    form: LinkForm | None = None,
    refusal: str = "",
    fresh: tuple[Link, str] | None = None,
    changing: ChangeForm | None = None,
    changed: int = 0,
    asked: Asked | None = None,
) -> HttpResponse:
    """The dialog, its part about links alone, or the page; `fresh` is a link that was just made, and its address."""
    conversation, rules = _conversation(request, pk), LinkRules.now()
    rows = [
        (link, changing if changing and link.pk == changed else ChangeForm(None, link=link, rules=rules))
        for link in links.listed(conversation)
    ]
    wrong = bool(refusal or changing or (form and form.errors))
    form = form or _new_form(conversation, rules, request)
    context = {
        "conversation": conversation,
        "rules": rules,
        "rows": rows,
        "form": form,
        "says": _says(conversation, form),
        "refusal": refusal,
        "fresh": fresh,
        "changed": changed,
        "asked": asked,
        "guests": guests_of(conversation),
    }
    with timezone.override(zone_of(request)):
        if request.htmx:
            whole = request.method == "GET" and asked is None
            return render(request, f"sharing/{'dialog' if whole else 'link_part'}.html", context)
        page = context | sidebar_for(request.user, request)
        return render(request, "sharing/share.html", page, status=INVALID if wrong else _status(request, asked))


def _says(conversation: Conversation, form: LinkForm) -> str:
    """What would go out: of a form that was sent, or one that is fresh."""
    if form.is_bound and not form.is_valid():
        return ""
    wish = form.wish if form.is_bound else form.first_wish
    if wish.kind == Link.Kind.LIVE:
        branch = branch_through(conversation, bound_to(conversation, wish.leaf))
    else:
        branch = branch_to(conversation, wish.leaf).up_to(wish.turns)
    return sentence(tally(conversation, branch), wish)


def _sent_form(request: Request, pk: uuid.UUID) -> LinkForm:
    return _new_form(_conversation(request, pk), LinkRules.now(), request, sent=True)


def _new_form(conversation: Conversation, rules: LinkRules, request: Request, *, sent: bool = False) -> LinkForm:
    leaf = open_leaf(conversation, request.user.pk)
    turns = branch_to(conversation, leaf).turns
    return LinkForm(request.POST if sent else None, rules=rules, turns=turns, leaf=leaf)


def _change_form(request: Request, link: Link) -> ChangeForm:
    return ChangeForm(request.POST, link=link, rules=LinkRules.now())


def _conversation(request: Request, pk: uuid.UUID) -> Conversation:
    conversation = Conversation.objects.owned_by(request.user).filter(pk=pk).first()
    if conversation is None:
        raise Http404
    return conversation


def _link(request: Request, pk: int) -> Link:
    check_id(pk)
    mine = Link.objects.kept_by(request.user).select_related("conversation", "snapshot")
    link = mine.filter(pk=pk, revoked_at=None).first()
    if link is None:
        raise Http404
    return link

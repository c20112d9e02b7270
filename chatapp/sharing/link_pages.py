"""Links for administrators: whether there may be any, how many each member has, and an end to them. Never what
they show.
"""

from __future__ import annotations

import logging

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from chatapp.audit.log import note
from chatapp.audit.models import Entry
from chatapp.catalog.pages.door import Request, administrators_only
from chatapp.conversations.requests import check_id
from chatapp.database import in_order, written
from chatapp.sharing import links, onlookers
from chatapp.sharing.link_forms import RulesForm, shorten
from chatapp.sharing.models import LinkRules

logger = logging.getLogger("parley.sharing")

INVALID = 422


@administrators_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
async def rules(request: Request) -> HttpResponse:
    """What is allowed, and who has how many links."""
    if request.method != "POST":
        return await in_order(_page, request)
    form = await written(_save, request)
    if not form.is_valid():
        return await in_order(_page, request, form)
    onlookers.look()
    return await in_order(_done, request, "Saved.")


@administrators_only
@require_POST
async def revoke(request: Request, pk: int) -> HttpResponse:
    """End every link of a member."""
    check_id(pk)
    name = await in_order(_name, pk)
    administrator = await request.auser()
    if not isinstance(administrator, User):
        raise Http404
    ended = await links.revoke_all_of(administrator, pk)
    logger.info("member %s revoked %s links of member %s", administrator.pk, ended, pk)
    said = f"{ended} link{'' if ended == 1 else 's'} of {name} {'is' if ended == 1 else 'are'} revoked."
    return await in_order(_done, request, said)


@transaction.atomic
def _save(request: Request) -> RulesForm:
    form = RulesForm(request.POST, instance=LinkRules.now())
    if form.is_valid() and form.has_changed():
        shorten(form.save())
        note(Entry.What.LINK_RULES, by=request.user, conversation=None, about=form.changes)
        logger.info("member %s saved the rules for links: %s", request.user.pk, form.instance)
    return form


def _page(request: Request, form: RulesForm | None = None) -> HttpResponse:
    context = {
        "place": "links",
        "form": form or RulesForm(instance=LinkRules.now()),
        "members": links.counts_by_member(),
    }
    return render(request, "sharing/link_rules.html", context, status=INVALID if form else 200)


def _done(request: Request, said: str) -> HttpResponse:
    messages.success(request, said, extra_tags="good")
    return redirect("sharing:link-rules")


def _name(pk: int) -> str:
    user = User.objects.filter(pk=pk).first()
    if user is None:
        raise Http404
    return user.name

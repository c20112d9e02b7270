"""The pages of the rules, each with a preview of what it would delete; and keeping a temporary chat."""

from __future__ import annotations

import logging
import uuid

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chatapp.catalog.pages.door import Request, administrators_only
from chatapp.conversations.requests import Request as MemberRequest
from chatapp.conversations.requests import member
from chatapp.database import in_order
from chatapp.retention.counts import Preview, chats_by_rule, preview_of
from chatapp.retention.forms import RuleForm
from chatapp.retention.keeping import keep
from chatapp.retention.models import Rule
from chatapp.retention.rules import due

logger = logging.getLogger("parley.retention")

INVALID = 422
# What a new rule starts from.
FIRST_DAYS = 365
_page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@administrators_only
@require_safe
def listed(request: Request) -> HttpResponse:
    rules, now = list(Rule.objects.select_related("group")), timezone.now()
    chats = chats_by_rule(rules, now)
    context = {
        "place": "retention",
        "rows": [(rule, chats[rule.pk]) for rule in rules],
        "on": any(rule.enabled for rule in rules),
        "preview": preview_of(due([rule for rule in rules if rule.enabled], now)),
    }
    return render(request, "retention/rules.html", context)


@administrators_only
@never_cache
@_page_with_form
def new(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request, Rule(days=FIRST_DAYS))
    return _sent(request, Rule())


@administrators_only
@never_cache
@_page_with_form
def rule(request: Request, pk: int) -> HttpResponse:
    if request.method != "POST":
        return _page(request, get_object_or_404(Rule, pk=pk))
    with transaction.atomic():
        return _sent(request, get_object_or_404(Rule.objects.select_for_update(), pk=pk))


@administrators_only
@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """A rule less keeps more: nothing to ask."""
    get_object_or_404(Rule, pk=pk).delete()
    logger.info("member %s deleted rule %s", request.user.pk, pk)
    messages.success(request, "The rule is deleted. What it has deleted does not come back.", extra_tags="good")
    return redirect("retention:rules")


@require_POST
async def keep_chat(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Make a temporary chat an ordinary one."""
    done = await keep(await member(request), pk)
    if not request.htmx:
        return HttpResponseRedirect(f"/c/{pk}/", status=303)
    return await in_order(render, request, "retention/_temporary.html", {"conversation": done.conversation})


def _sent(request: Request, rule: Rule) -> HttpResponse:
    """Save what was sent, or only look at it. What would delete chats is not saved before somebody has looked."""
    form = RuleForm(request.POST, instance=rule)
    if not form.is_valid():
        looked = request.htmx and "look" in request.POST
        return _preview(request, form) if looked else _form_page(request, form, status=INVALID)
    if "look" in request.POST:
        return _preview(request, form, _would_delete(rule)) if request.htmx else _form_page(request, form)
    if rule.enabled and not form.looked_at and (preview := _would_delete(rule)).tally.chats:
        return _form_page(request, form, preview, status=INVALID, first_look=True)
    form.save()
    logger.info("member %s saved rule %s: %s", request.user.pk, rule.pk, form.signature)
    messages.success(request, "Saved.", extra_tags="good")
    return redirect("retention:rules")


def _page(request: Request, rule: Rule) -> HttpResponse:
    """The form as the rule is now, with what it would delete."""
    return _form_page(request, RuleForm(instance=rule), _would_delete(rule))


def _form_page(
    request: Request, form: RuleForm, preview: Preview | None = None, *, status: int = 200, first_look: bool = False
) -> HttpResponse:
    if preview is None and form.is_valid():
        preview = _would_delete(form.instance)
    context = {"place": "retention", "form": form, "rule": form.instance, "preview": preview, "first_look": first_look}
    return render(request, "retention/rule.html", context, status=status)


def _preview(request: Request, form: RuleForm, preview: Preview | None = None) -> HttpResponse:
    """The preview alone; without one the form has something wrong."""
    return render(request, "retention/_looked.html", {"form": form, "preview": preview})


def _would_delete(rule: Rule) -> Preview:
    """What this rule alone would delete now, whether it is on or off."""
    return preview_of(due([rule], timezone.now()))

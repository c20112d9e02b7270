"""What is done to prompts. Each of these is one transaction, and each save of one keeps what it was before."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import Http404, QueryDict
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.access import may_use
from chatapp.conversations.forms import PARAMETERS
from chatapp.prompts.access import kept_by, prompts_for
from chatapp.prompts.forms import TAKEN, PromptForm
from chatapp.prompts.models import NAME_CHARACTERS, NAMELESS, Prompt, Version, folded
from chatapp.prompts.versions import State, changed_labels, record, state, take

LONGEST_NUMBER = 9  # digits
_COPIED = ("name", "title", "instructions", "first_message", "think", *PARAMETERS)


@transaction.atomic
def make(user: User, sent: QueryDict) -> PromptForm:
    """A new prompt of the person's own, unless the form has errors."""
    form = PromptForm(sent, instance=Prompt(owner=user), by=user)
    if form.is_valid():
        _save(form, user, _state_of(form))
    return form


@transaction.atomic
def change(user: User, pk: int, sent: QueryDict) -> PromptForm:
    """Save what is sent, unless the form has errors: somebody else's save after `seen` is one. Raises Http404."""
    prompt = locked(user, pk)
    before = state(prompt, prompt.groups.all())
    form = PromptForm(sent, instance=prompt, by=user)
    if not form.is_valid():
        return form
    after = _state_of(form)
    if after == before:
        return form
    if sent.get("seen", "") != str(prompt.version):
        form.add_error(None, _conflict(prompt, sent.get("seen", ""), before))
    else:
        _save(form, user, after)
    return form


@transaction.atomic
def bring_back(user: User, pk: int, number: int) -> Prompt:
    """Make a version of before the newest one; only the owner sees the history. Raises Http404."""
    prompt = locked(user, pk, owned=True)
    version = prompt.versions.filter(number=number).first()
    if version is None:
        raise Http404
    groups = list(prompt.groups.all())
    before = state(prompt, groups)
    take(prompt, version.fields)
    after = state(prompt, groups)
    if after != before:
        record(prompt, after, user, of=version.number)
        _store(prompt)
    return prompt


@transaction.atomic
def duplicate(user: User, pk: int) -> Prompt:
    """A copy of the person's own that nobody else sees. Raises Http404."""
    prompt = prompts_for(user).select_related("alias").filter(pk=pk).first()
    if prompt is None:
        raise Http404
    copy = Prompt(owner=user, **{name: getattr(prompt, name) for name in _COPIED})
    copy.alias = prompt.alias if prompt.alias and may_use(user, prompt.alias) else None
    copy.name = free_name(user, prompt.name)
    _store(copy)
    record(copy, state(copy, []), user)
    copy.save(update_fields=["version"])
    return copy


@transaction.atomic
def archive(user: User, pk: int) -> Prompt:
    """Put it aside: in no list and for nobody to use. Raises Http404."""
    prompt = locked(user, pk)
    prompt.archived_at = prompt.archived_at or timezone.now()
    prompt.save(update_fields=["archived_at"])
    return prompt


@transaction.atomic
def restore(user: User, pk: int) -> Prompt:
    """Take it out of the archive, with another name if its own is taken by now. Raises Http404."""
    prompt = locked(user, pk, archived=True)
    if prompt.archived_at:
        prompt.archived_at, prompt.name = None, free_name(prompt.owner, prompt.name)
        _store(prompt)
    return prompt


@transaction.atomic
def delete(user: User, pk: int) -> Prompt:
    """Delete one of the person's own for good, once it is archived. Raises Http404."""
    prompt = locked(user, pk, owned=True, archived=True)
    if prompt.archived_at is None:
        raise Http404
    Prompt.objects.filter(pk=prompt.pk).delete()
    return prompt


def locked(user: User, pk: int, *, owned: bool = False, archived: bool = False) -> Prompt:
    """A prompt that this person may change, kept from other writers until the transaction ends. Raises Http404."""
    found = kept_by(user) if archived else kept_by(user).filter(archived_at=None)
    if owned:
        found = found.filter(owner=user)
    prompt = found.select_for_update(of=("self",)).select_related("owner", "alias").filter(pk=pk).first()
    if prompt is None:
        raise Http404
    return prompt


def free_name(owner: User, name: str) -> str:
    """This name, or with a number behind it the first that none of the owner's prompts has."""
    taken = set(Prompt.objects.filter(owner=owner, archived_at=None).values_list("name", flat=True))
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name[: NAME_CHARACTERS - len(str(number)) - 1]}-{number}"
    return free


def _save(form: PromptForm, by: User, fields: State) -> None:
    prompt = form.instance
    try:
        with transaction.atomic():
            _store(prompt)
            prompt.groups.set(form.cleaned_data["groups"])
            record(prompt, fields, by)
            prompt.save(update_fields=["version"])
    except IntegrityError:
        # Another save of the same person took the name between the form's look and the database's.
        form.add_error("name", TAKEN)


def _store(prompt: Prompt) -> None:
    prompt.found_by = folded(f"{prompt.name} {prompt.title}")
    prompt.save()


def _state_of(form: PromptForm) -> dict[str, object]:
    return state(form.instance, form.cleaned_data["groups"])


def _conflict(prompt: Prompt, seen: str, now: State) -> str:
    newest = prompt.versions.select_related("by").first()
    who = newest.by_name if newest else NAMELESS
    read = _version(prompt, seen)
    what = ", ".join(changed_labels(read.fields, now)) if read else ""
    return (
        f"While this page was open, {who} saved this prompt{f' ({what})' if what else ''}. "
        "Nothing of yours is saved yet; save again to put it in place of theirs."
    )


def _version(prompt: Prompt, number: str) -> Version | None:
    known = number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER
    return prompt.versions.filter(number=int(number)).first() if known else None

"""What to ask, and whom: a queued answer read from the database as one request and the ways that it may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from chatapp.catalog.access import alias_named, routes_of
from chatapp.catalog.models import Alias, Provider, Route, UpstreamModel
from chatapp.catalog.secrets import SecretLost
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.conversations.tree import path_to
from chatapp.generation.context import estimate, fit, weigh
from chatapp.generation.pictures import PIXELS_PER_TOKEN, Gallery, hang, turn_of
from chatapp.generation.rate import Rates
from chatapp.upstream.client import ChatRequest, Sampling, Target
from chatapp.upstream.client import Message as Turn
from chatapp.upstream.errors import AliasGone, KeyWrong

CONTINUE = (
    "Continue exactly where your last answer stopped. Do not repeat anything, do not comment on this, "
    "just write the next characters."
)
# Room that is kept for the answer where nobody said how long it may be; at most this share of the context.
ANSWER_TOKENS = 4096
ANSWER_SHARE = 4


@dataclass(frozen=True, slots=True)
class Way:
    """A route as a run needs it: where it stands among the others, whom it asks, and what there is to share."""

    route_id: int
    priority: int
    weight: int
    provider_id: int
    rates: Rates
    target: Target
    ref_model: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A claimed answer: the row as it stands, the ways to try, what to say.

    `request` names the images of `gallery`, which `pictures.fill` puts in; `tokens` is an estimate of it all.
    `context_from` is the first message that the model is shown, where older ones had to be left out. `before` is
    the model that members saw on the last answer of this alias.
    """

    message: Message
    ways: Sequence[Way]
    request: ChatRequest
    gallery: Gallery
    tokens: int
    context_from: int | None
    shows_target: bool
    before: str

    @property
    def payer_id(self) -> int:
        """Whose rates and budgets count: the member who asked for the answer."""
        return self.message.author_id or self.message.conversation.owner_id


def claim(message_id: int) -> Plan | None:
    """Take a queued answer for this process; None if somebody else did, or it was stopped meanwhile.

    Raises AliasGone when its alias leads nowhere any more, KeyWrong when no key of its providers can be read.
    """
    claimed = Message.objects.filter(pk=message_id, status=Status.QUEUED).update(
        status=Status.STREAMING, heartbeat_at=timezone.now()
    )
    if not claimed:
        return None
    message = Message.objects.select_related("author", "conversation__owner").get(pk=message_id)
    conversation = message.conversation
    alias = alias_named(message.author or conversation.owner, message.alias_name)
    if alias is None:
        raise AliasGone
    branch = [turn for turn in path_to(message) if turn.pk != message.pk]
    attached, gallery = hang(branch, alias)
    earlier = [turn for turn in branch if turn.text or turn.pk in attached]
    instructions = _instructions(conversation)
    turns = [turn_of(turn, attached.get(turn.pk, ()), gallery) for turn in earlier]
    sampling = sampling_of(conversation, alias)
    room, image_tokens = _room(alias, sampling), alias.image_pixels // PIXELS_PER_TOKEN
    # What there is of the answer itself is not history, so it cannot be left out.
    left_out = 0 if room is None else fit([*instructions, *turns], room - estimate(message.text), image_tokens)
    turns = [*instructions, *turns[left_out:], *_cut_answer(message)]
    return Plan(
        message=message,
        ways=ways_of(alias),
        request=ChatRequest(
            messages=turns,
            think=message.think if alias.thinking != Alias.Thinking.NONE else None,
            sampling=sampling,
            continues=bool(message.text),
        ),
        gallery=gallery,
        tokens=sum(weigh(turn, image_tokens) for turn in turns),
        context_from=earlier[left_out].pk if left_out else None,
        shows_target=alias.shows_target,
        before=next((turn.shown_model for turn in reversed(earlier) if turn.alias_name == alias.name), ""),
    )


def ways_of(alias: Alias) -> list[Way]:
    """The open routes of an alias, those aside whose key cannot be read. Raises AliasGone or KeyWrong for none."""
    ways, lost = [], None
    told = UpstreamModel.objects.filter(provider__routes__alias=alias).exclude(ref_model="")
    ref_models = {(one.provider_id, one.model_id): one.ref_model for one in told}
    for route in routes_of(alias):
        try:
            ways.append(_way(route, ref_models.get((route.provider_id, route.upstream_model), "")))
        except SecretLost as error:
            lost = error
    if not ways:
        raise KeyWrong(str(lost)) if lost else AliasGone
    return ways


def _way(route: Route, ref_model: str) -> Way:
    provider = route.provider
    return Way(
        route_id=route.pk,
        priority=route.priority,
        weight=route.weight,
        provider_id=provider.pk,
        rates=rates_of(provider),
        target=Target(
            provider.wire_dialect, provider.base_url, provider.key, route.upstream_model, streams=provider.streams
        ),
        ref_model=ref_model,
    )


def rates_of(provider: Provider) -> Rates:
    return Rates(provider.requests_per_minute, provider.tokens_per_minute, provider.concurrent)


def sampling_of(conversation: Conversation, alias: Alias) -> Sampling:
    """The conversation's own parameters, and the alias's where it has none."""

    def chosen(name: str) -> float | None:
        own: float | None = getattr(conversation, name)
        of_alias: float | None = getattr(alias, name)
        return of_alias if own is None else own

    top_k, answer_tokens = chosen("top_k"), chosen("answer_tokens")
    return Sampling(
        temperature=chosen("temperature"),
        top_p=chosen("top_p"),
        min_p=chosen("min_p"),
        top_k=None if top_k is None else int(top_k),
        max_tokens=None if answer_tokens is None else int(answer_tokens),
    )


def _room(alias: Alias, sampling: Sampling) -> int | None:
    """Tokens for instructions and turns; None where nobody said how much the model reads."""
    if alias.context_tokens is None:
        return None
    answer = sampling.max_tokens or min(ANSWER_TOKENS, alias.context_tokens // ANSWER_SHARE)
    return max(alias.context_tokens - answer, alias.context_tokens // ANSWER_SHARE)


def _instructions(conversation: Conversation) -> list[Turn]:
    return [{"role": "system", "content": conversation.instructions}] if conversation.instructions else []


def _cut_answer(answer: Message) -> list[Turn]:
    """An answer that has text already is asked to go on."""
    if not answer.text:
        return []
    return [{"role": "assistant", "content": answer.text}, {"role": "user", "content": CONTINUE}]

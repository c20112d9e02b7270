"""The part of a branch that a page shows: whole exchanges, so that no comparison is torn apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models.functions import Length

from chatapp.conversations.models import Conversation, Message

# What a page shows at first, and what it loads at a time. One exchange is always shown whole, however long it is.
MOST_MESSAGES = 30
MOST_CHARACTERS = 150_000
# Of a page around a message, the share that goes before it.
BEFORE = 1 / 3
# So far back, at most, is the question of an answer that a page is wanted around.
_LOOK_BACK = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a branch a page is wanted: before, after or around the message of this id; its end without one."""

    before: int | None = None
    after: int | None = None
    near: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """The messages of a branch, an id each, from `start` up to and without `stop`."""

    branch: Sequence[int]
    start: int
    stop: int

    @property
    def ids(self) -> Sequence[int]:
        return self.branch[self.start : self.stop]

    @property
    def earlier(self) -> int | None:
        """The message that the next page of earlier ones ends before; None where there are none."""
        return self.branch[self.start] if 0 < self.start < self.stop else None

    @property
    def later(self) -> int | None:
        """The message that the next page of later ones begins after; None where there are none."""
        return self.branch[self.stop - 1] if self.start < self.stop < len(self.branch) else None


@dataclass(frozen=True, slots=True)
class _Weight:
    question: bool
    characters: int


def stretch_of(conversation: Conversation, branch: Sequence[int], place: Place) -> Stretch | None:
    """The stretch at this place. None where the page before or after a message is wanted that is not on the branch;
    around such a message there is just the end. One query.
    """
    at = _index(branch, place.before, place.after, place.near)
    if at is None and (place.before is not None or place.after is not None):
        return None
    if place.before is not None or at is None:
        stop = len(branch) if at is None else at
        return Stretch(branch, _back(branch, stop, _weights(conversation, branch, stop)), stop)
    weights = _weights(conversation, branch, at)
    if place.after is not None:
        return Stretch(branch, at + 1, _on(branch, at + 1, weights))
    begin = next((one for one in range(at, max(-1, at - _LOOK_BACK), -1) if weights[branch[one]].question), at)
    return Stretch(branch, _back(branch, begin, weights, BEFORE), _on(branch, begin, weights, 1 - BEFORE))


def fitting(conversation: Conversation, ids: Sequence[int]) -> Sequence[int]:
    """The first of these messages, in the order of their branch, that a page shows at a time. One query."""
    return ids[: _on(ids, 0, _weights(conversation, ids, 0))] if ids else ids


def _index(branch: Sequence[int], *wanted: int | None) -> int | None:
    pk = next((one for one in wanted if one is not None), None)
    return branch.index(pk) if pk in branch else None


def _weights(conversation: Conversation, branch: Sequence[int], at: int) -> Mapping[int, _Weight]:
    """What each of the messages weighs that a page before, after or around this place may show, and of the next one."""
    around = branch[max(0, at - MOST_MESSAGES) : at + MOST_MESSAGES + 2]
    sizes = Length("text") + Length("reasoning")
    found = conversation.messages.filter(pk__in=around).annotate(size=sizes).values_list("pk", "role", "size")
    # All of them may be deleted meanwhile.
    return dict.fromkeys(around, _Weight(False, 0)) | {
        pk: _Weight(role == Message.Role.USER, size) for pk, role, size in found
    }


def _back(branch: Sequence[int], stop: int, weights: Mapping[int, _Weight], share: float = 1) -> int:
    """Where the exchanges begin that end before `stop`: those that fit, and at least one."""
    least = max(0, stop - round(share * MOST_MESSAGES))
    begin, room = stop, share * MOST_CHARACTERS
    for at in range(stop - 1, least - 1, -1):
        room -= weights[branch[at]].characters
        if room < 0 and begin < stop:
            break
        if at == 0 or weights[branch[at]].question:
            begin = at
    return begin if begin < stop else least


def _on(branch: Sequence[int], start: int, weights: Mapping[int, _Weight], share: float = 1) -> int:
    """Where the exchanges end that begin at `start`: those that fit, and at least one."""
    most = min(len(branch), start + round(share * MOST_MESSAGES))
    end, room = start, share * MOST_CHARACTERS
    for at in range(start, most):
        room -= weights[branch[at]].characters
        if room < 0 and end > start:
            break
        if at + 1 == len(branch) or weights[branch[at + 1]].question:
            end = at + 1
    return end if end > start else most

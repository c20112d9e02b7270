"""People without an account who watch a live link: one relay per link hears the conversation, and tells them what the
link may show. What reaches a browser is made here, from the records of sharing.taking; nothing is passed on as it is.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from chatapp.database import at_once
from chatapp.generation import hub, runs
from chatapp.generation.frames import Snapshot, snapshot_frame
from chatapp.generation.outbox import STUCK, Close, Outbox, Send
from chatapp.sharing.models import Link
from chatapp.sharing.public import keys_of, sum_of, turn_html, turns_of
from chatapp.sharing.taking import branch_of

logger = logging.getLogger("parley.sharing")

# Links end by the clock, by another process, with a member: looked at so often, and at once after a change made here.
LOOK_SECONDS = 2.0
PAUSE_AFTER_TROUBLE = 1.0
SOCKETS_PER_LINK = 500
# A team behind one address may look together.
SOCKETS_PER_ADDRESS = 200

# Close codes that are not retried.
ENDED = 4410
OTHER_PASSWORD = 4403

_THINKING = ("think", "thought")
# Says nothing, so that the numbers have no gap.
_NOTHING = ("wait", [0, 0])


@dataclass(frozen=True, slots=True)
class Known:
    """What a page has: the words of its last turns; how many turns are before these, and the sum of their words."""

    keys: Collection[str]
    before: int = 0
    total: int = 0

    def of(self, keys: Sequence[str]) -> set[str]:
        """Those of a link's present words that the page need not be told."""
        same = sum_of(keys[: self.before]) == self.total
        return {*self.keys, *keys[: self.before]} if same else {*self.keys}


@dataclass(frozen=True, slots=True)
class Missing:
    """What a page lacks: a word for each turn there is, the ids of their messages, and the HTML of some by place."""

    title: str
    ids: list[int]
    keys: list[str]
    html: dict[int, str]

    def frame(self, keep: Mapping[int, int]) -> str:
        places = {pk: at for at, pk in enumerate(self.ids, start=1)}
        kept = {places[pk]: n for pk, n in keep.items() if pk in places}
        rows = [{"m": at, "html": html, "keep": kept.get(at)} for at, html in self.html.items()]
        return _encoded({"t": "rows", "title": self.title, "keys": self.keys, "rows": rows})


class Onlooker(Outbox):
    """The socket of a shared page."""

    def __init__(self, relay: Relay, address: str, send: Send, close: Close) -> None:
        super().__init__(send, close)
        self.relay, self.address = relay, address
        relay.viewers.add(self)
        per_address[address] += 1

    async def bring_up(self, known: Known, live: Mapping[str, object]) -> None:
        """Send what a page with these turns lacks."""
        self.hold()
        await self.relay.ready.wait()
        self.release(await self.relay.since(known, live))

    def leave(self) -> None:
        if self in self.relay.viewers:
            self.relay.viewers.discard(self)
            per_address[self.address] -= 1
            if not per_address[self.address]:
                del per_address[self.address]
            if not self.relay.viewers:
                self.relay.end()
        super().leave()


class Relay:
    """What the viewers of one live link are told. Lives as long as there are any."""

    def __init__(self, link: Link, token: str) -> None:
        self.link, self.token = link, token
        self.viewers: set[Onlooker] = set()
        # Set once it knows which turns there are.
        self.ready = asyncio.Event()
        self.terms = _terms(link)
        self._places: dict[int, int] = {}
        self._keys: list[str] = []
        self._keep: dict[int, int] = {}
        self._held: list[dict[str, Any]] = []
        self._holding = True
        self._stale = asyncio.Event()
        self._stale.set()
        self._topic = hub.conversation_topic(link.conversation_id)
        hub.listen(self._topic, self._hear)
        relays[link.pk] = self
        self._task = asyncio.get_running_loop().create_task(self._follow(), context=Context())

    def look_again(self) -> None:
        self._stale.set()

    def end(self) -> None:
        hub.stop_listening(self._topic, self._hear)
        if relays.get(self.link.pk) is self:
            del relays[self.link.pk]
        # Nobody may wait for it any more.
        self.ready.set()
        self._task.cancel()

    async def close(self, code: int) -> None:
        for viewer in list(self.viewers):
            await viewer.close(code)

    async def since(self, known: Known, live: Mapping[str, object]) -> list[str]:
        """The frames for a page that has these turns, and these states of what is being written."""
        states = runs.snapshots(self.link.conversation_id)
        missing = await at_once(_look, self.link, self.token, states, known)
        if missing is None:
            return []
        places = {pk: at for at, pk in enumerate(missing.ids, start=1)}
        frames = [missing.frame({})]
        for pk, state in runs.snapshots(self.link.conversation_id).items():
            if pk in places and live.get(str(places[pk])) != state.n:
                frames.append(_encoded(self._shown(snapshot_frame(places[pk], state))))
        return frames

    def _hear(self, frame: dict[str, Any]) -> None:
        """Of all that is told in the conversation, two things concern a link."""
        match frame:
            case {"t": "changed", "rows": list(rows), "keep": keep}:
                if keep is not None:
                    self._keep |= dict.fromkeys(rows, keep)
                self._stale.set()
            case {"t": "live"} if self._holding:
                self._held.append(frame)
            case {"t": "live"}:
                self._pass_on(frame)

    def _pass_on(self, frame: dict[str, Any]) -> None:
        place = self._places.get(frame["m"])
        if place is None:
            return
        operations = [one for one in frame["ops"] if one[0] != "wait" and self._may_be_told(one[0])]
        self._push(_encoded({"t": "live", "m": place, "n": frame["n"], "ops": operations or [_NOTHING]}))

    def _may_be_told(self, operation: str) -> bool:
        return self.link.shows_reasoning or operation not in _THINKING

    def _shown(self, frame: dict[str, Any]) -> dict[str, Any]:
        """A snapshot frame as far as the link shows it."""
        thought = {} if self.link.shows_reasoning else {"reasoning": "", "label": "", "thinking": 0}
        return frame | {"wait": None} | thought

    def _push(self, frame: str) -> None:
        for viewer in tuple(self.viewers):
            viewer.push(frame)

    async def _follow(self) -> None:
        while True:
            await self._stale.wait()
            self._stale.clear()
            try:
                await self._bring_up()
            except Exception:
                logger.exception("the viewers of link %s could not be told; trying again", self.link.pk)
                self._stale.set()
                await asyncio.sleep(PAUSE_AFTER_TROUBLE)

    async def _bring_up(self) -> None:
        """Tell what has changed. The running text waits meanwhile, as it may be of a turn that pages have not got."""
        self._holding = True
        keep, self._keep = self._keep, {}
        states = runs.snapshots(self.link.conversation_id)
        known = Known(self._keys) if self.ready.is_set() else None
        missing = await at_once(_look, self.link, self.token, states, known)
        if missing is None:
            return
        self._keys = missing.keys
        self._places = {pk: at for at, pk in enumerate(missing.ids, start=1)}
        if known is not None:
            self._push(missing.frame(keep))
        held, self._held, self._holding = self._held, [], False
        for frame in held:
            self._pass_on(frame)
        self.ready.set()


relays: dict[int, Relay] = {}
per_address: Counter[str] = Counter()
_watches: list[asyncio.Task[None]] = []
_wanted: list[asyncio.Event] = []


def relay_of(link: Link, token: str) -> Relay:
    """The relay of a link that `known` has found and that is not over. Event loop only."""
    ensure_running()
    return relays.get(link.pk) or Relay(link, token)


def look() -> None:
    """A link or the rules have changed: look at once who must go. Event loop only."""
    for event in _wanted:
        event.set()


def ensure_running() -> None:
    """Start the watch of this event loop if it is not running. Event loop only."""
    loop = asyncio.get_running_loop()
    if not _watches or _watches[0].done() or _watches[0].get_loop() is not loop:
        wanted = asyncio.Event()
        _wanted[:] = [wanted]
        _watches[:] = [loop.create_task(_watch(wanted), context=Context())]


async def _watch(wanted: asyncio.Event) -> None:
    while True:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await wanted.wait()
        except TimeoutError:
            pass
        wanted.clear()
        try:
            await close_unwelcome()
        except Exception:
            logger.exception("the links could not be looked at; trying again")


async def close_unwelcome() -> None:
    """Close the sockets of links that have ended or want another password, and those that do not read. One query."""
    for viewer in [one for relay in relays.values() for one in relay.viewers if one.stuck]:
        await viewer.close(STUCK)
    looked_at = dict(relays)
    if not looked_at:
        return
    standing = await at_once(_standing, list(looked_at))
    for pk, relay in looked_at.items():
        link = standing.get(pk)
        if link is None or link.over:
            await relay.close(ENDED)
        elif link.password != relay.link.password:
            await relay.close(OTHER_PASSWORD)
        elif _terms(link) != relay.terms:
            relay.link, relay.terms = link, _terms(link)
            relay.look_again()


def _standing(ids: Collection[int]) -> dict[int, Link]:
    return Link.objects.known().select_related("conversation").in_bulk(ids)


def _terms(link: Link) -> tuple[object, ...]:
    """What a page depends on. The revision alone tells of changes that another process has made."""
    conversation = link.conversation
    flags = (link.with_names, link.with_images, link.shows_reasoning)
    return (*flags, link.through_id, conversation.title, conversation.revision, conversation.leaf_id)


def _look(link: Link, token: str, states: Mapping[int, Snapshot], known: Known | None) -> Missing | None:
    """The turns as they are, with the HTML of those that are not known; None once the link is over. As many queries
    for few as for many.
    """
    lasting = Link.objects.known().select_related("conversation").filter(expires_at__gt=timezone.now())
    found = lasting.filter(pk=link.pk).first()
    if found is None:
        return None
    link = found
    branch = branch_of(link)
    keys = keys_of(link, branch)
    told = known.of(keys) if known else {*keys}
    fresh = [pk for pk, key in zip(branch.ids, keys, strict=True) if key not in told]
    turns = turns_of(link, token, branch, states, fresh) if fresh else []
    return Missing(link.conversation.title, list(branch.ids), keys, {turn.m.pk: turn_html(turn) for turn in turns})


def _encoded(frame: dict[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))

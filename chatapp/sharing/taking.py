"""What a link may show of a conversation, as plain records: the one door between its rows and every share by link."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from chatapp.conversations.models import RUNNING, Conversation, Message
from chatapp.conversations.tree import Tree
from chatapp.images.models import Attachment
from chatapp.rendering.markdown import RENDERER_VERSION, render
from chatapp.sharing.models import Link, Snapshot

# All that is known of a message behind a link; the names are those of `_record`.
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Branch:
    """The messages from the root to the end, and for those that stand side by side at its end: which of how many."""

    ids: Sequence[int]
    beside: Mapping[int, tuple[int, int]]

    @property
    def turns(self) -> int:
        return len(self.ids) - max(0, len(self.beside) - 1)

    def up_to(self, turns: int) -> Branch:
        """Its first so many turns."""
        return self if turns >= self.turns else Branch(self.ids[:turns], {})

    def last_of(self, ids: Sequence[int]) -> int | None:
        """The last of these; the question of answers that stand side by side, as any of them may be kept."""
        if ids and ids[-1] in self.beside:
            return self.ids[self.turns - 2]
        return ids[-1] if ids else None

    def number(self, pk: int) -> int:
        """Which turn it is, as pages count them."""
        return min(self.ids.index(pk) + 1, self.turns)


def branch_to(conversation: Conversation, leaf: int | None) -> Branch:
    """The branch that ends with this message. One query."""
    return _branch(Tree(conversation), leaf)


def branch_of(link: Link) -> Branch:
    """What the link is bound to, as it is now: nothing of another branch. One query."""
    return branch_through(link.conversation, link.through_id)


def branch_through(conversation: Conversation, message: int | None) -> Branch:
    """The branch through this message: the newest one if that is under it, else up to what was written last under it.

    One query.
    """
    tree = Tree(conversation)
    return _branch(tree, _end(tree, conversation, message) if message in tree.parents else None)


def bound_to(conversation: Conversation, leaf: int | None) -> int | None:
    """Which message binds a live link to the branch up to this leaf: its last question, so that the answer may be made
    again; or the leaf itself, where that question leads on to another answer. Two queries.
    """
    tree = Tree(conversation)
    if leaf not in tree.parents:
        return None
    questions = conversation.messages.filter(pk__in=tree.path_to(leaf), role=Message.Role.USER)
    last = questions.order_by("pk").values_list("pk", flat=True).last()
    return last if last and leaf in tree.branch(_end(tree, conversation, last)) else leaf


def _end(tree: Tree, conversation: Conversation, message: int) -> int:
    under = tree.under(message)
    return conversation.leaf_id if conversation.leaf_id in under else max(under)


def _branch(tree: Tree, leaf: int | None) -> Branch:
    ids = tree.branch(leaf) if leaf in tree.parents else []
    group = tree.beside(ids[-1]) if ids else []
    return Branch(ids, {pk: (at, len(group)) for at, pk in enumerate(group, start=1)})


@dataclass(frozen=True, slots=True)
class Tally:
    """What goes out, counted; `running` answers go into no snapshot."""

    messages: int
    images: int
    thoughts: int
    running: int


def tally(conversation: Conversation, branch: Branch) -> Tally:
    """Two queries, and no text."""
    found = conversation.messages.filter(pk__in=branch.ids)
    running = found.filter(status__in=RUNNING).count()
    settled = found.exclude(status__in=RUNNING)
    return Tally(
        messages=len(branch.ids) - running,
        images=Attachment.objects.filter(message__in=branch.ids).count(),
        thoughts=settled.exclude(reasoning="").count(),
        running=running,
    )


def records(link: Link, branch: Branch, only: Collection[int] | None = None) -> list[tuple[int, Record]]:
    """What the link may show of these messages, by their ids, in their order. Two queries."""
    attached = Prefetch("attachments", Attachment.objects.order_by("position"))
    wanted = set(branch.ids if only is None else only)
    found = link.conversation.messages.filter(pk__in=wanted).select_related("author").prefetch_related(attached)
    messages = {message.pk: message for message in found}
    return [(pk, _record(link, messages[pk], branch)) for pk in branch.ids if pk in messages]


def _record(link: Link, message: Message, branch: Branch) -> Record:
    """Nothing of the row gets through but what is written here."""
    question = message.role == Message.Role.USER
    images = [str(one.image_id) for one in message.attachments.all()]
    beside = branch.beside.get(message.pk)
    record: Record = {
        "question": question,
        "number": branch.number(message.pk),
        "beside": [*beside] if beside else None,
        "status": message.status,
        "cut": message.error == "length",
        "at": message.created_at.isoformat(),
        "text": message.text,
        "images": images if link.with_images else [],
        "withheld": bool(images) and not link.with_images,
    }
    if question:
        # The author's id never leaves the server: it gives the questions of a copy their author.
        named = link.with_names and message.author is not None
        author = message.author if named else None
        return record | {"name": author.name if author else "", "author": author.pk if author else None}
    thought = _thought(message) if link.with_reasoning else {}
    return record | {"name": message.alias_name} | _rendered(message) | thought


def _rendered(message: Message) -> Record:
    if message.running:
        return {}
    current = message.html_version == RENDERER_VERSION
    return {"html": message.html if current else render(message.text), "version": RENDERER_VERSION}


def _thought(message: Message) -> Record:
    thought: Record = {"reasoning": message.reasoning, "seconds": message.reasoning_seconds}
    if message.running or not message.reasoning:
        return thought
    current = message.html_version == RENDERER_VERSION
    return thought | {"reasoning_html": message.reasoning_html if current else render(message.reasoning)}


def settled(link: Link, branch: Branch) -> list[tuple[int, Record]]:
    """The records without what is still being written. Two queries."""
    return [(pk, record) for pk, record in records(link, branch) if record["status"] not in RUNNING]


def take(link: Link, branch: Branch) -> Snapshot:
    """Freeze what stands in the branch now, and bind the link to its end. The caller holds the transaction."""
    rows = settled(link, branch)
    shown = [record for _, record in rows]
    taken = {
        "title": link.conversation.title,
        "messages": shown,
        "turns": shown[-1]["number"] if shown else 0,
        "images": sum(len(record["images"]) for record in shown),
        "taken_at": timezone.now(),
    }
    snapshot, _ = Snapshot.objects.update_or_create(link=link, defaults=taken)
    link.through_id = branch.last_of([pk for pk, _ in rows])
    link.save(update_fields=["through"])
    return snapshot

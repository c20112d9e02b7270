"""Which branch of a conversation a member has open, and how the newest one grows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from chatapp.conversations.models import Conversation, Message, OpenBranch
from chatapp.conversations.tree import Tree


def open_leaf(conversation: Conversation, member_id: int | None) -> int | None:
    """The end of the branch that this member reads: the one they chose, or else the newest. One query."""
    chosen = conversation.open_branches.filter(member=member_id).values_list("leaf_id", flat=True).first()
    return chosen or conversation.leaf_id


def choose(conversation: Conversation, member_id: int, leaf_id: int) -> None:
    """Keep the branch up to this message open for this member, whatever the others do."""
    if leaf_id == conversation.leaf_id:
        conversation.open_branches.filter(member=member_id).delete()
    else:
        OpenBranch.objects.update_or_create(
            conversation=conversation, member_id=member_id, defaults={"leaf_id": leaf_id}
        )


def grow(
    conversation: Conversation, answers: Sequence[Message], member_id: int | None, *, again: bool
) -> list[int] | None:
    """Make the first of these new answers the end of the newest branch; the caller saves the conversation.

    The member who asked goes along, and so does whoever reads the branch that it grew from. Who reads the newest one
    goes along to its new version, but stays where quite another branch has grown. `again`: the question stood there
    before.

    None where the newest branch just became longer for all who go along; otherwise they have to be told which it is,
    and these of its older messages got the new revision, since pages of other branches have not got them.
    """
    before, leaf = conversation.leaf_id, answers[0]
    question = leaf.parent
    conversation.leaf = leaf
    if question is None:
        return None
    grown_from = question.pk if again else question.parent_id
    along = _going_along(conversation, question, member_id)
    # The member may ask here, on a page that is not up to date, and have another branch open.
    elsewhere = {one.leaf_id for one in along} - {question.pk, question.parent_id}
    if grown_from == before and not elsewhere:
        _let_go(conversation, along)
        return None
    tree = Tree(conversation)
    path_before = tree.path_to(before)
    if before is not None and grown_from is not None and grown_from not in path_before:
        _stay(conversation, before, member_id)
    _let_go(conversation, along)
    known = set(path_before).intersection(*(tree.path_to(left) for left in elsewhere))
    fresh = set(tree.path_to(leaf.pk)) - known - {leaf.pk, question.pk}
    conversation.messages.filter(pk__in=fresh).update(revision=conversation.revision)
    return sorted(fresh)


def _going_along(conversation: Conversation, question: Message, member_id: int | None) -> list[OpenBranch]:
    """The choices of the member who asked, and of whoever reads the branch that it grew from."""
    return list(conversation.open_branches.filter(Q(member=member_id) | Q(leaf__in=[question.pk, question.parent_id])))


def _let_go(conversation: Conversation, along: Sequence[OpenBranch]) -> None:
    """Those who go along read the newest branch from now on."""
    if along:
        conversation.open_branches.filter(pk__in=[one.pk for one in along]).delete()


def _stay(conversation: Conversation, leaf_id: int, member_id: int | None) -> None:
    """Keep the branch up to this message open for everybody who has chosen none, but for the member who asked."""
    if not (guests := conversation.guest_ids()):
        return
    people = {conversation.owner_id, *guests} - {member_id}
    people.difference_update(conversation.open_branches.values_list("member_id", flat=True))
    OpenBranch.objects.bulk_create(
        OpenBranch(conversation=conversation, member_id=pk, leaf_id=leaf_id) for pk in sorted(people)
    )

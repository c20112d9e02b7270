"""Who has a conversation open that several people read, and who is writing in it. Nothing of it is kept."""

from __future__ import annotations

from chatapp.generation import hub

# What a page can show; of more people it is told the number.
MOST_NAMED = 12


def came(topic: str) -> None:
    """Tell every page of the conversation who has it open, unless that is one person. Event loop only."""
    people = hub.people(topic)
    if len(people) > 1:
        _tell(topic, people)


def went(topic: str, member_id: int) -> None:
    """The same after this member closed a page; nothing where they have another one."""
    people = hub.people(topic)
    if people and member_id not in people:
        _tell(topic, people)


def writes(topic: str, member_id: int, name: str) -> None:
    """Tell every page of the conversation that this member is writing."""
    if len(hub.people(topic)) > 1:
        hub.publish(topic, {"t": "writes", "who": [member_id, name]})


def _tell(topic: str, people: dict[int, str]) -> None:
    hub.publish(topic, {"t": "here", "who": sorted(people.items())[:MOST_NAMED], "count": len(people)})

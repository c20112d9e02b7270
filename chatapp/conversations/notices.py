"""What a member is told about an answer that did not simply end: what happened, what is safe, what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chatapp.conversations.models import Message, Status
from chatapp.upstream.errors import BY_CODE

CONTINUE = "continue"
RETRY = "retry"
AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Notice:
    """`tone` is warn, bad or info; `actions` are names that the partial turns into forms."""

    tone: str
    icon: str
    title: str
    text: str
    actions: tuple[str, ...] = ()
    retry_after: int | None = None


def notice_for(message: Message, last: bool, *, beside: bool) -> Notice | None:
    """The notice under this message; actions only where the branch ends, as they go on from there.

    Of answers that stand `beside` each other none is made again as another version.
    """
    if message.role == Message.Role.USER or message.running:
        return None
    notice = _notice(message)
    if notice is None or (last and not beside):
        return notice
    actions = tuple(action for action in notice.actions if last and action != AGAIN)
    return replace(notice, actions=actions, retry_after=notice.retry_after if actions else None)


def _notice(message: Message) -> Notice | None:
    kept = "Everything above is saved." if message.text else "Your question is saved."
    going_on = (CONTINUE, AGAIN) if message.text else (RETRY,)
    if message.status == Status.STOPPED:
        took = f" after {message.answer_seconds:.0f} s" if message.answer_seconds else ""
        return Notice("", "stop", f"This answer was stopped{took}.", "", going_on)
    if message.error == "length":
        return Notice("info", "ruler", "The answer reached its length limit.", "There is more to say.", (CONTINUE,))
    if message.error == "crashed":
        return Notice("warn", "unplug", "The server stopped while this was written.", kept, going_on)
    if message.error == "odd-finish":
        return Notice("warn", "unplug", "The model ended this answer early.", kept, going_on)
    if message.status == Status.INTERRUPTED and not message.error:
        return Notice("warn", "unplug", "The server restarted while this was written.", kept, going_on)
    error = BY_CODE.get(message.error)
    if error is None:
        return None
    sentence = error.sentence.format(alias=message.alias_name)
    title, _, rest = sentence.partition(". ")
    actions = (CONTINUE, AGAIN) if message.text else () if error.final else (RETRY,)
    return Notice(
        "bad" if error.final else "warn",
        error.icon,
        title.rstrip(".") + ".",
        f"{rest} {kept}".strip(),
        actions,
        message.retry_after,
    )


def unseen_images(unseen: Mapping[str, int], alias: str) -> str:
    """Which images of a conversation the model was not shown, and why; "" where it saw all."""
    return " ".join(_UNSEEN[why](count, alias) for why, count in unseen.items() if why in _UNSEEN)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


_UNSEEN: Mapping[str, Callable[[int, str], str]] = {
    "text-only": lambda count, alias: f"{alias} reads no images; it was told of {_images(count)}.",
    "too-many": lambda count, alias: f"{alias} reads only so many images at once; it did not see the oldest {count}.",
    "damaged": lambda count, alias: f"Not sent, as the file cannot be read: {_images(count)}.",
}

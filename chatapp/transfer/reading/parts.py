"""What one node of a ChatGPT export says: by its type of content, as Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from chatapp.transfer.limits import TEXT_CHARACTERS
from chatapp.transfer.reading.pictures import Pointers, hang, note
from chatapp.transfer.reading.tree import Tree
from chatapp.transfer.reading.values import items, line, mapping, measure, words

# A citation is "cite", where it points, and an end, in characters of private use; older ones have brackets.
_MARKS = re.compile(
    " ?(?:\ue200[^\ue201]{0,2000}\ue201|【\\d{1,4}[†:][^】]{0,200}】"
    r"|:contentReference\[oaicite:\d{1,6}\]\{[^}]{0,40}\})"
)
_LEFT_OVER = re.compile("[\ue200-\ue206]")
_FENCES = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"[\w+#.-]{1,20}")
_DAY = 86_400.0

# Words for what was left out, as they are counted.
SYSTEM = "instructions and notes of the system"
_CALLS = "calls of tools"
_RESULTS = "results of tools"
_FILES = "files that are no images"
_SOUNDS = "sounds and videos"
_MADE = "images that a model made"
_LOST = "images that are not in the file"
_OTHER = "contents of unknown kinds"

_OF_TOOLS = ("tether_browsing_display", "tether_quote", "sonic_webpage", "system_error", "computer_output")
_OF_SYSTEM = ("user_editable_context", "model_editable_context")
# A program that the assistant runs is a part of its answer; searches and the like are not.
_PROGRAMS = (None, "all", "python", "python_user_visible")


@dataclass(frozen=True, slots=True)
class Piece:
    """What a node adds to the answer that it is a part of; an empty one adds nothing."""

    text: str = ""
    reasoning: str = ""
    seconds: float | None = None
    model: str = ""


def question_of(tree: Tree, message: dict[str, Any], pointers: Pointers) -> tuple[str, list[int]]:
    """The text of a question, and the numbers of its images."""
    content, metadata = mapping(message.get("content")), mapping(message.get("metadata"))
    kind = content.get("content_type")
    if kind in _OF_SYSTEM:
        tree.leave_out(SYSTEM)
        return "", []
    attached = [mapping(one) for one in items(metadata.get("attachments"))]
    names = {line(one.get("id"), 100): line(one.get("name"), 120) for one in attached}
    lines, images, shown = [], [], set()
    for part in _parts(content):
        pointer = _pointer(part)
        if pointer is None:
            lines.append(_text_of(tree, part))
            continue
        key = pointers.id_in(pointer)
        shown.add(key)
        place = hang(tree, pointers.content(key), names.get(key, ""), "")
        if place is None:
            tree.leave_out(_LOST)
            lines.append(note(names.get(key, "")))
        else:
            images.append(place)
    for key, name in names.items():
        if key not in shown:
            tree.leave_out(_FILES)
            lines.append(f"[File not taken: {name}]")
    return "\n\n".join(one for one in lines if one.strip()).strip(), images


def piece_of(tree: Tree, message: dict[str, Any]) -> Piece:
    """What an assistant's or a tool's node adds to the answer."""
    content, metadata = mapping(message.get("content")), mapping(message.get("metadata"))
    kind, by_tool = content.get("content_type"), mapping(message.get("author")).get("role") == "tool"
    model = line(metadata.get("model_slug"), 64)
    if kind == "thoughts":
        return Piece(reasoning=_thoughts(content), model=model)
    if kind == "reasoning_recap":
        return Piece(seconds=measure(metadata.get("finished_duration_sec"), _DAY))
    if kind == "execution_output":
        return Piece(text=_fenced(_own_text(content), "text"))
    if kind in _OF_TOOLS or (by_tool and kind != "multimodal_text"):
        tree.leave_out(_RESULTS)
        return Piece()
    if message.get("recipient") not in _PROGRAMS:
        tree.leave_out(_CALLS)
        return Piece()
    if kind == "code":
        return Piece(text=_fenced(_own_text(content), content.get("language")), model=model)
    text = "\n\n".join(one for part in _parts(content) if (one := _said(tree, part)).strip())
    if not text and kind not in ("text", "multimodal_text"):
        tree.leave_out(_OTHER)
    return Piece(text=_unmarked(text).strip(), model=model) if text else Piece()


def _parts(content: dict[str, Any]) -> list[Any]:
    return items(content.get("parts")) or [_own_text(content)]


def _own_text(content: dict[str, Any]) -> str:
    return words(content.get("text"), TEXT_CHARACTERS)


def _said(tree: Tree, part: Any) -> str:
    """A part of an answer: an answer of ours shows no images, so they are named."""
    if _pointer(part) is None:
        return _text_of(tree, part)
    tree.leave_out(_MADE)
    made = mapping(mapping(mapping(part).get("metadata")).get("dalle"))
    return note(line(made.get("prompt"), 200))


def _text_of(tree: Tree, part: Any) -> str:
    if isinstance(part, str):
        return words(part, TEXT_CHARACTERS)
    kind, text = mapping(part).get("content_type"), _own_text(mapping(part))
    if not text:
        sound = isinstance(kind, str) and ("audio" in kind or "video" in kind)
        tree.leave_out(_SOUNDS if sound else _OTHER)
    return text


def _pointer(part: Any) -> str | None:
    """Where an image is, if this part is one."""
    if mapping(part).get("content_type") != "image_asset_pointer":
        return None
    return words(mapping(part).get("asset_pointer"), 400)


def _thoughts(content: dict[str, Any]) -> str:
    thoughts = content.get("thoughts")
    if isinstance(thoughts, str):
        return words(thoughts, TEXT_CHARACTERS).strip()
    lines: list[str] = []
    for one in map(mapping, items(thoughts)):
        summary, said = line(one.get("summary"), 400), words(one.get("content"), TEXT_CHARACTERS).strip()
        lines += [f"**{summary}**" if summary else "", said]
    return "\n\n".join(one for one in lines if one)


def _fenced(text: str, language: Any) -> str:
    """The text in a fence that nothing in it can close."""
    if not text.strip():
        return ""
    named = isinstance(language, str) and language != "unknown" and _LANGUAGE.fullmatch(language)
    fence = "`" * (1 + max([2, *(len(one) for one in _FENCES.findall(text))]))
    return f"{fence}{language if named else ''}\n{text.rstrip()}\n{fence}"


def _unmarked(text: str) -> str:
    """Without citations: what they point at is not in the text."""
    return _LEFT_OVER.sub("", _MARKS.sub("", text))

"""How much of a conversation a model can read: what its turns weigh, and how many of the oldest do not fit."""

from __future__ import annotations

import string
from collections.abc import Sequence

from chatapp.upstream.client import Message

# What an image takes unless its alias knows better, and what a chat template writes around each turn.
IMAGE_TOKENS = 1000
TURN_TOKENS = 8
_DIGITS = string.digits.encode()
_MARKS = string.punctuation.encode()


def estimate(text: str) -> int:
    """Tokens of a text, rather too many than too few, in a few passes at the speed of memory.

    A token is 4 characters of plain Latin text. A Chinese, Japanese or Korean character counts as 1.5 tokens, one of
    another alphabet as 0.9, an emoji as 2.1: UTF-8 gives each character as many more bytes as it is rarer in the
    vocabularies. A digit is a token of its own, as it is for Qwen's tokenizer and those made from it; a mark counts as
    0.75, or code, tables and formulas would be taken for half of what they are.
    """
    encoded = text.encode("utf-8", "surrogatepass")
    digits = len(encoded) - len(encoded.translate(None, _DIGITS))
    marks = len(encoded) - len(encoded.translate(None, _MARKS))
    # 2/8 of each character, 5/8 of each byte beyond the first, 6/8 more of each digit, 4/8 of each mark; rounded up.
    return -(-(5 * len(encoded) - 3 * len(text) + 6 * digits + 4 * marks) // 8)


def weigh(turn: Message, image_tokens: int = IMAGE_TOKENS) -> int:
    """Tokens of a whole turn, with its images and tool calls."""
    content = turn["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
    tokens = TURN_TOKENS + (estimate(str(turn["tool_calls"])) if "tool_calls" in turn else 0)
    return tokens + sum(estimate(str(part["text"])) if part.get("type") == "text" else image_tokens for part in parts)


def fit(turns: Sequence[Message], room: int, image_tokens: int = IMAGE_TOKENS) -> int:
    """How many of the oldest turns to leave out, so that the rest starts with a question and takes `room` tokens.

    Instructions (role system) are not counted and always stay, so does the last question with what follows it, even
    where these alone do not fit: then the upstream may still judge better than we.
    """
    instructions = [turn for turn in turns if turn["role"] == "system"]
    others = [turn for turn in turns if turn["role"] != "system"]
    room -= sum(weigh(turn, image_tokens) for turn in instructions)
    left_out = None
    for at in reversed(range(len(others))):
        room -= weigh(others[at], image_tokens)
        if room < 0 and left_out is not None:
            break
        if others[at]["role"] == "user":
            left_out = at
    return left_out or 0

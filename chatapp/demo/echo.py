"""What of a message is said back: its language and its first words, without mark-up that could come alive."""

from __future__ import annotations

import re

from chatapp.demo.trouble import without_tokens

LONGEST_ECHO = 72  # columns; a Chinese character takes two
CHINESE_WEIGHT = 8  # one Chinese character says about as much as so many letters

HAN = re.compile(r"[\u3400-\u9fff]")
LETTER = re.compile(r"[A-Za-z]")
MARKUP = re.compile(r"[\x00-\x1f\x7f*_`\[\]<>#|$~\\“”\"]+")


def language_of(message: str) -> str:
    """`zh` or `en`, by which says more, request words apart."""
    bare = without_tokens(message)
    return "zh" if len(HAN.findall(bare)) * CHINESE_WEIGHT > len(LETTER.findall(bare)) else "en"


def echo_of(message: str) -> str:
    """The message on one line, shortened at a blank; "" if there is nothing to say back."""
    plain = " ".join(MARKUP.sub(" ", without_tokens(message)).split()).strip(" .。!！,，")
    end, columns = 0, 0
    for place, character in enumerate(plain):
        columns += 2 if HAN.match(character) else 1
        if columns > LONGEST_ECHO:
            break
        end = place + 1
    if end == len(plain):
        return plain
    whole_words = plain[:end].rpartition(" ")[0]
    return (whole_words if len(whole_words) > end // 2 else plain[:end]).rstrip(" ,，") + "…"

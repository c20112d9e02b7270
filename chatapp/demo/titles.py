"""Titles for conversations, made from the first question as a model would make them."""

from __future__ import annotations

import re

from chatapp.demo.echo import echo_of, language_of

TITLE_OPENING = "Write a title of at most six words"
MOST_WORDS = 6
MOST_CHARACTERS = 14  # of a Chinese title
LONGEST_REQUEST = 4000  # characters; a title needs no more

QUOTED = re.compile(r"[“「\"](.{2,}?)[”」\"](?=\W*$|\s*\n)", re.DOTALL)
TAG = re.compile(r"</?\w{1,20}>")
LABEL = re.compile(r"^\W*(?:the )?(?:first )?(?:user|question|message|问题|用户)\W*[:：]\s*", re.IGNORECASE)
CLAUSE = re.compile(r"[，。！？；：,;!?\n]")
POLITE = re.compile(
    r"^(?:(?:please|kindly|hello|hi|hey|so|well)\W+|(?:can|could|would|will) you (?:please )?|"
    r"i(?:'d| would) like to |i (?:want|need) to |(?:help|tell|show|give|write) me |what(?:'s| is| are) |"
    r"how (?:do|can|should) (?:i|we|you) |how to |explain |(?:an?|the|some) )+",
    re.IGNORECASE,
)
CHINESE_POLITE = re.compile(
    r"^(?:请问?|帮我|麻烦|你好|能否|能不能|可以|我想|给我|如何|怎样|怎么|解释一下|写一个|一下)+"
)
SMALL_LAST = re.compile(r"(?:\s+(?:a|an|the|of|in|on|for|to|and|or|with|from|is|are|my|your|at|by))+$", re.IGNORECASE)
FALLBACKS = {"en": "A try of the demo", "zh": "试用演示模型"}


def is_title_request(message: str) -> bool:
    return message.startswith(TITLE_OPENING)


def title_for(request: str) -> str:
    """A title in the language of the question that the request quotes, after its first line or in it."""
    question = quoted_question(request)
    language = language_of(question)
    plain = echo_of(question).rstrip("…")
    title = _chinese_title(plain) if language == "zh" else _english_title(plain)
    return title or FALLBACKS[language]


def quoted_question(request: str) -> str:
    """The first question: what follows the first line, or stands in quotation marks, or after the colon."""
    first_line, _, rest = TAG.sub(" ", request[:LONGEST_REQUEST]).partition("\n")
    if rest.strip():
        return LABEL.sub("", rest.strip().partition("\n\n")[0])
    quoted = QUOTED.search(first_line)
    return quoted[1] if quoted else first_line.partition(":")[2].strip()


def _english_title(plain: str) -> str:
    words = re.split(r"[.;!?]\s|[.;!?]$|\n", POLITE.sub("", plain))[0].split()
    title = SMALL_LAST.sub("", " ".join(words[:MOST_WORDS]).rstrip(" ,:;-"))
    return title[:1].upper() + title[1:]


def _chinese_title(plain: str) -> str:
    clauses = [CHINESE_POLITE.sub("", clause.strip()) for clause in CLAUSE.split(plain)]
    return next((clause for clause in clauses if clause), "")[:MOST_CHARACTERS]

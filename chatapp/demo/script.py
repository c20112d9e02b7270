"""What the demo says: one deterministic script for a question.

The topic is chosen by the words of the last user message; the first row that fits counts. A message that is
mostly Chinese gets the Chinese script, any other the English one.

    topic     | English words                                      | Chinese words          | what comes
    help      | help                                               | 帮助                   | these words
    memory    | what did i say, remember, memory                   | 我说过什么 记得 记忆   | your turns
    chinese   | chinese                                            | 中文                   | Chinese
    table     | table, compare                                     | 表格 对比 比较         | two tables
    maths     | math, maths, formula, equation, integral           | 公式 数学 方程 积分    | formulas
    list      | list, checklist, steps                             | 列表 清单 步骤         | lists, tasks
    code      | code, python, script, function, program            | 代码 编程 脚本 函数    | code
    long      | long (not "how long")                              | 长文 很长 详细         | about 20 kB
    arrhenius | arrhenius, activation, rate, temperature, kinetics | 阿伦尼乌斯 活化能 温度 | an example
    scherrer  | scherrer, xrd, diffraction, crystallite, peak      | 谢乐 衍射 晶粒         | an example

Without any of these words the two worked examples take turns, scherrer first. Attached pictures come before
topics: the demo says what it sees. The request words of `chatapp.demo.trouble` come before both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatapp.demo.echo import echo_of, language_of
from chatapp.demo.numbered import numbers
from chatapp.demo.pocketbook import pocketbook
from chatapp.demo.prose import fill, prose, sections
from chatapp.demo.sights import Sight, describe
from chatapp.demo.trouble import wishes_of, without_tokens

MOST_REMEMBERED = 20  # turns
ENOUGH_TO_FIND = 60  # characters


@dataclass(frozen=True)
class Script:
    """What is said: the reasoning ("" when there is none) and the answer's text."""

    reasoning: str
    text: str


@dataclass(frozen=True)
class Topic:
    """A subject, with the words that call for it; after a word of `not_after` they mean something else."""

    name: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    not_after: tuple[str, ...] = ()

    def is_called_by(self, message: str) -> bool:
        """Whether one of the words is in the message: in English whole, perhaps with an s."""
        if any(word in message for word in self.chinese):
            return True
        guards = "".join(rf"(?<!\b{word} )" for word in self.not_after)
        words = "|".join(self.english)
        return re.search(rf"{guards}(?<![a-z0-9])(?:{words})s?(?![a-z0-9])", message.lower()) is not None


TOPICS = (
    Topic("help", ("help",), ("帮助",)),
    Topic("memory", ("what did i say", "remember", "memory"), ("我说过什么", "记得", "记忆")),
    Topic("chinese", ("chinese",), ("中文",)),
    Topic("table", ("table", "compare"), ("表格", "对比", "比较")),
    Topic("maths", ("math", "maths", "formula", "equation", "integral"), ("公式", "数学", "方程", "积分")),
    Topic("list", ("list", "checklist", "steps"), ("列表", "清单", "步骤")),
    Topic("code", ("code", "python", "script", "function", "program"), ("代码", "编程", "脚本", "函数")),
    Topic("long", ("long",), ("长文", "很长", "详细"), not_after=("how",)),
    Topic(
        "arrhenius",
        ("arrhenius", "activation", "rate", "temperature", "kinetics"),
        ("阿伦尼乌斯", "活化能", "温度"),
    ),
    Topic("scherrer", ("scherrer", "xrd", "diffraction", "crystallite", "peak"), ("谢乐", "衍射", "晶粒")),
)
EXAMPLES = ("scherrer", "arrhenius")


def script_for(
    question: str,
    think: bool,
    *,
    earlier: Sequence[str] = (),
    instructions: str = "",
    pictures: Sequence[Sight] = (),
) -> Script:
    """The whole script for a question; `earlier` are the user's turns before it, oldest first.

    The text is the same whether the demo thinks or not, so that an answer can be continued either way.
    """
    language = language_of(question)
    phrases = sections(f"phrases.{language}")
    topic = _topic_of(question, len(earlier))
    asked = _asked(question, phrases)
    opening = fill(phrases["opening_again" if earlier else "opening"], asked=asked)
    wishes = wishes_of(question)
    if wishes.unknown:
        words = ", ".join(f"`{word}`" for word in wishes.unknown)
        text = prose(f"help.{language}", opening=fill(phrases["unknown"], words=words))
    elif wishes.numbers is not None:
        text = numbers(wishes.numbers, wishes.shape)
    elif "html" in wishes.words:
        text = prose("html", opening=opening)
    elif pictures:
        text = "\n\n".join([opening, describe(pictures, phrases, language)])
    elif topic == "memory":
        text = "\n\n".join([opening, *_memories(earlier, instructions, phrases)])
    elif topic == "long":
        text = "\n\n".join([opening, pocketbook(language)])
    elif topic == "chinese":
        text = prose("chinese", opening=opening)
    else:
        text = prose(f"{topic}.{language}", opening=opening)
    return Script(_reasoning(topic, language, asked) if think else "", text)


def rest_of(question: str, text: str, said: str) -> str:
    """What follows in `text` after `said`, found by its beginning or else by its end; failing both, a word of
    apology in the language of the question.
    """
    if text.startswith(said):
        return text[len(said) :]
    end = said[-ENOUGH_TO_FIND:]
    place = text.rfind(end)
    if place < 0:
        return sections(f"phrases.{language_of(question)}")["lost"]
    return text[place + len(end) :]


def _topic_of(question: str, turn: int) -> str:
    words = without_tokens(question)
    called = (topic.name for topic in TOPICS if topic.is_called_by(words))
    return next(called, EXAMPLES[turn % len(EXAMPLES)])


def _asked(question: str, phrases: dict[str, str]) -> str:
    echo = echo_of(question)
    return fill(phrases["asked"], topic=echo) if echo else phrases["asked_nothing"]


def _memories(earlier: Sequence[str], instructions: str, phrases: dict[str, str]) -> list[str]:
    count = len(earlier)
    kind = {0: "remember_nothing", 1: "remember_one"}.get(count, "remember_many")
    parts = [fill(phrases[kind], count=str(count))]
    if count > MOST_REMEMBERED:
        parts.append(fill(phrases["remember_last"], count=str(MOST_REMEMBERED)))
    if count:
        last = [echo_of(turn) or phrases["wordless"] for turn in earlier[-MOST_REMEMBERED:]]
        parts.append("\n".join(f"{number}. {turn}" for number, turn in enumerate(last, 1)))
    if instructions:
        parts.append(fill(phrases["remember_instructions"], length=str(len(instructions))))
    return [*parts, phrases["remember_source"]]


def _reasoning(topic: str, language: str, asked: str) -> str:
    train = topic if topic in EXAMPLES else "other"
    return prose(f"{train}.think.{language}", asked=asked)

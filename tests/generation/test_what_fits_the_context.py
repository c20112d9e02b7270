"""What is left out of a conversation that is too long, and how well its length is estimated."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.generation.context import IMAGE_TOKENS, TURN_TOKENS, estimate, fit, weigh
from chatapp.upstream.client import Message

# Tokens as counted by Qwen's first vocabulary (151,643 entries, as its `dashscope` package carries it), and the text.
ORDINARY = {
    "English": (
        20,
        "The lattice parameter of the annealed sample differs; please check whether the loss of oxygen explains it.",
    ),
    "short words": (
        38,
        "I am at it. Is it so? No, I do not do it as he or she did. Go on, we are in no rush to get to the end of it.",
    ),
    "Chinese": (
        42,
        "材料在高温下退火之后，晶格参数与之前测得的数值不同，请判断是氧的流失还是阳离子的混排导致了第二张衍射图中的峰变宽。",
    ),
    "Japanese": (
        42,
        "焼鈍した試料の格子定数が以前の測定値と異なりますので、酸素の欠損か陽イオンの混合かを確かめてください。",
    ),
    "Korean": (41, "열처리한 시료의 격자 상수가 이전 측정값과 다르므로 산소 손실인지 양이온 혼합인지 확인해 주세요."),
    "Russian": (30, "Параметр решётки отожжённого образца отличается от измеренного ранее, проверьте, пожалуйста."),
    "Greek": (81, "Η παράμετρος πλέγματος του δείγματος διαφέρει από αυτήν που μετρήσαμε πριν, ελέγξτε το παρακαλώ."),
    "Arabic": (34, "تختلف معلمة الشبكة للعينة الملدنة عن تلك التي قسناها من قبل، يرجى التحقق من السبب."),
    "Hebrew": (27, "פרמטר הסריג של הדגימה שונה מזה שמדדנו קודם לכן, אנא בדקו מה הסיבה לכך."),
    "Hindi": (78, "एनील किए गए नमूने का जालक स्थिरांक पहले मापे गए मान से अलग है, कृपया कारण की जाँच करें।"),
    "Thai": (39, "ค่าคงที่ของโครงผลึกของตัวอย่างที่ผ่านการอบอ่อนแตกต่างจากค่าที่วัดได้ก่อนหน้านี้"),
    "German": (
        30,
        "Der Gitterparameter der geglühten Probe weicht ab; bitte prüfen Sie, ob Sauerstoffverlust das erklärt.",
    ),
    "Vietnamese": (26, "Hằng số mạng của mẫu sau khi ủ khác với giá trị đo trước đó, vui lòng kiểm tra nguyên nhân."),
    "Python": (
        35,
        "def mean(rows: list[float]) -> float:\n    return round(sum(x ** 2 for x in rows[:20] if x > 0), 3)\n",
    ),
    "C": (44, "for (int i = 0; i < n; ++i) {\n\tif (a[i] != b[i]) { return (struct pair){.x = i, .y = -1}; }\n}\n"),
    "JSON": (48, '{"id":"m12","at":[[0,1],[2,3]],"ok":true,"name":"sample A","rows":[{"x":0.125,"y":-3.5e-4}]}'),
    "numbers": (78, "3.14159 2.71828 1.41421 0.57721 6.02214076e23 299792458 1.602176634e-19 273.15"),
    "table": (40, "| sample | width | note |\n|---|---:|---|\n| A | 0.125 | fresh |\n| B | 0.250 | annealed |\n"),
    "TeX": (
        44,
        "$$\\int_0^\\infty e^{-\\alpha x^2}\\,dx = \\frac{1}{2}\\sqrt{\\frac{\\pi}{\\alpha}}, \\qquad \\alpha > 0$$",
    ),
    "emoji": (28, "Done 🎉🚀🔬 and 👩\u200d🚀 waves 👋🏽, 🇨🇳🇩🇪 too 😀😃😄😁"),
    "URLs": (29, "https://example.org/a/b-c_d?q=x%20y&z=1#top https://sub.example.com/~user/index.html"),
    "capitals": (23, "PLEASE CHECK THE LATTICE PARAMETER OF THE ANNEALED SAMPLE AND TELL US WHETHER IT GREW"),
    "mixed": (
        39,
        "请用 Python 写一个函数 `broaden(peaks)`，返回 3.5 Å 以内的 peak 宽度（FWHM），并解释 why it works 🙂。",
    ),
}
ODD = {
    "rare Chinese": (22, "龘靐齉爩麤鱻馫驫羴猋骉飝"),
    "hex": (57, "5f4dcc3b5aa765d61d8327deb882cf99 e99a18c428cb38d5f260853678922e03"),
    "base64": (55, "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
    "punctuation": (30, "!@#$%^&*()_+-=[]{}|;':\",./<>?`~ !! ?? ... --- *** ### >>> <<< && ||"),
    "blank lines": (9, "a\n\n\n\n\nb\n\n\n\n        c\t\t\td\n"),
}
# The least that may be missing of what people write; and of what nobody could read aloud.
LEAST, LEAST_ODD, MOST = 0.75, 0.5, 3.2


@pytest.mark.parametrize("name", ORDINARY)
def test_what_people_write_is_hardly_ever_taken_for_shorter_than_it_is(name: str) -> None:
    counted, text = ORDINARY[name]
    assert LEAST * counted <= estimate(text) <= MOST * counted


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_language_is_not_taken_for_less_than_half(name: str) -> None:
    counted, text = ODD[name]
    assert LEAST_ODD * counted <= estimate(text) <= MOST * counted


def test_all_of_it_together_is_not_taken_for_shorter() -> None:
    counted = sum(counted for counted, _ in ORDINARY.values())
    assert counted <= estimate("".join(text for _, text in ORDINARY.values())) <= 1.5 * counted


@given(st.text())
def test_a_text_is_never_nothing_and_never_more_than_its_bytes(text: str) -> None:
    size = len(text.encode())
    assert size / 4 <= estimate(text) <= size


@given(st.text(), st.text())
def test_a_longer_text_is_estimated_longer_and_parts_add_up(one: str, other: str) -> None:
    together = estimate(one + other)
    assert together >= max(estimate(one), estimate(other))
    assert together <= estimate(one) + estimate(other) <= together + 1


def test_half_a_character_is_still_counted() -> None:
    assert estimate("\ud83d") >= 1


def test_images_and_calls_of_tools_have_their_weight() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    question: Message = {"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture, picture]}
    assert weigh(question) == TURN_TOKENS + estimate("What is this?") + 2 * IMAGE_TOKENS
    assert weigh(question, 10) == TURN_TOKENS + estimate("What is this?") + 20
    called: Message = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "arguments": "x" * 400}]}
    assert weigh(called) > TURN_TOKENS + 100


def say(role: str, words: int = 1) -> Message:
    return {"role": role, "content": "word" * words}


def test_what_fits_stays_whole() -> None:
    assert fit([say("system"), say("user"), say("assistant"), say("user")], 1000) == 0


def test_the_oldest_questions_go_with_their_answers() -> None:
    turns = [say("user", 50), say("assistant", 50), say("user", 10), say("assistant", 10), say("user", 5)]
    assert fit(turns, 100) == 2
    assert fit(turns, 40) == 4


def test_instructions_take_room_and_stay() -> None:
    turns = [say("user", 30), say("assistant", 30), say("user", 5)]
    assert fit(turns, 95) == 0
    assert fit([say("system", 30), *turns], 95) == 2


def test_an_answer_does_not_come_without_its_question() -> None:
    turns = [say("user", 1000), say("assistant", 5), say("user", 5)]
    assert fit(turns, 60) == 2


@pytest.mark.parametrize("room", [100, 5, 0, -50])
def test_a_last_question_that_does_not_fit_is_asked_nevertheless(room: int) -> None:
    turns = [say("user"), say("assistant"), say("user", 1000), say("assistant", 100)]
    assert fit(turns, room) == 2


turn = st.builds(say, st.sampled_from(["user", "assistant", "tool"]), st.integers(0, 60))
history = st.lists(turn, max_size=12)
instructions = st.lists(st.builds(say, st.just("system"), st.integers(0, 60)), max_size=2)


@settings(max_examples=500, database=None)
@given(instructions, history, st.integers(0, 60), history, st.integers(-100, 800))
def test_what_is_left_starts_with_a_question_fits_and_is_as_much_as_fits(
    told: list[Message], earlier: list[Message], words: int, later: list[Message], room: int
) -> None:
    turns = [*earlier, say("user", words), *later]
    left_out = fit([*told, *turns], room)

    questions = [at for at, turn in enumerate(turns) if turn["role"] == "user"]
    assert left_out in questions
    room -= sum(weigh(turn) for turn in told)
    fitting = [at for at in questions if sum(weigh(turn) for turn in turns[at:]) <= room]
    assert left_out == min(fitting, default=questions[-1])


@given(instructions, history, st.integers(-100, 800))
def test_where_instructions_stand_changes_nothing(told: list[Message], turns: list[Message], room: int) -> None:
    assert fit([*told, *turns], room) == fit([*turns, *told], room)

"""Calls of tools, whole or in pieces, numbered or not, quoted like JSON or like Python, become the same."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.upstream.client import Limits
from chatapp.upstream.tool_calls import NAME_CHARACTERS, PYTHON_CHARACTERS, ToolCall, ToolCalls, read_arguments
from tests.upstream.replay import HEAD, Result, play

DONE = b"data: [DONE]\n\n"


def piece(arguments: Any = None, name: str | None = None, **more: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"function": {key: value for key, value in function.items() if value is not None}, **more}


def event(*calls: Any, content: Any = None, finish: str | None = None, index: int = 0) -> bytes:
    delta = {"content": content, "tool_calls": list(calls) or None}
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def streamed(*events: bytes, finish: str = "tool_calls", **options: Any) -> Result:
    return play([HEAD, *events, event(finish=finish), DONE], **options)


def put_together(*pieces: Any) -> tuple[ToolCall, ...]:
    calls = ToolCalls(Limits())
    for each in pieces:
        assert calls.take([each])
    return tuple(calls.read())


def test_a_call_in_pieces() -> None:
    (call,) = put_together(
        piece("", "weather", id="call_1", index=0, type="function"),
        piece('{"pla', index=0),
        piece('ce": "Shang', index=0),
        piece('hai"}', index=0),
    )
    assert call == ToolCall("call_1", "weather", {"place": "Shanghai"}, '{"place": "Shanghai"}')


def test_two_calls_whose_pieces_are_mixed() -> None:
    calls = put_together(
        piece('{"a"', "one", id="x", index=0),
        piece('{"b"', "two", id="y", index=1),
        piece(":1}", index=0),
        piece(":2}", index=1),
    )
    assert [(call.id, call.name, call.arguments) for call in calls] == [("x", "one", {"a": 1}), ("y", "two", {"b": 2})]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([piece("{}", "one", id="x"), piece("{}", "two", id="y")], id="no index"),
        pytest.param([piece("{}", "one", id="x", index=0), piece("{}", "two", id="y", index=0)], id="the same index"),
        pytest.param([piece("{}", "one", id="x", index=None), piece("{}", "two", id="y", index=None)], id="null"),
        pytest.param([piece("{}", "one", id="x", index="0"), piece("{}", "two", id="y", index="1")], id="in words"),
        pytest.param(
            [piece("{", "one", id="x", index=0), piece("}", index=0), piece("{}", "two", id="y", index=0)], id="pieces"
        ),
        pytest.param([piece("{", "one", id="x"), piece("}", id="x"), piece("{", "two", id="y"), piece("}")], id="ids"),
        pytest.param([piece("{}", "one", id="x", index=7), piece("{}", "two", id="y", index=3)], id="any numbers"),
    ],
)
def test_two_calls_are_told_apart_however_they_are_numbered(pieces: list[dict[str, Any]]) -> None:
    calls = put_together(*pieces)
    assert [(call.id, call.name, call.arguments) for call in calls] == [("x", "one", {}), ("y", "two", {})]


def test_two_calls_without_index_and_id_are_told_apart_by_their_names() -> None:
    calls = put_together(piece('{"a":1}', "same"), piece('{"a":', "same"), piece("2}"))
    assert [(call.name, call.arguments) for call in calls] == [("same", {"a": 1}), ("same", {"a": 2})]


def test_the_id_and_the_name_may_come_late_or_again() -> None:
    (call,) = put_together(piece("{", index=0), piece("}", "late", id="x", index=0), piece("", "late", id="x", index=0))
    assert (call.id, call.name, call.arguments) == ("x", "late", {})


def test_arguments_may_come_as_an_object() -> None:
    (call,) = put_together(piece({"place": "上海"}, "weather"))
    assert call.arguments == {"place": "上海"}


@pytest.mark.parametrize(
    "junk",
    [None, 7, "x", [], {}, {"function": None}, {"function": "x"}, {"function": []}, {"id": 7, "index": []}]
    + [piece(arguments) for arguments in (7, ["a"], True)],
)
def test_junk_in_a_call_costs_no_more_than_itself(junk: Any) -> None:
    calls = put_together(piece("{}", "good", id="x", index=1), junk, piece(index=1))
    assert calls[0] == ToolCall("x", "good", {}, "{}")
    assert all(call.name == "" and call.arguments == {} for call in calls[1:])


@pytest.mark.parametrize("calls", ["x", 7, {"a": 1}, True])
def test_calls_that_are_no_list_are_none(calls: Any) -> None:
    assert ToolCalls(Limits()).take(calls)
    result = play(
        [
            HEAD,
            event(content="Hi"),
            b'data: {"choices":[{"delta":{"tool_calls":%s}}]}\n\n' % json.dumps(calls).encode(),
            event(finish="stop"),
            DONE,
        ]
    )
    assert (result.text, result.finish, result.calls) == ("Hi", "stop", ())


@pytest.mark.parametrize(
    ("written", "arguments"),
    [
        ('{"a": "b"}', {"a": "b"}),
        ("{'location': 'shanghai', 'unit': 'celsius'}", {"location": "shanghai", "unit": "celsius"}),
        ("{'a': True, 'b': None, 'c': [1, 2.5]}", {"a": True, "b": None, "c": [1, 2.5]}),
        ('{"a": true, "b": null}', {"a": True, "b": None}),
        ("""{'a': "it's", "b": 'so'}""", {"a": "it's", "b": "so"}),
        (" {'a': (1, 2)}\n", {"a": [1, 2]}),
        ("{1: 2}", {"1": 2}),
        (r"{'a': 'C:\d'}", {"a": r"C:\d"}),
        ("", {}),
        (" \n", {}),
        ("{}", {}),
        ('{"a": "\\u0000x\\ud83d"}', {"a": "x\ufffd"}),
        ('{"\\u0000a": {"\\ud83d": ["\\u0000"]}}', {"a": {"\ufffd": [""]}}),
        ("{'a': '\\x00b'}", {"a": "b"}),
        ('{"a": NaN, "b": -Infinity, "c": 1e999}', {"a": "nan", "b": "-inf", "c": "inf"}),
        ("{'a': {1}, 'b': b'c', 'd': 2j}", {"a": "{1}", "b": "b'c'", "d": "2j"}),
        ("[1]", None),
        ("7", None),
        ("null", None),
        ("get_current_weather", None),
        ("{", None),
        ('{"a": 1', None),
        ("{}{}", None),
        ("{'a': open('/etc/passwd')}", None),
        ("__import__('os').getcwd()", None),
        ("{'a': 9" + "9" * 5000 + "}", None),
        ('{"a":' * 5000 + "1" + "}" * 5000, None),
        ("{'a':" * 3000 + "1" + "}" * 3000, None),
        ("-" * 15_000 + "1", None),
        ("{'a': '" + "b" * PYTHON_CHARACTERS + "'}", None),
    ],
)
def test_arguments_however_they_are_quoted(written: str, arguments: dict[str, Any] | None) -> None:
    assert read_arguments(written) == arguments


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab'\"", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("ab'\" \\", max_size=4), values, max_size=4))
def test_json_and_python_give_the_same(arguments: dict[str, Any]) -> None:
    read = read_arguments(json.dumps(arguments))
    assert read == read_arguments(repr(arguments))
    assert json.dumps(read).replace("\\u0000", "") == json.dumps(arguments).replace("\\u0000", "")


@given(st.text("{}[]()'\":,0a\\ -\n", max_size=30))
def test_what_is_read_can_always_be_written_as_json(written: str) -> None:
    json.dumps(read_arguments(written), allow_nan=False)


def test_numbers_stay_numbers() -> None:
    read = read_arguments('{"a": 1, "b": 1.5, "c": false}')
    assert read is not None
    assert [type(value) for value in read.values()] == [int, float, bool]
    assert all(math.isfinite(value) for value in read.values())


def test_names_are_short_and_clean_and_the_written_is_kept() -> None:
    (call,) = put_together(piece("not JSON \0\ud83d", "n\0" + "x" * 1000, id="\ud83d" + "y" * 1000))
    assert call.name == "n" + "x" * (NAME_CHARACTERS - 2)
    assert call.id == "\ufffd" + "y" * (NAME_CHARACTERS - 1)
    assert (call.arguments, call.written) == (None, "not JSON \ufffd")


def test_a_stream_with_text_and_a_call_gives_both() -> None:
    result = streamed(event(content="I look it up."), event(piece('{"a":1}', "weather", id="x", index=0)))
    assert (result.text, result.finish, result.calls) == ("I look it up.", "tool_calls", (("weather", {"a": 1}),))


@pytest.mark.parametrize("finish", ["stop", "tool_calls", "function_call"])
def test_calls_end_as_calls_whatever_the_server_calls_it(finish: str) -> None:
    result = streamed(event(piece("{}", "weather", id="x", index=0)), finish=finish)
    assert (result.finish, result.error) == ("tool_calls", "")


def test_a_call_that_was_cut_for_its_length_says_so() -> None:
    result = streamed(event(piece('{"a":', "weather", id="x", index=0)), finish="length")
    assert (result.finish, result.calls) == ("length", (("weather", None),))


def test_the_name_of_a_call_is_no_text_beside_it() -> None:
    call = piece("{}", "weather", id="x")
    assert streamed(event(call, content="weather")).text == ""
    assert streamed(event(call, content="weather report")).text == "weather report"
    assert streamed(event(content="weather"), event(call)).text == "weather"


def test_an_end_in_calls_without_a_call_is_an_empty_answer() -> None:
    assert streamed().error == "empty"
    assert streamed(event(content="Hi")).finish == "tool_calls"


def test_a_stream_that_breaks_in_a_call_is_a_cut() -> None:
    result = play([HEAD, event(piece('{"a":', "weather", id="x", index=0))])
    assert (result.error, result.calls) == ("broken", ())


def test_the_calls_of_another_choice_are_not_ours() -> None:
    result = streamed(event(content="Hi"), event(piece("{}", "weather"), index=1), finish="stop")
    assert (result.text, result.finish, result.calls) == ("Hi", "stop", ())


def test_calls_in_a_document() -> None:
    message = {"content": None, "tool_calls": [piece("{'a': 1}", "one", id="x"), piece({"b": 2}, "two", id="y")]}
    body = json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]}).encode()
    result = play([b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body])
    assert (result.finish, result.calls) == ("tool_calls", (("one", {"a": 1}), ("two", {"b": 2})))


def test_calls_without_end_are_cut_off() -> None:
    many = [event(piece("{}", "weather", id=str(number))) for number in range(4)]
    assert streamed(*many, limits=Limits(tool_calls=4)).error == ""
    assert streamed(*many, limits=Limits(tool_calls=3)).error == "too-long"


def test_arguments_without_end_are_cut_off() -> None:
    pieces = [event(piece("x" * 10, index=0)) for _ in range(10)]
    assert streamed(*pieces, limits=Limits(answer_characters=100)).error == ""
    assert streamed(*pieces, limits=Limits(answer_characters=99)).error == "too-long"

"""What a reader must get from each recording, read off its raw bytes by hand."""

from __future__ import annotations

from typing import Any

from tests.upstream.replay import Result

HUGO = "Liu Cixin's 'The Three-Body Problem' won the **Hugo Award** in 2015. 刘慈欣《三体》🐼👩\u200d🚀。"
AWARDS = "The user asks about awards.\nI recall 2015."
MIXED = "刘慈欣🐼👩\u200d🚀𝄞 é"
DEFINITION = "The user asks <for> a definition & more."
AGI = "AGI is artificial general intelligence 🐼."
XSS = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"
    "</textarea><svg onload=alert(1)>\u202egnp.exe\u202c \x1b[31m"
)
CHINESE_HI = "你好！我是一个很小的测试模型 🐼。很高兴见到你 🎉，请问有什么可以帮你？"
CHINESE_THOUGHT = "用户在打招呼。我应该友好地回答。\n"
HELLO = "Hello! How can I help you today?"
PERSON = "AGI is artificial general intelligence: a system that can do most tasks that a person can do."
MEANING = "The user asks for a definition.\nAGI means artificial general intelligence.\n"
EMOJI = "Rocket 🚀 astronaut 👩\u200d🚀 flag 🇨🇳 family 👨\u200d👩\u200d👧\u200d👦 thumbs 👍🏽 heart ❤️ music 𝄞 done ✅"
MANY = "The user wants emoji 🤔. I send many.\n"
LONG = "Sentence number 1 of a rather long answer goes here"
MARKDOWN = """# Hugo Awards

Liu Cixin's **The Three-Body Problem** won the *Hugo Award* in 2015.

| Year | Work |
|------|------|
| 2015 | The Three-Body Problem |
| 2016 | Folding Beijing |

```python
def hello(name: str) -> str:
    return f"Hello, {name} <b>&amp;</b>"
```

1. First item
2. Second item
   - nested `code`

> A quote with a [link](https://example.org/?a=1&b=2).

Inline math $E = mc^2$ and a block:

$$\\int_0^1 x^2 dx = \\frac{1}{3}$$"""
LOOK_UP = "I will look it up.\n"
NEED = "I need the weather tool.\n"
QUOTED = {"location": 'Shanghai 上海 "quoted"', "unit": "celsius"}
SHANGHAI = {"location": "Shanghai", "unit": "celsius"}


def said(text: str = "", deltas: int = 1, reasoning: str = "", finish: str = "stop", **more: Any) -> Result:
    return Result(reasoning=reasoning, text=text, finish=finish, deltas=deltas, thought=bool(reasoning), **more)


def failed(error: str, text: str = "", deltas: int = 0, reasoning: str = "") -> Result:
    return Result(reasoning=reasoning, text=text, error=error, deltas=deltas)


def called(*arguments: dict[str, str], **more: Any) -> Result:
    return said(finish="tool_calls", calls=tuple(("get_current_weather", each) for each in arguments), **more)


STREAMS = {
    "intern/stream_docs": said(HUGO, 21),
    "intern/stream_lmd_old": said(HUGO, 21),
    "intern/stream_lmd_new": said(HUGO, 21),
    "intern/stream_think_docs": said(HUGO, 32, AWARDS),
    "intern/stream_think_reasoning": said(HUGO, 32, AWARDS),
    "intern/stream_think_tags_split": said("Answer: 1 < 2 and <b>bold</b> </thing> end", 11, "The user asks."),
    "intern/stream_think_close_only": said("Answer.", 4, "The user asks.\n"),
    "intern/stream_think_unclosed_length": said("", 3, "A very long thought that never", "length"),
    "intern/stream_think_all_reasoning": said("", 8, "Hello! How can I help you today?", all_reasoning=True),
    "intern/stream_length": said("A text that is cut because max_tok", 9, finish="length"),
    "intern/stream_finish_in_content_chunk": said("One two.", 2),
    "intern/stream_error_object": failed("upstream-failed", "Some text", 2),
    "intern/stream_error_lmd_new": failed("upstream-failed", "Some text", 2),
    "intern/stream_error_text": failed("upstream-failed", "Some ", 1),
    "intern/stream_error_rawline": failed("timed-out", "Some text", 2),
    "intern/stream_error_first_raw": failed("timed-out"),
    "intern/stream_error_proxy_tail": failed("upstream-failed", "Some ", 1),
    "intern/stream_error_string": failed("upstream-failed", "Some ", 1),
    "intern/stream_ratelimit_in_stream": failed("rate-limited"),
    "intern/stream_cut_midchunk": failed("broken", "The answer stops in", 2),
    "intern/stream_cut_midchunk_nolen": failed("broken", "The answer stops in", 2),
    "intern/stream_cut_reset": failed("broken", "The answer is reset", 2),
    "intern/stream_cut_clean_nodone": failed("broken", "The answer just ends", 2),
    "intern/stream_cut120_done": failed("broken", "The answer just ends", 2),
    "intern/stream_utf8_split": said(MIXED, 3),
    "intern/stream_bytewise": said(MIXED, 3),
    "intern/stream_one_blob": said(MIXED, 3),
    "intern/stream_crlf": said("Windows line ends 行", 5),
    "intern/stream_crlf_split": said("CR at the end of a read", 2),
    "intern/stream_comments": said("Hello there", 2),
    "intern/stream_comments_120s": said("late"),
    "intern/stream_multiline_data": said("two data lines"),
    "intern/stream_bom": said("after a BOM"),
    "intern/stream_no_blank_line": said("single newlines", 2),
    "intern/stream_usage_empty_choices": said("Usage follows.", 4, tokens=(12, 6)),
    "intern/stream_usage_every_chunk": said("Usage in each chunk.", 5, tokens=(12, 5)),
    "intern/stream_empty": failed("empty"),
    "intern/stream_context_overflow": failed("context"),
    "intern/stream_only_done": failed("empty"),
    "intern/stream_nothing": failed("empty"),
    "intern/stream_keepopen_after_done": said("Finished"),
    "intern/stream_after_done": said("Finished"),
    "intern/stream_bad_json": failed("upstream-failed", "Some ", 1),
    "intern/stream_ollama_error": failed("broken", "Some ", 1),
    "intern/stream_content_list": said("list content"),
    "intern/stream_null_choices": said("ok"),
    "intern/stream_ctype_json": said("Not streamed although asked."),
    "intern/stream_moderated": said("Some text"),
    "intern/stream_xss": said(XSS, 6),
    "intern/stream_u2028": said("line\u2028separator \u2029 and \x85 nel \x7f"),
    "intern/stream_wrong_charset": said("刘慈欣 é 🐼"),
    "intern/stream_gzip": failed("not-an-answer"),
    "intern/stream_bad_utf8": said("bad \ufffd\ufffd byte"),
    "intern/stream_lone_surrogate": said("lone \ufffd half"),
    "intern/stream_surrogate_halves": said("🐼", 2),
    "intern/stream_n2": failed("broken", "ab", 2),
    "intern/stream_keepalive_closed": said("keep-alive"),
    "intern/stream_long_200k": said("0123456789 abcdefghij " * 10_000, 1000),
    "intern/stream_no_ctype_charset": said("刘慈欣 é 🐼"),
    "intern/stream_tool_text": said(
        'I check.<|action_start|><|plugin|>\n{"name": "get_current_weather", "parameters": {"location": "Shanghai"}}'
        "<|action_end|>",
        30,
    ),
    "lmdeploy-0.18/stream": said(CHINESE_HI, 54, CHINESE_THOUGHT),
    "lmdeploy-0.18/stream_abort": said("", 2, "The", "abort"),
    "lmdeploy-0.18/stream_busy": failed("busy"),
    "lmdeploy-0.18/stream_error_first": failed("upstream-failed"),
    "lmdeploy-0.18/stream_enable_thinking_false": said(PERSON, 43),
    "lmdeploy-0.18/stream_exception": failed("upstream-failed", "", 2, "The"),
    "lmdeploy-0.18/stream_length": said(LONG, 22, "A long answer is wanted.\n", "length"),
    "lmdeploy-0.18/stream_markdown": said(MARKDOWN, 274),
    "lmdeploy-0.18/stream_midstream_error": failed("upstream-failed", "", 2, "The"),
    "lmdeploy-0.18/stream_n2": said("Hi there! What can I do for you?", 25, "A short greeting.\n", tokens=(10, 54)),
    "lmdeploy-0.18/stream_nothink": said(PERSON, 43),
    "lmdeploy-0.18/stream_think": said(PERSON, 84, MEANING),
    "lmdeploy-0.18/stream_thinking_mode_field": said(PERSON, 84, MEANING),
    "lmdeploy-0.18/stream_tool_call": called(QUOTED, text=LOOK_UP, deltas=29, reasoning=NEED),
    "lmdeploy-0.18/stream_tool_call2": called(QUOTED, QUOTED, deltas=8, reasoning="Two.\n"),
    "lmdeploy-0.18/stream_tool_markup_no_tools": said(LOOK_UP, 29, NEED),
    "lmdeploy-0.18/stream_toolchoice_none": said(
        LOOK_UP
        + '<tool_call>\n{"name": "get_current_weather", "arguments": {"location": "Shanghai 上海 \\"quoted\\"", '
        + '"unit": "celsius"}}\n</tool_call>',
        83,
        NEED,
    ),
    "lmdeploy-0.18/stream_usage": said(EMOJI, 70, MANY, tokens=(12, 99)),
    "lmdeploy-0.18/stream_think_cut": said("", 11, "The user asks for a defin", "length"),
    "transformers-serve/image_stream": said("i \ufffd! What can I help you?", 12, tokens=(25, 19)),
    "transformers-serve/stream": said(CHINESE_HI, 52, CHINESE_THOUGHT, tokens=(10, 132)),
    "transformers-serve/stream_length": said(LONG, 20, "A long answer is wanted.\n", "length", tokens=(10, 24)),
    "transformers-serve/stream_markdown": said(MARKDOWN, 234, tokens=(20, 275)),
    "transformers-serve/stream_midstream_error": failed("upstream-failed"),
    "transformers-serve/stream_midstream_error2": failed("upstream-failed"),
    "transformers-serve/stream_midstream_error3": failed("upstream-failed"),
    "transformers-serve/stream_midstream_error4": said(
        "Hi there! W", 15, "A short greeting.\n", "length", tokens=(10, 20)
    ),
    "transformers-serve/stream_nothink": said(PERSON, 43, tokens=(17, 44)),
    "transformers-serve/stream_think": said(PERSON, 81, MEANING, tokens=(11, 87)),
    "transformers-serve/stream_tools": called(SHANGHAI, deltas=11, reasoning=NEED, tokens=(223, 59)),
    "transformers-serve/stream_usage": said(EMOJI, 65, MANY, tokens=(12, 100)),
    "vllm-constructed/stream_reasoning": said(AGI, 17, DEFINITION, tokens=(12, 28)),
    "vllm-constructed/stream_both_reasoning_fields": said(AGI, 17, DEFINITION),
    "vllm-constructed/stream_error": failed("upstream-failed", "Some ", 1),
    "vllm-constructed/stream_keepalive": said("late"),
    "vllm-constructed/stream_reasoning_content": said(AGI, 17, DEFINITION),
    "vllm-constructed/stream_tools": called({"location": "Shanghai"}, deltas=0),
    "sglang-constructed/stream_reasoning": said(AGI, 17, DEFINITION, tokens=(12, 28)),
    "sglang-constructed/stream_error": failed("busy", "Some ", 1),
    "sglang-constructed/stream_abort": said("Some ", 1, finish="abort"),
    "ollama-constructed/stream_thinking": said(AGI + " <b>&</b>", 19, DEFINITION, tokens=(12, 28)),
    "ollama-constructed/stream_tools": called({"location": "Shanghai"}, deltas=0),
    "ollama-constructed/stream_error_swallowed": failed("broken", "Some ", 1),
}

DOCUMENTS = {
    "intern/json_normal": said(HUGO, tokens=(10, 20)),
    "intern/json_think_reasoning": said(HUGO, 2, AWARDS, tokens=(10, 20)),
    "intern/json_think_tags": said(HUGO, 1, AWARDS + "\n", tokens=(10, 20)),
    "intern/json_think_null_content": said("", 1, "The user asks for a defin", "length", tokens=(10, 20)),
    "intern/json_tool_call": called({"location": "shanghai", "unit": "celsius"}, deltas=0, tokens=(10, 20)),
    "intern/json_tool_call_valid": called({"location": "Shanghai"}, deltas=0, tokens=(10, 20)),
    "intern/json_legacy_wrapped": said("wrapped"),
    "intern/json_error_200": failed("upstream-failed"),
    "lmdeploy-0.18/json": said(HELLO, 2, "The user greets me. I greet back.\n", tokens=(10, 35)),
    "lmdeploy-0.18/json_think": said(PERSON, 2, MEANING, tokens=(11, 86)),
    "lmdeploy-0.18/json_think_cut": said("", 1, "The user asks for a defin", "length", tokens=(11, 12)),
    "lmdeploy-0.18/json_tool_call": called(QUOTED, text=LOOK_UP, deltas=2, reasoning=NEED, tokens=(206, 89)),
    "vllm-constructed/json_reasoning": said(AGI, 2, DEFINITION, tokens=(12, 28)),
    "transformers-serve/image": said("i \ufffd! What can I help you?", tokens=(25, 19)),
    "transformers-serve/json": said(HELLO, 2, "The user greets me. I greet back.", tokens=(10, 36)),
    "transformers-serve/json_think": said(PERSON, 2, MEANING.rstrip(), tokens=(11, 87)),
    "transformers-serve/json_tools": called(SHANGHAI, reasoning=NEED.rstrip(), tokens=(223, 59)),
}

# Requests that should have been refused and were answered.
ANSWERED_ALL_THE_SAME = {
    "lmdeploy-0.18/err_messages_badrole": said("", 1, "The user greet for user\n\ufffd can", "length", tokens=(3, 10)),
    "lmdeploy-0.18/err_unknown_field": said("", 1, "A short greeting.\n", "length", tokens=(10, 10)),
    "transformers-serve/err_context": said("\ufffd sheret\ufffd sheret\ufffd", 1, "", "length", tokens=(27009, 10)),
    "transformers-serve/err_messages_badrole": said(
        "", 1, "The user greet for user\n\ufffd can", "length", tokens=(3, 10)
    ),
    "transformers-serve/err_temperature": said("", 1, "A short greeting.", "length", tokens=(10, 10)),
}

EXPECTED = STREAMS | DOCUMENTS | ANSWERED_ALL_THE_SAME

# Ends with two pieces of line ends, which are trimmed: they are counted only where they come along with words.
ENDS_BLANK, BLANK_PIECES = "lmdeploy-0.18/stream_tool_call2", 2

# It never ends, so a reader gives up.
STALLED = "intern/stream_stall"

"""Nasty Markdown, made at random and by hand, and the ways of cutting it into deltas."""

from __future__ import annotations

from hypothesis import strategies as st

INLINE = [
    "word", "two words", "a", "12", "1", "12:34", "*em*", "**strong**", "**open", "_a_b_", "~~gone~~", "`code`",
    "`` ` ``", "`open", "$x$", "$x_1", "$5 and $6", "$$y$$", "$$", "\\(a\\)", "\\(", "\\[b\\]", "\\]",
    "[l](http://a.b)", "[l](", "[l]", "[^1]", "![i](http://e.v/il)", "](", ")", '"t")', "<b>", "<http://a.b>",
    "https://a.b/c_d.", "http://", "&amp;", "&am", ";", "\\", "\\*", "!", "|", "a | b", "能量$E$是", "**中文**，",
    "👩‍👩‍👧", "\u2028", "\u3000", "\u200b", "\u202e", "#", "-", "=", "x  ", "  ", "\t", "http", "://q.w", "//",
    "&", "copy;", "'", "[x]: y", "e.g.", "C:\\d", "\x0b", "\x85",
]  # fmt: skip
STARTS = [
    "", "", "", "", "# ", "## a | b", "#", "- ", "- ", "  - ", "    - ", "* ", "+ ", "1. ", "2. ", "10) ", "-",
    "1.", "- [ ] ", "- [x] ", "> ", ">", "> > ", "> - ", "- > ", ">     ", "    ", "  ", "   ", "\t", "-\t",
    "```", "```py", "~~~", "````", "  ```", "   ```", "- ```", "> ```", "1. ```js", "---", "===", "***",
    "- - -", "| a | b |", "|---|---|", "|:-:|--:|", "a|b", "-|-", "| c |", "$$", "$$ x", "  $$", "\\[", "\\]",
    "- $$", "> $$", "x $$", "\\[ z \\]", "$$ q $$", "$$ q $$ r", "[^1]: ", "[^n]:", "[a]: http://x.y", "[a]:",
    '"title"', "[l]: <", "<div>", "<!--", "</div>", "&nbsp;", "\\", "    $$", "  > ",
]  # fmt: skip
ENDS = ["\n", "\n", "\n", "\n\n", "\n\n", "\n\n\n", "  \n", "\\\n", "\r\n", "\r", "\r\n\r\n", "\n \n", "\n\t\n", ""]

lines = st.builds(
    lambda start, words, space, end: start + space.join(words) + end,
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(INLINE), max_size=4),
    st.sampled_from([" ", " ", ""]),
    st.sampled_from(ENDS),
)
# Repeated lines make what is long: lists, tables, quotes, code.
runs = st.builds(lambda line, times: line * times, lines, st.integers(1, 4))
markdown = st.lists(runs, max_size=12).map("".join)
anything = st.text(st.sampled_from("\n\n  \t-*_`~#>|$[]()<>!\\&:=+.0123ab中\u2028\r\0\ud800"), max_size=60)
texts = st.one_of(markdown, markdown, markdown, anything)
Cuts = list[tuple[int, bool]]

# How many characters a delta has, and whether the text is flushed after it; repeated to the end of the text.
cuts: st.SearchStrategy[Cuts] = st.lists(st.tuples(st.integers(1, 25), st.booleans()), min_size=1, max_size=40)
CUTS: list[Cuts] = [[(1, True)], [(2, True)], [(3, False), (1, True)], [(7, True)], [(10_000, False)]]

NASTY = [
    "a\n\n- x\n- y\n\npara\n# h",
    "- a\n\n- b\n- c\n\n\nend",
    "- a\n  ```py\n  x = 1\n\n  y\n ```\n  ```\n- b",
    "- a | b\n--|--\nc | d",
    "# a | b\n--|--\n1 | 2",
    "```a|b\n--|--\nx\n```\ny",
    "> a | b\n--|--\n",
    "> ```\nlazy?\n> ```\n\nend",
    "> a\nlazy\n===\n> b\n\n> c",
    "para\na | b\n--|--\nrow\n\nrow?\n- item",
    "| a |\n|---|\n| b |\n# end\n| c |",
    "| a |\n|---|\n\n| b |",
    "para\n---\npara\n===\n---\n",
    "$$\na\n$$\nb\n$$\nc\n\nd\n$$",
    "$$\na\n\nb\n$$\n",
    "- $$\n  x\n  $$\n- $$\n  y\n\n  z",
    "$$ a $$ b\n$$ c $$\n\\[\nd\n\\] e\nf",
    "text\n\\[\nx^2\n\\]\ntext",
    "    code\n\n\n    code\n\npara",
    "\tcode\n\n \tcode",
    "1. a\n\n   b\n2. c\n\n       code\n- d",
    "- a\n - b\n  - c\n   - d\n    - e",
    "-\n\n  not an item\n-\n  item",
    "~~~ x\n```\n~~~~\n~~~\n```\nopen",
    "````\n```\n````\nend\n```\nopen",
    "[a]: http://x.y\n'title\nmore'\n\n[a]",
    "[a]\n\n[a]: http://x.y",
    "[a]:\nhttp://x.y\n[a]",
    "x[^1]\n\n[^1]: note\n\n    more\n\nend[^1]",
    "[^1]: only\n[^2]: two",
    "a\r\nb\r\rc\r\n\r\n- d\r",
    "\r",
    "a\0b\ud83dc",
    "> " * 20 + "deep\nlazy\n\nend",
    "- " * 20 + "deep\n\n  x\nend",
    "*a **b ***c " * 9,
    "a  \nb\\\nc `x\n` d  ",
    "http://a.b/c\n- http://a.b/(c)d) e",
    "- [ ] a\n- [x] b\n\n\n- [ ]c",
    "\n\n\n\n",
    " \n\t\n",
    "👩‍👩‍👧\n👩‍👩‍👧👩‍👩‍👧\n\n中文，没有空格。**粗体**也没有\n1、不是列表",
    "12:34 12:35\n12\n12.\n12. x\n12) y",
    "<div>\n\n<script>alert(1)</script>\n</div>",
    "***\n* * *\n*a\n* b\n",
    "a\n\n    code\nb",
    "> - a\n> - b\n>\n> c\n>\n> ```\n> x\n> ```\n\nd",
    "| a |\n|---|\n" + "| x $y$ **z** |\n" * 5 + "\nend",
    "setext\nwith two lines\n------\n\nend",
    "x\n\n#\n\n##\n\n# \n",
]

"""What hostile or unlucky text may cost: every bound of this room, chosen by measurement."""

from __future__ import annotations

# A longer text is shown as it is, not as Markdown.
MAX_TEXT_CHARS = 400_000
MAX_TEXT_LINES = 20_000

# One paragraph, heading or cell. Longer ones show their source: the inline rules cost up to 12 µs a character.
MAX_INLINE_CHARS = 8_000

# What claims to be a wider table is a paragraph.
MAX_TABLE_COLUMNS = 200
# A cell costs 14 µs and a dozen objects. The rows of a table that has more are shown as their source.
MAX_TABLE_CELLS = 10_000

# Block nesting counts list and item as two. What lies deeper is shown as its source.
MAX_BLOCK_DEPTH = 18
# The parser drops what is nested deeper than this, so it must never be reached.
PARSER_NESTING = 20
MAX_INLINE_DEPTH = 20

MAX_TEX_CHARS = 10_000
MAX_URL_CHARS = 2_000
# All addresses that come from definitions together: three characters of text may stand for one of 2,000.
MAX_REFERRED_CHARS = 200_000

# Pygments takes about 3 ms a kilobyte, and on the worst code ten times that.
MAX_HIGHLIGHT_CHARS = 30_000
# Many lexers take quadratic time for long lines and for long runs of words or blanks, as hardly any code has them.
MAX_LINE_CHARS = 500
MAX_RUN_CHARS = 400
CACHED_CODE_CHARS = 8_000
CACHED_CODE_BLOCKS = 256

# A tail is rendered anew only after this many times the time that the last rendering took ...
REST_PER_RENDER = 10
# ... and sent again at no more than this many characters a second.
RESEND_CHARS_PER_SECOND = 400_000

# An unfinished line of nothing but marks is held back (it may become anything), but not for ever.
MAX_HELD_CHARS = 40

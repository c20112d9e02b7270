"""What a file that somebody brings along may hold, and what an export holds at once: every bound of this room."""

from __future__ import annotations

# Of the file itself; a request as a whole is held to 40 MB (chatapp/server.py).
FILE_BYTES = 39_000_000

# Of a zip file, by its own list of contents, before anything is unpacked.
ZIP_ENTRIES = 100_000
ZIP_BYTES = 2_000_000_000  # unpacked, of all that is read
# Text packs to a tenth; deflate can claim a thousandth. Small files may pack better than this.
ZIP_RATIO = 100
ZIP_RATIO_FROM = 1_000_000  # bytes, unpacked

# Of one conversation in the file, as JSON; with its images inside where it comes alone.
JSON_CHARACTERS = 60_000_000
JSON_DEPTH = 60
CONVERSATIONS = 20_000
MESSAGES = 20_000
# Of all its messages together, and of one; an answer is held to the same.
CONVERSATION_CHARACTERS = 30_000_000
TEXT_CHARACTERS = 1_000_000
IMAGES = 1_000
IMAGES_BYTES = 400_000_000  # of one file, unpacked
FOLDERS = 100

# Of the process that reads.
READER_MEMORY = 1_500_000_000  # bytes
READER_SECONDS = 600  # of CPU time

# How much an export holds at once: so many characters of messages, so many messages, so many bytes of a file.
BATCH_CHARACTERS = 2_000_000
BATCH_MESSAGES = 200
PIECE_BYTES = 192 * 1024

"""The product's settings, on a database and a data directory that the tests throw away."""

import os
import tempfile
from pathlib import Path

# Read when the product's settings are imported.
os.environ.setdefault("PARLEY_DATA_DIR", tempfile.mkdtemp(prefix="parley-tests-"))

from chatapp.settings import *  # noqa: E402, F403
from chatapp.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

# A file, not memory: threads and sockets then meet as they do in life.
DATABASES["default"]["TEST"] = {"NAME": Path(DATA_DIR) / "test.sqlite3"}
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

"""The product's settings, on a database and a data directory that the tests throw away."""

import os
import tempfile
from pathlib import Path

# Read when the product's settings are imported. Tests that run side by side have a directory each.
os.environ.setdefault("PARLEY_DATA_DIR", tempfile.mkdtemp(prefix="parley-tests-"))
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["PARLEY_DATA_DIR"] = str(Path(os.environ["PARLEY_DATA_DIR"]) / worker)

from chatapp.settings import *  # noqa: E402, F403
from chatapp.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

# A file, not memory: threads and sockets then meet as they do in life.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": Path(DATA_DIR) / "test.sqlite3"}
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

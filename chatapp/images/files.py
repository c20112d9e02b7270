"""The storage "images": names that we make, and reading and deleting without holding up the event loop."""

from __future__ import annotations

import logging
import os
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

logger = logging.getLogger("parley.images")

# What is written, and what a browser is told of it.
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
TYPES = {suffix: media_type for media_type, suffix in SUFFIXES.items()}


def storage() -> Storage:
    return storages["images"]


def workplace() -> Path:
    """Where files wait to be looked at: ours alone, and not where anything is served from."""
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def new_folder() -> Path:
    """One of our own in the workplace; its user removes it."""
    return Path(tempfile.mkdtemp(dir=workplace()))


def name_of(image: uuid.UUID, kind: str, media_type: str) -> str:
    """A name in the storage; `kind` is "full", "small" or a number of pixels."""
    return f"{image.hex[:2]}/{image.hex}-{kind}.{SUFFIXES[media_type]}"


def type_of(name: str) -> str:
    return TYPES[name.rpartition(".")[2]]


def save(name: str, source: Path) -> str:
    """Copy a file into the storage; returns its name there. Leaves nothing on failure."""
    try:
        with source.open("rb") as file:
            return storage().save(name, File(file))
    except BaseException:
        discard([name])
        raise


def discard(names: Iterable[str]) -> None:
    """Delete these files. What cannot be deleted now is an orphan, and prune_images finds it."""
    for name in filter(None, names):
        try:
            storage().delete(name)
        except Exception:
            logger.exception("the file %s could not be deleted", os.path.basename(name))

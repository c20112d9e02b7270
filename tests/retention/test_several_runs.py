"""The command in processes of its own: two at once, and one that is killed in the middle."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.live.server import ROOT
from tests.postgres import cluster, needs_postgres

CHATS = 400
KEPT = CHATS // 10
PATIENCE = 60
FILL = [sys.executable, "-m", "tests.retention.fill"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with chats that a rule deletes, made once and copied."""
    folder = tmp_path_factory.mktemp("filled")
    subprocess.run([*FILL, str(CHATS)], cwd=ROOT, env=_environment(folder), check=True)
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filled, tmp_path / "data")


def test_two_at_once_delete_everything_once(folder: Path) -> None:
    both = [_start(folder) for _ in range(2)]
    told = [one.communicate(timeout=PATIENCE)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sum(int(re.findall(r"rules: (\d+) chat", text)[0]) for text in told) == CHATS
    assert _count(folder, "conversations_conversation") == KEPT
    _is_whole(folder)
    assert _files(folder) == KEPT


def test_a_run_that_is_killed_leaves_whole_chats_and_the_next_one_goes_on(folder: Path) -> None:
    killed = _start(folder)
    deadline = time.monotonic() + PATIENCE
    while _count(folder, "conversations_conversation") == CHATS + KEPT:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    killed.kill()
    killed.communicate()
    left = _count(folder, "conversations_conversation")
    assert KEPT < left < CHATS + KEPT
    _is_whole(folder)
    next_one = _start(folder)
    assert f"rules: {left - KEPT} chats" in next_one.communicate(timeout=PATIENCE)[0]
    assert _count(folder, "conversations_conversation") == KEPT
    _is_whole(folder)


@needs_postgres
def test_two_at_once_on_postgresql(tmp_path: Path) -> None:
    with cluster() as url:
        environment = _environment(tmp_path, PARLEY_DATABASE_URL=url)
        subprocess.run([*FILL, "100"], cwd=ROOT, env=environment, check=True)
        both = [_start(tmp_path, PARLEY_DATABASE_URL=url) for _ in range(2)]
        told = [one.communicate(timeout=PATIENCE)[0] for one in both]
        assert [one.returncode for one in both] == [0, 0]
        assert sum(int(re.findall(r"rules: (\d+) chat", text)[0]) for text in told) == 100
        again = _start(tmp_path, PARLEY_DATABASE_URL=url)
        assert "Deleted by rules: 0 chats" in again.communicate(timeout=PATIENCE)[0]
    assert _files(tmp_path) == 10


def _start(folder: Path, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "apply_retention"]
    return subprocess.Popen(command, cwd=ROOT, env=_environment(folder, **more), stdout=subprocess.PIPE, text=True)


def _environment(folder: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return {**inherited, "PARLEY_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "chatapp.settings", **more}


def _count(folder: Path, table: str, where: str = "1") -> int:
    connection = sqlite3.connect(f"file:{folder / 'parley.sqlite3'}?mode=ro", uri=True)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])
    finally:
        connection.close()


def _is_whole(folder: Path) -> None:
    """Every chat that is there has its question, its answer and its image; nothing is there without its chat."""
    chats = _count(folder, "conversations_conversation")
    assert _count(folder, "conversations_conversation", "leaf_id IS NOT NULL") == chats
    assert _count(folder, "conversations_message") == 2 * chats
    assert _count(folder, "images_attachment") == _count(folder, "images_image") == chats
    inside = "message_id IN (SELECT id FROM conversations_message WHERE role = 'user')"
    assert _count(folder, "images_attachment", inside) == chats
    # A file may be left over by a crash; one that is needed is never missing.
    assert _files(folder) >= chats


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "images").rglob("*-full.png"))

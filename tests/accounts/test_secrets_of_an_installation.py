"""Each installation makes secrets of its own and keeps them to itself."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatapp.settings import read_secret


def test_two_fresh_disks_get_two_secrets_and_each_keeps_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first, second = tmp_path / "first", tmp_path / "second"
    made = read_secret("SECRET_KEY", first)
    assert len(made) >= 50
    assert made != read_secret("SECRET_KEY", second)
    assert made == read_secret("SECRET_KEY", first)


def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    read_secret("SECRET_KEY", tmp_path / "secret")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_short_secret_from_the_environment_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "change-me")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read_secret("SECRET_KEY", tmp_path / "secret")

"""The documentation says what is there: settings, commands, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "bench/README.md"]


def test_every_setting_of_the_environment_is_documented() -> None:
    source = (ROOT / "chatapp/settings.py").read_text()
    read = set(re.findall(r'(?:read_\w+\(|environ\.get\()\s*"([A-Z0-9_]+)"', source))
    documented = set(re.findall(r"`([A-Z0-9_]+)`", (ROOT / "docs/install.md").read_text()))
    assert read
    assert read - documented == set()
    assert {name for name in documented if name.startswith("PARLEY_")} - read == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_commands_of_the_readme_are_there_and_can_be_run() -> None:
    for command in re.findall(r"^(bin/\w+)", (ROOT / "README.md").read_text(), re.MULTILINE):
        assert (ROOT / command).stat().st_mode & 0o111, command


def test_every_package_that_is_required_is_pinned() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.fullmatch(r"[\w.\-]+(\[[\w,]+\])?==[\w.]+", line), line

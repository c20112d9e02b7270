"""The house rules that a machine can check: who imports whom, late imports, vague rooms, long files."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path for room in ("chatapp", "accounts") for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts
)
VAGUE = {"utils", "helpers", "services", "managers", "misc", "common"}
LONGEST_FILE = 400

# The most specific prefix counts. A module imports only modules of a level that is not higher.
LEVELS = {
    "accounts": 1,
    "chatapp.upstream": 1,
    "chatapp.rendering": 1,
    "chatapp.demo": 1,
    "chatapp.imaging": 1,
    "chatapp.database": 1,
    "chatapp.logs": 1,
    "chatapp.bundles": 1,
    "chatapp.static": 1,
    "chatapp.confined": 1,
    "chatapp.catalog": 2,
    "chatapp.catalog.pages": 6,
    "chatapp.catalog.urls": 6,
    "chatapp.images.models": 2,
    "chatapp.images.apps": 2,
    "chatapp.images.views": 6,
    "chatapp.images.urls": 6,
    "chatapp.images": 3,
    "chatapp.search": 3,
    "chatapp.search.views": 6,
    "chatapp.search.urls": 6,
    "chatapp.filing": 5,
    "chatapp.filing.views": 6,
    "chatapp.filing.folder_views": 6,
    "chatapp.filing.urls": 6,
    "chatapp.transfer": 5,
    "chatapp.transfer.views": 6,
    "chatapp.transfer.urls": 6,
    "chatapp.retention.models": 2,
    "chatapp.retention": 3,
    "chatapp.retention.keeping": 5,
    "chatapp.retention.views": 6,
    "chatapp.retention.urls": 6,
    "chatapp.feedback": 5,
    "chatapp.feedback.views": 6,
    "chatapp.feedback.urls": 6,
    "chatapp.sharing.models": 2,
    "chatapp.sharing": 5,
    "chatapp.sharing.link_pages": 6,
    "chatapp.sharing.link_sockets": 6,
    "chatapp.sharing.link_views": 6,
    "chatapp.sharing.member_views": 6,
    "chatapp.sharing.public_views": 6,
    "chatapp.sharing.views": 6,
    "chatapp.sharing.urls": 6,
    "chatapp.audit": 3,
    "chatapp.audit.views": 6,
    "chatapp.audit.urls": 6,
    "chatapp.unread.models": 2,
    "chatapp.unread": 3,
    "chatapp.unread.views": 6,
    "chatapp.unread.urls": 6,
    "chatapp.prompts": 5,
    "chatapp.prompts.views": 6,
    "chatapp.prompts.urls": 6,
    "chatapp.conversations.models": 2,
    "chatapp.conversations.words": 1,
    "chatapp.conversations.tree": 2,
    "chatapp.conversations": 3,
    "chatapp.generation": 4,
    "chatapp.generation.hub": 1,
    "chatapp.conversations.changes": 5,
    "chatapp.conversations.actions": 5,
    "chatapp.conversations.upkeep": 5,
    "chatapp.conversations.waiting": 5,
    "chatapp.conversations.posts": 6,
    "chatapp.conversations.requests": 6,
    "chatapp.conversations.views": 6,
    "chatapp.conversations.urls": 6,
    "chatapp.generation.consumers": 6,
    "chatapp": 7,
}
LEAVES = {"accounts", "chatapp.upstream", "chatapp.rendering", "chatapp.demo", "chatapp.imaging"}
PURE = ("chatapp.upstream", "chatapp.rendering", "chatapp.demo", "chatapp.imaging")


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    while module not in LEVELS:
        module = module.rpartition(".")[0]
    return module


def imports_of(path: Path) -> list[str]:
    """Modules that this file imports when it runs; imports for the type checker alone do not count."""
    names: list[str] = []
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.split(".")[0] in ("chatapp", "accounts", "django", "httpx")]


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_lower_rooms_never_import_higher_ones(path: Path) -> None:
    own = room_of(module_name(path))
    for name in imports_of(path):
        if name.split(".")[0] not in ("chatapp", "accounts"):
            continue
        other = room_of(name)
        assert LEVELS[other] <= LEVELS[own], f"{own} imports {other}"
        if own in LEAVES and other in LEAVES:
            assert own == other, f"the leaves {own} and {other} know each other"


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_pure_rooms_know_no_django_and_httpx_has_one_door(path: Path) -> None:
    module, names = module_name(path), imports_of(path)
    if module.startswith(PURE):
        assert not [name for name in names if name.startswith("django")]
    if [name for name in names if name.startswith("httpx")]:
        assert module == "chatapp.upstream.transport"


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_no_import_hides_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            late = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not late, f"{node.name} imports late"


def test_no_room_has_a_vague_name() -> None:
    assert not [path for path in SOURCES if path.stem in VAGUE]


def test_no_file_of_ours_is_longer_than_two_screens_can_bear() -> None:
    kinds = {".py", ".js", ".css", ".html"}
    files = [
        path
        for folder in ("chatapp", "accounts", "static", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in kinds and "vendor" not in path.parts and "migrations" not in path.parts
    ]
    long = {str(path): count for path in files if (count := path.read_text().count("\n")) > LONGEST_FILE}
    assert not long

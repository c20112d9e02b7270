"""Every path that starts a generation asks the one function that decides who may use an alias."""

from __future__ import annotations

import ast
import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.scripted import scripted
from tests.live.server import Server
from tests.live.test_routes_and_queues import lead_to

CHATAPP = Path(__file__).resolve().parent.parent.parent / "chatapp"
# Where a model is asked, and what stands in front: add a line here only together with a check.
ASKED = {
    "generation/runs.py: open_answer": "plans.claim, which asks alias_named for the owner again",
    "generation/titles.py: complete": "the answer before it",
    "catalog/pages/alias_trials.py: open_answer": "administrators_only",
    "catalog/pages/alias_trials.py: probe": "administrators_only",
    "catalog/pages/provider_checks.py: probe": "administrators_only",
    "upstream/client.py: open_answer": "its callers",
    "upstream/probe.py: open_answer": "its callers",
}
# The actions that queue an answer.
QUEUED = {"ask": "_checked", "_retry": "usable_alias", "_answer": "usable_alias", "_queue_again": "usable_alias"}


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def test_no_other_module_asks_a_model() -> None:
    found = {
        f"{path.relative_to(CHATAPP)}: {name_of(call)}"
        for path in CHATAPP.rglob("*.py")
        if path.parent.name != "rendering"
        for call in calls(path)
        if name_of(call) in ("open_answer", "complete", "probe")
    }
    assert found == set(ASKED)


def test_no_other_action_queues_an_answer() -> None:
    trees = [ast.parse(path.read_text()) for path in (CHATAPP / "conversations").glob("*.py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    queued = {}
    for function in functions:
        inside = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        if any(name_of(call) == "Change" and any(word.arg == "start" for word in call.keywords) for call in inside):
            queued[function.name] = {name_of(call) for call in inside} & {"_checked", "usable_alias"}
    assert queued == {name: {check} for name, check in QUEUED.items()}


ALIAS = "(SELECT id FROM catalog_alias)"


def keep_to_a_group(server: Server) -> None:
    """The alias is for a group that only Ann is in."""
    group = server.write("INSERT INTO auth_group (name) VALUES ('Writers')")
    server.write(f"INSERT INTO catalog_alias_groups (alias_id, group_id) VALUES ({ALIAS}, ?)", group)
    ann = "(SELECT id FROM accounts_user WHERE name = 'Ann')"
    server.write(f"INSERT INTO accounts_user_groups (user_id, group_id) VALUES ({ann}, ?)", group)


async def test_who_is_not_in_the_group_reaches_no_upstream_by_any_path(own_server: Server) -> None:
    await own_server.start()
    async with scripted("P1", "cut") as upstream:
        lead_to(own_server, upstream.base_url)
        page, answer = await own_server.ask("Hello", "Eve")
        await page.settled(answer)
        assert (await page.post(f"/m/{answer - 1}/fork/")).status == 200
        (unanswered,) = own_server.rows("SELECT max(id) FROM conversations_message")[0]
        keep_to_a_group(own_server)
        typed = {"client_id": str(uuid.uuid4()), "text": "More", "alias": "demo"}
        for path, form in {
            "/new/": typed,
            f"/c/{page.conversation}/send/": typed,
            f"/m/{answer}/retry/": {},
            f"/m/{answer - 1}/edit/": typed,
            f"/m/{answer}/continue/": {},
            f"/m/{unanswered}/answer/": {},
        }.items():
            response = await page.post(path, **form)
            assert response.status == 422, path
        assert len(upstream.asked) == 1
        assert own_server.rows("SELECT count(*) FROM conversations_message") == [(3,)]


@pytest.mark.parametrize(("member", "shown"), [("Ann", True), ("Eve", False)])
async def test_the_alias_is_offered_in_its_group_alone(own_server: Server, member: str, shown: bool) -> None:
    await own_server.start()
    keep_to_a_group(own_server)
    page = await own_server.page(member)
    assert ('value="demo"' in page.html) == shown


async def test_access_that_is_taken_while_an_answer_waits_counts(own_server: Server) -> None:
    """The server dies with a queued answer; when that is tried again, its owner may not use the alias any more."""
    await own_server.start()
    async with scripted("P1", "hang") as upstream:
        lead_to(own_server, upstream.base_url)
        page, answer = await own_server.ask("Hello", "Eve")
        while not upstream.asked:
            await asyncio.sleep(0.02)
        own_server.kill()
        keep_to_a_group(own_server)
        await own_server.start()
        page = await own_server.page("Eve", page.conversation)
        await page.settled(answer)
        assert (await page.post(f"/m/{answer}/retry/")).status == 422
        assert len(upstream.asked) == 1

"""What a page of ours never sends: characters that PostgreSQL refuses, in every field of every door. None breaks."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from chatapp.demo import Demo
from tests.live.server import Server
from tests.postgres import needs_postgres, running
from tests.sharing.onlooker import make_link

NUL = "broken \0 here"
# Addresses with the fields that they take. C is a chat of the person's, Q and M are its question and answer, L is a
# link to it; X is no word at all.
READ = """
/ alias prompt
/sign-in/ next
/setup/X/
/sidebar/ lines c
/sidebar/older/ before
/c/C/ m before after near
/c/C/instructions/
/c/C/log/ before
/c/C/file/ part
/c/C/members/ q
/c/C/members/find/ q
/c/C/people/ q
/c/C/export/ kind
/c/C/export/file/ kind reasoning
/chats/ show q before
/archive/ before
/folders/ before
/search/ q alias folder from to before
/mentions/ before
/models/ show
/prompts/ q show page
/prompts/menu/ q
/shares/ at
/images/unsent/ id
/export/file/ reasoning
/manage/log/ before
/manage/feedback/ days before
/manage/providers/new/ preset port
/manage/aliases/models/ provider new-provider
/admin/accounts/user/ q o p
/s/X/
/s/X/image/1/
/s/L/image/X/
"""
WRITTEN = """
/m/M/retry/ alias think
/new/ text alias beside prompt image temporary
/c/C/send/ text alias beside prompt image
/m/Q/edit/ text alias beside image
/m/M/feedback/ opinion
/m/M/feedback/comment/ comment
/c/C/rename/ title
/c/C/instructions/ instructions temperature stop
/c/C/file/ folder
/c/C/move/ folder name new
/c/C/members/ member group may_write
/c/C/members/change/ participation
/c/C/pass-on/ member
/c/C/share/ label password kind days turns leaf
/chats/ act id folder name back
/chats/undo/ was
/folders/ name
/images/fetch/ url
/images/IMAGE/alt/ alt
/prompts/new/ name instructions first_message description temperature
/prompts/new/ name
/account/ name email
/account/theme/ theme
/account/password/ old_password password
/sign-in/ email password next
/s/L/open/ password
/s/L/continue/ client_id
/manage/log/read/ conversation reason
/manage/providers/new/ name address new_key dialect
/manage/providers/new/test/ name address new_key dialect
/manage/aliases/new/ name description
/manage/retention/new/ name days
/manage/shares/ most_days
/admin/login/ username password
"""
# What a form needs beside the broken field for that to be looked at.
USUAL = {
    "text": "A question",
    "alias": "demo",
    "reason": "A reason that says something",
    "kind": "snapshot",
    "days": "7",
}


@pytest_asyncio.fixture
async def server(demo: Demo, tmp_path: Path) -> AsyncIterator[Server]:
    with running() as cluster:
        own = Server(tmp_path, demo.base_url, PARLEY_DATABASE_URL=cluster.make("parley"))
        await own.start()
        own.write("UPDATE accounts_user SET is_staff = true, is_superuser = true")
        try:
            yield own
        finally:
            await own.close()


def doors(table: str) -> list[tuple[str, str]]:
    """Address and field, a pair for each field."""
    lines = [line.split() for line in table.split("\n") if line]
    return [(address, field) for address, *fields in lines for field in fields or [""]]


@needs_postgres
async def test_no_field_breaks_the_server(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=2 demo:fast")
    await page.settled(answer)
    question = str(answer - 1)
    names = {
        "C": page.conversation,
        "M": str(answer),
        "Q": question,
        "L": await make_link(server, page, password="open sesame"),
    }
    names["X"] = "a%00b"
    broken: list[object] = []
    for address, field in doors(READ):
        path = "/".join(names.get(part, part) for part in address.split("/"))
        for htmx in ({}, {"HX-Request": "true"}):
            async with page.http.get(
                server.base + path, params={field: NUL} if field else {}, headers=htmx
            ) as response:
                if response.status >= 500:
                    broken.append((address, field))
    for address, field in doors(WRITTEN):
        path = "/".join(names.get(part, part) for part in address.split("/"))
        fields = {"client_id": str(uuid.uuid4()), "conversation": page.conversation, **USUAL, field: NUL}
        response = await page.post(path, **fields)
        if response.status >= 500:
            broken.append((address, field))
    # A cookie has its escapes undone, too.
    broken += [path for path in ("/", "/sign-in/") if await status_with_broken_session(server, path) >= 500]
    assert broken == []
    assert "Traceback" not in server.output.read_text()


async def status_with_broken_session(server: Server, path: str) -> int:
    headers = {"Cookie": 'parley="broken\\000session"'}
    async with server.client().get(server.base + path, headers=headers) as response:
        return response.status

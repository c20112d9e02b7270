"""What a prompt gives a conversation: looked up when the message is sent, for the person who sends it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Message
from chatapp.demo import Demo
from chatapp.prompts.models import Prompt
from tests.live.page import Page
from tests.live.server import Server
from tests.prompts.shelf import FIELDS, prompt_of, text

Browser = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def closed(db: None) -> Alias:
    """An alias for a group that nobody is in."""
    made = Alias.objects.create(name="secret-model")
    made.groups.add(Group.objects.create(name="Board"))
    return made


def message(**fields: Any) -> dict[str, str]:
    return {"text": "What I typed", "alias": "demo", "client_id": str(uuid.uuid4())} | fields


async def write(server: Server, name: str, **values: str) -> int:
    """Write a prompt through the form; returns its id."""
    page = await server.page(name, connect=False)
    response = await page.post("/prompts/new/", **FIELDS | values)
    assert response.status == 302
    return int(server.rows("SELECT max(id) FROM prompts_prompt")[0][0])


async def sent(page: Page, **fields: str) -> aiohttp.ClientResponse:
    return await page.post("/new/", **message(text="demo:numbers=3 demo:fast") | fields)


async def opened(page: Page, response: aiohttp.ClientResponse) -> None:
    """Open the conversation that was made, and wait for its answer."""
    assert response.status == 200, await response.text()
    await page.load(response.headers["HX-Redirect"].split("/")[2])
    await page.connect()
    await page.settled(max(page.articles))


async def test_a_new_conversation_gets_instructions_and_parameters(server: Server, demo: Demo) -> None:
    prompt = await write(server, "Bob", shared="everyone", temperature="0.2", top_k="40")
    page = await server.page("Ann", connect=False)
    form = {"prompt": str(prompt), "instructions": "From the browser.", "temperature": "1.9"}
    await opened(page, await sent(page, **form))
    asked = next(asked for asked in demo.record.asked if asked.parameters.get("temperature") == 0.2)
    assert "Be brief." in str(asked.messages)
    assert "From the browser." not in str(asked.messages)
    assert asked.parameters["top_k"] == 40
    stored = "SELECT instructions, temperature, top_k, top_p FROM conversations_conversation"
    assert server.rows(stored) == [("Be brief.", 0.2, 40, None)]


async def test_what_is_changed_later_changes_no_conversation(server: Server, demo: Demo) -> None:
    prompt = await write(server, "Ann")
    page = await server.page("Ann", connect=False)
    client_id = str(uuid.uuid4())
    await opened(page, await sent(page, prompt=str(prompt), client_id=client_id))
    saved = await page.post(f"/prompts/{prompt}/edit/", **FIELDS | {"instructions": "Be long.", "seen": "1"})
    assert saved.status == 302
    # A repeat finds the conversation of the first send, also when the prompt is there no more.
    assert (await page.post(f"/prompts/{prompt}/archive/")).status == 200
    assert (await sent(page, prompt=str(prompt), client_id=client_id)).status == 200
    assert server.rows("SELECT instructions FROM conversations_conversation") == [("Be brief.",)]


@pytest.mark.parametrize("given", ["{}", "0", "-1", "x", "9223372036854775808", "9" * 4000, "1\x00", "１", " "])
@pytest.mark.parametrize("htmx", [True, False])
def test_a_prompt_that_is_not_theirs_is_refused_and_the_text_stays(
    ann: User, eve: User, alias: Alias, signed_in: Browser, given: str, htmx: bool
) -> None:
    prompt = prompt_of(ann, title="Ann's secret")
    form = message(prompt=given.format(prompt.pk))
    response = signed_in(eve).post("/new/", form, headers=HTMX if htmx else {})
    assert response.status_code == 422
    assert "The prompt is not there for you any more." in text(response)
    page = response.content.decode()
    assert "secret" not in page
    assert 'name="prompt"' not in page
    assert ("What I typed" in page) != htmx
    assert not Conversation.objects.exists()


def test_a_refused_message_keeps_its_prompt(ann: User, alias: Alias, signed_in: Browser) -> None:
    prompt = prompt_of(ann)
    response = signed_in(ann).post("/new/", message(text=" ", prompt=str(prompt.pk)))
    assert response.status_code == 422
    assert f'name="prompt" value="{prompt.pk}"' in response.content.decode()


def test_the_start_page_is_filled_in(ann: User, alias: Alias, signed_in: Browser) -> None:
    other = Alias.objects.create(name="other", thinking=Alias.Thinking.OPTIONAL)
    route = alias.routes.get()
    other.routes.create(provider=route.provider, upstream_model="other")
    prompt = prompt_of(ann, alias=other.pk, think="1")
    html = signed_in(ann).get(f"/prompts/{prompt.pk}/use/").content.decode()
    assert f'<input type="hidden" name="prompt" value="{prompt.pk}">' in html
    assert '<input type="hidden" name="alias" value="other">' in html
    assert '<input type="hidden" name="think" value="1">' in html
    assert re.search(r"<textarea id=\"text\"[^>]*>\nSum up {{paper}} for {{reader}}\.</textarea>", html)
    assert "not open to you" not in html


def test_a_closed_model_is_replaced_by_the_default_and_told(
    ann: User, bob: User, alias: Alias, closed: Alias, signed_in: Browser
) -> None:
    prompt = prompt_of(ann, shared="everyone")
    Prompt.objects.update(alias=closed)
    browser = signed_in(bob)
    for page in ("use/", "chip/", ""):
        html = browser.get(f"/prompts/{prompt.pk}/{page}").content.decode()
        assert "It names a model that is not open to you" in html
        assert "secret-model" not in html
    assert (
        '<input type="hidden" name="alias" value="demo">' in browser.get(f"/prompts/{prompt.pk}/use/").content.decode()
    )
    # The owner keeps the choice that somebody else has made, without its name.
    edit = signed_in(ann).get(f"/prompts/{prompt.pk}/edit/").content.decode()
    assert f'<option value="{closed.pk}" selected>One that is not open to you</option>' in edit


def test_a_conversation_takes_the_instructions_and_gives_them_back(
    ann: User, bob: User, alias: Alias, signed_in: Browser
) -> None:
    prompt = prompt_of(bob, shared="everyone", temperature="0.2")
    before = {"instructions": "As it\nwas. <b>", "temperature": 0.9, "top_k": 5}
    conversation = Conversation.objects.create(owner=ann, active_at=timezone.now(), **before)
    browser = signed_in(ann)
    html = browser.post(f"/prompts/{prompt.pk}/instruct/{conversation.pk}/", headers=HTMX).content.decode()
    conversation.refresh_from_db()
    # What the prompt says nothing of stays.
    assert (conversation.instructions, conversation.temperature, conversation.top_k) == ("Be brief.", 0.2, 5)
    assert 'value="As it\nwas. &lt;b&gt;"' in html
    undo = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html.replace("&lt;b&gt;", "<b>")))
    assert browser.post(f"/c/{conversation.pk}/instructions/", undo).status_code == 303
    conversation.refresh_from_db()
    assert {name: getattr(conversation, name) for name in before} == before
    assert conversation.top_p is None


def test_only_the_owner_of_a_conversation_instructs_it(ann: User, eve: User, signed_in: Browser) -> None:
    prompt = prompt_of(eve)
    conversation = Conversation.objects.create(owner=ann, active_at=timezone.now())
    browser = signed_in(eve)
    assert browser.post(f"/prompts/{prompt.pk}/instruct/{conversation.pk}/").status_code == 404
    assert browser.post(f"/prompts/{prompt.pk}/instruct/x/").status_code == 404
    conversation.refresh_from_db()
    assert conversation.instructions == ""


def test_the_chip_offers_instructions_where_a_conversation_is(
    ann: User, eve: User, alias: Alias, signed_in: Browser
) -> None:
    prompt = prompt_of(ann)
    conversation = Conversation.objects.create(owner=ann, title="Cathodes", active_at=timezone.now())
    browser = signed_in(ann)
    inside = browser.get(f"/prompts/{prompt.pk}/chip/?c={conversation.pk}").content.decode()
    assert f'hx-post="/prompts/{prompt.pk}/instruct/{conversation.pk}/"' in inside
    assert 'name="prompt"' not in inside
    message_alone = prompt_of(ann, name="words", instructions="")
    plain = browser.get(f"/prompts/{message_alone.pk}/chip/?c={conversation.pk}").content.decode()
    assert "instruct" not in plain
    theirs = prompt_of(eve)
    strange = signed_in(eve).get(f"/prompts/{theirs.pk}/chip/?c={conversation.pk}").content.decode()
    assert str(conversation.pk) not in strange
    assert 'name="prompt"' not in strange
    assert not Message.objects.exists()


def test_the_first_page_does_not_grow_with_the_library(ann: User, alias: Alias, signed_in: Browser) -> None:
    browser = signed_in(ann)
    before = len(browser.get("/").content)
    for i in range(30):
        prompt_of(ann, name=f"p{i}", instructions="x" * 5_000, title="x" * 100)
    assert abs(len(browser.get("/").content) - before) < 100

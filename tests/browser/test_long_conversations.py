"""A long conversation opens at its end; what is older comes as it is scrolled to, and moves nothing that is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from chatapp.demo import numbers
from tests.browser.conftest import OpenWindow
from tests.browser.pictures import picture
from tests.browser.tab import Tab, numbers_in
from tests.browser.window import PATIENCE
from tests.live.history import write_long
from tests.live.server import Server

EXCHANGES = 60
# What a reader does not see.
MOST_PIXELS = 2
ANSWER = """## Part {n}

Words about number {n}. {words}

$$\\int_0^{n} x^2\\,dx = \\frac{{{n}^3}}{{3}}$$

```python
def f{n}(x):
    return x + {n}
```

| n | square |
|---|-------:|
| {n} | $x^{{{n}}}$ |
"""

# Scroll so that the first turn on the page is so many pixels above the upper edge, and let everything be drawn there;
# where that stands now which is in the middle of the window.
SCROLL = """async (above) => {
  const first = document.getElementById("thread").firstElementChild;
  for (let i = 0; i < 5; i += 1) {
    scrollBy({ top: first.getBoundingClientRect().top + above, behavior: "instant" });
    await new Promise((done) => setTimeout(done, 150));
  }
  const lines = [...document.querySelectorAll(".thread :is(.prose > *, .slip)")];
  window.read = lines.find((line) => line.getBoundingClientRect().top > innerHeight / 3);
  const top = () => window.read.getBoundingClientRect().top;
  let before;
  do {
    before = top();
    await new Promise((done) => setTimeout(done, 300));
  } while (top() !== before);
  return top();
}"""
# Whether the page does something itself at this key, rather than leave it to the browser.
TAKEN = """(element, key) => !element.dispatchEvent(
  new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }))"""
WHERE = "() => window.read.getBoundingClientRect().top"
SEEN = """() => [...document.querySelectorAll(".thread > .turn")]
  .filter((turn) => turn.getBoundingClientRect().bottom > 60 && turn.getBoundingClientRect().top < innerHeight)
  .map((turn) => turn.id)"""


@dataclass
class Long:
    """A conversation of Ann's with an image in its first question; `messages` are those after that exchange."""

    path: str
    messages: list[int]


@pytest_asyncio.fixture(loop_scope="session")
async def long(server: Server) -> AsyncIterator[Long]:
    page = await server.page("Ann", connect=False)
    image = await page.attach(picture("shot.png", 640, 480)["buffer"])
    answer = await page.send("demo:numbers=3 demo:fast", images=[image])
    await page.connect()
    await page.settled(answer)
    texts = [(f"Question {n}", ANSWER.format(n=n, words="and so on " * (20 + n % 7 * 40))) for n in range(EXCHANGES)]
    conversation, messages = await write_long(server, texts, to=page.conversation)
    yield Long(f"/c/{conversation}/", messages)
    await page.close()


async def turns(page: Page) -> int:
    return await page.locator(".thread > .turn").count()


async def more_turns(page: Page, than: int) -> None:
    """Wait until there are more, and until everything that was to be drawn is."""
    await page.wait_for_function("(than) => document.getElementById('thread').children.length > than", arg=than)
    await page.wait_for_timeout(700)


async def test_it_opens_at_its_end_ready_to_write(open_window: OpenWindow, long: Long) -> None:
    tab = await (await open_window()).tab(long.path)
    await expect(tab.field).to_be_focused()
    await expect(tab.page.get_by_text("122 turns")).to_be_visible()
    assert f"m{long.messages[-1]}" in await tab.page.evaluate(SEEN)
    assert (await tab.turns())[-30:] == [f"m{pk}" for pk in long.messages[-30:]]


@pytest.mark.parametrize("above", [1_700, 600, 0])
async def test_older_turns_move_nothing_that_is_read(open_window: OpenWindow, long: Long, above: int) -> None:
    window = await open_window()
    gate = Gate()
    await window.context.route("**/?before=*", gate.hold)
    tab = await window.tab(long.path)
    for count in (30, 60, 90):
        gate.open.clear()
        before = await tab.page.evaluate(SCROLL, above)
        assert await turns(tab.page) == count
        gate.open.set()
        await more_turns(tab.page, count)
        assert abs(await tab.page.evaluate(WHERE) - before) <= MOST_PIXELS
    assert await tab.turns() == [f"m{pk}" for pk in [long.messages[0] - 2, long.messages[0] - 1, *long.messages]][-120:]


@dataclass
class Gate:
    """Answers come when it is opened."""

    open: asyncio.Event

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def hold(self, route: Route) -> None:
        await self.open.wait()
        await route.continue_()


async def test_nor_where_the_browser_has_no_anchors(open_window: OpenWindow, long: Long) -> None:
    window = await open_window()
    await window.context.add_init_script("""
        const supports = CSS.supports.bind(CSS);
        CSS.supports = (name, value) => name !== "overflow-anchor" && supports(name, value);
        addEventListener("DOMContentLoaded", () => { document.documentElement.style.overflowAnchor = "none"; });
    """)
    gate = Gate()
    await window.context.route("**/?before=*", gate.hold)
    tab = await window.tab(long.path)
    before = await tab.page.evaluate(SCROLL, 700)
    gate.open.set()
    await more_turns(tab.page, 30)
    assert abs(await tab.page.evaluate(WHERE) - before) <= MOST_PIXELS


async def test_nor_while_an_answer_is_written_at_the_end(open_window: OpenWindow, long: Long) -> None:
    window = await open_window()
    tab = await window.tab(long.path)
    answer = await tab.ask("demo:numbers=250 demo:rate=60")
    await tab.shows(answer, 10)
    gate = Gate()
    await window.context.route("**/?before=*", gate.hold)
    count = await turns(tab.page)
    before = await tab.page.evaluate(SCROLL, 1_000)
    gate.open.set()
    await more_turns(tab.page, count)
    assert abs(await tab.page.evaluate(WHERE) - before) <= MOST_PIXELS
    await tab.settled(answer)
    assert abs(await tab.page.evaluate(WHERE) - before) <= MOST_PIXELS
    assert numbers_in(await tab.text(answer)) == numbers_in(numbers(250, "paragraph"))


async def test_everything_comes_by_keyboard_alone(open_window: OpenWindow, long: Long) -> None:
    window = await open_window()
    # As if nothing ever came near.
    await window.context.add_init_script("IntersectionObserver.prototype.observe = () => {};")
    tab = await window.tab(long.path)
    link = tab.page.get_by_role("link", name="Earlier messages")
    for count in (30, 60, 90, 120):
        first = tab.page.locator(".thread > .turn").first
        name = await first.get_attribute("id")
        await link.focus()
        await tab.page.keyboard.press("Enter")
        await more_turns(tab.page, count)
        await expect(tab.page.locator(f"#{name} .by")).to_be_focused()
    await expect(link).to_be_hidden()
    await expect(tab.page.locator(".thread img").first).to_be_visible()


async def test_a_link_to_a_turn_shows_what_is_around_it_and_the_rest_when_it_is_scrolled_to(
    open_window: OpenWindow, long: Long
) -> None:
    target = long.messages[60]
    tab = await (await open_window()).tab(f"{long.path}?m={target}#m{target}")
    await expect(tab.answer(target)).to_be_in_viewport()
    assert tab.path == f"{long.path}#m{target}"
    await expect(tab.page.get_by_role("button", name="Jump to latest")).to_be_visible()
    for _ in range(40):
        await tab.page.mouse.move(700, 400)
        await tab.page.mouse.wheel(0, 4_000)
        await tab.page.wait_for_timeout(100)
    ids = await tab.turns()
    assert ids[-1] == f"m{long.messages[-1]}"
    assert ids == [f"m{pk}" for pk in long.messages][-len(ids) :]
    await expect(tab.page.get_by_role("link", name="Later messages")).to_be_hidden()


async def test_what_is_sent_from_far_above_is_shown_at_the_end(open_window: OpenWindow, long: Long) -> None:
    window = await open_window()
    tab = await window.tab(f"{long.path}?m={long.messages[20]}")
    other = await window.tab(long.path)
    far = await tab.turns()
    answer = await other.ask("demo:numbers=3 demo:fast")
    await other.settled(answer)
    assert f"m{answer}" not in await tab.turns()
    assert (await tab.turns())[: len(far)] == far
    await tab.field.fill("demo:numbers=4 demo:fast")
    await tab.field.press("Enter")
    answer = await other.newer(answer)
    await expect(tab.answer(answer)).to_be_in_viewport()
    await tab.settled(answer)
    await expect(tab.field).to_have_value("")


async def test_home_and_end_belong_to_what_has_the_focus(open_window: OpenWindow, long: Long) -> None:
    tab = await (await open_window()).tab(long.path)
    end = await tab.page.evaluate("scrollY")
    assert end > 0
    link = tab.sidebar.get_by_role("link", name="New chat")
    await link.focus()
    assert await link.evaluate(TAKEN, {"key": "Home"}) is False
    thread = tab.page.locator("#thread")
    for held in ("shiftKey", "altKey", "metaKey"):
        assert await thread.evaluate(TAKEN, {"key": "Home", held: True}) is False
    assert await thread.evaluate(TAKEN, {"key": "Home"}) is True
    assert await tab.page.evaluate("scrollY") < end


async def test_jump_to_latest_leads_to_the_end(open_window: OpenWindow, long: Long) -> None:
    tab = await (await open_window()).tab(f"{long.path}?m={long.messages[20]}")
    await tab.field.fill("Not sent yet")
    await tab.page.get_by_role("button", name="Jump to latest").click()
    await expect(tab.answer(long.messages[-1])).to_be_in_viewport()
    await expect(tab.field).to_have_value("Not sent yet")


async def rest(tab: Tab) -> tuple[list[str], float]:
    """What is seen once nothing has moved for half a second, and where the first of it begins."""
    now: tuple[list[str], float] = [], 0
    still = 0
    async with asyncio.timeout(PATIENCE / 1_000):
        while still < 5:
            before, seen = now, await tab.page.evaluate(SEEN)
            top = await tab.answer(int(seen[0][1:])).evaluate("(turn) => turn.getBoundingClientRect().top")
            now = seen, top
            still = still + 1 if now == before else 0
            await tab.page.wait_for_timeout(100)
    return now


async def test_a_reload_comes_back_to_what_was_read(open_window: OpenWindow, long: Long) -> None:
    tab = await (await open_window()).tab(f"{long.path}?m={long.messages[20]}")
    before = await rest(tab)
    await tab.page.mouse.move(700, 400)
    await tab.page.mouse.wheel(0, 300)
    async with asyncio.timeout(PATIENCE / 1_000):
        while (await rest(tab)) == before:
            continue
    seen, top = await rest(tab)
    for _ in range(5):
        await tab.page.reload()
        await tab.page.wait_for_function(f"() => document.getElementById('{seen[0]}')")
        seen_again, again = await rest(tab)
        assert seen_again == seen
        assert abs(again - top) <= MOST_PIXELS


async def test_an_address_of_a_turn_that_is_gone_opens_the_end(open_window: OpenWindow, long: Long) -> None:
    tab = await (await open_window()).tab(f"{long.path}#m999999")
    await expect(tab.answer(long.messages[-1])).to_be_in_viewport()
    tab = await (await open_window()).tab(f"{long.path}#m{long.messages[10]}")
    await expect(tab.answer(long.messages[10])).to_be_in_viewport()


async def test_another_version_far_above_keeps_the_place(open_window: OpenWindow, long: Long) -> None:
    question = long.messages[40]
    window = await open_window()
    tab, end = await window.tab(f"{long.path}?m={question}#m{question}"), await window.tab(long.path)
    place = tab.page.locator(f"#m{question}")
    await place.get_by_role("link", name="Edit and ask again").click()
    await tab.page.get_by_role("textbox", name="Question").fill("demo:numbers=3 demo:fast")
    await tab.page.keyboard.press("Enter")
    await expect(place).to_have_count(0)
    answer = await tab.newest()
    await tab.settled(answer)
    assert (await tab.turns())[-2:] == [f"m{answer - 1}", f"m{answer}"]
    # The other tab showed nothing but what is not on this branch.
    await expect(end.answer(answer)).to_be_in_viewport()
    await expect(tab.page.get_by_text("44 turns")).to_be_visible()
    await tab.page.wait_for_timeout(300)
    before = await tab.page.locator(f"#m{answer - 1}").evaluate("(turn) => turn.getBoundingClientRect().top")
    await tab.page.get_by_role("button", name="Previous version").focus()
    await tab.page.keyboard.press("Enter")
    await expect(place).to_be_in_viewport()
    await expect(tab.page.get_by_text("122 turns")).to_be_visible()
    await tab.page.wait_for_timeout(300)
    after = await place.evaluate("(turn) => turn.getBoundingClientRect().top")
    assert abs(after - before) <= MOST_PIXELS
    await expect(place.get_by_role("button", name="Next version")).to_be_focused()
    assert f"m{long.messages[-1]}" not in await tab.turns()
    await tab.page.get_by_role("button", name="Jump to latest").click()
    await expect(tab.answer(long.messages[-1])).to_be_in_viewport()


async def test_a_page_that_cannot_be_loaded_says_so_and_can_be_asked_for_again(
    open_window: OpenWindow, long: Long
) -> None:
    window = await open_window()
    window.expect("Failed to load resource")
    await window.context.route("**/?before=*", lambda route: route.fulfill(status=503))
    tab = await window.tab(long.path)
    await tab.page.evaluate(SCROLL, 600)
    link = tab.page.get_by_role("link", name="Earlier messages could not be loaded. Try again")
    await expect(link).to_have_count(1)
    await window.context.unroute("**/?before=*")
    await link.click()
    await more_turns(tab.page, 30)
    await expect(link).to_have_count(0)


async def test_what_changes_while_older_turns_are_on_their_way_is_not_lost(open_window: OpenWindow, long: Long) -> None:
    """The answer far above is made again while the page with it is on its way: its first state never stays."""
    window = await open_window()
    let_go = asyncio.Event()
    held: list[str] = []

    async def hold(route: Route) -> None:
        response = await route.fetch()
        held.append(route.request.url)
        await let_go.wait()
        await route.fulfill(response=response)

    # It may ask for what follows as soon as it is there.
    await window.context.route("**/?after=*", hold)
    tab = await window.tab(f"{long.path}?m={long.messages[60]}")
    other = await (await open_window()).tab(f"{long.path}?m={long.messages[-1]}")
    # Turns become higher when they are first seen, and the end is further down then.
    for _ in range(200):
        await tab.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        await tab.page.wait_for_timeout(50)
        if held:
            break
    assert held
    answer = await other.ask("demo:numbers=5 demo:fast")
    await other.settled(answer)
    let_go.set()
    await tab.page.get_by_role("button", name="Jump to latest").wait_for()
    await tab.page.evaluate("""async () => {
        for (let i = 0; i < 60; i += 1) {
          scrollTo(0, document.documentElement.scrollHeight);
          await new Promise((done) => setTimeout(done, 50));
        }
    }""")
    assert (await tab.turns())[-2:] == [f"m{answer - 1}", f"m{answer}"]
    await expect(tab.page.get_by_text("124 turns")).to_be_visible()


async def test_without_javascript_links_lead_up_and_down(open_window: OpenWindow, long: Long) -> None:
    tab = await (await open_window(java_script_enabled=False)).tab(long.path)
    seen: list[str] = []
    while True:
        seen = [*await tab.turns(), *seen]
        link = tab.page.get_by_role("link", name="Earlier messages")
        if not await link.count():
            break
        # Until the whole page is there, and not only its first turns.
        async with tab.page.expect_navigation():
            await link.click()
    assert seen[2:] == [f"m{pk}" for pk in long.messages]
    async with tab.page.expect_navigation():
        await tab.page.get_by_role("link", name="Later messages").click()
    assert await tab.turns() == seen[len(seen) % 30 :][:30]


async def test_days_are_set_apart_by_the_readers_clock(open_window: OpenWindow, long: Long) -> None:
    tab = await (await open_window(timezone_id="Asia/Shanghai")).tab(long.path)
    await tab.page.evaluate(SCROLL, 600)
    await more_turns(tab.page, 30)
    answer = await tab.ask("demo:numbers=3 demo:fast")
    await tab.settled(answer)
    days = await tab.page.evaluate("""() => [...document.querySelectorAll(".thread > .turn")].map((turn) => [
      new Date(turn.querySelector(".by time").dateTime).toDateString(),
      turn.querySelector(".day:not([hidden])")?.textContent ?? "",
    ])""")
    expected = [""] + [day if day != before else "" for (before, _), (day, _) in zip(days, days[1:], strict=False)]
    assert sum(map(bool, expected)) >= 1
    for (_, line), day in zip(days[1:], expected[1:], strict=True):
        assert bool(line) == bool(day)
        assert not day or all(part.lstrip("0") in line for part in day.split()[2:3])

"""Everything that is done in a conversation, from the first Tab to where the focus is left: keys alone."""

from __future__ import annotations

from playwright.async_api import Page, expect

from chatapp.demo import Demo, numbers
from tests.browser.conftest import OpenWindow
from tests.browser.database import add_alias, questions
from tests.browser.keyboard import Keys, ask
from tests.browser.tab import Tab
from tests.browser.test_copy_a_table import clipboard, with_clipboard
from tests.live.history import write_long
from tests.live.server import Server

QUICK = "demo:numbers=3 demo:fast"


async def opened(open_window: OpenWindow, *questions: str) -> tuple[Tab, Keys]:
    """A conversation in which these were asked and answered, by keys."""
    tab = await (await open_window()).tab()
    for question in questions:
        await tab.settled(await ask(tab, question))
    return tab, Keys(tab.page)


async def on_heading(page: Page, answer: int) -> None:
    """The answer's heading has the focus and shows it."""
    await expect(page.locator(f"#m{answer} .by")).to_be_focused()
    await Keys(page).on()


async def test_a_question_is_asked_in_other_words_and_its_versions_are_switched(open_window: OpenWindow) -> None:
    tab, keys = await opened(open_window, f"one {QUICK}")
    slip, heading = tab.page.locator("article .slip"), tab.page.locator("article").first.locator(".by")
    for words in ("two", "three"):
        await keys.press("Alt+ArrowUp", "Alt+ArrowUp")
        await keys.use("Edit and ask again")
        await keys.on("Question")
        await keys.press("Control+a")
        await keys.type(f"{words} {QUICK}")
        await keys.press("Enter")
        await expect(slip).to_have_text(f"{words} {QUICK}")
        await expect(tab.page.locator("article[data-by=model]")).to_have_attribute("data-status", "done")
        await expect(heading).to_be_focused()
        await keys.on()
        await keys.press("Control+/", "Escape")
    await keys.use("Previous version")
    await expect(slip).to_have_text(f"two {QUICK}")
    await expect(tab.page.locator("article").first).to_contain_text("2/3")
    await keys.on("Previous version")
    await keys.press("Enter")
    await expect(slip).to_have_text(f"one {QUICK}")
    await keys.on("Next version")
    await keys.press("Enter")
    await expect(slip).to_have_text(f"two {QUICK}")
    await keys.on("Next version")
    await tab.page.reload()
    await expect(slip).to_have_text(f"two {QUICK}")


async def test_it_is_answered_again_by_the_same_model_and_by_another(open_window: OpenWindow) -> None:
    tab, keys = await opened(open_window, QUICK)
    first = await tab.newest()
    await keys.press("Alt+ArrowUp")
    await keys.use("Answer again")
    second = await tab.newer(first)
    await tab.settled(second)
    await keys.on()
    await keys.tab_to("Model: demo")
    await keys.press("Enter")
    await expect(tab.page.get_by_role("menuitemradio", name="demo")).to_be_focused()
    await keys.press("End", "Enter")
    await keys.on("Model: other")
    await keys.use("Answer again", back=True)
    third = await tab.newer(second)
    await tab.settled(third)
    await expect(tab.answer(third).locator(".by bdi")).to_have_text("other")
    await expect(tab.answer(third)).to_contain_text("3/3")
    await keys.on()
    await keys.press("Alt+ArrowUp", "Alt+ArrowDown")
    await keys.use("Previous version")
    await expect(tab.answer(second)).to_contain_text("2/3")
    await keys.on("Previous version")
    await keys.press("Enter")
    await expect(tab.answer(first)).to_contain_text("1/3")
    await keys.on("Next version")


async def test_a_chat_goes_on_from_an_earlier_answer_in_a_chat_of_its_own(open_window: OpenWindow) -> None:
    tab, keys = await opened(open_window, f"one {QUICK}", f"two {QUICK}")
    path = tab.path
    await keys.press("Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowUp")
    await keys.use("Go on in a chat of its own")
    await tab.page.wait_for_url(lambda url: url != tab.server.base + path)
    await expect(tab.page.locator("article .slip")).to_have_text([f"one {QUICK}"])
    await tab.settled(await ask(tab, f"three {QUICK}"))
    await tab.open(path)
    await expect(tab.page.locator("article .slip")).to_have_text([f"one {QUICK}", f"two {QUICK}"])


async def test_or_from_a_question(open_window: OpenWindow) -> None:
    tab, keys = await opened(open_window, f"one {QUICK}")
    path = tab.path
    await keys.press("Alt+ArrowUp", "Alt+ArrowUp")
    await keys.use("Go on in a chat of its own")
    await tab.page.wait_for_url(lambda url: url != tab.server.base + path)
    assert len(await tab.turns()) == 1
    await tab.settled(await ask(tab, f"two {QUICK}"))
    assert len(await tab.turns()) == 3


async def test_an_answer_that_broke_off_is_continued(open_window: OpenWindow) -> None:
    tab, keys = await opened(open_window)
    answer = await ask(tab, "By keyboard: demo:numbers=300 demo:rate=300 demo:once-cut")
    await tab.settled(answer, "interrupted")
    await keys.press("Alt+ArrowUp")
    await keys.use("Continue")
    await tab.settled(answer)
    assert await tab.words(answer) == numbers(300)
    await on_heading(tab.page, answer)


async def test_what_waits_is_edited_and_removed(open_window: OpenWindow, server: Server) -> None:
    tab, keys = await opened(open_window)
    waiting = tab.page.locator("#waiting .slip")
    answer = await ask(tab, "demo:numbers=5000 demo:rate=60")
    for text in (f"first {QUICK}", f"second {QUICK}", f"third {QUICK}"):
        await keys.type(text)
        await keys.press("Enter")
        await expect(tab.field).to_have_value("")
    await expect(waiting).to_have_count(3)
    await keys.tab_to("Edit", back=True)
    await keys.tab_to("Edit", back=True)
    await keys.press("Enter")
    await keys.on("Question")
    await keys.type(" reworded")
    await keys.press("Enter")
    await expect(waiting.nth(1)).to_have_text(f"second {QUICK} reworded")
    await keys.on("Edit")
    await keys.press("Enter")
    await keys.on("Question")
    await keys.type(" never")
    await keys.press("Escape")
    await keys.on("Edit")
    # Where one is removed, the next has the focus, and after the last one the composer.
    await keys.use("Remove")
    await expect(waiting).to_have_text([f"first {QUICK}", f"third {QUICK}"])
    await keys.on("Remove")
    await keys.press("Enter")
    await expect(waiting).to_have_text([f"first {QUICK}"])
    await keys.on("Remove")
    await keys.press("Enter")
    await expect(waiting).to_have_count(0)
    await keys.on("Message")
    await keys.press("Escape")
    await tab.settled(answer, "stopped")
    assert questions(server, f"first {QUICK}") == 0


async def test_what_comes_meanwhile_leaves_the_hands_where_they_write(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    keys, waiting = Keys(tab.page), tab.page.locator("#waiting .slip")
    answer = await ask(tab, "demo:numbers=5000 demo:rate=60")
    other = await window.tab(tab.path)
    await other.field.fill("a c")
    await other.field.press("Enter")
    await expect(waiting).to_have_count(1)
    await tab.page.bring_to_front()
    await keys.tab_to("Edit", back=True)
    await keys.press("Enter")
    await keys.on("Question")
    await keys.press("ArrowLeft")
    await other.field.fill("another")
    await other.field.press("Enter")
    await expect(waiting).to_have_count(2)
    await keys.on("Question")
    await keys.type("b ")
    await keys.press("Enter")
    await expect(waiting).to_have_text(["a b c", "another"])
    await keys.on("Edit")
    await expect(tab.page.locator("[data-edit]")).to_have_count(0)
    await keys.press("Escape")
    await tab.settled(answer, "stopped")


async def test_what_waits_is_sent_on_after_a_failure(open_window: OpenWindow) -> None:
    tab, keys = await opened(open_window)
    answer = await ask(tab, "demo:numbers=300 demo:rate=5 demo:cut")
    await keys.type(QUICK)
    await keys.press("Enter")
    await expect(tab.page.locator("#waiting .slip")).to_have_text([QUICK])
    await tab.settled(answer, "interrupted")
    await keys.use("Send now", back=True)
    following = await tab.newer(answer)
    await tab.settled(following)
    await keys.on("Message")


async def test_an_answer_its_code_and_its_table_are_copied(open_window: OpenWindow, server: Server) -> None:
    code, table = "def area(r):\n    return 3.14 * r**2", "| Name | 值 |\n|---|--:|\n| $r$ | **2** |"
    source = f"Before.\n\n```python\n{code}\n```\n\n{table}\n"
    conversation, _ = await write_long(server, [("Question", source)])
    tab = await (await with_clipboard(open_window)).tab(f"/c/{conversation}/")
    keys = Keys(tab.page)
    for name, copied in (("Copy", code), ("Copy table", "Name\t值\n$r$\t2"), ("Copy answer", source)):
        await keys.on("Message")
        await keys.press("Alt+ArrowUp")
        await keys.use(name)
        await expect(tab.page.locator("#say")).to_have_text("Copied")
        assert (await clipboard(tab.page)).strip() == copied.strip()
        await keys.on()
        await tab.page.reload()
        await keys.tab_to("Message")


async def test_an_opinion_is_given_with_a_comment(open_window: OpenWindow) -> None:
    tab, keys = await opened(open_window, QUICK)
    await keys.press("Alt+ArrowUp")
    await keys.use("Bad answer")
    await keys.on("Bad answer")
    await keys.tab_to("What was wrong? Optional")
    await keys.type("三 is missing")
    await keys.press("Tab", "Space")
    await keys.use("Save")
    await keys.on("Comment sent")
    stored = tab.server.rows("SELECT good, comment, sent FROM conversations_feedback ORDER BY id DESC LIMIT 1")
    assert stored == [(0, "三 is missing", 1)]


async def test_instructions_and_parameters_hold_for_the_next_message(open_window: OpenWindow, demo: Demo) -> None:
    window = await open_window()
    window.expect("status of 422", "Error Code 422")
    tab = await window.tab()
    keys = Keys(tab.page)
    await tab.settled(await ask(tab, QUICK))
    path = tab.path
    await keys.use("More actions for this conversation", back=True)
    await keys.use("Instructions")
    await tab.page.wait_for_url("**/instructions/")
    await keys.tab_to("Instructions")
    await keys.type("Answer in one sentence.")
    await keys.tab_to("Temperature")
    await keys.type("9")
    await keys.press("Enter")
    await expect(tab.page.get_by_role("alert").first).to_contain_text("Nothing is saved yet.")
    await keys.on("Temperature")
    await keys.press("Control+a")
    await keys.type("0.2")
    await keys.use("Save", back=True)
    await tab.page.wait_for_url(tab.server.base + path)
    await tab.settled(await ask(tab, f"instructed {QUICK}"))
    asked = next(one for one in demo.record.asked if one.messages[-1]["content"] == f"instructed {QUICK}")
    assert asked.messages[0] == {"role": "system", "content": "Answer in one sentence."}
    assert asked.parameters["temperature"] == 0.2


async def test_a_chat_that_is_not_kept_is_kept_after_all(open_window: OpenWindow) -> None:
    tab, keys = await opened(open_window)
    await keys.on("Message")
    await keys.tab_to("Temporary")
    await keys.press("Space")
    await keys.tab_to("Message", back=True)
    await tab.settled(await ask(tab, f"Waves on ice {QUICK}"))
    await keys.on("Message")
    await keys.use("Keep this chat", back=True)
    await expect(tab.page.locator("[data-kept]")).to_be_focused()
    await keys.on()
    await expect(tab.sidebar.locator("[aria-current=page]")).to_be_visible()


async def test_three_models_answer_and_the_second_is_kept(own_server: Server, open_window: OpenWindow) -> None:
    await own_server.start()
    for name in ("other", "third"):
        add_alias(own_server, name)
    tab = await (await open_window("Ann", own_server)).tab()
    keys, answers = Keys(tab.page), tab.page.locator("article[data-by=model]")
    await keys.on("Message")
    await keys.use("Compare with other models")
    for name in ("other", "third"):
        await keys.tab_to(name)
        await keys.press("Space")
    await keys.press("Escape")
    await keys.on("Compare with other, third")
    await keys.tab_to("Message", back=True)
    await ask(tab, QUICK)
    await expect(answers).to_have_count(3)
    await expect(answers.locator(".by bdi")).to_have_text(["demo", "other", "third"])
    for at in range(3):
        await expect(answers.nth(at)).to_have_attribute("data-status", "done")
    await keys.press("Alt+ArrowUp", "Alt+ArrowUp")
    await expect(answers.nth(1).locator(".by")).to_be_focused()
    await keys.use("Go on from this one")
    await expect(answers).to_have_count(1)
    await expect(answers).to_contain_text("2/3")
    await expect(answers.locator(".by bdi")).to_have_text("other")
    await on_heading(tab.page, await tab.newest())

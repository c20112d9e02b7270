"""Hands that have no mouse: Tab leads to a control by its name, and whatever has the focus must be seen to have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

from tests.browser.tab import Tab

MOST_STEPS = 300

# The name of what has the focus; whether that shows; whether it is in the window and nothing lies on it. A box that is
# drawn by its label is seen there. Null when nothing has the focus.
STOP = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const words = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    return node.ariaHidden === "true" ? "" : ` ${[...node.childNodes].map(words).join("")} `;
  };
  const named = element.getAttribute("aria-label") || words(element.labels?.[0] ?? element);
  const drawn = element.matches("input.sr") ? element.closest("label") : element;
  const { outlineStyle, outlineWidth } = getComputedStyle(drawn);
  const composer = element.matches("textarea") && element.closest(".composer");
  const around = composer && getComputedStyle(composer).boxShadow !== "none";
  const { left, right, top, bottom } = drawn.getBoundingClientRect();
  const middle = (from, to, end) => (Math.max(from, 0) + Math.min(to, end)) / 2;
  const hit = document.elementFromPoint(middle(left, right, innerWidth), middle(top, bottom, innerHeight));
  return {
    name: named.replace(/\\s+/g, " ").replaceAll(" ,", ",").trim(),
    ring: Boolean(around) || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1),
    there: element.checkVisibility(),
    seen: Boolean(hit) && (drawn.contains(hit) || hit.contains(drawn)),
  };
}"""
IS_SEEN = f"(name) => {{ const stop = ({STOP})(); return stop?.ring && stop.seen && (!name || stop.name === name); }}"


@dataclass(frozen=True)
class Keys:
    """The keyboard of one tab."""

    page: Page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def on(self, name: str = "") -> None:
        """Wait until the control of this name, or any, has the focus and shows it."""
        try:
            await self.page.wait_for_function(IS_SEEN, arg=name)
        except Exception as error:
            raise AssertionError(f"not on {name or 'anything'} but {await self.page.evaluate(STOP)}") from error

    async def tab_to(self, name: str, *, back: bool = False) -> None:
        """Press Tab, or with Shift, until the control of this name has the focus; each stop must show itself."""
        passed: list[str] = []
        for _ in range(MOST_STEPS):
            await self.press("Shift+Tab" if back else "Tab")
            stop: dict[str, Any] | None = await self.page.evaluate(STOP)
            if stop is None:
                continue
            assert stop["there"], f"{stop['name']} has the focus and is not there"
            assert stop["ring"], f"{stop['name']} does not show its focus"
            passed.append(stop["name"])
            if stop["name"] == name:
                return await self.on(name)
        raise AssertionError(f"{name} is not reached: {passed}")

    async def use(self, name: str, *, back: bool = False) -> None:
        """Go to the control of this name, and press Enter."""
        await self.tab_to(name, back=back)
        await self.press("Enter")


async def ask(tab: Tab, text: str) -> int:
    """Write and send in the composer, which has the focus; returns the id of the answer."""
    before = await tab.newest()
    keys = Keys(tab.page)
    await keys.on("Message")
    await keys.type(text)
    await keys.press("Enter")
    return await tab.newer(before)

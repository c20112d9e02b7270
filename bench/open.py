"""How fast does a long conversation open, and does what is older come without moving what is read?

    bench/open [--messages 1000] [--characters 1920000] [--times 15]

Writes the conversation (bench/chat.py), 2 MB of text, and a short one to compare with. Asks the server for both, one
request after the other; opens both in Chromium, each time in a new tab of one window; then scrolls up, page by page, to
the beginning.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import BrowserContext

from bench.chrome import chromium, signed_in
from bench.figures import percentile, run, show_json, show_table, spread_ms
from bench.processes import ROOT
from bench.session import Member
from bench.stack import Stack, browsers, parley_environment, stack

WARM_UP = 3
SHORT = 10
MOST_OPEN_MS = 1_000
MOST_PIXELS = 2.0
SERVER_MS = 80
# Far more pages than such a conversation has.
MOST_PAGES = 400

# The field has the focus, so scripts have run, and the last turn is in the window; one picture later it was painted.
READY = """
window.opened = new Promise((done) => {
  const look = () => {
    const last = document.querySelector(".thread > .turn:last-child")?.getBoundingClientRect();
    const seen = last && last.bottom > 0 && last.bottom < innerHeight && document.activeElement?.id === "text";
    if (!seen) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  };
  requestAnimationFrame(look);
});
"""
# From the moment that the reader is where the page begins to the picture with older turns; how far a line is from its
# place in any picture from then until everything is drawn. An intersection observer tells where the line was painted;
# to ask for its rectangle would lay out what is not painted yet.
UP = """async () => {
  const thread = document.getElementById("thread");
  const painted = (line) => new Promise((done) => new IntersectionObserver(([entry], observer) => {
    observer.disconnect();
    done(entry.boundingClientRect.top);
  }).observe(line));
  const more = document.querySelector("[data-more=before]");
  if (more.hidden) return null;
  const count = thread.children.length;
  scrollBy({ top: more.getBoundingClientRect().bottom - 100, behavior: "instant" });
  const began = performance.now();
  const lines = [...thread.querySelectorAll(":scope > .turn :is(.prose > *, .slip)")];
  const line = lines.find((one) => one.getBoundingClientRect().top > innerHeight / 3);
  // The turn that it is in is laid out now.
  await painted(line);
  const top = await painted(line);
  let moved = 0;
  let ms;
  while (!ms || performance.now() < began + ms + 800) {
    moved = Math.max(moved, Math.abs(await painted(line) - top));
    if (!ms && thread.children.length > count) ms = performance.now() - began;
  }
  return { ms, moved, turns: thread.children.length };
}"""


@dataclass(frozen=True)
class Chat:
    """A conversation; `bytes` is its text's."""

    name: str
    messages: int
    path: str
    bytes: int


def written(directory: Path, name: str, messages: int, characters: int) -> Chat:
    command = [sys.executable, "-m", "bench.chat", "--messages", str(messages), "--characters", str(characters)]
    done = subprocess.run(command, cwd=ROOT, env=parley_environment(directory, 0), check=True, stdout=subprocess.PIPE)
    made = json.loads(done.stdout)
    return Chat(name, messages, made["path"], made["bytes"])


async def asked(member: Member, path: str, times: int) -> dict[str, float]:
    """The server's time for this page, in ms, and its size."""
    taken = []
    for _ in range(WARM_UP + times):
        began = time.monotonic_ns()
        html = await member.get(path)
        taken.append(time.monotonic_ns() - began)
    return spread_ms(taken[WARM_UP:]) | {"kB": round(len(html.encode()) / 1000, 1)}


async def opened(context: BrowserContext, address: str, times: int) -> dict[str, float]:
    """From the start of the navigation to the composer ready and the last turn painted, in ms."""
    taken = []
    for _ in range(WARM_UP + times):
        page = await context.new_page()
        await page.add_init_script(READY)
        await page.goto(address, wait_until="commit")
        taken.append(int(1e6 * await page.evaluate("window.opened")))
        await page.close()
    return spread_ms(taken[WARM_UP:])


async def upwards(context: BrowserContext, address: str) -> dict[str, float]:
    """Scroll up to the beginning: what a page of older turns takes, in ms, and what moved at most, in pixels."""
    page = await context.new_page()
    await page.goto(address)
    await asyncio.sleep(1)
    steps: list[Mapping[str, float]] = []
    while len(steps) < MOST_PAGES and (step := await page.evaluate(UP)):
        steps.append(step)
    await page.close()
    moved = sorted(step["moved"] for step in steps)
    spread = spread_ms(int(1e6 * step["ms"]) for step in steps)
    return spread | {"pages": len(steps), "turns": steps[-1]["turns"], "moved_px": percentile(moved, 1.0)}


async def measure(running: Stack, chats: list[Chat], times: int) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {chat.name: {} for chat in chats}
    async with browsers() as http, chromium() as browser:
        member = running.member(http, running.seed.sessions[0])
        context = await signed_in(browser, member)
        for chat in chats:
            found[chat.name]["server"] = await asked(member, chat.path, times)
            found[chat.name]["browser"] = await opened(context, member.base + chat.path, times)
        long = chats[0]
        found[long.name]["older"] = await upwards(context, member.base + long.path)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--characters", type=int, default=1_920_000)
    parser.add_argument("--times", type=int, default=15)
    given = parser.parse_args()
    with stack(1) as running:
        each = given.characters // given.messages
        chats = [
            written(running.directory, "long", given.messages, given.characters),
            written(running.directory, "short", SHORT, each * SHORT),
        ]
        found = run(measure(running, chats, given.times))
    for chat in chats:
        show_json({"chat": chat.name, "messages": chat.messages, "bytes": chat.bytes} | found[chat.name])
    long, older = found["long"], found["long"]["older"]
    rows = [
        [
            chat.name,
            chat.messages,
            f"{chat.bytes / 1e6:.2f}",
            *(found[chat.name]["server"][key] for key in ("p50", "p95")),
        ]
        + [found[chat.name]["server"]["kB"], *(found[chat.name]["browser"][key] for key in ("p50", "p95", "max"))]
        for chat in chats
    ]
    titles = ("chat", "messages", "MB", "server p50 ms", "p95", "kB", "browser p50 ms", "p95", "max")
    show_table(titles, rows)
    show_table(
        ("pages of older turns", "p50 ms", "p95 ms", "moved px"),
        [[older[key] for key in ("pages", "p50", "p95", "moved_px")]],
    )
    whole = older["turns"] == given.messages
    good = long["browser"]["p95"] <= MOST_OPEN_MS and older["moved_px"] <= MOST_PIXELS and whole
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

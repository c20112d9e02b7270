"""Requests of a page that wait at the server's door: `await (await next_of(held)).continue_()` lets one in."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, Route

from tests.browser.window import PATIENCE


async def holding(page: Page, addresses: str) -> asyncio.Queue[Route]:
    held = asyncio.Queue[Route]()
    await page.route(addresses, held.put_nowait)
    return held


async def next_of(held: asyncio.Queue[Route]) -> Route:
    return await asyncio.wait_for(held.get(), PATIENCE / 1_000)

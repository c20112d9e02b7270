"""Every page comes under a strict policy and needs nothing that it forbids."""

from __future__ import annotations

import re
import uuid

import pytest

from tests.browser.conftest import OpenWindow

INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|(?:href|src|action)\s*=\s*[\"']?javascript:",
    re.IGNORECASE,
)
FORBIDDEN = ("unsafe-inline", "unsafe-eval", "*")
REQUIRED = (
    "default-src 'self'",
    "script-src 'self'",
    "object-src 'none'",
    "base-uri",
    "form-action",
    "frame-ancestors 'none'",
)
PAGES = ["/", "/account/", "/sign-in/", "/setup/wrong/", f"/c/{uuid.UUID(int=1)}/", "/nowhere/", "conversation"]


async def test_htmx_is_the_version_that_the_templates_are_written_for(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    assert str(await tab.page.evaluate("htmx.version")).startswith("2.")
    assert await tab.page.evaluate("htmx.config.allowEval") is False


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_a_strict_policy_and_nothing_inline(open_window: OpenWindow, path: str) -> None:
    window = await open_window("Ann")
    window.expect("status of 404")
    tab = await window.tab()
    if path == "conversation":
        await tab.settled(await tab.ask("Show me Chinese, maths and code demo:rate=5000"))
        path = tab.path
    response = await tab.page.goto(tab.server.base + path)
    assert response
    policy = response.headers["content-security-policy"]
    for word in REQUIRED:
        assert word in policy
    for word in FORBIDDEN:
        assert word not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert INLINE.findall(await response.text()) == []


async def test_what_is_for_browsers_without_a_script_is_not_shown_to_others(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    for path in ("/", tab.path):
        await tab.open(path)
        assert await tab.page.locator("noscript").count()
        assert await tab.page.locator("noscript:visible").count() == 0

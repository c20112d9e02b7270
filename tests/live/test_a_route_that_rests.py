"""A provider that says to come back later is left alone until then; who has another way does not wait for it."""

from __future__ import annotations

from tests.live.server import Server
from tests.live.test_routes_and_queues import lead_to, made_by, upstreams

# Longer than a member waits here.
REST, PATIENCE = 100, 20


async def test_while_one_provider_rests_the_next_route_answers_at_once(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([f"429 {REST}"], []) as (resting, other):
        routes = lead_to(own_server, resting.base_url, other.base_url)
        for _ in range(3):
            page, answer = await own_server.ask("Hello")
            assert (await page.settled(answer, PATIENCE)).text == "from P2"
            assert made_by(own_server, answer)[0] == routes[1]
        assert len(resting.asked) == 1
        assert len([asked for asked in other.asked if asked["stream"]]) == 3

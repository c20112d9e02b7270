"""The files of a deleted conversation go with its undo time, those of others stay."""

from __future__ import annotations

import asyncio

from tests.live.server import Server
from tests.live.test_images_in_requests import picture
from tests.live.test_routes_and_queues import lead_to, upstreams


async def test_files_go_when_the_undo_time_is_over(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        kept, gone = [await own_server.page() for _ in range(2)]
        for page in (kept, gone):
            answer = await page.send("?", images=[await page.attach(picture("red"))])
            await page.connect()
            await page.settled(answer)
        assert len(files(own_server)) == 6
        await gone.post(f"/c/{gone.conversation}/delete/")
        own_server.kill()
        own_server.write(
            "UPDATE conversations_conversation SET deleted_at = '2020-01-01 00:00:00' WHERE deleted_at IS NOT NULL"
        )
        await own_server.start()
        # The watch of the process begins with the first socket, and clears up at once.
        await own_server.page("Bob")
        async with asyncio.timeout(20):
            while len(files(own_server)) != 3:
                await asyncio.sleep(0.1)
        assert own_server.rows("SELECT count(*) FROM images_image") == [(1,)]
        assert own_server.rows("SELECT count(*) FROM conversations_conversation") == [(1,)]


def files(server: Server) -> list[str]:
    """Stored and small, and the size that went upstream, of each image."""
    return sorted(str(path) for path in (server.data / "images").rglob("*") if path.is_file())

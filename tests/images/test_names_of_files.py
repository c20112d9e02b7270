"""Names that a file may come with: it is stored under one of ours, and shown as text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from accounts.models import User
from chatapp.images.models import NAME_CHARACTERS, Image
from chatapp.images.storing import shown_name
from tests.images.browser import Browser, stored_files
from tests.imaging.files import corners_as

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = {
    "up": (b"../../../../etc/cron.d/x.jpg", "x.jpg"),
    "absolute": (b"/etc/passwd", "passwd"),
    "Windows": (rb"C:\\Windows\\win.ini", "win.ini"),
    "NUL": (b"x.php\x00.jpg", "x.php.jpg"),
    "line break": (b"x%0d%0aSet-Cookie: a=b.jpg", "x%0d%0aSet-Cookie: a=b.jpg"),
    "bare line feed": (b"x\nSet-Cookie: a=b.jpg", None),
    "quotes": (rb"a\"; filename=\"b.html", 'a"; filename="b.html'),
    "right to left": ("photo\u202egpj.exe".encode(), "photogpj.exe"),
    "zero width": ("a\u200bb.jpg".encode(), "ab.jpg"),
    "long": (b"x" * 900 + b".jpeg", "x" * 114 + "….jpeg"),
    "longer": (b"x" * 5_000 + b".jpeg", None),
    "HTML": (b"<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
    "htaccess": (b".htaccess", ".htaccess"),
    "device": (b"con", "con"),
    "Chinese": ("阴极 4.png".encode(), "阴极 4.png"),
    "not UTF-8": (b"caf\xe9.jpg", None),
}


@pytest.mark.parametrize("case", NAMES)
async def test_a_name_is_shown_and_never_used(
    case: str, ann: User, browser: Callable[[User | None], Awaitable[Browser]], folder: Path
) -> None:
    name, shown = NAMES[case]
    tab = await browser(ann)
    response = await tab.upload_raw(b'form-data; name="image"; filename="' + name + b'"', corners_as("JPEG"))
    if response.status_code != 201:
        assert response.status_code in (400, 422)
        assert shown is None
        assert stored_files(folder) == []
        return
    image = await Image.objects.aget()
    assert image.name == shown or shown is None
    assert 1 <= len(image.name) <= NAME_CHARACTERS
    assert image.name.isprintable()
    assert "<img src=x" not in response.content.decode()
    assert [path.name for path in stored_files(folder)] == [f"{image.pk.hex}-full.jpg", f"{image.pk.hex}-small.webp"]
    assert {path.name for path in folder.iterdir()} == {"images", "uploads"}  # noqa: ASYNC240
    served = await tab.get(f"/images/{image.pk}/")
    assert served["Content-Disposition"] == f'inline; filename="image-{image.pk.hex[:8]}.jpg"'
    assert "Set-Cookie" not in served.headers


@pytest.mark.parametrize("name", ["", ".", "..", "/", "a/", "\u202e"])
def test_what_is_no_name_gets_one(name: str) -> None:
    assert shown_name(name) in ("image", ".", "..", "a")

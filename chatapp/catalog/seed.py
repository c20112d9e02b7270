"""What a new server starts with: the demo, and the Intern API when its key is at hand."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from chatapp.catalog.models import Alias, Provider, Route

INTERN_URL = "https://chat.intern-ai.org.cn/api/v1"

_Thinking = Alias.Thinking
# Name, description, reads images, thinking.
_INTERN_ALIASES = [
    ("intern-latest", "The newest Intern model", True, _Thinking.OPTIONAL),
    ("intern-s1-pro", "Science, maths, figures", True, _Thinking.OPTIONAL),
    ("intern-s1", "Science with images", True, _Thinking.OPTIONAL),
    ("intern-s1-mini", "Quick drafts and rewriting", True, _Thinking.OPTIONAL),
    ("internvl3.5-latest", "Reads scans, plots and tables", True, _Thinking.NONE),
]
_DEMO_ALIASES = [
    ("demo", "Scripted replies that show what Parley does", True, _Thinking.OPTIONAL),
    ("demo-plain", "Scripted replies, text alone", False, _Thinking.NONE),
]


def first_start(demo_url: str, intern_key: str) -> None:
    """Make providers and aliases on an empty database; later starts only follow the demo to its new port."""
    with transaction.atomic():
        if not Provider.objects.exists():
            if intern_key:
                intern = Provider(name="Intern", dialect=Provider.Dialect.INTERN, base_url=INTERN_URL)
                intern.set_key(intern_key)
                intern.save()
                _make_aliases(intern, _INTERN_ALIASES, order=10)
            if demo_url:
                demo = Provider.objects.create(name="Demo", dialect=Provider.Dialect.DEMO, base_url=demo_url)
                _make_aliases(demo, _DEMO_ALIASES, order=50)
        if demo_url:
            Provider.objects.filter(dialect=Provider.Dialect.DEMO).update(base_url=demo_url)


def _make_aliases(provider: Provider, wanted: Sequence[tuple[str, str, bool, str]], order: int) -> None:
    for offset, (name, description, vision, thinking) in enumerate(wanted):
        alias = Alias.objects.create(
            name=name,
            description=description,
            vision=vision,
            thinking=thinking,
            order=order + offset,
            default=not Alias.objects.filter(default=True).exists(),
        )
        Route.objects.create(alias=alias, provider=provider, upstream_model=name)

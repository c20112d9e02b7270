"""What an address of the search asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.dateparse import parse_date

from chatapp.conversations.words import clean
from chatapp.search.index import Filters
from chatapp.search.query import QUERY_CHARACTERS

ALIAS_CHARACTERS = 64
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as the form has it; days are those of the reader's calendar. What cannot be read is not asked."""

    query: str = ""
    alias: str = ""
    folder: int | None = None
    since: date | None = None
    until: date | None = None
    images: bool = False
    code: bool = False
    shared: bool = False
    before: int | None = None

    @classmethod
    def read(cls, sent: QueryDict) -> Asked:
        return cls(
            query=clean(sent.get("q", ""))[:QUERY_CHARACTERS].strip(),
            alias=clean(sent.get("alias", ""))[:ALIAS_CHARACTERS],
            folder=_number(sent.get("folder", "")),
            since=_day(sent.get("from", "")),
            until=_day(sent.get("to", "")),
            images=sent.get("images") == "1",
            code=sent.get("code") == "1",
            shared=sent.get("shared") == "1",
            before=_number(sent.get("before", "")),
        )

    @property
    def filtered(self) -> bool:
        return bool(self.alias or self.folder or self.since or self.until or self.images or self.code or self.shared)

    @property
    def one_word(self) -> bool:
        return len(self.query.split()) == 1

    @property
    def days(self) -> str:
        """The button that chooses days."""
        if self.since and self.until:
            return f"{_short(self.since)} – {_short(self.until)}"
        if self.since:
            return f"Since {_short(self.since)}"
        return f"Until {_short(self.until)}" if self.until else "Any time"

    def filters(self, zone: ZoneInfo) -> Filters:
        return Filters(
            alias=self.alias,
            folder=self.folder,
            since=_midnight(self.since, zone),
            until=_midnight(self.until + timedelta(days=1), zone) if self.until else None,
            images=self.images,
            code=self.code,
            shared=self.shared,
        )

    def older(self, before: int) -> str:
        """The address of the next page, without the path."""
        sent = QueryDict(mutable=True)
        sent["q"] = self.query
        given = {"alias": self.alias, "folder": self.folder, "from": self.since, "to": self.until}
        for name, value in given.items():
            if value:
                sent[name] = str(value)
        for name, ticked in {"images": self.images, "code": self.code, "shared": self.shared}.items():
            if ticked:
                sent[name] = "1"
        sent["before"] = str(before)
        return sent.urlencode()


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_ID)):
        return None
    return int(text) if int(text) <= LARGEST_ID else None


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    # Beyond these a clock elsewhere may show a year that no calendar has.
    return day if day and date.min.year < day.year < date.max.year else None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time.min, zone) if day else None


def _short(day: date) -> str:
    return f"{day.day} {day:%b %Y}"

"""What the program that saved a page wrote into it: the page's address, and when it was saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from scraper.timestamps import format_timestamp, parse_timestamp

_SEARCHED: Final = 4096
"""Bytes at the beginning and at the end of a page in which such a comment stands."""
_LONGEST: Final = 1500
_ADDRESS = re.compile(
    r"(?:saved from (?:url=\(\d{1,6}\))?|url: |Mirrored from )\s?(\S{4,2000})", re.IGNORECASE
)
_WAYBACK = re.compile(r"https?://web\.archive\.org/web/\d{4,14}(?:[a-z]{2}_)?/(?=https?://)")


@dataclass(frozen=True, slots=True)
class SavedFrom:
    """The address of a saved page, and when it was saved (UTC); each may be empty."""

    url: str = ""
    at: str = ""


def read_saved_from(body: bytes) -> SavedFrom:
    """Read the comment of a browser (``saved from url=…``), SingleFile, HTTrack, monolith or the
    Wayback Machine. A date that lacks its zone is no date."""
    edges = body if len(body) < 2 * _SEARCHED else body[:_SEARCHED] + b"\n" + body[-_SEARCHED:]
    for comment in _comments(edges.decode("utf-8", "replace")):
        found = SavedFrom(_address(comment), _date(comment))
        if found != SavedFrom():
            return found
    return SavedFrom()


def _comments(text: str) -> Iterator[str]:
    for part in text.split("<!--")[1:]:
        comment, end, _ = part.partition("-->")
        if end and len(comment) <= _LONGEST:
            yield comment


def _address(comment: str) -> str:
    found = _ADDRESS.search(comment)
    if not found:
        return ""
    url = found[1].rstrip(",")
    if "://" not in url:
        return f"http://{url}"
    return without_wayback(url) if url.startswith(("http://", "https://")) else ""


def without_wayback(url: str) -> str:
    """The address of a page that the Wayback Machine shows under one of its own."""
    return _WAYBACK.sub("", url, count=1)


def _date(comment: str) -> str:
    for pattern, parse in _DATES:
        found = pattern.search(comment)
        if found:
            try:
                return format_timestamp(parse(found[1]))
            except (ValueError, OverflowError):
                return ""
    return ""


def _javascript_date(text: str) -> datetime:
    """``Sat Nov 29 2025 13:05:11 GMT+0100``, as SingleFile writes it."""
    return datetime.strptime(text, "%a %b %d %Y %H:%M:%S GMT%z")


def _wayback_date(text: str) -> datetime:
    """``12:34:56 Jan 01, 2020``, in UTC."""
    return datetime.strptime(text, "%H:%M:%S %b %d, %Y").replace(tzinfo=UTC)


_DATES: Final[tuple[tuple[re.Pattern[str], Callable[[str], datetime]], ...]] = (
    (
        re.compile(r"saved date: (\w{3} \w{3} \d{1,2} \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4})"),
        _javascript_date,
    ),
    (
        re.compile(r"HTTrack[^>]{0,200}?, (\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d GMT)"),
        parsedate_to_datetime,
    ),
    (re.compile(r"FILE ARCHIVED ON (\d\d:\d\d:\d\d \w{3} \d\d, \d{4})"), _wayback_date),
    (
        re.compile(r" at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) using monolith"),
        parse_timestamp,
    ),
)

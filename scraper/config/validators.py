"""Validators of the values in the file of stores: each takes what TOML parsed and returns what the
program uses, or raises InvalidValue."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import time
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scraper.config.cron import Window, check_expression
from scraper.exceptions import NotAStoreURL
from scraper.hosts import parse_store_url

Check = Callable[[Any], Any]

NAME = re.compile(r"[\w-][\w.-]{0,63}")
"""A valid name of a store or a channel."""

MOST_JITTER_MINUTES = 12 * 60
MOST_RATE = 100.0

_HANDLE = re.compile(r"[^\s/?#,]{1,200}")
_NOT_BLANK = re.compile(r"(?=\s*+\S).{1,1000}", re.S)
_CLOCK = r"((?:[01][0-9]|2[0-3]):[0-5][0-9])"
_WINDOW = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}")


class InvalidValue(ValueError):
    """Raised by a validator: the reason, and `within`, the index of the list item it is about."""

    def __init__(self, reason: str, *within: int) -> None:
        super().__init__(reason)
        self.within = within


def url(raw: Any) -> str:
    """A store's address, or ``demo``."""
    text = _text(raw)
    if text == "demo":
        return text
    try:
        parse_store_url(text)
    except NotAStoreURL as error:
        raise InvalidValue(str(error)) from None
    return text


def schedule(raw: Any) -> str:
    """A cron expression of five fields."""
    text = _text(raw)
    if reason := check_expression(text):
        raise InvalidValue(reason)
    return text


def timezone(raw: Any) -> ZoneInfo:
    """A time zone by its name in the IANA database."""
    text = _text(raw)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise InvalidValue(
            f"{text[:40]!r} is not a time zone: write one such as Europe/Berlin"
        ) from None


def window(raw: Any) -> Window:
    """The hours of the day in which a crawl may begin, ``22:00-05:30``."""
    found = _WINDOW.fullmatch(_text(raw).strip())
    if found is None or found[1] == found[2]:
        raise InvalidValue("write two times of the day that differ, such as 22:00-05:30")
    return Window(opens=time.fromisoformat(found[1]), closes=time.fromisoformat(found[2]))


def jitter_minutes(raw: Any) -> int:
    """The longest random delay of a run, in minutes."""
    return int(_number(raw, most=MOST_JITTER_MINUTES, integer=True))


def rate(raw: Any) -> float:
    """The most requests a second to this store."""
    number = _number(raw, most=MOST_RATE)
    if number == 0:
        raise InvalidValue("it must be more than 0")
    return number


def sweep_days(raw: Any) -> float:
    """Days, as in the setting ARCHIVE_SWEEP_DAYS."""
    return _number(raw, most=36_500)


def handles(raw: Any) -> tuple[str, ...]:
    """Blogs of the store, by their handles."""
    return _texts(
        raw, _HANDLE, "is not the handle of a blog: write the part of its address after /blogs/"
    )


def names(raw: Any) -> tuple[str, ...]:
    """Names of channels."""
    return _texts(raw, NAME, "is not the name of a channel")


def path(raw: Any) -> str:
    """The path of a file."""
    text = _text(raw)
    if not text or "\x00" in text:
        raise InvalidValue("it must be the path of a file")
    return text


def web_address(raw: Any) -> str:
    """An http or https URL."""
    text = _text(raw)
    try:
        parts = urlsplit(text)
        labels = (parts.hostname or "").removesuffix(".").split(".")
        fits = parts.scheme in {"http", "https"} and all(labels) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not text.isascii() or not text.isprintable() or " " in text:
        raise InvalidValue("it must be an address that begins with https:// or http://")
    return text


def line(raw: Any) -> str:
    """A text of one line that is not blank."""
    text = _text(raw)
    if not text.strip() or not text.isprintable() or len(text) > 1000:
        raise InvalidValue("it must be a text of one line")
    return text


def texts(raw: Any) -> tuple[str, ...]:
    """Texts, none of them blank."""
    return _texts(raw, _NOT_BLANK, "is blank or too long")


def count(raw: Any) -> int:
    """A count, up to a million."""
    return int(_number(raw, most=1_000_000, integer=True))


def share(raw: Any) -> float:
    """A share from 0 to 1."""
    return _number(raw, most=1)


def nearest(word: str, known: Iterable[str], *, what: str = "unknown key") -> str:
    """The message for an unknown word, with the nearest known one if any is close."""
    near = get_close_matches(word, list(known), n=1)
    if near:
        return f"{what}; did you mean {near[0]}?"
    return f"{what}: it is none of {', '.join(sorted(known))}"


def yes_or_no(raw: Any) -> bool:
    """True or false."""
    if not isinstance(raw, bool):
        raise InvalidValue("it must be true or false, without quotes")
    return raw


def tables(raw: Any) -> list[dict[str, Any]]:
    """A list of tables; their keys are checked elsewhere."""
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise InvalidValue(
            "it must be a list of tables: begin each with a header in double brackets"
        )
    return raw


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise InvalidValue("it must be a text, in quotes")
    return raw


def _texts(raw: Any, pattern: re.Pattern[str], reason: str) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise InvalidValue('it must be a list of texts, such as ["news"]')
    for number, one in enumerate(raw):
        if not isinstance(one, str) or not pattern.fullmatch(one):
            raise InvalidValue(f"{str(one)[:40]!r} {reason}", number)
    return tuple(dict.fromkeys(raw))


def _number(raw: Any, *, most: float, integer: bool = False) -> float:
    kinds: tuple[type, ...] = (int, float)
    name = "number"
    if integer:
        kinds, name = (int,), "whole number"
    is_number = isinstance(raw, kinds) and not isinstance(raw, bool)
    if not is_number or not 0 <= raw <= most or not math.isfinite(raw):
        raise InvalidValue(f"it must be a {name} from 0 to {most:g}")
    number: float = raw
    return number

"""Reading the arguments of commands. A wrong one raises `UsageProblem`, one line for a person."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from scraper.archive.rows import row_number
from scraper.exceptions import UsageProblem
from scraper.timestamps import LAST_DAY, end_of_day, parse_day, span_of_days


def add_store_option(parser: argparse.ArgumentParser) -> None:
    """Add `--store`, which limits a command to one store of the archive."""
    parser.add_argument(
        "--store", metavar="NAME", default="", help="one store only, by its name or address"
    )


def add_span_options(parser: argparse.ArgumentParser, what: str) -> None:
    """Add `--since` and `--until`; `what` of those days is chosen, such as ``answers of``."""
    parser.add_argument(
        "--since", metavar="DATE", help=f"{what} this day (UTC, YYYY-MM-DD) or later"
    )
    parser.add_argument("--until", metavar="DATE", help=f"{what} this day (UTC) or before")


def only_argument(args: Sequence[str], what: str) -> str:
    """Return the one argument that a command takes. Raises UsageProblem."""
    if len(args) != 1:
        raise UsageProblem(f"give one {what}")
    return args[0]


def day_span(since: str | None, until: str | None) -> tuple[str, str]:
    """Return the start and the excluded end of `--since` to `--until`, as UTC times.

    Either may be open. Raises UsageProblem.
    """
    first, last = _days(since, until)
    return f"{first.isoformat()}T00:00:00Z", f"{(last + timedelta(days=1)).isoformat()}T00:00:00Z"


def span_of_fetches(since: str | None, until: str | None) -> tuple[str, str]:
    """Return the first and the last second of `--since` to `--until`, as UTC times. Raises
    UsageProblem."""
    return span_of_days(*(day.isoformat() for day in _days(since, until)))


def _days(since: str | None, until: str | None) -> tuple[date, date]:
    first = _day("--since", since or "0001-01-01")
    last = min(_day("--until", until or LAST_DAY), date.max - timedelta(days=1))
    if last < first:
        raise UsageProblem("--until is before --since")
    return first, last


def day_start(option: str, text: str) -> str:
    """Return the first second (UTC) of the day that an option names. Raises UsageProblem."""
    return f"{_day(option, text).isoformat()}T00:00:00Z"


def day_end(on: str | None, option: str = "--on") -> str:
    """Return the last second of the day of an option, as a UTC time; a time as it is, and empty
    without one. Raises UsageProblem."""
    try:
        return end_of_day(on) if on else ""
    except ValueError as error:
        raise UsageProblem(f"{option}: {error}") from error


def unknown_blogs(option: str, chosen: Iterable[str], named: Collection[str]) -> str:
    """Return which blogs that an option chooses are none of the store's, and which it has; empty if
    all are, or if it named none."""
    unknown = [repr(handle) for handle in map(str.strip, chosen) if handle and handle not in named]
    if not unknown or not named:
        return ""
    return f"{option}: no blog {', '.join(unknown)}; there is {', '.join(sorted(named))}"


def count(text: str) -> int:
    """Read the number of an option such as `--limit`, 1 or more: a type for argparse."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 1_000_000:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number such as 20")


def whole_number(text: str) -> int:
    """Read the number of a crawl, change or revision: a type for argparse."""
    found = row_number(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as 20")
    return found


def _day(option: str, text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise UsageProblem(f"{option}: {error}") from error


def add_cluster_option(parser: argparse.ArgumentParser) -> None:
    """Add `--cluster`, for commands that can read the merged index of a cluster."""
    parser.add_argument(
        "--cluster",
        action="store_true",
        help="all stores of a cluster, from its merged index (setting ARCHIVE_INDEX)",
    )

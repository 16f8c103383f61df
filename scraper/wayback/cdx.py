"""The index of captures: what to ask of a CDX server, and what its rows say.

Source: the Wayback CDX server's own reference, github.com/internetarchive/wayback."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scraper.exceptions import WaybackUnavailable
from scraper.timestamps import format_timestamp

ROWS_AT_ONCE: Final = 5000
"""Rows of one answer; the next answer begins where its resume key says."""

_FIELDS: Final = {
    "timestamp": re.compile(r"[0-9]{14}"),
    "original": re.compile(r"(?i:https?)://[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,4096}"),
    "mimetype": re.compile(r"[!-~]{0,200}"),
    "statuscode": re.compile(r"[!-~]{0,10}"),
    "digest": re.compile(r"[!-~]{1,200}"),
}
"""What may stand in each field: all of them become headers of WARC records."""
_DEFAULT_PORT: Final = re.compile(r"^(http://[^/:]+):80(?=/|$)|^(https://[^/:]+):443(?=/|$)")
_READ: Final = frozenset({0, 200, 301, 302, 303, 307, 308, 404, 410})
"""The answers that say something of a post, 0 for that of an earlier capture; the others are of
servers that had failed."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One capture: when (14 digits, and `at` as the archive writes it; UTC), of which address, with
    which answer. `digest` is equal where the bodies are; `http_status` is 0 where the row leaves it
    to an earlier capture."""

    timestamp: str
    at: str
    url: str
    media_type: str
    http_status: int
    digest: str


def index_query(prefix: str, *, since: str = "", until: str = "", key: str = "") -> dict[str, str]:
    """The parameters that ask for all captures below `prefix`, from day to day (YYYY-MM-DD), from
    the resume `key` on."""
    query = {
        "url": prefix,
        "matchType": "prefix",
        "output": "json",
        "fl": ",".join(_FIELDS),
        "limit": str(ROWS_AT_ONCE),
        "showResumeKey": "true",
        "from": since.replace("-", ""),
        "to": until.replace("-", ""),
        "resumeKey": key,
    }
    return {name: value for name, value in query.items() if value}


def read_index(body: bytes) -> tuple[list[IndexRow], str]:
    """The rows of an answer that can be read, and the key of the next one, or empty at the end.
    Raises WaybackUnavailable for an answer that is no index."""
    if not body.strip():
        return [], ""
    try:
        found = json.loads(body)
        if not isinstance(found, list):
            raise ValueError("no list")
        header, *lines = found or [[]]
        key = ""
        if len(lines) >= 2 and lines[-2] == [] and len(lines[-1]) == 1:
            *lines, _, (key,) = lines
        if len(lines) > ROWS_AT_ONCE:
            raise ValueError("more rows than were asked for")
        rows = [dict(zip(header, line, strict=True)) for line in lines]
        return [row for row in map(_row, rows) if row], str(key)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WaybackUnavailable(f"the index is not as it should be: {error}") from error


def _row(fields: dict[str, object]) -> IndexRow | None:
    values = {name: str(fields[name]) for name in _FIELDS}
    if not all(pattern.fullmatch(values[name]) for name, pattern in _FIELDS.items()):
        return None
    timestamp, status = values["timestamp"], values["statuscode"]
    http_status = int(status) if status.isdecimal() else 0
    if http_status not in _READ:
        return None
    with suppress(ValueError):  # as of the 31st of June
        moment = datetime.strptime(f"{timestamp}+0000", "%Y%m%d%H%M%S%z")
        return IndexRow(
            timestamp=timestamp,
            at=format_timestamp(moment),
            url=_DEFAULT_PORT.sub(_without_port, values["original"]),
            media_type=values["mimetype"],
            http_status=http_status,
            digest=values["digest"],
        )
    return None


def _without_port(found: re.Match[str]) -> str:
    return found[1] or found[2]

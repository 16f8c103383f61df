"""Cells of Datasette's CSV: printable, and no formula for the spreadsheet that opens it."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs

from scraper.printable import csv_cell

_CONTENT_TYPES: Final = ("text/csv", "text/plain")


def is_csv_request(path: str, query_string: bytes) -> bool:
    """Check whether a request asks Datasette for CSV."""
    formats = parse_qs(query_string.decode("latin-1")).get("_format", [])
    return path.endswith(".csv") or "csv" in formats


def clean_csv(
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """Wrap an ASGI `send`: clean the cells of a response that is CSV.

    Datasette sends complete rows in each event.
    """
    is_csv = False

    async def send_clean(event: dict[str, Any]) -> None:
        nonlocal is_csv
        if event["type"] == "http.response.start":
            kinds = [value for name, value in event["headers"] if name.lower() == b"content-type"]
            is_csv = event["status"] == 200 and b"".join(kinds).decode().startswith(_CONTENT_TYPES)
        elif is_csv and event.get("body"):
            event = {**event, "body": _clean_rows(event["body"].decode()).encode()}
        await send(event)

    return send_clean


def _clean_rows(text: str) -> str:
    out = io.StringIO()
    rows = csv.reader(io.StringIO(text, newline=""))
    csv.writer(out).writerows([csv_cell(cell) for cell in row] for row in rows)
    return out.getvalue()

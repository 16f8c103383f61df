"""Download the captures of a site into a WARC file, which a later run continues."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.exceptions import WaybackUnavailable
from scraper.items import TRANSFER_HEADERS
from scraper.timestamps import to_utc
from scraper.wayback.cdx import IndexRow, index_query, read_index
from scraper.wayback.client import Client

INDEX: Final = "/cdx/search/cdx"
CAPTURE: Final = "/web/{timestamp}id_/{url}"
"""The bytes of a capture as they came, without the Wayback Machine's own banner and links."""

MOST_PAGES: Final = 200
"""Answers of the index that are read: of a million captures."""

_ORIGINAL: Final = "x-archive-orig-"
_REPLAY: Final = re.compile(r"^(?:https?://[^/]+)?/web/[0-9]{14}(?:id_)?/")

Known = set[tuple[str, str]]
"""Addresses and times (UTC) of captures that a file has."""


@dataclass(frozen=True, slots=True)
class DownloadCount:
    """How many captures the index names, how many of them the file now has, and how many requests
    that took. The Wayback Machine does not have every capture that its index names."""

    listed: int
    stored: int
    requests: int


def read_rows(client: Client, prefix: str, *, since: str, until: str) -> Iterator[IndexRow]:
    """All captures below an address, page after page. Raises WaybackUnavailable."""
    key = ""
    for _ in range(MOST_PAGES):
        query = index_query(prefix, since=since, until=until, key=key)
        answer = client.get(INDEX, query)
        if answer.status_code != HTTPStatus.OK:
            raise WaybackUnavailable(f"the index answered with status {answer.status_code}")
        rows, key = read_index(answer.content)
        yield from rows
        if not key:
            return
    raise WaybackUnavailable(f"the index has no end after {MOST_PAGES} answers")


def download(
    client: Client, rows: Iterable[IndexRow], file: Path, report: Callable[[int, int], None]
) -> DownloadCount:
    """Add to `file` the captures of `rows` that it lacks. A body that an earlier capture of the
    address had is not asked for again: a revisit record stands for it. `report` is called with the
    number of captures done and that of all. Raises WaybackUnavailable, with the file as it is."""
    wanted = sorted(set(rows), key=lambda row: (row.url, row.timestamp))
    first_with: dict[tuple[str, str], IndexRow] = {}
    stored = requests = 0
    file.parent.mkdir(parents=True, exist_ok=True)
    known = _read_known(file)
    with file.open("ab") as out:
        for number, row in enumerate(wanted, start=1):
            earlier = first_with.get((row.url, row.digest))
            record = b""
            if (row.url, row.at) not in known:
                if earlier:
                    record = _revisit(row, earlier)
                else:
                    requests += 1
                    record = _fetch(client, row)
                out.write(record)
                out.flush()
            if record or (row.url, row.at) in known:
                stored += 1
                first_with.setdefault((row.url, row.digest), row)
            report(number, len(wanted))
    return DownloadCount(len(wanted), stored, requests)


def _read_known(file: Path) -> Known:
    """What a file has; the end of a record that a killed run left is cut off."""
    known: Known = set()
    if not file.exists():
        return known
    end = 0
    with file.open("r+b") as stream:
        records = ArchiveIterator(stream)
        with suppress(ArchiveLoadFailed, EOFError, OSError, ValueError):
            for record in records:
                record.raw_stream.read()
                end = records.get_record_offset() + records.get_record_length()
                headers = record.rec_headers
                known.add((headers["WARC-Target-URI"], headers["WARC-Date"]))
        stream.truncate(end)
    return known


def _fetch(client: Client, row: IndexRow) -> bytes:
    """The record of a capture; empty where the Wayback Machine lists it and does not have it."""
    url = quote(row.url, safe="/:?&=%#+,;@!$'()*~[]")
    response = client.get(CAPTURE.format(timestamp=row.timestamp, url=url))
    # The Wayback Machine answers with the nearest capture (RFC 7089), or says that it has none.
    if to_utc(response.headers.get("memento-datetime", "")) != row.at:
        return b""
    originals = [
        (name.removeprefix(_ORIGINAL), value)
        for name, value in response.headers.multi_items()
        if name.startswith(_ORIGINAL)
    ] or [("content-type", response.headers.get("content-type", row.media_type))]
    headers = [
        (name, _REPLAY.sub("", value) if name == "location" else value)
        for name, value in originals
        if name not in TRANSFER_HEADERS
    ]
    if "location" in response.headers and "location" not in dict(headers):
        headers.append(("location", _REPLAY.sub("", response.headers["location"])))
    headers.append(("content-length", str(len(response.content))))
    status = f"{response.status_code} {response.reason_phrase}"
    return _record(row, StatusAndHeaders(status, headers, protocol="HTTP/1.1"), response.content)


def _record(row: IndexRow, http_headers: StatusAndHeaders, body: bytes) -> bytes:
    return _packed(
        lambda writer: writer.create_warc_record(
            row.url,
            "response",
            payload=BytesIO(body),
            length=len(body),
            http_headers=http_headers,
            warc_headers_dict={"WARC-Date": row.at},
        )
    )


def _revisit(row: IndexRow, earlier: IndexRow) -> bytes:
    status = row.http_status or earlier.http_status
    headers = [("content-type", earlier.media_type)]
    return _packed(
        lambda writer: writer.create_revisit_record(
            row.url,
            digest=f"sha1:{row.digest}",
            refers_to_uri=row.url,
            refers_to_date=earlier.at,
            http_headers=StatusAndHeaders(f"{status} ", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": row.at},
        )
    )


def _packed(make: Callable[[WARCWriter], ArcWarcRecord]) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    writer.write_record(make(writer))
    return out.getvalue()

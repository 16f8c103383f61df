"""Captures as WACZ 1.1.1, a packed WARC with index and list of pages, which replay programs open.

The format: https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import SEEK_END, BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from scraper.archive.captures.reader import StoredAnswer
from scraper.archive.captures.warc import WarcFile, file_type, record_url
from scraper.archive.queries.captures import CaptureRow
from scraper.archive.queries.pages.bundle import LISTINGS

VERSION: Final = "1.1.1"
_WARC: Final = "data.warc.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaczPage:
    """A capture with the answer that is stored of it."""

    capture: CaptureRow
    answer: StoredAnswer

    @property
    def url(self) -> str:
        """The address of its record."""
        return record_url(self.answer)

    @property
    def media_type(self) -> str:
        """What it is, by its answer, or as a saved file."""
        if self.capture.is_file:
            return file_type(self.capture.resource_type)
        return self.answer.header("content-type").partition(";")[0].strip() or "text/html"

    @property
    def is_shown(self) -> bool:
        """Whether it is a page that people open, and no image in one or list of them."""
        is_list = self.capture.resource_type in LISTINGS
        return not (is_list or self.media_type.startswith("image/"))


def make_wacz(pages: Sequence[WaczPage], *, title: str, software: str, created: str) -> bytes:
    """Return a WACZ of answers, in their order; the last good one is its main page."""
    warc, index = _make_warc(pages)
    files = {
        f"archive/{_WARC}": warc,
        "indexes/index.cdx": "".join(sorted(index)).encode(),
        "pages/pages.jsonl": _list_pages(pages, title).encode(),
    }
    files["datapackage.json"] = _describe(files, pages, title, software, created)
    digest = {"path": "datapackage.json", "hash": _hash(files["datapackage.json"])}
    files["datapackage-digest.json"] = _json(digest)
    out = BytesIO()
    # Stored: replay programs read records by their offset in the file.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, content in files.items():
            package.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _make_warc(pages: Sequence[WaczPage]) -> tuple[bytes, list[str]]:
    out = BytesIO()
    warc = WarcFile(out, _WARC)
    index = []
    for page in pages:
        begin = out.seek(0, SEEK_END)
        warc.write(
            page.answer,
            page.capture.dated_crawl,
            resource_type=page.capture.resource_type,
            is_file=page.capture.is_file,
        )
        index.append(_index_line(page, begin, out.seek(0, SEEK_END) - begin))
    return out.getvalue(), index


def _index_line(page: WaczPage, offset: int, length: int) -> str:
    """A line of the index (CDXJ)."""
    values = {
        "url": page.url,
        "mime": page.media_type,
        "status": str(page.answer.http_status or 200),
        "digest": _hash(page.answer.body),
        "length": str(length),
        "offset": str(offset),
        "filename": _WARC,
    }
    return f"{sort_key(page.url)} {_digits(page.answer.fetched_at)} {json.dumps(values)}\n"


def sort_key(url: str) -> str:
    """An address as indexes sort it (SURT): the parts of the host backwards, then the path."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed((parts.hostname or "").split(".")))
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{port}){parts.path or '/'}{query}"


def _digits(moment: str) -> str:
    return "".join(sign for sign in moment if sign.isdigit())


def _list_pages(pages: Sequence[WaczPage], title: str) -> str:
    header = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    rows = [
        {
            "id": str(number),
            "url": page.url,
            "ts": page.answer.fetched_at,
            "title": f"{title}, {page.answer.fetched_at}",
        }
        for number, page in enumerate(pages, start=1)
        if page.is_shown
    ]
    return "".join(json.dumps(row) + "\n" for row in (header, *rows))


def _describe(
    files: dict[str, bytes], pages: Sequence[WaczPage], title: str, software: str, created: str
) -> bytes:
    description: dict[str, Any] = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": title,
        "software": software,
        "created": created,
        "resources": [
            {
                "name": path.rpartition("/")[2],
                "path": path,
                "hash": _hash(content),
                "bytes": len(content),
            }
            for path, content in files.items()
        ],
    }
    shown = [page for page in pages if page.is_shown]
    if shown:
        main = next((one for one in reversed(shown) if one.answer.http_status == 200), shown[-1])
        description["mainPageUrl"] = main.url
        description["mainPageDate"] = main.answer.fetched_at
    return _json(description)


def _hash(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, indent=2).encode()

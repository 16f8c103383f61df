"""Captures as WARC 1.1 (ISO 28500), the format that other archives' tools read."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from http import HTTPStatus
from io import BytesIO
from typing import IO
from urllib.parse import quote

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.archive.captures.reader import StoredAnswer
from scraper.items import TRANSFER_HEADERS

CRAWL_FIELD = "Blogkeep-Crawl"
CONTROL_FIELD = "Blogkeep-Control"

_UNMODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

INFO = {
    "software": "Blogkeep",
    "format": "WARC File Format 1.1",
    "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "description": "Bodies are stored without content coding; Content-Encoding and "
    "Transfer-Encoding are left out, and Content-Length is the size of the stored body.",
}


class WarcFile:
    """A WARC file, compressed record by record, with a warcinfo record first. Every other record
    names its crawl in a field of our own, CRAWL_FIELD: when it began, and its label."""

    def __init__(self, out: IO[bytes], name: str) -> None:
        self._writer = WARCWriter(out, gzip=True, warc_version="1.1")
        self._writer.write_record(self._writer.create_warcinfo_record(name, INFO))

    def write(self, answer: StoredAnswer, crawl: str, *, resource_type: str, is_file: bool) -> None:
        """Write the answer of a server: status line, headers, body; or a saved file as it is
        (`is_file`). A control fetch, which is no sight of a post, says so
        in CONTROL_FIELD."""
        fields = {"WARC-Date": answer.fetched_at, CRAWL_FIELD: _one_line(crawl)}
        if resource_type == "control":
            fields[CONTROL_FIELD] = "yes"
        record = self._writer.create_warc_record(
            record_url(answer),
            "resource" if is_file else "response",
            payload=BytesIO(answer.body),
            length=len(answer.body),
            http_headers=None if is_file else _http_headers(answer),
            warc_content_type=file_type(resource_type) if is_file else "",
            warc_headers_dict=fields,
        )
        self._writer.write_record(record)

    def write_revisit(self, answer: StoredAnswer, crawl: str, *, original: StoredAnswer) -> None:
        """Write an answer that has the body of an earlier one, which is in the file already: its
        status line and headers, and where its body is."""
        headers = [(name, _one_line(value)) for name, value in answer.headers if value]
        record = self._writer.create_revisit_record(
            record_url(answer),
            _payload_digest(original.body),
            record_url(original),
            original.fetched_at,
            http_headers=StatusAndHeaders(
                _status_line(answer.http_status), headers, protocol="HTTP/1.1"
            ),
            warc_headers_dict={"WARC-Date": answer.fetched_at, CRAWL_FIELD: _one_line(crawl)},
        )
        if answer.http_status == HTTPStatus.NOT_MODIFIED:
            record.rec_headers.replace_header("WARC-Profile", _UNMODIFIED)
        self._writer.write_record(record)


def _payload_digest(body: bytes) -> str:
    """The digest of a body as warcio writes it."""
    return "sha1:" + b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def record_url(answer: StoredAnswer) -> str:
    """The address of a record: a file: URL for a saved file whose address is unknown."""
    return answer.url if "://" in answer.url else f"file:///{quote(answer.url)}"


def file_type(resource_type: str) -> str:
    """The media type of a saved file."""
    return "text/plain" if resource_type == "dump" else "text/html"


def _http_headers(answer: StoredAnswer) -> StatusAndHeaders:
    headers = [
        (name, _one_line(value))
        for name, value in answer.headers
        if name.lower() not in TRANSFER_HEADERS
    ]
    headers.append(("Content-Length", str(len(answer.body))))
    return StatusAndHeaders(_status_line(answer.http_status), headers, protocol="HTTP/1.1")


def _status_line(status: int) -> str:
    known = {member.value: member.phrase for member in HTTPStatus}
    return f"{status} {known.get(status, 'Unknown')}"


def _one_line(value: str) -> str:
    """Return a header's value without line breaks, which would end the header in a WARC."""
    return " ".join(value.split("\r\n")).replace("\r", " ").replace("\n", " ")

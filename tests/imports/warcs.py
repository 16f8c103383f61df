"""WARC files as other crawlers write them, for tests."""

from __future__ import annotations

import gzip
import hashlib
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One answer to store: `at` is the WARC's date, `same_as` the date of the answer that a revisit
    repeats."""

    url: str
    at: str
    body: bytes = b""
    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    same_as: str = ""


def record(answer: Answer) -> bytes:
    """One record, not compressed."""
    body = b"" if answer.same_as else answer.body
    head = f"HTTP/1.1 {answer.status}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in answer.headers)
    block = head.encode("latin-1") + b"\r\n" + body
    digest = b32encode(hashlib.sha1(answer.body).digest()).decode()
    fields = {
        "WARC-Type": "revisit" if answer.same_as else "response",
        "WARC-Record-ID": f"<urn:uuid:{hashlib.md5(block).hexdigest()}>",
        "WARC-Date": answer.at,
        "WARC-Target-URI": answer.url,
        "WARC-Payload-Digest": f"sha1:{digest}",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    }
    if answer.same_as:
        fields["WARC-Refers-To-Target-URI"] = answer.url
        fields["WARC-Refers-To-Date"] = answer.same_as
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"WARC/1.1\r\n" + lines.encode() + b"\r\n" + block + b"\r\n\r\n"


def packed(answers: Iterable[Answer]) -> bytes:
    """A WARC file, compressed record by record."""
    return b"".join(gzip.compress(record(answer)) for answer in answers)

"""A server that answers as the Wayback Machine does: an index, and captures at their times."""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha1
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.imports.warcs import Answer
from tests.loopback import answering

_CAPTURE = re.compile(r"/web/(\d{14})id_/(.+)")


class Wayback:
    """Serves `captures`. `paths` are those that were asked for; after `busy_from` requests it
    answers with 503 and `retry_after`; `lost` are addresses that only the index has."""

    def __init__(self, captures: Sequence[Answer]) -> None:
        self.captures = {(stamp(answer), answer.url): answer for answer in captures}
        self.paths: list[str] = []
        self.busy_from: int | None = None
        self.retry_after = "0"
        self.lost: set[str] = set()
        self.url = ""

    @property
    def fetched(self) -> list[str]:
        """The captures that were asked for."""
        return [path for path in self.paths if path.startswith("/web/")]

    def index(self, query: dict[str, str]) -> bytes:
        """The rows below a prefix, in the order of address and time, from the resume key on."""
        found = sorted(
            (answer.url, time, answer)
            for (time, _), answer in self.captures.items()
            if answer.url.partition("://")[2].startswith(query["url"])
            and query.get("from", "") <= time <= query.get("to", "9") + "999999"
        )
        begin, limit = int(query.get("resumeKey", "0")), int(query["limit"])
        rows: list[list[str]] = [query["fl"].split(",")]
        rows += [
            [time, url, *self._kind_of(time, answer), digest(answer)]
            for url, time, answer in found[begin : begin + limit]
        ]
        if begin + limit < len(found):
            rows += [[], [str(begin + limit)]]
        return json.dumps(rows if found else []).encode()

    def _kind_of(self, time: str, answer: Answer) -> list[str]:
        """Media type and status; a capture of a body that an earlier one has is a revisit."""
        alike = [
            at
            for (at, url), one in self.captures.items()
            if (url, one.body) == (answer.url, answer.body) and answer.body
        ]
        is_first = time == min(alike, default=time)
        return ["text/html", answer.status.split()[0]] if is_first else ["warc/revisit", "-"]

    def handler(self) -> type[BaseHTTPRequestHandler]:
        wayback = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wayback.paths.append(self.path)
                if wayback.busy_from is not None and len(wayback.paths) > wayback.busy_from:
                    self._send("503 Busy", [("Retry-After", wayback.retry_after)], b"")
                elif self.path.startswith("/cdx/search/cdx?"):
                    query = parse_qs(urlsplit(self.path).query)
                    body = wayback.index({name: value for name, (value,) in query.items()})
                    self._send("200 OK", [("Content-Type", "application/json")], body)
                else:
                    self._capture()

            def _capture(self) -> None:
                found = _CAPTURE.fullmatch(self.path)
                answer = wayback.captures.get((found[1], found[2])) if found else None
                if answer is None or answer.url in wayback.lost:
                    self._send("404 Not Found", [("Content-Type", "text/html")], b"not archived")
                    return
                moment = datetime.fromisoformat(answer.at).astimezone(UTC)
                headers = [(f"x-archive-orig-{name}", value) for name, value in answer.headers]
                headers.append(("Memento-Datetime", format_datetime(moment, usegmt=True)))
                headers += [
                    (name, f"/web/{stamp(answer)}id_/{value}")
                    for name, value in answer.headers
                    if name == "Location"
                ]
                self._send(answer.status, headers, answer.body)

            def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
                code, _, reason = status.partition(" ")
                self.send_response(int(code), reason)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def stamp(answer: Answer) -> str:
    """The time of a capture in 14 digits."""
    return re.sub(r"\D", "", answer.at)


def digest(answer: Answer) -> str:
    """The hash of a body as the index gives it."""
    return b32encode(sha1(answer.body).digest()).decode()


@contextmanager
def serving_captures(captures: Sequence[Answer]) -> Iterator[Wayback]:
    """Serve captures on a free port of loopback for as long as the block lasts."""
    wayback = Wayback(captures)
    with answering(wayback.handler()) as wayback.url:
        yield wayback

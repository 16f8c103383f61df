"""WARC files (ISO 28500) and WACZ packages, record by record, within bounds."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final, NamedTuple

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from scraper.archive.captures.warc import CONTROL_FIELD, CRAWL_FIELD
from scraper.archive.database import MOST_BODY
from scraper.exceptions import ImportProblem
from scraper.hosts import LONGEST_URL
from scraper.imports.coding import decode_body
from scraper.imports.unpacking import Allowance, unpacked
from scraper.timestamps import format_timestamp, parse_timestamp_or_none

ARCHIVES: Final = (".warc", ".warc.gz", ".wacz")

MOST_MEMBERS: Final = 10_000

_KINDS = (
    WarcRecordType.response
    | WarcRecordType.revisit
    | WarcRecordType.resource
    | WarcRecordType.warcinfo
)
_MEMBER = re.compile(r"archive/[^/]+\.warc(?:\.gz)?")
_DAMAGE = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the readers of gzip, zip and WARC raise for what they cannot read."""
_BRACKETS = "<>"


class CrawlNote(NamedTuple):
    """The crawl of a record: its name, and when it began (UTC), where our own export says so."""

    name: str = ""
    started_at: str = ""


class Original(NamedTuple):
    """The answer whose body a revisit record does not repeat, by its digest or its address and
    time."""

    digest: str
    url: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedAnswer:
    """An answer of a server as a WARC file has it, codings undone. `at` is UTC; `is_cut` says that
    not all of it was stored; `original` has the body of a revisit, `digest` names this body;
    `is_control` that our own export calls it a control fetch, which is no sight of a post."""

    url: str
    at: str
    http_status: int
    headers: tuple[tuple[str, str], ...]
    crawl: CrawlNote
    is_cut: bool = False
    digest: str = ""
    original: Original | None = None
    is_control: bool = False
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str:
        """Return the first value of a header, by its name in lower case; empty without one."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def is_web_archive(path: Path) -> bool:
    """Whether a file is a WARC file or a WACZ package, by its name."""
    return path.name.lower().endswith(ARCHIVES)


def read_answers(path: Path) -> Iterator[ArchivedAnswer]:
    """Read the answers of a file in the order in which they stand there.

    Raises ImportProblem, one line, for a file that is damaged, cut short, or beyond a bound.
    """
    try:
        if path.name.lower().endswith(".wacz"):
            yield from _read_package(path)
        else:
            with path.open("rb") as file:
                yield from _read_file(file, Allowance())
    except _DAMAGE as error:
        raise ImportProblem(f"{path}: damaged or cut short: {_one_line(error)}") from error
    except ImportProblem as problem:
        raise ImportProblem(f"{path}: {problem}") from problem
    except BaseException as error:
        # FastWARC is written in Rust: what it does not foresee is no Exception of Python's.
        if type(error).__name__ != "PanicException":
            raise
        raise ImportProblem(f"{path}: damaged: {_one_line(error)}") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _read_package(path: Path) -> Iterator[ArchivedAnswer]:
    """The answers of all WARC files in a WACZ package; nothing of it is unpacked to the disk."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        if len(names) > MOST_MEMBERS:
            raise ImportProblem(f"holds {len(names)} files, more than any WACZ package")
        if outside := next((name for name in names if _is_outside(name)), None):
            raise ImportProblem(f"names a file outside itself: {outside[:80]!r}")
        members = sorted(name for name in names if _MEMBER.fullmatch(name))
        if not members:
            raise ImportProblem("holds no archive/*.warc.gz: it is no WACZ package")
        allowance = Allowance()
        for name in members:
            with package.open(name) as file:
                yield from _read_file(file, allowance)


def _is_outside(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name)


def _read_file(file: IO[bytes], allowance: Allowance) -> Iterator[ArchivedAnswer]:
    with unpacked(file, allowance) as stream:
        crawl = CrawlNote()
        records = ArchiveIterator(
            stream,  # type: ignore[arg-type]
            record_types=_KINDS,
            parse_http=False,
            stream_detect=False,
            fsspec_args=False,
        )
        for record in records:
            allowance.add_record()
            if record.record_type is WarcRecordType.warcinfo:
                crawl = _read_note(record)
            else:
                answer = _read_record(record, crawl)
                if answer is not None:
                    yield answer
        if not stream.count:
            raise ImportProblem("is empty")


def _read_note(record: WarcRecord) -> CrawlNote:
    text = record.reader.read(65536).decode("utf-8", "replace")
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    values = {name.strip().lower(): value.strip() for name, value in fields.items()}
    return CrawlNote(name=values.get("ispartof", "")[:300])


def _own_note(record: WarcRecord) -> CrawlNote | None:
    """What our own export says of the crawl of each record."""
    started_at, _, name = _header(record, CRAWL_FIELD).partition(" ")
    known = name and parse_timestamp_or_none(started_at)
    return CrawlNote(name, started_at) if known else None


def _read_record(record: WarcRecord, crawl: CrawlNote) -> ArchivedAnswer | None:
    """The answer of a record; None for one without web address, time or status line."""
    url = _header(record, "WARC-Target-URI").strip(_BRACKETS)
    at, is_resource = _time_of(record), record.record_type is WarcRecordType.resource
    if not at or not url.startswith(("http://", "https://")) or len(url) > LONGEST_URL:
        return None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", _header(record, "Content-Type")),)
    whole = record.content_length
    if not is_resource:
        try:
            record.parse_http(auto_decode="none", quirks_mode=True)
        except OSError:
            return None
        http = record.http_headers
        if http is None or not 100 <= (status := http.status_code or 0) < 1000:
            return None
        headers = tuple((name, value or "") for name, value in http.astuples())
        whole = record.content_length
    raw = record.reader.read(min(whole, MOST_BODY) + 1)
    if len(raw) < min(whole, MOST_BODY):
        raise EOFError("it ends within a record")
    answer = ArchivedAnswer(
        url=url,
        at=at,
        http_status=status,
        headers=headers,
        crawl=_own_note(record) or crawl,
        is_cut="WARC-Truncated" in record.headers or whole > MOST_BODY,
        digest=_header(record, "WARC-Payload-Digest"),
        original=_original(record),
        is_control=bool(_header(record, CONTROL_FIELD)),
    )
    body = decode_body(
        raw,
        transfer=answer.header("transfer-encoding"),
        content=answer.header("content-encoding"),
        most=MOST_BODY,
    )
    return replace(answer, body=body[:MOST_BODY], is_cut=answer.is_cut or len(body) > MOST_BODY)


def _original(record: WarcRecord) -> Original | None:
    if record.record_type is not WarcRecordType.revisit:
        return None
    return Original(
        digest=_header(record, "WARC-Payload-Digest"),
        url=_header(record, "WARC-Refers-To-Target-URI").strip(_BRACKETS),
        at=_header(record, "WARC-Refers-To-Date"),
    )


def _header(record: WarcRecord, name: str) -> str:
    return record.headers.get(name) or ""


def _time_of(record: WarcRecord) -> str:
    moment = record.record_date
    with suppress(OverflowError):
        return format_timestamp(moment) if moment else ""
    return ""

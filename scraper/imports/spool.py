"""Answers in the order of time, on the disk while they wait: WARC files hold them in any order."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, Final

from scraper.exceptions import ImportProblem
from scraper.imports.kinds import Kind
from scraper.imports.records import ArchivedAnswer, CrawlNote, Original
from scraper.items import hash_body

MOST_ANSWERS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledAnswer:
    """An answer that waits. `number` counts answers in the order of the files; `kind` is what it
    answers: ``post``, ``feed`` …"""

    number: int
    url: str
    at: str
    kind: Kind
    crawl: CrawlNote
    original: Original | None
    is_control: bool
    offset: int
    size: int


@dataclass(slots=True)
class AnswerSpool:
    """Answers in a temporary file, compressed, with an index in memory."""

    file: IO[bytes]
    entries: list[SpooledAnswer] = field(default_factory=list)
    _end: int = 0
    _by_digest: dict[str, SpooledAnswer] = field(default_factory=dict)
    _by_address: dict[tuple[str, str], SpooledAnswer] = field(default_factory=dict)

    def add(self, answer: ArchivedAnswer, kind: Kind) -> None:
        """Store an answer. Raises ImportProblem where there are too many."""
        if len(self.entries) >= MOST_ANSWERS:
            raise ImportProblem(f"the files hold more than {MOST_ANSWERS:,} answers of the store")
        head = [answer.http_status, answer.headers, answer.is_cut, answer.digest]
        data = zlib.compress(json.dumps(head).encode() + b"\n" + answer.body, 1)
        entry = SpooledAnswer(
            number=len(self.entries),
            url=answer.url,
            at=answer.at,
            kind=kind,
            crawl=answer.crawl,
            original=answer.original,
            is_control=answer.is_control,
            offset=self._end,
            size=len(data),
        )
        self.file.seek(self._end)
        self.file.write(data)
        self._end += len(data)
        self.entries.append(entry)
        if answer.original is None:
            self._by_address.setdefault((answer.url, answer.at), entry)
            if answer.digest:
                self._by_digest.setdefault(answer.digest, entry)

    def load(self, entry: SpooledAnswer) -> ArchivedAnswer:
        """Read an answer back, a revisit with the body of its original."""
        answer, original = self._load(entry), self._original_of(entry)
        earlier = self._load(original) if original else answer
        return replace(answer, body=earlier.body, is_cut=earlier.is_cut)

    def body_hash(self, entry: SpooledAnswer) -> str:
        """The SHA-256 of an answer's body, in hex; empty without a body."""
        return hash_body(self.load(entry).body)

    def is_whole(self, entry: SpooledAnswer) -> bool:
        """Whether an answer has its body: a revisit has none where its original is in none of the
        files."""
        return entry.original is None or self._original_of(entry) is not None

    def _original_of(self, entry: SpooledAnswer) -> SpooledAnswer | None:
        original = entry.original
        if original is None:
            return None
        at_address = self._by_address.get((original.url, original.at))
        return at_address or self._by_digest.get(original.digest)

    def _load(self, entry: SpooledAnswer) -> ArchivedAnswer:
        self.file.seek(entry.offset)
        head, _, body = zlib.decompress(self.file.read(entry.size)).partition(b"\n")
        status, headers, is_cut, digest = json.loads(head)
        return ArchivedAnswer(
            url=entry.url,
            at=entry.at,
            http_status=status,
            headers=tuple((name, value) for name, value in headers),
            crawl=entry.crawl,
            is_cut=is_cut,
            digest=digest,
            body=body,
        )


@contextmanager
def answer_spool() -> Iterator[AnswerSpool]:
    """A spool that is gone at the end of the block."""
    with tempfile.TemporaryFile(prefix="blogkeep-") as file:
        yield AnswerSpool(file)

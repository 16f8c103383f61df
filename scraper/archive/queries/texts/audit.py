"""The claims of what stands, or stood on a day, since when each has stood, and its copies."""

from __future__ import annotations

import csv
import sqlite3
import time as clock
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TextIO

from scraper.archive.queries.texts.standing import (
    SentenceSince,
    StandingPost,
    read_observations,
    standing_posts,
    stood_since,
)
from scraper.archive.rows import read_rows
from scraper.claims.copies import find_copies
from scraper.claims.loading import Auditor
from scraper.claims.matching import Claim
from scraper.history.changes import claimed_words
from scraper.printable import csv_cell

GRADES: Final = ("high", "medium", "low")
_UNKNOWN: Final = frozenset({"unknown", ""})
"""What is stored of a post whose page states no language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The earlier claim of another post of which a claim is a copy, and how alike both are."""

    post_id: int
    label: str
    sentence: str
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim, the post that makes it, and since when; without `since` no fetch showed it: it is
    from a file, or was read again by other rules. `change` is the id of the change that brought it,
    0 for none, `compared` the numbers of the revisions that this leads from and to. `copy_of` is
    the claim that was seen first of those that say the same, `n_copies` how many later ones."""

    book: str
    claim: Claim
    post_id: int
    label: str
    title: str
    store: str
    blog: str
    url: str
    number: int
    since: SentenceSince | None
    change: int = 0
    compared: tuple[int, int] | None = None
    copy_of: Original | None = None
    n_copies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the books found in `n_posts` posts, gravest first. `n_foreign` posts are in other
    languages, `n_unread` are not read yet; reading the posts took `cpu_s` seconds of CPU."""

    findings: tuple[Finding, ...]
    n_posts: int
    n_foreign: int
    n_unread: int
    cpu_s: float


MOST_CHARS: Final = 3_000_000
"""Characters of a text that are read, a second of CPU. Extraction refuses a longer body: only an
archive of others' making has one, which would hold the page for minutes."""

COLUMNS: Final = (
    *("grade", "book", "rule", "strength", "effect", "subject", "sentence", "store", "blog"),
    *("post", "url", "revision", "not_before", "not_after", "last_seen_at", "n_seen", "quoted"),
    *("offered", "source", "copy_of", "likeness", "copies"),
)


def as_row(finding: Finding) -> dict[str, str | int | bool]:
    """A finding as a row of a spreadsheet, by `COLUMNS`."""
    claim, since, original = finding.claim, finding.since, finding.copy_of
    values: dict[str, str | int | bool] = {
        "book": finding.book,
        "store": finding.store,
        "blog": finding.blog,
        "post": finding.label,
        "url": finding.url,
        "revision": finding.number,
        "not_before": since.not_before if since else "",
        "not_after": since.not_after if since else "",
        "last_seen_at": since.last_seen_at if since else "",
        "n_seen": since.n_seen if since else 0,
        "quoted": claim.is_quoted,
        "offered": claim.is_offered,
        "copy_of": original.label if original else "",
        "likeness": f"{original.likeness:.2f}" if original else "",
        "copies": finding.n_copies,
    }
    return {name: values[name] if name in values else getattr(claim, name) for name in COLUMNS}


def write_csv(findings: Iterable[Finding], out: TextIO) -> None:
    """Write findings as CSV, by `COLUMNS`."""
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for finding in findings:
        writer.writerow({name: csv_cell(str(value)) for name, value in as_row(finding).items()})


@dataclass(frozen=True, slots=True)
class _ReadText:
    claims: tuple[tuple[str, Claim], ...]
    cpu_s: float


class ClaimReader:
    """The claims of texts by some books. What was read once is remembered, by its title, the hash
    of its text and the language stated; of `read_through`, a version of the archive and a time,
    every text."""

    def __init__(self, auditors: Sequence[Auditor]) -> None:
        self.auditors = auditors
        self._languages = _UNKNOWN.union(*(auditor.editions for auditor in auditors))
        self._known: dict[tuple[str, str, str], _ReadText] = {}
        self.read_through: tuple[int | None, str] = (None, "")

    def knows(self, post: StandingPost) -> bool:
        """Whether a post has been read."""
        return _key(post) in self._known

    def reads(self, post: StandingPost) -> bool:
        """Whether a post is stated to be in a language of the books, or in none."""
        return _stated_language(post) in self._languages

    def read(self, connection: sqlite3.Connection, post: StandingPost) -> _ReadText:
        """The claims of a post, each with the name of its book, and what they took to find."""
        key = _key(post)
        if key not in self._known:
            (text,) = connection.execute(_TEXT, [post.hash]).fetchone()
            begun = clock.thread_time()
            claims = tuple(
                (auditor.name, claim)
                for auditor in self.auditors
                for claim in auditor.claims(
                    claimed_words(post.title, text[:MOST_CHARS]), stated=_stated_language(post)
                )
            )
            self._known[key] = _ReadText(claims, clock.thread_time() - begun)
        return self._known[key]


def _key(post: StandingPost) -> tuple[str, str, str]:
    return post.title, post.hash, _stated_language(post)


def _stated_language(post: StandingPost) -> str:
    return post.language.partition("-")[0].lower()


def read_ahead(
    connection: sqlite3.Connection,
    reader: ClaimReader,
    *,
    time: str = "",
    most_cpu_s: float,
    version: int | None = None,
) -> int:
    """Read the posts of an audit, for so many seconds of CPU at most. Returns how many are left.
    Whoever gives the archive's `version` has it looked through only until all are read."""
    if version is not None and reader.read_through == (version, time):
        return 0
    unread = [
        post
        for post in standing_posts(connection, time=time)
        if reader.reads(post) and not reader.knows(post)
    ]
    for n_read, post in enumerate(unread):
        if most_cpu_s <= 0:
            return len(unread) - n_read
        most_cpu_s -= reader.read(connection, post).cpu_s
    reader.read_through = version, time
    return 0


def read_audit(
    connection: sqlite3.Connection,
    reader: ClaimReader,
    *,
    store: str = "",
    time: str = "",
    only_known: bool = False,
) -> Audit:
    """Audit each post that stands now, or was last seen before a time (UTC) and not removed by
    then; of a store by its name. With `only_known`, of those that the reader has read."""
    posts = list(standing_posts(connection, store=store, time=time))
    readable = [post for post in posts if reader.reads(post)]
    chosen = [post for post in readable if not only_known or reader.knows(post)]
    findings: list[Finding] = []
    cpu_s = 0.0
    for post in chosen:
        found = reader.read(connection, post)
        cpu_s += found.cpu_s
        if found.claims:
            findings += _findings(connection, post, found.claims, time)
    return Audit(
        findings=tuple(sorted(_with_copies(findings), key=_gravest_first)),
        n_posts=len(chosen),
        n_foreign=len(posts) - len(readable),
        n_unread=len(readable) - len(chosen),
        cpu_s=cpu_s,
    )


def as_values(audit: Audit, reader: ClaimReader) -> dict[str, Any]:
    """An audit as values for JSON."""
    books = [
        {"book": auditor.name, "language": code, "version": edition.book.version}
        for auditor in reader.auditors
        for code, edition in auditor.editions.items()
    ]
    return {
        "books": books,
        "posts": audit.n_posts,
        "unread": audit.n_foreign + audit.n_unread,
        "cpu_s": round(audit.cpu_s, 3),
        "claims": audit.findings,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChangeRow:
    id: int
    not_after: str
    old: int
    new: int


def _findings(
    connection: sqlite3.Connection,
    post: StandingPost,
    claims: Iterable[tuple[str, Claim]],
    time: str,
) -> Iterator[Finding]:
    seen = read_observations(connection, post.post_id, time)
    changes = {
        row.not_after: row for row in read_rows(connection, _ChangeRow, _CHANGES, [post.post_id])
    }
    for book, claim in claims:
        since = stood_since(seen, claim.sentence)
        change = changes.get(since.not_after) if since else None
        is_compared = change is not None and change.old and change.old != change.new
        yield Finding(
            book=book,
            claim=claim,
            post_id=post.post_id,
            label=post.label,
            title=post.title,
            store=post.store,
            blog=post.blog,
            url=post.url,
            number=post.number,
            since=since,
            change=change.id if change else 0,
            compared=(change.old, change.new) if change and is_compared else None,
        )


def _with_copies(findings: Iterable[Finding]) -> list[Finding]:
    """Findings, first seen first, those that say the same as an earlier one of another post marked
    as its copies."""
    ordered = sorted(findings, key=_first_seen)
    copies = find_copies([finding.claim for finding in ordered])
    counts: dict[int, set[int]] = {}
    marked = []
    for finding, copy in zip(ordered, copies, strict=True):
        original = ordered[copy.of] if copy else None
        if copy is None or original is None or original.post_id == finding.post_id:
            marked.append(finding)
            continue
        counts.setdefault(copy.of, set()).add(finding.post_id)
        found = Original(
            post_id=original.post_id,
            label=original.label,
            sentence=original.claim.sentence,
            likeness=copy.likeness,
        )
        marked.append(replace(finding, copy_of=found))
    for place, posts in counts.items():
        marked[place] = replace(marked[place], n_copies=len(posts))
    return marked


def _first_seen(finding: Finding) -> tuple[str, str]:
    return finding.since.not_after if finding.since else "9999", finding.label


def _gravest_first(finding: Finding) -> tuple[int, str, int]:
    return GRADES.index(finding.claim.grade), finding.label, finding.claim.start


# Not by substr(): SQLite's ends at a character U+0000, and would hide what stands behind one.
_TEXT = "SELECT text FROM contents WHERE hash = ?"
_CHANGES = """
    SELECT changes.id, not_after, coalesce(old.number, 0) AS old, coalesce(new.number, 0) AS new
    FROM changes
    LEFT JOIN revisions AS old ON old.id = from_revision_id
    LEFT JOIN revisions AS new ON new.id = to_revision_id
    WHERE changes.post_id = ? ORDER BY from_revision_id IS NOT to_revision_id, changes.id
"""
"""Of one sight, the change of words comes last: it brought the claim."""

"""Import WARC files and WACZ packages: their answers become crawls of the past."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter
from pathlib import Path

from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.queries.captures import known_answers
from scraper.archive.queries.crawls import newest_answer
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import StoreSeen
from scraper.exceptions import ImportProblem
from scraper.extract.version import EXTRACTOR
from scraper.history.humanize import plural
from scraper.history.recrawl import AHEAD_OF_STORE
from scraper.hosts import StoreAddress, hosts_of, same_store
from scraper.imports.kinds import kind_of
from scraper.imports.records import read_answers
from scraper.imports.replay import ArchiveImport, ReplayContext, SessionReplay
from scraper.imports.sessions import Session, split_sessions
from scraper.imports.spool import AnswerSpool, SpooledAnswer, answer_spool
from scraper.platforms import Platform, identify_platform
from scraper.timestamps import parse_timestamp


@dataclass(frozen=True, slots=True)
class ImportedAnswers:
    """What came of it: the crawls that were written, and how many answers of the files bear on no
    post of the store, or are in the archive already."""

    crawl_ids: tuple[int, ...]
    answers: int
    others: int


def import_answers(paths: Sequence[Path], plan: ArchiveImport) -> ImportedAnswers:
    """Import the answers of files, oldest first. All files are read before anything is written.

    Raises ImportProblem for a file that cannot be read, and where no file has a post of the store.
    """
    platform = _platform_of(paths, plan.stores)
    with answer_spool() as spool:
        others = sum(_spool_file(path, plan, spool, platform) for path in paths)
        _refuse_future(spool.entries, plan.at)
        entries = [entry for entry in spool.entries if spool.is_whole(entry)]
        if platform is not None:
            entries = _without_other_pages(entries, spool, platform)
        if not any(entry.kind == "post" for entry in entries):
            raise ImportProblem(
                f"{plural(len(paths), 'file')} with {plural(others + len(entries), 'answer')}, none"
                f" to a post of {plan.stores[0].origin}; nothing was imported"
            )
        names = ", ".join(dict.fromkeys(path.name for path in paths))[:200]
        with write_errors(plan.archive):
            sessions = [found for found in split_sessions(entries) if found.has_pages]
            written = dict(_write(sessions, spool, plan, names, platform))
    answers = sum(entry.kind != "image" for entry in entries) + sum(written.values())
    return ImportedAnswers(tuple(written), answers, others + len(spool.entries) - answers)


def _refuse_future(entries: Sequence[SpooledAnswer], now: str) -> None:
    """Raise ImportProblem for an answer of a time that is to come: it would stand before every
    crawl until then."""
    last = max(entries, key=attrgetter("at"), default=None)
    if last and parse_timestamp(last.at) - parse_timestamp(now) > AHEAD_OF_STORE:
        raise ImportProblem(
            f"the answer of {last.url} is dated {last.at}, but it is {now}: set the clock, or leave"
            " that file out; nothing was imported"
        )


def _platform_of(paths: Sequence[Path], stores: Sequence[StoreAddress]) -> Platform | None:
    """The blog system of the store, as the first page with a mark of any shows it; None where that
    is Shopify, or no page has one."""
    hosts = _hosts(stores)
    for answer in chain.from_iterable(map(read_answers, paths)):
        if answer.http_status == 200 and same_store(answer.url, hosts):
            platform = identify_platform(answer.body, answer.headers)
            if platform is not None:
                return None if platform.name == "shopify" else platform
    return None


def _without_other_pages(
    entries: Sequence[SpooledAnswer], spool: AnswerSpool, platform: Platform
) -> list[SpooledAnswer]:
    """The answers without pages that are no posts: of an address that a system's post may have,
    only a page there says that it is one."""
    posts = {
        entry.url
        for entry in entries
        if entry.kind == "post" and platform.calls_itself_post(spool.load(entry).body)
    }
    return [entry for entry in entries if entry.kind != "post" or entry.url in posts]


def _hosts(stores: Sequence[StoreAddress]) -> set[str]:
    return {host for store in stores for host in hosts_of(store)}


def _spool_file(
    path: Path, plan: ArchiveImport, spool: AnswerSpool, platform: Platform | None
) -> int:
    """Store what bears on posts; returns how many answers do not."""
    hosts = _hosts(plan.stores)
    others = 0
    for answer in read_answers(path):
        kind = kind_of(answer.url, answer.header("content-type"), hosts, platform)
        if kind is None or (kind == "image" and len(answer.body) > plan.max_image_bytes):
            others += 1
        else:
            spool.add(answer, kind)
    return others


def _write(
    sessions: Sequence[Session],
    spool: AnswerSpool,
    plan: ArchiveImport,
    names: str,
    platform: Platform | None,
) -> Iterator[tuple[int, int]]:
    """Write the sessions; yields the crawl of each, and how many images it shows."""
    store = plan.stores[0]
    context = ReplayContext(plan, spool, names, platform)
    seen = StoreSeen(origin=store.origin, platform=platform.name if platform else "unknown")
    with (
        closing(open_for_writing(plan.archive)) as db,
        capture_writer(plan.captures, db.conn) as captures,
    ):
        known = known_answers(db, store.origin)
        for session in sessions:
            if not (new := _without_known(session, spool, known)).answers:
                continue
            newest = newest_answer(db, store.origin)
            origins = tuple(each.origin for each in reversed(plan.stores))
            images = frozenset(new.images(origins))
            writer = Writer(
                db,
                seen,
                kind="import",
                origin="imported",
                extractor=EXTRACTOR,
                at=new.started_at,
                captures=captures,
                rules=replace(plan.rules, archived_images=images),
                answered=True,
                former_origins=new.origins_beside(store.origin),
            )
            writer.record(seen, new.started_at)
            replay = SessionReplay(context, new, writer, past=new.started_at < newest)
            replay.run()
            yield writer.crawl.crawl_id, replay.n_images


def _without_known(
    session: Session, spool: AnswerSpool, known: Collection[tuple[str, str]]
) -> Session:
    """A session without the answers that the archive has already: a file that is imported twice
    says nothing new."""
    if not known:
        return session
    new = [
        answer for answer in session.answers if (answer.at, spool.body_hash(answer)) not in known
    ]
    has_news = any(answer.kind != "image" and spool.body_hash(answer) for answer in new)
    return Session(session.started_at, tuple(new) if has_news else ())

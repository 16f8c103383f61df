"""`blogkeep explain URL|FILE|POST`: a page as blocks, each body or removed, by which rule and why.
It archives nothing."""

from __future__ import annotations

import argparse
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Database

from scraper.archive.captures.reader import try_reader
from scraper.archive.queries.captures import last_good_capture, read_answer
from scraper.archive.queries.posts import PostRow, find_post
from scraper.archive.queries.stores import read_template
from scraper.cli.arguments import only_argument
from scraper.cli.base import ArchiveCommand
from scraper.cli.explanation import as_values, describe_answer, print_explanation
from scraper.cli.output import console, new_file, print_json
from scraper.documents.charsets import declared_charset, to_utf8
from scraper.exceptions import (
    CaptureLost,
    ExtractionError,
    ImportProblem,
    NoArchive,
    NoPage,
    NoSuchPost,
    NotAStoreURL,
    NotOurs,
    PageRefused,
)
from scraper.extract import extract_post, extract_text_dump
from scraper.extract.page.annotated_html import SIGNATURE, annotate_dump, annotate_page
from scraper.extraction_worker import ExtractionWorker
from scraper.hosts import parse_store_url
from scraper.imports.files import DUMPS, PAGES, decode_dump, is_dump, read_file
from scraper.items import Post, Template
from scraper.responses.content_checks import has_words, is_html

if TYPE_CHECKING:
    from scraper.spiders.responses import FetchedPage

REFUSALS = frozenset({"challenge", "rate_limited", "security_rejected"})
"""Verdicts after which the store may answer later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A page to explain: its name, where it comes from, its bytes, its address or an empty string,
    and the charset that its header names."""

    name: str
    note: str
    body: bytes
    url: str
    charset: str = ""
    dump: bool = False


class Command(ArchiveCommand):
    usage = "[options] URL|FILE|POST"
    example = "blogkeep explain https://shop.example/blogs/news/a-post --html a-post.html"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--html",
            metavar="FILE",
            help="write the page with coloured blocks to this file, for a browser",
        )
        parser.add_argument(
            "--all", action="store_true", help="print every block, runs of removed ones too"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the blocks of one page, and write them to the file of `--html`."""
        asked = only_argument(args, "address, saved page, text dump or post")
        target = Path(opts.html) if opts.html else None
        if target:
            _check_target(target)
        with self.extraction_worker() as worker:
            source = self._source(asked, opts)
            post = _extract_in(worker, source, None)
            if template := self._template(post, opts):
                post = _extract_in(worker, source, template)
            if target:
                _write(target, worker.call(_annotated, source, post))
        if opts.json:
            print_json(as_values(source.name, source.note, post))
            return
        out = console()
        print_explanation(out, source.name, source.note, post, every=opts.all)
        if target:
            out.print(f"\nthe page with coloured blocks: {target}", markup=False)

    def _source(self, asked: str, opts: argparse.Namespace) -> Source:
        if "://" in asked:
            return self._fetch(asked, "fetched now")
        path = Path(asked)
        if path.is_file() or path.name.lower().endswith((*PAGES, *DUMPS)):
            return _from_file(path)
        if "/" in asked and path.is_dir():
            raise NoPage(f"{path} is a folder: give one file in it")
        with closing(self.open_archive(opts)) as db:
            post = find_post(db, asked)
            if source := self._from_capture(db, post, opts):
                return source
        if not post.url:
            raise NoSuchPost(f"{post.label} has no address yet: explain the file of its import")
        return self._fetch(post.url, f"{post.label}, fetched now: its capture is not available")

    def _from_capture(self, db: Database, post: PostRow, opts: argparse.Namespace) -> Source | None:
        """The newest good capture of a post, a page or a file; None if it is not available."""
        capture, reader = last_good_capture(db, post.id), try_reader(self.captures_path(opts))
        if capture is None or reader is None:
            return None
        with closing(reader), suppress(CaptureLost):
            answer = read_answer(reader, capture)
            dump = capture.resource_type == "dump"
            return Source(
                name=capture.final_url or capture.url,
                note=f"{post.label}, as captured {capture.fetched_at}",
                body=answer.body if dump else to_utf8(answer.body),
                url="" if capture.is_file else capture.final_url,
                charset=declared_charset(answer.header("content-type")),
                dump=dump,
            )
        return None

    def _template(self, post: Post, opts: argparse.Namespace) -> Template | None:
        """The template that the archive has of the post's store; None without an archive, without
        a template, or if the page's address is not that of a store."""
        if not post.url:
            return None
        with suppress(NoArchive, NotAStoreURL), closing(self.open_archive(opts)) as db:
            return read_template(db, parse_store_url(post.url).origin)
        return None

    def _fetch(self, url: str, note: str) -> Source:
        """Fetch a page as a crawl does. Raises NotAStoreURL, NoPage, PageRefused."""
        # These import Scrapy, which a file and a captured page do not need.
        from scraper.cli.crawling import run_spider  # noqa: PLC0415
        from scraper.middlewares.credentials import read_credentials  # noqa: PLC0415
        from scraper.spiders.page import PageSpider  # noqa: PLC0415

        parse_store_url(url)
        read_credentials(self.settings["ARCHIVE_CREDENTIALS"])
        run = run_spider(self.settings, PageSpider, url=url)
        if not run.items:
            raise NoPage(f"{url} could not be fetched")
        if run.state.robots_refused:
            raise NoPage(f"{url}: robots.txt forbids it")
        page: FetchedPage = run.items[0]
        if page.judgement.verdict != "ok":
            kind = PageRefused if page.judgement.verdict in REFUSALS else NoPage
            raise kind(f"{page.url} {describe_answer(page.judgement)}")
        return Source(
            name=page.final_url, note=note, body=page.body, url=page.final_url, charset=page.charset
        )


def _from_file(path: Path) -> Source:
    """Read a saved page or a text dump. Raises NoPage for any other file."""
    if not path.is_file():
        raise NoPage(f"{path} is no file" if path.exists() else f"no such file: {path}")
    if not path.name.lower().endswith((*PAGES, *DUMPS)):
        raise NoPage(f"{path} is neither a saved page (.html, .html.gz) nor a text dump (.txt)")
    try:
        body = read_file(path)
    except ImportProblem as error:
        raise NoPage(f"{path} {error}") from error
    dump = is_dump(path)
    if problem := _problem(body, is_dump=dump):
        raise NoPage(f"{path} {problem}")
    note = "a text dump" if dump else "a saved page"
    return Source(name=str(path), note=note, body=body, url="", dump=dump)


def _problem(body: bytes, *, is_dump: bool) -> str:
    """Why a file can hold no post, or an empty string."""
    if not body.strip():
        return "is empty"
    if is_dump:
        return "is no plain text" if b"\0" in body else ""
    if not is_html("text/html", body):
        return "is no HTML page"
    if not has_words(body):
        return "shows no words: perhaps a script fills the page"
    return ""


def _extract_in(worker: ExtractionWorker, source: Source, template: Template | None) -> Post:
    """The post of a source. Raises NoPage if it holds none, or takes too long to read."""
    try:
        return worker.call(_extract, source, template)
    except ExtractionError as error:
        raise NoPage(f"{source.name}: {error}") from error


def _extract(source: Source, template: Template | None) -> Post:
    """The post of a source, with every block. Raises NoPage if it holds none."""
    try:
        if source.dump:
            return extract_text_dump(decode_dump(source.body))
        post = extract_post(
            source.body, url=source.url, charset=source.charset, template=template, explain=True
        )
    except ExtractionError as error:
        raise NoPage(f"{source.name}: no post could be extracted: {error}") from error
    # As in a crawl, the address that answered is the post's, not that of its canonical link.
    return replace(post, url=source.url) if source.url else post


def _check_target(path: Path) -> None:
    """Raises NotOurs for a file that this command did not write."""
    try:
        if not path.exists():
            return
        if not path.is_file() or not path.read_bytes().startswith(SIGNATURE.encode()):
            raise NotOurs(f"{path} exists and was not written by explain: give another file")
    except OSError as error:
        raise NotOurs(f"{path} cannot be read: {error.strerror}") from error


def _write(path: Path, page: str) -> None:
    """Write the page with coloured blocks. Raises NotOurs if the file cannot be written."""
    with new_file(path, replaces=True) as out:
        out.write(page.encode("utf-8", "replace"))


def _annotated(source: Source, post: Post) -> str:
    if source.dump:
        return annotate_dump(decode_dump(source.body), post)
    return annotate_page(source.body, post, charset=source.charset)

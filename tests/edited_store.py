"""A store each post of which is edited on its second day: a word, a digit, the target of a link or
a cell of a table. What `make test` crawls in all themes at once, and `make campaign` in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from scraper.demo import DemoServer, DemoStore
from scraper.demo.days import Operation
from scraper.demo.posts import DemoPost
from scraper.demo.store import Catalogue, Edition
from tests.bulk_store import bulk_catalogue
from tests.conftest import ANEW, rows

PASSAGE = (
    "<p>Of pots and leaves, the first lesson is patience. Steep it for 4 minutes, then wait.</p>\n"
    '<p>See <a href="/blogs/journal/note-000001">the other one</a>, too.</p>\n'
    "<table><tbody><tr><td>Leaves</td><td>two spoons of it</td></tr></tbody></table>\n"
)
EDITS = (
    ("the first lesson", "the second lesson"),
    ("for 4 minutes, then", "for 5 minutes, then"),
    ('note-000001">the other', 'note-000002">the other'),
    ("two spoons of it", "three spoons of it"),
)
Crawl = Callable[..., None]
"""Crawls an address into an archive, with further words of the command."""


class EditedStore(DemoStore):
    """`posts` posts, all edited on the second day; only where `is_dated` the store's dates of
    modification say so."""

    def __init__(self, posts: int, *, theme: str, is_dated: bool) -> None:
        super().__init__(_catalogue(posts), theme=theme)
        self.is_dated = is_dated

    def edition(self, day: int) -> Edition:
        """The store on a day."""
        edition = super().edition(day)
        if self.is_dated:
            return edition
        first = {post.article_id: post.updated for post in super().edition(1).posts}
        posts = tuple(replace(post, updated=first[post.article_id]) for post in edition.posts)
        return replace(edition, posts=posts)


def _catalogue(posts: int) -> Catalogue:
    catalogue = bulk_catalogue(posts, edited_share=0)
    made = tuple(_with_passage(post, turn) for turn, post in enumerate(catalogue.posts))
    operations = tuple(
        Operation(kind="edit", post=post.name, old=EDITS[turn % 4][0], new=EDITS[turn % 4][1])
        for turn, post in enumerate(made)
    )
    first, second = catalogue.days
    return replace(catalogue, posts=made, days=(first, replace(second, operations=operations)))


def _with_passage(post: DemoPost, turn: int) -> DemoPost:
    """A post with what is edited between two of its paragraphs."""
    parts = post.body_html.split("\n")
    place = 1 + turn % (len(parts) - 1)
    body = "\n".join((*parts[:place], PASSAGE.strip(), *parts[place:]))
    return replace(post, body_html=body)


def crawl_edited(crawl: Crawl, db: Path, posts: int, *, theme: str, is_dated: bool) -> int:
    """Crawl a store on its first day, and as often as its edits need to be reported; returns how
    many crawls the second day took."""
    with DemoServer(EditedStore(posts, theme=theme, is_dated=is_dated)) as server:
        crawl(server.url, db)
        server.day = 2
        crawls = 1 if is_dated else 3  # as ARCHIVE_CONFIRM_SIGHTS says
        for number in range(crawls):
            crawl(server.url, db, *(() if is_dated or number else ANEW))
        return crawls


def reported_edits(db: Path) -> list[tuple[object, ...]]:
    """What was reported of the edits, with the words that each added and removed, and how many
    posts; a bracket that does not fit is left out."""
    return rows(
        db,
        """
        SELECT kind, changes.origin, words_added, words_removed, count(DISTINCT changes.post_id)
        FROM changes
        JOIN revisions AS old ON old.id = from_revision_id
        JOIN revisions AS new ON new.id = to_revision_id
        WHERE not_before = old.last_seen_at AND not_after = new.first_seen_at
        GROUP BY 1, 2, 3, 4 ORDER BY 1
        """,
    )

"""Places that vary by themselves, crawled: what the control fetches of one crawl teach, the next
crawl reads by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pytest

from tests.conftest import ANEW, Scrapy, rows
from tests.extract.test_volatile import NAMED, SUBJECTS, UNNAMED, Noise, body_of
from tests.storefront import ROBOTS, Page, Storefront, post, serving, sitemap

POSTS = [f"/blogs/journal/{subject}-{number}" for number in (1, 2) for subject in SUBJECTS]
EDITED = (POSTS[3], POSTS[7], POSTS[11])
EVERYTHING = NAMED | UNNAMED


@dataclass
class NoisyStore:
    """Twelve posts with noise in the middle: another one at each fetch, or, where `is_slow`, at
    each crawl. `edited` posts have another word and a later date."""

    storefront: Storefront
    db: Path
    scrapy: Callable[..., object]
    kinds: Mapping[str, Noise]
    is_slow: bool = False
    has_feed: bool = False
    crawls: int = 0
    edited: set[str] = field(default_factory=set)

    def crawl(self) -> None:
        """Crawl every post."""
        pages = self.storefront.pages
        for number, path in enumerate(POSTS, 1):
            pages[path] = self._page(path, number)
        before = sitemap(*POSTS)
        for path in self.edited:
            before = before.replace(
                f"{path}</loc><lastmod>2026-03-01", f"{path}</loc><lastmod>2027-01-01"
            )
        pages["/sitemap.xml"] = before
        if self.has_feed:
            pages["/blogs/journal.atom"] = self._feed()
        done = self.scrapy(self.storefront.url, self.db, *ANEW)
        assert done.returncode == 0, done.stdout + done.stderr
        self.crawls += 1

    def _body(self, path: str, number: int, noise: str) -> str:
        word = "nine" if path in self.edited else "seven"
        return f"{body_of(_subject(path), noise, word)}<p>The end of number {number}.</p>"

    def _page(self, path: str, number: int) -> Page:
        def serve(asked: int) -> str:
            tick = self.crawls if self.is_slow else asked
            noise = "".join(kind(_subject(path), tick + number) for kind in self.kinds.values())
            text = self._body(path, number, noise).removeprefix("<p>").removesuffix("</p>")
            return post(path, f"All about {path[-9:]}", text, rid=555000 + number)

        return serve

    def _feed(self) -> str:
        entries = "".join(
            f"<entry><id>{number}</id><published>2026-03-01T10:00:00Z</published>"
            f"<updated>{'2027-01-01' if path in self.edited else '2026-03-01'}T10:00:00Z</updated>"
            f'<link rel="alternate" type="text/html" href="{{origin}}{path}"/>'
            f"<title>All about {path[-9:]}</title><author><name>Sam Fern</name></author>"
            f'<content type="html">{escape(self._body(path, number, ""))}</content></entry>'
            for number, path in enumerate(POSTS, 1)
        )
        return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'

    def observed(self) -> list[tuple[object, ...]]:
        """What the last crawl reported as the store's doing."""
        return rows(
            self.db,
            "SELECT posts.url, kind, words_added, words_removed FROM changes "
            "JOIN posts ON posts.id = post_id WHERE changes.origin = 'observed' "
            "AND kind != 'created' AND crawl_id = (SELECT max(id) FROM crawls) "
            "ORDER BY posts.id",
        )

    def controls(self) -> int:
        """How many control fetches the last crawl made."""
        ((number,),) = rows(
            self.db,
            "SELECT count(*) FROM captures WHERE resource_type = 'control' "
            "AND crawl_id = (SELECT max(id) FROM crawls)",
        )
        return int(number)


def _subject(path: str) -> str:
    return path.rpartition("/")[2].partition("-")[0]


@pytest.fixture
def noisy(crawl: Scrapy, db_path: Path) -> Callable[..., Iterator[NoisyStore]]:
    """Serve a noisy store, to be crawled into an empty archive."""

    @contextmanager
    def serve(kinds: Mapping[str, Noise], **how: bool) -> Iterator[NoisyStore]:
        home = "<html><title>A shop</title></html>"
        with serving({"/robots.txt": ROBOTS, "/": home}) as storefront:
            yield NoisyStore(storefront, db_path, crawl, kinds, **how)

    return serve


@pytest.mark.parametrize(
    ("kinds", "how"),
    [
        (EVERYTHING, {}),
        (EVERYTHING, {"is_slow": True}),
        (UNNAMED, {"has_feed": True}),
        ({"relative": NAMED["relative"]}, {"is_slow": True}),
    ],
    ids=["all", "all, slow", "unnamed, with feed", "one, slow"],
)
def test_quiet_crawls_report_nothing_and_edits_come_alone(noisy, kinds, how):
    with noisy(kinds, **how) as store:
        store.crawl()
        assert store.controls() == 0
        for _ in range(3):
            store.crawl()
            assert store.observed() == []
            assert store.controls() <= 2
        store.edited.update(EDITED)
        store.crawl()
        assert store.observed() == [
            (f"{store.storefront.url}{path}", "edited", 1, 1) for path in EDITED
        ]
        assert store.controls() == 0


def test_edits_come_alone_though_their_posts_are_first_read_without_the_noise(noisy):
    with noisy(EVERYTHING) as store:
        for _ in range(2):
            store.crawl()
        store.edited.update(EDITED)
        store.crawl()
        assert store.observed() == [
            (f"{store.storefront.url}{path}", "edited", 1, 1) for path in EDITED
        ]
        assert rows(
            store.db,
            "SELECT count(*) FROM changes JOIN posts ON posts.id = post_id "
            "WHERE origin = 'technical' AND crawl_id = 3 GROUP BY url LIKE ? ORDER BY 1",
            f"%{EDITED[0]}",
        ) == [(1,), (len(POSTS) - 1,)]


def test_a_control_fetch_is_evidence_and_no_visit(noisy):
    with noisy({"views": UNNAMED["views"]}) as store:
        store.crawl()
        store.crawl()
        found = rows(
            store.db,
            "SELECT DISTINCT post_id, verdict, template, body_id > 0 FROM captures "
            "WHERE resource_type = 'control'",
        )
        assert found == [(None, "ok", "none", 1)]
        assert rows(store.db, "SELECT n_fetched, n_pending FROM crawls") == [(12, 0), (12, 12)]
        assert rows(store.db, "SELECT count(*) FROM observations") == [(24,)]


def test_a_crawl_keeps_the_template_by_which_it_read(noisy):
    with noisy({"views": UNNAMED["views"]}) as store:
        for _ in range(3):
            store.crawl()
        first, second, third = (word for (word,) in rows(store.db, "SELECT template FROM crawls"))
        assert first == second != third
        assert rows(
            store.db, "SELECT version, instr(blocks, 'views') > 0 FROM templates ORDER BY id"
        ) == [(first, 0), (third, 1)]

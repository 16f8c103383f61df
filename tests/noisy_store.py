"""A small store whose pages vary by themselves: what `make test` crawls with all kinds of noise
together, and `make campaign` with each, in several themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from tests.conftest import rows
from tests.extract.test_volatile import NAMED, SUBJECTS, UNNAMED, Noise, body_of
from tests.storefront import ROBOTS, Page, Storefront, post, serving, sitemap

POSTS = [f"/blogs/journal/{subject}-{number}" for number in (1, 2, 3) for subject in SUBJECTS][:12]
EDITED = (POSTS[3], POSTS[7], POSTS[11])
EVERYTHING = NAMED | UNNAMED
THEMES = {
    "rich text": "<h1>{title}</h1>\n<div class='rte'>{body}</div>",
    "article": (
        "<article class='article-template'><header><h1 class='article-template__title'>{title}</h1>"
        "</header>\n<div class='article-template__content page-width rte'>{body}</div></article>"
    ),
    "names that say nothing": (
        "<div class='x-17'><h1>{title}</h1>\n<div class='x-18'>\n{body}\n</div>"
        "<div class='x-19'><p>More of our stories about the house.</p></div></div>"
    ),
    "no names": "<div><h1>{title}</h1>\n<div>\n{body}\n</div></div>",
}
OWN_LAYOUT = (
    "</main><div id='pb'><h1>{title}</h1><section class='pb-9'>{body}<div class='mk'><span>Maud of "
    "Kent wrote us that she makes a pot of this each Sunday.</span></div></section></div><main>"
)
"""A theme of one post, whose widget only an entry of the feed tells from its body."""


@dataclass
class NoisyStore:
    """Twelve posts with noise in the middle: another one at each fetch, or, where `is_slow`, at
    each crawl. The last may have a theme of its own. `edited` posts have another word and, where
    the store `moves_dates`, a later date. `run` crawls an address into an archive."""

    storefront: Storefront
    db: Path
    run: Callable[[str, Path], None]
    kinds: Mapping[str, Noise]
    theme: str = "rich text"
    is_slow: bool = False
    has_feed: bool = False
    moves_dates: bool = True
    last_theme: str = ""
    crawls: int = 0
    edited: set[str] = field(default_factory=set)

    def crawl(self) -> None:
        """Crawl every post."""
        pages = self.storefront.pages
        pages |= {path: self._page(path, number) for number, path in enumerate(POSTS, 1)}
        listing = sitemap(*POSTS)
        for path in self.edited if self.moves_dates else ():
            listing = listing.replace(
                f"{path}</loc><lastmod>2026-03-01", f"{path}</loc><lastmod>2027-01-01"
            )
        pages["/sitemap.xml"] = listing
        if self.has_feed:
            pages["/blogs/journal.atom"] = self._feed()
        self.run(self.storefront.url, self.db)
        self.crawls += 1

    def _body(self, path: str, number: int, noise: str) -> str:
        word = "nine" if path in self.edited else "seven"
        return f"{body_of(_subject(path), noise, word)}<p>The end of number {number}.</p>"

    def _page(self, path: str, number: int) -> Page:
        title = f"All about {path[-9:]}"
        frame = post(path, title, "TEXT", rid=555000 + number)
        head, _, tail = frame.partition(f"<main><h1>{title}</h1>")
        end = tail.partition("</main>")[2]

        def serve(asked: int) -> str:
            tick = self.crawls if self.is_slow else asked
            noise = "".join(kind(_subject(path), tick + number) for kind in self.kinds.values())
            body = self._body(path, number, noise)
            theme = THEMES[self.theme]
            if self.last_theme and path == POSTS[-1]:
                theme, body = self.last_theme, self._body(path, number, "")
            return f"{head}<main>{theme.format(title=title, body=body)}</main>{end}"

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

    def edit(self) -> list[tuple[object, ...]]:
        """Edit three posts; returns what the next crawl should report."""
        self.edited.update(EDITED)
        return [(f"{self.storefront.url}{path}", "edited", 1, 1) for path in EDITED]

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


@contextmanager
def noisy_store(
    db: Path,
    run: Callable[[str, Path], None],
    kinds: Mapping[str, Noise],
    *,
    theme: str = "rich text",
    is_slow: bool = False,
    has_feed: bool = False,
    moves_dates: bool = True,
    last_theme: str = "",
) -> Iterator[NoisyStore]:
    """Serve a noisy store, to be crawled into an empty archive."""
    home = "<html><title>A shop</title></html>"
    with serving({"/robots.txt": ROBOTS, "/": home}) as storefront:
        yield NoisyStore(
            storefront,
            db,
            run,
            kinds,
            theme=theme,
            is_slow=is_slow,
            has_feed=has_feed,
            moves_dates=moves_dates,
            last_theme=last_theme,
        )

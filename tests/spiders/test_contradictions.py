"""Pages that answer 200 and are not the posts at whose addresses they stand: no edit is recorded of
any of them, and the real edit is recorded once the store behaves again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from scraper.extract import CUT
from scraper.history.crawl_health import SAME_BODY_MIN
from tests.conftest import ANEW, Command, rows
from tests.spiders.test_odd_stores import NUMBER, PATHS, WORDS, recorded_changes, shop, words
from tests.storefront import Page, Storefront, post, serving, sitemap

NOTICE = "We will be right back. Our shop is being looked after, please come again in a while."
WALL = "Please log in to read this story. Members of our club read every story for nothing."
OLD_DATE, NEW_DATE = "2026-03-01T10:00:00+00:00", "2026-11-28T10:00:00+00:00"
LATE = "2026-11-30T10:00:00+00:00"

MANY = SAME_BODY_MIN + 1
"""Posts that make a crawl suspicious where they read as one text."""


def title_of(number: int) -> str:
    return f"Post {number} on {WORDS[number]}"


def page(number: int, text: str = "", *, rid: int = 0, at: int | None = None) -> str:
    """The page of a post; `at` is the post at whose address it stands and calls its own."""
    return post(
        PATHS[number if at is None else at],
        title=title_of(number),
        text=text or words(number),
        rid=rid or 700_000 + number,
    )


def feed(texts: Mapping[int, str] = {}, *, dates: Mapping[int, str] = {}) -> str:
    """The blog's feed with the whole body of every post."""
    entries = "".join(
        f"<entry><id>{{origin}}{PATHS[number]}</id><published>{OLD_DATE}</published>"
        f"<updated>{dates.get(number, OLD_DATE)}</updated>"
        f'<link rel="alternate" href="{{origin}}{PATHS[number]}"/>'
        f"<title>{title_of(number)}</title><author><name>Mara</name></author>"
        f'<content type="html">&lt;p&gt;{texts.get(number, words(number))}&lt;/p&gt;</content>'
        "</entry>"
        for number in range(NUMBER)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{entries}</feed>'


def store_pages(*, with_feed: bool) -> dict[str, Page]:
    return shop() | ({"/blogs/news.atom": feed()} if with_feed else {})


def crawled(crawl: Command, store: Storefront, db: Path, *faults: Mapping[str, Page]) -> None:
    """A good crawl, one of each fault, and two good ones."""
    good = dict(store.pages)
    for pages in ({}, *faults, {}, {}):
        store.pages = good | dict(pages)
        crawl(store.url, db, *ANEW)


STANDING: dict[str, Callable[[int], str]] = {
    "a notice under each title and id": lambda number: page(number, NOTICE),
    "a wall that names the post": lambda number: page(number, f"{title_of(number)}. {WALL}"),
    "a notice with a number of its own": lambda number: page(number, f"{NOTICE} Case {number}."),
    "a page that still loads": lambda number: page(number, "Loading…"),
}


@pytest.mark.parametrize("with_feed", [True, False], ids=["feed", "no feed"])
def test_a_page_in_the_place_of_posts_is_no_edit(
    crawl: Command, db_path: Path, with_feed: bool
) -> None:
    """Of one kind in the place of all posts, then of two kinds side by side: so each stands twice
    running in the place of a post, as what is no edit must not do to be taken for one. At last of a
    single post alone."""
    kinds = list(STANDING.values())
    everywhere = [{PATHS[number]: kind(number) for number in range(NUMBER)} for kind in kinds]
    in_places = [
        {PATHS[0]: one(0)} | {PATHS[number]: many(number) for number in range(1, 1 + MANY)}
        for one, many in zip(kinds, [*kinds[1:], kinds[0]], strict=True)
    ]
    faults = [fault for pair in zip(everywhere, in_places, strict=True) for fault in pair]
    faults.append({PATHS[0]: kinds[0](0)})
    with serving(store_pages(with_feed=with_feed)) as store:
        crawled(crawl, store, db_path, *faults)
    assert recorded_changes(db_path) == []
    assert rows(db_path, "SELECT DISTINCT state FROM posts") == [("live",)]
    assert rows(db_path, "SELECT count(*) FROM posts") == [(NUMBER,)]
    # A single page without a feed to hold it against waits for confirmation.
    assert rows(
        db_path,
        "SELECT count(DISTINCT url), max(revision_count) > 1 FROM posts WHERE revision_count > 1",
    ) == ([(0, None)] if with_feed else [(1, 1)])


FRAME = (
    "<!doctype html><html><head><title>{0}</title></head>"
    "<body><main><h1>{0}</h1>{1}</main></body></html>"
)
HOME = FRAME.format(
    "Our shop of tea",
    "<p>We sell tea from nine gardens, and write about it for readers near and far away.</p>"
    "<ul><li><a href='/products/green'>Green</a></li></ul>",
)
MISSING = FRAME.format(
    "Page not found",
    "<p>The page that you asked for is not here any more, go on with our finest teas.</p>",
)


def test_the_stores_home_or_not_found_page_is_no_post(crawl: Command, db_path: Path) -> None:
    """Both answer 200, in the place of a third of the posts each."""
    pages = shop(number=3 * MANY)
    paths = list(pages)[-3 * MANY :]
    wrong = {
        **dict.fromkeys(paths[:MANY], HOME),
        **dict.fromkeys(paths[MANY : 2 * MANY], MISSING),
    }
    with serving(pages | {"/": HOME}) as store:
        crawled(crawl, store, db_path, wrong, wrong)
    assert recorded_changes(db_path) == []
    assert rows(db_path, "SELECT DISTINCT state, revision_count FROM posts") == [("live", 1)]


def dated(*paths: str, date: str = NEW_DATE) -> str:
    """The sitemap with a later date at some posts."""
    listed = sitemap(*PATHS)
    for path in paths:
        listed = listed.replace(f"{path}</loc><lastmod>{OLD_DATE}", f"{path}</loc><lastmod>{date}")
    return listed


EDITED = "The edit of this post says quite another thing now. "


@pytest.mark.parametrize("with_feed", [True, False], ids=["feed", "no feed"])
def test_another_posts_page_at_a_posts_address_is_no_rename(
    crawl: Command, db_path: Path, with_feed: bool
) -> None:
    """The page of the third post stands at the first address at first, and at the first two while
    the first post is edited: as the third's, as their own, and in turn with theirs."""
    with serving(store_pages(with_feed=with_feed)) as store:
        good = dict(store.pages)
        for pages in ({PATHS[0]: page(2)}, {}):
            store.pages = good | pages
            crawl(store.url, db_path, *ANEW)
        store.pages["/sitemap.xml"] = dated(PATHS[0])
        edited = {0: EDITED + words(0)}
        if with_feed:
            store.pages["/blogs/news.atom"] = feed(edited, dates={0: NEW_DATE})
        own, swapped = {PATHS[n]: page(2, at=n) for n in (0, 1)}, {PATHS[2]: page(0, edited[0])}
        for pages in (own, {PATHS[0]: page(2), PATHS[1]: page(2)}, swapped):
            store.pages |= pages
            crawl(store.url, db_path, *([] if pages is own else ANEW))
        assert recorded_changes(db_path) == []
        store.pages |= {PATHS[0]: page(0, edited[0]), PATHS[1]: page(1), PATHS[2]: page(2)}
        crawl(store.url, db_path)
    assert recorded_changes(db_path) == [(6, "edited", "observed", 1)]
    assert rows(db_path, "SELECT DISTINCT state FROM posts") == [("live",)]
    assert rows(db_path, "SELECT DISTINCT detail FROM captures WHERE verdict = 'unreadable'") == [
        ("another post's page stands at the post's address",)
    ]


def test_a_page_older_than_its_feed_entry_is_asked_for_again(crawl: Command, db_path: Path) -> None:
    with serving(store_pages(with_feed=True)) as store:
        crawl(store.url, db_path)
        edited = {0: words(0).replace("tea", "coffee")}
        fresh = feed(edited, dates={0: LATE}).replace(title_of(0), "A newer title")
        store.pages |= {"/sitemap.xml": dated(PATHS[0], date=LATE), "/blogs/news.atom": fresh}
        crawl(store.url, db_path)
        assert recorded_changes(db_path) == []
        store.pages[PATHS[0]] = page(0, edited[0]).replace(title_of(0), "A newer title")
        crawl(store.url, db_path)
        crawl(store.url, db_path)
    assert recorded_changes(db_path) == [(3, "edited", "observed", 1)]
    assert rows(db_path, "SELECT n_fetched FROM crawls") == [(NUMBER,), (1,), (1,), (0,)]


@pytest.mark.parametrize("first", [True, False], ids=["from the first crawl", "later"])
def test_one_article_id_at_every_address_names_no_post(
    crawl: Command, db_path: Path, first: bool
) -> None:
    """The id of a post, in two crawls running, and one that nobody has seen."""
    known, unknown = (
        {path: page(number, rid=rid) for number, path in enumerate(PATHS)}
        for rid in (700_003, 999_999)
    )
    with serving(shop()) as store:
        good = dict(store.pages)
        for pages in ([] if first else [{}]) + [known, known, unknown, {}, {}]:
            store.pages = good | pages
            crawl(store.url, db_path, *ANEW)
    assert recorded_changes(db_path) == []
    assert rows(db_path, "SELECT article_id FROM posts ORDER BY url") == [
        (f"{700_000 + number}",) for number in range(NUMBER)
    ]


def test_posts_with_new_ids_and_the_old_texts_are_the_same_posts(
    crawl: Command, db_path: Path
) -> None:
    with serving(shop()) as store:
        crawl(store.url, db_path)
        store.pages |= {path: page(n, rid=800_000 + n) for n, path in enumerate(PATHS)}
        for _ in range(3):
            assert crawl(store.url, db_path, *ANEW).returncode == 0
    assert recorded_changes(db_path) == []
    assert rows(db_path, "SELECT min(article_id), count(*) FROM posts") == [("800000", NUMBER)]


@pytest.mark.parametrize("with_feed", [True, False], ids=["feed", "no feed"])
def test_a_page_cut_in_mid_body_is_no_edit(crawl: Command, db_path: Path, with_feed: bool) -> None:
    """A proxy closes what it cut; where it does not, a script in the head prints an end tag. Two
    posts have a new date meanwhile; the same footer stands behind each post. When the theme shows
    none any more, an edit that makes a post shorter is one."""
    script = "<script>document.write('</body>')</script></head>"
    foot = "<footer>Tea from nine gardens</footer></body>"
    whole = {path: page(number).replace("</body>", foot) for number, path in enumerate(PATHS)}
    cut, closed = {}, {}
    for number, path in enumerate(PATHS):
        half = whole[path][: whole[path].index("<p>") + len(words(number)) // 2]
        cut[path], closed[path] = half.replace("</head>", script), half + "</p></body></html>"
    dated_ones = {"/sitemap.xml": dated(*PATHS[:2])}
    shorter = words(3).rpartition(". ")[0]
    bare = {path: page(number) for number, path in enumerate(PATHS)}
    bare |= {PATHS[3]: page(3, shorter), "/sitemap.xml": dated(PATHS[3])}
    if with_feed:
        bare["/blogs/news.atom"] = feed({3: shorter}, dates={3: NEW_DATE})
    good = store_pages(with_feed=with_feed) | whole
    with serving(good) as store:
        for pages in ({}, cut, closed | dated_ones, closed, closed, {}, bare):
            store.pages = good | pages
            crawl(store.url, db_path, *ANEW)
    assert recorded_changes(db_path) == [(7, "edited", "observed", 1)]
    found = rows(db_path, "SELECT count(DISTINCT url) FROM captures WHERE detail = ?", CUT)
    assert found == [(2 if with_feed else NUMBER,)]
    assert rows(db_path, "SELECT count(*) FROM captures WHERE verdict = 'truncated'") == [(NUMBER,)]


def test_posts_that_never_had_a_foot_say_nothing_of_a_cut_page(
    crawl: Command, db_path: Path
) -> None:
    """When two others lost theirs, while the post was not seen, its edit is one."""
    foot = "<footer>Tea from nine gardens</footer></body>"
    bare = {path: page(number) for number, path in enumerate(PATHS)}
    good = shop() | bare
    good |= {path: str(bare[path]).replace("</body>", foot) for path in PATHS[3:6]}
    shorter = page(3, words(3).rpartition(". ")[0])
    lost = {PATHS[4]: bare[PATHS[4]], PATHS[5]: bare[PATHS[5]], PATHS[3]: (503, "")}
    days = (
        {},
        {PATHS[3]: shorter, "/sitemap.xml": dated(PATHS[3])},
        lost,
        lost | {PATHS[3]: shorter, "/sitemap.xml": dated(PATHS[3])},
    )
    with serving(good) as store:
        for pages in days:
            store.pages = good | pages
            crawl(store.url, db_path, *ANEW)
    assert recorded_changes(db_path) == [(4, "edited", "observed", 1)]

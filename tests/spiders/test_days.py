"""The demo store crawled on two days: the author's words and nothing else, the day's changes and no
others.

Mixed and whole, it shows every theme; in small the seed's theme alone, and the one without any
semantic markup.
Every post in every theme is held against its author's words in tests/extract.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from scraper.demo import DemoServer, DemoStore
from scraper.demo.posts import DemoPost
from tests.conftest import Command, ThreeDays, rows
from tests.demo.authored import authored_text, reading_text
from tests.demo.theme_strings import found_in
from tests.small_store import small_store

PRINTS_TAGS = {"palo_alto", "showtime", "turbo", "utility"}
"""Themes that show a post's tags: what no page shows, no crawl can tell."""


@dataclass(frozen=True)
class Crawled:
    store: DemoStore
    url: str
    db: Path


@pytest.fixture(scope="module", params=["mixed", "palo_alto", "utility"])
def crawled(
    request: pytest.FixtureRequest,
    crawl: Command,
    three_days: ThreeDays,
    tmp_path_factory: pytest.TempPathFactory,
) -> Crawled:
    if request.param == "mixed":
        store = DemoStore()
        return Crawled(store, f"http://{store.shop.host}", three_days.db)
    store = small_store(theme=request.param)
    db = tmp_path_factory.mktemp(request.param) / "archive.db"
    with DemoServer(store) as server:
        for day in (1, 2):
            server.day = day
            done = crawl(server.url, db)
            assert done.returncode == 0, done.stdout + done.stderr
        return Crawled(store, server.url, db)


def first_revisions(crawled: Crawled, column: str) -> dict[str, object]:
    sql = f"""
        SELECT post_urls.url, {column} FROM revisions JOIN contents ON contents.id = content_id
        JOIN post_urls ON post_urls.post_id = revisions.post_id
        WHERE number = 1 ORDER BY post_urls.last_seen_at DESC
    """
    return {str(url).removeprefix(crawled.url): value for url, value in rows(crawled.db, sql)}


def posts_of_day_one(crawled: Crawled) -> dict[str, DemoPost]:
    return {post.path: post for post in crawled.store.posts(1)}


def test_every_text_is_the_authors_word_for_word(crawled: Crawled) -> None:
    found = first_revisions(crawled, "contents.text")
    posts = posts_of_day_one(crawled)
    wrong = [
        path
        for path, post in posts.items()
        if words(str(found.get(path, ""))) != words(reading_text(post))
    ]
    assert not wrong


def test_the_saved_html_holds_the_whole_body_with_the_typed_list(crawled: Crawled) -> None:
    found = first_revisions(crawled, "contents.html")
    wrong = [
        path
        for path, post in posts_of_day_one(crawled).items()
        if words(strip(str(found.get(path, "")))) != words(authored_text(post))
    ]
    assert not wrong


def test_no_boilerplate_is_in_any_text(crawled: Crawled) -> None:
    texts = first_revisions(crawled, "contents.text")
    found = {
        path: strings
        for path, text in texts.items()
        if path in posts_of_day_one(crawled)
        and (
            strings := found_in(crawled.store.theme_of(posts_of_day_one(crawled)[path]), str(text))
        )
    }
    assert not found


def test_titles_and_authors_are_the_stores(crawled: Crawled) -> None:
    titles, authors = first_revisions(crawled, "title"), first_revisions(crawled, "author")
    posts = posts_of_day_one(crawled)
    assert {path: titles.get(path) for path in posts} == {
        path: post.title for path, post in posts.items()
    }
    assert {path: authors.get(path) for path in posts} == {
        path: post.author for path, post in posts.items()
    }


def test_dates_are_right_or_unsaid(crawled: Crawled) -> None:
    found = first_revisions(crawled, "published_at")
    wrong = {
        path: (found.get(path), post.published.isoformat())
        for path, post in posts_of_day_one(crawled).items()
        if found.get(path) and str(found[path])[:10] not in utc_or_local_days(post)
    }
    assert not wrong
    # One theme prints the month alone; what it shows outside the feed has no day that could be
    # known.
    unsaid = {
        crawled.store.theme_of(post)
        for path, post in posts_of_day_one(crawled).items()
        if not found.get(path)
    }
    assert unsaid <= {"utility"}


def test_the_second_crawl_finds_the_days_changes_no_more_and_no_fewer(crawled: Crawled) -> None:
    told = Counter(
        (str(url).removeprefix(crawled.url), kind)
        for url, kind in rows(
            crawled.db,
            "SELECT posts.url, changes.kind FROM changes JOIN posts ON posts.id = post_id "
            "WHERE crawl_id = 2",
        )
    )
    expected = Counter(
        (change.after.path, reported_kind(crawled, change.after, kind))
        for change in crawled.store.changes(2)
        for kind in change.kinds
        if change.after and is_visible(crawled, change.after, kind)
    )
    assert told == expected


def test_what_was_removed_is_missing_first(crawled: Crawled) -> None:
    gone = {
        change.before.path
        for change in crawled.store.changes(2)
        if change.before and not change.after
    }
    sql = "SELECT url FROM captures WHERE crawl_id = 2 AND post_id > 0 AND verdict = 'not_found'"
    assert {str(url).removeprefix(crawled.url) for (url,) in rows(crawled.db, sql)} == gone
    assert rows(crawled.db, "SELECT n_missing FROM crawls WHERE id = 2") == [(len(gone),)]
    if rows(crawled.db, "SELECT max(id) FROM crawls") == [(2,)]:
        missing = rows(crawled.db, "SELECT url FROM posts WHERE state = 'missing'")
        assert {str(url).removeprefix(crawled.url) for (url,) in missing} == gone


def reported_kind(crawled: Crawled, post: DemoPost, kind: str) -> str:
    """An edit that moves one link target and no word is told as relinked, one that moves nothing
    but sums of pounds as prices."""
    before = posts_of_day_one(crawled).get(post.path)
    if kind == "edited" and before and reading_text(before) != reading_text(post):
        texts = {POUNDS.sub("£", reading_text(shown)) for shown in (before, post)}
        return "prices" if len(texts) == 1 else kind
    if kind == "edited" and before and words(reading_text(before)) == words(reading_text(post)):
        return "relinked"
    return kind


def is_visible(crawled: Crawled, post: DemoPost, kind: str) -> bool:
    return kind != "tags" or crawled.store.theme_of(post) in PRINTS_TAGS


def utc_or_local_days(post: DemoPost) -> set[str]:
    """A bare date is the store's own day, an exact time the day in UTC."""
    from datetime import UTC, timedelta, timezone  # noqa: PLC0415

    return {
        post.published.astimezone(zone).date().isoformat()
        for zone in (UTC, timezone(timedelta(hours=1)))
    }


def words(text: str) -> list[str]:
    import re  # noqa: PLC0415

    return re.findall(r"\w+", text.casefold())


def strip(html: str) -> str:
    """HTML as text by the standard library alone, so that the yardstick is not what it measures."""
    from html.parser import HTMLParser  # noqa: PLC0415

    parts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = parts.append  # type: ignore[method-assign]
    parser.handle_starttag = lambda tag, attrs: parts.append(" ") if tag not in INLINE else None  # type: ignore[method-assign]
    parser.feed(html)
    return "".join(parts)


POUNDS = re.compile(r"£\d+(\.\d\d)?")
INLINE = {
    "a",
    "b",
    "strong",
    "em",
    "i",
    "span",
    "u",
    "sub",
    "sup",
    "code",
    "small",
    "mark",
    "abbr",
    "cite",
    "q",
    "s",
    "del",
    "ins",
    "time",
}

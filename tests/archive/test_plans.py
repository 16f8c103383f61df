"""What a crawl asks of the archive costs what it brings, not what is archived: no statement reads a
big table from end to end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scraper.archive.queries.captures import CaptureFilter, read_captures
from scraper.archive.queries.posts import find_post, related_posts
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Post
from tests.archive.shop import Shop, listing
from tests.factories import answered, at, make_link, make_post, seen, url_of

GROWING = {
    "captures",
    "changes",
    "change_fields",
    "code_mentions",
    "contents",
    "links",
    "listings",
    "post_urls",
    "posts",
    "revisions",
}
GROWING |= {"observations"}
"""Tables that grow with the posts of a store."""

TEA = make_post(article_id="11", links=(make_link("jam", kind="previous", anchor="Jam"),))
JAM = make_post("jam", article_id="12")


def test_no_statement_of_a_crawl_reads_a_big_table_whole(shop: Shop):
    shop.crawl(1, TEA, JAM)
    asked: list[str] = []
    shop.db.conn.set_trace_callback(asked.append)
    shop.crawl(
        2,
        make_post(article_id="11", text="Other words than on the first day."),
        gone=[url_of("jam")],
        listed=[TEA.url],
    )
    shop.crawl(3, TEA, gone=[url_of("jam")], listed=[TEA.url])
    shop.begin(4).known_store()
    assert any("observations" in sql for sql in asked)
    assert _reads(shop, asked, _reads_whole) == {}


def test_no_statement_of_a_visit_reads_what_a_store_has_of_posts(shop: Shop):
    """There is one for each post: where each reads all of them, a crawl costs the square of its
    posts."""
    shop.crawl(1, TEA, JAM)
    writer = shop.begin(2)
    writer.record(listing(TEA.url, url_of("jam"), url_of("new")), at(2))
    asked: list[str] = []
    shop.db.conn.set_trace_callback(asked.append)
    writer.record_visit(
        seen(
            make_post(article_id="11", text="Other words than on the first day.", links=TEA.links),
            at(2, 1),
        )
    )
    writer.record_visit(seen(make_post("new", article_id="13"), at(2, 2)))
    writer.record_visit(answered(url_of("jam"), at(2, 3), "not_found"))
    assert any("post_urls" in sql for sql in asked)
    assert _reads(shop, asked, _reads_store) == {}
    writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(2, 59))


@pytest.mark.parametrize("links", [0, 6, 40])
def test_a_visit_takes_few_statements(shop: Shop, links: int):
    """So many, and one for each new link: a gate on counts, for seconds depend on the machine."""
    linked = tuple(make_link(f"post-{number}", position=number) for number in range(links))
    post = make_post(article_id="11", links=linked)
    assert len(_statements(shop, 1, post)) <= 34 + links
    assert len(_statements(shop, 2, post)) <= 17


@pytest.mark.parametrize(
    "asked", ["slow-tea", "Slow Tea", "1", TEA.url, "news/slow-tea", "shop.example: news/slow-tea"]
)
def test_no_post_and_no_neighbours_are_looked_for_by_reading_all(shop: Shop, asked: str):
    shop.crawl(1, TEA, JAM)
    statements: list[str] = []
    shop.db.conn.set_trace_callback(statements.append)
    post = find_post(shop.db, asked)
    assert post.title == TEA.title
    assert related_posts(shop.db, post)
    assert _reads(shop, statements, _reads_whole) == {}


def test_the_captures_of_a_post_are_found_without_reading_all(shop: Shop):
    shop.crawl(1, TEA, JAM)
    statements: list[str] = []
    shop.db.conn.set_trace_callback(statements.append)
    list(read_captures(shop.db, CaptureFilter(post_id=find_post(shop.db, "slow-tea").id)))
    assert _reads(shop, statements, _reads_whole) == {}


def _statements(shop: Shop, day: int, post: Post) -> list[str]:
    """What the archive is asked when a crawl sees a post, without what the search index does."""
    writer = shop.begin(day)
    asked: list[str] = []
    shop.db.conn.set_trace_callback(asked.append)
    writer.record_visit(seen(post, at(day, 1)))
    shop.db.conn.set_trace_callback(None)
    writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(day, 59))
    return [sql for sql in asked if not sql.startswith("--")]


def _reads(shop: Shop, statements: list[str], wrong: Callable[[str], bool]) -> dict[str, str]:
    """The statements of whose plans a step is wrong, with that step."""
    shop.db.conn.set_trace_callback(None)
    asked = [
        sql
        for sql in dict.fromkeys(statements)
        if sql.lstrip().startswith(("SELECT", "UPDATE", "INSERT", "WITH"))
    ]
    return {sql: step for sql in asked for step in _plan(shop, sql) if wrong(step)}


def _plan(shop: Shop, sql: str) -> list[str]:
    return [row[3] for row in shop.db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]


def _reads_whole(step: str) -> bool:
    # The index of undirected pagers holds none but those: it is read whole, and is all but empty.
    verb, _, rest = step.partition(" ")
    return (
        verb == "SCAN"
        and rest.split(" ")[0] in GROWING
        and not step.endswith("INDEX links_undirected")
    )


def _reads_store(step: str) -> bool:
    verb, _, rest = step.partition(" ")
    return _reads_whole(step) or (
        verb == "SEARCH"
        and rest.split(" ")[0] in GROWING
        and rest.endswith(("(store_id=?)", "(blog_id=?)"))
    )

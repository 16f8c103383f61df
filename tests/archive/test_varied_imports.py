"""A page captured before the last sight, whose own date has moved since: the change is what its
author did, and not what crawls saw vary."""

from __future__ import annotations

from dataclasses import replace

from scraper.archive.verify.changes import check_changes
from scraper.items import Post
from tests.archive.shop import Shop
from tests.factories import TEXT, at, make_post, reading, seen


def page(day: int, name: str, word: str) -> Post:
    """A page that prints a date of modification, with a name that no look sees twice."""
    lines = (TEXT.replace("four", word), "Of pots.", name, "Of lids.", "The end.")
    post = make_post("p1", article_id="1", text="\n".join(lines))
    return replace(post, readings=(*post.readings, reading("modified_at", "jsonld", at(day, 30))))


def test_an_imported_edit_comes_without_what_crawls_saw_vary(shop: Shop):
    for day, name in enumerate(("kqxzv", "bvafe", "qpzza", "ggkqx"), start=12):
        shop.crawl(day, seen(page(10, name, "five"), at(day, 1), lastmod=at(10)))
    shop.imported(20, page(2, "wwnra", "four"), captured=4)
    assert shop.rows(
        "SELECT kind, origin, words_added, words_removed FROM changes LIMIT -1 OFFSET 1"
    ) == [("edited", "imported", 1, 1)]
    assert [problem for problem in check_changes(shop.db.conn) if problem] == []

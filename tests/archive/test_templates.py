"""Templates: each version kept, the last one handed out, and what another version makes of a
difference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scraper.archive.statements import to_json
from scraper.crawl_evidence import TemplateSettled
from scraper.exceptions import ArchiveError
from tests.archive.shop import Shop
from tests.each_row import each_row
from tests.factories import TEXT, at, make_post, make_template

FIRST = make_template("div.box")
SECOND = make_template()
POST = make_post(template=FIRST.version)


def test_a_template_comes_back_as_it_was_noted(shop: Shop):
    writer = shop.begin(1)
    writer.record(TemplateSettled(template=FIRST), at(1))
    assert writer.known_store().template == FIRST


def test_each_version_is_saved_and_the_last_one_used_is_handed_out(shop: Shop):
    for day, template in enumerate((FIRST, SECOND, FIRST), start=1):
        writer = shop.begin(day)
        writer.record(TemplateSettled(template=template), at(day))
    assert shop.rows("SELECT label, version, first_seen_at, last_seen_at FROM templates") == [
        ("shop.example: template 1", FIRST.version, at(1), at(3)),
        ("shop.example: template 2", SECOND.version, at(2), at(2)),
    ]
    assert writer.known_store().template == FIRST


@each_row("bodies", ["[" * 100_000, "[5]", '[{"a": 1}]'], ids=["nested", "a number", "unknown"])
def test_a_template_that_no_writer_of_ours_noted_is_refused(shop: Shop, bodies: str):
    writer = shop.begin(1)
    writer.record(TemplateSettled(template=FIRST), at(1))
    shop.db.execute("UPDATE templates SET bodies = ?", [bodies])
    with pytest.raises(ArchiveError, match=rf"template {FIRST.version} .* cannot be read"):
        writer.known_store()
    shop.db.execute("UPDATE templates SET bodies = ?", [to_json(FIRST.bodies)])


def test_a_store_without_pages_has_no_template(shop: Shop):
    assert shop.begin(1).known_store().template is None


def test_a_difference_read_by_another_template_is_technical(shop: Shop):
    shop.crawl(1, POST)
    shop.crawl(2, make_post(text=TEXT + "\nFree delivery.", template=SECOND.version), lastmod="")
    shop.crawl(3, make_post(text=TEXT + "\nFree samples.", template=SECOND.version))
    assert shop.rows("SELECT origin FROM changes WHERE kind = 'edited'") == [
        "technical",
        "observed",
    ]


def test_an_equal_reading_by_another_template_is_no_change(shop: Shop):
    shop.crawl(1, POST)
    shop.crawl(2, replace(POST, template=SECOND.version))
    assert shop.changes() == []
    assert shop.rows("SELECT seen_template FROM posts") == [SECOND.version]


def test_a_crawl_counts_how_its_pages_could_be_read(shop: Shop):
    shop.crawl(
        1,
        replace(POST, confidence=0.5),
        make_post("b", feed_check="equal"),
        make_post("c", feed_check="differs"),
    )
    assert shop.rows("SELECT n_confident, n_feed_checked, n_feed_matched FROM crawls") == [
        (2, 2, 1)
    ]


def test_a_crawl_that_reads_much_less_surely_is_degraded_and_reported_once(shop: Shop):
    posts = [make_post(f"post-{number}") for number in range(6)]
    shop.crawl(1, *posts)
    for day in (2, 3):
        judgement = shop.crawl(day, *(replace(post, confidence=0.5) for post in posts))
        assert judgement.health == "degraded"
    assert shop.rows("SELECT kind, detail, closed_at FROM incidents") == [
        ("degraded", "the body was found surely on only 0 of 6 pages", None)
    ]
    shop.crawl(4, *posts)
    assert shop.rows("SELECT closed_at FROM incidents") == [at(4, 59)]

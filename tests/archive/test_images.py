"""Images of posts in the archive: queued by pages, stored once, and a change where the store has
another one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from sqlite_utils import Database

from scraper.archive.queries.captures import CaptureFilter, read_captures, read_repeated
from scraper.archive.queries.changes import pending_changes
from scraper.archive.write.context import CrawlRules
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import ImageAnswer, StoreSeen
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Post, Verdict
from tests.archive.shop import RULES, Shop, listing
from tests.factories import ORIGIN, at, make_capture, make_post, seen

FILE = f"{ORIGIN}/wp-content/uploads/pot.png"
MAIN = f"{ORIGIN}/cdn/shop/articles/main.jpg?v=1700000000"
SAVED_BEFORE = "2026-01-01T00:00:00Z"


def with_image(handle: str = "slow-tea", source: str = FILE, **more: str) -> Post:
    html = f'<p>Warm the pot.</p><p><img src="{source}" alt="A pot"></p>'
    return make_post(handle, text="Warm the pot.", html=html, **more)


def begin(db: Database, day: int, **rules: Any) -> Writer:
    return Shop(db).begin(day, rules=CrawlRules(**{"images": True, **rules}))


def answer(
    url: str, day: int, content: str = "", *, verdict: Verdict = "ok", uploaded_at: str = ""
) -> ImageAnswer:
    digest = hashlib.sha256(content.encode()).hexdigest()
    capture = make_capture(url, at(day, 40), verdict=verdict, body_hash=digest)
    return ImageAnswer(url=url, capture=capture, media_type="image/png", uploaded_at=uploaded_at)


def crawl(
    db: Database,
    day: int,
    *posts: Post,
    contents: dict[str, str] | None = None,
    lastmod: str = SAVED_BEFORE,
    uploaded_at: str = "",
    **rules: Any,
) -> list[str]:
    """A crawl that reads posts, then asks for what is queued; `contents` are the bytes of each
    address, by default the same of all. Returns what it asked for."""
    writer = begin(db, day, **rules)
    writer.record(listing(*(post.url for post in posts)), at(day))
    for minute, post in enumerate(posts, start=1):
        writer.record_visit(seen(post, at(day, minute), lastmod=lastmod))
    asked = [image.url for image in writer.next_images(100)]
    for url in asked:
        content = (contents or {}).get(url, "a pot")
        writer.record_image(answer(url, day, content, uploaded_at=uploaded_at))
    assert writer.next_images(100) == []
    writer.finish_crawl(CrawlEnd(finished=True), at=at(day, 59))
    return asked


IMAGE_CHANGES = """
    SELECT severity, origin, witness, is_revert, not_before, not_after FROM changes
    WHERE kind = 'image' ORDER BY id
"""


def test_an_image_of_many_posts_is_asked_for_and_stored_once(db: Database) -> None:
    shop = Shop(db)
    posts = (with_image("a"), with_image("b", image_url=MAIN))
    assert crawl(db, 1, *posts, contents={MAIN: "a main image"}) == [FILE, MAIN]
    assert shop.counts("images", "post_images", "image_queue") == (2, 3, 0)
    assert shop.rows("SELECT count(*) FROM captures WHERE resource_type = 'image'") == [2]
    assert shop.changes() == []


def test_nothing_is_asked_again_until_the_post_or_its_address_is_another(db: Database) -> None:
    first, again = with_image(), with_image(source=f"{ORIGIN}/wp-content/uploads/new.png")
    assert crawl(db, 1, first) == [FILE]
    assert crawl(db, 2, first) == []
    assert crawl(db, 3, first, lastmod=at(2)) == [FILE]  # its author saved it
    assert crawl(db, 4, again) == [f"{ORIGIN}/wp-content/uploads/new.png"]


def test_the_sweep_asks_again(db: Database) -> None:
    assert crawl(db, 1, with_image(), image_days=20) == [FILE]
    assert crawl(db, 9, with_image(), image_days=20) == []
    assert crawl(db, 14, with_image(), image_days=20) == [FILE]


def test_nothing_is_queued_where_images_are_off(db: Database) -> None:
    writer = begin(db, 1, images=False)
    writer.record_visit(seen(with_image(), at(1, 1)))
    assert writer.next_images(100) == []
    writer.finish_crawl(CrawlEnd(finished=True), at=at(1, 59))


def test_what_stands_elsewhere_is_not_queued(db: Database) -> None:
    assert crawl(db, 1, with_image(source="https://pictures.example/pot.png")) == []


def test_another_image_under_the_address_is_a_change_of_every_post_that_shows_it(
    db: Database,
) -> None:
    posts = [with_image(name) for name in ("a", "b", "c")]
    crawl(db, 1, *posts, uploaded_at="2025-05-01T00:00:00Z")
    crawl(
        db,
        2,
        *posts,
        contents={FILE: "a kettle"},
        lastmod=at(1, 50),
        uploaded_at="2026-03-01T07:00:00Z",
    )
    shop = Shop(db)
    change = ("minor", "observed", "lastmod", 0, at(1, 40), at(2, 40))
    assert shop.rows(IMAGE_CHANGES) == [change] * 3
    assert shop.rows("SELECT kind, n_posts FROM change_groups") == [("image", 3)]
    (old, new) = (hashlib.sha256(text.encode()).hexdigest() for text in ("a pot", "a kettle"))
    assert shop.rows("SELECT DISTINCT field, old_value, new_value FROM change_fields") == [
        ("image_bytes", f"sha256:{old} {FILE}", f"sha256:{new} {FILE}")
    ]
    crawl(db, 3, *posts, lastmod=at(2, 50))
    assert [row[3] for row in shop.rows(IMAGE_CHANGES)] == [0, 0, 0, 1, 1, 1]  # back again
    assert shop.counts("revisions", "images") == (3, 2)


@pytest.mark.parametrize("needed", [2, 3])
def test_other_bytes_wait_until_so_many_crawls_saw_them(db: Database, needed: int) -> None:
    shop = Shop(db)
    crawl(db, 1, with_image())
    store = shop.rows("SELECT name FROM stores")[0]
    seen_so: Any = {"contents": {FILE: "a kettle"}, "confirm_sights": needed}
    assert crawl(db, 3, with_image(author="Ida Fern"), **seen_so) == [FILE]
    assert shop.rows("SELECT standing, count FROM post_images") == [
        ("confirmed", 1),
        ("pending", 1),
    ]
    _, waiting = pending_changes(db, store)  # beside that of the author
    assert (waiting.not_before, waiting.first_seen_at, waiting.sights) == (at(1, 40), at(3, 40), 1)
    assert waiting.new_text == f"sha256:{hashlib.sha256(b'a kettle').hexdigest()} {FILE}"
    for day in range(4, 3 + needed):
        assert crawl(db, day, **seen_so) == [FILE]  # though no post is read
    assert shop.rows(IMAGE_CHANGES) == [("minor", "observed", "sights", 0, at(1, 40), at(3, 40))]
    assert crawl(db, 6) == []
    assert not any("sha256" in one.new_text for one in pending_changes(db, store))


def test_other_bytes_that_go_again_are_no_change(db: Database) -> None:
    shop = Shop(db)
    crawl(db, 1, with_image())
    crawl(db, 2, with_image(author="Ida Fern"), contents={FILE: "a kettle"})
    assert crawl(db, 3) == [FILE]
    assert shop.rows(IMAGE_CHANGES) == []
    assert shop.rows("SELECT standing, count FROM post_images") == [
        ("confirmed", 2),
        ("volatile", 1),
    ]
    assert crawl(db, 4) == []


def test_an_answer_without_bytes_is_another_sight_of_the_last(db: Database) -> None:
    crawl(db, 1, with_image())
    writer = begin(db, 2)
    writer.record_visit(seen(with_image(author="Ida Fern"), at(2, 1)))
    (image,) = writer.next_images(100)
    assert image.url == FILE
    for url in (FILE, MAIN):
        writer.record_image(answer(url, 2, verdict="not_modified"))
    writer.finish_crawl(CrawlEnd(finished=True), at=at(2, 59))
    shop = Shop(db)
    assert shop.rows("SELECT count, last_seen_at FROM post_images") == [(2, at(2, 40))]
    digest = hashlib.sha256(b"a pot").hexdigest()
    repeats = [row for row in read_captures(db, CaptureFilter()) if row.verdict == "not_modified"]
    details = shop.rows("SELECT detail FROM captures WHERE verdict = 'not_modified'")
    assert details == [f"the bytes are those of image {digest[:12]}", ""]
    # What was never seen repeats no other image.
    assert [found and found.url for found in (read_repeated(db, row) for row in repeats)] == [
        FILE,
        None,
    ]


@pytest.mark.parametrize(
    ("verdict", "tries"), [("server_error", 3), ("network_error", 3), ("not_found", 1)]
)
def test_a_failing_image_is_tried_by_three_crawls_and_a_missing_one_by_one(
    db: Database, verdict: Verdict, tries: int
) -> None:
    made = 0
    for day in range(1, 6):
        writer = begin(db, day)
        if day == 1:
            writer.record_visit(seen(with_image(), at(1, 1)))
        for image in writer.next_images(100):
            writer.record_image(answer(image.url, day, verdict=verdict))
            made += 1
        writer.finish_crawl(CrawlEnd(finished=True), at=at(day, 59))
    assert made == tries
    assert Shop(db).counts("images", "post_images", "image_queue") == (0, 0, 0)


@pytest.mark.parametrize(
    ("day", "content", "expected"),
    [
        (2, "a pot", [("a pot", 2, 5), ("a kettle", 9, 9)]),
        (7, "a pot", [("a pot", 5, 7), ("a kettle", 9, 9)]),
        (7, "a kettle", [("a pot", 5, 5), ("a kettle", 7, 9)]),
        (7, "a cup", [("a pot", 5, 5), ("a cup", 7, 7), ("a kettle", 9, 9)]),
        (2, "a cup", [("a cup", 2, 2), ("a pot", 5, 5), ("a kettle", 9, 9)]),
    ],
)
def test_an_image_of_the_past_has_its_period_and_makes_no_change(
    db: Database, day: int, content: str, expected: list[tuple[str, int, int]]
) -> None:
    post, shop = with_image(), Shop(db)
    crawl(db, 5, post)
    crawl(db, 9, post, contents={FILE: "a kettle"}, lastmod=at(8))
    changes = shop.rows(IMAGE_CHANGES)
    assert len(changes) == 1
    writer = Writer(
        db,
        StoreSeen(origin=ORIGIN),
        kind="import",
        origin="imported",
        extractor=RULES,
        at=at(day),
        answered=True,
        rules=CrawlRules(archived_images=frozenset({FILE})),
    )
    elsewhere = f"{ORIGIN}/uploads/lid.png"  # of which the files have nothing
    for minute, source in enumerate((FILE, elsewhere)):
        capture = replace(seen(post, at(day, minute)).capture, dated_by="web_archive")
        page = with_image(source=source)
        writer.record_visit(replace(seen(page, at(day, minute)), capture=capture))
    assert [image.url for image in writer.next_images(9)] == [FILE]
    writer.record_image(answer(FILE, day, content))
    writer.finish_import(at(day, 59))
    named = {hashlib.sha256(name.encode()).hexdigest(): name for name, _, _ in expected}
    periods = shop.rows(
        "SELECT hash, first_seen_at, last_seen_at FROM post_images "
        "JOIN images ON images.id = image_id ORDER BY first_seen_at"
    )
    found = [(named[digest], first, last) for digest, first, last in periods]
    assert found == [(name, at(first, 40), at(last, 40)) for name, first, last in expected]
    assert shop.rows(IMAGE_CHANGES) == changes

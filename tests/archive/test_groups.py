"""Groups as a crawl's end writes them, and what a reader sees."""

from __future__ import annotations

from dataclasses import replace

from scraper.archive.queries.changes import changes_of_crawl, groups_of
from scraper.items import Post
from tests.archive.shop import Shop
from tests.factories import TEXT, make_post, page_readings, url_of

BLOG = [
    make_post(f"p{n}", article_id=str(n), text=f"{TEXT}\nNumber {n}.", tags=("Tea", f"Herb {n}"))
    for n in range(1, 7)
]


def _groups(shop: Shop) -> list[tuple[str, str, str, int, str]]:
    return shop.rows("SELECT kind, origin, cause, n_posts, summary FROM change_groups ORDER BY id")


def _edited(post: Post, old: str, new: str) -> Post:
    return replace(
        post,
        text=post.text.replace(old, new),
        html=post.html.replace(old, new),
        markdown=post.markdown.replace(old, new),
    )


def test_one_word_changed_on_every_post_is_one_group(shop: Shop):
    shop.crawl(1, *BLOG)
    shop.crawl(2, *[_edited(post, "four", "five") for post in BLOG])
    assert _groups(shop) == [
        ("edited", "observed", "store", 6, "edited: text: four → five on 6 posts")
    ]
    assert (
        shop.rows("SELECT kind, group_id FROM changes WHERE group_id IS NOT NULL")
        == [("edited", 1)] * 6
    )
    assert shop.rows("SELECT label, crawl_id FROM change_groups") == [
        ("shop.example: crawl 2, 2026-03-02T06:00:00Z, group 1", 2)
    ]


def test_a_first_crawl_makes_no_group(shop: Shop):
    shop.crawl(1, *BLOG)
    assert _groups(shop) == []


def test_a_new_theme_is_one_group(shop: Shop):
    shop.crawl(1, *BLOG)
    shop.crawl(
        2, *[replace(_edited(post, "Number", "No."), template="b") for post in BLOG], lastmod=""
    )
    assert _groups(shop) == [("edited", "technical", "theme", 6, "theme changed on 6 posts")]


def test_new_rules_are_one_group(shop: Shop):
    shop.crawl(1, *BLOG)
    shop.crawl(
        2,
        *[_edited(post, "Number", f"{post.handle} no.") for post in BLOG],
        extractor="rules 2",
        lastmod="",
    )
    assert _groups(shop) == [
        ("edited", "technical", "rules", 6, "rules of extraction changed on 6 posts")
    ]


def test_a_theme_that_stops_printing_tags_is_recorded_as_the_themes_doing(shop: Shop):
    shop.crawl(1, *BLOG)
    shop.crawl(2, *[replace(post, tags=()) for post in BLOG])
    assert _groups(shop) == [
        ("tags", "technical", "theme", 6, "theme no longer shows tags on 6 posts")
    ]
    # Each change has the origin of its group, for who reads the table alone.
    assert shop.rows("SELECT DISTINCT origin, cause FROM changes WHERE kind = 'tags'") == [
        ("technical", "theme")
    ]
    assert shop.rows(
        "SELECT DISTINCT origin, cause, change_group FROM timeline WHERE kind = 'tags'"
    ) == [("technical", "theme", "theme no longer shows tags on 6 posts")]
    changes = changes_of_crawl(shop.db, 2)
    assert {(change.origin, change.cause, change.group_label) for change in changes} == {
        ("technical", "theme", "shop.example: crawl 2, 2026-03-02T06:00:00Z, group 1")
    }
    assert [(group.n_posts, group.origin) for group in groups_of(changes)] == [(6, "technical")]


def test_tags_taken_off_two_posts_are_the_stores_doing(shop: Shop):
    shop.crawl(1, *BLOG)
    shop.crawl(2, *[replace(post, tags=()) for post in BLOG[:2]], *BLOG[2:])
    assert _groups(shop) == []
    assert shop.rows("SELECT origin FROM changes WHERE kind = 'tags'") == ["observed"] * 2


def test_a_by_line_that_the_theme_stops_printing_is_the_themes_doing(shop: Shop):
    shop.crawl(1, *BLOG)
    silent = [replace(post, author="") for post in BLOG]
    shop.crawl(2, *[replace(post, readings=page_readings(post)) for post in silent])
    assert [row[1:4] for row in _groups(shop)] == [("technical", "theme", 6)]


def test_dates_that_the_theme_stops_printing_are_no_major_change(shop: Shop):
    shop.crawl(1, *BLOG)
    undated = [replace(post, published_at="") for post in BLOG]
    shop.crawl(2, *[replace(post, readings=page_readings(post)) for post in undated])
    assert shop.rows("SELECT kind, severity, origin FROM change_groups") == [
        ("redated", "minor", "technical")
    ]
    assert shop.rows("SELECT DISTINCT severity FROM changes WHERE kind = 'redated'") == ["minor"]


def test_a_blog_that_moves_is_one_group(shop: Shop):
    shop.crawl(1, *BLOG)
    shop.crawl(
        2,
        *[
            replace(post, url=url_of(post.handle, blog="journal"), blog_handle="journal")
            for post in BLOG
        ],
    )
    assert [row[-1] for row in _groups(shop)] == [
        (
            "renamed: url: https://shop.example/blogs/news/ → https://shop.example/blogs/journal/ "
            "on 6 posts"
        )
    ]


def test_posts_removed_together_are_one_group(shop: Shop):
    shop.crawl(1, *BLOG)
    for day in (2, 3):
        shop.crawl(day, *BLOG[3:], gone=[post.url for post in BLOG[:3]])
    assert _groups(shop) == [("removed", "observed", "store", 3, "removed on 3 posts")]


def test_an_import_groups_what_it_found(shop: Shop):
    shop.imported(1, *BLOG)
    shop.imported(2, *[_edited(post, "four", "five") for post in BLOG])
    assert [row[:4] for row in _groups(shop)] == [("edited", "imported", "file", 6)]


def test_each_crawl_has_groups_of_its_own(shop: Shop):
    shop.crawl(1, *BLOG)
    shop.crawl(2, *[_edited(post, "four", "five") for post in BLOG])
    shop.crawl(3, *BLOG)
    assert shop.rows("SELECT crawl_id, summary FROM change_groups") == [
        (2, "edited: text: four → five on 6 posts"),
        (3, "edited: text: five → four on 6 posts"),
    ]


def test_change_details_have_everything_beside_a_change(shop: Shop):
    shop.crawl(1, *BLOG)
    shop.crawl(2, *[_edited(post, "four", "five") for post in BLOG])
    columns = (
        "kind, post_title, blog_handle, crawl_health, is_initial, from_number, to_number, "
        "json_extract(fields, '$[0].new'), group_kind, group_n_posts, group_summary"
    )
    assert shop.rows(f"SELECT {columns} FROM change_details WHERE post_id = 1") == [
        ("created", "P1", "news", "healthy", 1, 0, 1, None, "created", 1, ""),
        (
            *("edited", "P1", "news", "healthy", 0, 1, 2, "five", "edited", 6),
            "edited: text: four → five on 6 posts",
        ),
    ]

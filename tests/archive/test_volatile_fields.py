"""Fields that vary by themselves: no change without a date, and no edit of an author's lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scraper.items import Post
from tests.archive.shop import Shop
from tests.factories import TEXT, at, make_post, page_readings, reading, seen

OTHER = make_post("other", article_id="9", text="Cake is a matter of patience, butter and eggs.")
VALUES: dict[str, tuple[Any, Any]] = {
    "title": ("The slow pot", "The pot that you have to see"),
    "author": ("Mara Quill", "The team"),
    "published_at": ("2026-02-01T09:00:00Z", "2026-02-02T09:00:00Z"),
    "image_url": ("https://shop.example/a.png", "https://shop.example/b.png"),
    "excerpt": ("Of pots.", "Of pots, and what they cost."),
    "tags": (("Tea",), ("Tea", "Offers")),
}
KINDS = {
    "title": "retitled",
    "published_at": "redated",
    "image_url": "image",
}


def post(name: str, field: str, value: Any, word: str = "four", **more: str) -> Post:
    found = make_post(
        name,
        article_id=name[-1],
        text=f"{TEXT.replace('four', word)}\nOf {name}.",
        **{field: value},
        **more,
    )
    own = () if field == "tags" else (reading(field, "meta", value),)
    others = (claim for claim in page_readings(found) if claim.field != field)
    return replace(found, readings=(*own, *others))


def crawl(shop: Shop, day: int, *found: Post, dated: int = 1) -> None:
    """A crawl in which the store dates its posts to a day."""
    shop.crawl(day, *(seen(one, at(day, 1), lastmod=at(dated)) for one in found), OTHER)


def changes(shop: Shop) -> list[tuple[str, str, str]]:
    """Post, kind and fields of every change but the first sights."""
    return shop.rows(
        "SELECT handle, kind, group_concat(field) FROM changes JOIN posts ON posts.id = post_id "
        "JOIN change_fields ON change_id = changes.id WHERE handle != 'other' "
        "GROUP BY changes.id ORDER BY changes.id"
    )


@pytest.mark.parametrize("field", VALUES)
def test_a_field_that_went_again_on_another_post_makes_no_change(shop: Shop, field: str):
    a, b = VALUES[field]
    for day, values in enumerate(((a, a), (b, b), (b, a), (b, b), (b, a), (b, b)), start=1):
        crawl(shop, day, *(post(f"p{n}", field, one) for n, one in enumerate(values)))
    assert changes(shop) == []


@pytest.mark.parametrize("field", VALUES)
def test_a_field_that_stands_is_changed(shop: Shop, field: str):
    a, b = VALUES[field]
    for day, value in enumerate((a, b, b, b), start=1):
        crawl(shop, day, post("p0", field, value), post("p1", field, a))
    assert changes(shop) == [("p0", KINDS.get(field, field), field)]


@pytest.fixture
def tested(shop: Shop) -> Shop:
    """A store that showed another title than the first on the second day, of all posts."""
    a, b = VALUES["title"]
    for day, title in enumerate((a, b, a), start=1):
        crawl(shop, day, post("p0", "title", title), post("p1", "title", title))
    return shop


def test_an_edit_of_a_text_whose_title_varies_is_reported_alone(tested: Shop):
    for day, number in enumerate((0, 1, 0), start=4):
        title = VALUES["title"][number]
        crawl(tested, day, post("p0", "title", title, "five"), post("p1", "title", title))
    assert changes(tested) == [("p0", "edited", "text")]


@pytest.mark.parametrize(
    ("title", "word", "expected"),
    [
        (VALUES["title"][1], "five", [("p0", "edited", "text")]),
        (VALUES["title"][1], "four", []),
        ("Another title of the author's", "four", [("p0", "retitled", "title")]),
    ],
    ids=["an edit", "nothing but the date", "another title"],
)
def test_a_date_witnesses_a_title_that_nobody_saw_go(
    tested: Shop, title: str, word: str, expected: list[Any]
):
    crawl(tested, 4, post("p0", "title", title, word), dated=4)
    assert changes(tested) == expected
    crawl(tested, 5, post("p0", "title", VALUES["title"][0], word), dated=4)
    assert changes(tested) == expected


def test_a_date_witnesses_no_value_that_went_for_another_one(shop: Shop):
    for day, value in enumerate(("Tea", "Offers", "Clay", "Tea"), start=1):
        crawl(shop, day, post("p0", "tags", (value,)))
    crawl(shop, 5, post("p0", "tags", ("Offers",), "five"), dated=5)
    assert changes(shop) == [("p0", "edited", "text")]


def pot(width: int) -> dict[str, str]:
    """A body with a picture that is drawn in this width."""
    return {"html": f'<p>{TEXT}</p><img src="https://shop.example/a.png" width="{width}">'}


@pytest.mark.parametrize(
    ("field", "is_drawn"), [*((name, False) for name in VALUES), ("title", True)]
)
def test_a_field_that_varied_once_waits_twice_as_long_and_has_its_own_bracket(
    shop: Shop, field: str, is_drawn: bool
):
    a, b = VALUES[field]
    for day, values in enumerate(((a, a), (a, b), *[(a, a)] * 2, *[(b, a)] * 6), start=1):
        assert changes(shop) == []
        more = pot(day) if is_drawn else {}
        crawl(shop, day, *(post(f"p{n}", field, one, **more) for n, one in enumerate(values)))
    assert changes(shop) == [("p0", KINDS.get(field, field), field)]
    bracket = "SELECT not_before, not_after FROM changes WHERE kind != 'created'"
    assert shop.rows(bracket) == [(at(4, 1), at(5, 1))]


def test_a_figure_of_every_sight_makes_no_edit_major(shop: Shop):
    """One post loses the figure's line with the edit; another one has two readings by then, not
    three."""
    for day in range(1, 6):
        word, dated = ("four", 1) if day < 5 else ("five", 5)
        lines = [f"\nWe made {day}{name} cups so far." for name in range(3)]
        lines = [lines[0], lines[1] * (day < 5), lines[2]][: 2 + (day > 2)]
        texts = [TEXT.replace("four", word) + line for line in lines]
        found = (make_post(f"p{n}", article_id=f"{n}", text=text) for n, text in enumerate(texts))
        crawl(shop, day, *found, dated=dated)
    assert shop.rows(
        "SELECT old_value, new_value, severity FROM change_fields JOIN changes "
        "ON changes.id = change_id WHERE field = 'text' ORDER BY changes.id"
    ) == [
        ("four … 10", "five … 50", "minor"),
        ("four … ¶ We made 11 cups so far.", "five", "major"),
        ("four … 32", "five … 52", "major"),
    ]

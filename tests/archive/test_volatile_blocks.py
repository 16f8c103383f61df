"""Lines that come and go by themselves: no change without a date, and no edit of an author's
lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scraper.items import Post
from tests.archive.shop import Shop
from tests.archive.test_volatile_fields import changes, crawl
from tests.factories import TEXT, make_post

A, B = "Rest more at home", "Sleep well tonight"
C, D, OWN_WORD = (f"Pot {{0}} holds {one} of tea." for one in ("1,500 ml", "1.500 ml", "1,500 mg"))
OWN = "The lid of the pot is a plate."


def post(name: str, *lines: str) -> Post:
    return make_post(name, article_id=name[-1], text="\n".join((TEXT, *lines, f"Of {name}.")))


def crawls(shop: Shop, days: Sequence[tuple[str, str]], first: int = 1) -> None:
    """A crawl a day of two posts, each with a line in its middle."""
    for day, lines in enumerate(days, start=first):
        crawl(
            shop,
            day,
            *(post(f"p{number}", line.format(number)) for number, line in enumerate(lines)),
        )


VARIED = [(A, A), (A, B), (B, A)]
OF_EACH = [(C, C), (C, D), (D, C)]
EDITED = [("p0", "edited", "text")]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([*VARIED, (B, B), (B, A)], []),
        ([*VARIED, (B, B), (B, A), (A, A)], []),
        ([*VARIED, *[(B, A)] * 5], EDITED),
        ([*VARIED, *[(OWN, A)] * 3], EDITED),
        ([(A, A), *[(B, A)] * 3], EDITED),
        ([(A, A), (A, ""), (A, A), *[("", A)] * 3], []),
        ([*OF_EACH, *[(D, C)] * 2], []),
        ([*OF_EACH, *[(D, C)] * 5], EDITED),
        ([*OF_EACH, *[(OWN_WORD, C)] * 3], EDITED),
    ],
    ids=[
        "three sights",
        "it went again",
        "six sights",
        "a line of the author's in its place",
        "a line that never went",
        "a line that was away",
        "a line that names its post",
        "a line that names its post, six sights",
        "another word of such a line",
    ],
)
def test_a_line_that_came_and_went_waits_for_longer(
    shop: Shop, days: Sequence[tuple[str, str]], expected: list[tuple[str, str, str]]
) -> None:
    crawls(shop, days)
    assert changes(shop) == expected


def test_an_edit_beside_such_a_line_waits_no_longer(shop: Shop):
    crawls(shop, VARIED)
    for day in (4, 5, 6):
        crawl(shop, day, post("p0", B, OWN), post("p1", A))
    assert changes(shop) == EDITED

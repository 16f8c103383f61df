"""What an author changed without a date is reported at the latest by the next edit that has one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scraper.archive.verify.changes import check_changes
from tests.archive.shop import Shop
from tests.archive.test_volatile_fields import crawl
from tests.factories import TEXT, make_post

COLD, CANCER = "Helps against colds", "Cures all cancer"
STOCK, SOLD = "In stock", "Sold out"
CHEAP, DEAR = "20 €", "25 €"
SMALL, LARGE = "Take 5 drops a day", "Drink 9 drops"


@pytest.mark.parametrize(
    "lines",
    [
        (COLD, CANCER),
        (CHEAP, DEAR),
        (SMALL, LARGE),
        (COLD, CANCER, COLD, CANCER),
        (STOCK, SOLD, STOCK, *[SOLD] * 5),
        ("We made 17 cups", "We made 18 cups", "We made 21 cups"),
        ("We made 17 cups", "We made 18 cups", "We made 17 cups", *["We made 21 cups"] * 2),
    ],
    ids=["line", "price", "dose", "taken back", "settled", "figure", "figure taken back"],
)
def test_undated_changes_are_part_of_a_dated_edit(shop: Shop, lines: Sequence[str]):
    days = [*((line, "four", 1) for line in lines), (lines[-1], "five", len(lines) + 1)]
    for day, (line, word, dated) in enumerate(days, start=1):
        text = "\n".join((TEXT.replace("four", word), "Of pots.", line, "Of lids.", "The end."))
        crawl(shop, day, make_post("p1", article_id="1", text=text), dated=dated)
    removed, added = (
        " ".join(shop.rows(f"SELECT {side}_value FROM change_fields WHERE field = 'text'")).split()
        for side in ("old", "new")
    )
    assert {"four", *lines[0].split()} - set(lines[-1].split()) <= set(removed)
    assert {"five", *lines[-1].split()} - set(lines[0].split()) <= set(added)
    assert [problem for problem in check_changes(shop.db.conn) if problem] == []

"""What an author changed without a date is reported at the latest by the next edit that has one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scraper.archive.verify.changes import check_changes
from scraper.items import Post
from tests.archive.shop import Shop
from tests.archive.test_volatile_fields import crawl
from tests.factories import TEXT, at, make_post

COLD, CANCER = "Helps against colds", "Cures all cancer"
STOCK, SOLD = "In stock", "Sold out"
CHEAP, DEAR = "20 €", "25 €"
SMALL, LARGE = "Take 5 drops a day", "Drink 9 drops"


CUPS = [f"We made {number} cups" for number in (17, 18, 21, 25)]
"""Figures that an author raises, or that count by themselves: nobody can say which."""


@pytest.mark.parametrize(
    "lines",
    [
        (COLD, CANCER),
        (CHEAP, DEAR),
        (SMALL, LARGE),
        (COLD, CANCER, COLD, CANCER),
        (STOCK, SOLD, STOCK, *[SOLD] * 5),
        CUPS[:3],
        (*CUPS[:2], CUPS[0], *[CUPS[2]] * 2),
    ],
    ids=["line", "price", "dose", "taken back", "settled", "figure", "figure taken back"],
)
def test_undated_changes_are_part_of_a_dated_edit(shop: Shop, lines: Sequence[str]):
    assert_reported(shop, lines, lines[-1])


@pytest.mark.parametrize("lines", [CUPS[:1], CUPS[:2], CUPS[:3]], ids=["once", "twice", "thrice"])
def test_a_figure_that_a_dated_edit_sets_is_part_of_it(shop: Shop, lines: Sequence[str]):
    assert_reported(shop, lines, CUPS[3])


def assert_reported(shop: Shop, lines: Sequence[str], last: str) -> None:
    """Crawl a post that shows each line for a day, without a date, and then, with one, the last and
    another word: the edit has the word, and what is another one in the line."""
    days = [*((line, "four", 1) for line in lines), (last, "five", len(lines) + 1)]
    for day, (line, word, dated) in enumerate(days, start=1):
        text = "\n".join((TEXT.replace("four", word), "Of pots.", line, "Of lids.", "The end."))
        crawl(shop, day, make_post("p1", article_id="1", text=text), dated=dated)
    removed, added = (
        " ".join(shop.rows(f"SELECT {side}_value FROM change_fields WHERE field = 'text'")).split()
        for side in ("old", "new")
    )
    assert {"four", *lines[0].split()} - set(last.split()) <= set(removed)
    assert {"five", *last.split()} - set(lines[0].split()) <= set(added)
    assert [problem for problem in check_changes(shop.db.conn) if problem] == []


def tea(word: str, **more: str) -> Post:
    return make_post("p1", article_id="1", text=f"{TEXT.replace('four', word)}\nThe end.", **more)


def changes(shop: Shop) -> list[tuple[str, str, str, str]]:
    """Kind, origin and bracket of every change but the first sight."""
    return shop.rows(
        "SELECT kind, changes.origin, not_before, not_after FROM changes "
        "JOIN posts ON posts.id = post_id WHERE handle = 'p1' AND kind != 'created'"
    )


def test_a_dated_edit_is_the_stores_after_a_web_archives_copy_of_what_stood(shop: Shop):
    crawl(shop, 1, tea("four"))
    shop.imported(3, tea("four"), dated_by="web_archive")
    crawl(shop, 4, tea("five"), dated=4)
    assert changes(shop) == [("edited", "observed", at(3, 1), at(4, 1))]

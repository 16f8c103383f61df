"""A store's addresses, of which each page has one after the other."""

from __future__ import annotations

import pytest

from scraper.history.snapshots import Fields, Snapshot
from scraper.history.store_addresses import (
    normalize_origin,
    origin_variants,
    same_host,
    with_current_origin,
)

OLD, NEW = "http://old.example", "https://www.new.example"


def _snapshot(origin: str, *, typed: str = "", title: str = "Tea") -> Snapshot:
    link = f'<a href="{typed or origin}/blogs/news/pots">'
    return Snapshot(
        fields=Fields(
            title=title,
            author="",
            published_at="",
            excerpt="",
            image_url=f"{origin}/cdn/tea.jpg",
            tags=(),
        ),
        html=f'<p>{link}Pots</a> <img src="{origin}/cdn/pot.jpg"></p>',
        markdown=f"[Pots]({typed or origin}/blogs/news/pots) ![]({origin}/cdn/pot.jpg)",
        text="Pots",
    )


def test_a_store_that_never_moved_reads_as_it_stands():
    snapshot = _snapshot(OLD)
    assert normalize_origin(snapshot, (OLD,)) is snapshot


@pytest.mark.parametrize(
    "typed",
    ["", OLD, NEW],
    ids=["relative", "typed with the old address", "typed with the new one beforehand"],
)
def test_a_page_reads_alike_at_both_addresses(typed: str):
    assert normalize_origin(_snapshot(OLD, typed=typed), (OLD, NEW)) == normalize_origin(
        _snapshot(NEW, typed=typed), (OLD, NEW)
    )


def test_what_was_edited_reads_otherwise():
    assert normalize_origin(_snapshot(OLD), (OLD, NEW)) != normalize_origin(
        _snapshot(NEW, title="Coffee"), (OLD, NEW)
    )
    assert normalize_origin(_snapshot(OLD), (OLD, NEW)) != normalize_origin(
        _snapshot(NEW, typed="https://third.example"), (OLD, NEW)
    )


@pytest.mark.parametrize(
    "other",
    [
        "http://old.example.org",
        "http://old.examples",
        "http://old.example:8080",
        "http://old.example-shop.net",
    ],
)
def test_a_longer_host_is_another(other: str):
    before = _snapshot("https://third.example", typed=other)
    assert normalize_origin(before, (OLD, NEW)) == before


def test_an_address_stands_under_each_of_the_stores():
    assert origin_variants(f"{OLD}/blogs/news/tea", (OLD, NEW)) == (
        f"{OLD}/blogs/news/tea",
        f"{NEW}/blogs/news/tea",
    )
    assert origin_variants("https://third.example/blogs/news/tea", (OLD, NEW)) == (
        "https://third.example/blogs/news/tea",
    )
    assert with_current_origin(f"{OLD}/blogs/news/tea", (OLD, NEW)) == f"{NEW}/blogs/news/tea"
    assert with_current_origin("", (OLD, NEW)) == ""


@pytest.mark.parametrize(
    ("origin", "other", "same"),
    [
        ("http://shop.example", "https://www.shop.example", True),
        ("https://shop.example", "https://shop.example:8443", False),
        ("https://shop.example", "https://blog.shop.example", False),
    ],
)
def test_the_same_host_by_scheme_and_www(origin: str, other: str, same: bool):
    assert same_host(origin, other) is same

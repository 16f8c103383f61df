"""A store's addresses, of which each page has one after the other."""

from __future__ import annotations

from scraper.history.store_addresses import (
    host_file_name,
    origin_variants,
    same_host,
    with_current_origin,
)
from tests.each_row import each_row

OLD, NEW = "http://old.example", "https://www.new.example"


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


@each_row(
    ("origin", "other", "same"),
    [
        ("http://shop.example", "https://www.shop.example", True),
        ("https://shop.example", "https://shop.example:8443", False),
        ("https://shop.example", "https://blog.shop.example", False),
    ],
)
def test_the_same_host_by_scheme_and_www(origin: str, other: str, same: bool):
    assert same_host(origin, other) is same


def test_each_host_has_a_file_name_that_a_file_system_takes():
    assert host_file_name("https://www.shop.example:8443") == "shop.example_8443"
    label = "a" * 60
    hosts = [".".join([label, label, label, end * 60]) for end in "bc"]
    names = {host_file_name(f"https://{host}") for host in hosts}
    assert len(names) == 2
    assert max(map(len, names)) == 120

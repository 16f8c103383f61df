"""Which hosts are this machine, which lie outside the public internet, and what is a store's
address."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.exceptions import NotAStoreURL
from scraper.hosts import (
    host_of,
    hosts_of,
    is_loopback,
    is_private_address,
    parse_store_url,
    same_store,
)
from tests.each_row import each_row
from tests.made_up import SIGNS

STORE = "https://shop.example"


@each_row(
    "host",
    [
        "127.0.0.1",
        "127.8.9.1",
        "::1",
        "[::1]",
        "localhost",
        "LOCALHOST.",
        "demo.localhost",
        "127.1",
        "0x7f000001",
        "::ffff:127.0.0.1",
    ],
)
def test_loopback(host):
    assert is_loopback(host)
    assert is_private_address(host)


@each_row(
    "host",
    ["shop.example", "8.8.8.8", "localhost.shop.example", "128.0.0.1", "10.0.0.1", "", "::2"],
)
def test_not_loopback(host):
    assert not is_loopback(host)


@each_row(
    "host",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "fe80::1",
        "fd00::1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "::10.0.0.1",
        "::8.8.8.8",
        "fec0::1",
        "2002:a00:1::",
        "::ffff:10.0.0.1",
        "2852039166",
        "0xa9.0xfe.0xa9.0xfe",
    ],
)
def test_private(host):
    assert is_private_address(host)


@each_row("host", ["8.8.8.8", "2606:4700::1111", "shop.example", "10.example", ""])
def test_public_or_a_name(host):
    assert not is_private_address(host)


@each_row(
    ("typed", "origin"),
    [
        pytest.param("shop.example", "https://shop.example", id="bare host"),
        pytest.param("  https://Shop.EXAMPLE/ ", "https://shop.example", id="case and blanks"),
        pytest.param("https://shop.example:443/", "https://shop.example", id="default port"),
        pytest.param("http://shop.example:80", "http://shop.example", id="default port of http"),
        pytest.param(
            "https://shop.example/en-gb/blogs/news/a?x=1#c", "https://shop.example", id="any page"
        ),
        pytest.param(
            "http://127.0.0.1:8000/blogs/news", "http://127.0.0.1:8000", id="loopback with port"
        ),
        pytest.param("http://[::1]:8000/", "http://[::1]:8000", id="IPv6"),
        pytest.param("localhost:8000", "https://localhost:8000", id="localhost is no scheme"),
        pytest.param("http://127.1/", "http://127.0.0.1", id="short IPv4"),
        pytest.param("shop.example./", "https://shop.example", id="trailing dot"),
        pytest.param("bücher.example", "https://xn--bcher-kva.example", id="international name"),
    ],
)
def test_store_address_is_read(typed, origin):
    assert parse_store_url(typed).origin == origin


def test_store_address_has_host_and_port():
    address = parse_store_url("http://[::1]:8000/")
    assert (address.host, address.port) == ("::1", 8000)


@each_row(
    "typed",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n", id="blank"),
        pytest.param("store", id="no dot"),
        pytest.param("two words.example", id="blank inside"),
        pytest.param("ftp://shop.example", id="ftp"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("javascript:alert(1)", id="javascript"),
        pytest.param("mailto:a@shop.example", id="mailto"),
        pytest.param("https://", id="no host"),
        pytest.param("https://shop..example", id="empty label"),
        pytest.param("https://shop.example:0", id="port zero"),
        pytest.param("https://shop.example:70000", id="port too high"),
        pytest.param("https://shop.example:x", id="port no number"),
        pytest.param("https://999.1.1.1", id="number that is no address"),
        pytest.param("https://[::1", id="open bracket"),
        pytest.param("https://shop.example\\@other.example", id="backslash"),
        pytest.param("https://shop.example/" + "a" * 5000, id="too long"),
    ],
)
def test_what_is_no_store_is_refused_in_one_line(typed):
    with pytest.raises(NotAStoreURL) as refusal:
        parse_store_url(typed)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_credentials_are_refused_and_never_repeated():
    with pytest.raises(NotAStoreURL) as refusal:
        parse_store_url("https://anna:secret@shop.example/")
    assert "secret" not in str(refusal.value)


@given(st.text(SIGNS, max_size=60))
@example("https://\ud800.example")
def test_any_text_is_a_store_or_refused(text):
    try:
        address = parse_store_url(text)
    except NotAStoreURL:
        return
    assert parse_store_url(address.origin) == address


def test_store_has_its_www_twin():
    assert hosts_of(parse_store_url("https://shop.example")) == {"shop.example", "www.shop.example"}
    assert hosts_of(parse_store_url("https://www.shop.example:8443")) == {
        "shop.example:8443",
        "www.shop.example:8443",
    }


def test_an_address_in_numbers_has_no_twin():
    assert hosts_of(parse_store_url("http://127.0.0.1:8000")) == {"127.0.0.1:8000"}


@each_row(
    ("url", "expected"),
    [
        pytest.param("https://shop.example/a", True, id="itself"),
        pytest.param("http://WWW.shop.example/a", True, id="twin over http"),
        pytest.param("https://shop.example.evil.example/a", False, id="prefix"),
        pytest.param("https://evil-shop.example/a", False, id="suffix"),
        pytest.param("https://shop.example@evil.example/a", False, id="store as user name"),
        pytest.param("https://user@shop.example/a", False, id="credentials"),
        pytest.param("https://shop.example:8443/a", False, id="another port"),
        pytest.param("//shop.example/a", False, id="no scheme"),
        pytest.param("ftp://shop.example/a", False, id="another scheme"),
    ],
)
def test_same_store(url, expected):
    assert same_store(url, hosts_of(parse_store_url(STORE))) is expected


def test_host_of_keeps_a_port_that_is_not_the_schemes_own():
    assert [
        host_of(url) for url in ("https://a.example:443/", "http://a.example:443/", "nonsense")
    ] == ["a.example", "a.example:443", ""]

"""Which hosts are this machine, and which lie outside the public internet."""

from __future__ import annotations

from scraper.shopify.hosts import is_loopback, is_private_address
from tests.each_row import each_row


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

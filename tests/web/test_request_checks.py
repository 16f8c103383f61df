"""Which hosts and which sites are answered."""

from __future__ import annotations

from scraper.web.request_checks import (
    is_allowed_fetch,
    is_allowed_host,
    is_allowed_method,
    parse_host,
)
from tests.each_row import each_row


@each_row(
    "host",
    [
        "localhost",
        "LOCALHOST:8001",
        "localhost.",
        "127.0.0.1:18431",
        "127.8.9.10",
        "[::1]:8001",
        "[::1]",
        "archive.example:443",
        "192.0.2.7:8001",
    ],
)
def test_loopback_given_and_bound_hosts_are_allowed(host: str):
    headers = [(b"accept", b"*/*"), (b"host", host.encode())]
    assert is_allowed_host(headers, allowed={"archive.example"}, server="192.0.2.7")


@each_row(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example.",
        "127.0.0.1.evil.example",
        "archive.example.evil.example",
        "archive.example@evil.example",
        "evil.example/localhost",
        "192.0.2.8",
        "[::2]",
        "0.0.0.0",
        "2130706433",
        "localhost:port",
        "localhost:1:2",
        "localhost, evil.example",
        "",
        " ",
    ],
)
def test_other_hosts_are_not_allowed(host: str):
    headers = [(b"host", host.encode())]
    assert not is_allowed_host(headers, allowed={"archive.example"}, server="192.0.2.7")


def test_exactly_one_host_is_required():
    one = (b"host", b"localhost")
    assert is_allowed_host([one], allowed=(), server="")
    assert not is_allowed_host([], allowed=(), server="")
    assert not is_allowed_host([one, (b"host", b"evil.example")], allowed=(), server="")


@each_row(
    ("value", "host"),
    [("Archive.Example.", "archive.example"), ("[::1]:80", "::1"), ("a b", ""), ("http://a/", "")],
)
def test_a_host_is_parsed(value: str, host: str):
    assert parse_host(value) == host


def fetch(site: str, mode: str, dest: str) -> dict[bytes, bytes]:
    return {
        b"sec-fetch-site": site.encode(),
        b"sec-fetch-mode": mode.encode(),
        b"sec-fetch-dest": dest.encode(),
    }


@each_row("method", ["GET", "HEAD"])
@each_row("site", ["cross-site", "same-site", "unheard-of"])
def test_other_sites_may_only_navigate(site: str, method: str):
    assert is_allowed_fetch(method, fetch(site, "navigate", "document"))
    for mode, dest in (
        ("navigate", "iframe"),
        ("no-cors", "image"),
        ("no-cors", "script"),
        ("cors", "empty"),
        ("websocket", "empty"),
        ("", "document"),
    ):
        assert not is_allowed_fetch(method, fetch(site, mode, dest)), mode
    assert not is_allowed_fetch("POST", fetch(site, "navigate", "document"))


@each_row(
    "headers",
    [
        {b"sec-purpose": b"prefetch", **fetch("none", "navigate", "document")},
        {b"sec-purpose": b"prefetch;prerender", **fetch("none", "navigate", "document")},
        {b"purpose": b"prefetch", **fetch("cross-site", "navigate", "document")},
        {b"x-moz": b"prefetch"},
        {b"upgrade": b"websocket", b"origin": b"http://evil.example"},
        {b"origin": b"http://archive.example:9000"},
        {b"origin": b"http://archive.example.evil.example:8001"},
        {b"origin": b"null"},
        {b"origin": b""},
    ],
    ids=lambda headers: repr(next(iter(headers.items()))),
)
def test_what_another_site_causes_without_its_name_is_refused(headers: dict[bytes, bytes]):
    """As Chromium sends it: prefetches by speculation rules, and handshakes of WebSockets."""
    headers = {b"host": b"archive.example:8001", **headers}
    assert not is_allowed_fetch("GET", headers)
    assert not is_allowed_fetch("POST", headers)


def test_own_pages_and_old_clients_pass():
    own = {b"host": b"archive.example:8001", b"origin": b"https://archive.example:8001"}
    assert is_allowed_fetch("POST", own)
    assert is_allowed_fetch("GET", {b"sec-purpose": b"prefetch", **fetch("same-origin", "", "")})
    assert is_allowed_fetch("POST", fetch("same-origin", "cors", "empty"))
    assert is_allowed_fetch("GET", fetch("none", "navigate", "document"))
    assert is_allowed_fetch("GET", {})


@each_row(
    ("method", "path", "is_allowed"),
    [
        ("GET", "/archive/-/execute-write", True),
        ("HEAD", "/", True),
        ("OPTIONS", "/archive", True),
        ("POST", "/-/stores/add", True),
        ("POST", "/archive/posts/-/count", True),
        ("POST", "/stores/clove/archive/posts/-/count", True),
        ("POST", "/stores/clove/archive/posts/-/drop", False),
        ("POST", "/-/stores", False),
        ("POST", "/archive/posts/-/drop", False),
        ("POST", "/archive/posts/-/count/-/drop", False),
        ("POST", "/archive/posts/-/drop?/-/count", False),
        ("POST", "/archive/-/execute-write", False),
        ("DELETE", "/-/stores/add", False),
        ("get", "/", False),
        ("", "/", False),
    ],
)
def test_only_forms_of_ours_are_posted(method: str, path: str, is_allowed: bool):
    assert is_allowed_method(method, path) is is_allowed

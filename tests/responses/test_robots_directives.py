"""``noarchive`` as pages and headers say it, to all or to us, and as they do not."""

from __future__ import annotations

import time

from scraper.responses.robots_directives import forbids_archiving
from tests.each_row import each_row

PLAIN = b"<html><head><title>A post</title></head><body>noarchive</body></html>"


@each_row(
    ("meta", "expected"),
    [
        ('<meta name="robots" content="noarchive">', True),
        ("<META CONTENT='index, NoArchive' NAME='ROBOTS' />", True),
        ("<meta name=robots content=noarchive>", True),
        ('<meta name="robots" content="robots: noarchive">', True),
        ('<meta name="robots" content="max-snippet: none">', False),
        ('<meta name="blogkeep" content="follow,noarchive">', True),
        ('<meta name="robots" content="none">', True),
        ('<meta name="googlebot" content="noarchive">', False),
        ('<meta name="robots" content="noindex, nofollow">', False),
        ('<meta name="robots" content="noarchived">', False),
        ('<meta name="description" content="noarchive">', False),
        ('<meta property="og:robots" content="noarchive">', False),
        ('<!-- <meta name="robots" content="noarchive"> -->', False),
        ('<!-- a --><meta name="robots" content="noarchive">', True),
        ('<!-- a <!-- b --><meta name="robots" content="noarchive">', True),
        ('<!--><meta name="robots" content="noarchive"> <!---->', True),
        ('<!-- a -- b - > <meta name="robots" content="noarchive">', False),
        ("<meta name=robots>", False),
        ('<meta name="&#114;obots" content="no&#97;rchive">', True),
        ("<meta name=robots content='index&comma;noarchive'>", True),
        ('<meta data-name="x" name="robots" content="noarchive">', True),
        ('<meta data-of="a > b" name="robots" content="noarchive">', True),
        ('<meta/name="robots"/content="noarchive">', True),
        ('<meta name="description" content="The 5" pan"><meta name="robots" content="none">', True),
        ("<meta name=description content=Fern's><meta name=robots content='none'>", True),
        ('<meta name="viewport" content="x" name="robots" content="noarchive">', False),
        ('<meta name="description" content="a name=robots content=noarchive">', False),
        ('<!-- a --!><meta name="robots" content="noarchive">', True),
        ("<meta name=robots content=noarchive/>", True),
        ('<meta name="robots" content="noindex;noarchive">', True),
        ('<meta name="robots" content="index, max-image-preview: none">', False),
        (f'<style>{"a{b:c}" * 60_000}</style><meta name="robots" content="none">', True),
        ('<script>a = \'<meta name="robots" content="none">\'</script>', False),
        ('<script type="application/ld+json">"<meta name=robots content=none>"</script>', False),
        ("<Script>a = '</p>'; <!-- </SCRIPT><meta name='robots' content='none'>", True),
        ("<style>/* <meta name='robots' content='none'> */</style>", False),
        ("<textarea><meta name='robots' content='none'></textarea>", False),
        ("<scripts><meta name='robots' content='none'></scripts>", True),
        ("<p title=\"Write <meta name='robots' content='none'>\">A post</p>", False),
        ("<svg><title/></svg><meta name='robots' content='none'>", True),
        ("<svg><style media='x' /></svg><meta name='robots' content='none'>", True),
        ("<svg><title>a/></svg><meta name='robots' content='none'></title>", False),
    ],
)
def test_meta_elements(meta: str, expected: bool) -> None:
    page = PLAIN.replace(b"<title>", meta.encode() + b"<title>")
    assert forbids_archiving((), page, "blogkeep") == expected


def test_a_page_in_utf_16() -> None:
    page = PLAIN.decode().replace("<title>", '<meta name="robots" content="noarchive"><title>')
    assert forbids_archiving((), page.encode("utf-16"), "blogkeep")


@each_row(
    ("value", "expected"),
    [
        ("noarchive", True),
        ("noindex, NOARCHIVE", True),
        ("noindex; noarchive", True),
        ("googlebot: noindex; noarchive", False),
        ("none", True),
        ("blogkeep: noarchive", True),
        ("blogkeep: nofollow, noarchive", True),
        ("googlebot: noarchive", False),
        ("googlebot: noindex, noarchive", False),
        ("googlebot: noindex, blogkeep: noarchive", True),
        ("unavailable_after: 25 Jun 2030 15:00:00 PST, noarchive", True),
        ("max-snippet: 20, noarchive", True),
        ("unavailable_after: Wednesday, 25 Jun 2030 15:00:00 GMT, noarchive", True),
        ("max-image-preview: none", False),
        ("noindex", False),
        ("", False),
        (":,:,::", False),
    ],
)
def test_headers(value: str, expected: bool) -> None:
    headers = [("Content-Type", "text/html"), ("X-Robots-Tag", value)]
    assert forbids_archiving(headers, PLAIN, "blogkeep") == expected


def test_repeated_headers() -> None:
    headers = [("x-robots-tag", "googlebot: noindex"), ("x-robots-tag", "noarchive")]
    assert forbids_archiving(headers, PLAIN, "blogkeep")


@each_row(
    "part",
    [
        b"<!--",
        b"<meta ",
        b"<script>",
        b"<script></",
        b"<title ",
        b"<title/>",
        b"<a b='",
        b"<meta name=",
        b"<meta content=' name ",
        b'<meta a="',
        b"='=\"",
        b"name=" + b" " * 50,
    ],
)
def test_time_is_linear(part: bytes) -> None:
    began = time.process_time()
    assert not forbids_archiving((), part * (1024 * 1024 // len(part)), "blogkeep")
    assert time.process_time() - began < 2

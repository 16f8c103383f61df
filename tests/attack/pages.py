"""Forty posts of a store that means harm, by name: each a page that a parser may hang on, crash on
or take for something else.

Every page claims to be an article, so that a crawl gives it to the reader of articles.
"""

from __future__ import annotations

import random
from typing import Final

_HEAD: Final = (
    b'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A post</title>'
    b'<script id="__st">var __st={"a":77777777,"offset":0,"p":"article","rtyp":"article",'
    b'"rid":0};</script>%s</head>'
)
_TEXT: Final = (
    b"<p>Enough words that this reads like a post of a store's blog, and then some more words.</p>"
)
_BODY: Final = b'<body><main><h1>A post</h1><div class="rte">%s%s</div>%s</main></body></html>'

MB: Final = 1024 * 1024


def article(inside: bytes = b"", *, head: bytes = b"", after: bytes = b"") -> bytes:
    """An article page with something inside its body, in its head, or after its body."""
    return _HEAD % head + _BODY % (_TEXT, inside, after)


def hostile_pages() -> dict[str, bytes]:
    """The pages, 59 MB, by name; each claims an article number of its own."""
    pages = {**_baits(), **_nesting(), **_floods(), **_bytes(), **_unclosed(), **_claims()}
    return {
        name: page.replace(b'"rid":0}', b'"rid":%d}' % (6600 + at))
        for at, (name, page) in enumerate(pages.items())
    }


def _baits() -> dict[str, bytes]:
    """Text that a regular expression with two ways to match goes through again and again."""
    return {
        "class-of-underscores": article(b'<div class="' + b"_" * 5000 + b'">x</div>'),
        "class-of-pairs": article(b'<div class="' + b"a_" * 2500 + b'">x</div>'),
        "comments-first": b"<!---->" * 5000 + article(),
        "blanks-first": b" \n" * 200_000 + article(),
        "words-without-blanks": article("<p>店舗の記事".encode() * 4000 + b"</p>"),
        "dots-and-digits": article(b"<p>" + b"1.2." * 50_000 + b"</p>"),
        "dates-in-a-row": article(b"<p>" + b"1 March 2026 " * 10_000 + b"</p>"),
        "at-signs": article(b"<p>" + b"a@a." * 50_000 + b"</p>"),
        "quotes-in-a-script": article(head=b"<script>var a=" + b"'\\" * 100_000 + b"</script>"),
        "codes-in-capitals": article(b"<p>USE CODE " + b"SAVE10 " * 20_000 + b"OFF</p>"),
        "dashes": article(b"<p>" + b"-" * 200_000 + b"</p>"),
        "percent-signs": article(b'<a href="/blogs/news/' + b"%" * 100_000 + b'">x</a>'),
    }


def _nesting() -> dict[str, bytes]:
    return {
        "deep-div": article(b"<div>" * 20_000 + b"deep" + b"</div>" * 20_000),
        "deep-list": article(b"<ul><li>" * 10_000 + b"deep"),
        "deep-table": article(b"<table><tr><td>" * 5000 + b"deep"),
        "deep-inline": article(b"<b><i><a href='#'>" * 5000 + b"deep"),
        "deep-json": article(
            head=b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>"
        ),
        "formatting-to-adopt": article(b"<p><b><font><i>" * 3000 + b"</p>" * 3000),
        "formatting-to-repeat": article(
            b"<p>" + b"".join(b"<b id=b%d>" % at for at in range(250)) + b"</p>" + b"<p>x" * 50_000
        ),
        "deep-svg": article(b"<svg><g>" * 10_000 + b"<foreignObject><p>deep</p>"),
    }


def _floods() -> dict[str, bytes]:
    """As much as a page may have, and more."""
    return {
        "one-tag-of-20-mb": article(b'<p title="' + b"x" * (20 * MB) + b'">x</p>'),
        "tags-for-20-mb": article(b"<br>" * (5 * MB)),
        "tags-to-the-limit": article(b"<p>a <b>b</b> c</p>" * 45_000),
        "attributes": article(b"<p " + b"".join(b'a%d="" ' % at for at in range(60_000)) + b">"),
        "classes": article(b'<p class="' + b" ".join(b"c%d" % at for at in range(60_000)) + b'">'),
        "links": article(
            b"".join(b'<a href="/blogs/news/of-%d">Post %d</a> ' % (at, at) for at in range(5000))
        ),
        "metas": article(head=b'<meta property="article:tag" content="tag">' * 40_000),
        "structured-data": article(
            head=b'<script type="application/ld+json">{"@type":"Article","author":{}}</script>'
            * 10_000
        ),
        "text-of-4-mb": article(b"<p>" + b"A word and another. " * (4 * MB // 20) + b"</p>"),
        "entities": article(b"<p>" + b"&CounterClockwiseContourIntegral;" * 60_000 + b"</p>"),
        "unknown-entities": article(b"<p>" + b"&" + b"amp" * 200_000 + b"</p>"),
    }


def _bytes() -> dict[str, bytes]:
    noise = random.Random(1).randbytes(200_000)
    return {
        "nul-everywhere": article(
            _TEXT * 100 + b"<p>" + b"A word\0 and another. " * 10_000 + b"</p>"
        ),
        "broken-utf-8": article(b"<p>" + b"\xc3\x28\xf0\x90\x28\xbc" * 20_000 + b"</p>"),
        "noise": article(b"<p>" + noise + b"</p>"),
        "surrogates": article(b"<p>" + b"&#xD800;&#x110000;&#0;&#x80;" * 10_000 + b"</p>"),
    }


def _unclosed() -> dict[str, bytes]:
    return {
        "script-unclosed": article(after=b"<script>var a = 1;" + b" " * MB),
        "comment-unclosed": article(after=b"<!--" + b"-- >" * 100_000),
    }


def _claims() -> dict[str, bytes]:
    """Fields of a post that are what no field is."""
    return {
        "title-of-1-mb": article().replace(b"<title>A post", b"<title>" + b"A post " * (MB // 7)),
        "charset-of-another": article().replace(b'"utf-8"', b'"utf-7"') + b"+ADw-script+AD4-",
        "dates-of-no-year": article(
            b'<time datetime="99999-99-99T99:99:99Z">' + b"9" * 5000 + b"</time>"
        ),
    }

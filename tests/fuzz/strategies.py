"""How pages are made: real ones mutated, and heaps of markup from a small grammar."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from hypothesis import strategies as st

from tests.made_up import SIGNS

_TAG = re.compile(rb"<[^<>]{1,2000}>")
_END_TAG = re.compile(rb"</[a-zA-Z0-9]+>")
_VALUE = re.compile(rb"=\"[^\"<>]{0,2000}\"")
_NAMES = [
    "div",
    "span",
    "p",
    "b",
    "i",
    "a",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "td",
    "th",
    "thead",
    "font",
    "center",
    "section",
    "article",
    "main",
    "nav",
    "footer",
    "aside",
    "header",
    "h1",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "pre",
    "code",
    "img",
    "br",
    "hr",
    "input",
    "button",
    "form",
    "label",
    "select",
    "option",
    "textarea",
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "video",
    "object",
    "title",
    "meta",
    "link",
    "base",
    "html",
    "head",
    "body",
    "time",
    "dl",
    "dt",
    "dd",
    "figure",
    "ruby",
    "rt",
    "nobr",
    "wbr",
    "details",
    "summary",
    "x-y",
]
_CLASSES = [
    "rte",
    "article__content",
    "share",
    "tags",
    "related-posts",
    "comments",
    "pagination",
    "newsletter",
    "hidden",
    "sr-only",
    "sidebar",
    "site-nav",
    "post-content",
    "entry",
    "ie11-x",
    "widget",
]
_ATTRIBUTES = (
    'class="rte"',
    'class="share"',
    "hidden",
    'style="display:none"',
    'href="/blogs/news/other"',
    'href="/blogs/news/tagged/x"',
    "href=//[x",
    'rel="next"',
    'itemprop="articleBody"',
    'itemprop="author"',
    'itemprop="datePublished"',
    'datetime="99999-01-01T00:00:00-99:99"',
    'datetime="2020-02-30"',
    'id="content"',
    'src="data:image/png;base64,AAAA"',
    'srcset="a 1x, b 2x,"',
    'data-src="{width}"',
    "a'b",
    'x="<p>"',
    "y='\">'",
    "=",
    'href="mailto:a@b"',
    'aria-hidden="true"',
)
_WORDS = (
    "Use code SAVE10 for 10% off. ",
    "use the code ",
    "Related articles:",
    "See also:",
    "Next",
    "← Older post",
    "Posted by Ann on 3 January 2021",
    "£5 off ",
    "\n",
    "\u00a0",
    "• one",
    "word ",
    "A-1",
    "\u202e\u200f\u00ad",
    "\ufffe\uffff",
    "😀",
    "ع",
    "漢",
    "\u0301" * 20,
    "&amp;#9999999999;",
    "&#xD800;",
    "&#0;",
    "&nbsp;",
    "&notanentity",
    "31.12.99999",
    "2020-13-45",
    "{{ x }}",
    "```",
    "[a](b)",
    "| a | b |",
    "\\",
    "<",
    ">",
    '"',
    "'",
    "\t",
    "\x0b\x0c",
    "\x00",
    "ABC",
    "1234567890" * 5,
)
_RAW = (
    b"\x00",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\x80",
    b"\x80" * 30,
    b"\xe9",
    b"\x1b$B",
    b"\r\n" * 50,
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?php",
    b"<script>",
    b"</script>",
    b"<style>",
    b"<textarea>",
    b"<title>",
    b"<plaintext>",
    b"<noscript>",
    b"<template>",
    b"<svg><style>",
    b"<math><mi>",
    b"</body>",
    b"</html>",
    b"<body class=x>",
    b"<html lang=de>",
    b"<frameset>",
    b'<base href="//[">',
    b'<base href="http://o.example/x/">',
    b'<link rel="canonical" href="http://[/blogs/a/b">',
    b'<link rel=canonical href="//shop.example/blogs/%zz/%">',
    b'<meta charset="idna">',
    b'<meta charset="utf-7">',
    b'<meta charset="unicode_escape">',
    b'<meta property="og:title" content="">',
    b'<meta name="author" content="\xff">',
    b"__st={",
    b'__st={"rid":' + b"9" * 5000 + b',"rtyp":"article"}',
    b'__st={"offset":-999999,"p":"article"}',
    b'"resourceType":"article","resourceId":' + b"1" * 400,
)
_JSON = (
    '{"@type":"Article"}',
    '{"@type":["Article",{}]}',
    '{"@type":{"a":[]}}',
    '{"@type":"Article","author":[[]],"headline":{},"image":[[]],"keywords":{"a":1}}',
    "[" * 2000 + "]" * 2000,
    '{"@graph":' * 900 + "1" + "}" * 900,
    '{"@type":"Article","headline":'
    + "[" * 900
    + "]" * 900
    + ',"mainEntityOfPage":'
    + "[" * 900
    + "]" * 900
    + "}",
    '{"@type":"Article","commentCount":"' + "9" * 5000 + '"}',
    '{"@type":"Article","commentCount":' + "9" * 5000 + "}",
    '{"@type":"Article","headline":"\\ud800","author":{"name":"\\udfff"},"keywords":["\\ud800",1,null],"articleBody":"\\ud800"}',
    '{"@type":"Article","datePublished":"99999-01-01T00:00:00Z","dateModified":-1}',
    '{"@type":"Article","datePublished":"0001-01-01T00:00:00+23:59","dateModified":"9999-12-31T23:59:59-23:59"}',
    '{"@type":"Article","image":{"url":"http://["},"commentCount":1e999}',
    "NaN",
    "{&quot;@type&quot;:&quot;Article&quot;,}",
    "\x00{",
    "[[[",
    '"',
)

Change = Callable[[bytes, random.Random, bytes], bytes]


def _cut(page: bytes, chance: random.Random, other: bytes) -> bytes:
    at = chance.randrange(len(page) + 1)
    return (
        page[:at]
        if chance.random() < 0.5
        else page[:at] + page[chance.randrange(at, len(page) + 1) :]
    )


def _splice(page: bytes, chance: random.Random, other: bytes) -> bytes:
    return page[: chance.randrange(len(page) + 1)] + other[chance.randrange(len(other) + 1) :]


def _graft(page: bytes, chance: random.Random, other: bytes) -> bytes:
    begin = chance.randrange(len(other) + 1)
    return _insert(page, chance, other[begin : begin + chance.randrange(1, 20_000)])


def _duplicate(page: bytes, chance: random.Random, other: bytes) -> bytes:
    at = chance.randrange(len(page) + 1)
    piece = page[at : at + chance.randrange(1, 3000)]
    return page[:at] + piece * chance.choice((2, 3, 30)) + page[at:]


def _shuffle_tags(page: bytes, chance: random.Random, other: bytes) -> bytes:
    tags = _TAG.findall(page)
    chance.shuffle(tags)
    left = iter(tags)
    share = chance.choice((0.02, 0.2, 1.0))
    return _TAG.sub(lambda tag: next(left) if chance.random() < share else tag[0], page)


def _drop_end_tags(page: bytes, chance: random.Random, other: bytes) -> bytes:
    share = chance.choice((0.02, 0.3, 1.0))
    return _END_TAG.sub(lambda tag: b"" if chance.random() < share else tag[0], page)


def _change_values(page: bytes, chance: random.Random, other: bytes) -> bytes:
    quotes = (b'="%b', b"='%b'", b"=%b", b'=""%b"', b'="%b"')
    share = chance.choice((0.01, 0.2))

    def change(value: re.Match[bytes]) -> bytes:
        if chance.random() >= share:
            return value[0]
        inner = chance.choice(
            (value[0][2:-1], b"", chance.choice(_CLASSES).encode(), chance.choice(_RAW))
        )
        return chance.choice(quotes) % inner

    return _VALUE.sub(change, page)


def _nest(page: bytes, chance: random.Random, other: bytes) -> bytes:
    names = chance.sample(_NAMES, chance.choice((1, 1, 2, 4)))
    depth = chance.choice((50, 300, 2000)) // len(names)
    opened = "".join(f"<{name}>" for name in names).encode() * depth
    closed = "".join(f"</{name}>" for name in reversed(names)).encode() * depth
    return _insert(
        page,
        chance,
        opened + b"Words at the bottom of it. " + (closed if chance.random() < 0.5 else b""),
    )


def _siblings(page: bytes, chance: random.Random, other: bytes) -> bytes:
    piece = _element(chance).encode("utf-8", "replace")
    return _insert(page, chance, piece * chance.choice((50, 500)))


def _attributes(page: bytes, chance: random.Random, other: bytes) -> bytes:
    number = chance.choice((50, 500, 3000))
    value = chance.choice(("v", ">", "<b>", "a;b", "x y"))
    kind = chance.choice((f'a%d="{value}"', f"a%d='{value}'", "a%d", "a%d="))
    return _insert(
        page,
        chance,
        f"<{chance.choice(_NAMES)} {' '.join(kind % place for place in range(number))}>".encode(),
    )


def _long_attribute(page: bytes, chance: random.Random, other: bytes) -> bytes:
    name = chance.choice(
        (
            "class",
            "id",
            "style",
            "href",
            "src",
            "srcset",
            "alt",
            "content",
            "datetime",
            "data-src",
            "title",
        )
    )
    value = chance.choice(
        (
            *_CLASSES,
            "%2",
            "a, ",
            "blank",
            "display : ",
            "{width}",
            "_1x1",
            "2020 ",
            "/",
            "-",
            " ",
            "&amp;",
        )
    ) * chance.choice((100, 3000))
    return _insert(page, chance, f'<{chance.choice(_NAMES)} {name}="{value}">'.encode())


def _huge_text(page: bytes, chance: random.Random, other: bytes) -> bytes:
    words = "".join(chance.choice(_WORDS) for _ in range(chance.randrange(1, 5)))
    return _insert(page, chance, words.encode("utf-8", "replace") * chance.choice((100, 1000)))


def _raw(page: bytes, chance: random.Random, other: bytes) -> bytes:
    for _ in range(chance.choice((1, 5, 50))):
        page = _insert(page, chance, chance.choice(_RAW))
    return page


def _json(page: bytes, chance: random.Random, other: bytes) -> bytes:
    block = f'<script type="application/ld+json">{chance.choice(_JSON)}</script>'.encode()
    at = page.find(b"</head") if chance.random() < 0.7 else chance.randrange(len(page) + 1)
    return page[: max(at, 0)] + block * chance.choice((1, 1, 2, 500)) + page[max(at, 0) :]


def _recode(page: bytes, chance: random.Random, other: bytes) -> bytes:
    encoding = chance.choice(
        (
            "utf-16",
            "utf-16-le",
            "utf-16-be",
            "utf-32",
            "cp1252",
            "latin-1",
            "shift_jis",
            "koi8-r",
            "utf-7",
        )
    )
    return page.decode("utf-8", "replace").encode(encoding, "replace")


def _noise(page: bytes, chance: random.Random, other: bytes) -> bytes:
    spoiled = bytearray(page)
    for _ in range(chance.choice((1, 20, 500)) if spoiled else 0):
        spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
    return bytes(spoiled)


def _insert(page: bytes, chance: random.Random, piece: bytes) -> bytes:
    """Put a piece between two tags, often inside the article."""
    start = max(page.find(b"<main"), page.find(b"<article"), 0) if chance.random() < 0.7 else 0
    at = page.find(
        b"<", start + chance.randrange(max(1, (len(page) - start) // chance.choice((1, 3))))
    )
    return page[: max(at, 0)] + piece + page[max(at, 0) :]


def _element(chance: random.Random) -> str:
    name = chance.choice(_NAMES)
    attributes = "".join(f" {chance.choice(_ATTRIBUTES)}" for _ in range(chance.randrange(3)))
    inner = "".join(chance.choice(_WORDS) for _ in range(chance.randrange(4)))
    return f"<{name}{attributes}>{inner}" + (f"</{name}>" if chance.random() < 0.8 else "")


CHANGES: tuple[Change, ...] = (
    _cut,
    _splice,
    _graft,
    _duplicate,
    _shuffle_tags,
    _drop_end_tags,
    _change_values,
    _nest,
    _siblings,
    _attributes,
    _long_attribute,
    _huge_text,
    _raw,
    _json,
    _recode,
    _noise,
)
"""Each takes a page, chance and another page, and gives the page changed."""


def mutated(pages: list[bytes]) -> st.SearchStrategy[bytes]:
    """A page of `pages`, changed one to four times."""
    steps = st.lists(
        st.tuples(st.sampled_from(CHANGES), st.integers(0, 2**32)), min_size=1, max_size=4
    )
    return st.builds(_changed, st.sampled_from(pages), st.sampled_from(pages), steps)


def _changed(page: bytes, other: bytes, changes: list[tuple[Change, int]]) -> bytes:
    for change, seed in changes:
        page = change(page, random.Random(seed), other)
    return page


def grown() -> st.SearchStrategy[bytes]:
    """A page out of nothing: elements, words and strays in any order, in a frame that says that it
    is an article, or in none."""
    piece = st.one_of(
        st.integers(0, 2**32).map(
            lambda seed: _element(random.Random(seed)).encode("utf-8", "replace")
        ),
        st.sampled_from(_NAMES).map(lambda name: f"</{name}>".encode()),
        st.sampled_from(_RAW),
        st.text(SIGNS, max_size=30).map(lambda text: text.encode("utf-8", "replace")),
        st.sampled_from(_JSON).map(
            lambda text: f'<script type="application/ld+json">{text}</script>'.encode()
        ),
    )
    run = st.tuples(piece, st.sampled_from((1, 1, 1, 2, 40))).map(lambda told: told[0] * told[1])
    return st.builds(
        lambda parts, frame: frame % b"".join(parts) if frame else b"".join(parts),
        st.lists(run, max_size=40),
        st.sampled_from(_FRAMES),
    )


_FRAMES = (
    b"",
    b'<html><head><title>A post</title><link rel="canonical" '
    b'href="https://shop.example/blogs/news/a"></head><body><main><h1>A post</h1>'
    b'<div class="rte"><p>The words of a post that somebody wrote.</p>%b</div></main></body>'
    b"</html>",
    b"<html><body><article><h1>A post</h1><p>The words of a post that somebody wrote one day and "
    b"that nobody marked.</p>%b</article></body>"
    b"</html>",
)

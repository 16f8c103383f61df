from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.exceptions import ExtractionError
from scraper.extract import extract_post
from scraper.extract.page.parsed_page import decode, normalize_language_tag
from tests.conftest import FURTHER
from tests.each_row import each_row
from tests.extract.pages import BODY, TEXT, URL, article

PAGE = article().encode()


@FURTHER
@each_row("tag", ["div", "ul><li", "b", "table><tr><td", "blockquote"])
def test_markup_nested_deeper_than_any_stack_is_read(tag):
    words = "<p>A sentence at the very bottom of it all.</p>" * 100  # fewer were next to no text
    deep = f"<{tag}>" * 20_000 + words
    assert "at the very bottom" in extract_post(article(BODY + deep), url=URL).text


def test_an_unclosed_tag_without_end_is_no_trap():
    assert extract_post(article() + '<a "' * 100_000, url=URL).text == TEXT


def test_nul_bytes_are_dropped():
    assert extract_post(PAGE.replace(b"kettle", b"ket\x00tle"), url=URL).text == TEXT


@each_row(
    ("data", "charset", "text"),
    [
        ("Thé".encode(), "latin-1", "Thé"),
        ("Thé".encode("cp1252"), None, "Th\ufffd"),
        ("Thé".encode("cp1252"), "windows-1252", "Thé"),
        (
            b'<meta charset="iso-8859-1">' + "Thé".encode("latin-1"),
            None,
            '<meta charset="iso-8859-1">Thé',
        ),
        ("Thé ".encode("cp1252") * 30, None, "Thé " * 30),
        ("Thé".encode("utf-16"), None, "Thé"),
        (b"\xef\xbb\xbfTea", None, "Tea"),
        (b"Tea \xff", "no-such-charset", "Tea \ufffd"),
        (b"\x93Never\x94 \x96 she said\x85", "ISO-8859-1", "“Never” – she said…"),
        ("茶壶，早晨。镕".encode("gb18030"), "gb2312", "茶壶，早晨。镕"),
        ("紅茶①".encode("cp932"), "Shift_JIS", "紅茶①"),
        ("똠방각하".encode("cp949"), "euc-kr", "똠방각하"),
        ("çay İğne".encode("cp1254"), "iso-8859-9", "çay İğne"),
        ("茶".encode("gbk") * 40 + b"\xff", "gbk", "茶" * 40 + "\ufffd"),
        ("Thé, été. ".encode() * 30 + b"\xe9", "iso-8859-1", "Thé, été. " * 30 + "\ufffd"),
    ],
    ids=[
        "wrong header",
        "one stray byte",
        "right header",
        "declared",
        "western",
        "utf-16",
        "mark",
        "unknown",
        "latin-1 is windows-1252",
        "gb2312 is gb18030",
        "shift_jis is windows-31j",
        "euc-kr is windows-949",
        "latin-5 is windows-1254",
        "one broken byte of gbk",
        "one broken byte of utf-8",
    ],
)
def test_any_bytes_are_decoded(data, charset, text):
    assert decode(data, charset) == text


def test_a_canonical_link_that_is_no_address_is_passed_over():
    html = article().replace(f'href="{URL}"', 'href="https://[shop.example/blogs/journal/a"')
    assert extract_post(html, url=URL).url == URL


@settings(max_examples=150)
@given(cut=st.integers(0, len(PAGE)), junk=st.binary(max_size=40), at=st.integers(0, len(PAGE)))
def test_broken_pages_give_a_post_or_a_refusal(cut, junk, at):
    broken = (PAGE[:at] + junk + PAGE[at:])[: cut or None]
    with suppress(ExtractionError):
        assert extract_post(broken, url=URL, explain=True).html


@each_row(
    ("tag", "normal"),
    [("pt_br", "pt-BR"), ("EN", "en"), ("zh-Hant-TW", "zh-TW"), ("{{ lang }}", "")],
)
def test_languages_are_written_one_way(tag, normal):
    assert normalize_language_tag(tag) == normal


JSONLD = (
    '<script type="application/ld+json">{"@type": "Article", "headline": "Tea \\ud83d", "author": '
    '"Ann \\ude00 Fern",'
    ' "keywords": "oats \\ud83d",'
    ' "image": "https://cdn.example/\\ud83d.jpg", "datePublished": "2026-05-04 \\ud83d", '
    '"articleBody": "\\ud83d"}</script>'
)


@each_row(
    "html",
    [
        article(head=JSONLD),
        article(head=JSONLD).encode(),
        article(BODY.replace("kettle", "ket\ud83dtle")),
    ],
    ids=["escape in text", "escape in bytes", "in the text given"],
)
def test_no_lone_surrogate_survives(html):
    post = extract_post(html, url=URL)
    assert "".join(_strings(asdict(post))).encode("utf-8")


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings(inner)]
    if isinstance(value, (list, tuple)):
        return [text for inner in value for text in _strings(inner)]
    return [value] if isinstance(value, str) else []


def test_a_whole_surrogate_pair_is_its_sign():
    head = (
        '<script type="application/ld+json">{"@type": "Article", "author": "Ann", "keywords": '
        '"oats \\ud83d\\ude00"}</script>'
    )
    assert extract_post(article(head=head), url=URL).tags == ("oats \U0001f600",)

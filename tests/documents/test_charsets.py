from __future__ import annotations

from scraper.documents.charsets import declared_charset, detect_charset, to_utf8, web_charset
from scraper.responses.verdicts import Answer, judge
from tests.each_row import each_row
from tests.extract.pages import URL, article


@each_row(
    ("header", "charset"),
    [
        ("text/html; charset=utf-16", "utf-16"),
        ('text/html;charset = "ISO-8859-1"', "ISO-8859-1"),
        ("text/html", ""),
        ("text/html; charset=", ""),
    ],
)
def test_the_header_names_a_charset(header, charset):
    assert declared_charset(header) == charset


@each_row(
    ("name", "known"),
    [
        ("UTF8", "utf-8"),
        ("Windows-1252", "cp1252"),
        ("latin1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("gb2312", "gb18030"),
        ("gb18030", "gb18030"),
        ("euc-kr", "cp949"),
        ("tis-620", "cp874"),
    ]
    + [
        (name, "")
        for name in (
            "idna",
            "punycode",
            "unicode_escape",
            "rot13",
            "zlib",
            "cp9999",
            "é",
            "utf-7",
            "replacement",
            "",
        )
    ],
)
def test_only_encodings_of_the_web_are_known(name, known):
    assert web_charset(name) == known


@each_row("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings_show_themselves(encoding):
    assert to_utf8(article().encode(encoding)).decode() == article()


@each_row(
    "data",
    [
        b"",
        b"\0" * 100,
        b"a\0b\0",
        b"%PDF-1.4 \0\0\0\0\0\0\0\0\0\0\xff",
        article().replace("e", "\0").encode(),
    ],
)
def test_zeros_alone_are_no_encoding(data):
    assert detect_charset(data) == ("", 0)


@each_row("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_page_in_a_wide_encoding_is_judged_by_its_words(encoding):
    judged = judge(
        Answer(
            url=URL,
            status=200,
            headers={"content-type": f"text/html; charset={encoding}"},
            body=article().encode(encoding),
        )
    )
    assert (judged.verdict, judged.markers.resource_id) == ("ok", "471100")


def test_a_picture_is_still_no_page():
    body = b"\x89PNG\r\n\x1a\n" + b"\0\1" * 500
    assert (
        judge(Answer(url=URL, status=200, headers={"content-type": "text/html"}, body=body)).verdict
        == "not_html"
    )

"""What answers mean: one behaviour of the table per test."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.items import Verdict
from scraper.responses.block_pages import page_signature
from scraper.responses.verdicts import RULES, Answer, judge
from tests.each_row import each_row
from tests.extract.pages import article
from tests.made_up import SIGNS

POST = "https://shop.example/blogs/news/a"
HTML = {"content-type": "text/html; charset=utf-8"}
MARK = (
    b'<script id="__st">var '
    b'__st={"a":8842,"offset":0,"p":"article","rtyp":"article","rid":557001234};</script>'
)
WORDS = b"<p>Slow mornings begin with a pot of tea and an open window.</p>"


def _page(head: bytes = b"", body: bytes = WORDS) -> bytes:
    return b"<!doctype html><html><head>" + head + b"</head><body>" + body + b"</body></html>"


def _judged(status: int = 200, body: bytes = b"", url: str = POST, **more):
    return judge(
        Answer(url=url, status=status, headers=more.pop("headers", HTML), body=body, **more)
    )


def test_a_whole_article_is_ok_and_its_markers_come_along():
    judged = _judged(body=_page(MARK))
    assert (judged.verdict, judged.markers.resource_id) == ("ok", "557001234")


@each_row(
    ("status", "verdict"),
    [
        (304, "not_modified"),
        (404, "not_found"),
        (410, "gone"),
        (401, "forbidden"),
        (403, "forbidden"),
        (402, "forbidden"),
        (423, "forbidden"),
        (451, "forbidden"),
        (429, "rate_limited"),
        (430, "security_rejected"),
        (500, "server_error"),
        (503, "server_error"),
        (522, "server_error"),
        (408, "server_error"),
        (511, "network_error"),
        (204, "empty"),
        (206, "truncated"),
        (400, "unreadable"),
        (202, "unreadable"),
        (300, "unreadable"),
    ],
)
def test_statuses(status, verdict):
    assert _judged(status, _page()).verdict == verdict


def test_no_answer_is_the_networks_trouble():
    judged = _judged(0, error="TimeoutError")
    assert (judged.verdict, judged.detail) == ("network_error", "TimeoutError")


def test_unavailable_with_retry_after_is_a_limit():
    assert _judged(503, _page(), headers=HTML | {"retry-after": "120"}).verdict == "rate_limited"


@each_row("status", [200, 403, 429, 503])
@each_row(
    "page",
    [
        pytest.param(_page(b"<title>Just a moment...</title>"), id="title"),
        pytest.param(_page(b"<script>window._cf_chl_opt={cvId:'3'};</script>"), id="script"),
        pytest.param(
            _page(
                body=(
                    b'<div class="shopify-challenge__container">Complete the captcha to go on</div>'
                )
            ),
            id="Shopify",
        ),
        pytest.param(
            _page(body=b"<p>We are verifying you are human. This may take a few seconds.</p>"),
            id="words",
        ),
    ],
)
def test_challenge_pages(status, page):
    assert _judged(status, page).verdict == "challenge"


@each_row("status", [200, 403, 404, 503])
def test_challenge_by_header(status):
    assert (
        _judged(status, _page(MARK), headers=HTML | {"cf-mitigated": "challenge"}).verdict
        == "challenge"
    )


def test_a_missing_page_is_missing_even_if_its_form_asks_for_proof_of_being_human():
    assert (
        _judged(404, _page(body=b"<p>Not found. To write to us, verify you are human.</p>")).verdict
        == "not_found"
    )


@each_row(
    "head",
    [
        pytest.param(
            b'<script id="captcha-bootstrap">!function(){}()</script>', id="Shopify's form guard"
        ),
        pytest.param(
            b'<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>',
            id="Cloudflare's passive script",
        ),
        pytest.param(
            b'<script src="https://js.hcaptcha.com/1/api.js"></script>', id="hCaptcha in a form"
        ),
    ],
)
def test_guards_on_ordinary_pages_are_no_challenge(head):
    assert _judged(body=_page(head)).verdict == "ok"


@each_row(
    "text",
    [
        pytest.param(b"<h1>Just a moment: verify you are human</h1>", id="challenge words"),
        pytest.param(b"<h1>404: the page was not found</h1>", id="not found words"),
        pytest.param(b'<form action="/password"><input></form>', id="password form"),
        pytest.param(
            b"<p>A device from your location is sending large amounts of web requests.</p>",
            id="block words",
        ),
        pytest.param(b"<p>Sorry, this shop is currently unavailable.</p>", id="closed words"),
    ],
)
def test_an_article_may_say_anything(text):
    assert _judged(body=_page(MARK + b"<title>404</title>", text + WORDS)).verdict == "ok"


def test_the_older_block_page_is_a_limit():
    page = _page(
        body=(
            b"This page is temporarily unavailable because a device from your location is sending "
            b"large amounts of web requests."
        )
    )
    assert _judged(200, page).verdict == "rate_limited"


@each_row(
    ("url", "page"),
    [
        pytest.param(
            POST, b'<html><body class="template-password">' + WORDS + b"</body></html>", id="class"
        ),
        pytest.param(
            POST,
            _page(body=b'<form method="post" action="/password">Enter store using password</form>'),
            id="form",
        ),
        pytest.param("https://shop.example/fr/password", _page(), id="address"),
    ],
)
def test_password_pages(url, page):
    assert _judged(url=url, body=page).verdict == "password_page"


def test_a_closed_store_says_nothing_of_a_post():
    assert (
        _judged(404, _page(body=b"<p>Sorry, this shop is currently unavailable.</p>")).verdict
        == "server_error"
    )


def test_a_broken_connection_is_truncation():
    assert _judged(body=_page(MARK), flags=frozenset({"dataloss"})).verdict == "truncated"


@each_row(
    ("expected", "body", "verdict"),
    [
        ("html", _page(MARK), "ok"),
        ("html", _page(MARK)[:-30] + b"<script>x()</script>", "truncated"),
        ("html", _page(MARK)[:-30] + b"<script>'</body>'</script>", "truncated"),
        ("xml", b"<?xml version='1.0'?><urlset></urlset>", "ok"),
        ("xml", b"<?xml version='1.0'?><urlset></url", "truncated"),
        *[
            ("html", _page(MARK)[:-30] + end, "truncated")
            for end in (
                b"<!-- before </body> -->",
                b"<!-- old: </body></html> --><p>half of the po",
                b"<!--[if lt IE 9]></html><![endif]--><p>half of the po",
                b"<textarea></body></html></textarea><p>half of the po",
                b"<textarea></body></html></textarea>",
                b"<p title='</html>'>half of the po",
                b"<style>/*</body>*/</style>",
                b'<iframe srcdoc="<body>x</body></html>"></iframe>',
            )
        ],
        ("html", _page(MARK) + b"<!-- a --> <script>b < c</script>\n<style>d{}</style>", "ok"),
        ("html", _page(MARK) + b"<!-- a", "truncated"),
        ("xml", b"<?xml version='1.0'?><urlset><url><loc>a</loc></url>", "truncated"),
        ("text", b"User-agent: *\nDisallow: /\n", "ok"),
        ("text", b"User-agent: *\nDisallow: /checkout\nDisal", "truncated"),
        ("image", b"\xff\xd8\xff\xe0" + b"x" * 99, "truncated"),
    ],
)
def test_what_ends_with_the_connection_is_whole_by_its_own_end(expected, body, verdict):
    found = _judged(body=body, expected=expected, headers={}, flags=frozenset({"partial"}))
    assert found.verdict == verdict


def test_a_page_without_an_end_is_truncated():
    assert _judged(body=_page(MARK)[:-30]).verdict == "truncated"


@each_row("tail", [b"<script>x()</script>\n", b"<!-- app -->", b"<style>p{}</style>"])
def test_what_apps_print_behind_the_end_is_no_truncation(tail):
    assert _judged(body=_page(MARK) + tail * 300).verdict == "ok"


def test_a_page_that_closes_nothing_but_its_last_script_is_whole():
    assert (
        _judged(body=b"<!doctype html><body>" + MARK + WORDS + b"<script>x()</script>").verdict
        == "ok"
    )


def test_a_stopped_download_is_too_large():
    assert _judged(0, error="stopped", flags=frozenset({"too_large"})).verdict == "too_large"


@each_row(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" \r\n ", id="blanks"),
        pytest.param(_page(body=b""), id="no body"),
        pytest.param(
            _page(
                body=b"<script>"
                + b"var x=1;" * 50
                + b"</script><!-- not these words, they are hidden -->"
            ),
            id="scripts only",
        ),
        pytest.param(
            _page(body=b"<div>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;</div>"), id="hard blanks"
        ),
        pytest.param(_page(body=b"<p>Hello</p>"), id="tiny"),
    ],
)
def test_empty_pages(body):
    assert _judged(body=body).verdict == "empty"


@each_row(
    ("kind", "body"),
    [
        pytest.param("text/markdown", b"# For agents\n" * 10, id="Markdown for agents"),
        pytest.param("application/json", b'{"a": 1}', id="JSON"),
        pytest.param("text/html", b'{"article": {"body_html": "<p>x</p>"}}', id="JSON as a page"),
        pytest.param("text/html", b"%PDF-1.7 <x>", id="PDF as a page"),
        pytest.param("text/html", b"\x89PNG\r\n\x1a\n\0\0<", id="picture as a page"),
        pytest.param(
            "text/html", b'<?xml version="1.0"?><feed xmlns="x"></feed>', id="feed as a page"
        ),
        pytest.param("application/pdf", _page(MARK), id="page as a PDF"),
        pytest.param("", b"plain words without any markup", id="no type, no page"),
    ],
)
def test_not_html(kind, body):
    assert _judged(body=body, headers={"content-type": kind}).verdict == "not_html"


@each_row(
    "body",
    [
        pytest.param(_page(MARK), id="plain"),
        pytest.param(b"\xef\xbb\xbf<!-- theme -->\n" + _page(MARK), id="mark and comment in front"),
        pytest.param(b"put script here " + _page(MARK), id="text in front"),
        pytest.param(
            b'<?xml version="1.0"?><!DOCTYPE html><html>' + MARK + WORDS + b"</html>", id="XHTML"
        ),
    ],
)
def test_html(body):
    assert _judged(body=body).verdict == "ok"


@pytest.mark.parametrize("head", [b"", b'<meta charset="utf-8">'])
def test_a_page_without_a_declared_type_is_known_by_its_bytes(head):
    assert _judged(body=_page(head + MARK), headers={}).verdict == "ok"


@each_row(
    ("expected", "kind", "body", "verdict"),
    [
        pytest.param("xml", "application/xml", b"<urlset></urlset>", "ok", id="sitemap"),
        pytest.param(
            "xml", "text/html", b'<?xml version="1.0"?><feed></feed>', "ok", id="mislabelled feed"
        ),
        pytest.param(
            "xml", "application/xml", b"<urlset><url>", "ok", id="unclosed, left to the parser"
        ),
        pytest.param(
            "xml", "application/xml", b"<urlset><url><loc>https://a", "truncated", id="cut sitemap"
        ),
        pytest.param("xml", "text/html", _page(), "unreadable", id="page for a sitemap"),
        pytest.param(
            "xml",
            "text/html",
            _page(b"<title>Just a moment...</title>"),
            "challenge",
            id="challenge for a sitemap",
        ),
        pytest.param("xml", "application/xml", b"", "empty", id="empty sitemap"),
        pytest.param("text", "text/plain", b"User-agent: *\nDisallow:\n", "ok", id="robots"),
        pytest.param("text", "text/plain", b"", "ok", id="empty robots"),
        pytest.param("text", "text/html", _page(), "unreadable", id="page for robots"),
    ],
)
def test_other_expectations(expected, kind, body, verdict):
    assert (
        _judged(
            url="https://shop.example/x",
            body=body,
            headers={"content-type": kind},
            expected=expected,
        ).verdict
        == verdict
    )


@each_row(
    "head",
    [
        pytest.param(b"<title>404 Not Found &ndash; Fern</title>", id="title"),
        pytest.param(b"<title>Seite nicht gefunden</title>", id="German"),
        pytest.param("<title>P\u00e1gina n\u00e3o encontrada</title>".encode(), id="Portuguese"),
        pytest.param(b'<script>var __st={"a":1,"p":"404"};</script>', id="marker"),
        pytest.param(
            b'<script>var __st={"a":1,"p":"blog","rtyp":"blog","rid":12345};</script>',
            id="a blog where a post was expected",
        ),
    ],
)
def test_soft_not_found(head):
    assert _judged(body=_page(head)).verdict == "soft_404"


@pytest.mark.parametrize(
    "head",
    [
        b"<title>How I got lost and was not found again</title>",
        b"<title>Room 404 and other stories</title>",
    ],
)
def test_titles_that_only_sound_like_it(head):
    assert _judged(body=_page(head)).verdict == "ok"


def test_soft_not_found_by_the_servers_own_timing_header():
    assert (
        _judged(
            body=_page(), headers=HTML | {"server-timing": 'theme;desc="1", pageType;desc="404"'}
        ).verdict
        == "soft_404"
    )


def test_the_stores_own_page_for_what_is_not_there_is_known_again():
    lost = _page(b"<title>Fern</title>", b"<h1>The path ends in ferns</h1>" + WORDS)
    assert _judged(body=lost).verdict == "ok"
    assert _judged(body=lost, store_not_found=page_signature(lost)).verdict == "soft_404"


def test_a_page_unlike_the_stores_own_is_not_taken_for_it():
    lost = page_signature(_page(b"<title>Fern</title>", b"<h1>The path ends in ferns</h1>"))
    assert (
        _judged(
            body=_page(b"<title>Fern</title>", b"<h1>Slow mornings</h1>" + WORDS),
            store_not_found=lost,
        ).verdict
        == "ok"
    )


def test_every_rule_has_a_name_of_its_own_and_a_source():
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.source for rule in RULES)


@given(
    st.sampled_from([0, 100, 200, 203, 301, 304, 404, 429, 503, 999]),
    st.binary(max_size=200),
    st.text(SIGNS, max_size=30),
    st.sampled_from(["html", "xml", "text"]),
    st.text(SIGNS, max_size=30),
)
def test_any_answer_has_a_verdict(status, noise, text, expected, url):
    headers = {"content-type": text, "location": text, "server-timing": text}
    for body in (noise, _page(MARK)[:80] + noise, b"<html><body>" + noise):
        judged = judge(
            Answer(url=url, status=status, headers=headers, body=body, expected=expected)
        )
        assert judged.verdict in get_args(Verdict)


@each_row("status", [200, 201, 202, 203, 226])
def test_a_whole_page_of_the_store_is_an_answer_whatever_its_success_is_called(status):
    answer = Answer(
        url=POST, status=status, headers={"content-type": "text/html"}, body=article().encode()
    )
    assert judge(answer).verdict == "ok"


@each_row(
    ("refresh", "verdict"),
    [
        ('<meta http-equiv="refresh" content="0;url=/x">', "unreadable"),
        ("<META CONTENT='1; URL=https://x.example/' HTTP-EQUIV=Refresh>", "unreadable"),
        ('<meta http-equiv="refresh" content="1800">', "ok"),
    ],
)
def test_a_page_that_only_leads_to_another_is_no_post(refresh, verdict):
    text = "<p>You are being taken elsewhere now.</p>"
    body = f"<html><head>{refresh}</head><body>{text}</body></html>"
    answer = Answer(url=POST, status=200, headers={"content-type": "text/html"}, body=body.encode())
    assert judge(answer).verdict == verdict

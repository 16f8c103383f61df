"""What an answer of the server means. One table of rules, the first that fits decides; only ``ok``
may touch a post.

Every other verdict is evidence about the store, the network or ourselves, and never a change of a
post.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from scraper.documents.charsets import is_wide_unicode, to_utf8
from scraper.items import Verdict
from scraper.responses import block_pages, content_checks
from scraper.responses.block_pages import PageSignature
from scraper.responses.redirects import read_redirect
from scraper.shopify.page_markers import Markers, read_markers
from scraper.shopify.urls import canonical_post_url

Expected = Literal["html", "xml", "text", "image"]

_CONTENT_TYPES = frozenset({"article", "blog", "index", "page", "product", "collection", "search"})
_PAGE_TYPE = re.compile(r'pagetype;desc="([\w-]{1,30})"', re.IGNORECASE)


_PAGE_STATUS = frozenset({200, 201, 202, 203, 226})
"""Codes by which a whole page may come: proxies and edges alter them (RFC 9110, 15.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for one request, redirects not followed.

    `status` is 0 where no answer came, then `error` names why. `headers` have lower-case names.
    `flags` are what the downloader noted: ``dataloss`` (the connection ended early), ``partial``
    (only its end ended the answer), ``too_large`` (the download was stopped at its bound).
    `store_not_found` is the signature of the store's own 404 page, once learned.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""
    expected: Expected = "html"
    flags: frozenset[str] = frozenset()
    store_not_found: PageSignature | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseVerdict:
    """The verdict, why in a few words, and the absolute target of a redirect.

    `rule` names the row of the table. `same_address` marks a redirect that only gives the same
    address another form (scheme, ``www.``, locale, slash, query): its verdict is ``renamed``, but
    nothing was renamed; follow it and record no rename. `markers` are what the page said of itself,
    where it was read.
    """

    verdict: Verdict
    detail: str = ""
    target: str = ""
    rule: str = ""
    same_address: bool = False
    markers: Markers | None = field(default=None, repr=False)


class VerdictRule(NamedTuple):
    """A row of the table: its name, where the knowledge comes from (documents are those of
    docs/explanation/), and the test, which returns a verdict or None."""

    name: str
    source: str
    test: Callable[[_Case], ResponseVerdict | None]


@dataclass(frozen=True, slots=True)
class _Case:
    answer: Answer
    markers: Markers
    page_type: str

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def body(self) -> bytes:
        return self.answer.body

    def header(self, name: str) -> str:
        return self.answer.headers.get(name, "")

    @property
    def is_article(self) -> bool:
        return self.status in _PAGE_STATUS and self.page_type == "article"

    @property
    def is_content(self) -> bool:
        """The store's own page of things, by its own mark: never a block page, so nobody searches
        it for one."""
        return self.status in _PAGE_STATUS and self.page_type in _CONTENT_TYPES


def judge(answer: Answer) -> ResponseVerdict:
    """Return what an answer means. Never raises: any status, headers and bytes have a verdict. A
    page in UTF-16 is read as any other."""
    readable = (
        answer.expected == "html"
        and answer.status not in (0, 304)
        and not 300 <= answer.status < 400
    )
    if answer.expected == "html" and is_wide_unicode(answer.body):
        answer = replace(answer, body=to_utf8(answer.body))
    markers = read_markers(answer.body) if readable else Markers()
    case = _Case(answer, markers, markers.page_type or _header_page_type(answer))
    for rule in RULES:
        found = rule.test(case)
        if found is not None:
            return ResponseVerdict(
                verdict=found.verdict,
                detail=found.detail,
                target=found.target,
                rule=rule.name,
                same_address=found.same_address,
                markers=markers if readable else None,
            )
    return ResponseVerdict(verdict="ok", rule="ok", markers=markers if readable else None)


def _header_page_type(answer: Answer) -> str:
    found = _PAGE_TYPE.search(answer.headers.get("server-timing", ""))
    return found[1].lower() if found else ""


def _too_large(case: _Case) -> ResponseVerdict | None:
    if "too_large" not in case.answer.flags:
        return None
    return ResponseVerdict(verdict="too_large", detail=f"stopped at {len(case.body)} bytes")


def _no_answer(case: _Case) -> ResponseVerdict | None:
    if case.status:
        return None
    return ResponseVerdict(verdict="network_error", detail=case.answer.error or "no answer")


def _challenge_header(case: _Case) -> ResponseVerdict | None:
    mitigated = case.header("cf-mitigated").strip().lower()
    if not mitigated:
        return None
    return ResponseVerdict(verdict="challenge", detail=f"cf-mitigated: {mitigated[:40]}")


def _not_modified(case: _Case) -> ResponseVerdict | None:
    return ResponseVerdict(verdict="not_modified") if case.status == 304 else None


def _redirect(case: _Case) -> ResponseVerdict | None:
    if case.status not in (301, 302, 303, 307, 308):
        return None
    found = read_redirect(case.answer.url, case.header("location"))
    return ResponseVerdict(
        verdict=found.kind,
        detail=found.detail,
        target=found.target,
        same_address=found.same_address,
    )


def _block_page(case: _Case) -> ResponseVerdict | None:
    if case.is_content or not block_pages.is_block_page(case.body):
        return None
    return ResponseVerdict(
        verdict="rate_limited", detail="the page says that too much was asked for"
    )


def _challenge_page(case: _Case) -> ResponseVerdict | None:
    if case.is_content or case.status in (404, 410) or not block_pages.is_challenge(case.body):
        return None
    return ResponseVerdict(
        verdict="challenge", detail=f"HTTP {case.status}, a page that asks for proof of being human"
    )


def _rate_limit(case: _Case) -> ResponseVerdict | None:
    wait = case.header("retry-after")
    if case.status == 429 or (case.status == 503 and wait):
        return ResponseVerdict(
            verdict="rate_limited",
            detail=f"HTTP {case.status}" + (f", retry after {wait[:40]}" if wait else ""),
        )
    return None


def _security_rejection(case: _Case) -> ResponseVerdict | None:
    if case.status != 430:
        return None
    return ResponseVerdict(verdict="security_rejected", detail="HTTP 430")


def _closed_store(case: _Case) -> ResponseVerdict | None:
    if case.status in (402, 423):
        return ResponseVerdict(
            verdict="forbidden", detail=f"HTTP {case.status}: the store is frozen or locked"
        )
    if not case.is_content and case.status >= 400 and block_pages.is_closed_store(case.body):
        return ResponseVerdict(
            verdict="server_error",
            detail=f"HTTP {case.status}: the store is closed, which says nothing of a post",
        )
    return None


def _password_page(case: _Case) -> ResponseVerdict | None:
    if case.is_content or case.status not in (200, 401, 403):
        return None
    if (
        _path_of(case.answer.url).endswith("/password")
        or case.page_type == "password"
        or block_pages.is_password_page(case.body)
    ):
        return ResponseVerdict(
            verdict="password_page", detail=f"HTTP {case.status}, the store asks for a password"
        )
    return None


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


_BY_STATUS: dict[int, Verdict] = {
    404: "not_found",
    410: "gone",
    401: "forbidden",
    403: "forbidden",
    451: "forbidden",
    511: "network_error",
}


def _status(case: _Case) -> ResponseVerdict | None:
    if case.status in (200, 203) or case.is_content:
        return None
    detail = f"HTTP {case.status}"
    if case.status in _BY_STATUS:
        return ResponseVerdict(verdict=_BY_STATUS[case.status], detail=detail)
    if case.status >= 500 or case.status in (408, 425):
        return ResponseVerdict(verdict="server_error", detail=detail)
    if case.status in (204, 205):
        return ResponseVerdict(verdict="empty", detail=detail)
    return ResponseVerdict(
        verdict="truncated" if case.status == 206 else "unreadable", detail=detail
    )


def _data_loss(case: _Case) -> ResponseVerdict | None:
    flags, expected = case.answer.flags & {"dataloss", "partial"}, case.answer.expected
    if not flags or (flags == {"partial"} and content_checks.has_end(expected, case.body)):
        return None
    return ResponseVerdict(verdict="truncated", detail="the connection ended before the answer did")


def _empty_body(case: _Case) -> ResponseVerdict | None:
    if (
        case.body.strip() or case.answer.expected == "text"
    ):  # an empty robots.txt is one without rules
        return None
    return ResponseVerdict(verdict="empty", detail="no body")


def _wrong_kind(case: _Case) -> ResponseVerdict | None:
    content_type, expected = case.header("content-type"), case.answer.expected
    if expected == "html":
        fits = content_checks.is_html(content_type, case.body)
    elif expected == "xml":
        fits = content_checks.is_xml(content_type, case.body)
    elif expected == "image":
        fits = content_checks.image_type(case.body) != ""
    else:
        fits = not case.body.strip() or not content_checks.is_html(content_type, case.body)
    if fits:
        return None
    kind = content_type.partition(";")[0].strip()[:60] or "no type"
    detail = f"{kind} where {expected} was expected"
    return ResponseVerdict(
        verdict="not_html" if expected == "html" else "unreadable", detail=detail
    )


def _cut_short(case: _Case) -> ResponseVerdict | None:
    expected, body = case.answer.expected, case.body
    cut = (expected == "html" and content_checks.is_cut_short(body)) or (
        expected == "xml" and content_checks.is_cut_short_xml(body)
    )
    return ResponseVerdict(verdict="truncated", detail="the document has no end") if cut else None


def _leads_on(case: _Case) -> ResponseVerdict | None:
    if case.answer.expected != "html" or case.is_article:
        return None
    if not content_checks.is_refresh_stub(case.body):
        return None
    return ResponseVerdict(verdict="unreadable", detail="a page that only leads to another")


def _no_words(case: _Case) -> ResponseVerdict | None:
    if case.answer.expected != "html" or content_checks.has_words(case.body):
        return None
    return ResponseVerdict(verdict="empty", detail="a page without visible text")


def _soft_not_found(case: _Case) -> ResponseVerdict | None:
    if case.answer.expected != "html" or case.is_article:
        return None
    own, is_post = case.answer.store_not_found, canonical_post_url(case.answer.url) is not None
    if case.page_type == "404":
        return ResponseVerdict(verdict="soft_404", detail="the page calls itself a 404")
    if (
        own is not None
        and (own.title or own.heading)
        and block_pages.page_signature(case.body) == own
    ):
        return ResponseVerdict(
            verdict="soft_404", detail="the store's own page for what is not there"
        )
    if is_post and case.page_type:
        return ResponseVerdict(
            verdict="soft_404", detail=f"a page of type {case.page_type} where a post was expected"
        )
    if block_pages.says_not_found(case.body):
        return ResponseVerdict(verdict="soft_404", detail="the page says that nothing was found")
    return None


RULES: tuple[VerdictRule, ...] = (
    VerdictRule("too_large", "our own bound on a download", _too_large),
    VerdictRule("no_answer", "status 0 is ours: nothing came over the network", _no_answer),
    VerdictRule(
        "challenge_header",
        "Cloudflare docs, 'Detect a challenge page response': cf-mitigated",
        _challenge_header,
    ),
    VerdictRule("not_modified", "RFC 9110, 15.4.5", _not_modified),
    VerdictRule("redirect", "RFC 9110, 15.4; shopify.md 3.5", _redirect),
    VerdictRule("block_page", "shopify.md 3.5: Shopify's older block page", _block_page),
    VerdictRule(
        "challenge_page",
        "shopify.md 3.5: a challenge comes as 403, 429, 503 or 200",
        _challenge_page,
    ),
    VerdictRule(
        "rate_limit",
        "RFC 6585, 4 (429); RFC 9110, 15.6.4 with Retry-After (503); shopify.md 3.5",
        _rate_limit,
    ),
    VerdictRule(
        "security_rejection",
        "Shopify response codes: 430 Shopify Security Rejection",
        _security_rejection,
    ),
    VerdictRule(
        "closed_store",
        "Shopify response codes: 402 frozen, 423 locked; Shopify's page for a closed store",
        _closed_store,
    ),
    VerdictRule(
        "password_page",
        "shopify.md 3.5: path ending in /password, body.template-password, form to /password",
        _password_page,
    ),
    VerdictRule("status", "RFC 9110, 15; RFC 6585, 6 (511)", _status),
    VerdictRule("data_loss", "Scrapy's flags dataloss and partial; RFC 9112, 6.3", _data_loss),
    VerdictRule("empty_body", "lessons.md: an empty body is no post", _empty_body),
    VerdictRule(
        "wrong_kind",
        "shopify.md 3.4: text/markdown instead of the article; 3.5: HTML for other content",
        _wrong_kind,
    ),
    VerdictRule("cut_short", "measured on 334 saved articles: none is called cut", _cut_short),
    VerdictRule("refresh", "WHATWG HTML, 4.2.5.3: a small page that is left at once", _leads_on),
    VerdictRule("no_words", "lessons.md: an empty or tiny body is no post", _no_words),
    VerdictRule(
        "soft_not_found",
        "lessons.md: 200 with 'not found'; the store's own 404 page, learned",
        _soft_not_found,
    ),
)
"""The table, asked from top to bottom. A page that proves itself by its markers is never a block
page, and an article no soft 404."""

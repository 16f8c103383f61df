"""Recognize challenges, block pages, closed stores and 404 pages by what they print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

_SEARCHED_BYTES = 100_000
"""Bytes of an answer in which a block page names itself; such pages are short."""

_Patterns = tuple[tuple[bytes, re.Pattern[bytes]], ...]


def _by_words(patterns: dict[bytes, bytes]) -> _Patterns:
    """Compile patterns, in lower case, each with a word that stands wherever it fits."""
    return tuple((word, re.compile(pattern, re.VERBOSE)) for word, pattern in patterns.items())


# What Cloudflare, Shopify's own bot check and the usual block pages print. Not "challenge-platform"
# alone and not "captcha": Cloudflare's passive script and Shopify's captcha-bootstrap stand on
# ordinary pages (36 and 65 of 334 saved articles).
_CHALLENGES = _by_words(
    {
        b"_cf_chl_opt": rb"",
        b"cf-chl-": rb"",
        b"shopify-challenge__": rb"",
        b"checking your browser before accessing": rb"",
        b"complete the security check to access": rb"",
        b"needs to review the security of your connection": rb"",
        b"/cdn-cgi/challenge-platform/h/": rb"/cdn-cgi/challenge-platform/h/[a-z]/orchestrate",
        b"challenge-": rb"challenge-(?<=id=[\"']challenge-)(?:form|running|error-text)",
        b"/challenge": rb"<form[^<>]{0,200}action=[\"']/challenge",
        b"human": rb"verify(?:ing)?\ (?:that\ )?you\ are\ (?:a\ )?human",
        b"<title": rb"""
            <title[^>]{0,100}>\s*(?:
                just\ a\ moment | attention\ required!?\ \|\ cloudflare | checking\ your\ browser
                | security\ check | one\ more\ step | are\ you\ (?:a\ )?(?:human|robot) | captcha
                | verify(?:ing)?\ (?:that\ )?you\ are\ (?:a\ )?human | please\ verify
            )
        """,
    }
)
# Shopify's older block page, served to addresses that asked too much.
_TOO_MANY = _by_words(
    {
        b"from your location is sending": rb"from\ your\ location\ is\ sending\ (?:a\ )?"
        rb"large\ amounts?\ of\ (?:web\ )?requests"
    }
)
_PASSWORD = re.compile(
    rb"""
    <(?:body|html)\b[^<>]{0,1000}\btemplate-password\b
    | <form\b[^<>]{0,400}\baction\s*=\s*["']?(?:/[a-z]{2,3}(?:-[a-z]{2,4})?)?/password["'?\s>]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLOSED_STORES = _by_words(
    {
        b"unavailable": rb"this\ (?:shop|store)\ is\ (?:currently\ |temporarily\ )?unavailable",
        b"your new web address, go to your domain settings": rb"",
    }
)
_NOT_FOUND_CLASS = re.compile(rb"<(?:body|html|main)\b[^<>]{0,1000}\btemplate-404\b", re.IGNORECASE)
# The usual words of themes for a missing page, in the languages that stores most often speak.
_NOT_FOUND = re.compile(
    r"""
    ^\W*404\b | \b404\W*$ | ^(?:sorry,?\ )?not\ found\b | page\ (?:does|doesn.t|does\ not)\ exist
    | (?:page|post|article)\ (?:was\ |could\ |can\ )?not\ (?:be\ )?found
    | page\ (?:introuvable|non\ trouvée) | seite\ (?:wurde\ )?nicht\ gefunden
    | página\ no\ encontrada | no\ se\ (?:ha\ )?enc(?:ontró|uentra|ontrado)\ la\ página
    | página\ não\ encontrada | pagina\ non\ trovata | pagina\ niet\ gevonden
    | sidan\ (?:hittades\ inte|kunde\ inte\ hittas) | siden\ (?:blev\ )?ikke\ fundet
    | ページが見つかりません | 找不到(?:页面|頁面) | 页面不存在
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TITLE = re.compile(rb"<title\b[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_HEADING = re.compile(rb"<h1\b[^<>]{0,500}>", re.IGNORECASE)
_HEADING_END = re.compile(rb"</h1", re.IGNORECASE)
_LONGEST_HEADING = 2000
_TAGS = re.compile(r"<[^<>]*+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSignature:
    """What a store's 404 page shows, to know it again where the status says 200."""

    title: str
    heading: str


def page_signature(body: bytes) -> PageSignature:
    """Return the signature of a page, as learned from the answer to an address that cannot
    exist."""
    return PageSignature(title=title_of(body), heading=heading_of(body))


def title_of(body: bytes) -> str:
    """Return the page's title as one line."""
    found = _TITLE.search(body, 0, 2 * _SEARCHED_BYTES)
    return _line(found[1]) if found else ""


def heading_of(body: bytes) -> str:
    """Return the page's first heading of the first level as one line."""
    start = _HEADING.search(body)
    end = _HEADING_END.search(body, start.end(), start.end() + _LONGEST_HEADING) if start else None
    return _line(body[start.end() : end.start()]) if start and end else ""


def _line(raw: bytes) -> str:
    return " ".join(unescape(_TAGS.sub(" ", raw.decode("utf-8", "replace"))).split())


def is_challenge(body: bytes) -> bool:
    """Return whether a page asks the visitor to prove to be human."""
    return _begins_with_any(body, _CHALLENGES)


def is_block_page(body: bytes) -> bool:
    """Return whether a page says that too much was asked for."""
    return _begins_with_any(body, _TOO_MANY)


def _begins_with_any(body: bytes, patterns: _Patterns) -> bool:
    """Return whether a pattern fits the beginning of a page, in any letters; to search for its word
    first takes a fiftieth of the time."""
    start = body[:_SEARCHED_BYTES].lower()
    return any(word in start and pattern.search(start) for word, pattern in patterns)


def is_password_page(body: bytes) -> bool:
    """Return whether a page is the door of a store that is closed to the public."""
    return _PASSWORD.search(body, 0, 5 * _SEARCHED_BYTES) is not None


def is_closed_store(body: bytes) -> bool:
    """Return whether a page speaks of the whole store's absence, which says nothing about one
    post."""
    return _begins_with_any(body, _CLOSED_STORES)


def says_not_found(body: bytes) -> bool:
    """Return whether a page's own title, heading or template says that nothing is there."""
    words = (title_of(body), heading_of(body))
    return (
        any(_NOT_FOUND.search(text) for text in words) or _NOT_FOUND_CLASS.search(body) is not None
    )

"""When a post was published and modified, each source read as it deserves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, takewhile

from selectolax.lexbor import LexborNode

from scraper.author_names import is_full_name
from scraper.caches import cache_short
from scraper.extract.dom import HEADINGS, siblings_before
from scraper.extract.fields.bylines import name_in_byline
from scraper.extract.fields.claims import order_claims, plain
from scraper.extract.fields.dates import (
    NO_DATE,
    ParsedDate,
    parse_machine_date,
    parse_written_date,
    plausible,
)
from scraper.extract.fields.written_dates import find_dates, is_bare_date
from scraper.extract.page.context import BodyContext, NearbyLine, NearbyNode
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import one_line
from scraper.extract.vocabulary import any_of
from scraper.extract.vocabulary.dates import (
    DATE_LABELS,
    FIRST_PUBLISHED,
    ON,
    PUBLISHED_AT_START,
    UPDATED,
)
from scraper.items import FeedEntry, FieldClaim

_Dated = tuple[int, str, str, ParsedDate]  # rank (0 most trusted), source, raw, stamp

# Measured on 777 saved pages with a feed: time elements with a zone are right to the second on 244
# of 256; JSON-LD's "Z" is the store's local time on 243. Ranks: 0 feed, 1 time with a zone, 2
# JSON-LD with an offset, 3 JSON-LD read as local time, then meta elements, 4 local time, 5 a time
# element's bare date, 6 a date in words that says that it is the post's, 7 any other bare date, 8
# any other date in words above the body, 9 one below it, 10 what only the head says in rarer ways.
# Themes that write the day of creation into JSON-LD show the right one to the reader, so what they
# show goes before a bare date.
_TIME_RANKS = {"offset": 1, "zulu": 1, "local": 4}
_JSONLD_RANKS = {"offset": 2, "zulu": 2, "local": 3}
_TIME_DATE, _ROW, _BARE, _SHOWN, _BELOW, _UNSHOWN = 5, 6, 7, 8, 9, 10
_METAS_OF_DATE = (
    "datepublished date pubdate publish-date publish_date dc.date dc.date.issued dcterms.created "
    "parsely-pub-date sailthru.date article.published citation_publication_date"
)
_METAS = {
    "published_at": (
        ("opengraph", "article:published_time"),
        ("opengraph", "og:article:published_time"),
        *(("meta", name) for name in _METAS_OF_DATE.split()),
    ),
    "modified_at": (("opengraph", "article:modified_time"), ("opengraph", "og:updated_time")),
}
# Whole names: with another word before or behind ("next-", "product:") each dates something else.
_RARE_METAS = (
    "article:published",
    "og:published_time",
    "published_time",
    "published-date",
    "publication_date",
    "publishdate",
    "dcterms.issued",
)
_PIECES = 3  # lines in which a theme may part day, month and year
_LONGEST_PIECE = 15
_LONGEST_LINE = 120
_LONGEST_LABEL = 3  # words
_NEAR = 3  # nodes between which white space may stand
_MOST_LISTS = 4  # within each other
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"\d{4}|年|\d\d\s*+$")
_UPDATED = re.compile(any_of(UPDATED), re.I)
_PUBLISHED = re.compile(any_of(FIRST_PUBLISHED), re.I)
_POSTED = re.compile(rf"^(?:{any_of(PUBLISHED_AT_START)})\b(?:\s+(?:{ON}))?\s*:?\s*", re.I)
_ON = re.compile(rf"\s(?:{ON})\W*$", re.I)
_CHANGED = re.compile(  # WordPress prints both; "published updated" is one element of both
    r"^(?!.*(?<![a-z])published(?![a-z])).*(?<![a-z])(?:updated|modified)(?![a-z])", re.I
)
_LABEL = re.compile(rf"^(?:{any_of(DATE_LABELS)})\s*:?\s*|^(?:{ON})\s+", re.I)


def read_dates(
    page: ParsedPage, context: BodyContext, entry: FeedEntry | None, seen_at: str = ""
) -> Iterator[FieldClaim]:
    """Yield every source's claim on ``published_at``, then on ``modified_at``, most trusted first;
    what no post can have, or is later than `seen_at`, is a claim without a value."""
    times = list(context.outside_boilerplate(context.times))
    changed = [near for near in times if _is_of_change(near.node)]
    if len(changed) == len(times):  # themes call the only time of a post "updated" too
        changed = [near for near in changed if near.node.attributes.get("itemprop")]
    about = [near for near in times if near not in changed]
    lines, language = list(_dated_lines(context.lines)), page.language
    shown = _shown(lines, language, published=True) or _first_parted(context.lines, language)
    published = [*_stated(page, entry, "published_at", _times(page, about)), *shown]
    shown = _shown(lines, language, published=False)
    modified = [*_stated(page, entry, "modified_at", _times(page, changed)), *shown]
    for field, dated in (("published_at", published), ("modified_at", modified)):
        dated.sort(key=lambda item: item[0])
        claims = [(source, raw, plausible(at, seen_at).value) for _, source, raw, at in dated]
        yield from order_claims(field, claims)


def _stated(
    page: ParsedPage, entry: FeedEntry | None, field: str, times: list[_Dated]
) -> list[_Dated]:
    """Return what feed, time elements, JSON-LD and meta elements state of a field."""
    published = field == "published_at"
    dated = [*_feed(page, entry, published), *times]
    for article in page.articles:
        names = ("datePublished", "dateCreated") if published else ("dateModified",)
        raw = next((raw for name in names if (raw := _first(article.get(name)))), "")
        dated.append(_jsonld(raw, page, {stamp.value for _, _, _, stamp in times}))
    for source, name in _METAS[field]:
        if raw := page.metas.get(name, ""):
            dated.append((3, source, raw, _read_stamp(raw, page)))
    if published:
        rare = [("meta", page.metas.get(name, "")) for name in _RARE_METAS]
        dated += [(_UNSHOWN, name, raw, _read_stamp(raw, page)) for name, raw in rare if raw]
        _, source, raw, stamp = _jsonld(_first(page.described.get("datePublished")), page, set())
        dated.append((_UNSHOWN, source, raw, stamp))
    return dated


def _first(value: object) -> str:
    """Return a value of structured data, or the first of lists of values, as text."""
    for _ in range(_MOST_LISTS):
        if isinstance(value, list):
            value = next(filter(None, value), "")
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("value")
    return plain(value)


def _read_stamp(raw: str, page: ParsedPage) -> ParsedDate:
    return parse_machine_date(raw, utc_offset_s=page.utc_offset_s, language=page.language)


def _feed(page: ParsedPage, entry: FeedEntry | None, published: bool) -> list[_Dated]:
    if entry is None:
        return []
    raw, value = entry.updated_raw, entry.updated_at
    if published:
        raw, value = entry.published_raw, entry.published_at
    parsed = ParsedDate(value, "offset")
    if not value:
        parsed = _read_stamp(raw, page)
    return [(0, "feed", raw or value, parsed)]


def _times(page: ParsedPage, about: list[NearbyNode]) -> list[_Dated]:
    """Return the nearest of the time elements that speak of a field; several that differ belong to
    a list of posts."""
    nearest = [near for near in about if near.distance == about[0].distance]
    read = [_time_stamp(near, page) for near in nearest]
    differ = len({stamp.value[:10] for _, stamp in read if stamp.value}) > 1
    return [
        (_BARE if differ else _TIME_RANKS.get(stamp.precision, _TIME_DATE), "time", raw, stamp)
        for raw, stamp in read[:2]
    ]


def _is_of_change(node: LexborNode) -> bool:
    """Return whether a time element, or the last words before it, say that it holds the time of
    the last change; a heading's are about something else."""
    attributes = node.attributes
    if prop := attributes.get("itemprop"):
        return prop == "dateModified"
    if "pubdate" in attributes:
        return False
    if _CHANGED.search((attributes.get("class") or "")[:_LONGEST_LINE]):
        return True
    beside = takewhile(lambda one: one.tag not in HEADINGS, islice(siblings_before(node), _NEAR))
    text = next(filter(None, (one_line(one.text()) for one in beside)), "")[-_LONGEST_LINE:]
    said = list(_UPDATED.finditer(text))
    since = text[said[-1].end() :] if said else ""
    name = name_in_byline(since.strip())
    is_near = len(since.split()) < _LONGEST_LABEL or is_full_name(name)
    is_near = is_near or (bool(name) and _ON.search(since) is not None)
    return bool(said) and is_near and not _PUBLISHED.search(since)


def _time_stamp(near: NearbyNode, page: ParsedPage) -> tuple[str, ParsedDate]:
    attributes = near.node.attributes
    raw = (
        attributes.get("datetime") or attributes.get("content") or attributes.get("title") or ""
    ).strip()
    stamp = plausible(_read_stamp(raw, page)) if raw else NO_DATE
    if stamp.value:
        return raw, stamp
    shown = one_line(near.node.text())
    return raw or shown, _read_stamp(shown, page)


def _jsonld(raw: str, page: ParsedPage, times: set[str]) -> _Dated:
    """Read JSON-LD's claim: exact with an offset; with a "Z" it is the store's local time unless a
    time element says the same."""
    stamp, offset = _read_stamp(raw, page), page.utc_offset_s
    if stamp.precision == "zulu" and stamp.value not in times and offset != 0:
        return (
            3,
            "jsonld_local",
            raw,
            parse_machine_date(raw, utc_offset_s=offset, zulu_is_local=True),
        )
    return _JSONLD_RANKS.get(stamp.precision, _BARE), "jsonld", raw, stamp


def _shown(lines: list[NearbyLine], language: str, *, published: bool) -> list[_Dated]:
    """Return the first date in words that speaks of this field: of a line that says when the post
    was published, else of any line above the body, else of one below it."""
    found: list[_Dated] = []
    for line in lines:
        value = _date_of_line(line.text, language, published=published)
        if value:
            rank = _SHOWN if line.above else _BELOW
            if _is_labelled_date(line, language):
                rank = _ROW
            found.append((rank, "byline", line.text, ParsedDate(value, "date")))
    return sorted(found, key=lambda item: item[0])[:1]


def _dated_lines(lines: tuple[NearbyLine, ...]) -> Iterator[NearbyLine]:
    """Yield the lines that may hold a date, behind the line before where that is its label:
    "Updated:"."""
    before = ""
    for line in lines:
        if len(line.text) < _LONGEST_LINE and _YEAR.search(line.text):
            yield line._replace(text=f"{before} {line.text}") if _is_label(before) else line
        before = line.text


def _is_label(text: str) -> bool:
    is_short = len(text.split()) <= _LONGEST_LABEL and not _DIGIT.search(text)
    return is_short and _said_by(text) != ""


@cache_short(maxsize=512)  # a theme's words, on each page of a store
def _said_by(label: str) -> str:
    """Return which date the words before one announce."""
    if _UPDATED.search(label):
        return "modified_at"
    return "published_at" if _PUBLISHED.search(label) else ""


def _first_parted(lines: tuple[NearbyLine, ...], language: str) -> list[_Dated]:
    """Return the first date above the body of which each part is a line of its own: "04", "Mar",
    "2026"."""
    short = [line.above and len(line.text) <= _LONGEST_PIECE for line in lines]
    for size in range(_PIECES, 1, -1):
        for at in range(len(lines) - size + 1):
            if not all(short[at : at + size]):
                continue
            text = " ".join(one.text.strip(" ,./") for one in lines[at : at + size])
            if _YEAR.search(text) and is_bare_date(text, language):
                return [(_BARE, "byline", text, parse_written_date(text, language))]
    return []


def _date_of_line(text: str, language: str, *, published: bool) -> str:
    """Return the date of a line that speaks of publication (or of the last change): the words
    before each date say of which."""
    unlabelled, start = "", 0
    for one in find_dates(text, language):
        label, start = text[start : one.start], one.end
        said = _said_by(label)
        if said == "modified_at":
            if not published:
                return one.value
        elif published and said:
            return one.value
        else:
            unlabelled = unlabelled or one.value
    return unlabelled if published else ""


def _is_labelled_date(line: NearbyLine, language: str) -> bool:
    """Return whether a line above the body is a date or a byline with its date, or a line anywhere
    a date that is labelled as the post's."""
    bare = _POSTED.sub("", line.text)
    if bare != line.text and is_bare_date(bare, language):
        return True
    return line.above and (
        is_bare_date(_LABEL.sub("", line.text), language) or bool(name_in_byline(line.text))
    )

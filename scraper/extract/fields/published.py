"""When a post was published and modified, each source read as it deserves."""

from __future__ import annotations

import re

from scraper.extract.fields.bylines import name_in_byline
from scraper.extract.fields.claims import order_claims, plain
from scraper.extract.fields.dates import (
    NO_DATE,
    ParsedDate,
    is_bare_date,
    parse_timestamp,
    parse_written_date,
)
from scraper.extract.page.context import BodyContext, NearbyLine, NearbyNode
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import one_line
from scraper.extract.vocabulary import DATE_LABELS, ON, PUBLISHED_AT_START, any_of
from scraper.items import FeedEntry, FieldClaim

_Dated = tuple[int, str, str, ParsedDate]  # rank (0 most trusted), source, raw, stamp

# Measured on 777 saved pages with a feed: time elements with a zone are right to the second on 244
# of 256; JSON-LD's "Z" is the store's local time on 243. Ranks: 0 feed, 1 time with a zone, 2
# JSON-LD with an offset, 3 JSON-LD read as local time, 4 local time, 5 a time element's bare date,
# 6 a date in words that says that it is the post's, 7 any other bare date, 8 any other date in
# words. Themes that write the day of creation into JSON-LD show the right one to the reader, so
# what they show goes before a bare date.
_TIME_RANKS = {"offset": 1, "zulu": 1, "local": 4}
_JSONLD_RANKS = {"offset": 2, "zulu": 2, "local": 3}
_TIME_DATE, _ROW, _BARE, _SHOWN = 5, 6, 7, 8
_LONGEST_LINE = 120
_YEAR = re.compile(r"(?:19|20)\d\d|^[^\W\d_]{3,10}\.?\s+\d{1,2},\s+['’]?\d\d\s*$")
_POSTED = re.compile(rf"^(?:{any_of(PUBLISHED_AT_START)})\b(?:\s+(?:{ON}))?\s*:?\s*", re.I)
_LABEL = re.compile(rf"^(?:{any_of(DATE_LABELS)})\s*:?\s*|^(?:{ON})\s+", re.I)


def read_dates(
    page: ParsedPage, context: BodyContext, entry: FeedEntry | None, field: str
) -> list[FieldClaim]:
    """Return every source's claim on `field` (``published_at`` or ``modified_at``), most trusted
    first."""
    published = field == "published_at"
    times = _times(page, context, published)
    dated = [*_feed(page, entry, published), *times]
    for article in page.articles:
        raw = plain(article.get("datePublished" if published else "dateModified"))
        dated.append(_jsonld(raw, page.utc_offset_s, {stamp.value for _, _, _, stamp in times}))
    raw = page.metas.get("article:published_time" if published else "article:modified_time", "")
    dated.append((3, "opengraph", raw, parse_timestamp(raw, utc_offset_s=page.utc_offset_s)))
    if published:
        dated += _shown(context.lines)
    dated.sort(key=lambda item: item[0])
    return order_claims(field, [(source, raw, stamp.value) for _, source, raw, stamp in dated])


def _feed(page: ParsedPage, entry: FeedEntry | None, published: bool) -> list[_Dated]:
    if entry is None:
        return []
    raw, value = entry.updated_raw, entry.updated_at
    if published:
        raw, value = entry.published_raw, entry.published_at
    parsed = ParsedDate(value, "offset")
    if not value:
        parsed = parse_timestamp(raw, utc_offset_s=page.utc_offset_s)
    return [(0, "feed", raw or value, parsed)]


def _times(page: ParsedPage, context: BodyContext, published: bool) -> list[_Dated]:
    """Return the nearest time elements outside the body that speak of this field; several that
    differ belong to a list of posts."""
    about = [
        near
        for near in context.outside_boilerplate(context.times)
        if (near.node.attributes.get("itemprop") == "dateModified") != published
    ]
    nearest = [near for near in about if near.distance == about[0].distance]
    read = [_time_stamp(near, page.utc_offset_s) for near in nearest]
    differ = len({stamp.value[:10] for _, stamp in read if stamp.value}) > 1
    return [
        (_BARE if differ else _TIME_RANKS.get(stamp.precision, _TIME_DATE), "time", raw, stamp)
        for raw, stamp in read[:2]
    ]


def _time_stamp(near: NearbyNode, offset: int | None) -> tuple[str, ParsedDate]:
    attributes = near.node.attributes
    raw = (attributes.get("datetime") or attributes.get("content") or "").strip()
    stamp = parse_timestamp(raw, utc_offset_s=offset) if raw else NO_DATE
    if stamp.value:
        return raw, stamp
    shown = one_line(near.node.text())
    return raw or shown, parse_written_date(shown)


def _jsonld(raw: str, offset: int | None, times: set[str]) -> _Dated:
    """Read JSON-LD's claim: exact with an offset; with a "Z" it is the store's local time unless a
    time element says the same."""
    stamp = parse_timestamp(raw, utc_offset_s=offset)
    if stamp.precision == "zulu" and stamp.value not in times and offset != 0:
        return 3, "jsonld_local", raw, parse_timestamp(raw, utc_offset_s=offset, zulu_is_local=True)
    return _JSONLD_RANKS.get(stamp.precision, _BARE), "jsonld", raw, stamp


def _shown(lines: tuple[NearbyLine, ...]) -> list[_Dated]:
    """Return the first date in words: of a line that says when the post was published, else of any
    line."""
    dated = [
        line
        for line in lines
        if len(line.text) < _LONGEST_LINE
        and _YEAR.search(line.text)
        and parse_written_date(line.text).value
    ]
    labelled = [line for line in dated if _is_labelled_date(line)]
    return [
        (_ROW if labelled else _SHOWN, "byline", line.text, parse_written_date(line.text))
        for line in (labelled or dated)[:1]
    ]


def _is_labelled_date(line: NearbyLine) -> bool:
    """Return whether a line above the body is a date or a byline with its date, or a line anywhere
    a date that is labelled as the post's."""
    bare = _POSTED.sub("", line.text)
    if bare != line.text and is_bare_date(bare):
        return True
    return line.above and (
        is_bare_date(_LABEL.sub("", line.text)) or bool(name_in_byline(line.text))
    )

"""Bounds on the markup of a page, for the parser is quadratic in three ways that a page may grow:
depth, attributes, names."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from scraper.exceptions import TooMuchMarkup

_TAG = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9:-]*)(?:(\s*>)|(?=([^<>]*+(?<=/)>)))?")
_VOID_TAGS = frozenset(
    b"area base br col embed hr img input link meta param source track wbr".split()
)
# Their end tags are optional, so an unclosed one does not nest.
_FLAT_TAGS = _VOID_TAGS | frozenset(
    b"p li dt dd tr td th thead tbody tfoot option optgroup html head body".split()
)
# HTML parsing is quadratic in the depth of the markup (measured: 28 s for 60,000 nested lists);
# browsers stop at 512.
_MAX_DEPTH = 256
_ROOTS = frozenset({b"html", b"head", b"body"})
_MOST_ROOTS = 20
_MADE_BY_END_TAGS = frozenset({b"p", b"br"})
_FEW_TAGS = 6_000  # real pages have at most 5,200; so many levels take 0.1 s
_MANY_TAGS = 15_000
# Real pages have at most 4,000 elements (563 saved ones); each costs 3 to 50 µs, and the time that
# parsing may take ends a page where that is too much. Elements below the depth that is read do not
# count.
_MOST_ELEMENTS = 120_000
_MOST_TAGS = 3_000_000  # the walk that counts them takes 0.5 µs a tag
# Real pages have at least five bytes of text for each tag, a hundred times as many (570 ones).
_TAGS_A_BYTE = 20
_NO_TEXT = re.compile(rb"<[^<>]*+>|\s++")
# HTML parsing is quadratic in the number of one element's attributes too (measured: 4 s for
# 30,000).
_MOST_ATTRIBUTES = 100
_ATTRIBUTE = (
    rb"(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>\"'][^\s>]*+)?+)?+)"
)
_RAW_TEXT = (
    rb"<(?:!--(?:[^-]++|-(?!->))*+"
    rb"|(?:script|style|textarea|title|xmp|iframe|noembed|noframes)\b[^>]*+>"
    rb"(?:[^<]++|<(?!/[a-z]))*+)"
)
_FIRST = rb"<[a-z][^\s/>]*+%b{0,%d}+" % (_ATTRIBUTE, _MOST_ATTRIBUTES)
# Up to the first tag of more attributes; in one search, for a step of Python at every tag takes ten
# times as long.
_FITTING = re.compile(
    rb"(?:[^<]++|%b|%b(?!%b)|<(?![a-z]))*+" % (_RAW_TEXT, _FIRST, _ATTRIBUTE), re.I | re.S
)
_OVERFULL = re.compile(rb"(%b)%b*+" % (_FIRST, _ATTRIBUTE), re.I | re.S)
_START_TAG = re.compile(rb"<[A-Za-z]")
_WINDOW = 2000  # bytes in which no tag ends, where 300 attributes may stand: 0.2 ms
_EQUALS, _WHITE_SPACE = b"="[0], string.whitespace.encode()
_BLANKS = 100  # bytes before a quotation mark; "=" may stand before so many
_CROWDED_TAGS = 10_000
_SMALL, _MEDIUM, _LARGE = 10_000, 150_000, 1_000_000  # bytes; the largest is read whatever it shows
# And quadratic in how many different names of tags and attributes the whole page has (measured: 0.3
# s for 40,000, 2.5 s for 80,000).
_MOST_NAMES = 15_000
# The "<" stands before the alternatives, so that the search leaps to it: 1 ms for 4 MB of text, not
# 50.
_TAGS = re.compile(
    rb"<(?:%b|([a-z][^\s/>]*+%b*+))" % (_RAW_TEXT.removeprefix(b"<"), _ATTRIBUTE), re.I | re.S
)
_NAMES = re.compile(_ATTRIBUTE.replace(rb"[\s/]*+[^\s/>][^\s/>=]*+", rb"([^\s/>][^\s/>=]*+)"))


def limit_markup(source: bytes) -> bytes:
    """A page in UTF-8 as it can be parsed in a time that grows with its size only; nearly every
    page comes back as it is.

    Raises TooMuchMarkup for one of more tags, or names of tags and attributes, than any page has.
    """
    if len(source) < _SMALL:
        return source
    starts = _count(source, b"<")
    return _limit_attributes(_limit_depth(source, starts), starts)


_WRITTEN = re.compile(r"<(/?)([a-z][a-z0-9]{0,20})(?: [a-z-]{1,40}=\"[^\"]*\"){0,30} ?/?>")

_VALUE = re.compile(r'"[^"]*"')
# Start tags that differ in more than values: real bodies have a dozen, each with a few names.
_MOST_SHAPES = 500


def is_written_plainly(html: str) -> bool:
    """Return whether HTML is short, or as a serialiser writes a body, so that parsing it takes no
    long time: each "<" begins a tag, none of them a root's (a second one leaves its attributes to
    the first); the tags have few names and attributes; no element ends after the one around it, and
    few are nested deeper than browsers show, as they may be on a page of few tags."""
    if len(html) < _SMALL:
        return True
    opened: list[str] = []
    shapes: set[str] = set()
    n_tags = n_deep = 0
    for tag in _WRITTEN.finditer(html):
        n_tags += 1
        if tag[1]:
            if not opened or opened.pop() != tag[2]:
                return False
            continue
        shapes.add(_VALUE.sub("", tag[0]))
        if tag[2].encode() in _ROOTS or len(shapes) > _MOST_SHAPES:
            return False
        if tag[2].encode() not in _VOID_TAGS:
            opened.append(tag[2])
        n_deep += len(opened) > _MAX_DEPTH
    return not opened and n_deep < _FEW_TAGS and n_tags == html.count("<")


def _count(source: bytes, sign: bytes) -> int:
    """Count a sign; `bytes.count` looks at each byte (until Python 3.13), `replace` leaps from sign
    to sign, in less than half the time."""
    return len(source) - len(source.replace(sign, b""))


def _limit_depth(source: bytes, count: int) -> bytes:
    """Turn the elements beyond a depth that no browser shows into line breaks; their text and
    attributes stay where they are.

    `count` is that of the "<" in the page, as is `starts` below.

    Raises TooMuchMarkup where more elements are left than any page has, or next to no text stands
    among them.
    """
    if count < _FEW_TAGS:
        return source
    if count > _MOST_TAGS or source.count(b"<!") > _MOST_ELEMENTS:
        raise TooMuchMarkup(
            f"too_many_tags: the page has {count} tags, more than a page of words has"
        )
    if count >= _MANY_TAGS and count > _TAGS_A_BYTE * len(_NO_TEXT.sub(b"", source)):
        raise TooMuchMarkup(f"too_many_tags: the page has {count} tags, and next to no text")
    return _TAG.sub(_DepthLimiter().replace, source)


class _DepthLimiter:
    """Follows the tags of a page, and replaces those of elements that are nested too deep."""

    def __init__(self) -> None:
        self._depth = self._elements = self._roots = self._closed = 0

    def replace(self, tag: re.Match[bytes]) -> bytes:
        """Return a tag as it stays in the page."""
        if self._elements > _MOST_ELEMENTS:
            raise TooMuchMarkup(f"too_many_tags: the page has more than {_MOST_ELEMENTS} elements")
        name = tag[2].lower()
        if tag[1]:
            return self._end_tag(tag, name)
        if name in _ROOTS:
            return self._root(tag)
        flat = name in _FLAT_TAGS or self._is_closed(tag)
        self._depth += not flat
        is_too_deep = not flat and self._depth > _MAX_DEPTH
        if is_too_deep and tag[3]:
            return b" "
        self._elements += 1
        return b"<br" if is_too_deep else tag[0]

    def _end_tag(self, tag: re.Match[bytes], name: bytes) -> bytes:
        if name in _FLAT_TAGS:
            self._elements += name in _MADE_BY_END_TAGS
            return tag[0]
        self._depth = max(0, self._depth - 1)
        if self._depth < _MAX_DEPTH:
            return tag[0]
        return b" " if tag[3] else b"</wbr"

    def _is_closed(self, tag: re.Match[bytes]) -> bool:
        """Return whether a tag closes itself, as in drawings; elsewhere the parser lets it nest, so
        only a few are believed."""
        self._closed += tag[4] is not None
        return tag[4] is not None and self._closed < _FEW_TAGS

    def _root(self, tag: re.Match[bytes]) -> bytes:
        """A second root element leaves its attributes to the first."""
        self._roots += 1
        self._elements += 1
        return tag[0] if self._roots <= _MOST_ROOTS else b"<wbr"


def _limit_attributes(source: bytes, starts: int) -> bytes:
    """Leave an element its first hundred attributes.

    Themes print descriptions with quotes that are not escaped, whose every word becomes an
    attribute; none of them is lost that is read. Raises TooMuchMarkup for more different names than
    any page has.
    """
    if len(source) < _LARGE and not _may_be_crowded(source, starts):
        limited = _limit_long_tags(source)
        return _limit_every_tag(source) if limited is None else limited
    limited = _limit_every_tag(source)
    _refuse_names(limited)
    return limited


def _limit_every_tag(source: bytes) -> bytes:
    parts, at = [], 0
    while (overfull := _OVERFULL.match(source, _end_of_fitting(source, at))) is not None:
        parts.append(source[at : overfull.end(1)])
        at = overfull.end()
    return b"".join((*parts, source[at:]))


def _may_be_crowded(source: bytes, starts: int) -> bool:
    """Return whether a page has so many tags or values that its names may take a second."""
    if starts >= _CROWDED_TAGS:
        return True
    return len(source) >= _MEDIUM and _count(source, b"=") >= _MOST_NAMES


def _end_of_fitting(source: bytes, at: int) -> int:
    fitting = _FITTING.match(source, at)
    return fitting.end() if fitting else at


def _limit_long_tags(source: bytes) -> bytes | None:
    """As above, where only tags of some length can do harm: the others are not looked at. None
    where only a reading of the whole page shows where they begin."""
    parts, at = [], 0
    seen, is_markup = 0, True
    for start, end in _stretches(source):
        tag = _START_TAG.search(source, start, end) if start >= at else None
        is_within = start >= at and _may_be_quoted(source, start - 1)
        if tag is None and not is_within:
            continue
        seen, is_markup = start, _is_markup(source, seen, start, before=is_markup)
        if not is_markup:
            continue
        if is_within:
            return None
        overfull = _OVERFULL.match(source, tag.start()) if tag else None
        if overfull and overfull.end() > overfull.end(1):
            parts.append(source[at : overfull.end(1)])
            at = overfull.end()
    return b"".join((*parts, source[at:])) if parts else source


def _stretches(source: bytes) -> Iterator[tuple[int, int]]:
    """Where long stretches in which no tag ends begin and end, found window by window (a tenth of
    the time of a pattern): without ">", or twice as long where each ">" may be quoted."""
    end = quoted = 0
    for at in range(0, len(source), _WINDOW):
        if at < end:
            continue
        last = source.rfind(b">", at, at + _WINDOW)
        if last < 0:
            found = source.find(b">", at)
            end = found if found >= 0 else len(source)
            yield source.rfind(b">", 0, at) + 1, end
        elif _may_be_quoted(source, last) and _are_quoted(source, at, last):
            if quoted == at:
                yield last + 1, at + _WINDOW
            quoted = at + _WINDOW


def _are_quoted(source: bytes, start: int, end: int) -> bool:
    while (end := source.rfind(b">", start, end)) >= 0:
        if not _may_be_quoted(source, end):
            return False
    return True


def _may_be_quoted(source: bytes, position: int) -> bool:
    """Return whether a place may lie within the quoted value of an attribute: the last quotation
    mark before it, of either kind, stands behind a "="."""
    return _opens_value(source, source.rfind(b'"', 0, position)) or _opens_value(
        source, source.rfind(b"'", 0, position)
    )


def _opens_value(source: bytes, mark: int) -> bool:
    if mark <= 0:
        return False
    if source[mark - 1] in _WHITE_SPACE:
        return (source[max(0, mark - _BLANKS) : mark].rstrip() or b"=").endswith(b"=")
    return source[mark - 1] == _EQUALS


def _is_markup(source: bytes, seen: int, position: int, *, before: bool) -> bool:
    """Return whether a place lies outside the scripts, in which "a<b" is no tag; `before` says it
    of an earlier place, `seen`."""
    ended = source.rfind(b"</script", seen, position)
    begun = source.rfind(b"<script", max(seen, ended), position)
    if begun >= 0:
        return _may_be_quoted(source, begun)
    return ended >= 0 or before


def _refuse_names(source: bytes) -> None:
    tags = b"><".join((b"", *filter(None, _TAGS.findall(source))))
    names = len({name.lower() for name in _NAMES.findall(tags)})
    if names > _MOST_NAMES:
        raise TooMuchMarkup(f"too_many_names: the page names {names} different tags and attributes")

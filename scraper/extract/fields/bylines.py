"""The lines by which a page names a post's author: in words, or by a class name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, takewhile
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.author_names import (
    CONJUNCTIONS,
    CREDENTIALS,
    is_full_name,
    join_authors,
    names_role,
    split_authors,
)
from scraper.caches import cache_short
from scraper.extract.dom import ancestors, self_and_ancestors, siblings_after
from scraper.extract.fields.months import base_language, month_number
from scraper.extract.fields.written_dates import (
    WrittenDate,
    find_dates,
    holds_figure,
    is_bare_date,
)
from scraper.extract.page.context import NearbyElement, NearbyLine, is_of_form
from scraper.extract.page.text import one_line
from scraper.extract.vocabulary import MARKS, any_of
from scraper.extract.vocabulary.bylines import (
    AFTER_NAME,
    AUTHOR_WORDS,
    BY_OF_LANGUAGE,
    BYLINE_BEFORE_NAME,
    BYLINE_BEHIND_NAME,
    TEXT_LABELS,
)
from scraper.extract.vocabulary.calendar import SHORT_MONTHS
from scraper.extract.vocabulary.dates import ON, PUBLISHED_AT_START
from scraper.extract.vocabulary.not_names import (
    AUTHOR_BOX_LABEL,
    BY_NO_NAME,
    NOT_A_NAME,
    OTHER_CREDITS,
)

Byline = tuple[str, str]
"""A byline as it stands, and the name in it."""

PHRASES: Final = any_of({key: words for key, words in BYLINE_BEFORE_NAME.items() if key != "any"})
"""What stands before an author's name and begins no name itself, as "Di" does."""

_WORDS: Final = re.compile(
    rf"""^(?:{any_of(BYLINE_BEFORE_NAME)}) \s*+:?\s*+ (?:by\s+)? (?P<name>.*)$""",
    re.I | re.X,
)
# Before a full name only: these words may begin any sentence.
_BY: Final = {
    language: re.compile(rf"^(?:{word})(?:\s*+:\s*+|\s++|$)(?P<name>.*)$", re.I)
    for language, word in BY_OF_LANGUAGE.items()
}
_NEVER: Final = re.compile(r"(?!)")
_NAMED_DI: Final = re.compile(r"D[ia]\s\S+")  # "Di Robinson", but on an Italian page
_LABEL_OF_NAME: Final = re.compile(
    rf"^(?:{AUTHOR_WORDS})(?<!author)(?<!by)\s++(?:[—–-]\s++)?(?P<name>.*)$", re.I
)
_BEHIND: Final = re.compile(rf"^(?P<name>[^\d,.:]{{2,40}}?)\s++(?:{BYLINE_BEHIND_NAME})$", re.I)
_NAME_END: Final = re.compile(
    # Nothing begins within a run of blanks: what matches there matches from its first one.
    rf"""(?<!\s)(?:\s++(?:{AFTER_NAME})(?!\w).*$ | \s*+[|•·/–—,(].*$ | \s++-\s.*$
      | (?:\s++(?-i:[^\W\dA-ZÀ-Þ_]{{1,4}}))?\s++\d.*$ | \s++(?:{SHORT_MONTHS})[a-z]*\.?\s+\d.*$)""",
    re.I | re.X | re.S,
)
_LIST_END: Final = re.compile(
    rf"(?<!\s)(?:\s++(?:{AFTER_NAME})(?!\w).*$|\s*+[|•·/–—(].*$|\s++-\s.*$|\s++\d.*$)", re.I | re.S
)
_JOINED: Final = re.compile(rf"(?:[,&]|(?<!\S)(?:{CONJUNCTIONS}))$", re.I)
_JOINS: Final = re.compile(rf"[,&]|(?:{CONJUNCTIONS})(?!\S)", re.I)
_SIGNS: Final = rf"[\w{MARKS}.'’&-]"
# A name may begin with a number ("3x Global", "54 North"), but not with one that counts something.
_NAME: Final = re.compile(
    rf"^(?:[^\W\d_]|\d{{1,4}}(?=[^\W\d_]|\s[A-ZÀ-Þ])){_SIGNS}*+(?:\s+{_SIGNS}+){{0,5}}$"
)
_CREDENTIALS: Final = re.compile(rf"(?:\s*+,\s*+(?:{CREDENTIALS})(?!\.?\w))+")
_AUTHOR_LABEL: Final = re.compile(rf"^(?:authors\s*:|(?:{AUTHOR_WORDS})\s*[:：]?)$", re.I)
_LONGEST: Final = 60
_LONGEST_LIST: Final = 200
_MOST_LINES: Final = 24  # of the names of several authors
_SENTENCE_ENDS: Final = (".", "!", "?")
_MOST_WORDS: Final = 6
_CREDIT: Final = re.compile(
    r"""(?<![a-z]) (?:(?:article|post|blog|entry)[-_]*)*
        (?:authors?|by-?line|posted-?by|written-?by)
        (?:[-_]*(?:name|info|box|bio|wrap(?:per)?|meta))? (?![a-z])""",
    re.I | re.X,
)
_NO_CREDIT: Final = re.compile(r"comment|review|avatar|share|social|follow|quote|testimonial", re.I)
_LONGEST_NAMES: Final = 400  # characters; more is no class list, and the pattern is quadratic in it
_CREDITS: Final = (
    "[class*=author i],[class*=byline i],[class*=by-line i],[class*=posted-by i],"
    "[class*=written-by i],[rel=author]"
)
_NAMES: Final = "[class*=name i],[class~=fn],[itemprop=name]"
_PERSONS: Final = f"a[rel=author],a[href*='/author'],[class*=author i],{_NAMES}"
_NAME_CLASS: Final = re.compile(r"(?:^|[\s_-]|author|full)(?:name|fn)(?:$|[\s_-])", re.I)
_ROLE_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:role|position|job|job-?title|title|occupation|profession|bio|desc(?:ription)?"
    r"|company|credentials?)(?:$|[\s_-])",
    re.I,
)
_BEFORE: Final = rf"(?:(?:{any_of(PUBLISHED_AT_START)})?\W*+(?:(?:{ON}|in|im)\s+)?)"
_BEFORE_DATE: Final = re.compile(_BEFORE, re.I)
_MONTH_OF_YEAR: Final = re.compile(
    rf"{_BEFORE}(?P<month>[^\W\d_]{{3,12}}+)\.?,?\s\d{{4}}(?!\d)", re.I
)
_OTHER_CREDIT: Final = re.compile(rf"(?:{any_of(OTHER_CREDITS)})\b", re.I)
_AND_OTHERS: Final = re.compile(
    rf"(?<!\s)\s++(?:[&+]|and|und|et|y)\s(?:{any_of(OTHER_CREDITS)})\b.*", re.I
)
_LABEL: Final = re.compile(
    rf"^(?:(?:{AUTHOR_BOX_LABEL}|{TEXT_LABELS})(?:(?<!\s)\s++)?[:：]?$|{PHRASES})", re.I
)
NO_NAME: Final = re.compile(rf"\b(?:{NOT_A_NAME})\b", re.I)
"""Words that stand in no person's name."""

_BY_NO_NAME: Final = re.compile(rf"(?:{BY_NO_NAME})", re.I)
_SPLIT: Final = re.compile(r" ?[|•·/–—] ?| - ")  # of a text on one line
_STROKES: Final = " |•·/–—-"
_MOST_PIECES: Final = 40
_NO_DATE: Final = WrittenDate(-1, -1, "")


def name_in_byline(text: str, language: str = "") -> str:
    """Return the name in a byline such as "Written by X on ..."; empty where the text is none.
    `language` is the page's, as a tag."""
    found = _match_byline(text, language)
    return _named_by(found, found["name"]) if found else ""


def _match_byline(text: str, language: str) -> re.Match[str] | None:
    """Match a byline, which a date may precede: "3 January 2023 by X", "Veröffentlicht am 4. März
    2026 von X", "March 2026 by X"."""
    line = text.lstrip(_STROKES)
    if found := _match_words(line, language):
        return found
    rest = _behind_date(line) if holds_figure(line) else ""
    return _match_words(rest.lstrip(f"{_STROKES},."), language) if rest else None


@cache_short(maxsize=1024)  # most are the theme's, on each page of a store
def _match_line(line: str, language: str) -> re.Match[str] | None:
    return _match_byline(line, language) or _match_piece(line)


def _match_piece(line: str) -> re.Match[str] | None:
    """Match a byline with a full name behind a dot or a stroke: "5 min read · by X"."""
    pieces = islice(_SPLIT.split(line), 1, _MOST_PIECES)
    found = (_WORDS.match(piece) for piece in pieces)
    return next((one for one in found if one and is_full_name(clean_name(one["name"]))), None)


def _match_words(line: str, language: str) -> re.Match[str] | None:
    if _NAMED_DI.fullmatch(line) and base_language(language) != "it":
        return None
    found = _WORDS.match(line) or _by_of(language).match(line) or _LABEL_OF_NAME.match(line)
    return found or (None if line.isascii() else _BEHIND.match(line))


@lru_cache(maxsize=64)
def _by_of(language: str) -> re.Pattern[str]:
    return _BY.get(base_language(language), _NEVER)


def _named_by(found: re.Match[str] | None, text: str) -> str:
    """Return the name in what follows the words of a byline, which for most must be a full one."""
    name = clean_name(text)
    is_sure = found is None or found.re is _WORDS or is_full_name(name)
    return name if is_sure and not _BY_NO_NAME.fullmatch(name) else ""


def _behind_date(line: str) -> str:
    """Return what follows the date, or the month of a year, with which a line begins; else
    empty."""
    first = next(iter(find_dates(line)), None)
    if first is not None and _BEFORE_DATE.fullmatch(line[: first.start]):
        return line[first.end :]
    dated = _MONTH_OF_YEAR.match(line)
    return line[dated.end() :] if dated and month_number(dated["month"]) else ""


@cache_short(maxsize=512)
def clean_name(text: str) -> str:
    """A name, with the degrees behind it, without what else follows it on its line; empty for what
    cannot be one."""
    line = one_line(text)
    if _OTHER_CREDIT.match(line) or next(iter(find_dates(line)), _NO_DATE).start == 0:
        return ""
    if several := _names_in_list(line):
        return several
    cut = _NAME_END.sub("", _AND_OTHERS.sub("", line))
    degrees = _CREDENTIALS.match(line, len(cut))
    name = cut.strip(" .:：|/／")
    if not _NAME.match(name) or len(name) >= _LONGEST or is_bare_date(name):
        return ""
    if name[0].isdigit() and NO_NAME.search(name):
        return ""
    return name + degrees[0].replace(" ,", ",") if degrees else name


def _names_in_list(line: str) -> str:
    """Return the names of several authors with which a line begins, as they stand; else empty."""
    names = _LIST_END.sub("", line[:_LONGEST_LIST]).strip(" .:：|/／,&")
    return names if len(split_authors(names)) > 1 and not is_bare_date(names) else ""


def read_byline_text(lines: tuple[NearbyLine, ...], language: str) -> Iterator[Byline]:
    """Return the first line that says who wrote the post, the name on it or on the next."""
    for number, line in enumerate(lines):
        found = _match_line(line.text, language)
        if found is None and not _AUTHOR_LABEL.match(line.text):
            continue
        said = found["name"].strip(" :：") if found else ""
        if not said and number and _OTHER_CREDIT.match(f"{lines[number - 1].text} {line.text}"):
            continue
        if said.endswith(_SENTENCE_ENDS) and len(said.split()) > _MOST_WORDS:
            continue
        following = [one.text for one in lines[number + 1 : number + _MOST_LINES]]
        names = _joined_lines([said, *following] if said else following)
        if name := _named_by(found, names):
            yield f"{line.text} {names.removeprefix(said)}".strip(), name
            return


def _joined_lines(lines: list[str]) -> str:
    """Return the first line, with those after it that a comma or an "and" joins to it: each of
    several names may be an element of its own."""
    names = ""
    for text in lines:
        if names and not _JOINED.search(names) and not _JOINS.match(text):
            break
        names = f"{names} {text}".strip().replace(" ,", ",")
    return names


def read_author_elements(parts: tuple[NearbyElement, ...], language: str) -> Iterator[Byline]:
    """Return the name in the first element near the body that its class calls the author's."""
    for part in parts:
        for node in (part.node, *part.node.css(_CREDITS)):
            if _names_author(node) and (found := _credited(node, language)):
                yield _with_siblings(node, found, language)
                return


def _with_siblings(node: LexborNode, first: Byline, language: str) -> Byline:
    """Return a byline with the names in the author's elements beside its own."""
    siblings = (one for one in siblings_after(node) if one.is_element_node and one.tag == node.tag)
    named = filter(_names_author, siblings)
    credited = (found for one in named if (found := _credited(one, language)))
    others = [one for one in credited if not (names_role(one[1]) or NO_NAME.search(one[0]))]
    names = list(dict.fromkeys(name for _, name in (first, *others)))
    return (" ".join(raw for raw, _ in (first, *others)), join_authors(names)) if others else first


def _names_author(node: LexborNode) -> bool:
    attributes = node.attributes
    return _is_credit((attributes.get("class") or "")[:_LONGEST_NAMES], attributes.get("rel") or "")


@lru_cache(maxsize=4096)
def _is_credit(classes: str, rel: str) -> bool:
    return rel == "author" or (
        _CREDIT.search(classes) is not None and not _NO_CREDIT.search(classes)
    )


def _credited(node: LexborNode, language: str) -> Byline | None:
    """Return the name on the first lines of an author's element; a portrait's or a biography's
    words are none."""
    if names := _several_credited(node):
        return one_line(node.text(separator=" ")), names
    roles: list[Byline] = []
    for line in islice(_credit_lines(node), 3):
        by = _by_of(language).fullmatch(line)
        is_by = by is not None and not by["name"]
        name = name_in_byline(line, language) or (
            "" if is_by or is_label(line) or is_bare_date(line) else clean_name(line)
        )
        if name and not names_role(name):
            return line, name
        roles += [(line, name)] if name else []
    return roles[0] if roles else None


def _several_credited(node: LexborNode) -> str:
    """Return the names of several authors, each of which stands in an element of its own; empty
    for a single one."""
    named = [
        one
        for one in node.css(_PERSONS)
        if one.tag == "a" or _class_says(_NAME_CLASS, one) or _names_author(one)
    ]
    around = {outer.mem_id for one in named for outer in ancestors(one)}
    alike = [one for one in named if one.mem_id not in around and not _class_says(_ROLE_CLASS, one)]
    kind = (alike[0].tag, alike[0].attributes.get("class")) if alike else None
    names = [
        clean_name(one.text()) for one in alike if (one.tag, one.attributes.get("class")) == kind
    ]
    unique = list(dict.fromkeys(name for name in names if name and not NO_NAME.search(name)))
    return join_authors(unique) if len(unique) > 1 else ""


def is_label(line: str) -> bool:
    """Return whether a line stands before a name, or elsewhere in an author's element."""
    return any(pattern.match(line) for pattern in (_LABEL, _AUTHOR_LABEL))


def _credit_lines(node: LexborNode) -> Iterator[str]:
    """Yield the lines of an author's element, those of the one for the name alone if there is one;
    the author's position in the house is left out."""
    named = [inner for inner in node.css(_NAMES) if _class_says(_NAME_CLASS, inner)]
    for text, holder in pieces(named[0] if named else node):
        within = takewhile(lambda outer: outer.mem_id != node.mem_id, self_and_ancestors(holder))
        if not any(_class_says(_ROLE_CLASS, outer) or is_of_form(outer) for outer in within):
            yield text


def _class_says(pattern: re.Pattern[str], node: LexborNode) -> bool:
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('itemprop') or ''}"
    return pattern.search(names[:_LONGEST_NAMES]) is not None


def pieces(part: LexborNode) -> list[tuple[str, LexborNode]]:
    """Return the texts of an element, cut at dots and strokes, each with the element that holds
    it."""
    found: list[tuple[str, LexborNode]] = []
    for node in part.traverse(include_text=True):
        raw, holder = node.text_content, node.parent
        if raw and holder is not None and (text := one_line(raw)):
            found += [(piece, holder) for piece in _SPLIT.split(text) if piece]
            if len(found) > _MOST_PIECES:
                break
    return found

"""Dates as people write them, in words or figures, of any language whose months CLDR knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Final, NamedTuple

from scraper.caches import cache_short
from scraper.extract.fields.calendars import gregorian_date
from scraper.extract.fields.months import day_order, month_number
from scraper.extract.vocabulary.calendar import DATE_LINKS, ERAS, SECOND_OF_MONTH, WEEKDAYS

_LONGEST: Final = 300  # characters in which a date must stand
_LONGEST_ALONE: Final = 60
_DIGIT: Final = re.compile(r"\d")
_DIRECTION: Final = re.compile(r"[\u200e\u200f\u061c]")  # marks in what a browser formatted
_FIGURE: Final = re.compile(r"\d|年")
_YEAR: Final = re.compile(r"\d{4}|年")
_SHORT_YEAR: Final = re.compile(r"(?<!\d)\d\d\s*+$")
_LAST_OF_BUDDHIST_2543: Final = 43
"""A short year up to this one counts from 2000: in the Buddhist calendar it would be before."""
_SHORT_YEARS_FIRST: Final = frozenset({"ko", "ja", "zh", "hu", "eu"})
"""Languages in which a date of figures begins with its year, a short one too."""

# A word from its first letter on: signs that join to letters (Thai, Hindi) are no `\w`.
_WORD: Final = (
    r"(?P<m>[^\W\d_][^\s\d!-&(-/:-@\[-`{-~·•|–—،、，。()]{0,24}+(?:\.[^\W\d_]{1,4}\.)?"
    rf"(?:\s(?:{SECOND_OF_MONTH})(?!\w))?)"
)
_DAY: Final = r"(?P<d>\d{1,2})"
_FULL_YEAR: Final = r"(?P<y>\d{4})(?!\d)"
_ORDINAL: Final = r"(?:st|nd|rd|th|er|ère|:[ae]|º|ª|°)?"
_LINK: Final = rf"(?:(?:{DATE_LINKS})\s*+)?"

_NAMED: Final = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        # February 24, 2021
        rf"(?<!\w){_WORD}[.,]?\s*+{_DAY}{_ORDINAL}(?!\d)\s*+[.,]?\s*+(?<=[\s,.]){_LINK}{_FULL_YEAR}",
        # 24 February 2021, 4 de mayo de 2022, 4. března 2026
        rf"(?<!\d){_DAY}{_ORDINAL}[.,/-]?\s*+{_LINK}{_WORD}(?:/[^\W\d_]{{2,10}})?[.,،/-]{{0,2}}\s*+"
        rf"{_LINK}{_FULL_YEAR}",
        # 2026. március 4., 2026 m. kovo 4 d., 2026 թ. մարտի 4
        rf"(?<!\d){_FULL_YEAR}[.,]?(?:\(e\))?"
        rf"(?:ko\b|\s++[^\W\d_]{{1,2}}\.)?\s*+{_WORD}[.,]?\s++{_DAY}(?!\d)",
        # 2026. gada 4. marts, 2026-ж., 4-март
        rf"(?<!\d){_FULL_YEAR}[.,]?[\s-]\w{{1,5}}[.,]{{0,2}}\s++{_DAY}[.-]?\s*+{_WORD}",
    )
)
_HAN_DIGITS: Final = "〇一二三四五六七八九"
_HAN: Final = rf"[{_HAN_DIGITS}零○十]"
_FIGURES: Final = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        # 2026年3月4日, 2026년 3월 4일, 令和8年3月4日
        r"(?P<era>[^\W\d_]{2})?(?P<y>\d{1,4}|元)\s*+[年년]\s*+"
        r"(?P<m>\d{1,2})\s*+[月월]\s*+(?P<d>\d{1,2})",
        # 二〇二六年三月四日
        rf"(?P<era>(?!{_HAN})[^\W\d_]{{2}})?(?P<y>{_HAN}{{1,4}})年(?P<m>{_HAN}{{1,2}})月(?P<d>{_HAN}{{1,3}})",
        # 4 tháng 3, 2026; tháng 3 4, 2026
        r"(?<!\d)(?P<d>\d{1,2})\s*+"
        r"(?:(?:tháng|thg)\s++|(?<=\s)(?-i:Th))(?P<m>\d{1,2}),?\s*+(?:năm\s++)?(?P<y>\d{4})",
        r"(?:tháng|thg)\s++(?P<m>\d{1,2})\s++(?P<d>\d{1,2}),\s*+(?:năm\s++)?(?P<y>\d{4})",
        # 2026/03/04, 2026. 3. 4.
        r"(?<!\d)(?P<y>\d{4})(?P<s>[./-])\s?(?P<m>\d{1,2})(?P=s)\s?(?P<d>\d{1,2})(?!\d)",
    )
)
_IN_ORDER: Final = re.compile(
    r"(?<![\d./])(?<![^א-ת]-)(?P<a>\d{1,2})(?P<s>[./-])\s?(?P<b>\d{1,2})(?P=s)\s?"
    r"(?P<y>\d{4}|\d\d)(?![\d./-]*+\d)"
)
_WEEK_DATE: Final = re.compile(r"(?<!\w)(?P<y>\d{4})-W(?P<w>\d{2})-(?P<d>\d)(?![\w-])")
_NAMED_SHORT_YEARS: Final = (
    re.compile(
        rf"^\s*+(?:{WEEKDAYS},\s++)?{_WORD}[.,]?\s*+{_DAY}{_ORDINAL}\s*+"
        rf"(?:,\s*+['’]?|['’])(?P<y>\d\d)\s*+$",
        re.I,
    ),
    re.compile(rf"^\s*+{_DAY}{_ORDINAL}\.?\s++{_WORD}[.,]?\s++['’]?(?P<y>\d\d)\s*+$", re.I),
)
# What may stand beside a date that stands alone: a weekday, a clock time, signs.
_BESIDE: Final = re.compile(
    rf"""^(?:(?:{WEEKDAYS}|[^\W\d_]{{2,12}}+)\.?,?\s++)?+\x00[.日일]?
        (?:,?\s++(?:(?:at|um|à|a\slas|alle|kl\.?|o)\s++)?\d{{1,2}}[:.h]\d{{2}}(?::\d{{2}})?
           (?:\s*+(?:[ap]\.?m\.?|uhr))?)?
        (?:\s*+[^\W\d_]{{1,2}}\.)?[\s.,|]*+$""",
    re.I | re.X,
)


class WrittenDate(NamedTuple):
    """A date in a text: where it begins and ends, and its value (``2026-03-04``)."""

    start: int
    end: int
    value: str


@cache_short(maxsize=2048)
def find_dates(text: str, language: str = "") -> tuple[WrittenDate, ...]:
    """Return the dates in a text, in order; `language` is the page's, as a tag.

    Figures are read in any script, years also in the Buddhist calendar. Of figures alone, a year
    first or dots say the order; with slashes and hyphens the language does, or a number above 12.
    """
    if not holds_figure(text):
        return ()
    text = ascii_digits(text[:_LONGEST])
    if not _YEAR.search(text) and not (_SHORT_YEAR.search(text) and len(text) < _LONGEST_ALONE):
        return ()
    found: list[WrittenDate] = []
    for one in sorted(_candidates(text, language)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return tuple(found)


def holds_figure(text: str) -> bool:
    """Return whether a text holds a digit, or the sign of a year that Chinese figures write: every
    date does, and few lines."""
    return _FIGURE.search(text) is not None


def is_bare_date(text: str, language: str = "") -> bool:
    """Return whether a text is a date in words or figures and nothing else; one in slashes may have
    no value, and yet is one."""
    if not text or len(text) >= _LONGEST_ALONE or not holds_figure(text):
        return False
    text = ascii_digits(text)
    dates = find_dates(text, language)
    spans = [(one.start, one.end) for one in dates] or [
        one.span() for one in _IN_ORDER.finditer(text)
    ]
    if len(spans) != 1:
        return False
    start, end = spans[0]
    return _BESIDE.match(f"{text[:start]}\x00{text[end:]}") is not None


def ascii_digits(text: str) -> str:
    """A text with the digits of every script (Arabic, Bengali, Thai) as ASCII ones, without marks
    of direction."""
    if text.isascii():
        return text
    return _DIGIT.sub(lambda digit: str(int(digit[0])), _DIRECTION.sub("", text))


def _candidates(text: str, language: str) -> Iterator[WrittenDate]:
    for pattern in _NAMED:
        for found in _each(pattern, text):
            month = month_number(found["m"], language)
            yield from _dated(found, found["y"], month, found["d"], language)
    for pattern in _FIGURES:
        for found in pattern.finditer(text):
            month, day = _figure(found["m"]), str(_figure(found["d"]))
            yield from _dated(found, _year(found), month, day, language)
    for found in _IN_ORDER.finditer(text):
        is_whole = not text[: found.start()].strip() and not text[found.end() :].strip(" .")
        if len(found["y"]) == 4 or is_whole:
            yield from _in_order(found, language)
    for found in _WEEK_DATE.finditer(text):
        with suppress(ValueError):
            at = date.fromisocalendar(int(found["y"]), int(found["w"]), int(found["d"]))
            yield WrittenDate(*found.span(), at.isoformat())
    for pattern in _NAMED_SHORT_YEARS:
        if short := pattern.match(text):
            month = month_number(short["m"], language)
            is_buddhist = language[:2] == "th" and int(short["y"]) > _LAST_OF_BUDDHIST_2543
            century = "25" if is_buddhist else "20"
            yield from _dated(short, f"{century}{short['y']}", month, short["d"], language)


def _each(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield a pattern's matches, those that overlap too: what looked like a month may be none."""
    at = 0
    while found := pattern.search(text, at):
        yield found
        at = found.start() + 1


def _dated(
    found: re.Match[str], year: str, month: int, day: str, language: str
) -> Iterator[WrittenDate]:
    try:
        value = gregorian_date(int(year or 0), month, int(day), language).isoformat()
    except ValueError:
        return
    yield WrittenDate(*found.span(), value)


def _year(found: re.Match[str]) -> str:
    """Return the year of a date in the style of 2026年3月4日, which may count from an era."""
    groups: Mapping[str, str | None] = found.groupdict()
    year = "1" if found["y"] == "元" else str(_figure(found["y"]))
    start = ERAS.get(groups.get("era") or "")
    if start is not None:
        return str(start + int(year) - 1)
    return year if len(year) == 4 else ""


def _figure(text: str) -> int:
    """Return the number that figures write, in Chinese ones digit for digit or with tens: 二六 or
    二十六."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.replace("零", "〇").replace("○", "〇").partition("十")
    digits = (f"{tens or '一'}{ones or '〇'}" if ten else tens).replace("十", "")
    return int("".join(str(_HAN_DIGITS.index(digit)) for digit in digits) or 0)


def _in_order(found: re.Match[str], language: str) -> Iterator[WrittenDate]:
    first, second = int(found["a"]), int(found["b"])
    order = "dmy" if found["s"] == "." else day_order(language)
    if first > 12 or first == second:
        order = "dmy"
    elif second > 12:
        order = "mdy"
    year = found["y"] if len(found["y"]) == 4 else f"20{found['y']}"
    begins_with_year = found["s"] == "-" or language[:2] in _SHORT_YEARS_FIRST
    if len(found["y"]) == 2 and begins_with_year and day_order(language) == "ymd":
        yield from _dated(found, f"20{found['a']}", second, found["y"], language)
    elif order == "dmy":
        yield from _dated(found, year, second, found["a"], language)
    elif order == "mdy":
        yield from _dated(found, year, first, found["b"], language)

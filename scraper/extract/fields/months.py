"""The names of months and the order of day and month in seventy locales, from CLDR by way of babel.

The names of the most frequent languages are asked first; the page's own language next, then every
language of the word's script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from scraper.extract.vocabulary.calendar import (
    LANGUAGES_OF_ROMAN_NUMBERS,
    MONTHS,
    ROMAN_NUMBERS,
)
from scraper.extract.vocabulary.month_names import MONTH_NAMES

DayOrder = Literal["dmy", "mdy", "ymd", ""]

_LOCALES: Final = {
    "latin": (
        "en de de_AT fr es pt it nl da no sv fi is pl cs sk sl hr bs sr_Latn ro hu tr lt lv et sq"
        " ca eu gl ga cy af sw fil id ms az uz vi"
    ),
    "cyrillic": "ru uk bg sr mk be kk ky mn",
    "greek": "el",
    "hebrew": "he",
    "arabic": "ar ar_SY ar_DZ fa ur",
    "devanagari": "hi mr ne",
    "bengali": "bn",
    "tamil": "ta",
    "telugu": "te",
    "thai": "th",
    "georgian": "ka",
    "armenian": "hy",
    "gujarati": "gu",
    "gurmukhi": "pa",
    "kannada": "kn",
    "malayalam": "ml",
    "sinhala": "si",
    "myanmar": "my",
    "khmer": "km",
    "lao": "lo",
    "ethiopic": "am",
}
"""The locales whose months are known, by the script of their names (the first word of Unicode's
names of its letters)."""

_LOCALES_OF: Final = {
    language: [
        name
        for names in _LOCALES.values()
        for name in names.split()
        if name.partition("_")[0] == language
    ]
    for language in {
        name.partition("_")[0] for names in _LOCALES.values() for name in names.split()
    }
}
_OTHER_CODES: Final = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "tl": "fil"}
_HEBREW_IN: Final = "ב"
_BASQUE_OF: Final = "ren"


def month_number(word: str, language: str = "") -> int:
    """Return the number of the month that a word names, or 0.

    `language` is the page's, as a tag (``pt-BR``): it decides where languages differ (*listopad* is
    November in Czech and October in Croatian). Without it, languages must agree.
    """
    if not any(sign.isalpha() for sign in word):
        return 0
    name = fold_month(word)
    names = (name, name.removeprefix(_HEBREW_IN), name.removesuffix(_BASQUE_OF))
    return next(filter(None, (_number(spelled, language) for spelled in names if spelled)), 0)


@lru_cache(maxsize=64)
def day_order(language: str) -> DayOrder:
    """Return in which order a language writes day, month and year in figures.

    English without a region has none: stores everywhere leave it at ``en``.
    """
    if not language or language == "en":
        return ""
    tag = language.replace("-", "_")
    for name in (tag, base_language(language)):
        data = _locale_data(name)
        if data:
            pattern = data["date_formats"]["short"].pattern
            order = "".join(dict.fromkeys(re.sub(r"[^dmy]", "", pattern.lower())))
            return order if order in ("dmy", "mdy", "ymd") else ""  # type: ignore[return-value]
    return ""


@lru_cache(maxsize=4096)
def _number(name: str, language: str) -> int:
    if name in ROMAN_NUMBERS:
        is_sure = len(name) > 1 or base_language(language) in LANGUAGES_OF_ROMAN_NUMBERS
        return ROMAN_NUMBERS.index(name) + 1 if is_sure else 0
    if name in MONTHS:
        known = _known(base_language(language)) if language else {}
        return known.get(name) or MONTHS[name]
    if language and (number := _known(base_language(language)).get(name)):
        return number
    script = unicodedata.name(name[0], "").partition(" ")[0].lower()
    numbers = {
        number
        for locale in _LOCALES.get(script, "").split()
        if (number := _names(locale).get(name))
    }
    return numbers.pop() if len(numbers) == 1 else 0


def base_language(language: str) -> str:
    """Return the language of a page's tag, as the tables of words name it."""
    base = language.partition("-")[0].lower()
    return _OTHER_CODES.get(base, base)


@lru_cache(maxsize=128)
def _known(language: str) -> Mapping[str, int]:
    """Return the months of all locales of a language."""
    return {
        name: number
        for locale in _LOCALES_OF.get(language, ())
        for name, number in _names(locale).items()
    }


@lru_cache(maxsize=128)
def _names(locale: str) -> Mapping[str, int]:
    """Return the numbers of a locale's names of months, folded."""
    found: dict[str, int] = {}
    number = 0
    for word in MONTH_NAMES[locale].split():
        if word.isdecimal():
            number = int(word)
        else:
            found[word] = number
    return found


def _locale_data(locale: str) -> Mapping[str, Any]:
    """Return what CLDR says of a locale, with what it shares with others; empty for an unknown
    one."""
    from babel import localedata  # noqa: PLC0415 - most pages need none

    return localedata.load(locale) if localedata.exists(locale) else {}


@lru_cache(maxsize=4096)
def fold_month(name: str) -> str:
    """A name without case, dots, and the accents of Latin and Greek, which capitals often lack."""
    bare = name.casefold().replace("ı", "i").replace(".", "")
    if bare.isascii():
        return bare
    if unicodedata.name(bare[0], "").startswith(("LATIN", "GREEK")):
        bare = "".join(
            sign for sign in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(sign)
        )
    return unicodedata.normalize("NFC", bare)

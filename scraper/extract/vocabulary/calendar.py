"""Words within a date: months, weekdays, eras, zones."""

from __future__ import annotations

from typing import Final

_MONTH_NAMES: Final = (
    "january jan januar january janvier enero janeiro gennaio januari ene",
    "february feb februar février fevrier febrero fevereiro febbraio februari fév",
    "march mar märz maerz mrz mars marzo março marco maart mär",
    "april apr avril abril aprile avr abr",
    "may mai mayo maio maggio mei mag",
    "june jun juni juin junio junho giugno giu",
    "july jul juli juillet julio julho luglio lug juil",
    "august aug août aout agosto augustus ago",
    "september sep sept septembre septiembre setembro settembre set",
    "october oct oktober octobre octubre outubro ottobre okt out ott",
    "november nov novembre noviembre novembro",
    "december dec dezember décembre decembre diciembre dezembro dicembre dez dic déc",
)
_VIETNAMESE: Final = "mot,hai,ba,tu,nam,sau,bay,tam,chin,muoi,muoi mot,muoi hai"
# What CLDR has not, or names with two words.
_OTHER_NAMES: Final = {
    "מרס": 3,
    "mean fomhair": 9,
    "deireadh fomhair": 10,
    "كانون الثاني": 1,
    "تشرين الأول": 10,
    "تشرين الثاني": 11,
    "كانون الأول": 12,
    **{f"thang {number}": place for place, number in enumerate(_VIETNAMESE.split(","), 1)},
}
ROMAN_NUMBERS: Final = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]
"""The months as Roman numbers write them."""

LANGUAGES_OF_ROMAN_NUMBERS: Final = frozenset(
    {"pl", "hu", "cs", "sk", "hr", "sr", "ro", "ru", "lv"}
)
"""Those in which a single letter between day and year is a month."""

_PERSIAN: Final = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
MONTHS: Final = {
    name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()
} | dict(_OTHER_NAMES, **{name: number for number, name in enumerate(_PERSIAN.split(), 1)})
"""The number of each month's names, lower case."""
ZONES: Final = {
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "BST": 1,
    "AEST": 10,
    "AEDT": 11,
    "JST": 9,
}
"""Hours that zones are ahead of UTC; of names with two meanings, that of shops most often."""
SHORT_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
SECOND_OF_MONTH: Final = (
    r"الثاني|الأول|fómhair|mười(?:\s(?:một|hai))?|một|hai|ba|tư|năm|sáu|bảy|tám|chín"
)
"""Second words of the names of months."""

DATE_LINKS: Final = r"de(?:l|n)?\b|of\b|ng\b|d[’']|năm\b|พ\.ศ\.|ค\.ศ\."
"""Words between the parts of a date."""

ERAS: Final = {"令和": 2019, "平成": 1989, "昭和": 1926, "民國": 1912, "民国": 1912}
"""The first year of eras that dates of East Asia count from."""

WEEKDAYS: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"

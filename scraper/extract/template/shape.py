"""The shape of a short text: what stays when its numbers, dates and prices vary."""

from __future__ import annotations

import re
from typing import Final

from scraper.extract.page.text import one_line
from scraper.extract.vocabulary.calendar import MONTHS
from scraper.extract.vocabulary.codes import CURRENCIES

PRICE: Final = "¤"
NUMBER: Final = "0"
_DAY: Final = "day"
_MONTH: Final = "month"
_UNIT: Final = "unit"
_STARS: Final = "★"
_OTHER_CODES: Final = (
    "aed brl chf cny czk dkk hkd huf ils inr jpy krw mxn nok nzd pln sar sek sgd thb twd zar "
    r"kr kč rs\. zł"
)
_NAMES: Final = sorted(
    {*(code.casefold() for code in CURRENCIES.values()), *filter(str.isalpha, CURRENCIES)}
    | {*_OTHER_CODES.split()}
)
_CODES: Final = "|".join(_NAMES)
_OTHER_SIGNS: Final = "£€₹¥₩₪₺₽₴₫฿₱"
_SIGNS: Final = rf"(?:us|ca|au|nz|hk|[casr])?\$|[{_OTHER_SIGNS}]"
_DIGITS: Final = r"\d(?:[\d.,:'’\u00a0\u202f]{0,30}\d)?"
_PRICE: Final = re.compile(
    rf"(?:(?:{_SIGNS}|\b(?:{_CODES}))\s?{_DIGITS}(?:\s?(?:{_CODES})\b)?"
    rf"|{_DIGITS}\s?(?:{_SIGNS}|(?:{_CODES})\b))"
)
# A figure beside a sign or a code: from figure to figure, in a tenth of the time that the search
# for a price takes.
_BEHIND: Final = "|".join(
    rf"(?<={sign}\d)|(?<={sign}\s\d)" for sign in (rf"[${_OTHER_SIGNS}]", *_NAMES)
)
_PRICED: Final = re.compile(rf"\d(?:{_BEHIND}|\s?(?:{_SIGNS}|(?:{_CODES})\b))")
_FIGURE: Final = r"(?:\d(?:[\d.,/]{0,15}\d)?(?:\s?[¼-¾⅐-⅞]|\s\d/\d)?|[¼-¾⅐-⅞])"
_MEASURE: Final = re.compile(
    # "in" is a word, too: it measures behind two figures alone.
    rf"(?<![\w.,/]){_FIGURE}(?:(?:\s?[x×]\s?{_FIGURE}){{1,3}}\s?in"
    rf"|(?:\s?[x×–-]\s?{_FIGURE}){{0,3}}[\s-]?"
    r"(?:[\"″”]|(?:°\s?)?[cf]|℃|℉|[mck]?m|inch(?:es)?|ft|foot|feet|yd|yards?|miles?|k?g"
    r"|(?:kilo)?grams?|oz|ounces?|fl\.?\soz|lbs?|pounds?|[mc]?l|lit(?:er|re)s?|cups?|pints?"
    r"|quarts?|gallons?))(?![\w'’])"
)
_NUMBER: Final = re.compile(rf"{_DIGITS}(?:\s?(?:[km]|[ap]\.?m\.?)(?!\w)|(?:st|nd|rd|th)\b)?")
_STAR_SIGNS: Final = re.compile(r"[★☆⭐✩✭✮](?:\s*[★☆⭐✩✭✮])*")
_WORD: Final = re.compile(r"[^\W\d_]+")
_WEEKDAYS: Final = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "segunda terça quarta quinta sexta",
)
_UNITS: Final = (
    "second seconds sec secs minute minutes min mins hour hours hr hrs day days week weeks month "
    "months year years",
    "sekunde sekunden minuten stunde stunden tag tage tagen woche wochen monat monate monaten jahr "
    "jahre jahren",
    "seconde secondes heure heures jour jours semaine semaines mois années",
    "segundo segundos minuto minutos hora horas día días semana semanas mes meses año años",
    "secondo secondi minuti ora ore giorno giorni settimana settimane mese mesi anno anni",
)
_MASKS: Final = {
    **dict.fromkeys(MONTHS, _MONTH),
    **{name: _DAY for names in _WEEKDAYS for name in names.split()},
    **{name: _UNIT for names in _UNITS for name in names.split()},
}


def shape_of(text: str) -> str:
    """Return a text in lower case with a sign for each price, number, month, weekday and unit of
    time, and for a row of stars: equal for ``1,201 views`` and ``998 views``."""
    masked = _STAR_SIGNS.sub(_STARS, one_line(text).casefold())
    masked = _NUMBER.sub(NUMBER, _mask_prices(masked))
    return _WORD.sub(lambda word: _MASKS.get(word[0], word[0]), masked)


def without_prices(text: str) -> str:
    """Return a text in lower case with one sign for each price."""
    return _mask_prices(text.casefold())


def without_amounts(text: str) -> str:
    """As `without_prices`, with one sign for each measure, too."""
    return _MEASURE.sub(NUMBER, without_prices(text))


def _mask_prices(folded: str) -> str:
    return _PRICE.sub(PRICE, folded) if _PRICED.search(folded) else folded


def fixed_words(shape: str) -> list[str]:
    """Return the words of a shape that no sign stands for."""
    return [word for word in _WORD.findall(shape) if word not in (_DAY, _MONTH, _UNIT)]

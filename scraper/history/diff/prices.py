"""Prices in a text, as written. A percentage is no price."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "¤"
"""Replaces every price where two texts are compared without their prices."""

_SIGN: Final = r"(?:(?:US|CA|AU|NZ|HK|SG|MX|[CASR])?\$|[£€₹¥₩₪₺₽₴₫฿₱])"
# ISO 4217 codes, and what shops print. Not TRY, ALL and TOP: in capitals they are English words.
_CODE: Final = (
    r"(?:AED|AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|JPY|KRW|MXN|NOK|NZD|PLN|RON|SEK"
    r"|SGD|USD|ZAR|Rs\.?|Fr\.|kr\.?|zł|Kč|TL)"
)
_NUMBER: Final = r"""
    (?:\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3}){1,6}|\d{1,12})(?!\d)     # thousands may be separated
    (?:[.,](?:\d{1,2}(?!\d)|[-–—]{1,2}))?                       # hundredths, or the dash of 20,-
    (?:[kKmM]\b)?
"""
_GAP: Final = r"[\u00a0\u202f ]?"
_PRICE: Final = re.compile(
    rf"""
    (?<![\w.,])
    (?: (?:{_SIGN}|{_CODE}){_GAP}{_NUMBER}(?:{_GAP}{_CODE}(?!\w))?
      | {_NUMBER}{_GAP}(?:{_SIGN}(?!\d)|(?:{_CODE}|euros?|dollars?)(?!\w)) )
    (?!{_GAP}%)
    """,
    re.X,
)


def find_prices(text: str) -> tuple[str, ...]:
    """The prices of a text in order, repeated ones too: ``£69.00``, ``69,00 €``, ``CHF 20``."""
    return tuple(" ".join(match[0].split()) for match in _PRICE.finditer(text))


def mask_prices(text: str) -> str:
    """The text with `MASK` in place of every price."""
    return _PRICE.sub(MASK, text)

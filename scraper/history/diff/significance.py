"""Which words weigh: what a claims team looks for first, and what is no more than the shape of
letters."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

from scraper.history.diff.words import TextDiff
from scraper.history.fingerprints import title_key


def are_alike(old: str, new: str) -> bool:
    """Whether two texts differ in case, white space, punctuation or the shape of letters alone.

    Letters that are composed otherwise (Unicode NFC and NFD) and signs without width are shape.
    Words with figures, percentages or money are held letter by letter: ``$1.99`` and ``$199``
    differ by a point that is no punctuation.
    """
    old, new = (_INVISIBLE.sub("", unicodedata.normalize("NFC", text)) for text in (old, new))
    return _WEIGHTY_WORD.findall(old) == _WEIGHTY_WORD.findall(new) and _bare(old) == _bare(new)


def is_material(old: str, new: str, diff: TextDiff) -> bool:
    """Whether what went and came between two texts touches a figure, money, a dose, a negation, a
    hedge or a warning.

    Lines that stand in another order touch none.
    """
    if sorted(old.splitlines()) == sorted(new.splitlines()):
        return False
    went, came = (
        " ".join(run.text for run in diff.runs if run.operation == fate)
        for fate in ("removed", "added")
    )
    if _WEIGHTY.search(went) or _WEIGHTY.search(came):
        return True
    if any(
        Counter(words.findall(went.casefold())) != Counter(words.findall(came.casefold()))
        for words in (_NEGATION, _WARNING)
    ):
        return True
    if Counter(_HEDGE.findall(went)) != Counter(_HEDGE.findall(came)):
        return True
    # The unit alone may move beside a figure that stays, so it is looked for in the whole texts.
    return Counter(_DOSE.findall(old.casefold())) != Counter(_DOSE.findall(new.casefold()))


def _bare(text: str) -> str:
    return re.sub(r"[\s.,;:!?'\"()\-]+", " ", title_key(text)).strip()


_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]")
_SIGNS: Final = "%£$€₹¥½⅓⅔¼¾⅛⅜⅝⅞"
_WEIGHTY: Final = re.compile(rf"[\d{_SIGNS}]")
_WEIGHTY_WORD: Final = re.compile(rf"\S*[\d{_SIGNS}]\S*")
_NEGATION: Final = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|\w+n['’]t|nicht|kein\w*|nie|niemals|ohne|pas|jamais|sans|nunca|jamás|sin|não|sem|mai"
    r"|senza|niet|geen|nooit|zonder|ikke|aldrig|uden|inte|utan)\b"
)
"""The words that turn a claim round, in the languages in which most stores write."""

_HEDGE: Final = re.compile(r"\b(?:may|might|could)\b")
"""What keeps a claim from being a promise. In small letters, for May is a month."""

_WARNING: Final = re.compile(
    r"\b(?:disclaimer|warnings?|caution|consult|doctors?|physicians?|pharmacists?|pregnan\w+|breast-?feeding|allerg\w+|side effects?"
    r"|medical advice|diagnos\w+|fda|sponsored|affiliate|advertisement|arzt|ärztin|schwanger\w*|médecin|médico)\b"
)
"""The words of disclaimers, which a sentence taken away takes with it."""

_DOSE: Final = re.compile(
    r"\d\s?(mg|mcg|µg|μg|g|kg|ml|cl|l|iu|oz|fl oz|lbs?|ppm|mm|cm|°c|°f|drops?|capsules?|tablets?|tsp|tbsp|teaspoons?|tablespoons?"
    r"|seconds?|minutes?|hours?|days?|weeks?|months?|times)\b"
)

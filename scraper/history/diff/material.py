"""Whether a difference between two texts touches a claim: a figure that claims something, money, a
dose, a negation, a hedge or a warning."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

from scraper.history.diff.figures import without_counts, without_references
from scraper.history.diff.words import Operation, TextDiff, diff_texts
from scraper.history.fingerprints import title_key


def are_alike(old: str, new: str) -> bool:
    """Whether two texts differ in case, white space, punctuation or the shape of letters alone.

    Composition of letters (Unicode NFC and NFD) and zero-width characters count as shape. Terms
    with figures, percentages or money must be equal character by character: ``$1.99`` and ``$199``
    differ by a point that is no punctuation.
    """
    old, new = (_INVISIBLE.sub("", unicodedata.normalize("NFC", text)) for text in (old, new))
    return _terms_with_figures(old) == _terms_with_figures(new) and _bare(old) == _bare(new)


def is_material(old: str, new: str) -> bool:
    """Whether the terms in which two texts differ hold a figure or money, or change the count of
    negations, hedges, warnings or doses.

    Lines in another order are not material, nor are figures that claim nothing (see `figures`).
    """
    old, new = (without_references(without_counts(text)) for text in (old, new))
    if sorted(old.splitlines()) == sorted(new.splitlines()):
        return False
    diff = diff_texts(old, new)
    removed, added = _text_of(diff, "removed"), _text_of(diff, "added")
    if _FIGURE.search(removed) or _FIGURE.search(added):
        return True
    if any(
        Counter(terms.findall(removed.casefold())) != Counter(terms.findall(added.casefold()))
        for terms in (_NEGATION, _WARNING)
    ):
        return True
    if Counter(_HEDGE.findall(removed)) != Counter(_HEDGE.findall(added)):
        return True
    # A unit may change beside a figure that stays, so doses are compared in the full texts.
    return Counter(_DOSE.findall(old.casefold())) != Counter(_DOSE.findall(new.casefold()))


def holds_dose(line: str) -> bool:
    """Whether a figure of the line has the unit of a dose, a measure or a time."""
    return _DOSE.search(line.casefold()) is not None


def _terms_with_figures(text: str) -> list[str]:
    # One pattern around the figure would scan text without blanks once for each character.
    return [term for term in text.split() if _FIGURE.search(term)]


def _text_of(diff: TextDiff, operation: Operation) -> str:
    return " ".join(run.text for run in diff.runs if run.operation == operation)


def _bare(text: str) -> str:
    return re.sub(r"[\s.,;:!?'\"()\-]+", " ", title_key(text)).strip()


_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]")
_FIGURE: Final = re.compile(r"[\d%£$€₹¥½⅓⅔¼¾⅛⅜⅝⅞]")
_NEGATION: Final = re.compile(
    r"""\b(?:
        not|no|never|none|nor|neither|without|cannot|\w+n['’]t
      | nicht|kein\w*|nie|niemals|ohne
      | pas|jamais|sans
      | nunca|jamás|sin
      | não|sem
      | mai|senza
      | niet|geen|nooit|zonder
      | ikke|aldrig|uden
      | inte|utan
    )\b""",
    re.X,
)
"""Terms that turn a claim into its opposite, in the languages of most stores."""

_HEDGE: Final = re.compile(r"\b(?:may|might|could)\b")
"""Terms that make a promise conditional. Lower case only: May is a month."""

_WARNING: Final = re.compile(
    r"""\b(?:
        disclaimer|warnings?|caution|consult|doctors?|physicians?|pharmacists?|pregnan\w+
      | breast-?feeding|allerg\w+|side\ effects?|medical\ advice|diagnos\w+|fda
      | sponsored|affiliate|advertisement
      | arzt|ärztin|schwanger\w*|médecin|médico
    )\b""",
    re.X,
)
"""Terms of disclaimers: a removed sentence can take them away."""

_DOSE: Final = re.compile(
    r"""\d\s?(
        mg|mcg|µg|μg|g|kg|ml|cl|l|iu|oz|fl\ oz|lbs?|ppm|mm|cm|°c|°f
      | drops?|capsules?|tablets?|tsp|tbsp|teaspoons?|tablespoons?
      | seconds?|minutes?|hours?|days?|weeks?|months?|times
    )\b""",
    re.X,
)

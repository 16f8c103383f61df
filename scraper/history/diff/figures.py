"""Figures of a text that claim nothing: what pages count by themselves, and what only refers.

Everything else with a digit may be a dose, a price, a share or an age, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

_N: Final = r"(?<![\w.,])(?>\d{1,12}(?:[.,'’\u00a0\u202f]\d{1,6}){0,4}(?:\s?[kKmM]\b)?\+?)"
_PERIOD: Final = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?)"

_BEHIND: Final = (
    # readers' deeds
    r"\s{1,2}(?:views?|reads|likes?|shares?|comments?|reviews?|ratings?|followers|subscribers"
    r"|downloads|reactions|claps|Aufrufe|Kommentare?|Bewertung(?:en)?|vues|commentaires?|avis"
    r"|partages|vistas|visualizaciones|comentarios?|reseñas?|visualizzazioni|commenti|recensioni"
    r"|weergaven|reacties|beoordelingen|visningar|visninger|kommentarer)\b",
    # time to read
    r"(?:\s?[-–]\s?\d{1,3})?\s?-?\s?min(?:ute[sn]?|uti|utos|uter|s)?\.?\s+(?:to\s+read|read(?:ing)?"
    r"|of\s+reading|Lesezeit|de\s+lectur[ea]|di\s+lettura|leestijd|de\s+leitura|läsning)\b",
    # who is here now
    r"\s{1,2}(?:other\s+)?(?:people|persons?|customers?|shoppers?|visitors?|others|readers?|users?)"
    r"\s+(?:(?:are|is|have|has|were|just|also|currently|now|right)\s+){0,4}"
    r"(?:looking|viewing|watching|reading|browsing|viewed|watched|added|online)\b",
    r"\s{1,2}(?:Personen|Besucher|Kunden)\s+(?:sehen|schauen|betrachten)\b",
    r"\s{1,2}personnes\s+(?:regardent|consultent)\b",
    r"\s{1,2}person(?:as|e)\s+(?:están|stanno)\s+(?:viendo|mirando|guardando)\b",
    # what is left
    r"\s{1,2}(?:items?\s+|pieces?\s+)?(?:left\s+in\s+stock|in\s+stock|auf\s+Lager|en\s+stock|sold\b"
    r"|(?:left|remaining)(?=\s*(?:[.!,;]|$)))",
    # how long ago
    rf"\s{{1,2}}{_PERIOD}\s+ago\b",
    r"\s{1,2}(?:minuti|or[ae]|giorn[oi]|settiman[ae]|mes[ei])\s+fa\b",
    r"\s{1,2}(?:minuten|uur|dag(?:en)?|we(?:ek|ken)|maand(?:en)?)\s+geleden\b",
    # stars
    r"\s?(?:stars?|Sterne?n?|étoiles?|estrellas?|stelle|sterren|★)",
)
"""What makes the figure before it a count."""

_AROUND: Final = (
    r"(?<![\w.,])\d[.,]\d+\s*(?:/\s*5|(?:out\s+of|von|sur|de|su|van)\s+5)\b",
    rf"\b(?:views|likes|shares|comments|reviews|sold|in stock|stock)\s*[:(]\s*{_N}",
    r"\b(?:read(?:ing)?\s+time|time\s+to\s+read|Lese(?:zeit|dauer)|temps\s+de\s+lecture"
    r"|tiempo\s+de\s+lectura|tempo\s+di\s+lettura|leestijd)\W{0,4}(?:ca\.?\s|about\s)?"
    rf"\s*{_N}(?:\s*min\w*)?",
    r"\b(?:sale|offer|deal)?\s*(?:ends|endet|closes)\s+in\W{0,3}"
    r"(?:\d{1,4}\s?(?::|[dhms]\b|days?|hours?|minutes?|mins?|seconds?|secs?)[\s:,]{0,3}){1,6}\d*",
    rf"(?:(?:updated|posted|published|edited|modified|added)\s+){_N}\s{{1,2}}(?:{_PERIOD}|years?)"
    r"\s+ago\b",
    rf"\bvor\s+{_N}\s{{1,2}}(?:Sekunden?|Minuten?|Stunden?|Tag(?:en)?|Wochen?|Monat(?:en)?)\b",
    rf"\bil\s+y\s+a\s+{_N}\s{{1,2}}(?:secondes?|minutes?|heures?|jours?|semaines?|mois)\b",
    rf"\bhace\s+{_N}\s{{1,2}}(?:segundos?|minutos?|horas?|días?|semanas?|mes(?:es)?)\b",
)
"""Figures that are counts by what stands before them too."""

# What begins with the figure shares one reading of it: a pattern that reads it for each of the
# phrases takes six times as long.
_COUNTS: Final = re.compile("|".join((f"{_N}(?:{'|'.join(_BEHIND)})", *_AROUND)), re.I | re.M)

_REFERENCES: Final = re.compile(
    r"""
      ^[ \t]*(?:[•*-][ \t]*)?\d{1,3}[.)](?=\s)                             # position in a list
    | \b(?:step|chapter|part|fig(?:ure|\.)|table|page|section|lesson|episode|vol(?:ume|\.))\s+\d+
    | (?:\b(?:tel|phone|call|fax|whatsapp|mobile)\w*\.?\W{0,4}|(?<!\w)\+)\d[\d\s()./-]{5,24}\d
    | \b(?:sku|isbn|ean|gtin|mpn)\b\W{0,3}[\w-]{0,30}\d[\w-]{0,30}
    | \b(?:item|article|model|order|batch|lot|style|ref(?:erence)?)\.?
        \s*(?:no\b|nr\b|number|code|:|\#)\W{0,3}[\w-]{0,30}\d[\w-]{0,30}
    """,
    re.X | re.I | re.M,
)

_MONTH: Final = (
    r"(?:Jan(?:uary|uar)?|Feb(?:ruary|ruar)?|Mar(?:ch)?|März|Apr(?:il)?|May|Mai|June?|Juni|July?"
    r"|Juli"
    r"|Aug(?:ust)?|Sept?(?:ember)?|O[ck]t(?:ober)?|Nov(?:ember)?|De[cz](?:ember)?"
    r"|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    r"|diciembre)\b\.?"
)
_DATES: Final = re.compile(
    rf"""
      (?<![\w.,])\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{_MONTH}(?:,?\s+(?:de\s+)?\d{{4}})?
    | \b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?(?![\d%]) | \b{_MONTH}\s+\d{{4}}(?!\d)
    | (?<!\d)\d{{4}}-\d\d-\d\d(?!\d) | (?<!\d)\d{{1,2}}([./])\d{{1,2}}\1(?:19|20)\d\d(?!\d)
    | (?:\b(?:[Ii]n|[Ss]ince|[Yy]ear|[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter|[Cc]opyright
        |[Uu]pdated|[Ff]ounded|[Ee]arly|[Ll]ate|[Mm]id)[\s-]|©\s?)(?:19|20)\d\d
        (?=\s*(?:[.,;:!?)]|$|and\b|we\b|it\b|the\b|when\b|as\b|our\b|I\b|edition\b|collection\b))
    """,
    re.X | re.M,
)
_BINDING: Final = re.compile(
    r"""\b(?:stud(?:y|ies)|trials?|research\w*|surveys?|evidence|until|till|by|before|through
        |expires?|ends?|valid|deadline|offers?|sale|recall\w*|bis|jusqu\w*|hasta|fino)\b""",
    re.X | re.I,
)
"""Terms beside which a date is a claim's age, or binds somebody."""

_CHARS_AROUND: Final = 60
_DIGIT: Final = re.compile(r"\d")
_REACH: Final = 80
"""Characters on both sides of a figure that a pattern above reads at most."""

_FIGURES: Final = re.compile(rf"\d(?:\D{{0,{2 * _REACH}}}\d)*+")


def without_counts(text: str) -> str:
    """A text without what pages count by themselves: views, readers, minutes to read, stock, stars,
    how long ago."""
    return _rewrite_near_figures(text, _without_counts)


def is_count(text: str, start: int) -> bool:
    """Whether the figure that begins there in a text is what pages count by themselves."""
    return _COUNTS.match(text, start) is not None


def without_references(text: str) -> str:
    """A text without the digits that only refer: positions, telephone and article numbers, dates
    that date no claim."""
    return _rewrite_near_figures(text, _without_references)


def binds(line: str) -> bool:
    """Whether a line has a term beside which its figures are evidence, or bind somebody."""
    return _BINDING.search(line) is not None


def _rewrite_near_figures(text: str, rewrite: Callable[[str], str]) -> str:
    """Rewrite a text where it has figures: half of one is out of the reach of any."""
    parts, end = list[str](), 0
    for figures in _FIGURES.finditer(text):
        start = max(figures.start() - _REACH, end)
        parts.append(text[end:start])
        end = figures.end() + _REACH
        parts.append(rewrite(text[start:end]))
    return "".join([*parts, text[end:]])


# An edit leaves most parts as they are, and is compared in several ways.
@lru_cache(maxsize=32)
def _without_counts(part: str) -> str:
    return _COUNTS.sub("", part)


@lru_cache(maxsize=32)
def _without_references(text: str) -> str:
    without = _REFERENCES.sub(lambda found: _DIGIT.sub("", found[0]), text)
    return _DATES.sub(_plain_date, without)


def _plain_date(found: re.Match[str]) -> str:
    text = found.string
    before = text[max(0, found.start() - _CHARS_AROUND) : found.start()].rpartition("\n")[2]
    after = text[found.end() : found.end() + _CHARS_AROUND].partition("\n")[0]
    if _BINDING.search(re.split(r"[.!?]\s", before)[-1]) or _BINDING.search(
        re.split(r"[.!?](?:\s|$)", after)[0]
    ):
        return found[0]
    return _DIGIT.sub("", found[0])

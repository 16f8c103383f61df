"""Lines of a post whose figures never stood still: counters that no phrase gives away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from scraper.history.diff.figures import binds
from scraper.history.diff.prices import find_prices
from scraper.history.diff.severity import holds_dose

READINGS: Final = 3
"""An author may correct a figure and take that back; a third reading is nobody's correction."""

_FIGURE: Final = re.compile(r"\d+(?:[.,]\d+)*")
_CLAIM: Final = re.compile(
    r"""[%‰£$€₹¥½⅓⅔¼¾⅛⅜⅝⅞°] | \b(?:years?|aged?|degrees?)\b
      | \d\s{1,2}(?:of|in|out\ of|von|sur|de|su)\s{1,2}\d                   # 9 of 10 people""",
    re.X | re.I,
)
_MASK: Final = "#"


def varying_lines(versions: Iterable[str]) -> frozenset[str]:
    """The lines, without their figures, that read differently in at least `READINGS` of the
    versions of a text. A line that stands twice in a version is a list's, and one with a price, a
    share, a dose or an age is never among them."""
    readings: defaultdict[str, set[str]] = defaultdict(set)
    repeated: set[str] = set()
    for version in versions:
        lines: defaultdict[str, list[str]] = defaultdict(list)
        for line in version.splitlines():
            if (form := _form(line)) != line:
                lines[form].append(line)
        for form, found in lines.items():
            readings[form].update(found)
            if len(found) > 1:
                repeated.add(form)
    return frozenset(
        form for form, found in readings.items() if len(found) >= READINGS and form not in repeated
    )


def without_varying(text: str, lines: frozenset[str]) -> str:
    """A text with those lines of `varying_lines` without their figures."""
    return "\n".join(form if (form := _form(line)) in lines else line for line in text.splitlines())


def _form(line: str) -> str:
    """A line without its figures; the line itself if they may claim something."""
    if _CLAIM.search(line) or holds_dose(line) or binds(line) or find_prices(line):
        return line
    return _FIGURE.sub(_MASK, line)

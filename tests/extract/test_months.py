"""The names of months that the program carries are those of CLDR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from babel import localedata

from scraper.extract.fields.months import fold_month
from scraper.extract.vocabulary.month_names import MONTH_NAMES
from tests.each_row import each_row


def names_of_cldr(locale: str) -> dict[str, int]:
    """The last words of a locale's own names (Catalan's stand with their preposition), folded."""
    return {
        fold_month(name.rpartition(" ")[2]): number
        for number, name in own_names(localedata.load(locale, merge_inherited=False)["months"])
        if any(sign.isalpha() for sign in name.rpartition(" ")[2])
    }


def own_names(months: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """What a locale has of its own; what it takes from another is an alias."""
    for use in ("format", "stand-alone"):
        for width in ("wide", "abbreviated") if isinstance(months.get(use), Mapping) else ():
            names = months[use].get(width)
            if isinstance(names, Mapping):
                yield from names.items()


@pytest.fixture(autouse=True)
def unread_locales(monkeypatch: pytest.MonkeyPatch) -> None:
    """Babel's cache does not ask whether a locale was read with what it inherits."""
    monkeypatch.setattr(localedata, "_cache", {})


@each_row("locale", MONTH_NAMES)
def test_names_are_those_of_cldr(locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a new release of babel differs, the expected line is what to write."""
    # Babel gives a locale as it was first loaded, merged or not.
    monkeypatch.setattr(localedata, "_cache", {})
    found: dict[int, list[str]] = {}
    for name, number in names_of_cldr(locale).items():
        found.setdefault(number, []).append(name)
    lines = (f"{number} {' '.join(names)}" for number, names in sorted(found.items()))
    assert MONTH_NAMES[locale] == " ".join(lines)

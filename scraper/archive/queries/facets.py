"""How many rows have each value of some properties, as filters beside a list show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Values = Mapping[str, Sequence[str]]
"""The values of a row, or of rows that share them, by property."""


def total_by_facet(
    rows: Iterable[tuple[Values, int]], selected: Mapping[str, str]
) -> dict[str, Counter[str]]:
    """Sum up the rows, given with how many each stands for, with each value of each property in
    `selected`, which has the value that a filter asks for, or empty. A property's own filter does
    not apply to it."""
    totals: dict[str, Counter[str]] = {name: Counter() for name in selected}
    for values, n_rows in rows:
        mismatched = {
            name for name, value in selected.items() if value and value not in values[name]
        }
        for name, total in totals.items():
            if mismatched <= {name}:
                for value in values[name]:
                    total[value] += n_rows
    return totals


def highest_first(total: Counter[str]) -> list[tuple[str, int]]:
    """Values with their counts, the most frequent first."""
    return sorted(total.items(), key=lambda counted: (-counted[1], counted[0]))


def newest_first(total: Counter[str]) -> list[tuple[str, int]]:
    """Months or days with their counts, the latest first."""
    return sorted(total.items(), reverse=True)

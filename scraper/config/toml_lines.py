"""TOML parsed with the line of each value, which the standard library's parser does not report."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.config.toml import parse_toml
from scraper.exceptions import TOO_MUCH_FOR_TOML, StoresProblem

Place = tuple[str | int, ...]
"""The path to a value: keys of tables, and indexes of lists from 0."""

_AT_LINE = re.compile(r"(?P<reason>.*) \(at line (?P<line>\d+), column \d+\)\Z", re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """An error in a file: its line, its key (such as ``stores.shop.schedule``, or empty), and the
    reason."""

    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: " + (f"{self.where}: " if self.where else "") + self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedTable:
    """A table of a TOML file with the lines of its values. `place` is its own path in the
    file."""

    place: Place
    values: Mapping[str, Any]
    lines: Mapping[Place, int]

    def line(self, *within: str | int) -> int:
        """The line of a value within the table; of a missing value, the line of the innermost table
        around it."""
        place = (*self.place, *within)
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def where(self, *within: str | int) -> str:
        """The path for people: keys and numbers joined by dots, list items counted from 1."""
        return ".".join(
            str(part + 1) if isinstance(part, int) else part for part in (*self.place, *within)
        )

    def mistake(self, reason: str, *within: str | int) -> Mistake:
        """An error in a value within the table, or in the table itself."""
        return Mistake(line=self.line(*within), where=self.where(*within), reason=reason)

    def table(self, *within: str | int) -> LocatedTable:
        """A table within this one. The caller has checked that it is a table."""
        values: Any = self.values
        for part in within:
            values = values[part]
        return LocatedTable(place=(*self.place, *within), values=values, lines=self.lines)


def read_with_lines(text: str) -> LocatedTable:
    """Parse a TOML file. Raises StoresProblem with the line where it is not TOML."""
    text = text.replace("\r\n", "\n")
    try:
        values = parse_toml(text)
        lines = _lines(text)
    except tomllib.TOMLDecodeError as error:
        reason = str(error).removesuffix(" (at end of document)")
        line = text.rstrip("\n").count("\n") + 1
        if found := _AT_LINE.match(reason):
            reason, line = found["reason"], int(found["line"])
        raise StoresProblem(
            [str(Mistake(line=line, where="", reason=f"it is not TOML: {reason}"))]
        ) from None
    except (RecursionError, ValueError):
        raise StoresProblem([TOO_MUCH_FOR_TOML]) from None
    return LocatedTable(place=(), values=values, lines=lines)


def _lines(text: str) -> dict[Place, int]:
    """The first line of every path."""
    header: Place = ()
    numbers: dict[Place, int] = {}
    lines: dict[Place, int] = {}
    for line, statement, parsed in _statements(text):
        if statement.lstrip().startswith("["):
            header = _header(parsed, numbers)
            for length in range(1, len(header) + 1):
                lines.setdefault(header[:length], line)
        else:
            for place in _places(parsed, header):
                lines.setdefault(place, line)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each statement with its first line. A statement is the fewest lines that parse by themselves:
    no part of a longer one does."""
    statement, first = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        statement = f"{statement}\n{line}" if statement else line
        try:
            parsed = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if parsed:
            yield first, statement, parsed
        statement, first = "", number + 1


def _header(parsed: Mapping[str, Any], numbers: dict[Place, int]) -> Place:
    """The path of a header. `numbers` counts the tables of each list of tables."""
    place: Place = ()
    inner: Any = parsed
    while inner:
        (key,), (inner,) = inner.keys(), inner.values()
        place = (*place, key)
        if isinstance(inner, list):
            numbers[place] = numbers.get(place, -1) + 1
            return (*place, numbers[place])
        if inner and place in numbers:
            place = (*place, numbers[place])
    return (*place, numbers[place]) if place in numbers else place


def _places(value: Any, place: Place) -> Iterator[Place]:
    """The paths of a statement's values, outer ones first."""
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*place, key)
        yield from _places(inner, (*place, key))

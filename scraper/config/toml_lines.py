"""TOML read with the line on which each value stands: the standard library's reader keeps none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.exceptions import StoresProblem

Place = tuple[str | int, ...]
"""The way to a value: keys of tables, and places in lists counted from 0."""

_AT_LINE = re.compile(r"(?P<reason>.*) \(at line (?P<line>\d+), column \d+\)\Z", re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong with a file: on which line, at which key (such as ``stores.shop.schedule``, or
    empty), and why."""

    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: " + (f"{self.where}: " if self.where else "") + self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedTable:
    """A table of a TOML file that remembers where it and all within it stand. `place` is its own
    place in the file."""

    place: Place
    values: Mapping[str, Any]
    lines: Mapping[Place, int]

    def line(self, *within: str | int) -> int:
        """The line of a value within the table; of one that is not there, of the nearest that
        is."""
        place = (*self.place, *within)
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def where(self, *within: str | int) -> str:
        """The place as a person writes it: keys and numbers, joined by dots, lists counted from
        1."""
        return ".".join(
            str(part + 1) if isinstance(part, int) else part for part in (*self.place, *within)
        )

    def mistake(self, reason: str, *within: str | int) -> Mistake:
        """What is wrong with a value within the table, or with the table itself."""
        return Mistake(line=self.line(*within), where=self.where(*within), reason=reason)

    def table(self, *within: str | int) -> LocatedTable:
        """A table within this one; the caller has made sure that it is one."""
        values: Any = self.values
        for part in within:
            values = values[part]
        return LocatedTable(place=(*self.place, *within), values=values, lines=self.lines)


def read_with_lines(text: str) -> LocatedTable:
    """A TOML file as a table. Raises StoresProblem where it is not TOML, with the line."""
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.match(str(error))
        reason = found["reason"] if found else str(error).removesuffix(" (at end of document)")
        line = int(found["line"]) if found else text.rstrip("\n").count("\n") + 1
        raise StoresProblem(
            [str(Mistake(line=line, where="", reason=f"it is not TOML: {reason}"))]
        ) from None
    except RecursionError:
        raise StoresProblem(["it is nested too deeply"]) from None
    return LocatedTable(place=(), values=values, lines=_lines(text))


def _lines(text: str) -> dict[Place, int]:
    """Every place with the line on which it first stands."""
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
    """Each statement with its first line: the fewest lines that can be read by themselves, for none
    can be cut short and still be read."""
    held, first = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        held = f"{held}\n{line}" if held else line
        try:
            parsed = tomllib.loads(held)
        except tomllib.TOMLDecodeError:
            continue
        if parsed:
            yield first, held, parsed
        held, first = "", number + 1


def _header(parsed: Mapping[str, Any], numbers: dict[Place, int]) -> Place:
    """The place that a header opens; `numbers` counts the tables of each list of tables."""
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
    """The places of a statement's values, its own place first."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, held in inner:
        yield (*place, key)
        yield from _places(held, (*place, key))

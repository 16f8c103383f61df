"""Edits of the text of a file of stores. Everything else in it stays as it was, comments and order
included."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from scraper.config.toml_lines import read_with_lines
from scraper.exceptions import StoresProblem, UsageProblem
from scraper.schedule.timetable.stores import StoresFile, parse_stores, store_key

HEAD = """\
# The stores that `blogkeep schedule` crawls. docs/reference/stores-file.md lists all keys.
# `blogkeep stores` edits this file and preserves comments.
"""

Values = Mapping[str, Any]
"""Keys of a store's table with their new values; None removes a key."""


def check_new(known: StoresFile, name: str, url: str) -> None:
    """Raises UsageProblem for a name or a host that the file has already."""
    if name in known.stores:
        raise UsageProblem(f"there is a store {name} already: give another name, or edit it")
    for store in known.stores.values():
        if store.host == store_key(url):
            raise UsageProblem(f"{url} is there already, as {store.name}")


def default_name(url: str) -> str:
    """The name of a store that was given none: its host."""
    return store_key(url).replace(":", "-")


def add_store(text: str, name: str, values: Values) -> str:
    """Append a store to the text. Raises StoresProblem if the result is not a valid file of
    stores."""
    given = {key: value for key, value in values.items() if value is not None}
    table = "".join(f"{key} = {_as_toml(value)}\n" for key, value in given.items())
    start = HEAD
    if text.strip():
        start = text.rstrip("\n") + "\n"
    return _checked(
        text,
        f"{start}\n[stores.{tomlkit.key(name).as_string()}]\n{table}",
        lambda stores: {**stores, name: given},
    )


def _as_toml(value: Any) -> str:
    """A value on one line; tables within a list too, for they follow keys."""
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        return str(tomlkit.item(value).as_string())
    tables = tomlkit.array()
    for one in value:
        table = tomlkit.inline_table()
        table.update(one)
        tables.append(table)
    return str(tables.as_string())


def edit_store(text: str, name: str, values: Values) -> str:
    """Change values in a store's table. Raises StoresProblem if the result is not a valid file of
    stores."""

    def change(stores: dict[str, Any]) -> dict[str, Any]:
        store = {
            key: value for key, value in {**stores[name], **values}.items() if value is not None
        }
        return {**stores, name: store}

    document: Any = _document(text)
    try:
        table = document["stores"][name]
        new = {
            key: value for key, value in values.items() if value is not None and key not in table
        }
        for key, value in values.items():
            if key in table and value is not None:
                table[key] = value
            elif key in table:
                del table[key]
        edited = tomlkit.dumps(document)
    except TOMLKitError:
        raise StoresProblem([_BY_HAND]) from None
    return _checked(text, _insert(edited, name, new), change)


def _insert(text: str, name: str, values: Values) -> str:
    """Insert new keys below the store's URL. tomlkit would put them at the table's end, after
    comments that belong to the next table."""
    if not values:
        return text
    lines = text.split("\n")
    line = read_with_lines(text).line("stores", name, "url")
    end = "\r" if lines[line - 1].endswith("\r") else ""
    lines[line:line] = [
        f"{key} = {tomlkit.item(value).as_string()}{end}" for key, value in values.items()
    ]
    return "\n".join(lines)


def remove_store(text: str, name: str) -> str:
    """Remove a store's table; comments right above the next table stay. Raises StoresProblem if the
    result is not a valid file of stores."""
    read = read_with_lines(text)
    own = ("stores", name)
    first = read.line(*own)
    others = [line for place, line in read.lines.items() if line > first and place[:2] != own]
    lines = text.split("\n")
    last = min(others, default=len(lines) + 1) - 1  # the line before the next table, from 1
    comments = last - (last == len(lines) and not lines[-1])  # no text after the last newline
    while comments > first and lines[comments - 1].startswith("#"):
        comments -= 1
    if not lines[comments - 1].strip():
        last = comments
    rest = "\n".join([*lines[: first - 1], *lines[last:]])
    return _checked(
        text, rest, lambda stores: {key: store for key, store in stores.items() if key != name}
    )


_BY_HAND = "this file cannot be edited automatically without a risk: edit it by hand"


def _document(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError:
        raise StoresProblem([_BY_HAND]) from None


def _checked(before: str, after: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    """The text after an edit. Raises StoresProblem unless exactly the intended values differ."""
    expected = tomllib.loads(before)
    expected["stores"] = change(expected.get("stores", {}))
    try:
        found = tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        found = {}
    if {**found, "stores": found.get("stores", {})} != expected:
        raise StoresProblem([_BY_HAND])
    parse_stores(after)
    return after

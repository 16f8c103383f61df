"""A table of cheap checks as one test: a test of its own costs more than most of its rows."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

Test = Callable[..., None]
Row = tuple[str, dict[str, Any]]
"""Its name, and the arguments of the test that it gives."""


def each_row(
    names: str | Sequence[str],
    rows: Iterable[Any],
    *,
    ids: Iterable[object] | Callable[[Any], object] | None = None,
) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, but the rows are tried in one test, which names every row that
    fails. They share the test's fixtures, so none of these may be changed by a row."""
    arguments = names.replace(",", " ").split() if isinstance(names, str) else list(names)
    table = [_named(row, arguments) for row in rows]
    if callable(ids):
        ids = ["-".join(str(ids(value)) for value in values.values()) for _, values in table]
    if ids is not None:
        table = [(str(name), values) for name, (_, values) in zip(ids, table, strict=True)]

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def try_each(**fixtures: Any) -> None:
            _try_each(table, functools.partial(test, **fixtures))

        signature = inspect.signature(test)
        left = [one for name, one in signature.parameters.items() if name not in arguments]
        try_each.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return try_each

    return decorate


FAILURES = (Exception, BaseExceptionGroup, pytest.fail.Exception)
"""Groups are of other tables: one that holds what `pytest.fail` raises is no `Exception`."""


def _named(row: Any, arguments: list[str]) -> Row:
    name = None
    if isinstance(row, type(pytest.param())):
        assert not row.marks, "a mark is of a whole test"
        name, values = row.id, row.values
    else:
        values = tuple(row) if len(arguments) > 1 else (row,)
    return name or ", ".join(map(repr, values))[:200], dict(zip(arguments, values, strict=True))


def _try_each(table: list[Row], test: Test) -> None:
    if not table:
        pytest.skip("it has no rows")
    failed: list[BaseException] = []
    for name, values in table:
        try:
            test(**values)
        except FAILURES as error:
            error.add_note(f"row: {name}")
            failed.append(error)
    if failed:
        raise BaseExceptionGroup(f"{len(failed)} of {len(table)} rows", failed)

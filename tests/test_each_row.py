"""A table that is one test names every row that fails."""

from __future__ import annotations

import pytest

from tests.each_row import each_row


@each_row("one, other", [(1, 1), pytest.param(1, 2, id="unequal"), (2, 2), (3, 4)])
def _are_equal(one: int, other: int) -> None:
    assert one == other


@each_row("text", ["a", "b"], ids=["first", "second"])
def _raises(text: str) -> None:
    with pytest.raises(ValueError, match="invalid"):
        int("1" if text == "a" else text)


def notes(failed: BaseExceptionGroup) -> list[list[str]]:
    return [error.__notes__ for error in failed.exceptions]


def test_every_row_that_fails_is_named() -> None:
    with pytest.raises(BaseExceptionGroup, match="2 of 4 rows") as failed:
        _are_equal()
    assert notes(failed.value) == [["row: unequal"], ["row: 3, 4"]]
    with pytest.raises(BaseExceptionGroup, match="1 of 2 rows") as failed:
        _raises()
    assert notes(failed.value) == [["row: first"]]


@each_row("outer", [1, 2])
@each_row("inner", [1, 2])
def _fails(outer: int, inner: int) -> None:
    if outer == inner:
        pytest.fail("equal")


def test_every_row_of_two_tables_that_fails_is_named() -> None:
    with pytest.raises(BaseExceptionGroup, match="2 of 2 rows") as failed:
        _fails()
    assert notes(failed.value) == [["row: 1"], ["row: 2"]]
    assert [notes(inner) for inner in failed.value.exceptions] == [[["row: 1"]], [["row: 2"]]]


def test_a_table_without_rows_is_skipped() -> None:
    with pytest.raises(pytest.skip.Exception):
        each_row("text", [])(_raises)()


@pytest.fixture(scope="module")
def limit() -> int:
    return 3


@each_row("more", [0, 1])
@each_row("less", [3, 2])
def test_rows_of_two_tables_are_combined_and_fixtures_given(
    limit: int, less: int, more: int
) -> None:
    assert less - more <= limit


def test_a_row_of_wrong_length_or_with_a_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        each_row("one, other", [(1,)])
    with pytest.raises(AssertionError, match="a mark"):
        each_row("one", [pytest.param(1, marks=pytest.mark.xfail)])

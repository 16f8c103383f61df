"""Asking on a connection that others lent us, for no longer than a page may take."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, TypeAlias, TypeVar

from scraper.exceptions import NoAnswer

Connection: TypeAlias = sqlite3.Connection

_Args = ParamSpec("_Args")
_Answer = TypeVar("_Answer")

_STEPS: Final = 10_000
"""Instructions of SQLite between two looks at the clock: a fraction of a millisecond."""


def run_with_timeout(
    connection: Connection,
    limit_ms: int,
    question: Callable[Concatenate[Connection, _Args], _Answer],
    *args: _Args.args,
    **more: _Args.kwargs,
) -> _Answer:
    """Answer a question within so many milliseconds. Raises NoAnswer where that is not enough, or
    the archive is held by another."""
    end = time.monotonic() + limit_ms / 1000
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        return question(connection, *args, **more)
    except sqlite3.OperationalError as error:
        raise NoAnswer(
            f"the archive could not answer ({error}): it may be busy, or the question too large; narrow it, or try again"
        ) from error
    finally:
        connection.set_progress_handler(None, _STEPS)

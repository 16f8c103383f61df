"""Rulebooks on disk: those that come with the program, and a person's own."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import scraper.claims
from scraper.exceptions import RulebookProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.claims.language import Language
    from scraper.claims.ledger import ClaimStep
    from scraper.claims.loading import Auditor
    from scraper.claims.rulebook import Rulebook
    from scraper.items import Origin

# What reads texts is imported where one is read: few crawls do.
# ruff: noqa: PLC0415

FOLDER: Final = Path(scraper.claims.__file__).parent
BOOKS: Final = ("health", "environment")
"""The names of the books that come with the program."""


def load_auditor(name: str) -> Auditor:
    """Load a book of ours by its name, in every language, or a file. Raises RulebookProblem."""
    return _load_ours(name) if name in BOOKS else _load_file(Path(name))


def follow_claims(old: str, new: str) -> list[ClaimStep]:
    """What became of the claims of a text in its next version, by the books of ours."""
    return [step for name in BOOKS for step in load_auditor(name).follow(old, new)]


def follower(origin: Origin) -> Callable[[str, str], list[ClaimStep]] | None:
    """What follows the claims through a change; what the store did not do softens no claim."""
    return None if origin == "technical" else follow_claims


def load_books() -> list[Rulebook]:
    """All books of ours, each in every language: loaded once for processes that are forked."""
    return [edition.book for name in BOOKS for edition in load_auditor(name).editions.values()]


@cache
def _load_ours(name: str) -> Auditor:
    from scraper.claims.loading import Auditor, Edition

    paths = sorted((FOLDER / "books" / name).glob("*.toml"))
    editions = {path.stem: Edition(partial(_read_book, path)) for path in paths}
    return Auditor(name, editions, _common_words())


def _load_file(path: Path) -> Auditor:
    from scraper.claims.loading import Auditor, Edition, check_own_tests

    book, language = loaded = _read_book(path)
    try:
        check_own_tests(book, language)
    except RulebookProblem as problem:
        raise RulebookProblem(f"{path}: {problem}") from problem
    return Auditor(book.name, {language.code: Edition(lambda: loaded)}, _common_words())


def _read_book(path: Path) -> tuple[Rulebook, Language]:
    from scraper.claims.rulebook import parse_rulebook

    try:
        return parse_rulebook(_read(path), find_language)
    except RulebookProblem as problem:
        raise RulebookProblem(f"{path}: {problem}") from problem


@cache
def find_language(code: str) -> Language:
    """A language by its code. Raises RulebookProblem if there is no file of it."""
    from scraper.claims.language import make_language

    if code not in _languages():
        raise RulebookProblem(f"no language {code!r}; there are {', '.join(_languages())}")
    return make_language(_languages()[code])


@cache
def _common_words() -> dict[str, frozenset[str]]:
    from scraper.claims.terms import normal_text

    languages = _languages().items()
    return {code: frozenset(map(normal_text, values["common"])) for code, values in languages}


@cache
def _languages() -> dict[str, dict[str, Any]]:
    """The values of the languages' files, by their codes."""
    from scraper.claims.language import read_language_file

    paths = sorted((FOLDER / "languages").glob("*.toml"))
    return {path.stem: read_language_file(_read(path)) for path in paths}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8"
        raise RulebookProblem(f"it cannot be read: {reason}; books: {', '.join(BOOKS)}") from error

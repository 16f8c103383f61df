"""Rulebooks on disk: those that come with the program, and a person's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import scraper.claims
from scraper.exceptions import RulebookProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.claims.language import Language
    from scraper.claims.ledger import ClaimStep
    from scraper.claims.loading import Auditor
    from scraper.items import Origin

FOLDER: Final = Path(scraper.claims.__file__).parent
BOOKS: Final = ("health", "environment")
"""The names of the books that come with the program."""


def load_auditor(name: str) -> Auditor:
    """Load a book of ours by its name, or a file. Raises RulebookProblem with the file's name."""
    return _load_ours(name) if name in BOOKS else _load(Path(name))


def follow_claims(old: str, new: str) -> list[ClaimStep]:
    """What became of the claims of a text in its next version, by the books of ours."""
    return [step for name in BOOKS for step in load_auditor(name).follow(old, new)]


def follower(origin: Origin) -> Callable[[str, str], list[ClaimStep]] | None:
    """What follows the claims through a change, from who made it: what the store did not do
    softens no claim."""
    return None if origin == "technical" else follow_claims


@cache
def _load_ours(name: str) -> Auditor:
    return _load(FOLDER / "books" / f"{name}.toml")


def _load(path: Path) -> Auditor:
    from scraper.claims.loading import load_rulebook  # noqa: PLC0415 - few crawls need it

    try:
        return load_rulebook(_read(path), _language())
    except RulebookProblem as problem:
        raise RulebookProblem(f"{path}: {problem}") from problem


@cache
def _language() -> Language:
    from scraper.claims.language import parse_language  # noqa: PLC0415 - few crawls need it

    return parse_language(_read(FOLDER / "languages" / "en.toml"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8"
        books = ", ".join(BOOKS)
        raise RulebookProblem(f"it cannot be read: {reason}; books: {books}") from error

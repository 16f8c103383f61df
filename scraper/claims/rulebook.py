"""Rulebooks: what must not be said, or only in some words or beside others, as data in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from scraper.claims.language import Language
from scraper.claims.terms import Endings, compile_terms
from scraper.config.patterns import Pattern, UnfitPattern
from scraper.config.toml import parse_toml
from scraper.exceptions import TOO_MUCH_FOR_TOML, RulebookProblem

Grade = Literal["high", "medium", "low"]
"""How much a claim matters."""

Near = Literal["sentence", "paragraph", "post"]
"""Where a disclaimer has to stand."""

_BOOK_KEYS: Final = frozenset({"book", "title", "version", "language", "terms", "rules"})
_RULE_KEYS: Final = frozenset(
    {
        "id",
        "title",
        "source",
        "grade",
        "subjects",
        "strengths",
        "phrases",
        "with",
        "unless",
        "needs",
        "near",
        "should_flag",
        "should_not",
    }
)


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """A rule: a sentence breaks it if an effect of one of `strengths` acts on one of `subjects`, or
    if it holds one of `phrases`.

    `required` must be in the sentence too (None: nothing). `unless` in the sentence, or `needs`
    `near` it, makes it fit. `source` is the guidance that the rule follows.
    """

    id: str
    title: str
    source: str
    grade: Grade
    subjects: Pattern
    strengths: frozenset[str]
    phrases: Pattern
    required: Pattern | None
    unless: Pattern
    needs: Pattern | None
    near: Near
    should_flag: tuple[str, ...]
    should_not: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules of one language, in the order of the file."""

    name: str
    title: str
    version: int
    rules: tuple[ClaimRule, ...]


def parse_rulebook(text: str, language_of: Callable[[str], Language]) -> tuple[Rulebook, Language]:
    """Read a rulebook, and its language by the code. Raises RulebookProblem, one line for a
    person."""
    try:
        values = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookProblem(f"it is no TOML: {error}") from error
    except (RecursionError, ValueError):
        raise RulebookProblem(TOO_MUCH_FOR_TOML) from None
    _refuse_unknown("the book", values, _BOOK_KEYS)
    lists = _table("terms", values.get("terms", {}))
    terms = {name: _texts(f"terms.{name}", found) for name, found in lists.items()}
    found_rules = _required(values, "the book", "rules", list)
    language = language_of(_required(values, "the book", "language", str))
    rules = tuple(_rule(found, terms, language.inflections) for found in found_rules)
    ids = [rule.id for rule in rules]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise RulebookProblem(f"two rules have the id {twice[0]!r}")
    book = Rulebook(
        name=_required(values, "the book", "book", str),
        title=_required(values, "the book", "title", str),
        version=_required(values, "the book", "version", int),
        rules=rules,
    )
    return book, language


def _rule(
    values: Any, lists: Mapping[str, Sequence[str]], inflections: Mapping[str, Endings]
) -> ClaimRule:
    values = _table("a rule", values)
    where = f"rule {values.get('id', '?')!r}"
    _refuse_unknown(where, values, _RULE_KEYS)

    def texts(key: str) -> list[str]:
        return _with_lists(where, key, _texts(f"{where}: {key}", values.get(key, [])), lists)

    def terms(key: str) -> Pattern:
        return compile_terms(texts(key), inflections)

    if not values.get("subjects") and not values.get("phrases"):
        raise RulebookProblem(f"{where}: give subjects or phrases")
    try:
        return ClaimRule(
            id=_required(values, where, "id", str),
            title=_required(values, where, "title", str),
            source=_required(values, where, "source", str),
            grade=_one_of(where, "grade", values.get("grade", "medium"), get_args(Grade)),
            subjects=terms("subjects"),
            strengths=frozenset(texts("strengths")),
            phrases=terms("phrases"),
            required=terms("with") if values.get("with") else None,
            unless=terms("unless"),
            needs=terms("needs") if values.get("needs") else None,
            near=_one_of(where, "near", values.get("near", "post"), get_args(Near)),
            should_flag=tuple(_texts(f"{where}: should_flag", values.get("should_flag", []))),
            should_not=tuple(_texts(f"{where}: should_not", values.get("should_not", []))),
        )
    except UnfitPattern as error:
        raise RulebookProblem(f"{where}: {error}") from error


def _with_lists(
    where: str, key: str, found: Sequence[str], terms: Mapping[str, Sequence[str]]
) -> list[str]:
    """Terms in place of the names of lists, which begin with ``@``."""
    all_terms: list[str] = []
    for one in found:
        if one.startswith("@") and one[1:] not in terms:
            raise RulebookProblem(f"{where}: {key}: there is no list terms.{one[1:]}")
        all_terms += terms[one[1:]] if one.startswith("@") else [one]
    return all_terms


def _table(where: str, found: Any) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise RulebookProblem(f"{where}: it must be a table")
    return found


def _texts(where: str, found: Any) -> list[str]:
    if not isinstance(found, list) or not all(
        isinstance(one, str) and one.strip() for one in found
    ):
        raise RulebookProblem(f"{where}: it must be a list of texts")
    return found


def _required(values: Mapping[str, Any], where: str, key: str, kind: type) -> Any:
    if not isinstance(values.get(key), kind):
        raise RulebookProblem(f"{where}: {key} is missing, or no {kind.__name__}")
    return values[key]


def _one_of(where: str, key: str, value: Any, allowed: Sequence[str]) -> Any:
    if value not in allowed:
        raise RulebookProblem(f"{where}: {key} must be one of {', '.join(allowed)}")
    return value


def _refuse_unknown(where: str, values: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := sorted(set(values) - known):
        raise RulebookProblem(f"{where}: there is no key {unknown[0]!r}")

"""A language of rulebooks: its ladder of strengths, the cues that take a claim back, and the words
by which a text shows that it is in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from scraper.claims.terms import Endings, compile_terms, normal_text
from scraper.config.patterns import Pattern, UnfitPattern
from scraper.exceptions import RulebookProblem
from scraper.sentences import UNSPACED

LADDER: Final = (
    "cures",
    "treats",
    "prevents",
    "stops",
    "relieves",
    "may help",
    "supports",
    "traditionally used",
)
"""The strengths of a claim in any language, strongest first."""

HEDGED: Final = LADDER.index("may help")
"""The rung of an effect that is hedged, whatever it says without its hedge."""

BY_TRADITION: Final = LADDER.index("traditionally used")

CUES: Final = (
    "negations",
    "denied_objects",
    "denial_ends",
    "not_negations",
    "doubts",
    "referrals",
    "mentions",
    "pointers",
    "topics",
    "conditions",
    "unreal",
    "hedges",
    "traditions",
    "breaks",
    "offers",
    "open_questions",
    "appeals",
    "idioms",
    "being",
)

DEFAULT_LANGUAGE: Final = "en"
"""The language of a text that shows none and whose page states none."""

_READ_CHARS: Final = 5000
"""As much of a text shows its language."""
_FEWEST_COMMON: Final = 3
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Rung:
    """A strength of the ladder: its effects `before` what they affect, and `after` it; those that
    are `adjacent` stand directly before it, or with one word between."""

    before: Pattern
    after: Pattern
    adjacent: Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The ladder, strongest first, and the cues by their names.

    A denial stands up to `denial_reach` words behind an effect. An effect that ends in one of
    `naming` names what it is for, and says nothing of it by itself. `participles` are endings of a
    verb in the passive. `articles` and `plurals`, endings, do not make another subject.
    """

    code: str
    ladder: tuple[Rung, ...]
    cues: Mapping[str, Pattern]
    inflections: Mapping[str, Endings]
    denial_reach: int
    naming: tuple[str, ...]
    participles: tuple[str, ...]
    articles: frozenset[str]
    plurals: tuple[str, ...]

    def subject_key(self, subject: str) -> str:
        """A subject in one number and without articles: "headaches" is "a headache"."""
        words = [word for word in normal_text(subject).split() if word not in self.articles]
        return " ".join(map(self._singular, words))

    def _singular(self, word: str) -> str:
        ending = next((one for one in self.plurals if word.endswith(one)), "")
        return word.removesuffix(ending)


def read_language_file(text: str) -> dict[str, Any]:
    """The values of a language's file. Raises RulebookProblem."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookProblem(f"the language cannot be read: {error}") from error


def make_language(values: Mapping[str, Any]) -> Language:
    """A language from the values of its file. Raises RulebookProblem."""
    try:
        inflections = values["inflections"]
        return Language(
            code=values["language"],
            ladder=tuple(_rung(rung, inflections) for rung in _in_order(values["ladder"])),
            cues={name: compile_terms(values["cues"][name], inflections) for name in CUES},
            inflections=inflections,
            denial_reach=values["denial_reach"],
            naming=tuple(map(normal_text, values["naming"])),
            participles=tuple(map(normal_text, values["participles"])),
            articles=frozenset(map(normal_text, values["articles"])),
            plurals=tuple(map(normal_text, values["plurals"])),
        )
    except UnfitPattern as error:
        raise RulebookProblem(f"the language cannot be read: {error}") from error
    except (KeyError, TypeError) as error:
        raise RulebookProblem(f"the language lacks {error}") from error


def detect_language(text: str, common_words: Mapping[str, frozenset[str]]) -> str:
    """The language whose common words a text has most of, by its code: at least three, and twice as
    many as of any other; empty if there is none such. Without spaces, each letter is a word."""
    words = _read_words(text[:_READ_CHARS])
    counts = {code: sum(map(common.__contains__, words)) for code, common in common_words.items()}
    ranked = sorted(counts, key=counts.__getitem__, reverse=True)
    if not ranked or counts[ranked[0]] < _FEWEST_COMMON:
        return ""
    others = [counts[code] for code in ranked[1:]]
    return "" if 2 * max(others, default=0) > counts[ranked[0]] else ranked[0]


# Each book asks for the language of both texts of an edit.
@lru_cache(maxsize=2)
def _read_words(text: str) -> list[str]:
    return _WORD.findall(normal_text(text))


def _in_order(rungs: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if (found := tuple(rung["name"] for rung in rungs)) != LADDER:
        raise RulebookProblem(f"the ladder is {', '.join(LADDER)}, not {', '.join(found)}")
    return rungs


def _rung(rung: Mapping[str, Any], inflections: Mapping[str, Endings]) -> Rung:
    def terms(side: str) -> Pattern:
        both = rung.get("both", []) if side != "adjacent" else []
        return compile_terms([*rung.get(side, []), *both], inflections)

    return Rung(terms("before"), terms("after"), terms("adjacent"))

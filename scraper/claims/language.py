"""A language of rulebooks: its ladder of strengths, and the cues that take a claim back."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any, Final

from scraper.claims.terms import compile_terms
from scraper.config.patterns import Pattern, UnfitPattern
from scraper.exceptions import RulebookProblem

CUES: Final = (
    "negations",
    "denied_objects",
    "not_negations",
    "doubts",
    "referrals",
    "hedges",
    "traditions",
    "breaks",
    "offers",
    "open_questions",
    "idioms",
)


@dataclass(frozen=True, slots=True)
class Rung:
    """A strength of the ladder: its effects `before` what they affect, and `after` it; those that
    are `adjacent` stand directly before it, or with one word between."""

    name: str
    before: Pattern
    after: Pattern
    adjacent: Pattern


@dataclass(frozen=True, slots=True)
class Language:
    """The ladder, strongest first, and the cues by their names."""

    code: str
    ladder: tuple[Rung, ...]
    cues: dict[str, Pattern]

    def rank(self, strength: str) -> int:
        """The place of a strength on the ladder, 0 for the strongest."""
        return [rung.name for rung in self.ladder].index(strength)


def parse_language(text: str) -> Language:
    """Read a language's file. Raises RulebookProblem."""
    try:
        values: dict[str, Any] = tomllib.loads(text)
        ladder = tuple(
            Rung(
                name=rung["name"],
                before=compile_terms(rung["before"]),
                after=compile_terms(rung["after"]),
                adjacent=compile_terms(rung.get("adjacent", ())),
            )
            for rung in values["ladder"]
        )
        cues = {name: compile_terms(values["cues"][name]) for name in CUES}
        return Language(code=values["language"], ladder=ladder, cues=cues)
    except (tomllib.TOMLDecodeError, UnfitPattern) as error:
        raise RulebookProblem(f"the language cannot be read: {error}") from error
    except (KeyError, TypeError) as error:
        raise RulebookProblem(f"the language lacks {error}") from error

"""Load a rulebook in its languages, and hold it to its own tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from scraper.claims.language import DEFAULT_LANGUAGE, Language, detect_language
from scraper.claims.ledger import ClaimStep, follow_edit
from scraper.claims.matching import Claim, find_claims
from scraper.claims.rulebook import Rulebook
from scraper.exceptions import RulebookProblem


@dataclass(frozen=True)
class Edition:
    """A rulebook in one language. What it is made of is loaded when a text needs it."""

    load: Callable[[], tuple[Rulebook, Language]]

    @cached_property
    def book(self) -> Rulebook:
        """The rules."""
        return self._loaded[0]

    def claims(self, text: str) -> list[Claim]:
        """The claims of a text in this language that the book does not allow."""
        return find_claims(text, *self._loaded)

    @cached_property
    def _loaded(self) -> tuple[Rulebook, Language]:
        return self.load()


@dataclass(frozen=True, slots=True)
class Auditor:
    """A rulebook by its name, with its `editions` by the codes of their languages, and the common
    words of each language that is known."""

    name: str
    editions: Mapping[str, Edition]
    common_words: Mapping[str, frozenset[str]]

    def claims(self, text: str, stated: str = "") -> list[Claim]:
        """The claims of a text that the book does not allow: none in a language in which there is
        no such book. `stated` is what its page says of its language."""
        edition = self.editions.get(self._language_of(text, stated))
        return edition.claims(text) if edition else []

    def follow(self, old: str, new: str) -> list[ClaimStep]:
        """What became of the claims of a text in its next version. One whose words show no language
        is in that of the other."""
        old_code, new_code = (detect_language(text, self.common_words) for text in (old, new))
        codes = (old_code or new_code or self._default, new_code or old_code or self._default)
        steps: list[ClaimStep] = []
        for code in dict.fromkeys(codes):
            if edition := self.editions.get(code):
                before, after = (
                    text if code == own else "" for text, own in zip((old, new), codes, strict=True)
                )
                steps += follow_edit(before, after, edition.claims)
        return steps

    def _language_of(self, text: str, stated: str) -> str:
        """What the words of a text show; a theme states one language for whatever its store writes.
        Where they show none, what is stated."""
        known = stated if stated in self.common_words else self._default
        return detect_language(text, self.common_words) or known

    @property
    def _default(self) -> str:
        return next(iter(self.editions)) if len(self.editions) == 1 else DEFAULT_LANGUAGE


def check_own_tests(book: Rulebook, language: Language) -> None:
    """Run the tests in a rulebook. Raises RulebookProblem, which names the sentence."""
    for rule in book.rules:
        alone = replace(book, rules=(rule,))
        for sentences, flagged in ((rule.should_flag, True), (rule.should_not, False)):
            for sentence in sentences:
                if bool(find_claims(sentence, alone, language)) != flagged:
                    does = "does not flag" if flagged else "flags"
                    raise RulebookProblem(f"rule {rule.id!r} {does} its test {sentence!r}")

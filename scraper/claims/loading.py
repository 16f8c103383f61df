"""Load a rulebook with its language, and hold it to its own tests."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scraper.claims.language import Language
from scraper.claims.ledger import ClaimStep, follow_edit
from scraper.claims.matching import Claim, find_claims
from scraper.claims.rulebook import Rulebook, parse_rulebook
from scraper.exceptions import RulebookProblem


@dataclass(frozen=True, slots=True)
class Auditor:
    """A rulebook that passed its own tests, with its language."""

    book: Rulebook
    language: Language

    def claims(self, text: str) -> list[Claim]:
        """The claims of a text that the book does not allow."""
        return find_claims(text, self.book, self.language)

    def follow(self, old: str, new: str) -> list[ClaimStep]:
        """What became of the claims of a text in its next version."""
        return follow_edit(old, new, self.claims, self.language)


def load_rulebook(text: str, language: Language) -> Auditor:
    """Read a rulebook and run the tests in it. Raises RulebookProblem, which names the sentence."""
    book = parse_rulebook(text)
    if book.language != language.code:
        raise RulebookProblem(f"there is no language {book.language!r}; there is {language.code}")
    for rule in book.rules:
        alone = replace(book, rules=(rule,))
        for sentences, flagged in ((rule.should_flag, True), (rule.should_not, False)):
            for sentence in sentences:
                if bool(find_claims(sentence, alone, language)) != flagged:
                    does = "does not flag" if flagged else "flags"
                    raise RulebookProblem(f"rule {rule.id!r} {does} its test {sentence!r}")
    return Auditor(book, language)

"""A claim followed from one text to the next: softened, sharpened, withdrawn or added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scraper.claims.language import LADDER
from scraper.claims.matching import STATED, Claim

Direction = Literal["softened", "sharpened", "withdrawn", "added"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStep:
    """What became of a claim between two texts. `old` is None of one that was added, `new` of one
    that was withdrawn."""

    direction: Direction
    subject: str
    old: Claim | None
    new: Claim | None

    @property
    def summary(self) -> str:
        """The step in words: ``softened: stops → may ease night cramps``."""
        words = [claim.effect for claim in (self.old, self.new) if claim]
        return f"{self.direction}: {' → '.join(words)} {self.subject}".rstrip()

    @property
    def is_major(self) -> bool:
        """Whether the step makes a change major: a claim that was softened or sharpened, or one
        that was added or withdrawn, unless its grade is low."""
        return None not in (self.old, self.new) or _named(self.old, self.new).grade != "low"


def follow_edit(old: str, new: str, find: Callable[[str], Sequence[Claim]]) -> list[ClaimStep]:
    """The steps that an edit made: those of the claims in the lines in which two texts differ."""
    before, after = Counter(old.splitlines()), Counter(new.splitlines())
    touched = {
        claim.subject_key
        for lines in (before - after, after - before)
        for claim in find("\n".join(lines))
    }
    if not touched:
        return []
    steps = follow_claims(find(old), find(new))
    return [step for step in steps if _named(step.old, step.new).subject_key in touched]


def follow_claims(old: Iterable[Claim], new: Iterable[Claim]) -> list[ClaimStep]:
    """The steps of the claims of a text to those of its next version, in the order of the old text,
    then of the new one. A claim with the same subject and strength made no step."""
    return list(_steps(_strongest(old), _strongest(new)))


def _steps(before: dict[str, Claim], after: dict[str, Claim]) -> Iterator[ClaimStep]:
    for key, claim in before.items():
        found = after.get(key)
        if found is None:
            yield _step("withdrawn", claim, None)
        elif (direction := _direction(claim, found)) is not None:
            yield _step(direction, claim, found)
    for key, claim in after.items():
        if key not in before:
            yield _step("added", None, claim)


def _step(direction: Direction, old: Claim | None, new: Claim | None) -> ClaimStep:
    return ClaimStep(direction=direction, subject=_named(old, new).subject, old=old, new=new)


def _named(old: Claim | None, new: Claim | None) -> Claim:
    named = new or old
    assert named is not None, "a step has a claim"
    return named


def _direction(old: Claim, new: Claim) -> Direction | None:
    ranks = _rank(old), _rank(new)
    if ranks[0] == ranks[1]:
        return None
    return "softened" if ranks[0] < ranks[1] else "sharpened"


def _strongest(claims: Iterable[Claim]) -> dict[str, Claim]:
    """The strongest claim on each subject, or of each phrase, in order."""
    found: dict[str, Claim] = {}
    for claim in claims:
        key = claim.subject_key
        if key not in found or _rank(claim) < _rank(found[key]):
            found[key] = claim
    return found


def _rank(claim: Claim) -> int:
    return -1 if claim.strength == STATED else LADDER.index(claim.strength)

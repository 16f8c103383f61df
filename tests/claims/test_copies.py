"""Copies of claims: who had a sentence first, word for word or nearly."""

from __future__ import annotations

from scraper.claims.copies import Copy, find_copies
from scraper.claims.matching import Claim
from scraper.claims.quotations import NEARLY
from scraper.rulebooks import load_auditor

SENTENCES = [
    "Magnesium stops night cramps for good.",
    "Rooibos eases nausea.",
    "MAGNESIUM stops night cramps, for good!",
    "Our magnesium stops night cramps for good.",
    "It cures gout.",
    "It cures asthma.",
    "Of all that we tried for long nights, only one herb eases night cramps.",
]


def claims(sentences: list[str]) -> list[Claim]:
    (first,), *others = map(load_auditor("health").claims, sentences)
    return [first, *(found for (found,) in others)]


def test_a_copy_names_the_first_that_said_it() -> None:
    found = find_copies(claims(SENTENCES))
    assert found[2] == Copy(of=0, likeness=1.0)
    near = found[3]
    assert near is not None
    assert (near.of, NEARLY <= near.likeness < 1) == (0, True)
    assert [found[place] for place in (0, 1, 4, 5, 6)] == [None] * 5


def test_a_copy_of_a_copy_names_the_original() -> None:
    words = [f"w{n}" for n in range(12)]
    chain = [
        " ".join([*words[step:], *(f"x{n}" for n in range(step)), "eases gout."])
        for step in range(4)
    ]
    copies = [copy.of for copy in find_copies(claims([*chain, chain[0]])) if copy]
    assert set(copies) == {0}

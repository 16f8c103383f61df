"""What a claim is, and what takes it back, case by case."""

from __future__ import annotations

from scraper.claims.matching import Claim
from scraper.rulebooks import load_auditor
from tests.each_row import each_row

HEALTH = load_auditor("health")

STRENGTHS = {
    "It cures gout.": "cures",
    "Gout was cured by it.": "cures",
    "It treats gout.": "treats",
    "It prevents gout.": "prevents",
    "It stops migraines.": "stops",
    "It eases migraines.": "relieves",
    "It may cure migraines.": "may help",
    "It helps to prevent migraines.": "may help",
    "Traditionally, it was taken to cure gout.": "traditionally used",
    "It does not only ease migraines, it cures migraines.": "cures",
    "It never fails to cure gout.": "cures",
    "The redness has gone.": "cures",
    "The redness has gone down.": "relieves",
    "The redness has begun to fade.": "may help",
}

NONE = [
    "It cures nothing, gout least of all.",
    "It does not, as far as we can see, cure gout.",
    "We doubt that it cures gout.",
    "Gout is a nuisance; cheese cures in the cellar.",
    "It cures the wood. Gout is another thing.",
    "It cures leather, but gout needs a doctor.",
    "",
]


def find(text: str) -> list[Claim]:
    return HEALTH.claims(text)


@each_row("sentence", STRENGTHS)
def test_the_strength_of_a_claim(sentence: str) -> None:
    assert {claim.strength for claim in find(sentence)} == {STRENGTHS[sentence]}


def test_what_is_no_claim() -> None:
    assert {sentence: find(sentence) for sentence in NONE} == {sentence: [] for sentence in NONE}


def test_a_claim_names_its_words_as_the_text_has_them() -> None:
    text = "A heading\n\nTea is fine. It CURES  Gout\nand asthma, they say."
    (claim,) = find(text)
    assert (claim.effect, claim.subject, claim.sentence) == ("CURES", "Gout", "It CURES Gout")
    assert text[claim.start :].startswith("It CURES")
    assert (claim.rule, claim.grade, claim.is_quoted, claim.is_offered) == (
        "disease",
        "high",
        False,
        False,
    )


def test_a_subject_within_another_is_no_second_one() -> None:
    found = find("It soothes cold sores and sore gums.")
    assert [claim.subject for claim in found] == ["cold sores", "sore gums"]


def test_a_list_of_subjects_is_a_claim_for_each() -> None:
    found = find("It cures gout, asthma and eczema.")
    assert [claim.subject for claim in found] == ["gout", "asthma", "eczema"]


def test_a_quotation_and_an_offer_are_noticed() -> None:
    (claim,) = find("“It eases my headaches,” says Ann.")
    assert (claim.is_quoted, claim.grade) == (True, "medium")
    (claim,) = find("It eases headaches.\n\nThe jar is £9.50.")
    assert (claim.is_offered, claim.grade) == (True, "high")
    (claim,) = find("It eases headaches.\n\nOne.\n\nThe jar is £9.50.")
    assert not claim.is_offered


def test_a_disclaimer_makes_a_function_claim_fit() -> None:
    claim = "Milk thistle supports the immune system."
    disclaimer = "This statement has not been evaluated by the Food and Drug Administration."
    assert [one.rule for one in find(claim)] == ["function"]
    assert find(f"{claim}\n\nMore.\n\n{disclaimer}") == []


def test_authorised_wording_may_not_be_shortened() -> None:
    rules = [one.rule for one in find("Vitamin C boosts the immune system.")]
    assert rules == ["function", "authorised-wording"]
    kept = "Vitamin C contributes to the normal function of the immune system."
    assert [one.rule for one in find(kept)] == ["function"]

"""Claims are followed from one version of a text to the next."""

from __future__ import annotations

from pathlib import Path

from scraper.claims.ledger import ClaimStep, follow_claims
from scraper.rulebooks import load_auditor

HEALTH = load_auditor("health")
DATA = Path(__file__).with_name("data")


def steps(before: str, after: str) -> list[ClaimStep]:
    return follow_claims(HEALTH.claims(before), HEALTH.claims(after))


def test_the_direction_is_right_on_nine_pairs_of_ten() -> None:
    texts = [(DATA / name).read_text("utf-8") for name in ("pairs.txt", "letter_pairs.txt")]
    lines = [line for text in texts for line in text.splitlines() if line[:1] not in {"", "#"}]
    pairs = [[part.strip() for part in line.split(" | ")] for line in lines]
    wrong = {}
    for direction, before, after in pairs:
        found = {step.direction for step in steps(before, after)} or {"same"}
        if found != {direction}:
            wrong[before, after] = (direction, found)
    assert len(pairs) == 120
    assert len(wrong) <= 12, wrong


def test_a_step_is_said_in_words() -> None:
    soft = steps("Magnesium stops night cramps for good.", "Magnesium may ease night cramps.")
    assert [step.summary for step in soft] == ["softened: stops → may ease night cramps"]
    gone = steps("It cures gout.", "It is tea.")
    assert [step.summary for step in gone] == ["withdrawn: cures gout"]
    new = steps("It is tea.", "It is a natural antiviral tea that helps to prevent colds.")
    assert [step.summary for step in new] == ["added: helps to prevent colds", "added: antiviral"]


def test_an_edit_steps_only_where_it_touches_a_claim() -> None:
    edits = {
        ("It cures gout.\nTea is fine.", "It cures gout.\nTea is warm."): [],
        ("It cures gout.\nTea.", "Tea.\nIt cures gout."): [],
        ("It cures gout.\nIt eases colds.", "It cures gout."): ["withdrawn: eases colds"],
        ("It cures gout.\nIt eases gout.", "It cures gout.\nIt soothes gout."): [],
        ("It aids digestion.\nNot evaluated by the FDA.", "It aids digestion."): [],
    }
    found = {edit: [step.summary for step in HEALTH.follow(*edit)] for edit in edits}
    assert found == edits


def test_only_weak_claims_that_come_or_go_leave_a_change_minor() -> None:
    edits = {
        ("", "It aids digestion."): False,
        ("It aids digestion.", ""): False,
        ("It aids digestion.", "It repairs digestion."): True,
        ("", "It eases headaches."): True,
        ("It cures gout.", ""): True,
        ("", "It aids digestion.\n£9 in our shop."): True,
    }
    found = {edit: any(step.is_major for step in HEALTH.follow(*edit)) for edit in edits}
    assert found == edits


def test_the_strongest_claim_on_a_subject_counts() -> None:
    text = "It may help with gout. It cures gout. It eases gout."
    assert steps(text, "It cures gout.") == []
    assert [step.direction for step in steps(text, "It eases gout.")] == ["softened"]

"""A language of claims is a file: which one reads a text, and what it has to say."""

from __future__ import annotations

import pytest

from scraper.claims.language import CUES, LADDER, detect_language, make_language, read_language_file
from scraper.claims.loading import Auditor
from scraper.exceptions import RulebookProblem
from scraper.rulebooks import FOLDER, find_language, follow_claims, load_auditor

FILES = {path.stem: path.read_text("utf-8") for path in (FOLDER / "languages").glob("*.toml")}
COMMON = {code: frozenset(read_language_file(text)["common"]) for code, text in FILES.items()}
GERMAN = "Das ist nicht der Tee, den wir am Abend trinken."

SHOWN = {
    "This is the tea that we drink at night.": "en",
    GERMAN: "de",
    "It cures gout.": "",
    "": "",
    "Le thé que nous buvons le soir est bon pour la santé.": "",
    f"{GERMAN} This is the tea that we drink at night.": "",
    f"{GERMAN * 3} “It is good for you.”": "de",
}


def test_a_text_shows_its_language_by_its_common_words() -> None:
    assert {text: detect_language(text, COMMON) for text in SHOWN} == SHOWN


def test_no_common_word_is_of_two_languages() -> None:
    assert len(frozenset().union(*COMMON.values())) == sum(map(len, COMMON.values()))


def test_the_words_of_a_text_choose_its_book_before_what_its_page_states() -> None:
    health, environment = load_auditor("health"), load_auditor("environment")
    claim = f"{GERMAN} Er heilt Gicht."
    for stated in ("de", "en", "fr", ""):
        assert [one.effect for one in health.claims(claim, stated)] == ["heilt"], stated
    assert [one.effect for one in health.claims("Der Saft heilt Gicht.", "de")] == ["heilt"]
    assert health.claims("Der Saft heilt Gicht.", "en") == []
    assert environment.claims(f"{GERMAN} Eco-friendly.", "de") == []


def test_a_text_that_shows_no_language_is_in_the_only_one_of_its_book() -> None:
    health, text = load_auditor("health"), "Der Saft heilt Gicht."
    german = Auditor("ours", {"de": health.editions["de"]}, COMMON)
    assert [step.summary for step in german.follow("", text)] == ["added: heilt Gicht"]
    assert [one.effect for one in german.claims(text)] == ["heilt"]
    assert health.follow("", text) == health.claims(text) == []


STEPS = [
    (" Er heilt Gicht.", " Er kann Gicht lindern.", ["softened: heilt → kann … lindern Gicht"]),
    (" Er heilt Gicht.", " Er heilt Gicht nicht.", ["withdrawn: heilt Gicht"]),
    (" Er lindert Kopfschmerzen.", " Er lindert den Kopfschmerz.", []),
    ("", " Er hilft gegen Husten.", ["added: hilft gegen Husten"]),
]


def test_claims_are_followed_in_their_language() -> None:
    found = [
        (old, new, [step.summary for step in follow_claims(GERMAN + old, GERMAN + new)])
        for old, new, _ in STEPS
    ]
    assert found == STEPS


def test_a_text_that_was_translated_withdraws_and_adds() -> None:
    old, new = "This is the tea that cures gout, and you can have it.", f"{GERMAN} Er heilt Gicht."
    steps = [step.summary for step in follow_claims(old, new)]
    assert steps == ["withdrawn: cures gout", "added: heilt Gicht"]


@pytest.mark.parametrize("code", FILES)
def test_a_language_says_all_that_is_asked_of_it(code: str) -> None:
    values = read_language_file(FILES[code])
    assert [rung["name"] for rung in values["ladder"]] == list(LADDER)
    assert set(values["cues"]) == set(CUES)
    assert find_language(code).code == values["language"] == code


def test_a_language_that_lacks_something_is_refused() -> None:
    values = read_language_file(FILES["de"])
    wrong = {
        "the language lacks 'naming'": {k: v for k, v in values.items() if k != "naming"},
        "the ladder is cures": {**values, "ladder": values["ladder"][1:]},
        "has no word before its mark": {**values, "cues": {**values["cues"], "breaks": ["~"]}},
    }
    for problem, changed in wrong.items():
        with pytest.raises(RulebookProblem, match=problem):
            make_language(changed)
    with pytest.raises(RulebookProblem, match="cannot be read"):
        read_language_file("language =")

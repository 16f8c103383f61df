"""Rulebooks that cannot be used are refused with one line that names the place."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from itertools import chain
from typing import Any

import pytest

from scraper.claims.loading import Auditor, Edition, check_own_tests
from scraper.claims.rulebook import parse_rulebook
from scraper.exceptions import RulebookProblem
from scraper.history.changes import RULES_VERSION
from scraper.rulebooks import BOOKS, FOLDER, find_language, load_auditor, load_books
from tests.conftest import FURTHER
from tests.each_row import each_row
from tests.growth import is_linear

HEAD = 'book = "b"\ntitle = "t"\nversion = 1\nlanguage = "en"\n'
RULE = '[[rules]]\nid = "r"\ntitle = "t"\nsource = "s"\n'

WRONG = {
    "book =": "it is no TOML",
    "colour = 1": "the book: there is no key 'colour'",
    HEAD: "the book: rules is missing",
    f'{HEAD}{RULE}phrases = "x"': "rule 'r': phrases: it must be a list of texts",
    f"{HEAD}{RULE}": "rule 'r': give subjects or phrases",
    f'{HEAD}{RULE}phrases = ["@none"]': "rule 'r': phrases: there is no list terms.none",
    f'{HEAD}{RULE}phrases = ["x"]\ngrade = "bad"': "grade must be one of high, medium, low",
    f'{HEAD}{RULE}phrases = ["x"]\ncolour = 1': "rule 'r': there is no key 'colour'",
    f'{HEAD}{RULE}phrases = ["x"]\n{RULE}phrases = ["y"]': "two rules have the id 'r'",
    f'{HEAD}{RULE}phrases = ["x"]\nshould_flag = ["A y."]': "rule 'r' does not flag its test",
    f'{HEAD}{RULE}phrases = ["x"]\nshould_not = ["An x."]': "rule 'r' flags its test 'An x.'",
    f'{HEAD}{RULE}phrases = ["x"]'.replace('"en"', '"xx"'): "no language 'xx'",
    f'{HEAD.replace("version = 1", "")}{RULE}phrases = ["x"]': "version is missing, or no int",
    f'{HEAD}[[rules]]\nid = "r"\nphrases = ["x"]': "rule 'r': title is missing, or no str",
    f"a = {'[' * 100_000}": "it is nested too deeply",
    f"a = {'9' * 5000}": "a number in it is far too long",
    f"{'a.' * 20_000}a = 1": "it is nested too deeply",
    f"""[ {"'a b' . " * 20_000}a]""": "it is nested too deeply",
    f"""a = {{b = 1, {'"a,{ b".' * 20_000}a = 1}}""": "it is nested too deeply",
    f"# {'1.' * 200}\na = '{'1.' * 200}'": "there is no key 'a'",
    f"{HEAD}rules = ['x']": "a rule: it must be a table",
    f"{HEAD}terms = ['x']\n{RULE}phrases = ['x']": "terms: it must be a table",
    f"{HEAD}{RULE}phrases = ['+']": "rule 'r': '+' has no word before its mark",
    f"{HEAD}{RULE}phrases = ['tea *~']": "rule 'r': 'tea *~' has no word before its mark",
}


def test_the_books_are_those_of_the_rules_of_change() -> None:
    """What changes did to claims is stored: other books need another `RULES_VERSION`, so that
    `verify` leaves out what was stored before. Before the first release, the digest alone."""
    files = sorted(FOLDER.rglob("*.toml"))
    digest = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    assert (RULES_VERSION, digest[:12]) == (9, "f38953fbc57c")


def _lists(values: Any, where: str) -> Iterator[tuple[str, list[str]]]:
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _lists(value, f"{where}, {key}")
    elif isinstance(values, list) and all(isinstance(one, str) for one in values):
        yield where, values
    elif isinstance(values, list):
        for value in values:
            yield from _lists(value, where)


def test_no_list_of_ours_has_a_term_twice() -> None:
    for path in FOLDER.rglob("*.toml"):
        for where, terms in _lists(tomllib.loads(path.read_text("utf-8")), path.name):
            assert len(terms) == len(set(terms)), (where, Counter(terms).most_common(1))


@each_row("text", WRONG, ids=range(len(WRONG)))
def test_a_wrong_rulebook_names_its_mistake(text: str) -> None:
    with pytest.raises(RulebookProblem) as raised:
        check_own_tests(*parse_rulebook(text, find_language))
    assert WRONG[text] in str(raised.value)
    assert "\n" not in str(raised.value)


def test_terms_stand_for_their_inflections_and_nothing_else() -> None:
    book = f'{HEAD}{RULE}phrases = ["heal~", "pony+", "deny~", "stop~", "cure~", "inflam*", "c++"]'
    auditor = Auditor("b", {"en": Edition(lambda: parse_rulebook(book, find_language))}, {})
    flagged = ["heals", "healing", "ponies", "pony", "denied", "stopped", "stopping", "curing"]
    flagged += ["cured", "inflamed", "C++"]
    plain = ["health", "ponytail", "stopper", "curse", "flame"]
    assert [word for word in flagged if not auditor.claims(f"So it {word} here.")] == []
    assert [word for word in plain if auditor.claims(f"So it {word} here.")] == []


@pytest.mark.parametrize("name", BOOKS)
def test_our_books_pass_their_tests_and_name_their_sources(name: str) -> None:
    for edition in load_auditor(name).editions.values():
        rules = edition.book.rules
        assert all(rule.source and rule.should_flag and rule.should_not for rule in rules)
        check_own_tests(*edition.load())


def test_all_books_of_ours_are_loaded_once_for_all_forks() -> None:
    files = [sorted((FOLDER / "books" / name).glob("*.toml")) for name in BOOKS]
    editions = [load_auditor(at.parent.name).editions[at.stem] for at in chain.from_iterable(files)]
    for book, edition in zip(load_books(), editions, strict=True):
        assert edition.book is book


@FURTHER
def test_a_text_takes_time_by_its_length(tmp_path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(RulebookProblem, match="cannot be read"):
        load_auditor(str(path))
    auditor = load_auditor("health")
    for text in ("may cure ", "It cures gout for £5. ", "it cures gout and not "):
        auditor.claims(text * 2)  # what is compiled once does not count
        assert is_linear(
            lambda count, text=text: partial(auditor.claims, text * count), 50, 8, most=30
        ), text


@FURTHER
@each_row("near", ["post", "paragraph"])
def test_a_disclaimer_is_looked_for_once_in_a_text(near: str) -> None:
    terms = 'phrases = ["detoxifies"]\nneeds = ["not intended to diagnose"]'
    book = f'{HEAD}{RULE}{terms}\nnear = "{near}"'
    auditor = Auditor("b", {"en": Edition(lambda: parse_rulebook(book, find_language))}, {})
    text = "It detoxifies the mayor's maypole and may. "
    assert len(auditor.claims(text * 2)) == 2
    assert is_linear(lambda count: partial(auditor.claims, text * count), 400, 8, most=14)

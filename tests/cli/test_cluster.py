"""What commands say where the libraries of an extra, or the database of a cluster, are missing."""

from __future__ import annotations

import pytest

from scraper.cli.main import main
from scraper.cli.resources import EXTRAS, libraries_of
from scraper.exceptions import MissingLibrary
from tests.each_row import each_row


@each_row("extra", EXTRAS)
def test_missing_library_is_named_with_what_installs_it(extra: str) -> None:
    for name in EXTRAS[extra]:
        expected = rf"{name} is not installed: run pip install 'blogkeep\[{extra}\]'"
        with pytest.raises(MissingLibrary, match=expected), libraries_of(extra):
            raise ModuleNotFoundError(f"No module named '{name}.sql'", name=f"{name}.sql")


def test_other_missing_modules_are_a_defect() -> None:
    with pytest.raises(ModuleNotFoundError), libraries_of("cluster"):
        raise ModuleNotFoundError("No module named 'tomato'", name="tomato")


@pytest.mark.parametrize("words", [["worker"], ["cluster", "status"], ["fetch", "tea-shop"]])
def test_missing_connection_string_is_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "-s", "ARCHIVE_CLUSTER="]) == 2
    assert capsys.readouterr().err.startswith("blogkeep: ARCHIVE_CLUSTER is not set: ")


@pytest.mark.parametrize("words", [["cluster"], ["cluster", "repair", "now"], ["fetch"]])
def test_words_that_do_not_fit_are_answered_with_the_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert f"usage: blogkeep {words[0]} " in capsys.readouterr().err

"""Every regular expression of the program takes linear time, and the audit would see one that
does not."""

from __future__ import annotations

import ast
import random
import re
import subprocess
import sys

import pytest

from tests.attack.linear import breaking_off, faults_of, generic
from tests.attack.patterns import PACKAGE, UNSEEN, Audited, uncalled
from tests.attack.strings import shapes
from tests.conftest import FURTHER, ROOT
from tests.each_row import each_row


def test_every_pattern_of_the_program_is_linear(integration: None) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.attack.linear"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) > 250


def first_fault(text: str, flags: int = 0) -> str:
    chance = random.Random(0)
    pattern = Audited(text, flags, ("a.py", 1), UNSEEN)
    with breaking_off():
        common = generic(chance)
        found = faults_of(pattern, [*shapes(text, flags, chance), *common])
        return next((fault.method for fault in found), "")


@pytest.mark.parametrize(
    "text",
    [
        *(r"(\w+\s?)+guarantee", r"<a [^>]*>", r"\w+@"),
        *(
            pytest.param(text, marks=FURTHER)
            for text in (
                r"(?:a|aa)+$",
                r"\bx(?:[_-]*\w+)*$",
                r"(?:<!---->\s*)*(?:<!--.*?-->\s*)*<html",
                r"\s*[|-]\s*$",
                r"(?<!\w)\d{1,3}(?:[.']\d{3})+€",
                r"(?:[一-龯]+[、 ]?)+。",
            )
        ),
    ],
)
def test_audit_sees_a_pattern_that_is_not_linear(text: str) -> None:
    assert first_fault(text)


@each_row(
    "text", [r"\w+", r"(?<!\s)\s*+-\s*+", r"<a [^<>]*+>", "(?i)related|more", r"a{1,40}b", r"^\s*$"]
)
def test_audit_passes_a_pattern_that_is(text: str) -> None:
    assert not first_fault(text)


@each_row(
    "source",
    [
        "patterns = list(map(re.compile, texts))",
        "find = re.compile",
        "partial(re.sub, '(a+)+b', '')",
        "functions = {'search': re.search}",
        "def f(match=re.fullmatch): ...",
    ],
)
def test_audit_sees_a_function_that_is_called_elsewhere(source: str) -> None:
    assert [*uncalled("a.py", ast.parse(source))] == [("a.py", 1)]
    assert [*uncalled("a.py", ast.parse("re.search(x, y); re.escape(x); re.I"))] == []


def test_no_pattern_of_sql_comes_from_a_row() -> None:
    """A text of a store may hold the wildcards of LIKE and GLOB."""
    pattern = re.compile(r"\b(?:LIKE|GLOB)\s+(?:'[^']*'\s*\|\||(?!')\S)")
    assert pattern.search("url LIKE '%/' || handle")
    assert pattern.search("url GLOB handle")
    for path in (*PACKAGE.rglob("*.sql"), *(PACKAGE / "archive").rglob("*.py")):
        assert not pattern.search(path.read_text("utf-8")), path


def test_patterns_can_come_only_from_where_the_audit_looks() -> None:
    """Python's own engine, by `re.` and a literal name: no alias, no other library's."""
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        assert not re.search(r"^\s*(?:from re import|import re as|import regex)\b", source, re.M), (
            path
        )
        assert not re.search(r"getattr\(re,|\.re_first\(|\bREGEXP\b|LinkExtractor\(", source), path

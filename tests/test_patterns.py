"""Every regular expression of the program takes linear time, and the audit would see one that
does not."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest

from tests.attack.linear import breaking_off, faults_of, generic
from tests.attack.patterns import PACKAGE, UNSEEN, Audited
from tests.attack.strings import shapes
from tests.conftest import FURTHER, ROOT


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


@pytest.mark.parametrize(
    "text", [r"\w+", r"(?<!\s)\s*+-\s*+", r"<a [^<>]*+>", "(?i)related|more", r"a{1,40}b", r"^\s*$"]
)
def test_audit_passes_a_pattern_that_is(text: str) -> None:
    assert not first_fault(text)


def test_patterns_can_come_only_from_where_the_audit_looks() -> None:
    """Python's own engine, by `re.` and a literal name: no alias, no other library's."""
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        assert not re.search(r"^\s*(?:from re import|import re as|import regex)\b", source, re.M), (
            path
        )
        assert not re.search(r"getattr\(re,|\.re_first\(|\bREGEXP\b|LinkExtractor\(", source), path

"""Patterns of operators: linear whatever they are, with Python's meaning, or refused by name."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata

import pytest

from scraper.config.patterns import (
    MOST_MATCHES,
    UnfitPattern,
    compile_pattern,
    count_matches,
)
from tests.conftest import ROOT, Sample
from tests.each_row import each_row


def found(pattern: str, text: str) -> list[str]:
    return [match.group() for match in compile_pattern(pattern).finditer(text)]  # type: ignore[attr-defined]


# Characters that Python's own tables and RE2's may know since different versions of Unicode are
# those of later scripts: the first plane and a sample of the others suffice. So does a sample of
# what fills half of the first: ideographs, syllables, characters for private use.
EVERY_CHARACTER = "".join(
    chr(code)
    for code in [
        *range(0x3400),
        *range(0x3400, 0xA000, 7),
        *range(0xA000, 0xAC00),
        *range(0xAC00, 0xD7A4, 7),
        *range(0xD7A4, 0xD800),
        *range(0xE000, 0xF900, 7),
        *range(0xF900, 0x10000),
        *range(0x10000, 0x20000, 7),
    ]
    if unicodedata.category(chr(code)) != "Cn"
)


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", "."),
        *(r"[\w]", r"[\W]", r"[\d]", r"[\D]", r"[\s]", r"[\S]"),
        *(r"[^\w]", r"[^\W]", r"[^\d]", r"[^\D]", r"[^\s]", r"[^\S]"),
        *(r"[\s\S]", r"[\w\W]", r"[^\W_]", r"[^\W\d_]", r"[\w-]", r"[]\w]", r"[^]\w]", r"[\]\w]"),
        *(r"[\b]", r"\[\w", r"\u00e9", r"[\u00e0-\u00ff]", r"\xe9", r"\U0001f600", r"\x5bw"),
        *("é", "(?i)É", "(?i)straße", "(?i:Д)", "(?s).", r"\Aa|д\Z", r"(?m)^.$", "[[a]"),
    ],
)
@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
def test_pattern_matches_what_it_matches_in_python(pattern: str, sample: Sample) -> None:
    for text in (
        sample(EVERY_CHARACTER, 10, len(pattern)),
        "a[w é \n STRASSE straße \x08 10 % ٣\u00a0д",
        "",
    ):
        assert found(pattern, text) == [match.group() for match in re.finditer(pattern, text)]


@each_row(
    ("pattern", "reason"),
    [
        ("a(?=b)", "RE2 does not support look-ahead: (?="),
        ("a(?!b)", "RE2 does not support look-ahead: (?!"),
        ("(?<=a)b", "RE2 does not support look-behind: (?<="),
        ("(?<!a)b", "RE2 does not support look-behind: (?<!"),
        (r"(a)\1", r"RE2 does not support back-references: \1"),
        ("(?P<x>a)(?P=x)", "RE2 does not support back-references: (?P="),
        ("(?>a)", "RE2 does not support atomic groups: (?>"),
        ("[a-z]++", "RE2 does not support possessive repetition: ++"),
        ("a{2,3}+", "RE2 does not support possessive repetition: {2,3}+"),
        ("(a)(?(1)b|c)", "RE2 does not support conditions: (?("),
        ("(?#why)a", "RE2 does not support comments: (?#"),
        ("(?x) a", "RE2 does not support the flag x: (?x"),
        ("(?ia)a", "RE2 does not support the flag a: (?ia"),
        (r"\N{EM DASH}", r"RE2 does not support names of characters: \N"),
        ("(", "it is not a regular expression of RE2: missing ): ("),
        ("a{1001}", "it is not a regular expression of RE2: invalid repetition size: {1001}"),
        ("\\", "it is not a regular expression of RE2: trailing \\"),
        *(
            (
                pattern,
                r"\b knows only ASCII letters, and there are others: use words_appear or words_go",
            )
            for pattern in (r"\bété\b", r"\b(?:été|hiver)\b", r"caf\u00e9\b", r"\Bд")
        ),
    ],
)
def test_what_re2_cannot_run_is_refused_by_name(pattern: str, reason: str) -> None:
    with pytest.raises(UnfitPattern) as unfit:
        compile_pattern(pattern)
    assert str(unfit.value) == reason


@each_row("pattern", [r"[(?=]", r"\(\?=", r"[*+]+", r"\*+", r"\\1", r"\b\w+ € \b"])
def test_what_only_looks_like_it_is_not_refused(pattern: str) -> None:
    compile_pattern(pattern)


def test_no_pattern_takes_more_than_linear_time(integration: None) -> None:
    """Each of these runs for ages in a backtracking engine; the processor's time is limited by the
    system, so that a failure is no hang."""
    source = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from scraper.config.patterns import compile_pattern, count_matches
for pattern in PATTERNS:
    for text in ("a" * 100_000, "a " * 50_000, "aé" * 50_000, "x" * 100_000 + "!"):
        count_matches(compile_pattern(pattern), text)
print("all")
"""
    patterns = [
        r"(\w+\s?)+guarantee",
        r"(a|aa)+$b",
        r"(a*)*b",
        r"(.*)(.*)(.*)(.*)(.*)(.*)[^a ]#",
        r"x*y|x",
        r"(?:\w{1,30}\s?)+guarantee",
    ]
    done = subprocess.run(
        [sys.executable, "-c", source.replace("PATTERNS", repr(patterns))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "all\n"), done.stderr


def test_matches_are_counted_up_to_a_limit() -> None:
    assert count_matches(compile_pattern("a"), "a" * 999) == 999
    assert count_matches(compile_pattern("a"), "a" * 5000) == MOST_MATCHES


def test_groups_cost_nothing() -> None:
    """A thousand of them took twelve seconds for six hundred characters."""
    compiled = compile_pattern("(" * 1000 + "tea" + ")" * 1000)
    assert [found.groups() for found in compiled.finditer("tea, tea")] == [(), ()]  # type: ignore[attr-defined]

"""The printed examples of the documents: found in the pages, and compared with real output.

An example is a fenced block marked ``console``: lines that begin with ``$`` are commands, the lines
below them what the command prints. A line ``[…]`` stands for any lines left out. A word after
``console`` names where the commands run: see `tests/test_examples.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

ELISION = "[…]"

_BLOCK = re.compile(r"^```console ?([\w-]*)\n(.+?)^```", re.S | re.M)
_LOG_LINE = re.compile(r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d \[.*\n", re.M)
_VARYING = (
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r" $", re.M), ""),
    (re.compile(r"\b20\d{6}T\d{6}Z"), "FOLDER"),
    (re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"(?<=TIME )[0-9a-f]{64}\b"), "SEAL"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "DAY"),
    (re.compile(r"(?:\bon \d[^;:\n]*)?between \d[^;\n]*? UTC"), "BRACKET"),
    (re.compile(r"\b\d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d(?::\d\d)? UTC"), "MOMENT"),
    (re.compile(r"^ *\d+ (?=DAY )", re.M), "NUMBER "),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r"\b[\d,]+ bytes"), "SIZE"),
    (re.compile(r"\b[\d,]+ rows\b"), "ROWS"),
    (re.compile(r"\b\d+\.\d\d$", re.M), "SECONDS"),
    (re.compile(r"\b\d+ days? ago"), "AGO"),
)
"""What differs from run to run: times, ports, sizes, durations, and the width of columns."""


@dataclass(frozen=True)
class Step:
    """A command of an example, and what it prints."""

    command: str
    printed: str


@dataclass(frozen=True)
class Example:
    """A block of a page: where its commands run, and the commands in order."""

    page: str
    line: int
    place: str
    steps: tuple[Step, ...]


def pages() -> list[Path]:
    """The pages of the project's folder and every page below docs."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def examples() -> Iterator[Example]:
    """Every example of every page."""
    for page in pages():
        text = page.read_text("utf-8")
        for block in _BLOCK.finditer(text):
            yield Example(
                page=str(page.relative_to(ROOT)),
                line=text.count("\n", 0, block.start()) + 1,
                place=block[1],
                steps=tuple(_steps(block[2])),
            )


def _steps(body: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
        command, _, printed = part.partition("\n")
        yield Step(command, printed)


def normalize(text: str) -> str:
    """Output without log lines, with fixed words for what differs from run to run."""
    text = _LOG_LINE.sub("", text)
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text.strip("\n")


def matches(printed: str, output: str) -> bool:
    """Whether an example shows this output, lines left out aside."""
    pattern = "".join(
        r"(?:.*\n)?" if line == ELISION else re.escape(f"{line}\n")
        for line in normalize(printed).split("\n")
    )
    return re.fullmatch(pattern, f"{normalize(output)}\n", re.S) is not None

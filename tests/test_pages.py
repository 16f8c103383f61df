"""The pages as text: links lead somewhere, the language is plain, and what code cites exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.each_row import each_row
from tests.examples import pages
from tests.style import BANNED

NEGATIVES = re.compile(
    r"\b(?:not|no|nor|never|none|nobody|nothing|nowhere|neither|without|cannot)\b|n['’]t\b", re.I
)
SOURCES = {
    "scraper": {".py", ".sql", ".json", ".html"},
    "deploy": {".sh", ".service", ".yaml"},
    "tests": {".py"},
}
"""Folders and suffixes of the program's own files."""

PAGES = sorted(str(page.relative_to(ROOT)) for page in pages())


def prose(page: str) -> str:
    """A page without code blocks and inline code."""
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text("utf-8"), flags=re.S | re.M)
    return re.sub(r"`[^`]*`", "CODE", text)


def sentences(page: str) -> list[str]:
    """The sentences of a page; an item of a list, a cell of a table and an exit
    code end one too."""
    text = re.sub(r"\n(?=\s*(?:[-*#|]|\d+\.) )|\n\n", ".\n\n", prose(page))
    text = re.sub(
        r"^Exit codes: .+?\.\n", lambda codes: codes[0].replace("; ", ". "), text, flags=re.S | re.M
    )
    parts = re.split(r"(?<=[.!?])\s+| \| ", text)
    return [" ".join(part.split()) for part in parts if part.strip()]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        for heading in headings
    }


@each_row("page", PAGES)
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", (ROOT / page).read_text("utf-8")):
        path, _, anchor = target.partition("#")
        linked = (folder / path) if path else ROOT / page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@each_row("page", PAGES)
def test_no_sentence_has_three_negatives(page: str) -> None:
    assert [text for text in sentences(page) if len(NEGATIVES.findall(text)) > 2] == []


@each_row("page", PAGES)
def test_no_page_has_words_of_our_own(page: str) -> None:
    assert BANNED.findall(prose(page)) == []


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 110


def test_glossary_has_thirty_terms_in_order() -> None:
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text("utf-8")
    terms = re.findall(r"^\| ([a-z][\w ]*) \|", text, re.M)[1:]
    assert len(terms) == 30
    assert terms == sorted(terms)


def test_sections_that_code_cites_exist() -> None:
    numbers = set(
        re.findall(
            r"^#{2,3} ([\d.]+?)\.? ",
            (ROOT / "docs" / "explanation" / "shopify.md").read_text("utf-8"),
            re.M,
        )
    )
    headings = anchors(ROOT / "docs" / "explanation" / "lessons.md")
    for path in (ROOT / "scraper").rglob("*.py"):
        text = " ".join(path.read_text("utf-8").split())
        assert set(re.findall(r"shopify\.md,? (\d\.\d)", text)) <= numbers, path
        for heading in re.findall(r'lessons\.md, "([^"]+)"', text):
            assert heading.lower().replace(" ", "-") in headings, path


@cache
def program() -> str:
    """The source of the program and what runs it."""
    files = [ROOT / "Makefile", ROOT / "pyproject.toml"]
    for folder, suffixes in SOURCES.items():
        files += [path for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    return "\n".join(path.read_text("utf-8") for path in files)


@each_row("page", [page for page in PAGES if Path(page).name not in {"shopify.md", "lessons.md"}])
def test_names_in_a_page_are_names_of_the_program(page: str) -> None:
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text("utf-8"), flags=re.S | re.M)
    named = [code for code in re.findall(r"`([^`\n]+)`", text) if "/" not in code]
    words = {word for code in named for word in re.findall(r"[A-Za-z]\w*_\w+", code)}
    assert [word for word in sorted(words) if word not in program()] == []


@pytest.mark.parametrize("folder", ["scraper", "deploy"])
def test_pages_that_code_names_exist(folder: str) -> None:
    for path in (ROOT / folder).rglob("*"):
        if path.suffix in {".py", ".sql", ".toml", ".service", ".timer", ".yml", ".yaml"}:
            named = re.findall(r"\bdocs/[\w/-]+\.md", path.read_text("utf-8"))
            assert [name for name in named if not (ROOT / name).exists()] == [], path

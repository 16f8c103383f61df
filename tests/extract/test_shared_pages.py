"""Floors on real pages of 48 stores, each page alone and a store's pages together; lowering one is
a visible act."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from collections.abc import Callable
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from scraper.exceptions import ExtractionError
from scraper.extract import LEARN_PAGES, SavedPage, extract_post, settle_template
from scraper.items import Template
from tests.conftest import FURTHER, Sample
from tests.each_row import each_row

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
FLOORS = {
    "alone": {"f1": 0.996, "exact": 0.968, "title": 0.99, "author": 0.7, "published": 0.785},
    "together": {"f1": 0.998, "exact": 0.97, "title": 0.99, "author": 0.7, "published": 0.785},
}
BLOCK = re.compile(
    r"</?(?:p|div|li|[uo]l|h\d|br|t[rdh]|table|section|article|blockquote|fig\w+|header|footer|aside|d[ltd]|center|address|pre|hr)\b[^>]*>"
)

pytestmark = pytest.mark.skipif(
    not (SHARED / "pages" / "truth.jsonl").is_file(),
    reason="the shared pages are not beside the checkout",
)


Results = Callable[[str], dict[str, float]]


@pytest.fixture(scope="module")
def results(sample: Sample) -> Results:
    """The scores of all pages (with ``--short`` of each fourth), `alone` or `together`."""
    spec = importlib.util.spec_from_file_location("score", SHARED / "bench" / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    truth = sample(score.load(str(SHARED / "pages" / "truth.jsonl")), 4, 2)

    @cache
    def scored(pages: str) -> dict[str, float]:
        stores = {page["file"].partition("/")[0] for page in truth}
        templates = {store: template_of(store) for store in stores} if pages == "together" else {}
        found = [
            predict(page["file"], page["url"], templates.get(page["file"].partition("/")[0]))
            for page in truth
        ]
        return score.score(truth, list(filter(None, found)))

    return scored


def template_of(store: str) -> Template | None:
    """What the saved article pages of a store teach, no feed among them."""
    files = sorted((SHARED / "pages" / store).glob("article__*.html.gz"))
    return settle_template(
        [
            SavedPage(gzip.decompress(file.read_bytes()), f"https://{store}/")
            for file in files[:LEARN_PAGES]
        ]
    )


def predict(file: str, url: str, template: Template | None = None) -> dict[str, str] | None:
    try:
        post = extract_post(
            gzip.decompress((SHARED / "pages" / f"{file}.gz").read_bytes()),
            url=url,
            template=template,
        )
    except ExtractionError:
        return None
    text = unescape(re.sub(r"<[^>]*>", "", BLOCK.sub(" ", post.html)))
    return {
        "file": file,
        "text": text,
        "title": post.title,
        "author": post.author,
        "published": post.published_at,
    }


KINDS = pytest.mark.parametrize("pages", ["alone", pytest.param("together", marks=FURTHER)])


@KINDS
@pytest.mark.parametrize("figure", FLOORS["together"])
def test_real_pages_stay_above_the_floor(results: Results, pages: str, figure: str) -> None:
    assert results(pages)[figure] >= FLOORS[pages][figure]


@KINDS
def test_no_page_is_refused(results: Results, pages: str) -> None:
    assert results(pages)["missing"] == 0


def references() -> list[Path]:
    return sorted((SHARED / "pages").glob("*/*.ref.json"))


@each_row("reference", references(), ids=lambda path: path.parent.name)
def test_forbidden_strings_are_in_no_text(reference):
    told = json.loads(reference.read_text(encoding="utf-8"))
    post = extract_post(
        gzip.decompress((SHARED / "pages" / f"{told['file']}.gz").read_bytes()), url=told["url"]
    )
    assert [string for string in told["must_not_appear"] if string in post.text] == []

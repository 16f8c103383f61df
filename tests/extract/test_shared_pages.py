"""Floors on real pages of 48 stores, each page alone; lowering one is a visible act."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from html import unescape
from pathlib import Path

import pytest

from scraper.exceptions import ExtractionError
from scraper.extract import extract_post

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
FLOORS = {"f1": 0.995, "exact": 0.96, "title": 0.99, "author": 0.63, "published": 0.74}
BLOCK = re.compile(
    r"</?(?:p|div|li|[uo]l|h\d|br|t[rdh]|table|section|article|blockquote|fig\w+|header|footer|aside|d[ltd]|center|address|pre|hr)\b[^>]*>"
)

pytestmark = pytest.mark.skipif(not (SHARED / "pages" / "truth.jsonl").is_file(), reason="the shared pages are not beside the checkout")


@pytest.fixture(scope="module")
def result() -> dict:
    spec = importlib.util.spec_from_file_location("score", SHARED / "bench" / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    truth = score.load(str(SHARED / "pages" / "truth.jsonl"))
    return score.score(truth, [prediction for page in truth if (prediction := predict(page["file"], page["url"]))])


def predict(file: str, url: str) -> dict[str, str] | None:
    try:
        post = extract_post(gzip.decompress((SHARED / "pages" / f"{file}.gz").read_bytes()), url=url)
    except ExtractionError:
        return None
    text = unescape(re.sub(r"<[^>]*>", "", BLOCK.sub(" ", post.html)))
    return {"file": file, "text": text, "title": post.title, "author": post.author, "published": post.published_at}


@pytest.mark.parametrize("figure", FLOORS)
def test_real_pages_stay_above_the_floor(result, figure):
    assert result[figure] >= FLOORS[figure]


def test_no_page_is_refused(result):
    assert result["missing"] == 0


def references() -> list[Path]:
    return sorted((SHARED / "pages").glob("*/*.ref.json"))


@pytest.mark.parametrize("reference", references(), ids=lambda path: path.parent.name)
def test_forbidden_strings_are_in_no_text(reference):
    told = json.loads(reference.read_text(encoding="utf-8"))
    post = extract_post(gzip.decompress((SHARED / "pages" / f"{told['file']}.gz").read_bytes()), url=told["url"])
    assert [string for string in told["must_not_appear"] if string in post.text] == []

"""The quotations of a letter on disk: plain text, HTML or PDF. Whoever sent it may mean harm, so it
is read in a process of its own."""

from __future__ import annotations

import logging
from io import BytesIO
from pathlib import Path
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from scraper.claims.quotations import find_quotations
from scraper.documents.charsets import to_utf8
from scraper.documents.markup_limits import limit_markup
from scraper.exceptions import ExtractionError, NoLetter
from scraper.extraction_worker import ExtractionWorker

MAX_BYTES: Final = 20_000_000
"""Bytes of a letter."""

MAX_PAGES: Final = 200
"""Pages of a letter in PDF: quotations on later ones are not read."""


MAX_CPU_S: Final = 60.0
"""Seconds of CPU in which a letter is read: a PDF of 200 pages takes ten."""

MAX_QUOTATIONS: Final = 1000
"""Passages that a letter may quote: each is searched in the archive."""


def read_quotations(path: Path) -> list[str]:
    """Read the passages that a letter quotes. Raises NoLetter."""
    with ExtractionWorker(MAX_CPU_S) as worker:
        try:
            found = worker.call(_read, path)
        except ExtractionError as error:
            raise NoLetter(f"{path} cannot be read: {error}") from error
    if not found:
        raise NoLetter(
            f"{path} quotes nothing of three words or more: in quotation marks, or behind >"
        )
    if len(found) > MAX_QUOTATIONS:
        raise NoLetter(f"{path} quotes {len(found):,} passages, more than {MAX_QUOTATIONS:,}")
    return found


def _read(path: Path) -> list[str]:
    return find_quotations(_text_of(path))


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NoLetter(f"{path} cannot be read: {error.strerror}") from error
    if len(body) > MAX_BYTES:
        raise NoLetter(f"{path} has more than {MAX_BYTES:,} bytes")
    if body.startswith(b"%PDF"):
        return _text_of_pdf(path, body)
    if b"\0" in body:
        raise NoLetter(f"{path} is neither text nor HTML")
    text = to_utf8(body).decode("utf-8", "replace")
    return _text_of_html(limit_markup(text.encode())) if _is_html(path, text) else text


def _text_of_pdf(path: Path, body: bytes) -> str:
    """The text of a PDF. Raises NoLetter for one that cannot be read, or is a picture of text."""
    from pypdf import PdfReader  # noqa: PLC0415 - only a PDF needs it

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of what it skips
    try:
        pages = PdfReader(BytesIO(body)).pages[:MAX_PAGES]
        text = "\n".join(page.extract_text() for page in pages)
    except Exception as error:
        raise NoLetter(f"{path} cannot be read as a PDF: {error}") from error
    if not text.strip():
        raise NoLetter(
            f"{path} holds no text: it is a picture of a letter, so read it by OCR first"
        )
    return text


def _is_html(path: Path, text: str) -> bool:
    start = text[:1000].lstrip().lower()
    return path.suffix.lower() in {".html", ".htm"} or start.startswith(("<!doctype html", "<html"))


def _text_of_html(markup: bytes) -> str:
    page = LexborHTMLParser(markup)
    page.strip_tags(["script", "style", "template", "noscript"])
    # A quotation may go over inline elements, but not over paragraphs.
    for block in page.css("p, li, td, th, h1, h2, h3, h4, h5, h6, blockquote, div, br"):
        block.insert_after("\n\n" if block.tag != "br" else "\n")
    return page.body.text() if page.body else ""

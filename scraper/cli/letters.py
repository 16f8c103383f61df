"""A letter on disk as text: plain text, HTML or PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from scraper.exceptions import NoLetter
from scraper.shopify.charsets import to_utf8

MAX_BYTES: Final = 20_000_000
"""Bytes of a letter."""

MAX_PAGES: Final = 200
"""Pages of a letter in PDF: quotations on later ones are not read."""


def read_letter(path: Path) -> str:
    """Read a letter's text. Raises NoLetter."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise NoLetter(f"{path} cannot be read: {error.strerror}") from error
    if len(body) > MAX_BYTES:
        raise NoLetter(f"{path} has more than {MAX_BYTES:,} bytes")
    if body.startswith(b"%PDF"):
        return _text_of_pdf(path)
    if b"\0" in body:
        raise NoLetter(f"{path} is neither text nor HTML")
    text = to_utf8(body).decode("utf-8", "replace")
    return _text_of_html(text) if _is_html(path, text) else text


def _text_of_pdf(path: Path) -> str:
    """The text of a PDF. Raises NoLetter for one that cannot be read, or is a picture of text."""
    from pypdf import PdfReader  # noqa: PLC0415 - only a PDF needs it
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        pages = PdfReader(path).pages[:MAX_PAGES]
        text = "\n".join(page.extract_text() for page in pages)
    except (PyPdfError, ValueError, KeyError, RecursionError) as error:
        raise NoLetter(f"{path} cannot be read as a PDF: {error}") from error
    if not text.strip():
        raise NoLetter(
            f"{path} holds no text: it is a picture of a letter, so read it by OCR first"
        )
    return text


def _is_html(path: Path, text: str) -> bool:
    start = text[:1000].lstrip().lower()
    return path.suffix.lower() in {".html", ".htm"} or start.startswith(("<!doctype html", "<html"))


def _text_of_html(text: str) -> str:
    page = LexborHTMLParser(text)
    page.strip_tags(["script", "style", "template", "noscript"])
    # A quotation may go over inline elements, but not over paragraphs.
    for block in page.css("p, li, td, th, h1, h2, h3, h4, h5, h6, blockquote, div, br"):
        block.insert_after("\n\n" if block.tag != "br" else "\n")
    return page.body.text() if page.body else ""

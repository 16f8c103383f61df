"""Take the post out of a page's plain text, as another extractor left it, without markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Final

from scraper.exceptions import ExtractionError
from scraper.extract.body.pagers import pager_kind
from scraper.extract.body.render.related_list import RELATED_HEADING
from scraper.extract.fields.codes import find_codes
from scraper.extract.fields.dates import parse_written_date
from scraper.extract.page.markdown import html_to_markdown
from scraper.extract.page.text import letters_only, one_line, replace_surrogates, text_to_words
from scraper.extract.vocabulary.sections import DUMP_TAIL
from scraper.items import Block, FieldClaim, Link, Post

_BYLINE: Final = re.compile(
    r"^(?:posted|written|published)\s+by\s+(?P<name>\S.{0,60}?)(?:\s+on\b\s*(?P<date>.{0,60}))?$",
    re.I,
)
_BULLET: Final = re.compile(r"^\s*[•●▪◦‣·*–—-]\s+")
_BULLET_SIGN: Final = re.compile(r"^\s*[•●▪◦‣·]\s*")
# Lines that end a post: what themes print after the body, whole lines only.
_TAIL: Final = re.compile(rf"^(?:{DUMP_TAIL})$", re.I)
_LONGEST_DATE: Final = 40  # characters
_ARROWS: Final = re.compile(r"[←→‹›«»|]")
_PAGER_WORDS: Final = re.compile(
    r"(?:(?<!\s)\s++)?[←→‹›«»|]++\s*+|(?<=\w)\s++(?=(?:newer|next)\s+(?:post|article)s?\b)", re.I
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a dump's parts stand, by line: `body` first line, `end` the line after the last;
    `title` and `author` as read."""

    title: str
    author: str
    date_raw: str
    body: int
    end: int


def extract_text_dump(text: str) -> Post:
    """Take the post out of a plain-text dump of its page.

    The title is the paragraph before the byline, or the one that stands twice; the body is what
    follows, up to the theme's pager or widgets. A list of related posts becomes links without an
    address. The post's own address and, where the dump shows none, its date stay empty. Raises
    ExtractionError where there is no body.
    """
    plain = replace_surrogates(text.replace("\x00", "")).lstrip("\ufeff")
    lines = [one_line(line) for line in plain.splitlines()]
    layout = _find_layout(lines)
    paragraphs = _paragraphs(lines[layout.body : layout.end])
    if not paragraphs:
        raise ExtractionError("no_prose: nothing in the text reads like a post")
    return _post(lines, layout, paragraphs)


def _post(lines: list[str], layout: _Layout, paragraphs: list[str]) -> Post:
    body, heading, items = _split_related(paragraphs)
    links, self_links = _links(items, layout.title)
    html = _to_html(body)
    text = "\n\n".join(body)
    published_at = parse_written_date(layout.date_raw).value
    return Post(
        url="",
        locale="",
        blog_handle="",
        handle="",
        article_id="",
        title=layout.title,
        author=layout.author,
        published_at=published_at,
        modified_at="",
        excerpt="",
        image_url="",
        language="",
        tags=(),
        html=html + _list_html(heading, items),
        markdown=html_to_markdown(html),
        text=text,
        word_count=len(text_to_words(text)),
        comment_count=0,
        links=links,
        self_links=self_links,
        codes=find_codes(text),
        readings=_claims(layout, published_at),
        blocks=tuple(_blocks(lines, layout)),
        method="text_dump",
        confidence=0.7 if layout.author else 0.5,
    )


def _find_layout(lines: list[str]) -> _Layout:
    filled = [number for number, line in enumerate(lines) if line]
    if not filled:
        raise ExtractionError("empty: the text holds no words")
    bylines = ((number, _BYLINE.match(lines[number])) for number in filled)
    for number, byline in bylines:
        if byline is not None:
            return _layout_around(lines, filled, number, byline)
    title, start = _title_without_byline(lines, filled)
    return _Layout(title, "", "", start, _find_end(lines, start))


def _layout_around(
    lines: list[str], filled: list[int], number: int, byline: re.Match[str]
) -> _Layout:
    """Return the title is the line before the byline, else the one after it; both may be
    repeated."""
    before = [other for other in filled if other < number]
    after = [other for other in filled if other > number]
    nearest = [*before[-1:], *after[:1]]
    title = lines[nearest[0]] if nearest else ""
    start, date_raw = number + 1, byline["date"] or ""
    for place, other in enumerate(after):
        line = lines[other]
        if letters_only(line) != letters_only(title):
            if date_raw or place > 0 or not _is_date_line(line):
                break
            date_raw = line
        start = other + 1
    return _Layout(title, byline["name"].strip(), date_raw, start, _find_end(lines, start))


def _is_date_line(line: str) -> bool:
    return len(line) < _LONGEST_DATE and bool(parse_written_date(line).value)


def _title_without_byline(lines: list[str], filled: list[int]) -> tuple[str, int]:
    """Return the first line that stands twice, else the first line; and where the body begins."""
    seen: dict[str, int] = {}
    for number in filled:
        key = letters_only(lines[number])
        if key in seen and len(key) > 12:
            return lines[number], number + 1
        seen.setdefault(key, number)
    return lines[filled[0]], filled[0] + 1


def _find_end(lines: list[str], start: int) -> int:
    """Return the line of the theme's pager; without one, the first of the tail lines that nothing
    long follows."""
    for number in range(start, len(lines)):
        if _is_pager(lines[number]):
            return number
    end = len(lines)
    for number in range(len(lines) - 1, start, -1):
        if lines[number] and _TAIL.match(lines[number]):
            end = number
        elif len(lines[number]) > 120:
            break
    return end


def _is_pager(line: str) -> bool:
    """A line of nothing but pager words, two of them or one with an arrow."""
    words = [part for part in _PAGER_WORDS.split(line) if part.strip()]
    return (
        bool(words)
        and all(pager_kind(word) for word in words)
        and (len(words) > 1 or bool(_ARROWS.search(line)))
    )


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines joined to paragraphs at blank lines; without any, each line is one. Bullets and the
    heading of a related list stand alone."""
    if not any(not line for line in _trimmed(lines)):
        return [line for line in lines if line]
    found: list[list[str]] = [[]]
    for line in lines:
        if not line or _BULLET_SIGN.match(line) or RELATED_HEADING.match(line):
            found.append([])
        if line:
            found[-1].append(line)
        if RELATED_HEADING.match(line):
            found.append([])
    return ["\n".join(group) for group in found if group]


def _trimmed(lines: list[str]) -> list[str]:
    """Lines without the blank ones at both ends."""
    filled = [number for number, line in enumerate(lines) if line]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _split_related(paragraphs: list[str]) -> tuple[list[str], str, list[str]]:
    """Return the body, the heading of its related list of related posts, and the list's items; both
    empty where there is none."""
    for number in range(len(paragraphs) - 1, 0, -1):
        items = [
            _BULLET.sub("", _BULLET_SIGN.sub("", item)).strip() for item in paragraphs[number + 1 :]
        ]
        if (
            RELATED_HEADING.match(paragraphs[number])
            and items
            and all("\n" not in item and len(item) < 200 for item in items)
        ):
            return paragraphs[:number], paragraphs[number], items
    return paragraphs, "", []


def _links(items: list[str], title: str) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    others = [item for item in dict.fromkeys(items) if letters_only(item) != letters_only(title)]
    self_titles = [
        item for item in dict.fromkeys(items) if letters_only(item) == letters_only(title)
    ]
    return _numbered(others), _numbered(self_titles)


def _numbered(titles: list[str]) -> tuple[Link, ...]:
    return tuple(
        Link(url="", kind="related_list", anchor=title, position=position)
        for position, title in enumerate(titles)
    )


def _to_html(paragraphs: list[str]) -> str:
    parts: list[str] = []
    bullets: list[str] = []
    for paragraph in [*paragraphs, ""]:
        if _BULLET_SIGN.match(paragraph):
            bullets.append(_BULLET_SIGN.sub("", paragraph))
            continue
        if bullets:
            parts.append(_ul(bullets))
            bullets = []
        if paragraph:
            parts.append(f"<p>{escape(paragraph, quote=False)}</p>".replace("\n", "<br>"))
    return "".join(parts)


def _ul(items: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item, quote=False)}</li>" for item in items) + "</ul>"


def _list_html(heading: str, items: list[str]) -> str:
    return f"<p>{escape(heading, quote=False)}</p>{_ul(items)}" if items else ""


def _claims(layout: _Layout, published: str) -> tuple[FieldClaim, ...]:
    found = [
        ("title", layout.title, layout.title),
        ("author", layout.author, layout.author),
        ("published_at", layout.date_raw, published),
    ]
    return tuple(
        FieldClaim(field=field, source="dump", raw=raw, value=value)
        for field, raw, value in found
        if raw
    )


def _blocks(lines: list[str], layout: _Layout) -> list[Block]:
    return [
        Block(
            path=f"line {number + 1}",
            kept=layout.body <= number < layout.end,
            rule=_line_rule(number, line, layout),
            text=line[:200],
            place=number,
        )
        for number, line in enumerate(lines)
        if line
    ]


def _line_rule(number: int, line: str, layout: _Layout) -> str:
    if layout.body <= number < layout.end:
        return "body"
    if letters_only(line) == letters_only(layout.title):
        return "title"
    if _BYLINE.match(line):
        return "meta"
    return "pager" if _is_pager(line) else "outside_body"

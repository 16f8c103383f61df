"""Citations of what is archived: as text, Markdown, BibTeX and CSL-JSON.

Each holds what a reader needs to find the same again: the store's address, the archive's address,
times in UTC and hashes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from scraper.author_names import split_authors
from scraper.history import humanize
from scraper.printable import printable, single_line
from scraper.timestamps import parse_timestamp_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What is cited of a post. `statement` is a sentence on what the archive saw, `accessed_at` the
    time when it last saw so (UTC), `archive_url` the address of the page here; `key` names the
    entry."""

    key: str
    author: str
    title: str
    store: str
    url: str
    published_at: str
    statement: str
    accessed_at: str
    archive_url: str


def as_text(cited: Citation) -> Markup:
    """One paragraph. Author and title are isolated, as they may run from right to left."""
    isolated = Markup("<bdi>{}</bdi>")
    author = isolated.format(cited.author) + ", " if cited.author else ""
    return Markup("{}“{}”, {}{}{}. {} {}").format(
        author,
        isolated.format(cited.title or UNTITLED),
        cited.store,
        f", {cited.url}" if cited.url else "",
        _published(cited),
        cited.statement,
        cited.archive_url,
    )


def as_markdown(cited: Citation) -> str:
    """One paragraph, whose title links to the store and whose end links to the archive."""
    title = f"“{_markdown(cited.title or UNTITLED)}”"
    linked = f"[{title}](<{plain_address(cited.url)}>)" if cited.url else title
    author = f"{_markdown(cited.author)}, " if cited.author else ""
    return printable(
        f"{author}{linked}, {_markdown(cited.store)}{_published(cited)}. "
        f"{_markdown(cited.statement)} [Evidence](<{plain_address(cited.archive_url)}>)"
    )


def as_bibtex(cited: Citation) -> str:
    """An entry that BibTeX and biber read."""
    published = parse_timestamp_or_none(cited.published_at)
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in split_authors(cited.author)),
        "title": f"{{{_tex(cited.title or UNTITLED)}}}",
        "howpublished": _tex(cited.store),
        "year": str(published.year) if published else "",
        "url": plain_address(cited.url),
        "urldate": cited.accessed_at[:10],
        "note": f"{_tex(cited.statement)} Archived at {_tex(cited.archive_url)}",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{cited.key},", *lines, "}"])


def as_csl_json(cited: Citation) -> str:
    """A list of one item that citation managers read (https://docs.citationstyles.org)."""
    item: dict[str, object] = {
        "id": cited.key,
        "type": "post-weblog",
        "title": printable(cited.title or UNTITLED),
        "container-title": cited.store,
        "URL": cited.url,
        "accessed": _date_parts(cited.accessed_at),
        "archive": "Blogkeep",
        "archive_location": cited.archive_url,
        "note": printable(cited.statement),
    }
    if cited.author:
        item["author"] = [{"literal": printable(name)} for name in split_authors(cited.author)]
    if cited.published_at:
        item["issued"] = _date_parts(cited.published_at)
    return json.dumps([item], ensure_ascii=False, indent=2)


UNTITLED: Final = "(untitled)"

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")
_TEX: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "{}$&#%_"},
}


def _published(cited: Citation) -> str:
    return f", published {humanize.day(cited.published_at)}" if cited.published_at else ""


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", single_line(text))


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in single_line(text))


def plain_address(url: str) -> str:
    """A URL without the characters that would end it in Markdown, BibTeX or a header."""
    return quote(printable(url, ""), safe=":/?#[]@!$&'()*+,;=%~-._")


def _date_parts(value: str) -> dict[str, list[list[int]]]:
    moment = parse_timestamp_or_none(value)
    return {"date-parts": [[moment.year, moment.month, moment.day]] if moment else []}

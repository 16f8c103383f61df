"""Sanitised HTML as Markdown; the library stands behind this one function."""

from __future__ import annotations

import re

import turbohtml

from scraper.extract.page.scripts import spell_scripts

_EMBED = re.compile(r'<a href="([^"]+)" data-embed="[^"]*"[^>]*></a>')
# The library takes them for inline elements.
_BLOCK = re.compile(r"(</?)(?:center|fieldset|hgroup|search)(?=[ >])")
# More than two say nothing, and the library is quadratic in a run of them (9 s for 40,000).
_MOST_BREAKS = 2
_BREAKS = re.compile(r"<br>(?:\s*<br>){2,}")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_to_markdown(html: str) -> str:
    """Render sanitised HTML (as `body.sanitise` leaves it) as GitHub-flavoured Markdown; embeds
    show as links to their address."""
    linked = _EMBED.sub(r'<p><a href="\1">\1</a></p>', html) if "data-embed" in html else html
    linked = _BLOCK.sub(r"\1div", spell_scripts(linked))
    linked = _BREAKS.sub("<br><br>", linked) if linked.count("<br>") > _MOST_BREAKS else linked
    markdown = turbohtml.parse(linked, positions=False).to_markdown()
    markdown = markdown.replace("\u200b", "").replace("\u00a0", " ")
    return (_BLANK_LINES.sub("\n\n", markdown) if "\n\n\n" in markdown else markdown).strip()

"""Render a page with its blocks coloured by the rule that kept or removed them.

Archived pages are hostile, so only their text is copied: each element becomes a `div` or `span`
with a class of ours. No script, style, form, frame, picture, link or attribute of the page is in
the result, and no parser can read it in another way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.removal_rules import RULES
from scraper.extract.dom import children
from scraper.extract.page.blocks import describe_media, list_elements
from scraper.extract.page.parsed_page import parse_page
from scraper.extract.page.rule_sources import describe_method, learned_from
from scraper.extract.page.text import one_line
from scraper.items import Post

SIGNATURE: Final = "<!doctype html><!-- written by blogkeep explain -->"
"""How every such page begins, so that it can be recognized."""

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "button",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "svg",
        "time",
        "title",
        "tt",
        "u",
        "var",
    ]
)
_SHAPED: Final = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "button",
        "caption",
        "code",
        "dd",
        "del",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
_SILENT: Final = frozenset({"script", "style", "template"})
_DROPPED: Final = frozenset({"link", "meta", "base", "source", "track", "param", "area"})
_STAND_INS: Final = frozenset({"img", "iframe", "video", "audio", "object", "embed", "frame"})
_WITH_FALLBACK: Final = frozenset({"video", "audio", "object"})  # and blocks may stand in it
_FIELDS: Final = {
    "input": "field",
    "select": "choice",
    "textarea": "field",
    "progress": "bar",
    "meter": "bar",
}
# Hue and saturation: green for the body, grey for what is outside its element.
_COLOURS: Final = {
    **{
        rule: (180 + 270 * (number * 7 % len(RULES)) // len(RULES), 45)
        for number, rule in enumerate(RULES)
    },
    "body": (135, 45),
    "outside_body": (0, 0),
}
_STYLE: Final = """
*{box-sizing:border-box}
body{margin:0;background:#fff;color:#222;font:15px/1.5 system-ui,sans-serif}
header{background:#f6f6f6;border-bottom:1px solid #ccc;padding:1rem 1.5rem}
header h1{font-size:1.25rem;margin:0 0 .25rem}
header p{margin:.25rem 0}
header table{border-collapse:collapse;margin:.5rem 0;font-size:13px}
header td{padding:.1rem .75rem .1rem 0;vertical-align:top}
header td:first-child{white-space:nowrap}
header td:nth-child(2){text-align:right}
header label{margin-right:1.5rem}
main{padding:1rem 1.5rem;overflow-wrap:anywhere}
.sw,.k,.r{border:1px solid hsl(var(--h) var(--s) 60%);border-left-width:4px;
background:hsl(var(--h) var(--s) 95%)}
.sw{padding:0 .4rem;border-radius:3px}
.k,.r{margin:3px 0;padding:2px 6px}
.k{color:#111}.r{color:#555}
[data-rule]::before{content:attr(data-rule);float:right;margin-left:.75rem;padding:0 .4rem;
border-radius:3px;background:hsl(var(--h) var(--s) 40%);color:#fff;
font:11px/1.5 system-ui,sans-serif}
.z{display:none;font:12px/1.5 monospace}
body:has(#code:checked) .z{display:block}
body:has(#bare:checked) .r:not(:has(.k)){display:none}
body:has(#bare:checked) main :is(.x,.button,.li):not(.k,.k *,:has(.k)){display:none}
.o{display:inline-block}
.x{color:#666;font-size:13px;background:#eee;border-radius:3px;padding:0 .3rem}
.h1{font-size:1.7em}.h2{font-size:1.4em}.h3{font-size:1.2em}
.h1,.h2,.h3,.h4,.h5,.h6,.th,.b,.strong,.dt{font-weight:bold}
.i,.em{font-style:italic}.s,.del{text-decoration:line-through}.u,.ins,.a{text-decoration:underline}
.sub{vertical-align:sub;font-size:.8em}.sup{vertical-align:super;font-size:.8em}
.button{border:1px solid #999;border-radius:3px;padding:0 .3rem}
.ul,.ol,.dd,.blockquote{padding-left:1.8rem}.blockquote{border-left:3px solid #bbb}
.li{display:list-item;list-style:disc}.ol>.li{list-style:decimal}
.p{margin-top:.4em;margin-bottom:.4em}
.pre,.code{font-family:monospace}.pre{white-space:pre-wrap}
.hr{border-top:1px solid #999}
.table{display:table;border-spacing:2px}.tr{display:table-row}
.thead,.tbody,.tfoot{display:table-row-group}
.td,.th{display:table-cell;border:1px solid #ddd;padding:.1rem .5rem;vertical-align:top}
"""


@dataclass(frozen=True, slots=True)
class _BlockMark:
    """How a block's element is written: its classes, its other attributes, and the block's text."""

    classes: str
    attributes: str
    text: str


def annotate_page(html: bytes | str, post: Post, *, charset: str | None = None) -> str:
    """Render the page that `post` was extracted from, with each of its blocks in its colour.

    `post` must have been extracted from the same bytes and `charset`, with `explain`.
    """
    body = parse_page(html, url=post.url, charset=charset).tree.body
    return _document(post, "".join(_write(body, _block_marks(post))) if body is not None else "")


def annotate_dump(text: str, post: Post) -> str:
    """Render a text dump in the same way, line by line."""
    lines = text.splitlines()
    rows = (
        f"<div{_attributes(mark)}>{escape(one_line(lines[place]))}</div>"
        for place, mark in _block_marks(post).items()
    )
    return _document(post, "\n".join(rows))


def _document(post: Post, body: str) -> str:
    title = escape(post.title or "(no title)")
    return (
        f'{SIGNATURE}<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}: explained</title><style>{_STYLE}</style></head><body>\n"
        f"<header><h1><bdi>{title}</bdi></h1>{_facts(post)}{_legend(post)}"
        '<p><a href="#kept">to the body</a></p>'
        '<label><input type="checkbox" id="bare"> only what is kept</label>'
        '<label><input type="checkbox" id="code"> scripts and styles too</label></header>\n'
        f"<main>{body}</main></body></html>\n"
    )


def _facts(post: Post) -> str:
    facts = [post.url, ", ".join(fact for fact in (post.author, post.published_at) if fact)]
    facts.append(
        f"Body: {describe_method(post.method)} ({post.method}), {post.confidence:.0%} sure"
    )
    return "".join(f"<p><bdi>{escape(fact)}</bdi></p>" for fact in facts if fact)


def _legend(post: Post) -> str:
    counts = Counter((block.kept, block.rule) for block in post.blocks)
    in_order = sorted(counts.items(), key=lambda item: (not item[0][0], -item[1], item[0][1]))
    rows = [_legend_row(post, kept, rule, count) for (kept, rule), count in in_order]
    return f"<table>{''.join(rows)}</table>"


def _legend_row(post: Post, kept: bool, rule: str, count: int) -> str:
    label = "kept" if kept else escape(rule)
    reason = f"{RULES.get(rule, '')}; learned from: {learned_from(rule, post)}"
    return (
        f'<tr><td><span class="sw" style="{_colour(rule)}">{label}</span></td><td>{count}</td>'
        f"<td>{escape(reason)}</td></tr>"
    )


def _colour(rule: str) -> str:
    """Return a rule's colour, always the same, as our style sheet's variables."""
    hue, saturation = _COLOURS.get(rule, (0, 45))
    return f"--h:{hue};--s:{saturation}%"


def _block_marks(post: Post) -> dict[int, _BlockMark]:
    """Map each block's place to how it is written; a rule's name shows where the rule changes."""
    marks: dict[int, _BlockMark] = {}
    before, is_first = "", True
    for block in post.blocks:
        label = "kept" if block.kept else block.rule
        classes = f"{'k' if block.kept else 'r'}{' z' if block.rule == 'code' else ''}"
        evidence = learned_from(block.rule, post)
        reason = f"{label}: {RULES.get(block.rule, '')} (learned from: {evidence})\n{block.path}"
        attributes = f' style="{_colour(block.rule)}" title="{escape(reason)}"'
        if block.kept and is_first:
            attributes, is_first = f'{attributes} id="kept"', False
        elif not block.kept and block.rule != before:
            attributes += f' data-rule="{escape(label)}"'
        marks[block.place] = _BlockMark(classes, attributes, block.text)
        before = before if block.rule == "code" else block.rule  # it mostly stays hidden
    return marks


def _attributes(mark: _BlockMark | None, shape: str = "") -> str:
    classes = " ".join(name for name in (mark.classes if mark else "", shape) if name)
    return (f' class="{classes}"' if classes else "") + (mark.attributes if mark else "")


def _write(body: LexborNode, marks: dict[int, _BlockMark]) -> Iterator[str]:
    """Yield the markup of the page, element by element; no recursion, pages may be deep."""
    places = {node.mem_id: place for place, node in enumerate(list_elements(body))}
    waiting: list[LexborNode | str] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif node.is_text_node:
            yield escape(node.text() or "")
        elif node.is_element_node:
            opening, closing, within = _element(node, marks.get(places[node.mem_id]))
            yield opening
            waiting.append(closing)
            waiting.extend(reversed(within))


def _element(node: LexborNode, mark: _BlockMark | None) -> tuple[str, str, list[LexborNode]]:
    """An element as it begins and ends, and the nodes to be written between."""
    tag = str(node.tag)
    if tag in _SILENT:
        if mark is None:
            return "", "", []
        return f"<div{_attributes(mark)}>{escape(f'<{tag}> {mark.text}')}", "</div>", []
    if tag in _DROPPED:
        return "", "", []
    if tag == "br":
        return "<br>", "", []
    if tag in _STAND_INS or tag in _FIELDS:
        shown = describe_media(node) if tag in _STAND_INS else f"[{_FIELDS[tag]}]"
        within = list(children(node)) if tag in _WITH_FALLBACK else []
        return (
            f'<div{_attributes(mark, "o")}><span class="x">{escape(shown)}</span>',
            "</div>",
            within,
        )
    name = "span" if tag in _INLINE and mark is None else "div"
    return (
        f"<{name}{_attributes(mark, tag if tag in _SHAPED else '')}>",
        f"</{name}>",
        list(children(node)),
    )

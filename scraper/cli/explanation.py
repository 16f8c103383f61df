"""The output of `explain`: a page as blocks, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scraper.cli.rendering import visible
from scraper.extract.body.removal_rules import RULES
from scraper.extract.page.rule_sources import describe_method, learned_from
from scraper.history.humanize import plural
from scraper.items import Block, FieldClaim, Post
from scraper.responses.verdicts import ResponseVerdict

FIELDS: Final = ("title", "author", "published_at")
BODY: Final = "body"
"""The rule of blocks that belong to the post; blocks of all other rules are removed."""

ANSWERS: Final[dict[str, str]] = {
    "not_found": "does not exist",
    "gone": "is gone",
    "soft_404": "answers 200 for a page that does not exist",
    "redirected_home": "redirects to the store's front page or a blog's",
    "renamed": "redirects too often",
    "redirected_off": "redirects to another site",
    "password_page": "is behind the store's password",
    "challenge": "asks for proof of being human",
    "rate_limited": "is refused for now",
    "security_rejected": "is refused for now",
    "server_error": "fails on the store's server",
    "network_error": "did not answer",
    "empty": "is empty",
    "truncated": "arrived incomplete",
    "not_html": "is no HTML page",
    "too_large": "is larger than any page",
    "forbidden": "is forbidden",
}
"""By verdict, what the address does instead of showing a page."""

RUN: Final = 2
"""From so many on, consecutive removed blocks of one rule outside the body share a line."""

PATH_WIDTH: Final = 44
TEXT_WIDTH: Final = 64
NARROWEST: Final = 12
"""The most characters of a path and of a block's text, and the fewest on a narrow terminal."""

MARGINS: Final = " +         "
"""What a line holds beside its columns: the mark and the blanks between them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: a block, or `count` blocks of one rule of which it is the first."""

    block: Block
    count: int = 1


def describe_answer(verdict: ResponseVerdict) -> str:
    """What an address did instead of showing a page, with the details of the verdict."""
    answer = ANSWERS.get(verdict.verdict, verdict.verdict)
    details = [part for part in (verdict.target, verdict.detail) if part]
    return f"{answer} ({', '.join([verdict.verdict, *details])})"


def as_values(name: str, note: str, post: Post) -> dict[str, Any]:
    """The explanation as values of JSON, blocks with their reasons."""
    return {
        "source": name,
        "note": note,
        "url": post.url,
        **{field: getattr(post, field) for field in FIELDS},
        "readings": [asdict(reading) for reading in post.readings],
        "template": post.template,
        "method": post.method,
        "found": describe_method(post.method),
        "confidence": post.confidence,
        "blocks": [
            {
                **asdict(block),
                "reason": RULES.get(block.rule, ""),
                "learned_from": learned_from(block.rule, post),
            }
            for block in post.blocks
        ],
    }


def print_explanation(out: Console, name: str, note: str, post: Post, *, every: bool) -> None:
    """Print the fields of a page, how its body was found, and its blocks in page order."""
    post = visible(post)
    out.print(Text.assemble((post.title or "(no title)", "bold")))
    out.print(Text.assemble(name, (f"  ({note})", "dim")))
    out.print(_claims(post))
    how = f"{describe_method(post.method)} ({post.method}), {post.confidence:.0%} sure"
    out.print(Text(f"\nbody: {how}"))
    if post.template:
        out.print("read with what the archive has learned of the store's pages")
    body = sum(block.rule == BODY for block in post.blocks)
    out.print(
        f"{plural(len(post.blocks), 'block')}: {body} body, {len(post.blocks) - body} removed"
    )
    out.print()
    out.print(_list(out, post, every=every))


def _claims(post: Post) -> Table:
    """What each source claims about the main fields: the value in use first, the others dim."""
    table = Table("field", "value", "read from", "as written there", box=None, header_style="dim")
    for field in FIELDS:
        claims = [claim for claim in post.readings if claim.field == field]
        for number, claim in enumerate(claims):
            raw = "" if claim.raw == claim.value else _cut(claim.raw, TEXT_WIDTH)
            cells = map(Text, (_value(claim), claim.source, raw))
            if number == 0:
                table.add_row(field, *cells)
            else:
                table.add_row("", *cells, style="dim")
        if not claims:
            table.add_row(field, Text("(no source)", "dim"))
    return table


def _value(claim: FieldClaim) -> str:
    return _cut(claim.value, TEXT_WIDTH) if claim.value else "(cannot be read)"


def _list(out: Console, post: Post, *, every: bool) -> Table:
    """The blocks as a table no wider than the terminal: paths and texts are cut."""
    lines = list(_lines(post.blocks, every=every))
    rules = [_rule(line) for line in lines]
    evidence = [learned_from(line.block.rule, post) for line in lines]
    fixed = max(map(len, (*rules, "rule"))) + max(map(len, (*evidence, "learned from")))
    free = out.width - len(MARGINS) - fixed
    path_width = min(PATH_WIDTH, max(free * 2 // 5, NARROWEST))
    text_width = min(TEXT_WIDTH, max(free - path_width, NARROWEST))
    table = Table("", "rule", "learned from", box=None, header_style="dim")
    for column in table.columns:
        column.no_wrap = True
    for heading, width in (("path", path_width), ("words", text_width)):
        table.add_column(heading, no_wrap=True, overflow="ellipsis", max_width=width)
    for line, rule, learned in zip(lines, rules, evidence, strict=True):
        block = line.block
        mark, style, text_style = ("+", "green", "") if block.rule == BODY else ("-", "red", "dim")
        table.add_row(
            Text(mark, style),
            Text(rule, style),
            learned,
            Text(_end(block.path, path_width), "dim"),
            Text(_cut(block.text, text_width), text_style),
        )
    return table


def _rule(line: Line) -> str:
    return f"{line.block.rule} × {line.count}" if line.count > 1 else line.block.rule


def _lines(blocks: Sequence[Block], *, every: bool) -> Iterator[Line]:
    """The blocks; unless `every` is true, runs before and after the body are joined."""
    if every:
        yield from map(Line, blocks)
        return
    body = [number for number, block in enumerate(blocks) if block.rule == BODY]
    first, last = (body[0], body[-1]) if body else (len(blocks), len(blocks))
    yield from _joined(blocks[:first])
    yield from map(Line, blocks[first : last + 1])
    yield from _joined(blocks[last + 1 :])


def _joined(blocks: Sequence[Block]) -> Iterator[Line]:
    start = 0
    while start < len(blocks):
        end = start
        while end < len(blocks) and blocks[end].rule == blocks[start].rule:
            end += 1
        if end - start >= RUN:
            yield Line(blocks[start], end - start)
        else:
            yield from map(Line, blocks[start:end])
        start = end


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _end(path: str, width: int) -> str:
    """The last steps of a path: the first ones are the same all over the page."""
    if len(path) <= width:
        return path
    steps, shown = path.split(" > "), ""
    while steps and len(shown) + len(steps[-1]) + 5 <= width:
        shown = f"{steps.pop()} > {shown}" if shown else steps.pop()
    return f"… > {shown}" if shown else f"…{path[-width + 1 :]}"

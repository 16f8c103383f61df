"""How `explain` looks on a terminal, and as plain text and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scraper.cli.rendering import visible
from scraper.extract.body.removal_rules import RULES
from scraper.extract.page.evidence import describe_method, learned_from
from scraper.items import Block, FieldClaim, Post
from scraper.shopify.responses.verdicts import ResponseVerdict

FIELDS: Final = ("title", "author", "published_at")
ANSWERS: Final[dict[str, str]] = {
    "not_found": "is not there",
    "gone": "is gone",
    "soft_404": "answers as if it were there, but nothing is",
    "redirected_home": "leads to the store's front page or a blog's",
    "renamed": "leads on and on",
    "redirected_off": "leads off the store",
    "password_page": "stands behind the store's password",
    "challenge": "asks for proof of being human",
    "rate_limited": "refuses us for now",
    "security_rejected": "refuses us for now",
    "server_error": "cannot be served by the store",
    "network_error": "gave no answer",
    "empty": "is empty",
    "truncated": "came cut short",
    "not_html": "is no page of HTML",
    "too_large": "is larger than any page",
    "forbidden": "is closed to us",
}
RUN: Final = 2
"""So many removed blocks of one rule in a row, outside the body, are told in one line."""

PATH_WIDTH: Final = 44
TEXT_WIDTH: Final = 64
NARROWEST: Final = 12
"""Characters of a path and of a block's words: the most, and the fewest where a terminal is
narrow."""

MARGINS: Final = " +         "
"""What a line of the list takes beside its rule, evidence, path and words: the mark, and blanks
between the columns."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: a block, or a run of `count` blocks of one rule that begins with it."""

    block: Block
    count: int = 1


def describe_answer(judgement: ResponseVerdict) -> str:
    """What came instead of a page, for a person: in words, and with the details of the verdict."""
    words = ANSWERS.get(judgement.verdict, judgement.verdict)
    details = [part for part in (judgement.target, judgement.detail) if part]
    return f"{words} ({', '.join([judgement.verdict, *details])})"


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
    """The head of a page, how its body was found, and its blocks in the order of the page."""
    post = visible(post)
    out.print(Text.assemble((post.title or "(no title)", "bold")))
    out.print(Text.assemble(name, (f"  ({note})", "dim")))
    out.print(_readings(post))
    out.print(
        Text(f"\nbody: {describe_method(post.method)} ({post.method}), {post.confidence:.0%} sure")
    )
    if post.template:
        out.print("read with what the archive has learned of the store's pages")
    kept = sum(block.kept for block in post.blocks)
    out.print(f"{len(post.blocks)} blocks: {kept} kept, {len(post.blocks) - kept} removed\n")
    out.print(_list(out, post, every=every))


def _readings(post: Post) -> Table:
    """Every source's word on the main fields: the one that holds first, the others dim."""
    table = Table("field", "value", "read from", "as written there", box=None, header_style="dim")
    for field in FIELDS:
        readings = [reading for reading in post.readings if reading.field == field]
        for number, reading in enumerate(readings):
            raw = "" if reading.raw == reading.value else _cut(reading.raw, TEXT_WIDTH)
            table.add_row(
                field if number == 0 else "",
                *map(Text, (_value(reading), reading.source, raw)),
                style="dim" if number else "",
            )
        if not readings:
            table.add_row(field, Text("(no source says it)", "dim"))
    return table


def _value(reading: FieldClaim) -> str:
    return _cut(reading.value, TEXT_WIDTH) if reading.value else "(cannot be read)"


def _list(out: Console, post: Post, *, every: bool) -> Table:
    """The blocks as a table that is no wider than the terminal: paths and words give way."""
    lines = list(_lines(post.blocks, every=every))
    rules = [_rule(line) for line in lines]
    evidence = [learned_from(line.block.rule, post) for line in lines]
    left = (
        out.width
        - len(MARGINS)
        - max(map(len, (*rules, "rule")))
        - max(map(len, (*evidence, "learned from")))
    )
    path_width = min(PATH_WIDTH, max(left * 2 // 5, NARROWEST))
    text_width = min(TEXT_WIDTH, max(left - path_width, NARROWEST))
    table = Table(box=None, header_style="dim")
    for name, width in (
        ("", None),
        ("rule", None),
        ("learned from", None),
        ("path", path_width),
        ("words", text_width),
    ):
        table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=width)
    for line, rule, learned in zip(lines, rules, evidence, strict=True):
        block = line.block
        mark, style = ("+", "green") if block.kept else ("-", "red")
        path, words = (
            Text(_end(block.path, path_width), "dim"),
            Text(_cut(block.text, text_width), "" if block.kept else "dim"),
        )
        table.add_row(Text(mark, style), Text(rule, style), learned, path, words)
    return table


def _rule(line: Line) -> str:
    rule = "kept" if line.block.kept else line.block.rule
    return f"{rule} × {line.count}" if line.count > 1 else rule


def _lines(blocks: Sequence[Block], *, every: bool) -> Iterator[Line]:
    """The blocks, runs before and after the body joined unless `every` one is asked for."""
    if every:
        yield from map(Line, blocks)
        return
    kept = [number for number, block in enumerate(blocks) if block.kept]
    first, last = (kept[0], kept[-1]) if kept else (len(blocks), len(blocks))
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

"""The plots as rows of numbers and sentences about them: the tables from which the pictures are
drawn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scraper.archive.queries.plots import ChangeCount, CodeSpan, CrawlMark, PostMonth, WordStep
from scraper.history.humanize import day, month, number, plural

MOST_MONTHS: Final = 240
MOST_CRAWLS: Final = 60
MOST_BARS: Final = 40
MOST_CODES: Final = 500

SEVERITIES: Final = {"trivial": "Trivial", "minor": "Minor", "major": "Major"}
SORTS: Final = {
    "New posts": ("created",),
    "Text": ("edited", "markup", "excerpt"),
    "Title, date, author, tags, address": ("retitled", "redated", "author", "tags", "renamed"),
    "Codes and prices": ("codes", "prices"),
    "Links and images": ("relinked", "image"),
    "Removed or put back": ("removed", "restored"),
}
"""The kinds of change as so many colours as can be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One place on the axis. `key` is a month or the number of a crawl, `name` for people; `values`
    stand in the order of the series."""

    key: str
    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A picture and its numbers. `shape` is ``bars`` (on top of each other) or ``line``; without
    rows there is nothing to draw."""

    id: str
    title: str
    shape: str
    lead: str
    notes: tuple[str, ...]
    axis: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]


def plot_posts(counted: Sequence[PostMonth], until: str) -> Plot:
    """Posts by the month of their publication, up to the month `until` at most."""
    by_month = {count.month: (count.live, count.gone) for count in counted}
    undated = sum(by_month.pop("", (0, 0)))
    months, early, late = _months(by_month, until)
    rows = tuple(
        Row(key=name, name=month(name), values=by_month.get(name, (0, 0))) for name in months
    )
    total = sum(sum(row.values) for row in rows)
    most = max(rows, key=lambda row: sum(row.values), default=None)
    lead = (
        f"{plural(total, 'post')}; the most, {number(sum(most.values))}, in {most.name}."
        if most
        else ""
    )
    notes = [
        f"{plural(undated, 'post')} without a date {'is' if undated == 1 else 'are'} not shown."
        if undated
        else "",
        f"{plural(sum(sum(by_month[name]) for name in early), 'post')} from before {rows[0].name} not shown."
        if early
        else "",
        f"{plural(sum(sum(by_month[name]) for name in late), 'post')} dated after the last crawl not shown."
        if late
        else "",
    ]
    series = ("There now", "Gone since") if any(row.values[1] for row in rows) else ("There now",)
    return Plot(
        id="posts",
        title="Posts per month",
        shape="bars",
        lead=lead,
        notes=tuple(filter(None, notes)),
        axis="Month of publication",
        series=series,
        rows=tuple(
            Row(key=row.key, name=row.name, values=row.values[: len(series)]) for row in rows
        ),
    )


def plot_changes(
    crawls: Sequence[CrawlMark],
    counts: Iterable[ChangeCount],
    *,
    by: str,
    n_crawls: int,
    names: Mapping[int, str],
) -> Plot:
    """Changes by crawl, by severity or, where `by` is ``kind``, by sort; `names` are the crawls'
    for people."""
    sorts = {kind: sort for sort, kinds in SORTS.items() for kind in kinds}
    series = tuple(SORTS if by == "kind" else SEVERITIES.values())
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for count in counts:
        found[count.crawl_id][
            sorts.get(count.kind, "Text") if by == "kind" else SEVERITIES[count.severity]
        ] += count.number
    rows = tuple(
        Row(
            key=str(crawl.id),
            name=names[crawl.id],
            values=tuple(found[crawl.id][name] for name in series),
        )
        for crawl in crawls
    )
    total = sum(sum(row.values) for row in rows)
    cut = f"The last {len(rows)} of {number(n_crawls)} crawls." if n_crawls > len(rows) else ""
    return Plot(
        id="changes",
        title="Changes per crawl",
        shape="bars",
        lead=f"{plural(total, 'change')} in {plural(len(rows), 'crawl')}. What a store’s first crawl found was new to us and is no change."
        if rows
        else "",
        notes=tuple(filter(None, [cut])),
        axis="Crawl",
        series=series,
        rows=rows,
    )


def plot_words(steps: Sequence[WordStep], until: str) -> Plot:
    """Words that stood in the posts at the end of each month, up to the month `until` at most."""
    grown = {step.month: step.words for step in steps}
    months, early, _ = _months(grown, until)
    total = sum(grown[name] for name in early)
    rows = []
    for name in months:
        total += grown.get(name, 0)
        rows.append(Row(key=name, name=month(name), values=(total,)))
    return Plot(
        id="words",
        title="Words over time",
        shape="line",
        lead=f"{plural(total, 'word')} in the posts that stand. Each counts from the month of its publication, as it was first seen."
        if rows
        else "",
        notes=("Posts that were removed before the archive began are unknown to it.",)
        if rows
        else (),
        axis="End of month",
        series=("Words",),
        rows=tuple(rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePlot:
    """Discount codes as bars from first to last seen; the first `bars` of the spans are drawn."""

    lead: str
    notes: tuple[str, ...]
    until: str
    bars: int
    spans: tuple[CodeSpan, ...]


def plot_codes(spans: Sequence[CodeSpan], *, n_codes: int, until: str) -> CodePlot:
    """Codes in the order in which the archive tells them: those that came or went last first."""
    standing = sum(span.standing > 0 for span in spans)
    known = max(n_codes, len(spans))
    notes = [
        f"Drawn are {MOST_BARS} of {number(known)} codes: those that came or went last."
        if known > MOST_BARS
        else "",
        f"The table holds the first {number(len(spans))} of {number(known)}."
        if known > len(spans)
        else "",
    ]
    return CodePlot(
        lead=f"{plural(known, 'code')} seen, {number(standing)} of them in a post that is there now, up to {day(until)}."
        if spans
        else "",
        notes=tuple(filter(None, notes)),
        until=until,
        bars=min(MOST_BARS, len(spans)),
        spans=tuple(spans),
    )


def worth(span: CodeSpan) -> str:
    """What a code gives, in words."""
    told = {
        "percent": f"{span.value:g} % off",
        "amount": f"{span.value:g} {span.currency} off".replace("  ", " "),
    }
    return told.get(
        span.kind, "free shipping" if span.kind == "free_shipping" else "worth not said"
    )


def _months(found: Iterable[str], until: str) -> tuple[list[str], list[str], list[str]]:
    """Every month from the first found to `until`, the last `MOST_MONTHS` of them; those found that
    are earlier; those that are later."""
    end = _count(until) if until else 0
    known = sorted(found)
    late = [name for name in known if _count(name) > end]
    shown = [name for name in known if end - MOST_MONTHS < _count(name) <= end]
    early = [name for name in known if _count(name) <= end - MOST_MONTHS]
    months = (
        [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(_count(shown[0]), end + 1)]
        if shown
        else []
    )
    return months, early, late


def _count(name: str) -> int:
    """A month such as ``2026-03`` as a number of months."""
    return int(name[:4]) * 12 + int(name[5:7]) - 1

"""The plots as tables of numbers with a sentence about each; browsers draw from the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scraper.archive.queries.plots import (
    ChangeCount,
    CodePeriod,
    CrawlTime,
    MonthlyPosts,
    MonthlyWords,
)
from scraper.history.humanize import day, month, number, plural

MAX_MONTHS: Final = 240
MAX_CRAWLS: Final = 60
MAX_BARS: Final = 40
MAX_CODES: Final = 500

SEVERITIES: Final = {"trivial": "Trivial", "minor": "Minor", "major": "Major"}
KIND_GROUPS: Final = {
    "Created": ("created",),
    "Text": ("edited", "markup", "excerpt"),
    "Title, date, author, tags, address": ("retitled", "redated", "author", "tags", "renamed"),
    "Codes and prices": ("codes", "prices"),
    "Links and images": ("relinked", "image"),
    "Removed or restored": ("removed", "restored"),
}
"""The kinds of change in as many groups as there are distinguishable colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One position on the axis. `key` is a month or the id of a crawl, `name` its label; `values`
    are in the order of the series."""

    key: str
    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot and its numbers. `shape` is ``bars`` (stacked) or ``line``. Without rows there is
    nothing to draw."""

    id: str
    title: str
    shape: str
    lead: str
    notes: tuple[str, ...]
    axis: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePlot:
    """Discount codes as bars from first to last seen; the first `bars` of the periods are drawn."""

    lead: str
    notes: tuple[str, ...]
    until: str
    bars: int
    periods: tuple[CodePeriod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Months:
    """`shown` are consecutive months; `early` and `late` those with values that are not shown."""

    shown: list[str]
    early: list[str]
    late: list[str]


def plot_posts(counts: Sequence[MonthlyPosts], until: str) -> Plot:
    """Plot posts by month of publication, up to the time `until` (UTC)."""
    by_month = {count.month: (count.live, count.gone) for count in counts}
    undated = sum(by_month.pop("", (0, 0)))
    months = _months(by_month, until)
    values = [by_month.get(name, (0, 0)) for name in months.shown]
    series: tuple[str, ...] = ("Live", "Missing or removed")
    if not any(gone for _, gone in values):
        series = ("Live",)
    return Plot(
        id="posts",
        title="Posts per month",
        shape="bars",
        lead=_posts_lead(months.shown, values),
        notes=tuple(_posts_notes(by_month, months, undated)),
        axis="Month of publication",
        series=series,
        rows=tuple(
            Row(key=name, name=month(name), values=value[: len(series)])
            for name, value in zip(months.shown, values, strict=True)
        ),
    )


def _posts_lead(months: Sequence[str], values: Sequence[tuple[int, int]]) -> str:
    if not months:
        return ""
    totals = [sum(value) for value in values]
    most = max(totals)
    busiest = month(months[totals.index(most)])
    return f"{plural(sum(totals), 'post')}; the most in one month are {number(most)}, in {busiest}."


def _posts_notes(
    by_month: Mapping[str, tuple[int, int]], months: _Months, undated: int
) -> Iterable[str]:
    early, late = (
        sum(sum(by_month[name]) for name in names) for names in (months.early, months.late)
    )
    if undated:
        yield f"Not shown: {plural(undated, 'post')} without a date."
    if early:
        yield f"Not shown: {plural(early, 'post')} from before {month(months.shown[0])}."
    if late:
        yield f"Not shown: {plural(late, 'post')} dated after the last crawl."


def plot_changes(
    crawls: Sequence[CrawlTime],
    counts: Iterable[ChangeCount],
    *,
    by: str,
    n_crawls: int,
    names: Mapping[int, str],
) -> Plot:
    """Plot changes by crawl, stacked by severity or, if `by` is ``kind``, by group of kinds.

    `names` maps the ids of crawls to their labels.
    """
    series = tuple(KIND_GROUPS if by == "kind" else SEVERITIES.values())
    totals = _totals_by_crawl(counts, by)
    rows = tuple(
        Row(
            key=str(crawl.id),
            name=names[crawl.id],
            values=tuple(totals[crawl.id][name] for name in series),
        )
        for crawl in crawls
    )
    notes: tuple[str, ...] = ()
    if n_crawls > len(rows):
        notes = (f"Shown: the last {len(rows)} of {number(n_crawls)} crawls.",)
    return Plot(
        id="changes",
        title="Changes per crawl",
        shape="bars",
        lead=_changes_lead(rows),
        notes=notes,
        axis="Crawl",
        series=series,
        rows=rows,
    )


def _totals_by_crawl(counts: Iterable[ChangeCount], by: str) -> Mapping[int, Counter[str]]:
    group_of = {kind: group for group, kinds in KIND_GROUPS.items() for kind in kinds}
    totals: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for count in counts:
        name = SEVERITIES[count.severity]
        if by == "kind":
            name = group_of.get(count.kind, "Text")
        totals[count.crawl_id][name] += count.n_changes
    return totals


def _changes_lead(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    total = sum(sum(row.values) for row in rows)
    return (
        f"{plural(total, 'change')} in {plural(len(rows), 'crawl')}. "
        "The posts of a store’s first crawl do not count as changes."
    )


def plot_words(monthly: Sequence[MonthlyWords], until: str) -> Plot:
    """Plot the words in live posts at the end of each month, up to the time `until` (UTC)."""
    growth = {entry.month: entry.words for entry in monthly}
    months = _months(growth, until)
    total = sum(growth[name] for name in months.early)
    rows = []
    for name in months.shown:
        total += growth.get(name, 0)
        rows.append(Row(key=name, name=month(name), values=(total,)))
    lead = ""
    notes: tuple[str, ...] = ()
    if rows:
        lead = (
            f"{plural(total, 'word')} in live posts. A post counts from its month of publication, "
            "with the words that its first crawl found."
        )
        notes = ("Posts removed before the first crawl are not counted.",)
    return Plot(
        id="words",
        title="Words over time",
        shape="line",
        lead=lead,
        notes=notes,
        axis="End of month",
        series=("Words",),
        rows=tuple(rows),
    )


def plot_codes(periods: Sequence[CodePeriod], *, n_codes: int, until: str) -> CodePlot:
    """Plot codes in the order of the query: the most recently added or removed first."""
    live = sum(period.n_live_posts > 0 for period in periods)
    total = max(n_codes, len(periods))
    lead, notes = "", []
    if periods:
        lead = f"{plural(total, 'code')}, {number(live)} of them in a live post on {day(until)}."
    if total > MAX_BARS:
        notes.append(
            f"The plot shows {MAX_BARS} of {number(total)} codes, the last added or removed."
        )
    if total > len(periods):
        notes.append(f"The table shows the first {number(len(periods))} of {number(total)}.")
    return CodePlot(
        lead=lead,
        notes=tuple(notes),
        until=until,
        bars=min(MAX_BARS, len(periods)),
        periods=tuple(periods),
    )


def _months(found: Iterable[str], until: str) -> _Months:
    """Every month from the first found up to `until`, at most the last `MAX_MONTHS`."""
    end = _month_number(until) if until else 0
    known = sorted(found)
    late = [name for name in known if _month_number(name) > end]
    early = [name for name in known if _month_number(name) <= end - MAX_MONTHS]
    numbers = [_month_number(name) for name in known]
    first = min((at for at in numbers if end - MAX_MONTHS < at <= end), default=end + 1)
    shown = [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(first, end + 1)]
    return _Months(shown=shown, early=early, late=late)


def _month_number(name: str) -> int:
    """A month such as ``2026-03`` as a number of months."""
    return int(name[:4]) * 12 + int(name[5:7]) - 1

"""What a person reads: one table of costs, one of where they arise, and the ratios that the project
aims at."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.bench.reading import PageCost
from tests.bench.real import AIM_MS, OURS, THEIRS, RealPages
from tests.bench.recrawl import CAPTURE_PAGE_BYTES, CaptureBytes, ControlCost, StoreCosts
from tests.bench.rounds import AGAIN, DEFAULT, TUNED, WHOLE, Measurement
from tests.bench.scheduling import ScheduleCost

AIMS = ((WHOLE, DEFAULT, 1.5), (WHOLE, TUNED, 2.3), (AGAIN, DEFAULT, None))
"""Which client is held against which, and what the ratio should be at most."""


def print_report(out: Console, found: Measurement) -> None:
    """Print the measurement."""
    out.print(_costs(found))
    for line in ratio_lines(found):
        out.print(line)
    out.print(
        f"archive: {found.bytes_a_post:,.0f} bytes a post, {found.bytes_a_recrawl:,.0f} more by a "
        "crawl that finds nothing changed"
    )
    out.print()
    out.print(_layers(found))


def ratio_lines(found: Measurement) -> list[str]:
    """CPU a page of one client by that of another, of medians, and the aim where there is one."""
    cpu = {name: median(series.cpu_ms()) for name, series in found.series.items()}
    lines = []
    for ours, theirs, aim in AIMS:
        # Over a few pages the start-up's own scatter is more than what they cost.
        ratio = f"{cpu[ours] / cpu[theirs]:.2f}" if cpu[theirs] > 0 else "too few pages to tell"
        told = f"ratio of CPU a page, {ours} / {theirs}: {ratio}"
        lines.append(told + (f" (aim: at most {aim})" if aim else ""))
    return lines


def real_lines(found: RealPages) -> list[str]:
    """Extraction alone on saved pages of real stores, and by what it is compared with; says plainly
    what is not there."""
    medians = found.medians()
    if OURS not in medians:
        return [
            (
                "extraction on real pages: not measured, there is no ../shared/pages beside the "
                "checkout"
            )
        ]
    lines = [
        (
            f"extraction on {len(found.cpu_ms[OURS])} real pages: median {medians[OURS]:.2f} ms "
            f"of CPU a page (aim: at most {AIM_MS:.0f})"
        )
    ]
    if THEIRS not in medians:
        return [*lines, "beside trafilatura: not measured, it is not installed"]
    theirs = medians[THEIRS]
    return [*lines, f"beside trafilatura: {theirs:.2f} ms, ratio {medians[OURS] / theirs:.2f}"]


def reading_table(posts: int, pages: Sequence[PageCost]) -> Table:
    """A row a page of the web interface, against Datasette's own table page, the first of them."""
    table = Table(
        title=f"the web interface over {posts:,} posts in {3 * posts:,} revisions",
        caption="Aim: p50 under 100 ms and under twice the first row.",
    )
    table.add_column("page", no_wrap=True)
    for heading in ("p50 ms", "of Datasette's", "first ms", "KB"):
        table.add_column(heading, justify="right")
    for page in pages:
        table.add_row(
            page.name,
            f"{page.p50_ms:.1f}",
            f"{page.p50_ms / pages[0].p50_ms:.2f}",
            f"{page.first_ms:.0f}",
            f"{page.size / 1000:.1f}",
        )
    return table


def schedule_table(rounds: Sequence[ScheduleCost]) -> Table:
    """A row a round of the schedule: how quick it was, and what of its CPU was the runner's."""
    table = Table(
        title=f"`schedule --once` of {rounds[0].stores:,} stores of 20 posts",
        caption="Aim, where nothing changed: 5 crawls a second; the runner's share under 3 %.",
    )
    table.add_column("round", no_wrap=True)
    for heading in ("crawls/s", "CPU ms/crawl", "runner's share"):
        table.add_column(heading, justify="right")
    for found in rounds:
        table.add_row(
            found.name,
            f"{found.stores / found.wall_s:.1f}",
            f"{1000 * found.cpu_s / found.stores:.0f}",
            f"{100 * found.runner_cpu_s / found.cpu_s:.1f} %",
        )
    return table


def recrawl_table(found: StoreCosts) -> Table:
    """A row a crawl: what it asked for, took and left."""
    table = Table(
        title=(
            f"recrawl of {found.posts:,} posts, pages of {found.page_bytes / 1000:.0f} KB, "
            "start-up taken off"
        ),
        caption=(
            "Requests by the server's log. Bytes a post of the store: how much the two files "
            "grew, divided by all its posts."
        ),
    )
    table.add_column("crawl", no_wrap=True)
    for heading in (
        "requests",
        "wall s",
        "CPU s",
        "peak MB",
        "archive B/post",
        "captures B/post",
        "start-up s",
    ):
        table.add_column(heading, justify="right")
    for crawl in found.crawls:
        table.add_row(
            crawl.name,
            f"{crawl.requests:,}",
            f"{crawl.wall_s:.1f}",
            f"{crawl.cpu_s:.1f}",
            f"{crawl.used.peak_mb:.0f}",
            f"{crawl.archive_bytes:,.0f}",
            f"{crawl.captures_bytes:,.0f}",
            f"{crawl.start_up.wall_s:.1f}",
        )
    return table


def controls_line(cost: ControlCost) -> str:
    """What control fetches cost where nobody edits anything."""
    return (
        f"control fetches on a store whose pages vary: {cost.controls} of {cost.requests} requests "
        f"of {cost.recrawls} quiet recrawls, {cost.share:.1%} (aim: 2 %)"
    )


def captures_table(posts: int, found: list[CaptureBytes]) -> Table:
    """A row a kind of capture: its own bytes, and what the file grew by."""
    table = Table(
        title=f"bytes of a capture, {posts:,} pages of {CAPTURE_PAGE_BYTES / 1000:.0f} KB",
        caption=(
            "packed: the answer itself; file: how much captures.db grew, all that was answered, "
            "divided by the posts."
        ),
    )
    table.add_column("capture", no_wrap=True)
    for heading in ("packed", "file"):
        table.add_column(heading, justify="right")
    for kind in found:
        table.add_row(kind.name, f"{kind.packed:,.0f}", f"{kind.file:,.0f}")
    return table


def _costs(found: Measurement) -> Table:
    table = Table(
        title=(
            f"{found.posts} pages of {found.page_bytes / 1000:.0f} KB, median of {found.rounds} "
            "rounds, start-up taken off"
        ),
        caption=(
            f"All clients fetch the same pages: the posts, and {found.listing_pages} of "
            "robots.txt, sitemaps, feeds and blog indexes."
        ),
    )
    table.add_column("client", no_wrap=True)
    for heading in ("CPU ms/page", "lowest-highest", "pages/s", "peak MB", "start-up s"):
        table.add_column(heading, justify="right")
    for name, series in found.series.items():
        cpu = series.cpu_ms()
        table.add_row(
            name,
            f"{median(cpu):.2f}",
            f"{min(cpu):.2f}-{max(cpu):.2f}",
            f"{series.pages_a_second():.0f}",
            f"{series.peak_mb():.0f}",
            f"{median(run.cpu_s for run in series.small):.2f}",
        )
    return table


def _layers(found: Measurement) -> Table:
    table = Table(
        title="where the whole path's CPU goes, ms a page",
        caption="fetch: all that Scrapy and our middlewares do",
    )
    table.add_column("layer")
    for name in found.layers:
        table.add_column(name, justify="right")
    for layer in found.layers[WHOLE]:
        table.add_row(layer, *(f"{costs.get(layer, 0.0):.2f}" for costs in found.layers.values()))
    table.add_section()
    table.add_row("all", *(f"{sum(costs.values()):.2f}" for costs in found.layers.values()))
    return table

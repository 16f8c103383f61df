"""Runs the bench and prints what it measured; times on a busy machine vary, so no figure decides
the exit code."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from tests.bench.children import Client, ClientFailed, demo_server, run_client
from tests.bench.graph import SIZES, graph_table, measure_graphs
from tests.bench.reading import ROUNDS, measure_reading
from tests.bench.real import measure_real_pages
from tests.bench.recrawl import (
    MOST_POSTS,
    measure_captures,
    measure_controls,
    measure_recrawls,
)
from tests.bench.report import (
    captures_table,
    controls_line,
    print_report,
    reading_table,
    real_lines,
    recrawl_table,
    schedule_table,
)
from tests.bench.rounds import Bench
from tests.bench.scheduling import measure_schedule
from tests.warm import Warm


def main(
    arguments: Sequence[str] | None = None,
    *,
    client: Client = run_client,
    warm: Warm | None = None,
) -> int:
    """Exit with 0 once all is measured, 1 if a client failed, 2 on wrong usage. Whoever has a
    process to fork gives it."""
    options = _parser().parse_args(arguments)
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=140)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            _compile_once(Path(folder))
            with (
                demo_server(1, options.page_bytes) as one,
                demo_server(options.posts, options.page_bytes) as many,
            ):
                out.print(f"measuring, about {options.seconds:.0f} s …")
                bench = Bench(Path(folder), one_url=one, many_url=many, client=client)
                found = bench.run(rounds=options.rounds, seconds=options.seconds)
            print_report(out, found)
            out.print()
            _recrawls(out, Path(folder), options, client, warm)
            if options.graph_posts:
                out.print("measuring the graph, half an hour for 100,000 posts …")
                out.print(
                    graph_table(list(measure_graphs(Path(folder) / "graph", options.graph_posts)))
                )
    except ClientFailed as failure:
        sys.stderr.write(f"bench: {failure}\n")
        return 1
    for line in real_lines(measure_real_pages()):
        out.print(line)
    return 0


def _recrawls(
    out: Console, folder: Path, options: argparse.Namespace, client: Client, warm: Warm | None
) -> None:
    if options.recrawl_posts:
        out.print("measuring recrawls, some minutes for 20,000 posts …")
    for costs in measure_recrawls(
        folder / "recrawl", options.recrawl_posts, options.recrawl_page_bytes, client=client
    ):
        out.print(recrawl_table(costs))
        out.print()
    if options.capture_posts:
        found = measure_captures(folder / "captures", options.capture_posts, client=client)
        out.print(captures_table(options.capture_posts, found))
        out.print()
    if options.noisy_recrawls:
        cost = measure_controls(folder / "noisy", options.noisy_recrawls, client=client)
        out.print(controls_line(cost))
        out.print()
    if options.schedule_stores:
        out.print("measuring the schedule …")
        out.print(schedule_table(measure_schedule(folder / "schedule", options.schedule_stores)))
        out.print()
    if options.reading_posts:
        out.print("measuring the web interface, some minutes for 20,000 posts …")
        pages = measure_reading(
            folder / "reading", options.reading_posts, rounds=options.reading_rounds, warm=warm
        )
        out.print(reading_table(options.reading_posts, pages))
        out.print()


def _compile_once(folder: Path) -> None:
    """Where Python may not write its bytecode beside the source, every client would compile all it
    imports: let it write to `folder`."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--posts", type=_at_least(2), default=600, help="posts of the store (default: 600)"
    )
    parser.add_argument(
        "--page-bytes", type=_at_least(1), default=100_000, help="size of a page (default: 100000)"
    )
    parser.add_argument("--rounds", type=_at_least(1), default=5, help="most rounds (default: 5)")
    parser.add_argument(
        "--recrawl-posts",
        type=_at_least(2, MOST_POSTS),
        nargs="*",
        default=[2_000, 20_000],
        help="stores to recrawl (default: 2000 20000)",
    )
    parser.add_argument(
        "--recrawl-page-bytes",
        type=_at_least(1),
        default=20_000,
        help="size of their pages (default: 20000)",
    )
    parser.add_argument(
        "--graph-posts",
        type=_at_least(2),
        nargs="*",
        default=list(SIZES),
        help="posts of graphs (default: 1000 10000 100000)",
    )
    parser.add_argument(
        "--capture-posts",
        type=_at_least(0),
        default=300,
        help="pages whose captures are weighed (default: 300; 0: none)",
    )
    parser.add_argument(
        "--noisy-recrawls",
        type=_at_least(0),
        default=20,
        help="quiet recrawls of a store whose pages vary (default: 20; 0: none)",
    )
    parser.add_argument(
        "--schedule-stores",
        type=_at_least(0),
        default=200,
        help="stores of a schedule, 0 for none (default: 200)",
    )
    parser.add_argument(
        "--reading-posts",
        type=_at_least(0),
        default=20_000,
        help="posts of the archive that is read, 0 for none (default: 20000)",
    )
    parser.add_argument(
        "--reading-rounds",
        type=_at_least(1),
        default=ROUNDS,
        help=f"requests of each of its pages (default: {ROUNDS})",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=120.0,
        help="no further round that would end later (default: 120)",
    )
    return parser


def _at_least(least: int, most: int | None = None) -> Callable[[str], int]:
    def number(word: str) -> int:
        if int(word) < least:
            raise argparse.ArgumentTypeError(f"{word}: give at least {least}")
        if most is not None and int(word) > most:
            raise argparse.ArgumentTypeError(f"{word}: give at most {most}")
        return int(word)

    return number


if __name__ == "__main__":
    sys.exit(main())

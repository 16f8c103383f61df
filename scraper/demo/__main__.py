"""`python -m scraper.demo`: serve the demo store, or a bulk store, until interrupted. The first
line printed is its address."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from scraper.demo import THEMES, BulkStore, DemoServer, DemoStore
from scraper.demo.poses import POSES
from scraper.demo.store import MIXED


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; returns the exit code."""
    options = _parser().parse_args(arguments)
    store: DemoStore = DemoStore(theme=options.theme or MIXED, platform=options.platform)
    if options.bulk:
        theme = options.theme or "dawn"
        store = BulkStore(options.bulk, page_bytes=options.page_bytes, theme=theme)
    with (
        suppress(KeyboardInterrupt),
        DemoServer(store, day=options.day, port=options.port) as server,
    ):
        count = len(server.store.posts(options.day))
        sys.stdout.write(f"{server.url}\n{count} posts, day {options.day}; Ctrl+C ends it\n")
        sys.stdout.flush()
        threading.Event().wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scraper.demo",
        description="Serve the demo store on loopback until interrupted.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port to listen on (default: a free one)"
    )
    parser.add_argument(
        "--day", type=_positive, default=1, help="day of the store, counted from 1 (default: 1)"
    )
    parser.add_argument(
        "--theme",
        choices=[MIXED, *THEMES],
        help="one theme for every page (default: mixed; dawn with --bulk)",
    )
    parser.add_argument(
        "--platform",
        choices=["shopify", *POSES],
        default="shopify",
        help="the system that the store poses as (default: shopify)",
    )
    parser.add_argument(
        "--bulk", type=_positive, metavar="N", help="serve a synthetic store of N posts instead"
    )
    parser.add_argument(
        "--page-bytes",
        type=_positive,
        default=100_000,
        help="size of a page of a bulk store (default: 100000)",
    )
    return parser


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is not a positive number")
    return number


if __name__ == "__main__":
    sys.exit(main())

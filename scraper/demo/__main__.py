"""`python -m scraper.demo`: serve the demo store until interrupted. The first line printed is its
address."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from scraper.demo import THEMES, DemoServer, DemoStore
from scraper.demo.poses import POSES
from scraper.demo.store import MIXED


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; returns the exit code."""
    options = _parser().parse_args(arguments)
    store = DemoStore(theme=options.theme, platform=options.platform)
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
        default=MIXED,
        help="one theme for every page (default: mixed)",
    )
    parser.add_argument(
        "--platform",
        choices=["shopify", *POSES],
        default="shopify",
        help="the system that the store poses as (default: shopify)",
    )
    return parser


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is not a positive number")
    return number


if __name__ == "__main__":
    sys.exit(main())

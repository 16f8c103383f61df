"""Runs the bench and prints what it measured; times on a busy machine vary, so no figure decides the exit code."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from tests.bench.children import ClientFailed, demo_server
from tests.bench.real import measure_real_pages
from tests.bench.report import print_report, real_lines
from tests.bench.rounds import Bench


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 once all is measured, 1 if a client failed, 2 on wrong usage."""
    options = _parser().parse_args(arguments)
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=140)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            _compile_once(Path(folder))
            with demo_server(1, options.page_bytes) as one, demo_server(options.posts, options.page_bytes) as many:
                out.print(f"measuring, about {options.seconds:.0f} s …")
                found = Bench(Path(folder), one_url=one, many_url=many).run(rounds=options.rounds, seconds=options.seconds)
    except ClientFailed as failure:
        sys.stderr.write(f"bench: {failure}\n")
        return 1
    print_report(out, found)
    out.print()
    for line in real_lines(measure_real_pages()):
        out.print(line)
    return 0


def _compile_once(folder: Path) -> None:
    """Where Python may not write its bytecode beside the source, every client would compile all it imports: let it write to `folder`."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--posts", type=_at_least(2), default=600, help="posts of the store (default: 600)")
    parser.add_argument("--page-bytes", type=_at_least(1), default=100_000, help="size of a page (default: 100000)")
    parser.add_argument("--rounds", type=_at_least(1), default=5, help="most rounds (default: 5)")
    parser.add_argument("--seconds", type=float, default=120.0, help="no further round that would end later (default: 120)")
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def number(word: str) -> int:
        if int(word) < least:
            raise argparse.ArgumentTypeError(f"{word}: give at least {least}")
        return int(word)

    return number


if __name__ == "__main__":
    sys.exit(main())

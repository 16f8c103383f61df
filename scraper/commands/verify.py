"""`blogkeep verify`: check the archive and its captures, and print what is damaged."""

from __future__ import annotations

import argparse

from rich.table import Table

from scraper.archive.captures.check import check_captures
from scraper.archive.verify import CheckResult, open_to_verify, verify
from scraper.archive.verify.file_bytes import check_bytes
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import visible
from scraper.cli.resources import VERIFY_DESCRIPTORS, require_descriptors
from scraper.history.humanize import plural

UNSOUND = 1


class Command(ArchiveCommand):
    example = "blogkeep verify --db data/archive.db"

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run every check; exit with 1 if one finds a problem."""
        # With fewer, a sound file that cannot be opened would count as a problem.
        require_descriptors(VERIFY_DESCRIPTORS)
        path, captures = self.archive_path(opts), self.captures_path(opts)
        more = [
            ("bytes of the files", check_bytes(path, captures)),
            ("captures are stored", check_captures(captures)),
        ]
        results = list(verify(open_to_verify(path), more))
        found = sum(result.found for result in results)
        if opts.json:
            print_json({"archive": str(path), "sound": not found, "checks": results})
        else:
            state = plural(found, "problem") if found else "sound"
            _print(results, f"{path}: {state}")
        self.exitcode = UNSOUND if found else 0


def _print(results: list[CheckResult], title: str) -> None:
    out = console()
    for result in map(visible, results):
        for problem in result.problems:
            out.print(f"{problem.check}: {problem.row}: {problem.what}", markup=False)
        if result.found > len(result.problems):
            out.print(f"{result.name}: and {result.found - len(result.problems)} more")
        if result.skipped:
            why = "; ".join(result.why_skipped)
            out.print(f"{result.name}: {result.skipped:,} not checked: {why}", markup=False)
    table = Table(title=title, title_justify="left", box=None)
    for column in ("check", "rows", "wrong", "seconds"):
        table.add_column(column, justify="left" if column == "check" else "right")
    for result in results:
        table.add_row(result.name, *_figures([result]))
    table.add_row("all", *_figures(results), style="bold")
    out.print(table)


def _figures(results: list[CheckResult]) -> tuple[str, str, str]:
    rows = sum(result.rows_checked for result in results)
    found = sum(result.found for result in results)
    seconds = sum(result.seconds for result in results)
    return f"{rows:,}", f"{found:,}", f"{seconds:.2f}"

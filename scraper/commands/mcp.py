"""`blogkeep mcp`: the archive's answers for an assistant, over standard input and output."""

from __future__ import annotations

import argparse
import signal

from scraper.cli.base import ArchiveCommand
from scraper.cli.resources import libraries_of


class Command(ArchiveCommand):
    example = "blogkeep mcp --db data/archive.db"
    with_json = False

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Answer until the assistant closes standard input."""
        path = self.archive_path(opts)
        self.open_archive(opts).close()
        with libraries_of("mcp"):
            from scraper.assistant.server import make_server  # noqa: PLC0415 - it takes a second
        # It only reads; waiting for a line of standard input cannot be interrupted otherwise.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        make_server(path).run()

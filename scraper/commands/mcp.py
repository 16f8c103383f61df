"""`blogkeep mcp`: the archive's answers for an assistant, over standard input and output."""

from __future__ import annotations

import argparse

from scraper.cli.base import ArchiveCommand
from scraper.exceptions import MissingLibrary


class Command(ArchiveCommand):
    """Serve the Model Context Protocol."""

    example = "blogkeep mcp --db data/archive.db"
    with_json = False

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Answer until the assistant closes standard input."""
        path = self.archive_path(opts)
        self.open_archive(opts).close()
        try:
            # The library is an extra, and takes a second to import.
            from scraper.assistant.server import make_server  # noqa: PLC0415
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "mcp":
                raise
            raise MissingLibrary(
                "the library mcp is not installed: run pip install 'blogkeep[mcp]'"
            ) from error
        make_server(path).run()

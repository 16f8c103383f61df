"""`scrapy serve`: the archive in Datasette, on this machine alone."""

from __future__ import annotations

import argparse
import json
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from scraper.commands.shared import ArchiveCommand, console
from scraper.exceptions import BlogkeepError, UsageProblem

if TYPE_CHECKING:
    from datasette.app import Datasette

METADATA = Path(__file__).parent.parent / "reading" / "metadata.json"
HOST = "127.0.0.1"
SETTINGS = {
    "suggest_facets": False,  # it is most of what a table page would cost
    "default_page_size": 50,
    "sql_time_limit_ms": 3000,
    "allow_download": False,
}


class Command(ArchiveCommand, ScrapyCommand):
    """Start Datasette."""

    example = "scrapy serve --port 8001"
    with_json = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return f"Open the archive in Datasette on {HOST}"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8001, help="port to listen on (default: 8001; 0: a free one)")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageProblem(f"serve takes options only, not {args[0]!r}")
        import uvicorn  # noqa: PLC0415 - see make_datasette

        self.open_archive(opts).close()
        port = _free_port(opts.port)
        datasette = make_datasette(self.archive_path(opts))
        console().print(f"http://{HOST}:{port}/  (Ctrl+C ends it)")
        sys.stdout.flush()
        uvicorn.run(datasette.app(), host=HOST, port=port, log_level="warning", lifespan="on")


def make_datasette(archive: Path) -> Datasette:
    """Datasette over an archive, which it opens for reading alone. Its descriptions and questions go by the name of the file."""
    # Scrapy imports every command to run one: at the top this would cost each of them most of a second.
    from datasette.app import Datasette  # noqa: PLC0415

    metadata = json.loads(METADATA.read_text(encoding="utf-8"))
    metadata["databases"] = {archive.stem: metadata["databases"]["archive"]}
    return Datasette([str(archive)], metadata=metadata, settings=SETTINGS)


def _free_port(port: int) -> int:
    """The port if it can be had; a free one for 0. Raises BlogkeepError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise BlogkeepError(f"port {port} cannot be had: {error}; give another with --port") from error
        return int(probe.getsockname()[1])

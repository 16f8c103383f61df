"""What the commands share: their common options, and how they fail. Nothing here is a command
itself."""

from __future__ import annotations

import argparse
import json
import sys
from abc import abstractmethod
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Console
from sqlite_utils import Database

from scraper.archive.captures.schema import captures_path
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.similarity.update import update_similarity
from scraper.exceptions import BlogkeepError, UsageProblem
from scraper.graph import similarity
from scraper.timestamps import parse_day, utc_now

if TYPE_CHECKING:
    from scrapy.commands import ScrapyCommand as _Base
else:
    _Base = object


class ArchiveCommand(_Base):
    """Mixed into a ScrapyCommand: `--db`, an example in `--help`, and every error of ours as one
    line with its exit code.

    It is no ScrapyCommand itself, for Scrapy would list it as one.
    """

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}
    example: ClassVar[str] = ""
    with_json: ClassVar[bool] = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        assert self.settings is not None
        parser.epilog = f"example: {self.example}"
        parser.add_argument(
            "--db",
            metavar="FILE",
            help=f"the archive (default: setting ARCHIVE_DB, {self.settings['ARCHIVE_DB']})",
        )
        if self.with_json:
            parser.add_argument("--json", action="store_true", help="print JSON, for machines")
        self.add_own_options(parser)

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what only this command takes."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            self.execute(args, opts)
        except BlogkeepError as error:
            for line in error.lines:
                print_error(line)
            self.exitcode = error.exit_code
        except BrokenPipeError:
            # Whoever reads our output has read enough (`scrapy changes | head`).
            sys.stderr.close()

    @abstractmethod
    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the command's work; errors of ours may rise."""

    def archive_path(self, opts: argparse.Namespace) -> Path:
        """The archive's file, from the option or else from the settings."""
        assert self.settings is not None
        return Path(opts.db or self.settings["ARCHIVE_DB"])

    def captures_path(self, opts: argparse.Namespace) -> Path:
        """The captures' file, from the settings or else beside the archive."""
        assert self.settings is not None
        return captures_path(self.archive_path(opts), self.settings["ARCHIVE_CAPTURES"])

    def compare_texts(self, path: Path) -> None:
        """Compare the posts of an archive whose text changed, unless the settings say otherwise."""
        assert self.settings is not None
        if self.settings.getbool("ARCHIVE_COMPARE_TEXTS"):
            with closing(open_for_writing(path)) as db:
                update_similarity(db.conn, similarity, utc_now())

    def open_archive(self, opts: argparse.Namespace) -> Database:
        """The archive, for reading alone."""
        return open_for_reading(self.archive_path(opts))


def print_error(message: str) -> None:
    """One line on standard error, whatever the message quotes."""
    print(
        "blogkeep: " + "".join(char if char.isprintable() else " " for char in message),
        file=sys.stderr,
    )


def print_json(values: Any) -> None:
    """Dataclasses, or lists of them, as JSON on standard output."""
    print(json.dumps(values, ensure_ascii=False, indent=2, default=asdict))


def console() -> Console:
    """Standard output: colours on a terminal, plain text elsewhere, where lines are never cut."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=160, soft_wrap=True)


def only_argument(args: Iterable[str], what: str) -> str:
    """The one argument that a command takes. Raises UsageProblem."""
    words = list(args)
    if len(words) != 1:
        raise UsageProblem(f"give one {what}")
    return words[0]


def day_span(since: str | None, until: str | None) -> tuple[str, str]:
    """The span from one day to another, either of them open, as UTC times, its end excluded. Raises
    UsageProblem."""
    first, last = since or "0001-01-01", until or "9999-12-30"
    end = _day(last) + timedelta(days=1)
    if end <= _day(first):
        raise UsageProblem("--until lies before --since")
    return f"{_day(first).isoformat()}T00:00:00Z", f"{end.isoformat()}T00:00:00Z"


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise UsageProblem(str(error)) from error

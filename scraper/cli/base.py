"""`ArchiveCommand`, the base of all commands: common options, settings, errors as one line."""

from __future__ import annotations

import argparse
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sqlite_utils import Database

from scraper.archive.captures.schema import captures_path
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.cli.catalog import COMMANDS
from scraper.cli.output import discard_output, print_error
from scraper.cli.resources import describe_exhaustion
from scraper.cli.settings import CommandSettings
from scraper.exceptions import BlogkeepError, NoArchive, UsageProblem

if TYPE_CHECKING:
    from scraper.extraction_worker import ExtractionWorker


class ArchiveCommand(ABC):
    """A command that `blogkeep` runs without importing Scrapy, and that Scrapy runs as its own.

    Subclasses fill in `usage`, `example`, `add_own_options` and `execute`. All other public members
    are the interface that Scrapy asks of a command.
    """

    usage: ClassVar[str] = "[options]"
    """What follows the command's name; a command whose usage is this takes options only."""
    example: ClassVar[str] = ""
    with_json: ClassVar[bool] = True

    requires_project = True
    requires_crawler_process = False
    crawler_process = None
    default_settings: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.settings = CommandSettings()
        self.exitcode = 0
        self._read_index = False

    @property
    def name(self) -> str:
        """The command's name, which is that of its module."""
        return type(self).__module__.rpartition(".")[2]

    def syntax(self) -> str:
        """The arguments, for the usage line."""
        return self.usage

    def short_desc(self) -> str:
        """One line on what the command does."""
        return COMMANDS[self.name]

    def long_desc(self) -> str:
        """The description that `--help` prints."""
        return f"{self.short_desc()}."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that every command takes, then the command's own."""
        parser.epilog = f"example: {self.example}"
        parser.set_defaults(profile=None)  # an option of Scrapy's commands, which Scrapy reads
        parser.add_argument(
            "-s",
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="set a setting for this run; may be repeated",
        )
        add_db_option(parser)
        if self.with_json:
            parser.add_argument("--json", action="store_true", help="print JSON")
        self.add_own_options(parser)

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:  # noqa: B027 - optional
        """Add what only this command takes."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: B027
        """Nothing: `run` reads the options, so that their errors are printed like all others."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the command; print an error of ours as one line and set its exit code."""
        try:
            self.settings = CommandSettings(opts.set)
            self._check_arguments(args)
            self.execute(args, opts)
            print(end="", flush=True)
        except BlogkeepError as error:
            for line in error.lines:
                print_error(line)
            self.exitcode = error.exit_code
        except BrokenPipeError:
            discard_output()
        except UnicodeEncodeError:
            raise  # no archive causes it; `main` knows the words of the command line
        except Exception as error:
            problem = describe_exhaustion(error) or self._describe_damage(error, opts)
            if not problem:
                raise
            print_error(problem)
            self.exitcode = 1

    def usage_problem(self, args: Sequence[str]) -> UsageProblem:
        """The error for arguments that do not fit: what was given, and the command's usage."""
        usage = f"usage: blogkeep {self.name} {self.usage}"
        return UsageProblem(f"{' '.join(args)!r} does not fit the {usage}" if args else usage)

    def _describe_damage(self, error: Exception, opts: argparse.Namespace) -> str:
        """What is wrong with the archive that caused an error; empty for any other error."""
        is_index = self._read_index
        if type(error).__module__ != "sqlite3":
            from scraper.archive.verify import describe_unreadable  # noqa: PLC0415 - rarely

            return "" if is_index else describe_unreadable(self.archive_path(opts), error)
        from scraper.archive.verify.integrity import describe_damage  # noqa: PLC0415 - rarely

        if is_index:
            advice = "delete it, and blogkeep cluster index fills one"
            return describe_damage(self.index_path(), error, advice)
        return describe_damage(self.archive_path(opts), error)

    def _check_arguments(self, args: list[str]) -> None:
        for argument in args:
            if argument.startswith("-"):
                raise UsageProblem(f"unknown option {argument}; see blogkeep {self.name} --help")
        if args and self.usage == ArchiveCommand.usage:
            raise UsageProblem(f"{self.name} takes options only, not {args[0]!r}")

    @abstractmethod
    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the command's work. Raises BlogkeepError."""

    def archive_path(self, opts: argparse.Namespace) -> Path:
        """The archive's file, from `--db` or else from the settings."""
        return Path(opts.db or self.settings["ARCHIVE_DB"])

    def captures_path(self, opts: argparse.Namespace) -> Path:
        """The captures' file, from the settings or else beside the archive."""
        return captures_path(self.archive_path(opts), self.settings["ARCHIVE_CAPTURES"])

    def stores_path(self, opts: argparse.Namespace) -> Path:
        """The file of stores, from the settings or else beside the archive."""
        setting = self.settings["ARCHIVE_STORES"]
        return Path(setting) if setting else self.archive_path(opts).with_name("stores.toml")

    def open_archive(self, opts: argparse.Namespace) -> Database:
        """Open the archive for reading only."""
        return open_for_reading(self.archive_path(opts))

    def index_path(self) -> Path:
        """The merged index of a cluster."""
        return Path(self.settings["ARCHIVE_INDEX"])

    def open_texts(self, opts: argparse.Namespace) -> Database:
        """Open for reading what searches and audits ask: the archive, or with `--cluster` the
        merged index."""
        if not opts.cluster:
            return self.open_archive(opts)
        if opts.db:
            raise UsageProblem("give --db for one archive, or --cluster for all stores")
        from scraper.archive.maintenance.merged_index import MERGED_INDEX  # noqa: PLC0415

        self._read_index = True
        try:
            return open_for_reading(self.index_path(), MERGED_INDEX)
        except NoArchive:
            raise NoArchive(
                f"no merged index at {self.index_path()}: blogkeep cluster index fills one"
            ) from None

    def extraction_worker(self) -> ExtractionWorker:
        """A process of its own to read pages in; to be used as a context."""
        # Only commands that read pages need the extractor.
        from scraper.extraction_worker import ExtractionWorker  # noqa: PLC0415

        return ExtractionWorker(float(self.settings["ARCHIVE_PAGE_CPU"]))

    def compare_texts(self, path: Path, at: str) -> None:
        """Compare the posts of an archive whose text changed, unless the settings forbid it."""
        if not self.settings.getbool("ARCHIVE_COMPARE_TEXTS"):
            return
        # Only writing commands need these modules.
        from scraper.archive.similarity.index import similarity_path  # noqa: PLC0415
        from scraper.archive.similarity.update import update_similarity  # noqa: PLC0415

        with closing(open_for_writing(path)) as db:
            update_similarity(db.conn, similarity_path(path), at)


def add_db_option(parser: argparse.ArgumentParser) -> None:
    """Add `--db`, whose default is relative to the current folder."""
    parser.add_argument(
        "--db",
        metavar="FILE",
        help="the archive (default: setting ARCHIVE_DB, or else data/archive.db in this folder)",
    )


if scrapy_commands := sys.modules.get("scrapy.commands"):
    # Scrapy is loading the commands and takes subclasses of its own class only. A virtual subclass
    # is enough for it, and leaves Scrapy out of every other process.
    scrapy_commands.ScrapyCommand.register(ArchiveCommand)

"""`blogkeep COMMAND`: the commands from any folder, each imported only when it is run."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final, NoReturn, cast

from scraper import __version__
from scraper.cli.catalog import COMMANDS
from scraper.cli.output import print_error
from scraper.cli.resources import describe_exhaustion, require_memory
from scraper.exceptions import ENDED_BY_SIGNAL, INTERRUPTED, BlogkeepError, UsageProblem

if TYPE_CHECKING:
    from scrapy.commands import BaseRunSpiderCommand

    from scraper.cli.base import ArchiveCommand

    Command = ArchiveCommand | BaseRunSpiderCommand

SHELLS: Final = ("bash", "zsh", "fish")

DESCRIPTION: Final = "Archive the blogs of stores, and show what changed in them."
EPILOG: Final = (
    "The archive is data/archive.db in the current folder unless --db, or ARCHIVE_DB in the"
    " environment, names another file. `blogkeep COMMAND --help` explains a command."
)

_OTHER_BYTES: Final = re.compile("[\udc80-\udcff]")
"""What Python makes of a byte of the command line that is no UTF-8."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with 2."""
        print_error(f"{message}; see {self.prog} --help")
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command of `arguments` (default: those of the process). Returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "_ARGCOMPLETE" in os.environ:
        _complete()
    # As by Ctrl+C: a half-written file is removed, an open archive closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGHUP, _hang_up)
    try:
        return _run(words)
    except BlogkeepError as error:
        print_error(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return ENDED_BY_SIGNAL.get(_command_in(words), INTERRUPTED)
    except UnicodeEncodeError:
        # As the name of a file such a word is right, so only what cannot take it refuses it.
        word = next(filter(_OTHER_BYTES.search, words), "")
        if not word:
            raise
        print_error(f"{os.fsencode(word)!r} is not UTF-8")
        return UsageProblem.exit_code
    except Exception as error:
        problem = describe_exhaustion(error)
        if not problem:
            raise
        print_error(problem)
        return 1


def _hang_up(*_: object) -> None:
    """End as SIGTERM would by now, once: a shell and the system may both say that the terminal is
    gone."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.raise_signal(signal.SIGTERM)


def _run(words: list[str]) -> int:
    name = _command_in(words)
    if name and name not in COMMANDS and words[0] == name:
        raise UsageProblem(f"no command {name!r}{_suggestion(name)}; see blogkeep --help")
    if name == "crawl":  # before it is loaded
        require_memory()
    with signals_wait():
        command = _load(name) if name in COMMANDS else None
    parser = _make_parser(name, command)
    opts, args = parser.parse_known_args(words)
    if opts.completion:
        return _print_completion(opts.completion)
    if command is None:
        parser.print_help()
        return 0
    if command.requires_crawler_process:
        from scraper.cli import crawling  # noqa: PLC0415 - it imports Scrapy

        crawling.run(cast("BaseRunSpiderCommand", command), args, opts)
    else:
        command.run(args, opts)
    return command.exitcode


@contextmanager
def signals_wait() -> Iterator[None]:
    """Let Ctrl+C and SIGTERM wait for the end of an import. Where they come within one, the lock by
    which Python imports may stay taken, and then each thread that imports waits for ever."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _command_in(words: Sequence[str]) -> str:
    """The first word that is no option, or an empty text."""
    return next((word for word in words if not word.startswith("-")), "")


def _suggestion(name: str) -> str:
    similar = difflib.get_close_matches(name, COMMANDS)
    return f": did you mean {similar[0]}?" if similar else ""


def _import_sqlite_utils() -> None:
    """Import sqlite-utils without numpy. It imports numpy if it can, to know its types, and that
    takes a third of the start of a command; only the measures of the graph need it."""
    # Not by a set of all names: making one copies pages of memory that a forked crawl shares.
    if "numpy" in sys.modules or "sqlite_utils" in sys.modules:
        return
    # Python raises ImportError for a module that is None.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    try:
        import_module("sqlite_utils")
    finally:
        del sys.modules["numpy"]


def _load(name: str) -> Command:
    _import_sqlite_utils()
    command: Command = import_module(f"scraper.commands.{name}").Command()
    if command.requires_crawler_process:
        from scraper.cli import crawling  # noqa: PLC0415 - it imports Scrapy

        crawling.prepare(cast("BaseRunSpiderCommand", command))
    return command


def _make_parser(name: str, command: Command | None) -> Parser:
    """The parser of the command that is to be run, or of all where there is none: each takes half a
    millisecond to make."""
    parser = Parser(
        prog="blogkeep", description=DESCRIPTION, epilog=EPILOG, formatter_class=_help_formatter
    )
    parser.add_argument("--version", action="version", version=f"blogkeep {__version__}")
    parser.add_argument(
        "--completion",
        choices=SHELLS,
        metavar="SHELL",
        help=f"print the completion for {', '.join(SHELLS)}; in bash and zsh:"
        ' eval "$(blogkeep --completion SHELL)", in fish: blogkeep --completion fish | source',
    )
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for each in [name] if command else COMMANDS:
        of_command = commands.add_parser(
            each,
            help=COMMANDS[each],
            description=f"{COMMANDS[each]}.",
            usage=f"blogkeep {each} {command.syntax() if command else ''}",
            conflict_handler="resolve",  # as Scrapy's parser: a command may replace an option
            formatter_class=_help_formatter,
        )
        if command:
            command.add_options(of_command)
    return parser


def _help_formatter(prog: str) -> argparse.HelpFormatter:
    """Leaves room for the line of each command."""
    return argparse.HelpFormatter(prog, max_help_position=18)


def _complete() -> None:
    """Answer a shell that asks what may come next, and exit."""
    import argcomplete  # noqa: PLC0415 - only a shell's question needs it

    name = _command_in(os.environ.get("COMP_LINE", "").split()[1:])
    argcomplete.autocomplete(_make_parser(name, _load(name) if name in COMMANDS else None))


def _print_completion(shell: str) -> int:
    from argcomplete.shell_integration import shellcode  # noqa: PLC0415

    print(shellcode(["blogkeep"], shell=shell))
    return 0

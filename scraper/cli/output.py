"""What commands print and write: error lines, JSON, text for terminals, new files."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from scraper.exceptions import NotOurs
from scraper.printable import escape_json, printable, single_line

if TYPE_CHECKING:
    from rich.console import Console


HANGING: Final = 2
"""Columns by which a broken line goes on deeper than it began."""


def print_line(text: str) -> None:
    """Print one line on standard output, whatever it quotes; a terminal's is broken between
    words."""
    print(fold(single_line(text), _terminal_width(), hanging=HANGING))


def print_text(text: str) -> None:
    """Print a text of paragraphs, each broken between words on a terminal."""
    width = _terminal_width()
    for paragraph in printable(text).split("\n"):
        print(fold(paragraph, width))


def fold(line: str, width: int, *, hanging: int = 0) -> str:
    """Break a line between words where it is wider than `width` columns, 0 for nowhere; it goes on
    `hanging` columns deeper than it began. A word that is wider is left to the terminal."""
    if not width or len(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + hanging)
    lines = textwrap.wrap(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def _terminal_width() -> int:
    """The columns of standard output; 0 where it is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def print_error(message: str) -> None:
    """Print one line on standard error, whatever the message quotes."""
    print(f"blogkeep: {single_line(message)}", file=sys.stderr)


def print_json(values: Any) -> None:
    """Print dataclasses, or containers of them, as JSON on standard output. Characters that a
    terminal would act on are escaped."""
    print(escape_json(json.dumps(values, ensure_ascii=False, indent=2, default=asdict)))


def console() -> Console:
    """Standard output: colours on a terminal, plain text elsewhere, where lines are never cut."""
    from rich.console import Console  # noqa: PLC0415 - output as JSON needs none

    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=160, soft_wrap=True)
    # Rich would end the command with 1, a crawl that went well too.
    out.on_broken_pipe = discard_output  # type: ignore[method-assign]
    return out


def discard_output() -> None:
    """Print nowhere from now on: who read our output has closed it (`blogkeep changes | head`)."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


@contextmanager
def new_file(path: Path, *, replaces: bool = False) -> Iterator[IO[bytes]]:
    """Open a file that gets its name once it is complete. Raises NotOurs if the name is taken,
    unless it `replaces` what has the name."""
    if path.exists() and not replaces:
        raise NotOurs(f"{path} is there already: name another file")
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as out:
            part = Path(out.name)
            try:
                yield out
                out.flush()
                os.fsync(out.fileno())
                # A link, not a rename: a rename would replace a file created in the meantime.
                (os.replace if replaces else os.link)(part, path)
            finally:
                with suppress(FileNotFoundError):
                    part.unlink()
        path.chmod(0o666 & ~_umask())
    except OSError as error:
        raise NotOurs(f"{path} cannot be written: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

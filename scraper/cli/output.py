"""What commands print: error lines, JSON, and text for terminals and files."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

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
    if out.is_terminal:
        return out
    return Console(highlight=False, width=160, soft_wrap=True)

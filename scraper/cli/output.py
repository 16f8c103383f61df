"""What commands print: error lines, JSON, and text for terminals and files."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scraper.printable import escape_json, single_line

if TYPE_CHECKING:
    from rich.console import Console


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

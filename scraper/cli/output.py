"""What commands print: error lines, JSON, and text for terminals and files."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console

UNPRINTABLE: Final = "\ufffd"


def print_error(message: str) -> None:
    """Print one line on standard error, whatever the message quotes."""
    print(f"blogkeep: {printable(message, ' ')}", file=sys.stderr)


def printable(text: str, substitute: str = UNPRINTABLE) -> str:
    """Replace the characters that a terminal would obey rather than show."""
    return "".join(char if char.isprintable() else substitute for char in text)


def print_json(values: Any) -> None:
    """Print dataclasses, or containers of them, as JSON on standard output."""
    print(json.dumps(values, ensure_ascii=False, indent=2, default=asdict))


def console() -> Console:
    """Standard output: colours on a terminal, plain text elsewhere, where lines are never cut."""
    from rich.console import Console  # noqa: PLC0415 - output as JSON needs none

    out = Console(highlight=False)
    if out.is_terminal:
        return out
    return Console(highlight=False, width=160, soft_wrap=True)

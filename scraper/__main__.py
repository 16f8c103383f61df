"""`python -m scraper` runs `blogkeep`; so does `python PATH/OF/scraper`, from any folder."""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:
    # Run by its path: Python has put this folder in front, whose modules are not to be imported by
    # their bare names.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from scraper.exceptions import INCOMPLETE, INTERRUPTED


def main() -> int:
    """Run `blogkeep`. Returns its exit code, also where Ctrl+C comes while it is being loaded."""
    try:
        from scraper.cli.main import main as run  # noqa: PLC0415 - takes most of the start

        return run()
    except KeyboardInterrupt:
        return INCOMPLETE if "crawl" in sys.argv[1:] else INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())

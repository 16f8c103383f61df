"""`python -m scraper` runs `blogkeep`; so does `python PATH/OF/scraper`, from any folder."""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:
    # Run by its path: Python has put this folder in front, whose modules are not to be imported by
    # their bare names.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from scraper.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

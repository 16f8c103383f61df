"""`python -m scraper` runs `blogkeep`; so does `python PATH/OF/scraper`, from any folder."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

if not __package__:
    # Run by its path: Python has put this folder in front, whose modules are not to be imported by
    # their bare names.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from scraper.exceptions import ENDED_BY_SIGNAL, INTERRUPTED


def main() -> int:
    """Run `blogkeep`. Returns its exit code, also where Ctrl+C or SIGTERM comes while it is being
    loaded."""
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        while (null := os.open(os.devnull, os.O_RDWR)) < 3:
            pass  # else a file or a socket takes the number of a stream that was closed
        os.close(null)
        from scraper.cli.main import main as run  # noqa: PLC0415 - takes most of the start

        return run()
    except KeyboardInterrupt:
        codes = (code for name, code in ENDED_BY_SIGNAL.items() if name in sys.argv[1:])
        return next(codes, INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())

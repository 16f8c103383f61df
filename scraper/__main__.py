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
    """Run `blogkeep`. Returns its exit code, also where Ctrl+C, SIGTERM or the end of the terminal
    comes while it is being loaded."""
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
            signal.signal(signal.SIGHUP, signal.default_int_handler)
        _open_closed_streams()
        from scraper.cli.main import main as run  # noqa: PLC0415 - takes most of the start

        return run()
    except KeyboardInterrupt:
        command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
        return ENDED_BY_SIGNAL.get(command, INTERRUPTED)


def _open_closed_streams() -> None:
    """Open the standard streams that are closed on nothing: else a file or a socket takes the
    number of one, and Python prints errors on standard output."""
    while (null := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(null)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            stream = open(number, "w" if number else "r", closefd=False)  # noqa: SIM115 - for good
            setattr(sys, name, stream)


if __name__ == "__main__":
    sys.exit(main())

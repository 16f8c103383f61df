"""Runs scenarios by name, all of them by default; prints what did not hold and exits with 1 if
anything did not."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.campaign import clock, cluster, edits, every_edit, faults, kills, noise, power
from tests.campaign.runs import Bench, Log

SCENARIOS: dict[str, Callable[[Bench], None]] = {
    "kills": kills.run,
    "faults": faults.run,
    "edits": edits.run,
    "every_edit": every_edit.run,
    "clock": clock.run,
    "noise": noise.run,
    "power": power.run,
    "cluster": cluster.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="scenario",
        help=f"which: {', '.join(SCENARIOS)} (default: all)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="another seed, other moments (default: %(default)s)"
    )
    parser.add_argument(
        "--folder", type=Path, help="where archives are left to be looked at (default: none are)"
    )
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.scenarios if name not in SCENARIOS]:
        parser.error(f"no scenario is called {', '.join(unknown)}")
    failures = 0
    with tempfile.TemporaryDirectory(prefix="campaign-") as passing:
        for name in options.scenarios or SCENARIOS:
            failures += _run(name, (options.folder or Path(passing)) / name, options.seed)
    return 1 if failures else 0


def _run(name: str, folder: Path, seed: int) -> int:
    log, begun = Log(_print), time.monotonic()
    SCENARIOS[name](Bench(folder=folder, chance=random.Random(f"{name} {seed}"), log=log))
    _print(
        f"{name}: {log.held} checks held, {len(log.failures)} failed, in "
        f"{time.monotonic() - begun:.0f} s"
    )
    return len(log.failures)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""Runs the cases and prints how many ran and which were slowest; exits with 1 if one crashed, or
was slower than ten times the median."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.cases import Log, medians
from tests.fuzz.corpus import demo_pages, real_pages
from tests.fuzz.strategies import grown, mutated

FOUND = Path(__file__).resolve().parents[2] / ".fuzz"
"""Where pages that failed are left; git does not see it."""
_SHARE_GROWN = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if every case gave a result or a named refusal in time."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="how many (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=0, help="another seed, other cases (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    pages = demo_pages()
    real = real_pages()
    _print(f"{len(pages)} pages of the demo store, {len(real)} of real stores")
    log = Log(_print)
    _run(
        log,
        mutated(pages + real),
        round(options.cases * (1 - _SHARE_GROWN)),
        options.seed,
        "mutated",
    )
    _run(log, grown(), options.cases - log.cases, options.seed, "grown")
    return _report(log, options.cases)


def _run(log: Log, pages: st.SearchStrategy[bytes], cases: int, seed: int, label: str) -> None:
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(pages)
    def every(page: bytes) -> None:
        log.run(page, label)

    every._hypothesis_internal_use_seed = seed
    every()


def _report(log: Log, wanted: int) -> int:
    _print(f"{log.cases} cases ran")
    for kind, median in medians(log).items():
        size, has_entry = kind
        _print(
            f"  weight up to {2**size:>11}, {'with' if has_entry else 'without'} a feed's entry: "
            f"{len(log.seconds[kind]):>6} cases, median "
            f"{median * 1000:8.2f} ms"
        )
    _print("slowest for their weight:")
    for case in log.slowest[:5]:
        _print(f"  {case}")
    slow = log.slow()
    for what, page in [*log.crashes.items(), *((str(case), case.page) for case in slow)]:
        _print(f"FAILED {what}\n       {_keep(page)}")
    _print(f"{len(log.crashes)} crashes, {len(slow)} slow pages")
    return 1 if log.crashes or slow or log.cases < wanted else 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _keep(page: bytes) -> Path:
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{hashlib.sha256(page).hexdigest()[:12]}.html"
    path.write_bytes(page)
    return path


if __name__ == "__main__":
    sys.exit(main())

"""Runs a Scrapy command by a clock that is set forward or back while it runs: so many seconds
(``STEP``) after so many readings (``AFTER``), by a clock that is ``AHEAD`` from the beginning."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta, tzinfo
from itertools import count

from scrapy.cmdline import execute

import scraper.timestamps

STEP, AFTER, AHEAD = (int(os.environ.get(name, "0")) for name in ("STEP", "AFTER", "AHEAD"))
_readings = count(1)


class SteppedClock(datetime):
    """The machine's clock, set anew while somebody reads it."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> SteppedClock:
        """The time by this clock."""
        step = STEP if next(_readings) > AFTER else 0
        return super().now(tz) + timedelta(seconds=AHEAD + step)


if __name__ == "__main__":
    scraper.timestamps.datetime = SteppedClock  # type: ignore[misc]
    sys.argv[0] = "scrapy"
    execute()

"""What the archive knows of a store's crawls and scheduled runs: what the timetable needs to plan
the next run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RunOutcome = Literal["running", "complete", "incomplete", "refused", "failed", "stopped", "lost"]
"""What came of a run of the schedule: its crawl is under way; came to a complete end; had answers,
though not for every page; was refused, or had none; could not be made, for the program or its input
failed; was stopped by the runner; was killed, or the runner was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A run of the schedule for one store: `ended_at` is empty while it is running."""

    started_at: str
    ended_at: str
    outcome: RunOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHistory:
    """What the archive says of a store's crawls.

    `served_at` is when the last crawl that came to a complete end was begun, or gone on with,
    whatever its health; `good_at` likewise of the last healthy one, which ended at
    `good_finished_at`; `retry_at` is when a store that refused us since may be asked again. Each is
    empty where there is none. `attempts` are the runs since `served_at`, oldest first;
    `first_attempt_at` the first of all.
    """

    served_at: str = ""
    good_at: str = ""
    good_finished_at: str = ""
    retry_at: str = ""
    attempts: tuple[Attempt, ...] = ()
    first_attempt_at: str = ""

"""The history of a store's crawls and scheduled runs, as planning the next run needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RunOutcome = Literal["running", "complete", "incomplete", "refused", "failed", "stopped", "lost"]
"""The outcome of a scheduled run: ``running``; ``complete``; ``incomplete``, some pages had no
answer; ``refused``, the store blocked it or did not answer; ``failed``, the program or its input
failed; ``stopped`` by the runner; ``lost``, the crawl or the runner was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A scheduled run of one store. `ended_at` is empty while it is running, `detail` is what its
    program printed last, or why it was ended; empty where it said nothing."""

    started_at: str
    ended_at: str
    outcome: RunOutcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHistory:
    """A store's crawls in the archive. Times are timestamps, empty if there is none.

    `complete_at` is when the last complete crawl began or resumed, whatever its health; `good_at`
    the same of the last healthy one, which ended at `good_finished_at`. `retry_at` is when a store
    that has refused since then accepts requests again. `attempts` are the runs since `complete_at`,
    oldest first; `first_attempt_at` is the start of the first run of all.
    """

    complete_at: str = ""
    good_at: str = ""
    good_finished_at: str = ""
    retry_at: str = ""
    attempts: tuple[Attempt, ...] = ()
    first_attempt_at: str = ""

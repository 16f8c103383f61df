"""Runs of the schedule in progress, and their results."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.archive.write.schedule_runs import CrawlOfRun
from scraper.schedule.processes import Child
from scraper.schedule.timetable.due import outcome_of_run
from scraper.schedule.timetable.history import RunOutcome
from scraper.schedule.timetable.stores import StoreConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that has begun: `due_at` is its scheduled time, `started_at` when it began (both UTC),
    `failed_runs` how many runs for that time have failed before."""

    id: int
    store: StoreConfig
    due_at: str
    started_at: str
    failed_runs: int

    @property
    def start_line(self) -> str:
        """Its beginning in one line for people."""
        attempt = f", attempt {self.failed_runs + 1}" if self.failed_runs else ""
        return f"{self.store.name}: started, due {self.due_at}{attempt}"


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """A run whose crawl this runner has started."""

    run: Run
    child: Child


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended."""

    outcome: RunOutcome
    exit_code: int | None = None
    crawl: CrawlOfRun | None = None
    detail: str = ""

    @property
    def is_healthy(self) -> bool:
        """Whether the run made a complete and healthy crawl."""
        return (
            self.outcome == "complete" and self.crawl is not None and self.crawl.health == "healthy"
        )

    @property
    def summary(self) -> str:
        """The result in one line for people."""
        parts: list[str] = [self.outcome]
        if self.crawl and self.crawl.health != "unknown":
            parts += [self.crawl.health, self.crawl.reason]
        parts.append(self.detail)
        if self.outcome in {"stopped", "lost"}:
            parts.append("will be resumed")
        return ", ".join(dict.fromkeys(part for part in parts if part))


def outcome_of(exit_code: int | None, crawl: CrawlOfRun | None) -> RunOutcome:
    """The outcome of a run from its exit code (None: unknown) and its crawl, if there is one."""
    if crawl is None:
        return outcome_of_run(exit_code, "", "")
    return outcome_of_run(exit_code, crawl.outcome, crawl.health)

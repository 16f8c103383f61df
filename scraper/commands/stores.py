"""`blogkeep stores`: list and edit the stores that are crawled on a schedule."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from scraper.cli.arguments import unknown_blogs
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.config.validators import InvalidValue
from scraper.exceptions import NoSuchBlog, NoSuchStore, NotAStore, PageRefused, UsageProblem
from scraper.history.humanize import plural
from scraper.hosts import parse_store_url
from scraper.schedule.health import StoreHealth, read_health
from scraper.schedule.stores_file import edit_stores, read_stores
from scraper.schedule.timetable.edit import (
    add_store,
    check_new,
    default_name,
    edit_store,
    remove_store,
)
from scraper.schedule.timetable.stores import DEMO, KEYS, StoresFile

if TYPE_CHECKING:
    from scraper.spiders.probe import Found

ACTIONS = ("list", "try", "add", "edit", "pause", "resume", "remove")
DAILY = "0 5 * * *"
PAUSED: dict[str, dict[str, Any]] = {"pause": {"paused": True}, "resume": {"paused": None}}
UNLIMITED_RATE = 20.0
"""Requests a second that a store is assumed to answer where no limit is set."""


def _names(text: str) -> list[str]:
    return text.split(",")


_OPTIONS: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "schedule": ("CRON", "when to crawl, as a cron expression", str),
    "timezone": ("ZONE", "the time zone of schedule and window, such as Europe/Berlin", str),
    "window": ("HH:MM-HH:MM", "the hours in which a crawl may start", str),
    "jitter_minutes": ("N", "delay each run by up to so many minutes", int),
    "rate": ("N", "the most requests a second to this store", float),
    "sweep_days": ("N", "fetch every post again within so many days", float),
    "blogs": ("HANDLES", "the only blogs to crawl, separated by commas", _names),
    "skip_blogs": ("HANDLES", "blogs to leave out, separated by commas", _names),
    "credentials": ("FILE", "the file of secret headers for this store", str),
    "heartbeat": ("URL", "the address to request after each good crawl", str),
    "channels": ("NAMES", "channels for alerts, separated by commas", _names),
    "incidents": ("NAMES", "channels for incidents, separated by commas", _names),
}
"""The keys of a store that have an option: its metavar, its help, and how to read its text."""


class Command(ArchiveCommand):
    usage = "[options] [list] | try URL | add URL | (edit | pause | resume | remove) NAME"
    example = "blogkeep stores add https://shop.example --schedule '0 5 * * *'"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--name", metavar="NAME", help="add: the name of the store (default: its host)"
        )
        parser.add_argument(
            "--no-try", action="store_true", help="add: do not fetch anything from the store first"
        )
        for key, (metavar, meaning, _) in _OPTIONS.items():
            parser.add_argument(
                _option(key), metavar=metavar, help=f"{meaning}; edit: an empty text removes it"
            )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the first argument says; list the stores without one."""
        action, *names = args or ["list"]
        if action not in ACTIONS or len(names) != (action != "list"):
            raise self.usage_problem(args)
        file = self.stores_path(opts)
        if action == "list":
            self._list(file, opts)
        elif action == "try":
            self._print_trial(names[0], opts)
        elif action == "add":
            self._add(file, names[0], opts)
        else:
            self._change(file, action, names[0], opts)

    def _list(self, file: Path, opts: argparse.Namespace) -> None:
        stores = [as_values(health) for health in read_all(file, self.archive_path(opts))]
        if opts.json:
            print_json(stores)
            return
        table = Table("store", "url", "health", "last good crawl", "next run", box=None)
        keys = ("name", "url", "health", "last_good_at", "next_run_at")
        for store in stores:
            table.add_row(*(str(store[key]) for key in keys))
        console().print(table)

    def _print_trial(self, url: str, opts: argparse.Namespace) -> None:
        """Print what a crawl would find; nothing is changed."""
        given = _given(opts)
        found = self._try(parse_store_url(url).origin, given)
        rates = [given.get("rate") or 0.0, self.settings.getfloat("ARCHIVE_RATE")]
        seconds = first_crawl_s(sum(found.blogs.values()), rates)
        if opts.json:
            values = {"origin": found.origin, "platform": found.platform, "found": found.blogs}
            print_json({**values, "failed": found.failed, "first_crawl_s": round(seconds)})
            return
        print(f"{found.origin}: {found.platform}")
        _print_found(found, seconds)

    def _add(self, file: Path, url: str, opts: argparse.Namespace) -> None:
        given = _given(opts)
        values = {"url": url, "schedule": DAILY, **given}
        if url != DEMO:
            values["url"] = parse_store_url(url).origin
        name = opts.name or default_name(url)
        if file.exists():
            known = read_stores(file)
            check_new(known, name, url)
            if "schedule" not in given and "schedule" in known.defaults:
                del values["schedule"]
        found = None
        if url != DEMO and not opts.no_try:
            found = self._try(url, given)
            values["url"] = found.origin
        edit_stores(file, lambda text: add_store(text, name, values))
        self._report(file, name, found, opts)

    def _report(self, file: Path, name: str, found: Found | None, opts: argparse.Namespace) -> None:
        healths = read_all(file, self.archive_path(opts))
        health = next(health for health in healths if health.store.name == name)
        seconds = 0.0
        if found:
            rates = [health.store.rate or 0.0, self.settings.getfloat("ARCHIVE_RATE")]
            seconds = first_crawl_s(sum(found.blogs.values()), rates)
        if opts.json:
            counts = found and found.blogs
            print_json({**as_values(health), "found": counts, "first_crawl_s": round(seconds)})
            return
        if found:
            _print_found(found, seconds)
        console().print(f"{name} is in {file}; next run {health.next_run}", markup=False)

    def _change(self, file: Path, action: str, asked: str, opts: argparse.Namespace) -> None:
        name = _find_name(read_stores(file), asked)
        if action == "remove":
            edit_stores(file, lambda text: remove_store(text, name))
        else:
            values = PAUSED[action] if action in PAUSED else _given(opts)
            if not values:
                raise UsageProblem("edit needs an option, such as --schedule '0 5 * * *'")
            edit_stores(file, lambda text: edit_store(text, name, values))
        if opts.json:
            print_json({"action": action, "name": name})
        elif action == "remove":
            print(f"{name} is crawled no more; its archived posts stay")
        else:
            self._report(file, name, None, opts)

    def _try(self, url: str, given: dict[str, Any]) -> Found:
        """Fetch the store's listings. Raises NotAStore, NoSuchBlog, PageRefused."""
        # These import Scrapy, which only this needs.
        from scraper.cli.crawling import run_spider  # noqa: PLC0415
        from scraper.middlewares.credentials import read_credentials  # noqa: PLC0415
        from scraper.spiders.probe import ProbeSpider  # noqa: PLC0415

        if given.get("credentials"):
            self.settings.override("ARCHIVE_CREDENTIALS", given["credentials"])
        read_credentials(self.settings["ARCHIVE_CREDENTIALS"])
        chosen = {key: ",".join(given.get(key) or ()) for key in ("blogs", "skip_blogs")}
        items: Sequence[Found] = run_spider(self.settings, ProbeSpider, url=url, **chosen).items
        if items:
            unknown = unknown_blogs("--blogs", given.get("blogs") or (), items[0].named)
            if unknown:
                raise NoSuchBlog(f"{unknown}; nothing was changed")
        if items and any(items[0].blogs.values()):
            return items[0]
        verdict = items[0].robots if items else "network_error"
        if verdict in {"rate_limited", "security_rejected", "challenge"}:
            raise PageRefused(
                f"{url} refuses requests ({verdict}): try again later, or add it with --no-try"
            )
        reason = "its sitemaps and feeds name no post"
        if verdict == "network_error":
            reason = "it did not answer"
        raise NotAStore(
            f"no posts found at {url}: {reason}; nothing was changed"
            " (--no-try adds it without them)"
        )


def read_all(file: Path, archive: Path) -> Sequence[StoreHealth]:
    """The health of every store of the file. Raises StoresProblem."""
    stores = read_stores(file).stores.values()
    return read_health(stores, archive, archive, datetime.now(UTC), least_free_mb=0).stores


def as_values(health: StoreHealth) -> dict[str, Any]:
    """A store as JSON has it."""
    timetable = health.store.timetable
    return {
        "name": health.store.name,
        "url": health.store.url,
        "health": health.status.health,
        "reason": health.status.reason,
        "last_good_at": health.status.past.good_at or "never",
        "next_run_at": health.next_run,
        "schedule": timetable.expression,
        "timezone": str(timetable.zone),
        "paused": health.store.paused,
        "failed_runs": health.plan.failed_runs,
    }


def first_crawl_s(posts: int, rates: Sequence[float]) -> float:
    """How long a first crawl takes at the permitted rates (0: no limit), in seconds: one request
    for each post, one more for twelve of them, which an index page lists, and ten for the rest."""
    limits = [rate for rate in rates if rate > 0]
    return (posts + posts / 12 + 10) / min(limits, default=UNLIMITED_RATE)


def _print_found(found: Found, seconds: float) -> None:
    out, posts = console(), sum(found.blogs.values())
    blogs = ", ".join(f"{handle} ({count:,})" for handle, count in sorted(found.blogs.items()))
    listed = f"{plural(posts, 'post')} listed in {plural(len(found.blogs), 'blog')}"
    out.print(f"{listed}: {blogs}", markup=False)
    if found.failed:
        failed = plural(found.failed, "listing")
        out.print(f"{failed} could not be read: there may be more posts", markup=False)
    out.print(f"a first crawl will take about {_duration(seconds)} at this pace")


def _duration(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    if minutes <= 2:
        return "a minute or two"
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} h {minutes % 60:02} min"


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _given(opts: argparse.Namespace) -> dict[str, Any]:
    """The values of the options by the keys of the file; None removes a key. Raises
    UsageProblem."""
    given: dict[str, Any] = {}
    for key, (_, _, read) in _OPTIONS.items():
        text = getattr(opts, key)
        if text is None:
            continue
        try:
            given[key] = read(text) if text else None
        except ValueError:
            raise UsageProblem(f"{_option(key)} takes a number, not {text!r}") from None
        try:
            if text:
                KEYS[key](given[key])
        except InvalidValue as invalid:
            raise UsageProblem(f"{_option(key)}: {invalid}") from None
    return given


def _find_name(file: StoresFile, asked: str) -> str:
    """The name of a store, by its name, host or address. Raises NoSuchStore."""
    if asked in file.stores:
        return asked
    for name, store in file.stores.items():
        if asked in {store.url, store.host}:
            return name
    names = ", ".join(list(file.stores)[:5]) or "none"
    raise NoSuchStore(f"no store {asked!r} is in the file of stores; there is {names}")

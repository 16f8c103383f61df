"""`scrapy stores`: the stores that are crawled on a schedule, listed and edited."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.exceptions import NoSuchStore, NotAStore, PageRefused, UsageProblem
from scraper.schedule.health import StoreHealth, read_health
from scraper.schedule.stores_file import edit_stores, read_stores, stores_path
from scraper.schedule.timetable.edit import add_store, edit_store, remove_store
from scraper.schedule.timetable.stores import DEMO, StoreConfig, StoresFile, store_key
from scraper.shopify.urls import parse_store_url

if TYPE_CHECKING:
    from scraper.spiders.probe import Found

ACTIONS = ("list", "add", "edit", "pause", "resume", "remove")
DAILY = "0 5 * * *"

_OPTIONS: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "schedule": ("CRON", "when to crawl, as a cron expression", str),
    "timezone": ("ZONE", "the time zone of schedule and window, such as Europe/Berlin", str),
    "window": ("HH:MM-HH:MM", "the hours in which a crawl may begin", str),
    "jitter_minutes": ("N", "put each run off by up to so many minutes", int),
    "rate": ("N", "the most requests a second to this store", float),
    "sweep_days": ("N", "fetch every post anew within so many days", float),
    "blogs": (
        "HANDLES",
        "the only blogs to crawl, with commas between them",
        lambda text: text.split(","),
    ),
    "skip_blogs": (
        "HANDLES",
        "blogs not to crawl, with commas between them",
        lambda text: text.split(","),
    ),
    "credentials": ("FILE", "the file of secret headers for this store", str),
    "heartbeat": ("URL", "the address to ask after each good crawl", str),
    "channels": (
        "NAMES",
        "where alerts go, with commas between them",
        lambda text: text.split(","),
    ),
    "incidents": (
        "NAMES",
        "who is told of trouble with the store, with commas between them",
        lambda text: text.split(","),
    ),
}


class Command(ArchiveCommand):
    """List and edit stores."""

    usage = "[options] [list] | add URL | edit NAME | pause NAME | resume NAME | remove NAME"
    example = "blogkeep stores add https://shop.example --schedule '0 5 * * *'"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--name", metavar="NAME", help="add: what to call the store (default: its host)"
        )
        parser.add_argument(
            "--no-try", action="store_true", help="add: ask the store for nothing first"
        )
        for key, (metavar, told, _) in _OPTIONS.items():
            parser.add_argument(
                f"--{key.replace('_', '-')}",
                metavar=metavar,
                help=f"{told}; edit: an empty text takes it away",
            )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        action, *rest = args or ["list"]
        if action not in ACTIONS or len(rest) != (action != "list"):
            raise UsageProblem(f"usage: scrapy stores {self.syntax()}")
        file = stores_path(self.archive_path(opts), self._setting("ARCHIVE_STORES"))
        if action == "list":
            self._list(file, opts)
        elif action == "add":
            self._add(file, rest[0], opts)
        else:
            self._change(file, action, rest[0], opts)

    def _setting(self, name: str) -> str:
        return str(self.settings[name])

    def _list(self, file: Path, opts: argparse.Namespace) -> None:
        found = [describe(one) for one in read_all(file, self.archive_path(opts))]
        if opts.json:
            print_json(found)
            return
        table = Table(box=None)
        for column in ("store", "url", "health", "last good crawl", "next run"):
            table.add_column(column)
        for store in found:
            table.add_row(
                *(
                    str(store[key])
                    for key in ("name", "url", "health", "last_good_at", "next_run_at")
                )
            )
        console().print(table)

    def _add(self, file: Path, url: str, opts: argparse.Namespace) -> None:
        given = _given(opts)
        values = {
            "url": url if url == DEMO else parse_store_url(url).origin,
            "schedule": DAILY,
            **given,
        }
        name = opts.name or store_key(url).replace(":", "-")
        if file.exists():
            known = read_stores(file).stores
            _refuse_duplicates(known, name, url)
            if "schedule" not in given and "schedule" in _defaults(file):
                del values["schedule"]
        found = None if opts.no_try or url == DEMO else self._try(url, given)
        if found:
            values["url"] = found.origin
        edit_stores(file, lambda text: add_store(text, name, values))
        self._report(file, name, found, opts)

    def _report(self, file: Path, name: str, found: Found | None, opts: argparse.Namespace) -> None:
        one = next(one for one in read_all(file, self.archive_path(opts)) if one.store.name == name)
        told = describe(one)
        posts = sum(found.blogs.values()) if found else 0
        seconds = first_crawl_s(posts, one.store, self._rate()) if found else 0.0
        if opts.json:
            print_json({**told, "found": found and found.blogs, "first_crawl_s": round(seconds)})
            return
        out = console()
        if found:
            blogs = ", ".join(
                f"{handle} ({number:,})" for handle, number in sorted(found.blogs.items())
            )
            out.print(f"{posts:,} posts listed in {len(found.blogs)} blogs: {blogs}", markup=False)
            if found.failed:
                out.print(
                    f"{found.failed} listings could not be read: there may be more", markup=False
                )
            out.print(f"a first crawl will take about {_span(seconds)} at this pace")
        out.print(f"{name} is in {file}; next run {told['next_run_at']}", markup=False)

    def _rate(self) -> float:
        return self.settings.getfloat("ARCHIVE_RATE")

    def _change(self, file: Path, action: str, name: str, opts: argparse.Namespace) -> None:
        name = _meant(read_stores(file), name)
        paused: dict[str, dict[str, Any]] = {"pause": {"paused": True}, "resume": {"paused": None}}
        values = paused.get(action) or _given(opts)
        if action == "edit" and not values:
            raise UsageProblem("say what to change, such as --schedule '0 5 * * *'")
        edit_stores(
            file,
            lambda text: (
                remove_store(text, name) if action == "remove" else edit_store(text, name, values)
            ),
        )
        if opts.json:
            print_json({"action": action, "name": name})
        elif action == "remove":
            print(f"{name} is crawled no more; what was archived of it stays")
        else:
            self._report(file, name, None, opts)

    def _try(self, url: str, given: dict[str, Any]) -> Found:
        """Ask the store for its listings. Raises NotAStore, PageRefused."""
        # These import Scrapy, which only this needs.
        from scraper.cli.crawling import run_spider  # noqa: PLC0415
        from scraper.middlewares.credentials import read_credentials  # noqa: PLC0415
        from scraper.spiders.probe import ProbeSpider  # noqa: PLC0415

        if given.get("credentials"):
            self.settings.override("ARCHIVE_CREDENTIALS", given["credentials"])
        read_credentials(self._setting("ARCHIVE_CREDENTIALS"))
        chosen = {key: ",".join(given.get(key) or ()) for key in ("blogs", "skip_blogs")}
        found: Sequence[Found] = run_spider(self.settings, ProbeSpider, url=url, **chosen).items
        posts = sum(found[0].blogs.values()) if found else 0
        if posts:
            return found[0]
        verdict = found[0].robots if found else "network_error"
        if verdict in {"rate_limited", "security_rejected", "challenge"}:
            raise PageRefused(
                f"{url} refuses requests ({verdict}): try again later, or add it with --no-try"
            )
        why = (
            "it did not answer"
            if verdict == "network_error"
            else "its sitemaps and feeds name no post"
        )
        raise NotAStore(
            f"no posts found at {url}: {why}; nothing was changed (--no-try adds it all the same)"
        )


def read_all(file: Path, archive: Path) -> list[StoreHealth]:
    """Every store of the file, with what the archive says of it. Raises StoresProblem."""
    return list(
        read_health(
            read_stores(file).stores.values(), archive, archive, datetime.now(UTC), least_free_mb=0
        ).stores
    )


def describe(one: StoreHealth) -> dict[str, Any]:
    """A store as it is listed."""
    timetable = one.store.timetable
    return {
        "name": one.store.name,
        "url": one.store.url,
        "health": one.status.health,
        "reason": one.status.reason,
        "last_good_at": one.status.past.good_at or "never",
        "next_run_at": one.next_run,
        "schedule": timetable.expression,
        "timezone": str(timetable.zone),
        "paused": one.store.paused,
        "failed_runs": one.plan.failed_runs,
    }


def first_crawl_s(posts: int, store: StoreConfig, rate: float) -> float:
    """Seconds that a first crawl takes at the polite rate: one request for each post, one in twelve
    for index pages."""
    pace = min([one for one in (rate, store.rate or 0.0) if one > 0], default=20.0)
    return (posts + posts / 12 + 10) / pace


def _span(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    if minutes <= 2:
        return "a minute or two"
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def _given(opts: argparse.Namespace) -> dict[str, Any]:
    """What the options say, by the keys of the file; None takes a key away."""
    given: dict[str, Any] = {}
    for key, (_, _, read) in _OPTIONS.items():
        text = getattr(opts, key)
        if text is None:
            continue
        try:
            given[key] = read(text) if text else None
        except ValueError:
            raise UsageProblem(f"--{key.replace('_', '-')} takes a number, not {text!r}") from None
    return given


def _defaults(file: Path) -> frozenset[str]:
    """The keys that the file's defaults say."""
    return frozenset(read_stores(file).defaults)


def _refuse_duplicates(known: Any, name: str, url: str) -> None:
    if name in known:
        raise UsageProblem(f"there is a store {name} already: give another --name, or edit it")
    for store in known.values():
        if store.host == store_key(url):
            raise UsageProblem(f"{url} is there already, as {store.name}")


def _meant(file: StoresFile, asked: str) -> str:
    """The name of the store that is meant by its name or address. Raises NoSuchStore."""
    if asked in file.stores:
        return asked
    found = [name for name, store in file.stores.items() if asked in {store.url, store.host}]
    if not found:
        names = ", ".join(list(file.stores)[:5]) or "none"
        raise NoSuchStore(f"no store {asked!r} is in the file of stores; there is {names}")
    return found[0]

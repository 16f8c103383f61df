"""Scrapy for the commands that fetch. Importing this module imports Scrapy."""

from __future__ import annotations

import argparse
import asyncio
import logging
from dataclasses import dataclass
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import AsyncCrawlerProcess, Crawler, CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from scrapy.utils.misc import load_object
from twisted.logger import globalLogBeginner

from scraper.cli.resources import describe_exhaustion, require_descriptors
from scraper.cli.settings import CommandSettings
from scraper.exceptions import OutOfResources, UsageProblem
from scraper.extensions.crawl_run import CrawlRun
from scraper.extensions.exhaustion import ExhaustionWatch


@dataclass(frozen=True, slots=True)
class SpiderRun:
    """What a spider yielded, and the state that it ended in."""

    items: tuple[Any, ...]
    state: CrawlRun


def run_spider(settings: CommandSettings, spider: type[Spider], **arguments: str) -> SpiderRun:
    """Run a spider to its end, without logging unless `-s LOG_ENABLED=1` asks for it. A process can
    do so once. Raises OutOfResources."""
    require_descriptors()
    process = _crawler_process(scrapy_settings(settings, {"LOG_ENABLED": False}))
    crawler, items = process.create_crawler(spider), list[Any]()

    def collect(item: Any) -> None:
        items.append(item)

    crawler.signals.connect(collect, signals.item_scraped)
    crawl_to_end(process, crawler, **arguments)
    return SpiderRun(tuple(items), CrawlRun.of(crawler))


def crawl_to_end(process: CrawlerProcessBase, crawler: Crawler, **arguments: str) -> None:
    """Run a crawler to its end, which comes early where a resource runs out. Raises
    OutOfResources."""
    watch = ExhaustionWatch(crawler, describe_exhaustion)
    logging.root.handlers.insert(0, watch)  # before the one that writes
    process.crawl(crawler, **arguments)
    process.start()
    if watch.reason:
        raise OutOfResources(watch.reason)


class CrawlSettings(Settings):
    """The settings of a process that crawls once, and so has one crawler: of the two deep copies
    that Scrapy makes, none could differ."""

    def copy(self) -> Self:
        """The same object."""
        return self

    def frozencopy(self) -> Self:
        """The same object, which the crawler freezes when it is set up."""
        return self


def scrapy_settings(settings: CommandSettings, defaults: dict[str, Any]) -> Settings:
    """Scrapy's own settings object with the same values; `defaults` are those of a command."""
    built = CrawlSettings()
    built.setdict(defaults, priority="command")
    built.setmodule(settings.module, priority="project")
    built.setdict(settings.overrides, priority="cmdline")
    return built


def prepare(command: BaseRunSpiderCommand) -> None:
    """Give a command of Scrapy's kind its settings, as Scrapy does."""
    command.settings = scrapy_settings(CommandSettings(), command.default_settings)


def run(command: BaseRunSpiderCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Run a command of Scrapy's kind as Scrapy does. Raises UsageProblem, OutOfResources."""
    assert command.settings is not None
    require_descriptors()
    try:
        command.process_options(args, opts)
        command.crawler_process = _crawler_process(command.settings)
        command.run(args, opts)
    except UsageError as error:
        raise UsageProblem(str(error) or f"usage: blogkeep crawl {command.syntax()}") from error


def _crawler_process(settings: Settings) -> AsyncCrawlerProcess:
    """A crawler process with the event loop of the settings. Scrapy would first make one of another
    class, which nobody closes, and which the end of a forked process then reports."""
    if path := settings["ASYNCIO_EVENT_LOOP"]:
        asyncio.set_event_loop(load_object(path)())
    # Until it has an observer, Twisted prints what it logs; Scrapy's logging is none to it.
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
    return AsyncCrawlerProcess(settings)

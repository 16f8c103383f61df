"""Scrapy for the commands that fetch. Importing this module imports Scrapy."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from scraper.cli.resources import require_descriptors
from scraper.cli.settings import CommandSettings
from scraper.exceptions import UsageProblem
from scraper.extensions.crawl_run import CrawlRun


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
    process.crawl(crawler, **arguments)
    process.start()
    return SpiderRun(tuple(items), CrawlRun.of(crawler))


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
    return AsyncCrawlerProcess(settings)

"""Pages are read in a process of its own: one that hangs or crashes it is refused by name."""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import math
import os
import re
import resource
import signal
import termios
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from scraper import extraction_worker
from scraper.exceptions import ExtractionError, PageLost, PageRejected
from scraper.extract import SavedPage, is_cut
from scraper.extraction_worker import (
    _IDLE,
    _STAGE,
    _WORKING,
    FITS,
    PARSING_S,
    ExtractionWorker,
    PageParser,
    PageSource,
    too_slow,
)
from scraper.pipelines.edits import Edits
from tests.conftest import wait_until
from tests.each_row import each_row
from tests.extract.pages import entry_of
from tests.storefront import post

pytestmark = pytest.mark.usefixtures("integration")


def source(key: int, text: str = "Enough words that this reads like a post.") -> PageSource:
    page = post("/blogs/news/a", text=text).replace("{origin}", "https://shop.example")
    return PageSource(
        key=key,
        body=page.encode(),
        final_url="https://shop.example/blogs/news/a",
        charset="utf-8",
        feed_entry=None,
    )


def spin() -> None:
    while True:
        pass


def spin_in_c() -> int:
    return sum(range(10**15))  # no signal handler of Python's would run in it


def crash() -> None:
    ctypes.string_at(0)


def pid() -> int:
    return os.getpid()


def limit_addresses(more: int) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + more, used + more))


@pytest.fixture
def worker() -> Iterator[ExtractionWorker]:
    with ExtractionWorker(0.3) as worker:
        yield worker


def test_a_page_is_read_as_it_would_be_here(worker: ExtractionWorker) -> None:
    parser = PageParser()
    assert worker.call(PageParser.read, source(1), None, ()) == parser.read(source(1), None, ())
    worker.call(PageParser.add, source(2))
    assert worker.call(PageParser.take_post, 2, None, ()).title == "A post"
    assert worker.call(pid) != os.getpid()


def test_what_the_parser_raises_is_raised(worker: ExtractionWorker) -> None:
    with pytest.raises(ExtractionError, match="too_many_tags"):
        worker.call(PageParser.read, source(1, "<i></i>" * 200_000), None, ())
    with pytest.raises(PageLost):
        worker.call(PageParser.take_post, 9, None, ())
    with pytest.raises(PageLost):
        worker.call(PageParser.settle_template, [9], None)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        worker.call(divmod, 1, 0)
    assert worker.restarts == 0


def test_a_page_that_cannot_be_compared_is_not_cut(worker: ExtractionWorker) -> None:
    """It was read a moment ago, and may take too long at the next call."""
    edits = Edits(None, worker, count(), None)
    asyncio.run(edits._refuse_cut(source(1), replace(source(2), body=b""), None))


def test_a_call_over_its_cpu_is_ended_and_the_next_one_answered(worker: ExtractionWorker) -> None:
    with pytest.raises(ExtractionError, match=r"too_slow: .* more than 0\.3 s of CPU"):
        worker.call(spin_in_c)
    assert worker.restarts == 1
    assert worker.call(PageParser.read, source(1), None, ()).title == "A post"


SLOW_TO_PARSE = {
    "fonts that end with another tag": "".join(
        f"<font color={at}></i>word " for at in range(20_000)
    ),
    "ends that stand in comments": "<ul><li>word <!--</li></ul>-->" * 25_000,
    "attributes in a script of a drawing": "<svg><script><p "
    + " ".join(map("a%d".__mod__, range(50_000))),
    "names without values": "".join(
        f"<p {' '.join(f'a{99 * tag + at}' for at in range(99))}>" for tag in range(1320)
    ),
    "attributes of one body in three hundred parts": "".join(
        f"<body {' '.join(f'a{90 * part + at}' for at in range(90))}>" for part in range(600)
    ),
}


@each_row(
    "text",
    [
        "".join(f'<p>Some <b>words</b> of <a href="/x">tea {at}</a>.</p>' for at in range(15_000)),
        'x = "a" < b && c; ' * 280_000,
    ],
    ids=["sixty thousand elements", "five megabytes of signs"],
)
def test_a_page_far_larger_than_real_ones_is_parsed(text: str) -> None:
    with ExtractionWorker(5.0) as worker:
        worker.call(PageParser.add, source(1, text))
        assert worker.restarts == 0


@each_row("text", SLOW_TO_PARSE.values(), ids=SLOW_TO_PARSE)
def test_a_page_that_only_the_parser_finds_slow_has_a_short_time(text: str) -> None:
    with ExtractionWorker(5.0) as worker:
        with pytest.raises(PageRejected, match=re.escape(too_slow(PARSING_S, "parsing"))):
            worker.call(PageParser.read, source(1, text), None, ())
        assert worker.call(PageParser.read, source(2), None, ()).title == "A post"


REPEATED = f"<p>{''.join(map('<b id=b%d>'.__mod__, range(250)))}</p>" + "<p>words" * 50_000
"""Each paragraph opens again what stands open in the one before: a few hundred KB make 12 million
elements."""


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExtractionWorker]:
    """A worker whose calls may take 64 MB."""
    monkeypatch.setattr(extraction_worker, "MOST_MEMORY", 64 << 20)
    with ExtractionWorker(5.0) as worker:
        yield worker


def test_a_page_that_only_the_parser_finds_large_has_little_memory(
    little: ExtractionWorker,
) -> None:
    with pytest.raises(PageRejected, match=r"too_much_memory: .* 64 MB"):
        little.call(PageParser.add, source(1, REPEATED))
    assert little.call(PageParser.read, source(2), None, ()).title == "A post"


@each_row(("text", "megabytes"), [(REPEATED, 93), (REPEATED + " " * (5 << 20), 800)])
def test_a_page_that_takes_four_gigabytes_has_what_its_size_may_take(
    text: str, megabytes: int
) -> None:
    refused = pytest.raises(PageRejected, match=rf"too_much_memory: .* {megabytes} MB")
    with ExtractionWorker(250.0) as worker, refused:
        worker.call(PageParser.add, source(1, text))
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1700 << 10


def test_a_short_page_has_the_memory_that_its_feed_entry_takes() -> None:
    entry = entry_of(source(1).final_url, "<p>A line of words of tea.</p>" * 100_000)
    page = replace(source(1), feed_entry=entry)
    with ExtractionWorker(250.0) as worker:
        assert worker.call(PageParser.read, page, None, ()).title == "A post"


def test_pages_that_wait_take_no_memory_from_the_next(little: ExtractionWorker) -> None:
    large = "".join(f'<p>Some <b>words</b> of <a href="/x">tea {at}</a>.</p>' for at in range(9000))
    for key in range(20):
        little.call(PageParser.add, source(key, large))
    for key in range(20):
        assert little.call(PageParser.take_post, key, None, ()).title == "A post"
    assert little.restarts == 0


def test_a_call_is_received_and_answered_whatever_its_size(little: ExtractionWorker) -> None:
    assert little.call(len, bytes(150 << 20)) == 150 << 20
    assert little.call(len, "four") == 4


@each_row(("megabytes", "is_lower"), [(790, True), (2_000_000, False)])
def test_a_lower_limit_of_the_operator_stays(
    worker: ExtractionWorker, megabytes: int, *, is_lower: bool
) -> None:
    limits = (megabytes << 20, resource.RLIM_INFINITY)
    reader = worker.call(pid)
    resource.prlimit(reader, resource.RLIMIT_DATA, limits)
    in_call, _ = worker.call(resource.getrlimit, resource.RLIMIT_DATA)
    assert (in_call == limits[0]) == is_lower
    assert in_call <= limits[0]
    wait_until(lambda: resource.prlimit(reader, resource.RLIMIT_DATA) == limits)


def test_a_page_for_which_the_operator_leaves_no_memory_is_not_rejected() -> None:
    with ExtractionWorker(5.0) as worker:
        worker.call(limit_addresses, 64 * 1024 * 1024)
        with pytest.raises(ExtractionError, match="killed"):
            worker.call(PageParser.add, source(1, REPEATED))


@each_row(("spare", "allowed"), [(2, [0.05, 0.05, 0.01, 0.005, 0.005]), (math.inf, [0.05] * 4)])
def test_slow_pages_leave_less_time_to_those_that_follow(spare: float, allowed: list[float]):
    slow = source(1, "<b>a</b> " * 110_000)
    saved = SavedPage(slow.body, slow.final_url, None)
    calls = [(PageParser.add, slow)] * (len(allowed) - 1) + [(is_cut, saved, saved, None)]
    reasons = []
    with ExtractionWorker(0.05, spare=spare) as worker:
        for call in calls:
            with pytest.raises(ExtractionError) as refused:
                worker.call(*call)
            reasons.append(str(refused.value))
        assert reasons == list(map(too_slow, allowed))
        with pytest.raises(ExtractionError, match=re.escape(too_slow(0.05))):
            worker.call(spin)  # which is no page's


@pytest.mark.parametrize("end", [crash, os.abort])
def test_a_crash_is_reported_and_the_next_call_answered(
    worker: ExtractionWorker, end: Callable[[], None]
) -> None:
    with pytest.raises(PageRejected, match="crashed"):
        worker.call(end)
    assert worker.call(pid) > 0


def test_a_worker_of_which_nothing_is_left_says_so_at_each_call(worker: ExtractionWorker) -> None:
    reader = worker.call(pid)

    async def ask() -> list[object]:
        calls = [asyncio.ensure_future(worker.call_async(function)) for function in (spin, pid)]
        await asyncio.sleep(0)
        for process in (worker._pid, reader):
            os.kill(process, signal.SIGKILL)
        return [*await asyncio.gather(*calls, return_exceptions=True)]

    assert [str(error)[:7] for error in asyncio.run(ask())] == ["killed:"] * 2
    for _ in range(2):
        with pytest.raises(ExtractionError, match="killed"):
            worker.call(pid)


def test_a_reader_killed_between_two_calls_answers_no_other(worker: ExtractionWorker) -> None:
    reader = worker.call(pid)
    wait_until(lambda: worker._shared[_STAGE] == _IDLE)
    os.kill(reader, signal.SIGKILL)
    assert worker.call(len, "four") == 4
    assert worker.restarts == 1  # for what it held is gone
    assert worker.call(pid) not in (reader, 4)


def test_a_terminal_that_is_closed_leaves_the_end_to_the_crawl(worker: ExtractionWorker) -> None:
    reader = worker.call(pid)
    for process in (worker._pid, reader):
        os.kill(process, signal.SIGHUP)
    assert (worker.call(pid), worker.restarts) == (reader, 0)


def test_the_end_does_not_wait_for_what_is_being_read() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    for is_begun in (True, False):
        with ExtractionWorker(20) as worker:
            if is_begun:
                worker.call(pid)
            worker._send((spin, ()))
            if is_begun:
                wait_until(lambda worker=worker: worker._shared[_STAGE] == _WORKING)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime < before + 10


@pytest.mark.parametrize("message", ["call", "answer"])
def test_nobody_waits_for_a_reader_killed_within_a(worker: ExtractionWorker, message: str) -> None:
    reader, ours = worker.call(pid), worker._connection.fileno()

    def count(queue: int) -> int:
        return int.from_bytes(fcntl.ioctl(ours, queue, bytes(4)), "little")

    if message == "call":
        os.write(ours, (1000).to_bytes(4, "big") + b"half")
        wait_until(lambda: not count(termios.TIOCOUTQ))
    else:
        worker._send((bytes, (100 * FITS,)))
        wait_until(lambda: count(termios.FIONREAD) > FITS)
    os.kill(reader, signal.SIGKILL)
    for ask in (worker._result, lambda: worker.call(pid)):
        with pytest.raises(ExtractionError, match="killed"):
            ask()


def test_calls_of_an_event_loop_are_answered_in_their_order(worker: ExtractionWorker) -> None:
    order: list[int] = []

    async def read(key: int) -> None:
        if key == 2:
            with pytest.raises(ExtractionError):
                await worker.call_async(spin)
        else:
            await worker.call_async(PageParser.read, source(key), None, ())
        order.append(key)

    async def read_all() -> None:
        await asyncio.gather(*(read(key) for key in range(5)))

    asyncio.run(read_all())
    assert order == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("size", [0, FITS - 100, FITS, 3_000_000])
def test_an_answer_of_any_size_arrives(worker: ExtractionWorker, size: int) -> None:
    async def ask() -> list[bytes]:
        return await asyncio.gather(*(worker.call_async(bytes, size) for _ in range(3)))

    assert worker.call(bytes, size) == bytes(size)
    assert asyncio.run(ask()) == [bytes(size)] * 3


def test_an_answer_for_which_there_is_no_memory_keeps_nobody_waiting(
    worker: ExtractionWorker,
) -> None:
    async def ask() -> list[bytes | int | BaseException]:
        calls = worker.call_async(bytes, 300 << 20), worker.call_async(pid)
        return await asyncio.gather(*calls, return_exceptions=True)

    before = resource.getrlimit(resource.RLIMIT_DATA)
    used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (used + (64 << 20), before[1]))
    try:
        lost, after = asyncio.run(ask())
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
    assert isinstance(lost, MemoryError)
    assert isinstance(after, ExtractionError)
    with pytest.raises(ExtractionError, match="killed"):
        worker.call(pid)


def test_the_worker_ends_with_whoever_started_it(worker: ExtractionWorker) -> None:
    reader = worker.call(pid)
    worker.close()
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)


def test_an_error_in_the_worker_stays_in_the_worker(capfd: pytest.CaptureFixture[str]) -> None:
    """Its code was forked in the middle of ours: it must not go on with what we do next."""
    worker = ExtractionWorker(0.5)
    reader = worker.call(pid)
    worker._connection.send((source, (1,), 0.5))  # nobody waits for this answer
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)
    assert "Traceback" not in capfd.readouterr().err

"""Reads pages in a process of its own, which a hostile page may hang or crash without harm.

A deadline of CPU time holds there whatever code is running, a regular expression or a library in C:
the operating system ends the process (ITIMER_PROF, whose signal nothing handles). Inside the event
loop of a crawl no deadline would hold. Parsing has a shorter one of its own (ITIMER_VIRTUAL): it is
linear for every real page, and quadratic in more ways than a look at the source can find, in memory
too, of which a call has `MOST_MEMORY`, and a page what its size explains.
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import resource
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from mmap import mmap
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar, cast

from selectolax.lexbor import SelectolaxError

from scraper.exceptions import BlogkeepError, ExtractionError, PageLost, PageRejected
from scraper.extract import (
    ParsedPage,
    SavedPage,
    is_cut,
    keeps_template,
    parse_page,
    settle_template,
    take_post,
)
from scraper.extract.platform_post import at_platform
from scraper.items import TOO_SLOW, FeedEntry, Post, Template

FITS = 32 * 1024
"""Bytes of the largest answer that waits in the socket's buffer; those of posts have 15 KB."""

PARSING_S, _PARSING = 1.0, 1 / 25
"""Seconds of CPU that parsing may take, or that part of the deadline where it is more: a page of
750 KB takes 0.01, one of 60,000 elements 0.25, and one that grows with the square of its size 4."""

MOST_MEMORY: Final = 800 << 20
_PAGE_MEMORY, _FOR_EACH_BYTE = 32 << 20, 160
"""Bytes that a call may take beyond what the process has; any page; and more for each byte of it
and of its feed entry, which takes 120 at most."""

_Result = TypeVar("_Result")
_Call = tuple[Callable[..., Any], tuple[Any, ...]]
_Answer = tuple[Any, BaseException | None]
_USUAL = 0.1
"""Part of the deadline that is always left to a page: eighty times what an average one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSource:
    """A page to read: its bytes, the URL that answered, the charset of its header, its entry of
    the blog's feed, and when it was fetched (UTC). `key` names it for the requests that follow."""

    key: int
    body: bytes
    final_url: str
    charset: str
    feed_entry: FeedEntry | None
    fetched_at: str = ""


class PageParser:
    """What the worker does, in its own process: pages are parsed once, then learned from and read.

    A page is parsed when it is added and forgotten when it is read. Parsing that takes more than
    `parsing_s` seconds of CPU ends the process; 0 sets no limit.
    """

    def __init__(self, parsing_s: float = 0.0) -> None:
        self._parsing_s = parsing_s
        self._pages: dict[int, tuple[PageSource, ParsedPage]] = {}

    def add(self, source: PageSource) -> None:
        """Parse a page. Raises ExtractionError."""
        with self._limited():
            page = parse_page(source.body, url=source.final_url, charset=source.charset)
        self._pages[source.key] = source, page

    def read_listing(self, read: Callable[[bytes], _Result], body: bytes) -> _Result:
        """What `read` finds in a page that lists, in the time for parsing. Raises what it does."""
        with self._limited():
            return read(body)

    def keeps_template(self, keys: Sequence[int], known: Template) -> bool:
        """Whether pages are still read by the template that is known of their store."""
        return keeps_template(self._saved(keys), known)

    def settle_template(self, keys: Sequence[int], known: Template | None) -> Template | None:
        """The template by which pages are to be read; None: each by itself."""
        return settle_template(self._saved(keys), known)

    def read(
        self, source: PageSource, template: Template | None, addresses: Collection[str]
    ) -> Post:
        """The post of a page that was not added. Raises ExtractionError."""
        self.add(source)
        return self.take_post(source.key, template, addresses)

    def take_post(self, key: int, template: Template | None, addresses: Collection[str]) -> Post:
        """The post of a page that was added. Raises ExtractionError, or PageLost."""
        source, page = self._find(key)
        del self._pages[key]
        url, entry, at = source.final_url, source.feed_entry, source.fetched_at
        post = take_post(
            page, final_url=url, entry=entry, template=template, addresses=addresses, seen_at=at
        )
        return at_platform(post, url=url, body=source.body, entry=entry, addresses=addresses)

    @contextmanager
    def _limited(self) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_VIRTUAL, self._parsing_s)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _saved(self, keys: Sequence[int]) -> list[SavedPage]:
        pages = map(self._find, keys)
        return [SavedPage(page, page.url, source.feed_entry) for source, page in pages]

    def _find(self, key: int) -> tuple[PageSource, ParsedPage]:
        if key not in self._pages:
            raise PageLost(f"page {key} was added to a worker that has ended")
        return self._pages[key]


class ExtractionWorker(AbstractContextManager["ExtractionWorker"]):
    """A child process that calls functions, and methods of the one `PageParser` that it has.

    Each call takes at most `deadline_s` seconds of CPU, and that of a page less where pages before
    it took `spare` deadlines together beyond a tenth each: a store of slow pages must not take a
    core for days. Parsing one takes at most `parsing_s` of them. A call raises an error of ours as
    the function does, PageRejected where the deadline passed (``too_slow``), it took too much
    memory (``too_much_memory``) or the process crashed (``crashed``, as where a library lacks
    memory), ExtractionError where somebody killed it: a new process then takes its place, which
    `restarts` counts, and pages that were added are gone; later calls raise that error, too, where
    the process was killed that starts the new one.
    """

    def __init__(self, deadline_s: float, *, spare: float = math.inf) -> None:
        self.deadline_s, self.parsing_s = deadline_s, parsing_limit(deadline_s)
        self._spare_s = spare * deadline_s
        self._allowed_s, self._memory, self._is_page = deadline_s, MOST_MEMORY, False
        self._has_ended = False
        ours, theirs = socket.socketpair()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * FITS)
        # An event loop makes what it watches non-blocking, which a large message cannot bear: it
        # watches a pipe that says when there is an answer to receive.
        self._answered, answers = os.pipe()
        self._shared = mmap(-1, 3)  # with both processes: `_STAGE` and those below it
        gc.freeze()  # what parent and child share stays shared
        # Until the child ignores them: our handlers would raise in it, with a traceback.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        self._pid = os.fork()
        if not self._pid:
            _run_and_exit(_supervise, theirs.detach(), answers, self._shared, self.parsing_s)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.setpgid(self._pid, self._pid)  # with the reader that it will fork
        theirs.close()
        os.close(answers)
        self._connection = Connection(ours.detach())
        self._waiting: deque[tuple[_Call, asyncio.Future[Any]]] = deque()
        self._current: asyncio.Future[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def restarts(self) -> int:
        """How many processes took the place of one that was ended, modulo 256."""
        return self._shared[_RESTARTS]

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, function: Callable[..., _Result], *args: Any) -> _Result:
        """Call a function of a module, or a partial of one, or a method of `PageParser`."""
        self._send((function, args))
        return cast("_Result", self._result())

    async def call_async(self, function: Callable[..., _Result], *args: Any) -> _Result:
        """The same, from an event loop: calls are answered in the order in which they were made."""
        loop = asyncio.get_running_loop()
        if self._loop is None:
            loop.add_reader(self._answered, self._receive)
            self._loop = loop
        future: asyncio.Future[Any] = loop.create_future()
        self._waiting.append(((function, args), future))
        self._send_next()
        return cast("_Result", await future)

    def close(self) -> None:
        """End the worker, whatever it is reading."""
        if self._connection.closed:
            return
        if self._loop and not self._loop.is_closed():
            self._loop.remove_reader(self._answered)
        self._connection.close()
        os.close(self._answered)
        self._shared[_IS_ENDING] = True
        os.killpg(self._pid, signal.SIGTERM)  # it ends what reads, not what waits for that
        os.waitpid(self._pid, 0)

    def _result(self) -> Any:
        value, error = self._receive_answer()
        if error is not None:
            raise error
        return value

    def _send_next(self) -> None:
        # One at a time: the worker then reads while we write, and neither can block the other.
        while self._current is None and self._waiting:
            request, self._current = self._waiting.popleft()
            try:
                self._send(request)
            except MemoryError as error:  # before anything was sent
                self._current.set_exception(error)
                self._current = None

    def _send(self, call: _Call) -> None:
        self._is_page = call[0] in (*_PARSER_CALLS, is_cut)
        pages = (arg for arg in call[1] if isinstance(arg, PageSource))
        sizes = [len(one.body) + len(repr(one.feed_entry)) for one in pages]
        self._memory = min([MOST_MEMORY, *(_PAGE_MEMORY + _FOR_EACH_BYTE * one for one in sizes)])
        spare_s = self._spare_s if self._is_page else self.deadline_s
        self._allowed_s = min(self.deadline_s, max(spare_s, _USUAL * self.deadline_s))
        with suppress(ConnectionError):  # where both processes were killed, which is the answer
            self._connection.send((*call, self._allowed_s, self._memory))

    def _receive_answer(self) -> _Answer:
        try:
            value, error, cpu_s = self._connection.recv()
            os.read(self._answered, 1)
        except (EOFError, OSError):  # the latter where part of the answer came
            value, error, cpu_s, self._has_ended = None, signal.SIGKILL, 0.0, True
        except MemoryError as memory:
            os.killpg(self._pid, signal.SIGKILL)  # the next call would read the rest of the answer
            value, error, cpu_s, self._has_ended = None, memory, 0.0, True
        if isinstance(error, int):
            cpu_s = self.parsing_s if error == signal.SIGVTALRM else self._allowed_s
            error = _failure(error, cpu_s, self._memory)
        if self._is_page:
            self._spare_s -= max(0.0, cpu_s - _USUAL * self.deadline_s)
        return value, error

    def _receive(self) -> None:
        (value, error), future = self._receive_answer(), self._current
        self._current = None
        self._send_next()
        if future and not future.done():
            future.set_exception(error) if error else future.set_result(value)
        if self._has_ended and self._current is None and self._loop:
            # The pipe of a worker that was killed says for ever that there is something.
            self._loop.remove_reader(self._answered)
            self._loop = None


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_OUT_OF_MEMORY = signal.SIGUSR1  # ends the reader, for not all that it took is sure to come back
_PARSER_CALLS = (PageParser.add, PageParser.read, PageParser.read_listing, PageParser.take_post)


def _run_and_exit(function: Callable[..., None], *args: Any) -> NoReturn:
    """Run a child's part and end it, whatever that raises: the code around it is the parent's."""
    try:
        function(*args)
    finally:
        os._exit(0)


def _supervise(fd: int, answers: int, shared: mmap, parsing_s: float) -> None:
    """Start a reader for the first call, and another when it is ended by a signal, whose number is
    the answer. Most crawls of a store in which nothing changed call nothing."""
    first, last = sorted((fd, answers))
    os.closerange(3, first)
    os.closerange(first + 1, last)
    os.closerange(last + 1, os.sysconf("SC_OPEN_MAX"))
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C and a closed terminal are for the crawl
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    calls, connection = socket.socket(fileno=os.dup(fd)), Connection(fd)
    while calls.recv(1, socket.MSG_PEEK):  # nothing: the crawl has ended
        shared[_STAGE] = _IDLE
        pid = os.fork()
        if not pid:
            _run_and_exit(_read_pages, calls, connection, answers, shared, PageParser(parsing_s))
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status) or shared[_STAGE] == _WITHIN_MESSAGE:
            return  # for another reader would take the rest of a message for the next one
        shared[_RESTARTS] = (shared[_RESTARTS] + 1) % 256
        if shared[_STAGE] == _WORKING:  # else the call is still to be read
            _answer(connection, answers, (None, os.WTERMSIG(status), 0.0))


_STAGE, _IS_ENDING, _RESTARTS = range(3)
"""Bytes that the three processes share: what the reader is at, which says to the supervisor what to
do when it is ended; whether the crawl ends both; how many readers were replaced."""

_IDLE, _WITHIN_MESSAGE, _WORKING = range(3)


def parsing_limit(deadline_s: float) -> float:
    """Seconds of CPU that parsing may take, of those that reading a page may."""
    return max(PARSING_S, _PARSING * deadline_s)


def too_slow(limit_s: float, what: str = "reading") -> str:
    """The reason for which a page over a limit is rejected."""
    return f"{TOO_SLOW}: {what} the page takes more than {limit_s:g} s of CPU"


def reasons_of_limits(deadline_s: float) -> tuple[str, str]:
    """The reasons for which pages are rejected where this is the deadline."""
    return too_slow(deadline_s), too_slow(parsing_limit(deadline_s), "parsing")


def _failure(number: int, limit_s: float, memory: int) -> ExtractionError:
    if number in (signal.SIGKILL, signal.SIGTERM):  # by the system, which lacks memory, or a person
        return ExtractionError(f"killed: the process that read the page was ended ({number})")
    reasons: dict[int, str] = {
        signal.SIGPROF: too_slow(limit_s),
        signal.SIGVTALRM: too_slow(limit_s, "parsing"),
        _OUT_OF_MEMORY: f"too_much_memory: reading the page takes {memory >> 20} MB or more",
    }
    return PageRejected(reasons.get(number, f"crashed: reading it ended the process ({number})"))


def _read_pages(
    calls: socket.socket, connection: Connection, answers: int, shared: mmap, parser: PageParser
) -> None:
    """Answer calls until the connection is closed, which raises EOFError or BrokenPipeError."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if shared[_IS_ENDING]:  # the signal came before
        return
    while True:
        calls.recv(1, socket.MSG_PEEK)
        shared[_STAGE] = _WITHIN_MESSAGE
        function, args, allowed_s, memory = connection.recv()
        shared[_STAGE] = _WORKING
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, allowed_s)
        if getattr(function, "__qualname__", "").startswith(f"{PageParser.__name__}."):
            args = (parser, *args)
        value, error = _call(function, args, memory)
        signal.setitimer(signal.ITIMER_PROF, 0)
        shared[_STAGE] = _WITHIN_MESSAGE
        _answer(connection, answers, (value, error, time.process_time() - started))
        shared[_STAGE] = _IDLE


def _answer(connection: Connection, answers: int, answer: tuple[Any, ...]) -> None:
    """Send an answer, and say so: at the end, lest the other side wait for what is still being
    written, or at the beginning where it is so large that it is only sent while it is received."""
    data = ForkingPickler.dumps(answer)
    if len(data) > FITS:
        os.write(answers, b".")
    connection.send_bytes(data)
    if len(data) <= FITS:
        os.write(answers, b".")


def _call(function: Callable[..., Any], args: tuple[Any, ...], memory: int) -> _Answer:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    ended_by = _limit_memory(memory, *before)
    try:
        return function(*args), None
    except BlogkeepError as error:
        return None, error
    except (MemoryError, SelectolaxError):
        signal.raise_signal(ended_by)
        raise
    except Exception as error:  # noqa: BLE001 - a defect is reported where the call was made
        return None, RuntimeError(f"{type(error).__name__}: {error}")
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _limit_memory(most: int, soft: int, hard: int) -> signal.Signals:
    """Limit a call's memory, unless a limit is lower. Returns which signal ends it there."""
    statm = Path("/proc/self/statm")  # of Linux alone
    used = int(statm.read_text().split()[5]) * resource.getpagesize() if statm.exists() else 0
    if soft == resource.RLIM_INFINITY or used + most < soft:
        resource.setrlimit(resource.RLIMIT_DATA, (used + most, hard))
        if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
            return _OUT_OF_MEMORY
    return signal.SIGKILL

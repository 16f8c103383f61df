"""Faults of the demo store: each kind turns a correct answer into one that a crawler must
survive."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from threading import Event, Lock
from typing import Literal, get_args

from scraper.demo.answers import HTML, DemoResponse, redirect

FaultKind = Literal[
    "slow",
    "hold",
    "rate_limited",
    "security_rejected",
    "server_error",
    "unavailable",
    "challenge",
    "password",
    "broken_html",
    "truncated",
    "cut",
    "huge",
    "empty",
    "not_html",
    "soft_404",
    "gone",
    "redirect_home",
    "redirect_off",
    "drop",
    "garbage",
    "utf_16",
    "western",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A kind of fault, and the requests that it affects.

    It affects requests whose path (with query) matches the shell pattern `path`: after the first
    `after` of them, every `every`-th, at most `times` times (None: always). `retry_after` is that
    header's value (None: no header), `status` the status of a challenge, `location` the target of
    ``redirect_off``, `size_bytes` the size of ``huge``, `delay_s` the delay of ``slow``. An answer
    under ``hold`` is sent once the faults are cleared.
    """

    kind: FaultKind
    path: str = "*"
    times: int | None = None
    every: int = 1
    after: int = 0
    delay_s: float = 1.0
    retry_after: str | None = None
    status: int = 403
    location: str = "http://elsewhere.example/"
    size_bytes: int = 40_000_000

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            known = ", ".join(get_args(FaultKind))
            raise ValueError(f"no fault is called {self.kind}; there are {known}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An answer and how it is sent: after `delay_s`, if `held` once the faults are cleared, with at
    most `sent_bytes` of its body, or not at all if `dropped`."""

    answer: DemoResponse
    delay_s: float = 0.0
    held: bool = False
    sent_bytes: int | None = None
    dropped: bool = False


class FaultRegistry:
    """The faults of a server, with their counts; thread-safe. `cleared` is set when the faults that
    are active now are removed."""

    def __init__(self) -> None:
        self.cleared = Event()
        self._lock = Lock()
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        """Activate a fault."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Remove all faults, and let the answers go that they hold."""
        with self._lock:
            self._armed.clear()
            self.cleared.set()
            self.cleared = Event()

    def due(self, target: str) -> tuple[Fault, ...]:
        """Count this request and return the faults that affect it: the first one, and every one
        that delays."""
        if not self._armed:
            return ()
        with self._lock:
            due = [armed.fault for armed in self._armed if armed.take(target)]
        delays = [fault for fault in due if fault.kind in _DELAYS]
        return (*[fault for fault in due if fault.kind not in _DELAYS][:1], *delays)


class _Armed:
    """A fault, and how many requests matched it and were affected."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._matched = 0
        self._affected = 0

    def take(self, target: str) -> bool:
        if not fnmatchcase(target, self.fault.path) or (
            self.fault.times is not None and self._affected >= self.fault.times
        ):
            return False
        self._matched += 1
        if (
            self._matched <= self.fault.after
            or (self._matched - self.fault.after) % self.fault.every
        ):
            return False
        self._affected += 1
        return True


def apply_fault(fault: Fault, delivery: Delivery) -> Delivery:
    """Apply `fault` to `delivery`."""
    if fault.kind in _REFUSALS:
        return _refusal(fault, *_REFUSALS[fault.kind])
    if fault.kind in _ANSWERS:
        return Delivery(answer=_ANSWERS[fault.kind])
    return _CHANGES[fault.kind](fault, delivery)


def _refusal(fault: Fault, status: int, words: str, retry_after: str | None) -> Delivery:
    wait = retry_after if fault.retry_after is None else fault.retry_after
    headers = (("Retry-After", wait),) if wait is not None else ()
    head = f"<head><title>{words}</title></head>"
    body = f"<!doctype html><html>{head}<body><h1>{words}</h1></body></html>"
    return Delivery(answer=DemoResponse(status=status, body=body.encode(), headers=headers))


_CHALLENGE = b"""<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390"></head>
<body class="no-js"><div class="main-wrapper" role="main"><div class="main-content"><noscript>
<div class="h2"><span id="challenge-error-text">Enable JavaScript and cookies to continue</span>
</div></noscript></div></div><script>(function(){window._cf_chl_opt={cvId:'3',cType:'managed',
cRay:'0000000000000000'};var a=document.createElement('script');
a.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1';document.head.appendChild(a);}());</script></body></html>"""


def _challenge(fault: Fault, delivery: Delivery) -> Delivery:
    # A refused challenge has a header; one with status 200 is recognisable by its markup alone.
    headers = (("CF-Mitigated", "challenge"),) if fault.status != 200 else ()
    return Delivery(answer=DemoResponse(status=fault.status, body=_CHALLENGE, headers=headers))


_DROPPED_TAGS = re.compile(rb"</(?:p|li|td|tr|dd|dt|option)>")
_BOLD = re.compile(rb"<(strong|b)>([^<]*)</\1>")


def _broken_html(fault: Fault, delivery: Delivery) -> Delivery:
    """Unclosed paragraphs, items and cells, crossing bold and italic, stray end tags; every word
    remains."""
    body = _DROPPED_TAGS.sub(b"", delivery.answer.body)
    body = _BOLD.sub(rb"<\1><em>\2</\1></em></font>", body).replace(
        b"<main", b"</span></center><main", 1
    )
    return replace(delivery, answer=replace(delivery.answer, body=body))


def _cut(fault: Fault, delivery: Delivery) -> Delivery:
    body = delivery.answer.body
    return replace(delivery, answer=replace(delivery.answer, body=body[: len(body) // 2]))


def _huge(fault: Fault, delivery: Delivery) -> Delivery:
    line = b"<p>This page was never meant to be as long as it is, and it goes on.</p>\n"
    head, tail = b"<!doctype html><html><body>", b"</body></html>"
    body = head + line * (fault.size_bytes // len(line)) + tail
    return Delivery(answer=DemoResponse(status=200, body=body))


def _recoded(delivery: Delivery, charset: str) -> Delivery:
    """The same page in another encoding, which only the header names."""
    text = delivery.answer.body.decode().replace('<meta charset="utf-8">', "")
    body = text.encode(charset, "xmlcharrefreplace")
    return replace(
        delivery,
        answer=replace(delivery.answer, body=body, content_type=f"text/html; charset={charset}"),
    )


_DELAYS = frozenset({"slow", "hold"})
"""Faults that delay an answer, whatever another fault makes of it."""

_REFUSALS: dict[str, tuple[int, str, str | None]] = {
    "rate_limited": (429, "Too many requests. Please wait a while before you try again.", None),
    "security_rejected": (430, "Shopify Security Rejection", None),
    "server_error": (500, "Something went wrong. What happened?", None),
    "unavailable": (503, "This shop is taking a short break for maintenance.", "2"),
}
"""The status, the words, and the seconds of Retry-After if the fault names none."""

_ANSWERS: dict[str, DemoResponse] = {
    "password": redirect("/password", 302),
    "empty": DemoResponse(status=200),
    "not_html": DemoResponse(
        status=200,
        body=b'{"errors":"not what you asked for"}',
        content_type="application/json; charset=utf-8",
    ),
    "soft_404": DemoResponse(
        status=200,
        body=b"<!doctype html><html lang=en><head><title>404 Not Found</title></head>"
        b"<body class=template-404><main><h1>Page not found</h1>"
        b"<p>The page you asked for does not exist.</p></main></body></html>",
        page_type="404",
    ),
    "gone": DemoResponse(
        status=410, body=b"<!doctype html><html><body><h1>Gone</h1></body></html>"
    ),
    "redirect_home": redirect("/", 302),
    # The same bytes every time, so that a failing test can be repeated.
    "garbage": DemoResponse(status=200, body=random.Random(0).randbytes(4096), content_type=HTML),
}

_CHANGES: dict[str, Callable[[Fault, Delivery], Delivery]] = {
    "slow": lambda fault, made: replace(made, delay_s=made.delay_s + fault.delay_s),
    "hold": lambda _, made: replace(made, held=True),
    "challenge": _challenge,
    "broken_html": _broken_html,
    "truncated": lambda _, made: replace(made, sent_bytes=len(made.answer.body) // 2),
    "cut": _cut,
    "huge": _huge,
    "redirect_off": lambda fault, _: Delivery(answer=redirect(fault.location, 301)),
    "drop": lambda _, made: replace(made, dropped=True),
    "utf_16": lambda _, made: _recoded(made, "utf-16"),
    "western": lambda _, made: _recoded(made, "windows-1252"),
}

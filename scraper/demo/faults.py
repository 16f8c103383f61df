"""Faults of the demo store: each kind turns a correct answer into one that a crawler must
survive."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from threading import Event, Lock
from typing import Literal

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
        if self.kind not in _CHANGES:
            raise ValueError(f"no fault is called {self.kind}; there are {', '.join(_CHANGES)}")


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
    return _CHANGES[fault.kind](fault, delivery)


def _slow(fault: Fault, delivery: Delivery) -> Delivery:
    return replace(delivery, delay_s=delivery.delay_s + fault.delay_s)


def _hold(fault: Fault, delivery: Delivery) -> Delivery:
    return replace(delivery, held=True)


def _rate_limited(fault: Fault, delivery: Delivery) -> Delivery:
    return _refusal(429, "Too many requests. Please wait a while before you try again.", fault)


def _security_rejected(fault: Fault, delivery: Delivery) -> Delivery:
    return _refusal(430, "Shopify Security Rejection", fault)


def _server_error(fault: Fault, delivery: Delivery) -> Delivery:
    return _refusal(500, "Something went wrong. What happened?", fault)


def _unavailable(fault: Fault, delivery: Delivery) -> Delivery:
    return _refusal(
        503,
        "This shop is taking a short break for maintenance.",
        replace(fault, retry_after=fault.retry_after or "2"),
    )


def _refusal(status: int, words: str, fault: Fault) -> Delivery:
    headers = (("Retry-After", fault.retry_after),) if fault.retry_after is not None else ()
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


def _password(fault: Fault, delivery: Delivery) -> Delivery:
    return Delivery(answer=redirect("/password", 302))


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


def _truncated(fault: Fault, delivery: Delivery) -> Delivery:
    return replace(delivery, sent_bytes=len(delivery.answer.body) // 2)


def _cut(fault: Fault, delivery: Delivery) -> Delivery:
    body = delivery.answer.body
    return replace(delivery, answer=replace(delivery.answer, body=body[: len(body) // 2]))


def _huge(fault: Fault, delivery: Delivery) -> Delivery:
    line = b"<p>This page was never meant to be as long as it is, and it goes on.</p>\n"
    head, tail = b"<!doctype html><html><body>", b"</body></html>"
    body = head + line * (fault.size_bytes // len(line)) + tail
    return Delivery(answer=DemoResponse(status=200, body=body))


def _empty(fault: Fault, delivery: Delivery) -> Delivery:
    return Delivery(answer=DemoResponse(status=200))


def _not_html(fault: Fault, delivery: Delivery) -> Delivery:
    return Delivery(
        answer=DemoResponse(
            status=200,
            body=b'{"errors":"not what you asked for"}',
            content_type="application/json; charset=utf-8",
        )
    )


def _soft_404(fault: Fault, delivery: Delivery) -> Delivery:
    body = (
        b"<!doctype html><html lang=en><head><title>404 Not Found</title></head>"
        b"<body class=template-404><main><h1>Page not found</h1>"
        b"<p>The page you asked for does not exist.</p></main></body></html>"
    )
    return Delivery(answer=DemoResponse(status=200, body=body, page_type="404"))


def _gone(fault: Fault, delivery: Delivery) -> Delivery:
    return Delivery(
        answer=DemoResponse(
            status=410, body=b"<!doctype html><html><body><h1>Gone</h1></body></html>"
        )
    )


def _redirect_home(fault: Fault, delivery: Delivery) -> Delivery:
    return Delivery(answer=redirect("/", 302))


def _redirect_off(fault: Fault, delivery: Delivery) -> Delivery:
    return Delivery(answer=redirect(fault.location, 301))


def _drop(fault: Fault, delivery: Delivery) -> Delivery:
    return replace(delivery, dropped=True)


def _garbage(fault: Fault, delivery: Delivery) -> Delivery:
    # The same bytes every time, so that a failing test can be repeated.
    return Delivery(
        answer=DemoResponse(status=200, body=random.Random(0).randbytes(4096), content_type=HTML)
    )


def _utf_16(fault: Fault, delivery: Delivery) -> Delivery:
    return _recoded(delivery, "utf-16")


def _western(fault: Fault, delivery: Delivery) -> Delivery:
    return _recoded(delivery, "windows-1252")


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

_CHANGES: dict[str, Callable[[Fault, Delivery], Delivery]] = {
    "slow": _slow,
    "hold": _hold,
    "rate_limited": _rate_limited,
    "security_rejected": _security_rejected,
    "server_error": _server_error,
    "unavailable": _unavailable,
    "challenge": _challenge,
    "password": _password,
    "broken_html": _broken_html,
    "truncated": _truncated,
    "cut": _cut,
    "huge": _huge,
    "empty": _empty,
    "not_html": _not_html,
    "soft_404": _soft_404,
    "gone": _gone,
    "redirect_home": _redirect_home,
    "redirect_off": _redirect_off,
    "drop": _drop,
    "garbage": _garbage,
    "utf_16": _utf_16,
    "western": _western,
}

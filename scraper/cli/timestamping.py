"""Ask a time-stamping authority (RFC 3161, section 3.4) or calendars of OpenTimestamps, by HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scraper.archive.seals.ots_proofs import extend_proof, ots_digest, read_proof
from scraper.archive.seals.stamps import Stamp
from scraper.archive.seals.tokens import CheckedToken, check_token, stamp_request
from scraper.exceptions import EndlessAnswer, NotStamped, UsageProblem
from scraper.http_client import make_client, read_body

TIMEOUT_S: Final = 30.0
LARGEST: Final = 256 * 1024
"""Bytes of the largest answer that is read; stamps take 1 to 8 KB, a calendar's answer 1 KB."""

CALENDARS: Final = (
    "https://alice.btc.calendar.opentimestamps.org",
    "https://bob.btc.calendar.opentimestamps.org",
    "https://finney.calendar.eternitywall.com",
    "https://btc.calendar.catallaxy.com",
)

_QUERY: Final = {"Content-Type": "application/timestamp-query"}
_OTS: Final = {"Accept": "application/vnd.opentimestamps.v1"}


def fetch_stamp(url: str, root: str, roots_file: str) -> tuple[bytes, CheckedToken]:
    """Have a root in hex stamped by the authority at `url`, and check the answer against the root
    certificates in `roots_file`, or those of browsers if it is empty. Raises NotStamped."""
    request = stamp_request(root)
    token = _ask("POST", url, content=request.as_bytes(), headers=_QUERY)
    return token, check_token(token, root, _root_certificates(roots_file), nonce=request.nonce)


def ask_calendars(calendars: list[str], stamp: Stamp, *, report: Callable[[str], None]) -> bytes:
    """Return the proof of OpenTimestamps of a stamp, one step further: without one, each calendar
    takes its root; later, those that owe a block are asked for it, and no other, whatever an answer
    names. `report` gets what goes wrong with one; it is taken out of `calendars`, lest every stamp
    waits for it. Raises NotStamped if no calendar takes the root."""
    proof = stamp.ots_proof
    for calendar, place, digest in _calendar_requests(calendars, proof, stamp.root):
        method, content = ("GET", None) if stamp.ots_proof else ("POST", digest)
        try:
            answer = _ask(method, f"{calendar}{place}", content=content, headers=_OTS)
            proof = extend_proof(proof, stamp.root, digest, answer) if answer else proof
        except NotStamped as error:
            report(str(error))
            calendars.remove(calendar)
    if not proof:
        raise NotStamped("no calendar took the root")
    return proof


def _calendar_requests(
    calendars: Sequence[str], proof: bytes, root: str
) -> Iterator[tuple[str, str, bytes]]:
    """Addresses of calendars, each with the place there that takes or extends a digest."""
    if not proof:
        for calendar in tuple(calendars):
            yield calendar, "/digest", ots_digest(root)
        return
    for digest, addresses in read_proof(proof, root).pending.items():
        for calendar in (address.rstrip("/") for address in addresses):
            if calendar in calendars:
                yield calendar, f"/timestamp/{digest}", bytes.fromhex(digest)


def public_address(url: str) -> str:
    """The address of an authority or calendar without name and password, as it is saved. Raises
    UsageProblem."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageProblem(f"{url!r} is no address of a time-stamping authority or calendar")
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def _ask(method: str, url: str, *, content: bytes | None, headers: Mapping[str, str]) -> bytes:
    """The answer to a request; empty where a calendar has no block yet. Raises NotStamped."""
    import httpx  # noqa: PLC0415 - loaded only to stamp

    host = urlsplit(url).hostname
    try:
        with (
            make_client(head_s=TIMEOUT_S, timeout=TIMEOUT_S) as client,
            client.stream(method, url, content=content, headers=headers) as response,
        ):
            if (method, response.status_code) == ("GET", 404):
                return b""
            response.raise_for_status()
            return read_body(response, max_bytes=LARGEST, max_s=TIMEOUT_S)
    except EndlessAnswer as error:
        raise NotStamped(f"{host} sends no time stamp: {error}") from error
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise NotStamped(f"{host} answered with status {status}") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NotStamped(f"{host} did not answer: {type(error).__name__}") from error


def _root_certificates(path: str) -> bytes:
    if not path:
        import certifi  # noqa: PLC0415 - loaded only to stamp

        path = certifi.where()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise NotStamped(f"cannot read {path}: {error.strerror}") from error

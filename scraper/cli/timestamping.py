"""Ask a time-stamping authority over HTTP (RFC 3161, section 3.4)."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scraper.archive.seals.tokens import CheckedToken, check_token, stamp_request
from scraper.exceptions import EndlessAnswer, NotStamped, UsageProblem
from scraper.http_client import make_client, read_body

TIMEOUT_S: Final = 30.0
LARGEST: Final = 256 * 1024
"""Bytes of the largest answer that is read; stamps take 1 to 8 KB."""

_QUERY: Final = {"Content-Type": "application/timestamp-query"}


def fetch_stamp(url: str, root: str, roots_file: str) -> tuple[bytes, CheckedToken]:
    """Have a root in hex stamped by the authority at `url`, and check the answer against the root
    certificates in `roots_file`, or those of browsers if it is empty. Raises NotStamped."""
    request = stamp_request(root)
    token = _post(url, request.as_bytes())
    return token, check_token(token, root, _root_certificates(roots_file), nonce=request.nonce)


def public_address(url: str) -> str:
    """The address of an authority without name and password, as it is saved. Raises
    UsageProblem."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageProblem(f"{url!r} is no address of a time-stamping authority")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def _post(url: str, body: bytes) -> bytes:
    import httpx  # noqa: PLC0415 - loaded only to stamp

    try:
        with (
            make_client(head_s=TIMEOUT_S, timeout=TIMEOUT_S) as client,
            client.stream("POST", url, content=body, headers=_QUERY) as response,
        ):
            response.raise_for_status()
            return read_body(response, max_bytes=LARGEST, max_s=TIMEOUT_S)
    except EndlessAnswer as error:
        raise NotStamped(f"the authority sends no time stamp: {error}") from error
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise NotStamped(f"the authority answered with status {status}") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NotStamped(f"the authority did not answer: {type(error).__name__}") from error


def _root_certificates(path: str) -> bytes:
    if not path:
        import certifi  # noqa: PLC0415 - loaded only to stamp

        path = certifi.where()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise NotStamped(f"cannot read {path}: {error.strerror}") from error

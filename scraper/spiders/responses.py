"""From Scrapy's response, or failure, to the values that the pure packages judge and the archive
keeps."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response

from scraper.documents.charsets import declared_charset, to_utf8
from scraper.exceptions import BlogkeepError
from scraper.items import Capture, Visit, hash_body
from scraper.responses.block_pages import PageSignature
from scraper.responses.verdicts import Answer, Expected, ResponseVerdict, judge
from scraper.timestamps import utc_now

logger = logging.getLogger(__name__)

IMAGE: Final = "archive_image"
"""Key of a request's `meta` that marks it as one for an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """An answer with its verdict. `url` is what was asked for first, `final_url` what answered.

    `body` is what came, a page in UTF-16 as UTF-8; `charset` what the header said of it, or empty.
    """

    url: str
    final_url: str
    judgement: ResponseVerdict
    body: bytes
    capture: Capture
    charset: str = ""

    def visit(self, resource_type: str) -> Visit:
        """This answer as evidence: no post was made of it."""
        return Visit(capture=self.capture, resource_type=resource_type)


async def download(
    crawler: Crawler, request: Request, *, asked: str, expected: Expected
) -> FetchedPage:
    """Download a page at once, beside the spider's own requests. Raises nothing: a response that
    does not come is evidence too."""
    try:
        response = await crawler.engine.download_async(request)
    except Exception as error:  # noqa: BLE001 - whatever the downloader raises
        return read_failure(error, url=request.url, asked=asked, expected=expected)
    return read_response(response, asked=asked, expected=expected)


def read_response(
    response: Response,
    *,
    asked: str,
    expected: Expected,
    store_not_found: PageSignature | None = None,
    hung: str = "",
    body_hash: str = "",
) -> FetchedPage:
    """Judge a response, unless the same bytes have hung a crawl before: `hung` says why.

    `asked` is the address that the store redirected here, or the response's own, `store_not_found`
    the store's own page for what is not there, `body_hash` that of the body where it is at hand.
    """
    answer = replace(to_answer(response, expected), store_not_found=store_not_found)
    rejected = ResponseVerdict(verdict="rejected", detail=hung)
    judgement = rejected if hung else judge(answer)
    return _page(asked, answer, judgement, _headers(response), body_hash)


def to_answer(response: Response, expected: Expected) -> Answer:
    """A response as the pure packages take it."""
    headers = {
        name: value.decode("latin-1")
        for name in _VERDICT_HEADERS
        if (value := response.headers.get(name))
    }
    return Answer(
        url=response.url,
        status=response.status,
        headers=headers,
        body=response.body,
        expected=expected,
        flags=frozenset(response.flags),
    )


def expected_of(request: Request) -> Expected:
    """The kind of document that a request asks for, from its first choice in Accept."""
    first = (request.headers.get("Accept") or b"").partition(b",")[0]
    if first.startswith(b"image/"):
        return "image"
    if b"xml" in first and b"html" not in first:
        return "xml"
    return "text" if first.startswith(b"text/plain") else "html"


def read_failure(error: BaseException, *, url: str, asked: str, expected: Expected) -> FetchedPage:
    """Judge a request that brought no response."""
    flags = (
        frozenset({"too_large"})
        if isinstance(error, DownloadCancelledError) or _is_bomb(error)
        else frozenset[str]()
    )
    own = isinstance(error, BlogkeepError) or is_refusal(error)
    if not own:  # it may be ours all the same: want of memory or threads
        logger.debug("no answer from %s", url, exc_info=error)
    why = str(error) if own else type(error).__name__
    answer = Answer(url=url, status=0, error=why, expected=expected, flags=flags)
    return _page(asked, answer, judge(answer))


def is_refusal(error: BaseException) -> bool:
    """Whether we ourselves would not send the request: robots.txt forbids it, or it leaves the
    store."""
    return isinstance(error, IgnoreRequest) and not _is_bomb(error)


def _is_bomb(error: BaseException) -> bool:
    """Whether an answer came and was dropped as it unpacked to more than DOWNLOAD_MAXSIZE: to
    Scrapy that is a request ignored."""
    return isinstance(error, IgnoreRequest) and isinstance(error.__cause__, ValueError)


def _headers(response: Response) -> tuple[tuple[str, str], ...]:
    """The headers of an answer; nothing of the request, whose headers may be secret."""
    found: Iterable[tuple[bytes, list[bytes]]] = response.headers.items()
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in found
        for value in values
    )


def _page(
    asked: str,
    answer: Answer,
    judgement: ResponseVerdict,
    headers: tuple[tuple[str, str], ...] = (),
    body_hash: str = "",
) -> FetchedPage:
    capture = Capture(
        url=asked,
        final_url=judgement.target or answer.url,
        http_status=answer.status,
        verdict=judgement.verdict,
        detail=judgement.detail,
        fetched_at=utc_now(),
        etag=answer.headers.get("etag", ""),
        last_modified=answer.headers.get("last-modified", ""),
        body_hash=body_hash or hash_body(answer.body),
        body_bytes=len(answer.body),
        answer_url="" if answer.url == asked else answer.url,
        headers=headers,
        body=answer.body,
    )
    return FetchedPage(
        url=asked,
        final_url=answer.url,
        judgement=judgement,
        body=to_utf8(answer.body) if answer.expected == "html" else answer.body,
        capture=capture,
        charset=declared_charset(answer.headers.get("content-type", "")),
    )


_VERDICT_HEADERS = (
    "content-type",
    "location",
    "cf-mitigated",
    "retry-after",
    "server-timing",
    "etag",
    "last-modified",
)
"""The headers that a verdict reads."""

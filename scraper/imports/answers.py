"""What an archived answer is an answer to, and what it means: judged as a crawl judges."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from scraper.documents.charsets import declared_charset, to_utf8
from scraper.hosts import StoreAddress
from scraper.imports.addresses import at_store
from scraper.imports.kinds import Kind
from scraper.imports.records import ArchivedAnswer
from scraper.items import Capture, Verdict, Visit, hash_body
from scraper.responses.block_pages import PageSignature
from scraper.responses.verdicts import Answer, Expected, ResponseVerdict, judge

_EXPECTED: Final[dict[Kind, Expected]] = {
    "robots": "text",
    "sitemap": "xml",
    "feed": "xml",
    "image": "image",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAnswer:
    """An answer with its verdict. `url` is its address at the store's present origin, `own_url` as
    the file has it; `body` is what came, a page in UTF-16 as UTF-8; `charset` what the header said
    of it, or empty."""

    url: str
    own_url: str
    judgement: ResponseVerdict
    capture: Capture
    charset: str
    body: bytes = field(repr=False)

    def visit(self, resource_type: str) -> Visit:
        """This answer as evidence: no post was made of it."""
        return Visit(capture=self.capture, resource_type=resource_type)

    def judged_as(self, verdict: Verdict, why: str) -> JudgedAnswer:
        """The same answer with another verdict."""
        return replace(self, capture=replace(self.capture, verdict=verdict, detail=why))


def judge_answer(
    answer: ArchivedAnswer,
    *,
    kind: Kind,
    store: StoreAddress,
    asked: str = "",
    not_found: PageSignature | None = None,
    source: str = "",
) -> JudgedAnswer:
    """Judge an answer of the store. `asked` is the address that redirected here, or empty;
    `not_found` the store's own page for what is not there, `source` the file's name."""
    expected = _EXPECTED.get(kind, "html")
    headers = {name.lower(): value for name, value in reversed(answer.headers)}
    judgement = judge(_answer(answer, headers, expected, not_found))
    url, target = at_store(answer.url, store), at_store(judgement.target, store)
    asked = asked or url
    capture = Capture(
        url=asked,
        final_url=target or url,
        http_status=answer.http_status,
        verdict=judgement.verdict,
        detail=judgement.detail or f"from {source}",
        fetched_at=answer.at,
        etag=headers.get("etag", ""),
        last_modified=headers.get("last-modified", ""),
        body_hash=hash_body(answer.body),
        body_bytes=len(answer.body),
        answer_url="" if url == asked else url,
        dated_by="web_archive",
        headers=answer.headers,
        body=answer.body,
    )
    return JudgedAnswer(
        url=url,
        own_url=answer.url,
        judgement=replace(judgement, target=target),
        capture=capture,
        charset=declared_charset(headers.get("content-type", "")),
        body=to_utf8(answer.body) if expected == "html" else answer.body,
    )


def _answer(
    answer: ArchivedAnswer,
    headers: dict[str, str],
    expected: Expected,
    not_found: PageSignature | None,
) -> Answer:
    return Answer(
        url=answer.url,
        status=answer.http_status,
        headers=headers,
        body=answer.body,
        expected=expected,
        flags=frozenset({"dataloss"}) if answer.is_cut else frozenset(),
        store_not_found=not_found,
    )

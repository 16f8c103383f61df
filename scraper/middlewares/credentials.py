"""Secret headers for the store's own host: sent only there, neither logged nor stored."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response

from scraper.exceptions import CredentialsProblem
from scraper.extensions.crawl_run import CrawlRun
from scraper.hosts import host_of, hosts_of, is_loopback, parse_store_url
from scraper.middlewares.credentials_file import Credentials, parse_credentials
from scraper.middlewares.redaction import redact, redact_text
from scraper.spiders.blog import BlogSpider

logger = logging.getLogger(__name__)

_MAX_BYTES = 1024 * 1024
_ACCESS_BY_OTHERS = 0o077


def read_credentials(path: str) -> dict[str, Credentials]:
    """The credentials in the file at `path`, by host; none without a path. Raises
    CredentialsProblem with the file's name."""
    if not path:
        return {}
    try:
        return parse_credentials(_read_text(path))
    except CredentialsProblem as problem:
        raise CredentialsProblem(f"the credentials in {path} cannot be read: {problem}") from None


def _read_text(path: str) -> str:
    try:
        raw = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "no such file"
        raise CredentialsProblem(reason) from None
    if len(raw) > _MAX_BYTES:
        raise CredentialsProblem(f"it is larger than {_MAX_BYTES} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise CredentialsProblem("it is not UTF-8") from None


class SecretsFilter(logging.Filter):
    """Removes secrets from what a log handler writes: the message, its arguments and traceback."""

    def __init__(self, secrets: frozenset[bytes]) -> None:
        super().__init__()
        self.secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record; let every record pass."""
        message = record.getMessage()
        redacted = redact_text(message, self.secrets)
        if redacted != message:
            record.msg, record.args = redacted, None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact_text(record.exc_text, self.secrets)
        return True


def redact_logs(secrets: frozenset[bytes]) -> None:
    """Remove secrets from all that this process logs from now on."""
    handlers = [*logging.getLogger().handlers, logging.lastResort]
    for handler in filter(None, handlers):
        handler.addFilter(SecretsFilter(secrets))


class CredentialsMiddleware:
    """Signs requests to the hosts of `credentials`. `CrawlRun.credentials_warning`
    holds a warning about their expiry.

    It is the last middleware before the download, so that whatever stores, logs or retries a
    request sees no secret. Secrets that a store repeats in its answer are removed from it.
    """

    def __init__(self, credentials: Mapping[str, Credentials], *, safe_proxy: bool) -> None:
        self.credentials = credentials
        self.safe_proxy = safe_proxy
        self.secrets = frozenset(secret for one in credentials.values() for secret in one.secrets())
        self._warned = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Signs for the hosts of the spider's store. Raises NotConfigured without credentials."""
        path, spider = crawler.settings["ARCHIVE_CREDENTIALS"], crawler.spider
        found = read_credentials(path)
        if not found or not isinstance(spider, BlogSpider):
            raise NotConfigured  # silently: most stores have none
        run, hosts = CrawlRun.of(crawler), hosts_of(spider.address)
        if present := run.present_address(spider.address.origin):
            hosts |= hosts_of(parse_store_url(present))
        credentials = {host: one for host, one in found.items() if host in hosts}
        if not credentials:
            raise NotConfigured
        redact_logs(frozenset(secret for one in credentials.values() for secret in one.secrets()))
        now = datetime.now(UTC)
        warning = "; ".join(filter(None, (one.warning(now) for one in credentials.values())))
        run.credentials_warning = warning
        if warning:
            logger.warning("%s", warning)
        if Path(path).stat().st_mode & _ACCESS_BY_OTHERS:
            logger.warning("others on this machine may read %s: chmod 600 it", path)
        proxy = crawler.settings["ARCHIVE_PROXY"]
        return cls(
            credentials, safe_proxy=bool(proxy) and is_loopback(host_of(proxy).partition(":")[0])
        )

    def process_request(self, request: Request) -> None:
        """Add the headers of the host, unless they expired or others could read them."""
        credentials = self.credentials.get(host_of(request.url))
        if credentials is None or credentials.ended(datetime.now(UTC)):
            return
        if not self._is_private_route(request.url):
            if not self._warned:
                logger.warning(
                    "not sending the credentials for %s over plain http: give the https address",
                    credentials.host,
                )
                self._warned = True
            return
        for name, value in credentials.headers:
            request.headers[name] = value

    def process_response(self, request: Request, response: Response) -> Response:
        """Remove the secrets from the request, and from the answer if it repeats them."""
        self._clean(request)
        headers = Headers(
            {
                redact(name, self.secrets): [redact(value, self.secrets) for value in values]
                for name, values in response.headers.items()
            }
        )
        if headers != response.headers:
            response = response.replace(headers=headers)
        body = redact(response.body, self.secrets)
        return response.replace(body=body) if body is not response.body else response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Remove the secrets from a request that failed."""
        self._clean(request)

    def _clean(self, request: Request) -> None:
        credentials = self.credentials.get(host_of(request.url))
        for name, _ in credentials.headers if credentials else ():
            request.headers.pop(name, None)

    def _is_private_route(self, url: str) -> bool:
        """Whether no third party can read the request: https, or plain http that stays on this
        machine."""
        return (
            url.startswith("https://")
            or self.safe_proxy
            or is_loopback(host_of(url).partition(":")[0])
        )

"""Secret headers for the store's own host: on every request to it and on no other, never logged,
never stored."""

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
from scraper.shopify.credentials import Credentials, parse_credentials, redact
from scraper.shopify.urls import host_of, hosts_of, is_loopback
from scraper.spiders.blog import BlogSpider

logger = logging.getLogger(__name__)

_MOST_BYTES = 1024 * 1024
_OTHERS = 0o077


def read_credentials(path: str) -> dict[str, Credentials]:
    """The credentials in the file at `path` by host; none where no path is given. Raises
    CredentialsProblem, naming the file."""
    if not path:
        return {}
    try:
        raw = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise CredentialsProblem(
            f"the credentials in {path} cannot be read: {getattr(error, 'strerror', '') or 'no such file'}"
        ) from None
    if len(raw) > _MOST_BYTES:
        raise CredentialsProblem(
            f"the credentials in {path} cannot be read: it is larger than {_MOST_BYTES} bytes"
        )
    try:
        return parse_credentials(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise CredentialsProblem(
            f"the credentials in {path} cannot be read: it is not UTF-8"
        ) from None
    except CredentialsProblem as problem:
        raise CredentialsProblem(f"the credentials in {path} cannot be read: {problem}") from None


class CredentialsMiddleware:
    """Signs requests to the hosts of `credentials`. The stat ``archive/credentials_warning`` says
    what a person should know of their end.

    It stands nearer to the store than whatever keeps, logs or repeats a request: none of those ever
    sees a secret. A store that prints our headers back is heard without them.
    """

    def __init__(self, credentials: Mapping[str, Credentials], *, safe_proxy: bool) -> None:
        self.credentials = credentials
        self.safe_proxy = safe_proxy
        self.secrets = frozenset(secret for one in credentials.values() for secret in one.secrets())
        self._warned = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        path, spider = crawler.settings["ARCHIVE_CREDENTIALS"], crawler.spider
        addresses = (spider.address, spider.present) if isinstance(spider, BlogSpider) else ()
        hosts = frozenset[str]().union(*(hosts_of(address) for address in addresses if address))
        credentials = {host: one for host, one in read_credentials(path).items() if host in hosts}
        if not credentials:
            raise NotConfigured  # without a word: most stores have none
        now = datetime.now(UTC)
        warning = "; ".join(told for one in credentials.values() if (told := one.warning(now)))
        crawler.stats.set_value("archive/credentials_warning", warning)
        if warning:
            logger.warning("%s", warning)
        if Path(path).stat().st_mode & _OTHERS:
            logger.warning("others on this machine may read %s: chmod 600 it", path)
        proxy = crawler.settings["ARCHIVE_PROXY"]
        return cls(
            credentials, safe_proxy=bool(proxy) and is_loopback(host_of(proxy).partition(":")[0])
        )

    def process_request(self, request: Request) -> None:
        credentials = self.credentials.get(host_of(request.url))
        if credentials is None or credentials.ended(datetime.now(UTC)):
            return
        if not self._is_private_way(request.url):
            if not self._warned:
                logger.warning(
                    "the credentials for %s are not sent over plain http: give the store's https address",
                    credentials.host,
                )
                self._warned = True
            return
        for name, value in credentials.headers:
            request.headers[name] = value

    def process_response(self, request: Request, response: Response) -> Response:
        self._clean(request)
        headers = Headers(
            {
                name: [redact(value, self.secrets) for value in values]
                for name, values in response.headers.items()
            }
        )
        if headers != response.headers:
            response = response.replace(headers=headers)
        body = redact(response.body, self.secrets)
        return response.replace(body=body) if body is not response.body else response

    def process_exception(self, request: Request, exception: Exception) -> None:
        self._clean(request)

    def _clean(self, request: Request) -> None:
        credentials = self.credentials.get(host_of(request.url))
        for name, _ in credentials.headers if credentials else ():
            request.headers.pop(name, None)

    def _is_private_way(self, url: str) -> bool:
        """Whether nobody on the way reads along: https, or plain http that stays on this
        machine."""
        return (
            url.startswith("https://")
            or self.safe_proxy
            or is_loopback(host_of(url).partition(":")[0])
        )

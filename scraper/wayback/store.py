"""Which captures of a store are downloaded, and into which file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scraper.exceptions import ImportProblem
from scraper.hosts import hosts_of, parse_store_url
from scraper.imports.kinds import kind_of
from scraper.wayback.cdx import IndexRow
from scraper.wayback.client import Client
from scraper.wayback.download import DownloadCount, download, read_rows

BLOGS: Final = "/blogs/"
"""Where the posts and feeds of a Shopify store are."""

_PAGES: Final = ("html", "xml", "revisit")


def download_store(
    client: Client,
    url: str,
    folder: Path,
    *,
    since: str = "",
    until: str = "",
    report: Callable[[int, int], None],
) -> tuple[Path, DownloadCount]:
    """Download the captures below `url`, or below ``/blogs/`` if it is a store's address, of the
    days from `since` to `until` (YYYY-MM-DD), into a WARC file in `folder`, which a later call
    continues. Returns the file, and what it has.

    Raises ImportProblem where there are none, WaybackUnavailable where the download broke off.
    """
    store = parse_store_url(url)
    path = urlsplit(url if "://" in url else f"https://{url}").path
    prefix = f"{store.host}{path if path.strip('/') else BLOGS}"
    file = folder / f"{re.sub('[^a-z0-9.-]+', '_', prefix.lower()).strip('_')}.warc.gz"
    rows = [
        row
        for row in read_rows(client, prefix, since=since, until=until)
        if _is_read(row, prefix, hosts_of(store))
    ]
    if not rows:
        raise ImportProblem(f"the Wayback Machine has no page below {prefix}")
    return file, download(client, rows, file, report)


def _is_read(row: IndexRow, prefix: str, hosts: Collection[str]) -> bool:
    """Whether a capture may bear on a post: of a Shopify blog, the address says so."""
    if not any(kind in row.media_type for kind in _PAGES):
        return False
    is_shopify = f"/{prefix.partition('/')[2]}".startswith(BLOGS)
    return not is_shopify or kind_of(row.url, "", hosts) is not None

"""Datasette over an archive: its settings, its metadata, and the web interface as its plugin."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scraper.archive.captures.schema import captures_path
from scraper.web.config import (
    PLUGIN_NAME,
    STORES_FILE,
    PluginState,
    is_described_at_startup,
    read_metadata,
)
from scraper.web.password import PasswordCheck

if TYPE_CHECKING:
    from datasette.app import Datasette

    from scraper.schedule.stores_editor import StoresEditor
    from scraper.web.cluster.archives import StoreArchives

SETTINGS: Final = {
    "suggest_facets": False,  # takes most of the time of a table page
    "default_page_size": 50,
    "sql_time_limit_ms": 3000,
    "allow_download": False,
    "truncate_cells_html": 300,  # a row with a text was higher than a window
}


def make_datasette(
    archive: Path,
    *,
    captures: Path | None = None,
    stores_file: Path | None = None,
    password: str = "",
    hosts: Collection[str] = (),
    editor: StoresEditor | None = None,
    cluster: StoreArchives | None = None,
    base_url: str = "/",
) -> Datasette:
    """Make a Datasette that serves an archive read-only, under the stem of its file name.

    `captures` and `stores_file` are by default beside it. With a `password`, every request must
    carry it. Besides loopback, only requests for `hosts` are answered: names or addresses as
    `parse_host` returns them. With an `editor`, readers with the password may edit the file of
    stores. With a `cluster` the archive is the merged index of its stores; the archive of one of
    them is below `base_url`.
    """
    from scraper.web.database import add_archive  # noqa: PLC0415 - see _new_datasette

    datasette = _new_datasette(archive, base_url)
    add_archive(datasette, archive.stem, archive)
    # An attribute and not configuration, because Datasette shows its configuration to visitors.
    datasette.blogkeep = PluginState(
        database=archive.stem,
        captures=captures or captures_path(archive, ""),
        stores_file=stores_file or archive.with_name(STORES_FILE),
        password=PasswordCheck(password=password) if password else None,
        hosts=frozenset(hosts),
        editor=editor,
        cluster=cluster,
        is_of_cluster=base_url != "/",
    )
    return datasette


def _new_datasette(archive: Path, base_url: str) -> Datasette:
    # Scrapy imports every command to run one: at the top, this would cost each most of a second.
    from datasette.app import Datasette  # noqa: PLC0415
    from datasette.plugins import pm  # noqa: PLC0415

    from scraper.web import plugin  # noqa: PLC0415

    if not pm.is_registered(plugin):
        pm.register(plugin, name=PLUGIN_NAME)
    metadata = read_metadata()
    database = metadata["databases"].pop("archive")
    if not is_described_at_startup(Datasette):
        metadata["databases"][archive.stem] = database
    settings = {**SETTINGS, "base_url": base_url}
    return Datasette([str(archive)], settings=settings, metadata=metadata)

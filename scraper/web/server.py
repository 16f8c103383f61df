"""Datasette over an archive: its settings, its metadata, and the web interface as its plugin."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.archive.captures.schema import captures_path
from scraper.archive.queries.run_query import MAX_VALUE_BYTES
from scraper.web.config import PLUGIN_NAME, STATIC_PATH, WEB_FOLDER, PluginState, read_metadata
from scraper.web.password import PasswordCheck

if TYPE_CHECKING:
    from datasette.app import Datasette

SETTINGS: Final = {
    "suggest_facets": False,  # takes most of the time of a table page
    "default_page_size": 50,
    "sql_time_limit_ms": 3000,
    "allow_download": False,
}


def make_datasette(
    archive: Path,
    *,
    captures: Path | None = None,
    password: str = "",
    hosts: Collection[str] = (),
) -> Datasette:
    """Make a Datasette that serves an archive read-only, under the stem of its file name.

    `captures` is the file of its captures, by default the one beside it. With a `password`, every
    request must carry it. Besides loopback, only requests for `hosts` are answered: names or
    addresses as `parse_host` returns them.
    """
    # Scrapy imports every command to run one: at the top, this would cost each most of a second.
    from datasette.app import Datasette  # noqa: PLC0415
    from datasette.plugins import pm  # noqa: PLC0415

    from scraper.web import plugin  # noqa: PLC0415
    from scraper.web.database import ArchiveDatabase  # noqa: PLC0415

    if not pm.is_registered(plugin):
        pm.register(plugin, name=PLUGIN_NAME)
    _print_no_errors()
    metadata = read_metadata()
    database = metadata["databases"]["archive"]
    metadata["databases"] = {archive.stem: database}
    options: dict[str, Any] = {"metadata": metadata, "settings": SETTINGS}
    if "config" in inspect.signature(Datasette.__init__).parameters:
        # From 1.0 on, canned queries belong to the configuration, which 0.65 has no parameter for.
        options["config"] = {"databases": {archive.stem: {"queries": database.pop("queries")}}}
    datasette = Datasette(
        [str(archive)],
        template_dir=str(WEB_FOLDER / "templates"),
        static_mounts=[(STATIC_PATH, str(WEB_FOLDER / "static"))],
        **options,
    )
    # The limit of Python is 131,072 characters, which the text of a post can exceed.
    csv.field_size_limit(MAX_VALUE_BYTES)
    datasette.remove_database(archive.stem)
    datasette.add_database(ArchiveDatabase(datasette, archive), name=archive.stem)
    # An attribute and not configuration, because Datasette shows its configuration to visitors.
    datasette.blogkeep = PluginState(
        database=archive.stem,
        captures=captures or captures_path(archive, ""),
        password=PasswordCheck(password=password) if password else None,
        hosts=frozenset(hosts),
    )
    return datasette


def _print_no_errors() -> None:
    """Where rich is installed, Datasette prints each error with all local variables, in the event
    loop: for a long query that took minutes, in which nobody got an answer."""
    # After its plugins are loaded, of which this is one.
    from datasette import handle_exception  # noqa: PLC0415

    handle_exception.rich = None

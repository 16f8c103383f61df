"""Datasette over an archive: its settings, its descriptions and questions, and the reading room as
its plugin."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.web.config import HERE, PLUGIN, PluginState, read_metadata

if TYPE_CHECKING:
    from datasette.app import Datasette

SETTINGS: Final = {
    "suggest_facets": False,  # it is most of what a table page would cost
    "default_page_size": 50,
    "sql_time_limit_ms": 3000,
    "allow_download": False,
}


def make_datasette(archive: Path, *, password: str = "") -> Datasette:
    """Datasette over an archive, which it opens for reading alone. Its descriptions and questions
    go by the name of the file.

    With a `password`, nobody reads anything without it.
    """
    # Scrapy imports every command to run one: at the top this would cost each of them most of a
    # second.
    from datasette.app import Datasette  # noqa: PLC0415
    from datasette.plugins import pm  # noqa: PLC0415

    from scraper.web import plugin  # noqa: PLC0415

    if not pm.is_registered(plugin):
        pm.register(plugin, name=PLUGIN)
    metadata = read_metadata()
    described = metadata["databases"]["archive"]
    metadata["databases"] = {archive.stem: described}
    options: dict[str, Any] = {"metadata": metadata, "settings": SETTINGS}
    if "config" in inspect.signature(Datasette.__init__).parameters:
        # From 1.0 on, questions are configuration; whoever knows the one version's parameters only
        # must not be handed the other's.
        options["config"] = {"databases": {archive.stem: {"queries": described.pop("queries")}}}
    datasette = Datasette(
        [str(archive)],
        template_dir=str(HERE / "templates"),
        static_mounts=[("room", str(HERE / "static"))],
        **options,
    )
    # No configuration: that is shown to whoever asks for it.
    datasette.blogkeep = PluginState(database=archive.stem, password=password)
    return datasette

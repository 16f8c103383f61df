"""Where the files of the web interface are, what Datasette is given, and the plugin's state."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.archive.queries.run_query import QueryCache
from scraper.archive.queries.texts.audit import ClaimReader
from scraper.rulebooks import BOOKS, load_auditor
from scraper.web.password import PasswordCheck

if TYPE_CHECKING:
    from datasette.app import Datasette
    from jinja2 import Environment

    from scraper.schedule.stores_editor import StoresEditor
    from scraper.web.cluster.archives import StoreArchives

WEB_FOLDER: Final = Path(__file__).parent
METADATA_FILE: Final = WEB_FOLDER / "metadata.json"

PLUGIN_NAME: Final = "blogkeep"
"""The plugin's name in Datasette, and the folder of its templates."""

STATIC_PATH: Final = "-/blogkeep"
"""The path of `static/` below Datasette's own. A database named ``blogkeep`` does not collide with
it, because Datasette reserves `/-/`."""


STORES_FILE: Final = "stores.toml"
"""The name of the file of stores beside an archive."""


@dataclass(kw_only=True)
class PluginState:
    """The state of the plugin for one Datasette, stored as its attribute `blogkeep`.

    `captures` is the file with the captures' bytes, `stores_file` the file of stores with their
    timetables, which need not be there. `password` is None if none is required. `hosts`
    are the host names that are allowed besides loopback. `is_plain` says that Datasette was started
    by its own command. `cache` holds the results of slow queries. `editor` edits the file of stores
    where the operator allows readers to, and every form that does so carries `form_token`.

    `is_open_to_anybody`: whoever does not say who he is may view all pages, and that cannot change.
    `overlays` are the environments in which our templates are rendered, by Datasette's own.
    `cluster` serves the archives of a cluster's stores, where the database is the merged index;
    `is_of_cluster` says that the archive is one of these.
    """

    database: str
    captures: Path
    stores_file: Path
    password: PasswordCheck | None = None
    hosts: frozenset[str] = frozenset()
    is_plain: bool = False
    cache: QueryCache = field(default_factory=QueryCache)
    editor: StoresEditor | None = None
    is_open_to_anybody: bool = False
    overlays: dict[Environment, Environment] = field(default_factory=dict)
    cluster: StoreArchives | None = None
    is_of_cluster: bool = False
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @cached_property
    def claim_reader(self) -> ClaimReader:
        """What reads the claims of posts, by the books of ours: once for all visitors."""
        return ClaimReader([load_auditor(name) for name in BOOKS])


class StaticMetadata(dict[str, Any]):
    """The metadata of one table or query; its deep copy is itself.

    Datasette deep-copies all metadata each time it checks who may view a table. A page makes nine
    such checks, and the copies took longer than the page. Datasette adds the same values each time.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> StaticMetadata:
        return self


def read_metadata() -> dict[str, Any]:
    """Read the descriptions, facets and canned queries of the archive, under the database name
    `archive`."""
    metadata: dict[str, Any] = json.loads(METADATA_FILE.read_text(encoding="utf-8"))
    archive = metadata["databases"]["archive"]
    for query in archive["queries"].values():
        query["hide_sql"] = True
    for part in ("tables", "queries"):
        archive[part] = {name: StaticMetadata(value) for name, value in archive[part].items()}
    return metadata


def is_described_at_startup(datasette: Datasette | type[Datasette]) -> bool:
    """Return whether Datasette stores descriptions and canned queries in a database of its own, as
    from 1.0 on. Before, it asks for its metadata."""
    return hasattr(datasette, "add_query")


async def describe(datasette: Datasette, database: str) -> None:
    """Describe the tables and offer the canned queries, from Datasette 1.0 on. What an operator's
    own files say of them has precedence."""
    archive = read_metadata()["databases"]["archive"]
    databases = datasette.config.setdefault("databases", {})
    tables = databases.setdefault(database, {}).setdefault("tables", {})
    await datasette.set_database_metadata(database, "description", archive["description"])
    for name, table in archive["tables"].items():
        text, columns = table.pop("description", ""), table.pop("columns", {})
        await datasette.set_resource_metadata(database, name, "description", text)
        for column, meaning in columns.items():
            await datasette.set_column_metadata(database, name, column, "description", meaning)
        tables[name] = {**table, **tables.get(name, {})}
    await datasette.apply_metadata_json()
    for name, query in archive["queries"].items():
        if await datasette.get_query(database, name) is None:
            parameters = query.pop("params", ())
            await datasette.add_query(
                database, name, **query, parameters=parameters, is_trusted=True
            )

"""Where the reading room's files stand, and what it is called."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scraper.archive.queries.query_cache import QueryCache

HERE: Final = Path(__file__).parent
METADATA: Final = HERE / "metadata.json"
PLUGIN: Final = "blogkeep"
"""The plugin's name to Datasette."""


@dataclass(kw_only=True)
class PluginState:
    """What the plugin keeps with one Datasette, as its attribute `blogkeep`: the name of its
    database, the password (empty for none), and the costly answers of the archive."""

    database: str
    password: str = ""
    kept: QueryCache = field(default_factory=QueryCache)


class StaticMetadata(dict[str, Any]):
    """What is told of one table or question; a copy of it is itself. Datasette copies all it is
    told whenever it looks up who may see a table, nine times for a page of ours, and that took
    longer than the page. What it adds to one is the same each time."""

    def __deepcopy__(self, memo: dict[int, Any]) -> StaticMetadata:
        return self


def read_metadata() -> dict[str, Any]:
    """What Datasette is told: descriptions, facets and questions of the archive, under the name
    `archive`."""
    metadata: dict[str, Any] = json.loads(METADATA.read_text(encoding="utf-8"))
    archive = metadata["databases"]["archive"]
    for part in ("tables", "queries"):
        archive[part] = {name: StaticMetadata(told) for name, told in archive[part].items()}
    return metadata

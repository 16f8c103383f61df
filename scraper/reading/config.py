"""Where the reading room's files stand, and what it is called."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scraper.archive.room.stream import Tally

HERE: Final = Path(__file__).parent
METADATA: Final = HERE / "metadata.json"
PLUGIN: Final = "blogkeep"
"""The plugin's name to Datasette."""


@dataclass(kw_only=True)
class Keeping:
    """What the plugin keeps with one Datasette, as its attribute `blogkeep`: the name of its database, the password (empty for none), and
    what was counted of the archive."""

    database: str
    password: str = ""
    tally: Tally = field(default_factory=Tally)


def read_metadata() -> dict[str, Any]:
    """What Datasette is told: descriptions, facets and questions of the archive, under the name `archive`."""
    metadata: dict[str, Any] = json.loads(METADATA.read_text(encoding="utf-8"))
    return metadata

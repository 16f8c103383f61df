"""Where the reading room's files stand, and what it is called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
METADATA: Final = HERE / "metadata.json"
PLUGIN: Final = "blogkeep"
"""The plugin's name to Datasette, and that of its configuration."""


def read_metadata() -> dict[str, Any]:
    """What Datasette is told: descriptions, facets and questions of the archive, under the name `archive`."""
    metadata: dict[str, Any] = json.loads(METADATA.read_text(encoding="utf-8"))
    return metadata

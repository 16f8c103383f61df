"""How clean posts are written by Scrapy's feed exports, where its own exporters fall short."""

from __future__ import annotations

import json
from typing import Any

from scrapy.exporters import CsvItemExporter


class PostCsvExporter(CsvItemExporter):
    """CSV in which a list or an object stands as JSON in its cell, so that it can be read back."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        """The text of one cell."""
        if isinstance(value, list | dict):
            return json.dumps(value, ensure_ascii=False)
        return super().serialize_field(field, name, value)

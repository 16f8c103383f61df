"""How clean posts are written by Scrapy's feed exports, where its own exporters fall short."""

from __future__ import annotations

import json
from typing import Any

from scrapy.exporters import CsvItemExporter

from scraper.printable import csv_cell, escape_json


class PostCsvExporter(CsvItemExporter):
    """CSV in which a list or an object stands as JSON in its cell, so that it can be read back, and
    in which a spreadsheet finds no formula."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        """The text of one cell."""
        if isinstance(value, list | dict):
            return escape_json(json.dumps(value, ensure_ascii=False))
        serialized = super().serialize_field(field, name, value)
        return csv_cell(serialized) if isinstance(serialized, str) else serialized

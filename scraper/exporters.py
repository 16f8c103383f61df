"""How clean posts are written by Scrapy's feed exports, where its own exporters fall short."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from xml.sax.saxutils import XMLGenerator

from scrapy.exporters import (
    CsvItemExporter,
    JsonItemExporter,
    JsonLinesItemExporter,
    XmlItemExporter,
)
from scrapy.utils.serialize import ScrapyJSONEncoder

from scraper.printable import csv_cell, escape_json, xml_text


class PrintableJsonEncoder(ScrapyJSONEncoder):
    """JSON in which what a terminal would act on, or a program take for the end of a line, is
    escaped: who reads it back has the same text."""

    def encode(self, o: Any) -> str:
        """The JSON of a value."""
        return escape_json(super().encode(o))


class PostJsonExporter(JsonItemExporter):
    """An array of posts, as `PrintableJsonEncoder` writes them."""

    def __init__(self, file: BytesIO, **options: Any) -> None:
        super().__init__(file, **options)
        self.encoder = PrintableJsonEncoder(**self._kwargs)


class PostJsonLinesExporter(JsonLinesItemExporter):
    """One post a line, as `PrintableJsonEncoder` writes it."""

    def __init__(self, file: BytesIO, **options: Any) -> None:
        super().__init__(file, **options)
        self.encoder = PrintableJsonEncoder(**self._kwargs)


class PrintableXmlWriter(XMLGenerator):
    """XML in which what a terminal would act on is escaped, and what XML cannot hold is U+FFFD."""

    def characters(self, content: str) -> None:
        """Write a text."""
        self.ignorableWhitespace(xml_text(content))  # which writes it as it is


class PostXmlExporter(XmlItemExporter):
    """An element a post, as `PrintableXmlWriter` writes it."""

    def __init__(self, file: BytesIO, **options: Any) -> None:
        super().__init__(file, **options)
        self.xg = PrintableXmlWriter(self.stream, encoding=self.encoding or "utf-8")


class PostCsvExporter(CsvItemExporter):
    """CSV in which a list or an object stands as JSON in its cell, so that it can be read back, and
    in which a spreadsheet finds no formula."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        """The text of one cell."""
        if isinstance(value, list | dict):
            return escape_json(json.dumps(value, ensure_ascii=False))
        serialized = super().serialize_field(field, name, value)
        return csv_cell(serialized) if isinstance(serialized, str) else serialized

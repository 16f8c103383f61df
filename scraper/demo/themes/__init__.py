"""The demo store's themes: a Jinja2 file each, modelled on the structures that real themes have
(docs/explanation/shopify.md, 2.2), in markup of our own.

Files whose names begin with an underscore hold what every theme shares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

Pager = Literal["older_newer", "previous_is_newer", "previous_is_older", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme: its name, what the labels of its pager mean, and whether it has a filled widget of
    related posts. What it adds to a page stands in `tests/demo/theme_strings.py`."""

    name: str
    theme_id: int
    pager: Pager
    has_widget: bool = False

    def render(self, context: Mapping[str, Any]) -> str:
        """The whole page as HTML; `context` is what `scraper.demo.pages` prepares."""
        return _environment().get_template(f"{self.name}.html.j2").render(context, theme=self)


_ALL = (
    Theme(name="palo_alto", theme_id=120000000001, pager="older_newer"),
    Theme(name="dawn", theme_id=120000000002, pager="none"),
    Theme(name="debut", theme_id=120000000003, pager="none"),
    Theme(name="turbo", theme_id=120000000004, pager="previous_is_newer", has_widget=True),
    Theme(name="showtime", theme_id=120000000005, pager="previous_is_older"),
    Theme(name="utility", theme_id=120000000006, pager="none"),
    Theme(name="halo", theme_id=120000000007, pager="older_newer", has_widget=True),
)

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in _ALL}
"""Every theme by name; the first is the demo store's house theme."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["slug"] = slug
    return environment


def slug(text: str) -> str:
    """`text` as Shopify makes a handle of it: lower case, words joined by hyphens."""
    return "-".join(re.findall(r"\w+", text.casefold()))

"""Secrets of channels, read from a file or the environment at the moment of sending.

No setting holds them, since Scrapy logs settings.
"""

from __future__ import annotations

import os
from pathlib import Path

from scraper.alerts.channels import FROM_ENVIRONMENT, FROM_FILE
from scraper.exceptions import NotDelivered


def read_secret(value: str, folder: Path) -> str:
    """The secret that a channel's value is or names; files are relative to `folder`.

    Raises NotDelivered, which names the place and never what is there.
    """
    if value.startswith(FROM_ENVIRONMENT):
        name = value.removeprefix(FROM_ENVIRONMENT)
        if name not in os.environ:
            raise NotDelivered(f"the environment has no {name}")
        return os.environ[name].strip()
    if not value.startswith(FROM_FILE):
        return value
    path = folder / value.removeprefix(FROM_FILE)
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError):
        raise NotDelivered(f"the file {path} cannot be read") from None

"""A webhook and a mail server for the alerts of an archive, which is verified after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.archive.database import open_for_reading
from scraper.archive.verify import verify
from tests.alerts.alerted import World
from tests.alerts.receivers import mail_server, webhook


@pytest.fixture
def world(integration: None, db_path: Path) -> Iterator[World]:
    with webhook() as hook, mail_server() as mail:
        found = World(db_path, hook, mail)
        yield found
        if db_path.exists():
            db: Database = open_for_reading(db_path)
            assert [problem for result in verify(db) for problem in result.problems] == []
            db.close()

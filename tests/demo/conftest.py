"""A small store of known posts, and a way to ask its server over a real loopback connection."""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from scraper.demo import DemoServer, DemoStore, load_store
from scraper.demo.store import Catalogue
from tests.demo.sample import write_sample

Serve = Callable[..., DemoServer]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return (
            gzip.decompress(self.body)
            if self.headers.get("content-encoding") == "gzip"
            else self.body
        ).decode()


def ask(server: DemoServer, target: str, *, method: str = "GET", **headers: str) -> Reply:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    try:
        connection.request(
            method,
            target,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        response = connection.getresponse()
        body = response.read()
        return Reply(
            response.status, {name.lower(): value for name, value in response.getheaders()}, body
        )
    finally:
        connection.close()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return load_store(write_sample(Path(tmp_path_factory.mktemp("content") / "store")))


@pytest.fixture(scope="session")
def store(catalogue: Catalogue) -> DemoStore:
    return DemoStore(catalogue)


@pytest.fixture
def serve(integration: None) -> Iterator[Serve]:
    """Serve a store until the test ends: ``serve(store, fresh_tokens=True)``."""
    with ExitStack() as stack:
        yield lambda *words, **options: stack.enter_context(DemoServer(*words, **options))


@pytest.fixture
def server(serve: Serve, store: DemoStore) -> DemoServer:
    return serve(store)

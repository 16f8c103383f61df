"""The trial of an address that never answers, against a real socket."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from scraper.exceptions import EditRefused, PrivateAddress
from scraper.schedule.stores_editor import StoresEditor


def test_a_trial_ends_with_its_process_and_bars_a_second_one(
    integration: None, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        file = tmp_path / "stores.toml"
        strict = StoresEditor(file=file)
        with pytest.raises(PrivateAddress):
            asyncio.run(strict.try_address(address))
        editor = StoresEditor(file=file, allow_private=True, trial_s=0.3)

        async def twice() -> list[object]:
            tries = (editor.try_address(address) for _ in range(2))
            return await asyncio.gather(*tries, return_exceptions=True)

        first, second = asyncio.run(twice())
        assert isinstance(first, EditRefused)
        assert "took longer than 0.3 seconds" in str(first)
        assert isinstance(second, EditRefused)
        assert "another address is being tried" in str(second)
        with pytest.raises(EditRefused, match="took longer"):  # and later it is free again
            asyncio.run(editor.try_address(address))
    with pytest.raises(EditRefused, match="was not tried"):
        editor.add(address, "", {"schedule": "0 5 * * *"})
    assert not file.exists()

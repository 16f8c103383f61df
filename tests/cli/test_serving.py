"""A connection that asks nothing takes no place from those that do."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
import uvicorn

from scraper.cli.serving import BoundedProtocol, make_config

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class _SoonOver(BoundedProtocol):
    head_s = 0.05


@pytest.mark.integration
def test_a_connection_without_a_request_is_closed_and_a_slow_answer_is_not():
    async def talk() -> None:
        others_closed = asyncio.Event()

        async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
            if scope["path"] == "/slow":
                await others_closed.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        with socket.create_server(("127.0.0.1", 0)) as listener:
            # The keep-alive of uvicorn must not be what closes a connection here.
            config = make_config(app, http=_SoonOver, lifespan="off", timeout_keep_alive=1000)
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listener]))
            slow = await _send(listener, HEAD.replace(b"/ ", b"/slow "))
            for sent in (b"", HEAD[:20], HEAD, HEAD + HEAD[:20]):
                reader, writer = await _send(listener, sent)
                answer = await asyncio.wait_for(reader.read(), 30)
                assert answer.count(b"204 No Content") == sent.count(HEAD)
                writer.close()
            others_closed.set()
            assert b"204 No Content" in await asyncio.wait_for(slow[0].read(), 30)
            slow[1].close()
            server.should_exit = True
            await serving

    asyncio.run(talk())


@pytest.mark.integration
def test_a_body_that_is_no_http_is_answered_once(capfd: pytest.CaptureFixture[str]):
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def talk() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = uvicorn.Server(make_config(app, lifespan="off"))
            serving = asyncio.create_task(server.serve([listener]))
            body = b"\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n"
            reader, writer = await _send(listener, HEAD.replace(b"\r\n\r\n", body))
            answer = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            server.should_exit = True
            await serving
        return answer

    assert asyncio.run(talk()).startswith(b"HTTP/1.1 400 ")
    assert "Traceback" not in capfd.readouterr().err


async def _send(
    listener: socket.socket, data: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    writer.write(data)
    return reader, writer

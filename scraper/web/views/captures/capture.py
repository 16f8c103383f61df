"""The page as it was: a capture in a sandboxed frame, and its bytes to download."""

from __future__ import annotations

from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path

from datasette.utils.asgi import Response

from scraper.archive.captures.reader import open_reader
from scraper.archive.captures.warc import WarcFile
from scraper.archive.queries.captures import read_stored_answer
from scraper.archive.queries.pages.evidence import read_capture_facts
from scraper.archive.queries.pages.images import read_image, read_images_of_capture
from scraper.archive.queries.pages.mementos import read_memento_of
from scraper.archive.queries.run_query import Connection
from scraper.exceptions import CaptureLost
from scraper.history.humanize import VERDICTS
from scraper.items import TOO_SLOW
from scraper.responses.content_checks import image_type
from scraper.web.captured_page import render_captured_page
from scraper.web.page_context import PageContext, page_view
from scraper.web.pictures import RASTER, image_path
from scraper.web.views.captures.memento import memento_headers


@page_view
async def view(page: PageContext) -> Response:
    """Render what is known of a capture, with a frame that shows its page."""
    capture = await page.query(read_capture_facts, page.path_arg("capture"))
    path = page.path(image_path(capture.body_hash))
    return await page.render("capture.html", capture=capture, image_path=path)


@page_view
async def frame(page: PageContext) -> Response:
    """Return the captured page without anything that runs, loads or leads away."""
    number = page.path_arg("capture")
    html = await page.query_slow(_render, page.state.captures, number)
    shown = await page.query(read_memento_of, number)
    return Response.html(html, headers=memento_headers(page, shown) if shown else None)


def _render(connection: Connection, captures: Path, number: int) -> str:
    capture, answer = read_stored_answer(connection, captures, number)
    # Parsing it could take minutes here, for all visitors.
    if capture.verdict == "rejected" or capture.detail.startswith(TOO_SLOW):
        raise CaptureLost(f"{VERDICTS['rejected']}: it is not shown, so download it")
    images, ended_at = read_images_of_capture(connection, number)

    with closing(open_reader(captures)) as reader:

        def find(source: str, max_bytes: int) -> bytes | None:
            found = images.find(source, ended_at)
            if found is None or found.media_type not in RASTER or found.n_bytes > max_bytes:
                return None
            with suppress(CaptureLost):
                return read_image(connection, reader, found.hash)
            return None

        return render_captured_page(answer.body, answer.header("content-type"), find)


@page_view
async def body(page: PageContext) -> Response:
    """Return the content of an answer as a file: nothing opens it in the browser."""
    number = page.path_arg("capture")
    _, answer = await page.query(read_stored_answer, page.state.captures, number)
    suffix = image_type(answer.body).partition("/")[2].partition("+")[0] or "html"
    return _file(answer.body, f"capture-{number}.{suffix}")


@page_view
async def warc(page: PageContext) -> Response:
    """Return an answer as a WARC file with one record."""
    number = page.path_arg("capture")
    capture, answer = await page.query(read_stored_answer, page.state.captures, number)
    name, out = f"capture-{number}.warc.gz", BytesIO()
    WarcFile(out, name).write(
        answer,
        capture.dated_crawl,
        resource_type=capture.resource_type,
        is_file=capture.is_file,
    )
    return _file(out.getvalue(), name)


def _file(content: bytes, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, content_type="application/octet-stream")

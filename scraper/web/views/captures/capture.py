"""The page as it was: a capture in a sandboxed frame, and its bytes to download."""

from __future__ import annotations

from io import BytesIO

from datasette.utils.asgi import Response

from scraper.archive.captures.warc import WarcFile
from scraper.archive.queries.captures import read_stored_answer
from scraper.archive.queries.pages.evidence import read_capture_facts
from scraper.archive.queries.pages.mementos import read_memento_of
from scraper.exceptions import CaptureLost, QueryTimeout
from scraper.responses.content_checks import image_type
from scraper.web.captured_page import read_captured_page
from scraper.web.page_context import PageContext, page_view
from scraper.web.pictures import image_path
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
    try:
        html = await page.query_apart(read_captured_page, page.state.captures, number)
    except QueryTimeout as error:
        raise CaptureLost("the page takes too long to show, so download it") from error
    shown = await page.query(read_memento_of, number)
    return Response.html(html, headers=memento_headers(page, shown) if shown else None)


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

"""A page of another origin in a browser: it reads no byte of the archive. And other hosts."""

from __future__ import annotations

import json
import socket
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import Command, ThreeDays
from tests.each_row import each_row
from tests.loopback import answering
from tests.warm import Warm
from tests.web.conftest import new_context
from tests.web.serving import get, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCRIPT = """
const TARGET = %s;
const found = [];
const waited = (node, parent = document.body) => new Promise((done) => {
  node.onload = () => done("loaded");
  node.onerror = () => done("refused");
  parent.append(node);
});
async function attempt(name, act) {
  try {
    found.push([name, await act()]);
  } catch (error) {
    found.push([name, `refused: ${error.name}`]);
  }
}
function make(tag, attributes) {
  return Object.assign(document.createElement(tag), attributes);
}
function inside(frame) {
  try { return frame.contentDocument ? frame.contentDocument.body.innerText : "refused"; }
  catch { return "refused"; }
}
async function main() {
  for (const path of ["/", "/-/changes.json", "/archive/posts.json", "/-/blogkeep/blogkeep.js"]) {
    const url = TARGET + path;
    const read = async (options) => (await fetch(url, options)).text();
    await attempt(`fetch ${path}`, () => read({}));
    await attempt(`credentials ${path}`, () => read({ credentials: "include" }));
    await attempt(`no-cors ${path}`, () => read({ mode: "no-cors" }));
    await attempt(`post ${path}`, () => read({ method: "POST", mode: "no-cors", body: "a=b" }));
    await attempt(`img ${path}`, () => waited(make("img", { src: url })));
    await attempt(`script ${path}`, () => waited(make("script", { src: url })));
    await attempt(`style ${path}`, () => waited(make("link", { rel: "stylesheet", href: url })));
    await attempt(`iframe ${path}`, async () => {
      const frame = make("iframe", { src: url });
      await waited(frame);
      return inside(frame);
    });
    await attempt(`form ${path}`, async () => {
      const frame = make("iframe", { name: "posted" });
      await waited(frame);
      const form = make("form", { method: "post", action: url, target: "posted" });
      document.body.append(form);
      const loaded = new Promise((done) => { frame.onload = done; });
      form.submit();
      await loaded;
      const text = inside(frame);
      frame.remove();
      return text;
    });
  }
  new WebSocket(TARGET.replace("http", "ws"));
  return found;
}
"""


def another_site(target: str) -> AbstractContextManager[str]:
    """A server whose page attacks `target`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><title>Evil</title><body><script src=/attack.js></script>"
            kind = "text/html"
            if self.path == "/attack.js":
                body, kind = (SCRIPT % json.dumps(target)).encode(), "text/javascript"
            self.send_response(200)
            self.send_header("content-type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    return answering(Handler)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["cross-site", "same-site"])
def test_a_page_of_another_origin_reads_nothing(browser: Browser, site: str, host: str):
    answered: list[tuple[int, str]] = []
    with another_site(site) as url:
        context = new_context(browser)
        page = context.new_page()
        page.on("response", lambda one: answered.append((one.status, one.url)))
        page.goto(url.replace("127.0.0.1", host))
        with page.expect_console_message(lambda one: "WebSocket" in one.text) as message:
            found = page.evaluate("main()")
        context.close()
    assert "Unexpected response code: 403" in message.value.text
    results = dict(found)
    assert len(results) == 36
    assert {name: text for name, text in results.items() if _is_read(text)} == {}
    statuses = {status for status, url in answered if url.startswith(site)}
    assert statuses == {403}


def _is_read(text: str) -> bool:
    return text != "" and not text.startswith("refused")


def test_other_sites_may_link_here(browser: Browser, site: str):
    with another_site(site) as url:
        context = new_context(browser)
        page = context.new_page()
        page.goto(url.replace("127.0.0.1", "localhost"))
        page.evaluate("url => { location.href = url; }", f"{site}/-/changes")
        page.wait_for_url(f"{site}/-/changes")
        assert page.locator("h1").inner_text() == "Changes"
        context.close()


@each_row(
    "path",
    ["/", "/-/changes.atom", "/archive/posts", "/-/blogkeep/blogkeep.css", "/robots.txt", "/none"],
)
def test_unknown_hosts_are_refused(site: str, path: str):
    answer = get(site + path, headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert len(answer.text.splitlines()) == 1
    assert "evil" not in answer.text


@pytest.mark.parametrize("lines", ["GET / HTTP/1.0\r\n", "GET http://evil.example/ HTTP/1.0\r\n"])
def test_a_request_without_a_host_is_refused(site: str, lines: str):
    address = urlsplit(site)
    with socket.create_connection((address.hostname, address.port or 0), timeout=60) as client:
        client.sendall(f"{lines}\r\n".encode())
        answer = client.makefile("rb").read()
    assert answer.split(b" ")[1] == b"421"


def test_given_hosts_are_answered(warm: Warm, three_days: ThreeDays):
    options = ("--host-name", "Archive.Example:443", "-s", "ARCHIVE_WEB_URL=https://web.example/a/")
    with served(three_days.db, *options, warm=warm) as url:
        for host in ("archive.example", "web.example", "archive.example:8001"):
            answer = get(f"{url}/-/changes.atom", headers={"host": host})
            assert answer.status_code == 200
            assert f"http://{host}/-/changes" in answer.text
        assert get(url, headers={"host": "evil.example"}).status_code == 421


def test_a_wrong_host_name_is_refused(blogkeep: Command, three_days: ThreeDays):
    done = blogkeep("serve", "--db", str(three_days.db), "--host-name", "https://blog.example/")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "--host-name" in done.stderr

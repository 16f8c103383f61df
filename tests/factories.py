"""Posts, answers and crawls as tests need them: one base value, and what is said differs from
it."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from scraper.extract.template.learn import with_blocks
from scraper.items import (
    AUTHORED,
    Capture,
    CodeMention,
    FieldClaim,
    Link,
    LinkKind,
    NonPostLink,
    Post,
    Template,
    TemplateBlock,
    TemplateBody,
    Verdict,
    Visit,
)

ORIGIN = "https://shop.example"
TEXT = "Warm the pot before the leaves go in.\nWait four minutes, then pour."


def at(day: int, minute: int = 0) -> str:
    """A moment of March 2026, UTC."""
    return f"2026-03-{day:02}T06:{minute:02}:00Z"


def url_of(handle: str, *, blog: str = "news") -> str:
    return f"{ORIGIN}/blogs/{blog}/{handle}"


def make_post(handle: str = "slow-tea", *, text: str = TEXT, **more: Any) -> Post:
    """A post whose body in its three forms, address and readings agree with each other; `more`
    replaces any field."""
    base = replace(
        _BASE,
        url=url_of(handle),
        handle=handle,
        title=handle.replace("-", " ").title(),
        **_body(text),
    )
    post = replace(base, **more)
    if "html" not in more:
        post = replace(
            post,
            html=post.html
            + "".join(
                f'<p><a href="{link.url}">{escape(link.anchor)}</a></p>' for link in authored(post)
            ),
        )
    return post if "readings" in more else replace(post, readings=page_readings(post))


def authored(post: Post) -> list[Link | NonPostLink]:
    """The links that an author set: what stands in the body, and so in its markup."""
    return [*(link for link in post.links if link.kind in AUTHORED), *post.non_post_links]


def page_readings(post: Post) -> tuple[FieldClaim, ...]:
    """What a page alone says of a post's fields: heading, by-line and `time` element."""
    said = (
        ("title", "heading", post.title),
        ("author", "byline", post.author),
        ("published_at", "time", post.published_at),
    )
    return tuple(reading(field, source, value) for field, source, value in said if value)


def reading(field: str, source: str, value: str, *, raw: str = "") -> FieldClaim:
    return FieldClaim(field=field, source=source, raw=raw or value, value=value)


def make_link(
    target: str, *, kind: LinkKind = "inline", anchor: str = "", position: int = 0
) -> Link:
    """A link to a handle of the store, or to a URL as it stands; an empty `target` is known by its
    anchor alone."""
    url = target if not target or "://" in target else url_of(target)
    return Link(url=url, kind=kind, anchor=anchor or target, position=position)


def make_code(code: str = "CALM10", *, value: float = 10.0, **more: Any) -> CodeMention:
    base = CodeMention(
        code=code,
        kind="percent",
        value=value,
        currency="",
        snippet=f"Take {value:g} percent off with {code}.",
    )
    return replace(base, **more)


def make_capture(url: str, when: str, *, verdict: Verdict = "ok", **more: Any) -> Capture:
    base = Capture(
        url=url,
        final_url=url,
        http_status=_STATUS.get(verdict, 200),
        verdict=verdict,
        detail="",
        fetched_at=when,
        etag="",
        last_modified="",
        body_hash="0" * 64,
        body_bytes=1000,
    )
    return replace(base, **more)


def make_template(*blocks: str) -> Template:
    """The template of a theme with blocks at these paths inside its body."""
    body = TemplateBody(path="main > div.rte", framed=False, learned_from="feed", pages=12)
    theme = Template(version="", fingerprint="", bodies=(body,), blocks=(), pages=20)
    return with_blocks(
        theme,
        [TemplateBlock(path=path, text="", learned_from="feed", pages=3) for path in blocks],
    )


def seen(post: Post, when: str, *, asked: str = "", lastmod: str | None = None) -> Visit:
    """A good answer with its post; `asked` is the address that led there, if it was another. The
    store says that it was just edited, unless `lastmod` gives another date, or none."""
    return Visit(
        capture=make_capture(asked or post.url or "file.txt", when, final_url=post.url),
        resource_type="post",
        post=post,
        lastmod=when if lastmod is None else lastmod,
    )


def answered(url: str, when: str, verdict: Verdict, *, resource_type: str = "post") -> Visit:
    """An answer that shows no post."""
    return Visit(capture=make_capture(url, when, verdict=verdict), resource_type=resource_type)


def redirected(url: str, target: str, when: str) -> Visit:
    """An address that leads to another one of the store."""
    return Visit(
        capture=make_capture(url, when, verdict="renamed", final_url=target), resource_type="post"
    )


def _body(text: str) -> dict[str, Any]:
    lines = text.split("\n")
    html = "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)
    return {
        "html": html,
        "markdown": "\n\n".join(lines),
        "text": text,
        "word_count": len(text.split()),
    }


_STATUS = {
    "not_found": 404,
    "gone": 410,
    "renamed": 301,
    "redirected_home": 302,
    "rate_limited": 429,
    "security_rejected": 430,
    "forbidden": 403,
    "server_error": 500,
    "network_error": 0,
}

_BASE = Post(
    url="",
    locale="",
    blog_handle="news",
    handle="",
    article_id="",
    title="",
    author="Mara Quill",
    published_at="2026-02-01T09:00:00Z",
    modified_at="",
    excerpt="",
    image_url="",
    language="en",
    tags=("Rituals", "Tea"),
    html="",
    markdown="",
    text="",
    word_count=0,
    comment_count=0,
    links=(),
    self_links=(),
    codes=(),
    readings=(),
    blocks=(),
    method="rte",
    confidence=1.0,
)

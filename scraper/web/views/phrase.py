"""The history of a phrase: which revisions contained it, when it was removed or came back."""

from __future__ import annotations

from datasette.utils.asgi import Response

from scraper.archive.queries.search import MAX_MATCHES
from scraper.archive.queries.texts.quoted import read_nearly
from scraper.archive.queries.texts.said import read_said
from scraper.claims.quotations import FEWEST_WORDS, Likeness
from scraper.sentences import split_words
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.query_string import encode_query

PAGE_SIZE = 20


@page_view
async def view(page: PageContext) -> Response:
    """Render the posts that contained the phrase `?q=`, with `?first=1` those first that were seen
    with it first. With `?nearly=1`, or if there are none, the passages that are nearly the phrase
    follow."""
    phrase, store, offset = page.arg("q").strip(), page.arg("store"), page.int_arg("from")
    first = bool(page.arg("first"))
    found = await page.query_slow(
        read_said, phrase, store=store, first=first, offset=offset, limit=PAGE_SIZE
    )
    nearly: tuple[Likeness, ...] = ()
    wants_nearly, can_be_alike = bool(page.arg("nearly")), len(split_words(phrase)) >= FEWEST_WORDS
    if can_be_alike and (wants_nearly or not found.posts):
        nearly = await page.query_slow(read_nearly, phrase, store=store)
    asked = {"q": phrase, "store": store, "first": "1" if first else ""}
    nearly_page = next_page = ""
    if can_be_alike and found.posts and not wants_nearly:
        nearly_page = encode_query(asked | {"nearly": "1"})
    if offset + PAGE_SIZE < found.n_posts:
        following = str(offset + PAGE_SIZE)
        next_page = encode_query(asked | {"from": following})
    return await page.render(
        "phrase.html",
        phrase=phrase,
        first=first,
        found=found,
        nearly=nearly,
        max_matches=MAX_MATCHES,
        nearly_page=nearly_page,
        can_be_alike=can_be_alike,
        next_page=next_page,
    )

"""A page at a post's address that is not the post."""

from __future__ import annotations

import pytest

from scraper.history.identity import is_another_page
from scraper.history.snapshots import Fields, Snapshot

WORDS = "Warm the pot before the leaves go in and let them rest for some minutes before you pour it into the cup."
NOTICE = "We are making some changes to the shop and will be back before long. Please come again in some minutes."


def _page(title: str, text: str) -> Snapshot:
    fields = Fields(title=title, author="", published_at="", excerpt="", image_url="", tags=())
    return Snapshot(fields=fields, html=f"<p>{text}</p>", markdown=text, text=text)


POST = _page("Slow tea", WORDS)


@pytest.mark.parametrize(
    ("before", "after", "ids", "another"),
    [
        pytest.param(POST, _page("Back soon", NOTICE), (True, False), True, id="a notice without an id"),
        pytest.param(POST, _page("Back soon", ""), (True, False), True, id="a page without words"),
        pytest.param(POST, _page("Back soon", "Soon."), (True, False), True, id="a page of one word"),
        pytest.param(POST, _page("Back soon", NOTICE), (True, True), False, id="a page with an id is found by it"),
        pytest.param(POST, _page("Back soon", NOTICE), (False, False), False, id="a post that never had an id"),
        pytest.param(POST, _page("SLOW TEA", NOTICE), (True, False), False, id="rewritten under its title"),
        pytest.param(POST, _page("Quick tea", WORDS), (True, False), False, id="retitled, the same words"),
        pytest.param(POST, _page("Quick tea", WORDS[:50]), (True, False), False, id="cut to its beginning"),
        pytest.param(POST, _page("Quick tea", NOTICE + " " + WORDS), (True, False), False, id="its words among others"),
        pytest.param(_page("Slow tea", ""), _page("Back soon", NOTICE), (True, False), False, id="a post without words"),
    ],
)
def test_whether_it_is_another_page(before, after, ids, another):
    assert is_another_page(before, after, had_id=ids[0], has_id=ids[1]) == another

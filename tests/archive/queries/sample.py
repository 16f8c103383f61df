"""Posts of the sample archives that the tests of queries read."""

from __future__ import annotations

from scraper.items import Post
from tests.factories import make_link, make_post

TEA = make_post(
    "slow-tea",
    article_id="1",
    title="It’s Slow Tea",
    links=(make_link("other", anchor="more"), make_link("nowhere", anchor="lost")),
)
OTHER = make_post("other", article_id="2")

TREES = ("alder", "birch", "cedar", "elm", "fir", "hazel", "juniper")
CLAIM = "You know the one. Magnesium stops night cramps for good. So they say."
SOFT = "You know the one. Magnesium may ease night cramps. So they say."

BARK = "bark cures colds.\nIt costs £5."


def tree_post(name: str, text: str, **more: object) -> Post:
    """A post about one of `TREES`."""
    return make_post(name, article_id=str(100 + TREES.index(name)), text=text, **more)

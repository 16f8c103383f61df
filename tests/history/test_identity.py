"""A page at a post's address that is not the post, and a store at another address that is the
store, or is not."""

from __future__ import annotations

import pytest

from scraper.history.identity import (
    MoveSigns,
    alike_groups,
    has_left,
    is_another_page,
    is_replaced,
    is_same_store,
    shows_owner,
    sights_of_text,
)
from scraper.history.snapshots import Fields, Snapshot
from tests.each_row import each_row

WORDS = (
    "Warm the pot before the leaves go in and let them rest for some minutes before you pour it "
    "into the cup."
)
NOTICE = (
    "We are making some changes to the shop and will be back before long. Please come again in "
    "some minutes."
)


def _page(title: str, text: str) -> Snapshot:
    fields = Fields(title=title, author="", published_at="", excerpt="", image_url="", tags=())
    return Snapshot(fields=fields, html=f"<p>{text}</p>", markdown=text, text=text)


POST = _page("Slow tea", WORDS)


@each_row(
    ("before", "after", "ids", "another"),
    [
        pytest.param(
            POST, _page("Back soon", NOTICE), (True, False), True, id="a notice without an id"
        ),
        pytest.param(POST, _page("Back soon", ""), (True, False), True, id="a page without words"),
        pytest.param(
            POST, _page("Back soon", "Soon."), (True, False), True, id="a page of one word"
        ),
        pytest.param(
            POST,
            _page("Back soon", NOTICE),
            (True, True),
            False,
            id="a page with an id is found by it",
        ),
        pytest.param(
            POST,
            _page("Back soon", NOTICE),
            (False, False),
            False,
            id="a post that never had an id",
        ),
        pytest.param(
            POST, _page("SLOW TEA", NOTICE), (True, False), False, id="rewritten under its title"
        ),
        pytest.param(
            POST, _page("Quick tea", WORDS), (True, False), False, id="retitled, the same words"
        ),
        pytest.param(
            POST, _page("Quick tea", WORDS[:50]), (True, False), False, id="cut to its beginning"
        ),
        pytest.param(
            POST,
            _page("Quick tea", NOTICE + " " + WORDS),
            (True, False),
            False,
            id="its words among others",
        ),
        pytest.param(
            _page("Slow tea", ""),
            _page("Back soon", NOTICE),
            (True, False),
            False,
            id="a post without words",
        ),
    ],
)
def test_whether_it_is_another_page(before, after, ids, another):
    assert is_another_page(before, after, had_id=ids[0], has_id=ids[1]) == another


NO_POSTS, POSTS = (10, 10, 0), (10, 10, 10)


@each_row(
    ("shop_id", "domain", "former", "same_host", "posts", "same"),
    [
        pytest.param(True, True, "leads_here", False, POSTS, True, id="all signs"),
        pytest.param(
            True, None, "leads_here", False, NO_POSTS, True, id="led there, and its number"
        ),
        pytest.param(
            None,
            True,
            "leads_here",
            False,
            NO_POSTS,
            True,
            id="led there, and its permanent domain",
        ),
        pytest.param(None, None, "leads_here", False, POSTS, True, id="led there, and its posts"),
        pytest.param(
            None,
            None,
            "leads_here",
            False,
            NO_POSTS,
            False,
            id="led there, and nothing of it: the domain was sold",
        ),
        pytest.param(
            False, True, "leads_here", False, POSTS, False, id="led there, another number"
        ),
        pytest.param(
            True, False, "leads_here", False, POSTS, False, id="led there, another permanent domain"
        ),
        pytest.param(True, True, "stands", False, POSTS, False, id="a copy of a store that stands"),
        pytest.param(
            True, True, "deserted", False, POSTS, True, id="nobody there any more, and all else"
        ),
        pytest.param(
            True,
            True,
            "deserted",
            False,
            NO_POSTS,
            False,
            id="nobody there any more, none of its posts",
        ),
        pytest.param(
            True,
            None,
            "deserted",
            False,
            POSTS,
            False,
            id="nobody there any more, its permanent domain unsaid",
        ),
        pytest.param(
            None,
            True,
            "deserted",
            False,
            POSTS,
            False,
            id="nobody there any more, its number unsaid",
        ),
        pytest.param(
            None, None, "deserted", False, POSTS, False, id="nobody there any more, posts alone"
        ),
        pytest.param(None, None, "stands", True, POSTS, True, id="the same host, and its posts"),
        pytest.param(
            True, None, "stands", True, NO_POSTS, True, id="the same host, and its number"
        ),
        pytest.param(None, None, "stands", True, NO_POSTS, False, id="the same host alone"),
        pytest.param(False, None, "stands", True, POSTS, False, id="the same host, another number"),
    ],
)
def test_a_store_at_another_address_is_the_same_by_more_than_one_sign(
    shop_id, domain, former, same_host, posts, same: bool
):
    known, listed, shared = posts
    signs = MoveSigns(
        same_shop_id=shop_id,
        same_domain=domain,
        former=former,
        same_host=same_host,
        known=known,
        listed=listed,
        shared=shared,
    )
    assert is_same_store(signs) is same


@each_row(
    ("known", "listed", "shared", "same"),
    [
        pytest.param(400, 400, 399, True, id="nearly all"),
        pytest.param(400, 30, 30, True, id="the newest, by a feed"),
        pytest.param(400, 400, 199, False, id="less than half"),
        pytest.param(400, 2, 2, False, id="all of two, which a guess can hit"),
        pytest.param(2, 40, 2, True, id="all of a small blog"),
        pytest.param(2, 40, 1, False, id="one of a small blog"),
        pytest.param(0, 40, 0, False, id="no post is known"),
    ],
)
def test_blogs_are_the_same_by_posts_at_the_same_paths(
    known: int, listed: int, shared: int, same: bool
):
    signs = MoveSigns(
        same_shop_id=None,
        same_domain=None,
        former="leads_here",
        same_host=False,
        known=known,
        listed=listed,
        shared=shared,
    )
    assert is_same_store(signs) is same


OTHER = _page(
    "Cold tea", "Fill a jug with water from the well and leave it in the shade till noon."
)


@each_row(
    ("after", "replaced"),
    [
        pytest.param(WORDS, False, id="the same"),
        pytest.param(WORDS.replace("some", "few"), False, id="edited"),
        pytest.param(NOTICE, True, id="a notice"),
        pytest.param("", True, id="nothing"),
        pytest.param(NOTICE + " " + WORDS, False, id="its words among others"),
    ],
)
def test_whether_hardly_a_word_is_left(after, replaced):
    assert is_replaced(WORDS, after) == replaced


SHORT = (
    "We tried seven lanterns in one week, and wrote down what each of them did for a slow morning "
    "at home. Nobody paid us for a word about lanterns, and nobody ever will."
)


@each_row(
    ("after", "sights"),
    [
        pytest.param(
            "We will be right back. Our shop is being looked after, please come again in a while. "
            "Thank you for your patience, and see you soon.",
            12,
            id="a notice, with small words in common",
        ),
        pytest.param(SHORT.replace("slow", "quick"), 3, id="another word"),
        pytest.param(SHORT.split(". ", maxsplit=1)[0], 3, id="a sentence went"),
        pytest.param("We lit seven lanterns for a slow week at home.", 3, id="told in short"),
    ],
)
def test_a_text_of_other_words_waits_for_more_sights(after: str, sights: int):
    assert sights_of_text(3, SHORT, after) == sights


@each_row(
    ("title", "text", "owners"),
    [
        pytest.param("Slow tea", WORDS, True, id="the owner, under the other's id"),
        pytest.param("Slow tea", WORDS.replace("cup", "mug"), True, id="the owner, edited"),
        pytest.param("Cold tea", OTHER.text, False, id="the other post"),
        pytest.param("Slow tea", OTHER.text, False, id="the other post under the owner's title"),
        pytest.param("Back soon", NOTICE, False, id="neither"),
    ],
)
def test_whether_a_page_under_anothers_id_shows_the_owner_of_its_address(title, text, owners):
    assert shows_owner(_page(title, text), POST, OTHER) == owners


@each_row(("title", "owners"), [("Slow tea", True), ("Cold tea", False), ("Tea", False)])
def test_titles_distinguish_two_posts_of_one_text(title, owners):
    assert shows_owner(_page(title, WORDS), POST, _page("Cold tea", WORDS)) == owners


@each_row(
    ("answers", "listed", "left"),
    [
        pytest.param([], True, False, id="nobody asked, and it is listed"),
        pytest.param([], False, True, id="nobody asked, and nothing lists it"),
        pytest.param([("ok", True)], True, False, id="it stands there"),
        pytest.param([("ok", False)], True, True, id="another post stands there"),
        pytest.param([("renamed", True)], True, True, id="it leads on"),
        pytest.param([("gone", True)], True, True, id="it is gone"),
        pytest.param([("server_error", True)], True, False, id="trouble is no evidence"),
    ],
)
def test_whether_a_post_has_left_its_address(answers, listed, left):
    assert has_left(answers, listed=listed) == left


@each_row(
    ("pages", "groups"),
    [
        pytest.param([("Ale", NOTICE), ("Bread", NOTICE)], [0, 0], id="one text under two titles"),
        pytest.param(
            [("Ale", NOTICE + " Case 12."), ("Bread", NOTICE + " Case 9.")], [0, 0], id="digits"
        ),
        pytest.param(
            [("Slow tea", f"Slow tea: {NOTICE}"), ("Cold tea", f"Cold tea: {NOTICE}")],
            [0, 0],
            id="each with its own title in it",
        ),
        pytest.param(
            [("Ale", NOTICE + " Tell Mara."), ("Bread", NOTICE + " Tell Ivo.")],
            [0, 0],
            id="a template",
        ),
        pytest.param([("Ale", "Loading…"), ("Bread", "Loading…")], [0, 0], id="one word"),
        pytest.param([("Ale", ""), ("Bread", "")], [0, 0], id="no word at all"),
        pytest.param(
            [("Ale", WORDS), ("Bread", NOTICE), ("Cake", WORDS)], [0, 1, 0], id="two kinds"
        ),
        pytest.param([("Ale", NOTICE), ("Bread", NOTICE + WORDS)], [0, 1], id="a part of another"),
    ],
)
def test_which_pages_are_one_text(pages, groups):
    assert alike_groups(pages) == groups

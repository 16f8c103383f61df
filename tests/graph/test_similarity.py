"""Which texts are alike, held against the demo store's topics, and which are one text."""

from __future__ import annotations

from collections import Counter

import pytest

from scraper.demo import DemoStore
from scraper.graph import similarity

POSTS = DemoStore().posts(1)


def _signatures() -> list[dict[str, int]]:
    words = [similarity.read_words(post.title, post.reading_text) for post in POSTS]
    tags = [similarity.read_tags(post.tags) for post in POSTS]
    bearing = Counter(term for terms in (*words, *tags) for term in set(terms))
    return [
        similarity.sign(own, told, bearing=bearing, posts=len(POSTS))
        for own, told in zip(words, tags, strict=True)
    ]


def test_of_the_five_most_alike_nine_in_ten_are_of_the_same_topic():
    """71 posts of eleven topics, which stand in the demo's own files and are served nowhere."""
    signatures = _signatures()
    shares, any_at_all = [], 0
    for own, post in zip(signatures, POSTS, strict=True):
        others = [
            (similarity.likeness(own, theirs), other.topic)
            for theirs, other in zip(signatures, POSTS, strict=True)
            if other is not post
        ]
        five = [topic for _, topic in sorted(others, key=lambda pair: -pair[0])[:5]]
        shares.append(five.count(post.topic) / 5)
        any_at_all += post.topic in five
    assert sum(shares) / len(shares) >= 0.90
    assert any_at_all == len(POSTS)


def test_two_signatures_are_as_alike_either_way_and_each_is_wholly_alike_itself():
    one, other = _signatures()[:2]
    assert similarity.likeness(one, other) == similarity.likeness(other, one)
    assert similarity.likeness(one, one) == pytest.approx(1, abs=0.001)


def test_the_words_that_make_two_posts_alike_are_told():
    bearing = {"kettle": 2, "teapot": 2, "spout": 1, "lid": 1}
    one = similarity.sign(Counter(kettle=3, teapot=1, spout=1), (), bearing=bearing, posts=9)
    other = similarity.sign(Counter(kettle=2, teapot=1, lid=1), (), bearing=bearing, posts=9)
    assert similarity.shared_words(one, other) == ("kettle", "teapot")


def test_words_that_one_post_or_most_posts_bear_tell_nothing():
    assert (
        similarity.sign(Counter(spout=1, the=9), (), bearing={"spout": 1, "the": 100}, posts=100)
        == {}
    )


def test_case_and_accents_are_set_aside():
    assert similarity.read_words("", "CAFÉ Café café") == Counter(cafe=3)


def test_scripts_without_spaces_are_read_in_pairs():
    assert set(similarity.read_words("", "日本茶")) == {"日本", "本茶"}


def test_a_copy_shares_its_runs_and_a_neighbour_does_not():
    texts = [post.reading_text for post in POSTS]
    for text in texts:
        edited = text.replace(" the ", " this ", 1)
        assert (
            similarity.share_of_runs(similarity.read_runs(text), similarity.read_runs(edited))
            >= similarity.COPY_SHARE
        )
    runs = [similarity.read_runs(text) for text in texts]
    assert (
        max(similarity.share_of_runs(a, b) for at, a in enumerate(runs) for b in runs[:at])
        < similarity.COPY_SHARE / 2
    )


def test_sketches_of_copies_meet():
    for post in POSTS:
        edited = post.reading_text.replace(" and ", " or ", 2)
        assert set(similarity.sketch(similarity.read_runs(post.reading_text))) & set(
            similarity.sketch(similarity.read_runs(edited))
        )


def test_a_text_of_a_few_words_is_a_copy_of_nothing():
    assert similarity.read_runs("Sold out until spring, sorry.") == frozenset()

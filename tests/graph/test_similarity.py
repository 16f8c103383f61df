"""Text similarity, compared with the demo store's topics, and near copies."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from scraper.demo import DemoStore
from scraper.graph import similarity

POSTS = DemoStore().posts(1)


def _vectors() -> list[dict[str, int]]:
    terms = [
        similarity.read_terms(post.title, post.reading_text)
        | dict.fromkeys(similarity.read_tags(post.tags), 1)
        for post in POSTS
    ]
    n_posts = Counter(term for own in terms for term in own)
    return [
        _counted(own, n_posts, posts=len(POSTS), key=post.path)
        for own, post in zip(terms, POSTS, strict=True)
    ]


def _counted(
    terms: dict[str, int], n_posts: dict[str, int], *, posts: int, key: str
) -> dict[str, int]:
    """The terms that count for a post."""
    rows = (
        (term, weight, similarity.max_share(term, key), n_posts[term])
        for term, weight in terms.items()
    )
    found = similarity.counted_terms(rows, posts)
    return {term: weight for term, (weight, _) in found.items()}


def test_nine_in_ten_of_the_five_most_similar_posts_are_of_the_same_topic():
    """71 posts of eleven topics, which stand in the demo's own files and are served nowhere."""
    vectors = _vectors()
    shares, any_at_all = [], 0
    for own, post in zip(vectors, POSTS, strict=True):
        others = [
            (similarity.compare(own, theirs), other.topic)
            for theirs, other in zip(vectors, POSTS, strict=True)
            if other is not post
        ]
        five = [topic for _, topic in sorted(others, key=lambda pair: -pair[0])[:5]]
        shares.append(five.count(post.topic) / 5)
        any_at_all += post.topic in five
    assert sum(shares) / len(shares) >= 0.90
    assert any_at_all == len(POSTS)


def test_similarity_is_symmetric_and_1_for_the_same_post():
    one, other = _vectors()[:2]
    assert similarity.compare(one, other) == similarity.compare(other, one)
    assert similarity.compare(one, one) == pytest.approx(1, abs=0.001)


def test_the_terms_that_make_two_posts_similar_are_named():
    one = {"kettle": 2099, "teapot": 1000, "spout": 1000, "#tea": 1}
    other = {"kettle": 1693, "teapot": 1000, "lid": 1000, "#tea": 1}
    norms = similarity.norms(one), similarity.norms(other)
    assert similarity.shared_terms(one, other, *norms) == ("#tea", "kettle", "teapot")


def test_terms_of_most_posts_and_tags_of_one_post_do_not_count():
    n_posts = {"spout": 1, "the": 90, "#one": 1, "#two": 2}
    terms = {"spout": 1000, "the": 3000, "#one": 1, "#two": 1}
    assert _counted(terms, n_posts, posts=100, key="/a") == {"spout": 1000, "#two": 1}


def test_one_post_more_moves_few_posts_over_the_limit():
    limits = [similarity.max_share("kettle", f"/post-{number}") for number in range(1000)]
    shares = [similarity.document_share(n_posts, 2000) for n_posts in range(230, 280)]
    moved = [
        sum(before <= limit < after for limit in limits)
        for before, after in itertools.pairwise(shares)
    ]
    assert sum(moved) > 300
    assert max(moved) < 200
    assert sorted(moved)[len(moved) // 2] == 0


def test_case_and_accents_are_set_aside():
    assert similarity.read_words("", "CAFÉ Café café") == Counter(cafe=3)


def test_scripts_without_spaces_are_read_in_pairs():
    assert set(similarity.read_words("", "日本茶")) == {"日本", "本茶"}


def test_a_copy_shares_its_shingles_and_a_neighbour_does_not():
    texts = [post.reading_text for post in POSTS]
    shingles = [similarity.read_shingles(text) for text in texts]
    for own, text in zip(shingles, texts, strict=True):
        edited = similarity.read_shingles(text.replace(" the ", " this ", 1))
        assert similarity.shingle_share(own, edited) >= similarity.COPY_SHARE
        assert similarity.may_be_copies(similarity.sketch(own), similarity.sketch(edited))
    assert (
        max(similarity.shingle_share(a, b) for at, a in enumerate(shingles) for b in shingles[:at])
        < similarity.COPY_SHARE / 2
    )


def test_a_text_of_a_few_words_is_a_copy_of_nothing():
    assert similarity.read_shingles("Sold out until spring, sorry.") == frozenset()

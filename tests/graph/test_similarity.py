"""Text similarity, compared with the demo store's topics, and near copies."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from scraper.demo import DemoStore
from scraper.graph import similarity

POSTS = DemoStore().posts(1)


def _vectors() -> list[dict[str, int]]:
    """The terms that count for each post, with their weights."""
    terms = [similarity.read_terms(post.title, post.reading_text, post.tags) for post in POSTS]
    n_posts = Counter(term for own in terms for term in own)
    return [
        {
            term: weight
            for term, weight in own.items()
            if similarity.counts(
                term, n_posts[term], len(POSTS), similarity.max_share(term, post.path)
            )
        }
        for own, post in zip(terms, POSTS, strict=True)
    ]


def _compare(one: dict[str, int], other: dict[str, int]) -> float:
    shared = one.keys() & other.keys()
    return similarity.score(
        sum(one[term] * other[term] for term in shared),
        *(sum(map(similarity.is_tag, terms)) for terms in (shared, one, other)),
    )


def test_nine_in_ten_of_the_five_most_similar_posts_are_of_the_same_topic():
    """71 posts of eleven topics, which stand in the demo's own files and are served nowhere."""
    vectors = _vectors()
    shares, any_at_all = [], 0
    for own, post in zip(vectors, POSTS, strict=True):
        others = [
            (_compare(own, theirs), other.topic)
            for theirs, other in zip(vectors, POSTS, strict=True)
            if other is not post
        ]
        five = [topic for _, topic in sorted(others, key=lambda pair: -pair[0])[:5]]
        shares.append(five.count(post.topic) / 5)
        any_at_all += post.topic in five
    assert sum(shares) / len(shares) >= 0.90
    assert any_at_all == len(POSTS)


def test_similarity_is_symmetric_and_1_for_the_same_words_and_tags():
    one, other = _vectors()[:2]
    assert _compare(one, other) == _compare(other, one)
    kettle = similarity.read_terms("Kettle", "Pour the kettle.", ("Tea", "Pots"))
    assert _compare(kettle, kettle) == pytest.approx(1, abs=0.001)
    assert similarity.read_terms("", "", ()) == {}


def test_frequent_words_and_words_of_the_title_weigh_more():
    weights = similarity.read_terms("Kettle", "Kettle teapot teapot spout", ("Tea",))
    assert weights["kettle"] > weights["teapot"] > weights["spout"]


def test_the_terms_that_make_two_posts_similar_are_named():
    products = {f"term{number}": number for number in range(9)} | {"a": 8, "#z": 0}
    assert similarity.heaviest_terms(products) == ("#z", "a", "term8", "term7", "term6", "term5")


@pytest.mark.parametrize("posts", [9, 12, 17, 100, 1000, 5000])
def test_a_term_below_the_least_common_number_is_common_for_no_post(posts: int):
    least_limit = min(similarity.max_share("kettle", f"/post-{number}") for number in range(5000))
    common = next(n for n in range(posts) if similarity.document_share(n, posts) > least_limit)
    assert 0 < similarity.min_common(posts) < common


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

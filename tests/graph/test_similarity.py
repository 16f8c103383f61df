"""Text similarity, compared with the demo store's topics, and near copies."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from statistics import mean

import pytest

from scraper.demo import DemoStore
from scraper.demo.posts import DemoPost
from scraper.graph import similarity
from tests.conftest import Sample
from tests.demo.authored import reading_text
from tests.each_row import each_row

POSTS = DemoStore().posts(1)


def _vectors(posts: Sequence[DemoPost], *, tags: bool = True) -> list[dict[str, int]]:
    """The terms that count for each post among these posts, with their weights."""
    terms = [
        similarity.read_terms(post.title, reading_text(post), post.tags if tags else ())
        for post in posts
    ]
    n_posts = Counter(term for own in terms for term in own)
    return [
        {
            term: weight
            for term, weight in own.items()
            if similarity.counts(n_posts[term], len(posts), similarity.max_share(term, post.path))
        }
        for own, post in zip(terms, posts, strict=True)
    ]


def _compare(one: dict[str, int], other: dict[str, int]) -> float:
    shared = one.keys() & other.keys()
    return similarity.score(
        sum(one[term] * other[term] for term in shared),
        *(sum(map(similarity.is_tag, terms)) for terms in (shared, one, other)),
    )


def _on_topic(posts: Sequence[DemoPost], nearest: int, *, tags: bool = True) -> list[float]:
    """Of each post: which share of its most similar posts is of its topic."""
    vectors = _vectors(posts, tags=tags)
    shares = []
    for own, post in zip(vectors, posts, strict=True):
        others = [
            (-_compare(own, theirs), other.path, other.topic)
            for theirs, other in zip(vectors, posts, strict=True)
            if other is not post
        ]
        found = [topic for score, _, topic in sorted(others)[:nearest] if score]
        shares.append(found.count(post.topic) / nearest)
    return shares


@pytest.mark.parametrize(("tags", "least"), [(True, 0.91), (False, 0.54)], ids=["tags", "words"])
def test_the_five_most_similar_posts_are_of_the_same_topic(tags: bool, least: float):
    """71 posts of eleven topics, which stand in the demo's own files and are served nowhere. With
    tags nine in ten are, by words alone more than half."""
    shares = _on_topic(POSTS, 5, tags=tags)
    assert mean(shares) >= least
    assert all(shares)


def test_the_posts_of_a_small_store_are_similar_by_topic(sample: Sample):
    """Of twelve posts a topic has four: its words are in a third of all posts."""
    by_topic = itertools.groupby(sorted(POSTS, key=attrgetter("topic")), attrgetter("topic"))
    topics = [list(posts)[:4] for _, posts in by_topic]
    stores = [[*one, *two, *three] for one, two, three in itertools.combinations(topics, 3)]
    shares = (_on_topic(store, 3, tags=False) for store in sample(stores, 8))
    assert mean(share for one in shares for share in one) >= 0.6


def test_similarity_is_symmetric_and_1_for_the_same_words_and_tags():
    one, other = _vectors(POSTS)[:2]
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


@each_row(
    ("n_posts", "does"),
    [(1, False), (2, True), (13, True), (21, False), (90, False)],
)
def test_terms_of_many_posts_and_terms_of_one_post_do_not_count(n_posts: int, does: bool):
    """Of 100 posts: four and an eighth is 16.5, up to a fifth more or less."""
    limits = [similarity.max_share("kettle", f"/post-{number}") for number in range(100)]
    assert {similarity.counts(n_posts, 100, limit) for limit in limits} == {does}


def test_in_a_small_store_a_topic_of_half_the_posts_counts():
    limits = [similarity.max_share("kettle", f"/post-{number}") for number in range(100)]
    assert all(similarity.counts(4, 9, limit) for limit in limits)
    assert not any(similarity.counts(9, 9, limit) for limit in limits)
    assert all(similarity.counts(8, 8, limit) for limit in limits)


@each_row("posts", [9, 12, 17, 100, 1000, 5000])
def test_a_term_below_the_least_common_number_is_common_for_no_post(posts: int):
    least_limit = min(similarity.max_share("kettle", f"/post-{number}") for number in range(5000))
    common = next(n for n in range(posts) if similarity.document_share(n, posts) > least_limit)
    assert 0 < similarity.min_common(posts) < common


def test_one_post_more_moves_few_posts_over_the_limit():
    limits = [similarity.max_share("kettle", f"/post-{number}") for number in range(1000)]
    shares = [similarity.document_share(n_posts, 2000) for n_posts in range(110, 160)]
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
    texts = [reading_text(post) for post in POSTS]
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

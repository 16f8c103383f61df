"""Communities are named by words that are theirs, as their titles spell them."""

from __future__ import annotations

from scraper.graph.naming import NamedPost, name_communities


def post(community: int, title: str, *terms: str) -> NamedPost:
    return NamedPost(community=community, title=title, terms=terms)


def test_a_name_holds_the_words_of_a_community_and_none_that_all_use() -> None:
    names = name_communities(
        [
            post(1, "What we know about Kräuter and sleep", "krauter", "pillow", "we"),
            post(1, "Kräuter for sleep: what else, and the night", "krauter", "pillow"),
            post(1, "Sleep and the dark", "pillow", "#tag"),
            post(2, "What we know about soup, and leeks", "leek", "1st"),
            post(2, "Soup and the leek", "leek"),
            post(2, "Soup and bread, and what we like", "leek"),
            post(3, "Alone", "alone"),
        ]
    )
    # The third has one post, which has no word in common with another.
    assert names == {1: "kräuter, sleep, pillow", 2: "soup, leek"}


def test_no_posts_have_no_names() -> None:
    assert name_communities([]) == {}
    assert name_communities([post(1, ""), post(1, "…")]) == {}

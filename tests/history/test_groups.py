"""Which changes of a crawl are one."""

from __future__ import annotations

from typing import Any

import pytest

from scraper.history.changes import FieldChange
from scraper.history.groups import ChangeGroup, StoredChange, form_groups
from tests.each_row import each_row

FOUR_TO_FIVE = (("text", "four", "five"),)
GRAVEST_OF_THREE = ("trivial", "major", "minor")


def _change(
    number: int, fields: tuple[tuple[str, str, str], ...] = FOUR_TO_FIVE, **more: Any
) -> StoredChange:
    values: dict[str, Any] = {
        "kind": "edited",
        "severity": "minor",
        "origin": "observed",
        "cause": "store",
        **more,
    }
    return StoredChange(
        id=number,
        post_id=number,
        fields=tuple(FieldChange(field=field, old=old, new=new) for field, old, new in fields),
        **values,
    )


def _grouped(
    changes: list[StoredChange], posts_read: int = 40
) -> list[tuple[str, tuple[int, ...]]]:
    return [
        (group.summary, group.change_ids) for group in form_groups(changes, posts_read=posts_read)
    ]


def _one(changes: list[StoredChange], posts_read: int = 40) -> ChangeGroup:
    (group,) = form_groups(changes, posts_read=posts_read)
    return group


def _untagged(number: int, **more: Any) -> StoredChange:
    return _change(
        number,
        (("tags", f"Tea\nHerb {number}", ""),),
        kind="tags",
        emptied=frozenset({"tags"}),
        **more,
    )


def test_what_becomes_of_a_claim_divides_no_group():
    claims = ["", "softened: stops → may ease cramps", "withdrawn: stops cramps"]
    changes = [
        _change(n, (*FOUR_TO_FIVE, *[("claims", "", line)][: len(line)]))
        for n, line in enumerate(claims)
    ]
    assert _grouped(changes) == [("edited: text: four → five on 3 posts", (0, 1, 2))]


def test_three_alike_are_a_group_and_two_are_none():
    assert _grouped([_change(n) for n in range(3)]) == [
        ("edited: text: four → five on 3 posts", (0, 1, 2))
    ]
    assert _grouped([_change(n) for n in range(2)]) == []


def test_one_post_three_times_is_no_group():
    assert (
        form_groups(
            [StoredChange(**{**_fields(_change(n)), "post_id": 1}) for n in range(3)], posts_read=3
        )
        == []
    )


def _fields(change: StoredChange) -> dict[str, Any]:
    return {name: getattr(change, name) for name in StoredChange.__dataclass_fields__}


@each_row(
    "other",
    [
        pytest.param({"fields": (("text", "four", "six"),)}, id="other words"),
        pytest.param({"fields": (("title", "four", "five"),)}, id="another field"),
        pytest.param({"fields": (*FOUR_TO_FIVE, ("author", "a", "b"))}, id="one field more"),
        pytest.param({"kind": "retitled"}, id="another kind"),
        pytest.param({"origin": "imported", "cause": "file"}, id="another origin"),
    ],
)
def test_what_differs_stands_alone(other):
    assert _grouped([_change(0), _change(1), _change(2, **other)]) == []


def test_the_gravest_names_the_severity():
    assert (
        _one([_change(n, severity=word) for n, word in enumerate(GRAVEST_OF_THREE)]).severity
        == "major"
    )


def test_what_the_store_did_not_do_is_never_major():
    dates = (("published_at", "2026-02-01", ""),)
    changes = [
        _change(n, dates, kind="redated", severity="major", emptied=frozenset({"published_at"}))
        for n in range(6)
    ]
    (group,) = form_groups(changes, posts_read=6)
    assert (group.origin, group.severity) == ("technical", "minor")


def test_created_posts_never_form_a_group():
    assert _grouped([_change(n, (), kind="created") for n in range(9)]) == []


def test_posts_removed_together_are_a_group():
    assert _grouped([_change(n, (), kind="removed") for n in range(4)]) == [
        ("removed on 4 posts", (0, 1, 2, 3))
    ]


def test_a_blog_that_was_renamed_is_a_group_and_other_renames_are_not():
    journal = [
        _change(
            n,
            (("url", f"https://a/blogs/news/p{n}", f"https://a/blogs/journal/p{n}"),),
            kind="renamed",
        )
        for n in range(3)
    ]
    single = [
        _change(
            n,
            (("url", f"https://a/blogs/news/p{n}", f"https://a/blogs/news/q{n}"),),
            kind="renamed",
        )
        for n in range(3, 6)
    ]
    assert _grouped(journal + single) == [
        ("renamed: url: https://a/blogs/news/ → https://a/blogs/journal/ on 3 posts", (0, 1, 2))
    ]


def test_what_one_cause_of_ours_did_is_a_group_whatever_the_words():
    theme = [
        _change(n, (("text", "", f"word {n}"),), origin="technical", cause="theme")
        for n in range(3)
    ]
    rules = [
        _change(
            n, (("title", f"a{n}", f"b{n}"),), kind="retitled", origin="technical", cause="rules"
        )
        for n in range(3, 6)
    ]
    mixed = [_change(6, (("title", "a", "b"),), kind="retitled", origin="technical", cause="theme")]
    assert _grouped(theme + rules + mixed) == [
        ("theme changed on 4 posts", (0, 1, 2, 6)),
        ("rules of extraction changed on 3 posts", (3, 4, 5)),
    ]
    assert [group.kind for group in form_groups(theme + rules + mixed, posts_read=9)] == [
        "several",
        "retitled",
    ]


def test_an_edit_of_the_stores_is_not_in_the_group_of_the_theme():
    theme = [_change(n, origin="technical", cause="theme") for n in range(3)]
    assert _one([*theme, _change(3)]).change_ids == (0, 1, 2)


def test_tags_that_went_from_a_third_of_the_posts_at_once_are_the_themes_doing():
    group = _one([_untagged(n) for n in range(12)], posts_read=36)
    assert (group.origin, group.cause, group.summary) == (
        "technical",
        "theme",
        "theme no longer shows tags on 12 posts",
    )


def test_tags_that_came_to_a_third_of_the_posts_at_once_are_the_themes_doing():
    came = [
        _change(n, (("tags", "", f"Herb {n}"),), kind="tags", filled=frozenset({"tags"}))
        for n in range(12)
    ]
    assert _one(came, posts_read=36).summary == "theme now shows tags on 12 posts"


@each_row(
    ("changes", "posts_read"),
    [
        pytest.param([_untagged(n) for n in range(11)], 36, id="less than a third"),
        pytest.param([_untagged(n) for n in range(4)], 4, id="too few"),
        pytest.param(
            [_change(n, (("tags", f"Tea {n}\nB", ""),), kind="tags") for n in range(12)],
            12,
            id="a tag left",
        ),
        pytest.param(
            [
                _change(
                    n, (("text", "a", f"b{n}"), ("tags", "Tea", "")), emptied=frozenset({"tags"})
                )
                for n in range(12)
            ],
            12,
            id="text touched",
        ),
    ],
)
def test_fields_that_a_few_posts_lost_are_the_stores_doing(changes, posts_read):
    assert _grouped(changes, posts_read) == []


def test_too_few_for_the_theme_may_still_be_alike():
    same = [
        _change(n, (("author", "Mara", ""),), kind="author", emptied=frozenset({"author"}))
        for n in range(4)
    ]
    group = _one(same)
    assert (group.origin, group.summary) == (
        "observed",
        "author: author: Mara → nothing on 4 posts",
    )


def test_a_long_value_is_cut_in_the_summary_and_whole_in_the_comparison():
    changes = [_change(n, (("text", "", "x" * 500 + str(n)),)) for n in range(3)]
    assert _grouped(changes) == []
    assert len(_one([_change(n, (("text", "", "x" * 500),)) for n in range(3)]).summary) < 250

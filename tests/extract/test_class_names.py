from __future__ import annotations

import time

from scraper.extract.body.class_names import rule_for_names
from tests.each_row import each_row


@each_row(
    ("names", "rule"),
    [
        ("rte", ""),
        ("share", "share"),
        ("Article-Template__Social-Sharing", "share"),
        ("product__share--small dark", "share"),
        ("shared-layout", ""),
        ("share-", ""),
        ("my-blog-related-posts", "related_widget"),
        ("old rte post-navigation comments", "pager"),
        ("empty:hidden", ""),
        ("section--12__modal", "overlay"),
        ("site-header", ""),
        ("hidden" + "-a" * 48, ""),
    ],
)
def test_a_name_decides_the_rule(names, rule):
    assert rule_for_names(names, outside_body=False) == rule


@each_row(
    ("names", "rule"),
    [
        ("blog-sidebar", "sidebar"),
        ("has-sidebar", ""),
        ("sidebar-enabled--false", ""),
        ("page__with-sidebar", ""),
        ("with-menu__sidebar", "sidebar"),
        ("sidebar widget comments", "comments"),
        ("site-header", "header"),
        ("article__author__name", "meta"),
        ("author-info", "author_box"),
    ],
)
def test_around_a_body_more_names_decide(names, rule):
    assert rule_for_names(names, outside_body=True) == rule


@each_row("unit", ["_", "-", "a_", "a-", "a__", "a--", "share-", "no-", "post", "side-bar_"])
def test_a_name_made_to_be_slow_is_read_at_once(unit):
    """A repetition in a repetition took twice as long with each letter: minutes for one of these
    names; now all fifty take a hundredth of a second."""
    names = [f"{(unit * 95)[:90]}{number:02}-" for number in range(50)]
    started = time.process_time()
    for name in names:
        rule_for_names(name, outside_body=True)
    assert time.process_time() - started < 1.0


def test_neither_a_long_name_nor_a_long_list_of_names_is_read():
    assert rule_for_names("share" + "-a" * 60, outside_body=True) == ""
    assert rule_for_names("rte " * 100 + "share", outside_body=True) == ""

"""What `verify` finds in an archive that something spoiled, and that it finds nothing in a sound
one."""

from __future__ import annotations

import pytest
from sqlite_utils import Database

from scraper.archive.verify import MOST_PROBLEMS, Problem, verify
from scraper.archive.verify.rules import RULES
from tests.archive.full_archive import LABEL, problems_of
from tests.archive.shop import Shop
from tests.factories import at, make_post, seen

SEALED = "seals cover the rows of their crawls"
STAMPED = "stamps cover the seals"


def test_nothing_is_wrong_with_a_sound_archive(spoilt: Database):
    results = list(verify(spoilt))
    assert [(result.name, result.problems) for result in results if result.found] == []
    assert {result.name for result in results if not result.rows_checked} == {STAMPED}


def test_nothing_is_left_behind(spoilt: Database):
    for _ in range(2):
        assert problems_of(spoilt) == []
    assert spoilt.execute("SELECT count(*) FROM sqlite_temp_master").fetchall() == [(0,)]
    assert "scratch" not in {name for _, name, _ in spoilt.execute("PRAGMA database_list")}


SPOILED = [
    (
        "UPDATE pending_changes SET to_revision_id = from_revision_id WHERE standing = 'pending'",
        "differences wait at the current revision",
        f"{LABEL.replace('p1', 'p2')} pending 1",
    ),
    (
        "UPDATE pending_changes SET first_seen_at = '2025' WHERE standing = 'confirmed'",
        "confirmed differences became changes",
        f"{LABEL} pending 1",
    ),
    (
        "UPDATE images SET hash = 'x'",
        "images are the bytes of their capture",
        "images 1",
    ),
    (
        "UPDATE post_images SET last_seen_at = '2027' WHERE id = 1",
        "an image of a post is one at a time",
        "post_images 2",
    ),
    (
        "UPDATE post_images SET standing = 'pending' WHERE id = 2",
        "an image of a post is one at a time",
        "post_images 2",
    ),
    ("UPDATE contents SET text = text || ' ' WHERE id = 1", "hashes of bodies", "contents 1 ("),
    ("UPDATE contents SET html = '' WHERE id = 2", "hashes of bodies", "contents 2 ("),
    ("UPDATE revisions SET title = 'Other' WHERE id = 1", "hashes of revisions", f"{LABEL} v1"),
    (
        "UPDATE templates SET blocks = replace(blocks, 'div.box', 'p')",
        "hashes of templates",
        "shop.example: template 1",
    ),
    (
        "UPDATE templates SET bodies = '5'",
        "hashes of templates",
        "shop.example: template 1",
    ),
    ("UPDATE revisions SET tags = 'none' WHERE id = 1", "hashes of revisions", f"{LABEL} v1"),
    ("DELETE FROM captures WHERE id = 1", "references are valid", "revisions 1"),
    (
        "UPDATE changes SET group_id = 99 WHERE id = 1",
        "references are valid",
        "changes 1",
    ),
    (
        "UPDATE observations SET last_seen_at = '2025' WHERE id = 1",
        "periods run forward",
        "observations 1",
    ),
    (
        "UPDATE changes SET not_before = '2027' WHERE id = 6",
        "brackets run forward",
        f"{LABEL} change 2, edited",
    ),
    ("UPDATE links SET gone_at = '2025' WHERE id = 1", "links run forward", "links 1"),
    ("UPDATE links SET anchor = 'elsewhere' WHERE id = 1", "links match the revisions", LABEL),
    (
        "UPDATE links SET last_seen_at = '2026-03-01T06:30:00Z' WHERE from_post_id = 3",
        "links match the revisions",
        "shop.example: news/p3",
    ),
    ("DELETE FROM links WHERE id = 2", "links match the revisions", "shop.example: news/p2"),
    (
        "UPDATE revisions SET links = '[]' WHERE id = 3",
        "links match the revisions",
        "shop.example: news/p3",
    ),
    ("UPDATE listings SET gone_at = '2025' WHERE id = 1", "listings run forward", "listings 1"),
    (
        "UPDATE crawls SET finished_at = '2025' WHERE id = 1",
        "crawls, runs and incidents end after their start",
        "shop.example: crawl 1,",
    ),
    (
        "UPDATE stores SET origin = 'https://x.example'",
        "the origin of a store is its last one",
        "shop.example",
    ),
    (
        "UPDATE store_urls SET gone_at = '2027'",
        "the origin of a store is its last one",
        "shop.example",
    ),
    (
        "UPDATE store_urls SET gone_at = '2025'",
        "the origin of a store is its last one",
        "store_urls 1",
    ),
    (
        "UPDATE posts SET revision_id = 2 WHERE id = 1",
        "the current revision belongs to the post",
        LABEL,
    ),
    ("UPDATE posts SET title = 'Other' WHERE id = 1", "posts match their current revision", LABEL),
    (
        "UPDATE posts SET revision_id = 1 WHERE id = 1",
        "the current revision is the last one observed",
        LABEL,
    ),
    ("DELETE FROM post_urls WHERE post_id = 1", "the address of a post is in post_urls", LABEL),
    ("UPDATE revisions SET number = 9 WHERE id = 1", "revisions are numbered without a gap", LABEL),
    (
        "UPDATE revisions SET label = label || '9' WHERE id = 1",
        "revisions are numbered as they were found",
        f"{LABEL} v19",
    ),
    (
        "UPDATE posts SET revision_count = 9 WHERE id = 1",
        "revisions are numbered without a gap",
        LABEL,
    ),
    (
        (
            "UPDATE revisions SET content_id = 1, fields_hash = (SELECT fields_hash "
            "FROM revisions WHERE id = 1) WHERE id = 6"
        ),
        "no two revisions of a post are equal",
        LABEL,
    ),
    (
        "UPDATE observations SET revision_id = 2 WHERE id = 1",
        "observations are of the post's own revisions",
        "observations 1",
    ),
    (
        "UPDATE observations SET count = 0 WHERE id = 1",
        "observations are of the post's own revisions",
        "observations 1",
    ),
    (
        "INSERT INTO observations "
        "(post_id, crawl_id, revision_id, verdict, first_seen_at, last_seen_at) "
        "SELECT post_id, crawl_id, revision_id, verdict,"
        " '2027', '2027' FROM observations WHERE id = (SELECT max(id) FROM observations WHERE "
        "post_id = "
        "1)",
        "consecutive observations differ and do not overlap",
        "observations ",
    ),
    (
        "UPDATE observations SET last_seen_at = '2027' WHERE id = 1",
        "consecutive observations differ and do not overlap",
        "observations ",
    ),
    (
        "UPDATE posts SET state = 'removed' WHERE id = 1",
        "the state of a post matches its removals",
        LABEL,
    ),
    (
        "DELETE FROM changes WHERE kind = 'restored'",
        "the state of a post matches its removals",
        "shop.example: news/p2",
    ),
    ("UPDATE changes SET kind = 'created' WHERE id = 6", "a post is created once", LABEL),
    (
        "UPDATE changes SET to_revision_id = 2 WHERE id = 1",
        "changes are between revisions of their post",
        f"{LABEL} change 1, created",
    ),
    (
        "DELETE FROM change_fields WHERE change_id = 6",
        "changes of a post's content have fields",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE changes SET origin = 'technical' WHERE group_id IS NOT NULL",
        "changes have the origin and cause of their group",
        "shop.example: ",
    ),
    (
        "UPDATE changes SET cause = 'theme' WHERE group_id IS NOT NULL",
        "changes have the origin and cause of their group",
        "shop.example: ",
    ),
    (
        "UPDATE change_groups SET n_posts = 9",
        "groups match their changes",
        "shop.example: crawl 5,",
    ),
    ("UPDATE changes SET group_id = NULL", "groups match their changes", "shop.example: crawl 5,"),
    (
        "UPDATE changes SET kind = 'retitled' WHERE id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE changes SET severity = 'trivial' WHERE id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE changes SET words_added = 99 WHERE id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE change_fields SET new_value = 'x' WHERE change_id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE changes SET to_revision_id = from_revision_id WHERE id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE alert_messages SET state = 'lost'",
        "the state of a message matches its content",
        "ann: message 1",
    ),
    (
        "UPDATE alert_messages SET content = ''",
        "the state of a message matches its content",
        "ann: message 1",
    ),
    (
        "UPDATE alert_messages SET state = 'sent'",
        "the state of a message matches its content",
        "ann: message 1",
    ),
    (
        "UPDATE alert_messages SET state = 'sent', content = ''",
        "the state of a message matches its content",
        "ann: message 1",
    ),
    (
        "UPDATE alerts SET message_id = NULL",
        "alerts are in a message or wait for a digest",
        "alerts 1",
    ),
    (
        "UPDATE alerts SET channel = 'bob'",
        "alerts are in a message or wait for a digest",
        "alerts 1",
    ),
    (
        "DELETE FROM alert_processed_crawls",
        "alerts are in a message or wait for a digest",
        "alerts 1",
    ),
    (
        "UPDATE alerts SET message_id = NULL, timing = 'daily'",
        "messages have an alert or an incident",
        "ann: message 1",
    ),
    (
        "INSERT INTO revisions_fts (revisions_fts, rowid, title, author, tags, text) "
        "SELECT 'delete', id, title, author, tags, text FROM"
        " revision_texts WHERE id = 1",
        "the search index",
        "revisions 1",
    ),
    (
        "INSERT INTO revisions_fts (rowid, title) VALUES (999, 'stray')",
        "the search index",
        "the term 'stray'",
    ),
    (
        "UPDATE contents SET text = replace(text, 'leaves', 'bricks') WHERE id = 1",
        "the search index",
        "the term 'leaves'",
    ),
    (
        "UPDATE revisions_fts_data SET block = x'0102' || substr(block, 3) WHERE id = 1",
        "the search index",
        "revisions_fts",
    ),
    (
        "UPDATE revisions_fts_data SET block = x'1000' || substr(block, 3) WHERE id > 10",
        "the search index",
        "revisions_fts",
    ),
    (
        "DELETE FROM revisions_fts_docsize WHERE id = (SELECT max(id) FROM revisions)",
        "the search index",
        "shop.example: news/p2 v3",
    ),
    (
        "UPDATE posts SET readings = '[[' WHERE label LIKE '%p2'",
        "timelines follow from the sights",
        "shop.example: news/p2",
    ),
]


@pytest.mark.parametrize(
    ("statement", "check", "row"),
    SPOILED,
    ids=[f"{check}: {sql[:40]}" for sql, check, _ in SPOILED],
)
def test_what_is_wrong_is_reported_with_its_row(
    spoilt: Database, statement: str, check: str, row: str
):
    spoilt.execute(statement)
    found = [problem.row for problem in problems_of(spoilt) if problem.check == check]
    assert any(name.startswith(row) for name in found), found


def test_every_rule_is_shown_to_find_something():
    # The schema's own constraints keep labels unique: only a damaged index lets two through, which
    # no statement makes.
    assert {rule.name for rule in RULES} - {check for _, check, _ in SPOILED} == {
        "labels are unique"
    }


def test_problems_of_one_check_are_listed_so_far_and_counted_on(spoilt: Database):
    spoilt.execute("DELETE FROM change_fields")
    spoilt.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
        " INSERT INTO incidents (store_id, kind, opened_at, closed_at) "
        "SELECT 1, 'outage', '2026', '2025' FROM n"
    )
    (result,) = [
        result
        for result in verify(spoilt)
        if result.name == "crawls, runs and incidents end after their start"
    ]
    assert (result.found, len(result.problems)) == (150, MOST_PROBLEMS)


def test_a_value_that_is_nested_without_end_is_found(spoilt: Database):
    spoilt.execute("UPDATE revisions SET tags = ?, readings = tags", ["[" * 100_000])
    assert "hashes of revisions" in {problem.check for problem in problems_of(spoilt)}


def test_a_change_that_earlier_rules_recorded_is_not_compared_with_todays(spoilt: Database):
    spoilt.execute("UPDATE changes SET kind = 'retitled', rules_version = 1 WHERE id = 6")
    assert {problem.check for problem in problems_of(spoilt)} == {SEALED}


def test_revisions_of_a_crawl_that_still_runs_are_indexed_later(spoilt: Database):
    shop = Shop(spoilt)
    writer = shop.begin(9)
    writer.record_visit(seen(make_post("p6", article_id="6"), at(9, 1)))
    assert problems_of(spoilt) == []


def test_more_checks_may_be_handed_in(spoilt: Database):
    results = list(
        verify(
            spoilt, [("another file", lambda connection: iter([None, ("capture 1", "it is gone")]))]
        )
    )
    assert (results[-1].rows_checked, results[-1].problems) == (
        2,
        (Problem(check="another file", row="capture 1", what="it is gone"),),
    )

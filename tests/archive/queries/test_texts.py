"""What stood in texts: on a day, and every sentence that ever held a phrase."""

from __future__ import annotations

import pytest

from scraper.archive.queries import search
from scraper.archive.queries.texts import audit as audit_texts
from scraper.archive.queries.texts.absence import Scope, read_absence
from scraper.archive.queries.texts.audit import ClaimReader, as_row, read_ahead, read_audit
from scraper.archive.queries.texts.cited import find_verbatim, read_revision_periods
from scraper.archive.queries.texts.quoted import find_quoted
from scraper.archive.queries.texts.said import read_said
from scraper.archive.queries.texts.standing import (
    SentenceSince,
    periods_of,
    read_observations,
    standing_at,
    standing_posts,
    stood_since,
)
from scraper.exceptions import NoSuchRevision, QuoteRefused
from scraper.rulebooks import load_auditor
from tests.archive.queries.sample import CLAIM, SOFT
from tests.archive.shop import Shop
from tests.each_row import each_row
from tests.factories import at, make_post, url_of


def sentence_since(shop: Shop, post_id: int, sentence: str, time: str = "") -> SentenceSince | None:
    return stood_since(read_observations(shop.db.conn, post_id, time), sentence)


def test_a_phrase_is_quoted_with_its_periods_and_what_was_not_seen(claims: Shop):
    found = read_said(claims.db.conn, "“stops night cramps”", limit=5)
    (post,) = found.posts
    assert (post.is_now, post.until, post.state) == (False, at(5, 1), "removed")
    assert [each.sentences for each in post.periods] == [
        ("Magnesium stops night cramps for good.",)
    ] * 2
    first, second = (each.period for each in post.periods)
    assert (first.removed_not_before, first.removed_not_after) == (at(1, 1), at(2, 1))
    assert (second.added_not_before, second.added_not_after) == (at(2, 1), at(3, 1))
    assert (second.removed_not_before, second.removed_not_after) == (at(5, 1), at(6, 30))
    assert [(one.verdict, one.first_seen_at) for one in second.failed] == [("challenge", at(4, 30))]
    assert first.failed == ()


def test_a_phrase_of_a_post_that_is_back_was_not_there_at_the_last_absence(claims: Shop):
    back = make_post("cramps", article_id="1", text=CLAIM)
    claims.crawl(9, back, make_post("other", article_id="2", text="It won’t cure insomnia."))
    (post,) = read_said(claims.db.conn, "stops night cramps", limit=5).posts
    last = post.periods[-1].period
    assert (last.added_not_before, last.added_not_after) == (at(8, 30), at(9, 1))


def test_the_most_similar_passage_is_found_beside_many_revisions_with_its_words(shop: Shop):
    words = "Quartz with moonlight, by lavender"
    often = [make_post("often", text=f"{words} in jar {n}.") for n in range(25)]
    rest = " ".join(f"Word{n} and so on." for n in range(300))
    once = make_post("once", text=f"Lavender by moonlight with quartz. {rest}")
    for day, post in enumerate(often, start=1):
        shop.crawl(day, post, *([once] if day == 25 else []))
    quoted = "Lavender by moonlight with the quartz"
    found = find_quoted(shop.db.conn, quoted)
    assert [post.said.title for post in found.posts] == ["Once"]


def test_quotation_marks_and_apostrophes_of_any_shape_are_the_same(claims: Shop):
    for phrase in ("won't cure", "“won’t cure”", '"WON\'T CURE"', "«won’t cure insomnia.»"):
        assert [post.is_now for post in read_said(claims.db.conn, phrase, limit=5).posts] == [True]
    for phrase in ("cures insomnia", "", "“”", "won't, cure"):
        assert read_said(claims.db.conn, phrase, limit=5).posts == ()


def test_a_sentence_that_no_fetch_showed_is_quoted_as_such(claims: Shop):
    claims.imported(9, make_post("other", article_id="2", text="It cures gout."))
    (post,) = read_said(claims.db.conn, "cures gout", limit=5).posts
    assert (post.periods, post.unseen, post.is_now) == ((), ("It cures gout.",), False)


def test_a_page_of_an_earlier_time_stood_then_and_not_since(shop: Shop):
    """Its observation is the last that was written, but not the last fetch."""
    texts = ("It is calm.", "It cures gout.", "It is new.")
    calm, gout, new = (make_post(text=f"Tea is tea. {text}", article_id="1") for text in texts)
    for day, post in ((1, calm), (2, calm), (6, new), (7, new)):
        shop.crawl(day, post)
    shop.imported(8, gout, captured=4)
    numbers = {"calm": 1, "new": 2, "gout": 3}
    for time, name in ((at(3), "calm"), (at(5), "gout"), (at(7, 59), "new")):
        assert standing_at(shop.db.conn, 1, time).number == numbers[name]
        assert [one.number for one in standing_posts(shop.db.conn, time=time)] == [numbers[name]]
    assert [
        (one.first_seen_at, one.next_seen_at)
        for name in ("calm", "gout", "new")
        for one in periods_of(shop.db.conn, 1, numbers[name])
    ] == [(at(1, 1), at(4, 1)), (at(4, 1), at(6, 1)), (at(6, 1), "")]
    since = sentence_since(shop, 1, "It is new.")
    assert since == SentenceSince(
        not_before=at(4, 1), not_after=at(6, 1), last_seen_at=at(7, 1), n_seen=2
    )
    absence = read_absence(shop.db.conn, "cures gout", Scope(), "", at(9)).absence
    assert (absence.n_fetches, absence.first_at, absence.last_said_at) == (2, at(6, 1), at(4, 1))


def test_a_sentence_of_a_post_that_is_back_has_stood_since(claims: Shop):
    back = make_post("cramps", article_id="1", text=CLAIM)
    claims.crawl(9, back, make_post("other", article_id="2", text="It won’t cure insomnia."))
    found = sentence_since(claims, 1, "Magnesium stops night cramps for good.")
    assert found == SentenceSince(
        not_before=at(8, 30), not_after=at(9, 1), last_seen_at=at(9, 1), n_seen=1
    )


def test_a_saved_page_that_held_a_phrase_ends_its_absence(claims: Shop):
    claims.imported(12, make_post("other", article_id="2", text="It cures gout."), captured=10)
    found = read_absence(claims.db.conn, "cures gout", Scope(), "", at(12)).absence
    assert (found.is_shown, found.last_said_at) == (False, at(10, 1))


def test_a_cut_search_reads_all_revisions_of_the_posts_it_shows(
    claims: Shop, monkeypatch: pytest.MonkeyPatch
):
    whole = search.find_phrase(claims.db.conn, "cramps")
    monkeypatch.setattr(search, "MAX_MATCHES", 1)
    cut = search.find_phrase(claims.db.conn, "cramps")
    assert cut.is_cut
    assert cut.posts == whole.posts


def test_a_hit_says_whether_it_stands_or_until_when_it_stood(claims: Shop):
    (hit,) = search.search(claims.db.conn, "magnesium", all_revisions=True).hits
    assert (hit.stands, hit.until) == (False, at(5, 1))
    (hit,) = search.search(claims.db.conn, "insomnia", all_revisions=True).hits
    assert (hit.stands, hit.until) == (True, at(8, 1))


@pytest.mark.parametrize(
    ("time", "number", "n_seen", "following"),
    [
        (at(1, 1), 1, 1, at(2, 1)),
        (at(2, 59), 2, 1, at(3, 1)),
        (at(4, 59), 1, 1, at(4, 30)),
        (at(6, 29), 1, 1, at(6, 30)),
    ],
)
def test_what_was_last_seen_of_a_post(
    claims: Shop, time: str, number: int, n_seen: int, following: str
):
    found = standing_at(claims.db.conn, 1, time)
    assert (found.number, found.n_seen, found.next_seen_at) == (number, n_seen, following)


def test_nothing_stands_before_the_first_look_nor_after_a_removal(claims: Shop):
    with pytest.raises(NoSuchRevision, match="was not seen by"):
        standing_at(claims.db.conn, 1, at(0))
    with pytest.raises(NoSuchRevision, match=f"last seen {at(5, 1)}, gone {at(6, 30)}"):
        standing_at(claims.db.conn, 1, at(8))
    back = make_post("cramps", article_id="1", text=SOFT)
    claims.crawl(9, back, make_post("other", article_id="2", text="It won’t cure insomnia."))
    assert standing_at(claims.db.conn, 1, at(9, 59)).number == 2
    assert [one.n_seen for one in periods_of(claims.db.conn, 1, 1)] == [1, 1, 1]
    assert url_of("cramps") == back.url


def test_absence_counts_healthy_fetches_and_names_what_was_trouble(claims: Shop):
    report = read_absence(claims.db.conn, "cures gout", Scope(), at(1), at(9))
    absence = report.absence
    assert (absence.n_fetches, absence.n_posts, absence.fewest, absence.most) == (10, 2, 4, 6)
    assert (absence.first_at, absence.last_at) == (at(1, 1), at(8, 1))
    assert [(one.verdict, one.n_fetches) for one in report.failures] == [("challenge", 1)]
    assert [(one.started_at, one.health) for one in report.crawls] == [(at(4), "blocked")]
    gap = absence.longest_gap
    assert gap is not None
    assert (gap.label, gap.first_at, gap.last_at) == (
        "shop.example: news/cramps",
        at(3, 1),
        at(5, 1),
    )


def test_absence_begins_after_the_phrase_was_last_seen(claims: Shop):
    def ask(phrase: str, until: str = at(9), **scope: str) -> tuple[int, str, tuple[str, ...]]:
        found = read_absence(claims.db.conn, phrase, Scope(**scope), "", until).absence  # type: ignore[arg-type]
        return found.n_fetches, found.last_said_at, found.still_in

    assert ask("stops night cramps") == (3, at(5, 1), ())
    assert ask("may ease night cramps") == (7, at(2, 1), ())
    assert ask("won't cure") == (0, at(8, 1), ("shop.example: news/other",))
    assert ask("stops night cramps", until=at(1, 59))[2] == ("shop.example: news/cramps",)
    assert ask("stops night cramps", blog="elsewhere") == (0, "", ())


def test_what_an_unhealthy_crawl_did_not_show_is_no_look(claims: Shop):
    cramps = make_post("cramps", article_id="1", text=CLAIM)
    before = read_absence(claims.db.conn, "cures gout", Scope(), "", at(12)).absence.n_fetches
    claims.crawl(9, cramps, finished=False)
    report = read_absence(claims.db.conn, "cures gout", Scope(), "", at(12))
    assert report.absence.n_fetches == before
    found = read_absence(claims.db.conn, "stops night cramps", Scope(), "", at(12)).absence
    assert found.still_in == ("shop.example: news/cramps",)


def test_a_sentence_has_stood_since_its_last_return(claims: Shop):
    sentence = "Magnesium stops night cramps for good."
    found = sentence_since(claims, 1, sentence, at(5, 59))
    assert found == SentenceSince(
        not_before=at(2, 1), not_after=at(3, 1), last_seen_at=at(5, 1), n_seen=2
    )
    assert sentence_since(claims, 1, sentence, at(2, 59)) is None
    found = sentence_since(claims, 2, "It won’t cure insomnia.")
    assert found is not None
    assert (found.not_before, found.not_after, found.n_seen) == ("", at(1, 2), 7)


def test_the_texts_that_stood_on_a_day(claims: Shop):
    def numbers(time: str) -> dict[str, int]:
        return {
            text.label.partition("/")[2]: text.number
            for text in standing_posts(claims.db.conn, time=time)
        }

    assert numbers("") == {"other": 1}
    assert numbers(at(0)) == {}
    assert numbers(at(2, 59)) == {"cramps": 2, "other": 1}
    assert numbers(at(4, 59)) == {"cramps": 1, "other": 1}
    assert numbers(at(8, 59)) == {"other": 1}
    assert list(standing_posts(claims.db.conn, store="nobody")) == []


def test_an_audit_is_read_on_where_it_stopped(shop: Shop):
    soft = "It may ease gout, the people of the valley always said."
    for day, name in enumerate(("one", "two", "three"), start=1):
        text = soft if name == "one" else f"Bread. {soft} {name}"
        shop.crawl(day, make_post(name, text=text), listed=[url_of(name)])
    reader = ClaimReader([load_auditor("health")])
    connection = shop.db.conn
    assert read_ahead(connection, reader, most_cpu_s=0) == 3
    assert read_audit(connection, reader, only_known=True).n_unread == 3
    assert read_ahead(connection, reader, most_cpu_s=60) == 0
    audit = read_audit(connection, reader, only_known=True)
    assert (audit.n_posts, audit.n_unread) == (3, 0)
    first, *others = sorted(audit.findings, key=lambda finding: finding.post_id)
    assert (first.copy_of, first.n_copies) == (None, 2)
    assert [one.copy_of.post_id for one in others if one.copy_of] == [first.post_id] * 2
    assert as_row(others[0])["copy_of"] == first.label


def test_of_a_text_beyond_bounds_the_beginning_is_read(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    shop.crawl(1, make_post("cramps", text=f"{CLAIM} Bread. It cures gout."))
    monkeypatch.setattr(audit_texts, "MOST_CHARS", len(CLAIM))
    found = read_audit(shop.db.conn, ClaimReader([load_auditor("health")])).findings
    assert [one.claim.sentence for one in found] == ["Magnesium stops night cramps for good."]


def test_a_claim_behind_a_null_character_is_read(shop: Shop):
    shop.crawl(1, make_post("cramps", text=f"Bread.\0 {CLAIM}"))
    found = read_audit(shop.db.conn, ClaimReader([load_auditor("health")])).findings
    assert [one.claim.sentence for one in found] == ["Magnesium stops night cramps for good."]


def test_an_audit_that_is_read_is_not_looked_through_before_the_archive_changes(shop: Shop):
    shop.crawl(1, make_post("cramps", text=CLAIM))
    reader, statements = ClaimReader([]), list[str]()
    shop.db.conn.set_trace_callback(statements.append)

    def looks_through(version: int, time: str = "") -> bool:
        statements.clear()
        assert read_ahead(shop.db.conn, reader, time=time, most_cpu_s=60, version=version) == 0
        return bool(statements)

    assert [looks_through(version) for version in (1, 1, 2, 2)] == [True, False, True, False]
    assert looks_through(2, "2026-03-04T23:59:59Z")


def test_a_claim_has_the_change_of_words_that_brought_it_beside_a_new_address(shop: Shop):
    text = "You know the one. So they say."
    shop.crawl(1, make_post("cramps", article_id="1", text=text))
    shop.crawl(2, make_post("night-cramps", article_id="1", text=CLAIM))
    assert shop.changes() == [("night-cramps", "renamed"), ("night-cramps", "edited")]
    reader = ClaimReader([load_auditor("health")])
    (finding,) = read_audit(shop.db.conn, reader).findings
    assert finding.compared == (1, 2)
    assert shop.rows("SELECT kind FROM changes WHERE id = ?", finding.change) == ["edited"]


def test_a_quotation_is_found_in_the_revisions_that_hold_it_and_no_other(claims: Shop):
    (place,) = find_verbatim(claims.db.conn, "“stops night cramps for good”")
    assert place.sentences == ("Magnesium stops night cramps for good.",)
    assert [one.number for one in place.revisions] == [1]
    assert [one.added_not_after for one in place.periods] == [at(1, 1), at(3, 1)]
    (post_id,) = (place.post_id,)
    assert read_revision_periods(claims.db.conn, post_id, 1) == place.periods
    assert read_revision_periods(claims.db.conn, post_id, 9) == ()
    (whole,) = find_verbatim(claims.db.conn, CLAIM)
    assert len(whole.sentences) == 1


@each_row(
    ("quote", "problem"),
    [
        ("It won't, cure insomnia.", "the most similar passage is “It won’t cure insomnia.”"),
        ("IT WON’T CURE INSOMNIA", "not in the archive"),
        ("You know the one. Magnesium … for good", "not in the archive"),
        (" ".join(["gout"] * 5000), "not in the archive"),
        ("%s\0" % ("9" * 5000), "not in the archive"),
        ("…", "no words"),
        ("", "no words"),
    ],
    ids=lambda value: value[:20],
)
def test_a_quotation_that_is_not_there_is_refused(claims: Shop, quote: str, problem: str):
    with pytest.raises(QuoteRefused, match=problem):
        find_verbatim(claims.db.conn, quote)


def test_a_quotation_is_sought_in_the_store_that_was_named(claims: Shop):
    with pytest.raises(QuoteRefused):
        find_verbatim(claims.db.conn, "stops night cramps", store="elsewhere.example")

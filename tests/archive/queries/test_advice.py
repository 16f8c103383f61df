"""The link adviser on an archive: dead links in their sentences, orphans with their places."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from scraper.archive.queries.texts.advice import read_advice
from scraper.archive.similarity.update import update_similarity
from tests.archive.shop import Shop
from tests.conftest import Command, ThreeDays
from tests.factories import at, make_link, make_post, url_of

FILLER = "Steep it for four minutes, and pour it into the cup that you like most of all. " * 3
ROOT = (
    f"{FILLER}\nTurmeric is a root. Ground turmeric stains, and curcumin is what stains. Turmeric!"
)
POT = (
    f"{FILLER}\nStir the lentils. Most of us grind turmeric root into the pot until it stains. "
    "More on that in an older post."
)


def test_a_lost_link_leads_to_the_same_handle_and_no_wildcard(shop: Shop) -> None:
    """LIKE would take a percent sign and an underscore of a handle for any letters."""
    lost = (
        make_link("https://shop.example/blogs/old/Black-tea"),
        make_link("https://a.example/b/100"),
    )
    posts = [
        make_post(handle, article_id=handle) for handle in ("%a", "black_tea", "1%", "black-tea")
    ]
    shop.crawl(1, make_post("pot", article_id="pot", links=lost), *posts)
    found = shop.db.execute("SELECT url, suggested_url FROM dead_links ORDER BY url").fetchall()
    assert found == [(lost[1].url, ""), (lost[0].url, url_of("black-tea"))]


def test_an_orphan_gets_a_sentence_that_speaks_of_it_and_a_dead_link_its_own(
    shop: Shop, tmp_path: Path
) -> None:
    orphan = make_post("turmeric", article_id="1", title="Turmeric and you", text=ROOT)
    gone = make_post("gone", article_id="2", title="Gone", text=FILLER)
    pot = make_post(
        "pot",
        article_id="3",
        title="A pot",
        text=POT,
        links=(make_link("gone", anchor="an older post"), make_link("lost", anchor="nowhere")),
    )
    other = make_post("other", article_id="4", text=FILLER, links=(make_link("pot"),))
    shop.crawl(1, orphan, gone, pot, other)
    for day in (2, 3):
        shop.crawl(day, orphan, pot, other, gone=[url_of("gone")])
    update_similarity(shop.db.conn, tmp_path / "similarity.db", at(3, 30))
    found = read_advice(shop.db.conn, limit=-1)
    removed, unknown = sorted(found.dead_links, key=lambda one: one.cause)
    assert (removed.cause, removed.sentence, removed.words) == (
        "removed",
        "More on that in an older post.",
        "an older post",
    )
    assert (unknown.cause, unknown.sentence, unknown.target) == ("unknown", "", "")
    by_title = {one.title: one for one in found.orphans}
    (place,) = by_title["Turmeric and you"].places
    assert place.sentence == "Most of us grind turmeric root into the pot until it stains."
    assert (place.words, place.from_url, place.target_url) == ("turmeric", pot.url, orphan.url)
    assert "the sentence speaks of turmeric" in place.why
    assert found.n_orphans == len(found.orphans)
    header, *table = found.rows()
    assert header[:5] == ("cause", "from_post", "from_url", "sentence", "words")
    assert {len(row) for row in table} == {len(header)}
    assert read_advice(shop.db.conn, "elsewhere.example", limit=5).orphans == ()


def test_the_command_prints_advice_for_people_and_as_csv(
    blogkeep: Command, three_days: ThreeDays
) -> None:
    words = ("graph", "--advice", "--db", str(three_days.db))
    text = blogkeep(*words).stdout
    assert "    “The [loose or bags question] is less clear than it looks.”\n" in text
    assert text.endswith("6 dead links, 1 orphan\n")
    rows = list(csv.DictReader(blogkeep(*words, "--csv").stdout.splitlines()))
    assert [row["cause"] for row in rows] == ["renamed"] * 6 + ["orphan"]
    told = json.loads(blogkeep(*words, "--json").stdout)
    assert (len(told["dead_links"]), told["n_orphans"]) == (6, 1)
    refused = blogkeep(*words, "--csv", "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert blogkeep("graph", "--csv", "--db", str(three_days.db)).returncode == 2

"""Kind and severity of changes; every difference is a change."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.history.changes import (
    FIXED_SEVERITY,
    KIND_OF_FIELD,
    REORDERED,
    WHITE_SPACE,
    ChangeKind,
    Difference,
    claims_of,
    compare,
)
from scraper.history.fingerprints import content_hash, fields_hash
from scraper.history.normal_form.snapshots import normal_form
from scraper.history.snapshots import Fields, Snapshot
from scraper.rulebooks import follow_claims
from tests.each_row import each_row

FIELDS = Fields(
    title="Slow Tea",
    author="Mara",
    published_at="2026-02-01",
    excerpt="On tea.",
    image_url="https://a/1.png",
    tags=("Tea",),
)
TEXT = (
    "Warm the pot before the leaves go in and let them rest for some minutes before you pour.\n"
    "Drink it while it is warm."
)


def _snapshot(
    text: str = TEXT, *, html: str = "", codes: tuple[str, ...] = (), **fields: Any
) -> Snapshot:
    body = html or "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return Snapshot(
        fields=replace(FIELDS, **fields), html=body, markdown=text, text=text, codes=codes
    )


def _difference(after: Snapshot, before: Snapshot | None = None) -> Difference:
    difference = compare(before or _snapshot(), after)
    assert difference is not None
    return difference


def _values(difference: Difference) -> list[tuple[str, str, str]]:
    return [(change.field, change.old, change.new) for change in difference.fields]


def _linked(*hrefs: str) -> Snapshot:
    return _snapshot(html="".join(f'<p><a rel="x" href="{href}">tea</a></p>' for href in hrefs))


def _pictured(image: str) -> Snapshot:
    return _snapshot(html=f"<p>tea</p>{image}")


def test_equal_snapshots_do_not_differ():
    assert compare(_snapshot(), _snapshot()) is None


@each_row(
    ("after", "kind", "field"),
    [
        pytest.param(_snapshot(TEXT + " Now."), "edited", "text", id="text"),
        pytest.param(_snapshot(title="Quick Tea"), "retitled", "title", id="title"),
        pytest.param(_snapshot(published_at="2026-02-02"), "redated", "published_at", id="date"),
        pytest.param(_snapshot(author="Ines"), "author", "author", id="author"),
        pytest.param(_snapshot(tags=("Tea", "Rest")), "tags", "tags", id="tags"),
        pytest.param(_snapshot(image_url="https://a/2.png"), "image", "image_url", id="lead image"),
        pytest.param(_snapshot(excerpt="On coffee."), "excerpt", "excerpt", id="excerpt"),
        pytest.param(_snapshot(codes=("CALM10 (10 % off)",)), "codes", "codes", id="codes"),
    ],
)
def test_one_field_names_the_change(after, kind, field):
    difference = _difference(after)
    assert (difference.kind, [change.field for change in difference.fields]) == (kind, [field])


@each_row(
    ("before", "after", "expected"),
    [
        pytest.param(
            _linked("/a", "/b"), _linked("/a", "/c"), ("links", "/b", "/c"), id="link target"
        ),
        pytest.param(_linked("/a"), _linked("/a", "/a"), ("links", "", "/a"), id="link doubled"),
        pytest.param(
            _linked("/a", "/b"),
            _linked("/b", "/a"),
            ("links", "/a\n/b", "/b\n/a"),
            id="links in another order",
        ),
        pytest.param(
            _pictured('<img src="1">'),
            _pictured('<img src="2">'),
            ("images", '<img src="1">', '<img src="2">'),
            id="image",
        ),
        pytest.param(
            _pictured('<img src="1">'),
            _pictured(""),
            ("images", '<img src="1">', ""),
            id="image lost",
        ),
        pytest.param(
            _pictured("<em>a</em>"), _pictured("<b>a</b>"), ("markup", "", "changed"), id="markup"
        ),
        pytest.param(
            _snapshot("a b\nc d"), _snapshot("c d\na b"), ("text", "", REORDERED), id="lines moved"
        ),
        pytest.param(
            _snapshot("a b"), _snapshot("a\u00a0b"), ("text", "", WHITE_SPACE), id="white space"
        ),
        pytest.param(
            _snapshot("tea | $4"), _snapshot("tea | $5"), ("text", "$4", "$5"), id="table cell"
        ),
    ],
)
def test_the_reported_values_of_the_body(before, after, expected):
    assert expected in _values(_difference(after, before))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '<a title="hot > cold" href="/a">tea</a>',
            '<a title="hot > cold" href="/b">tea</a>',
            id="link",
        ),
        pytest.param(
            '<img alt="hot > cold" src="1">', '<img alt="hot > cold" src="2">', id="image"
        ),
    ],
)
def test_a_greater_sign_in_an_attribute_hides_no_target(before, after):
    assert _difference(_snapshot(html=after), _snapshot(html=before)).kind in {"relinked", "image"}


def test_values_may_come_and_go():
    assert _values(_difference(_snapshot(author=""))) == [("author", "Mara", "")]
    assert _values(_difference(_snapshot(), _snapshot(author=""))) == [("author", "", "Mara")]


MOVED_FIELDS: dict[str, dict[str, Any]] = {
    "text": {"text": TEXT + " Now."},
    "title": {"title": "Quick Tea"},
    "published_at": {"published_at": "2026-02-02"},
    "codes": {"codes": ("CALM10 (10 % off)",)},
    "author": {"author": "Ines"},
    "tags": {"tags": ()},
    "image_url": {"image_url": "https://a/2.png"},
    "excerpt": {"excerpt": ""},
}
"""A snapshot with one field moved, the weightiest first."""


@each_row(("first", "second"), list(combinations(MOVED_FIELDS, 2)))
def test_the_weightiest_field_names_the_change(first, second):
    assert (
        _difference(_snapshot(**MOVED_FIELDS[first], **MOVED_FIELDS[second])).kind
        == dict(KIND_OF_FIELD)[first]
    )


OFFER = TEXT + "\nBoth for £64.00, or use code FERN15 for 15% off."
FERN15, FERN20, MOSS20 = (
    ("FERN15 (15 % off)",),
    ("FERN15 (20 % off)",),
    ("MOSS20 (20 % off)",),
)


@each_row(
    ("after", "codes", "kind", "fields"),
    [
        pytest.param(OFFER.replace("64", "69"), FERN15, "prices", ["text", "prices"], id="a price"),
        pytest.param(
            OFFER.replace("£64.00", "64,00 €"),
            FERN15,
            "prices",
            ["text", "prices"],
            id="a currency",
        ),
        pytest.param(
            OFFER.replace("15%", "20%"),
            FERN20,
            "codes",
            ["text", "codes"],
            id="what a code is worth",
        ),
        pytest.param(
            OFFER.replace("FERN15 for 15%", "MOSS20 for 20%"),
            MOSS20,
            "codes",
            ["text", "codes"],
            id="another code",
        ),
        pytest.param(
            OFFER.replace("15%", "20%").replace("64", "69"),
            FERN20,
            "codes",
            ["text", "codes", "prices"],
            id="a code and a price",
        ),
        pytest.param(
            OFFER.replace("Both for £64.00", "Each for £69.00"),
            FERN15,
            "edited",
            ["text", "prices"],
            id="a price and a word",
        ),
        pytest.param(
            OFFER.replace("15%", "20%"),
            FERN15,
            "edited",
            ["text"],
            id="a percentage that no code gives",
        ),
        pytest.param(
            OFFER.replace("Both for £64.00, or u", "U"),
            FERN15,
            "edited",
            ["text", "prices"],
            id="a price taken away",
        ),
    ],
)
def test_a_text_that_differs_only_in_prices_or_codes_is_no_edit(after, codes, kind, fields):
    difference = _difference(_snapshot(after, codes=codes), _snapshot(OFFER, codes=FERN15))
    assert (difference.kind, difference.severity) == (kind, "major")
    assert [change.field for change in difference.fields] == fields


def test_a_price_is_reported_before_and_after():
    values = _values(_difference(_snapshot(OFFER.replace("64", "69")), _snapshot(OFFER)))
    assert values == [("text", "£64.00,", "£69.00,"), ("prices", "£64.00", "£69.00")]


@each_row(
    ("before", "after", "text", "republished"),
    [
        pytest.param("2025-02-01", "2026-02-01T09:00:00Z", TEXT, True, id="a year later"),
        pytest.param("2026-02-01", "2026-02-03", TEXT, True, id="two days later"),
        pytest.param(
            "2026-02-01T23:30:00Z",
            "2026-02-02T07:30:00Z",
            TEXT,
            False,
            id="perhaps another time zone",
        ),
        pytest.param("2026-02-01", "2025-02-01", TEXT, False, id="earlier"),
        pytest.param("", "2026-02-01", TEXT, False, id="no date before"),
        pytest.param("2025-02-01", "", TEXT, False, id="no date after"),
        pytest.param("in spring", "2026-02-01", TEXT, False, id="a date that is none"),
        pytest.param(
            "2025-02-01", "2026-02-01", TEXT.replace("pot", "mug"), True, id="with a word changed"
        ),
        pytest.param(
            "2025-02-01", "2026-02-01", "Another text altogether.", False, id="with another text"
        ),
    ],
)
def test_an_old_text_under_a_later_date_is_published_as_new(before, after, text, republished):
    difference = _difference(_snapshot(text, published_at=after), _snapshot(published_at=before))
    assert (("republished", before, after) in _values(difference)) == republished
    assert difference.kind == ("redated" if text == TEXT else "edited")


def test_every_kind_has_a_field_or_a_severity_of_its_own():
    assert {kind for _, kind in KIND_OF_FIELD} | set(FIXED_SEVERITY) == set(get_args(ChangeKind))


@each_row(
    ("before", "after", "severity"),
    [
        pytest.param(
            _snapshot(),
            _snapshot(TEXT.replace("some minutes", "some time")),
            "minor",
            id="a few words",
        ),
        pytest.param(_snapshot(), _snapshot("Another text altogether."), "major", id="most words"),
        pytest.param(
            _snapshot(TEXT + " Wait 4."), _snapshot(TEXT + " Wait 5."), "major", id="a figure"
        ),
        pytest.param(
            _snapshot(TEXT + " Wait 10."),
            _snapshot(TEXT + " Wait 10 %."),
            "major",
            id="a percent sign",
        ),
        pytest.param(
            _snapshot(TEXT + " For $1.99"),
            _snapshot(TEXT + " For $199"),
            "major",
            id="a point in a price",
        ),
        pytest.param(_snapshot(TEXT + " For -5"), _snapshot(TEXT + " For 5"), "major", id="a sign"),
        pytest.param(_snapshot(), _snapshot(TEXT.replace("pot", "Pot")), "trivial", id="case"),
        pytest.param(_snapshot(TEXT + " it's"), _snapshot(TEXT + " it’s"), "trivial", id="quotes"),
        pytest.param(
            _snapshot(), _snapshot(TEXT.replace("in and", "in, and")), "trivial", id="a comma"
        ),
        pytest.param(_snapshot("a\n\nb"), _snapshot("a\nb"), "trivial", id="white space"),
        pytest.param(
            _snapshot("a b c\nd e f g"),
            _snapshot("d e f g\na b c"),
            "major",
            id="a third of the text moved",
        ),
        pytest.param(_snapshot(), _snapshot(title="Quick Tea"), "major", id="title"),
        pytest.param(_snapshot(), _snapshot(title="SLOW TEA"), "trivial", id="title in capitals"),
        pytest.param(
            _snapshot(title="10 teas"),
            _snapshot(title="11 teas"),
            "major",
            id="figure in the title",
        ),
        pytest.param(_snapshot(), _snapshot(published_at="2026-02-02"), "major", id="date"),
        pytest.param(_snapshot(), _snapshot(codes=("CALM10 (10 % off)",)), "major", id="codes"),
        pytest.param(_snapshot(), _snapshot(author="Ines"), "minor", id="author"),
        pytest.param(_snapshot(), _snapshot(tags=()), "minor", id="tags"),
        pytest.param(
            _snapshot(), _snapshot(excerpt="On coffee, 10 ways."), "trivial", id="excerpt"
        ),
        pytest.param(_linked("/a"), _linked("/A"), "minor", id="link target in capitals"),
        pytest.param(_pictured("<i>a</i>"), _pictured("<b>a</b>"), "trivial", id="markup"),
        pytest.param(
            _pictured("<h2>a</h2>"), _pictured("<h3>a</h3>"), "trivial", id="heading level"
        ),
        pytest.param(
            _pictured('<img src="1" alt="a pot">'),
            _pictured('<img src="1" alt="a mug">'),
            "minor",
            id="alt text",
        ),
        pytest.param(
            _pictured('<img src="1" alt="a pot">'),
            _pictured('<img src="1">'),
            "minor",
            id="alt text lost",
        ),
        pytest.param(
            _pictured('<img src="1">'), _pictured('<img src="2">'), "minor", id="image in the text"
        ),
        pytest.param(_snapshot(), _snapshot(author=""), "minor", id="author to nothing"),
        pytest.param(_snapshot(author=""), _snapshot(), "minor", id="author from nothing"),
        pytest.param(_snapshot(), _snapshot(published_at=""), "major", id="date to nothing"),
        pytest.param(_snapshot(), _snapshot(image_url=""), "minor", id="image to nothing"),
        pytest.param(_snapshot(""), _snapshot(), "major", id="text from nothing"),
        pytest.param(_snapshot(TEXT + " \U0001f375"), _snapshot(), "minor", id="emoji"),
        pytest.param(
            _snapshot(TEXT + " ❤"),
            _snapshot(TEXT + " ❤\ufe0f"),
            "trivial",
            id="how an emoji is drawn",
        ),
        pytest.param(_snapshot(TEXT + " cafe"), _snapshot(TEXT + " café"), "minor", id="accent"),
        pytest.param(_snapshot(TEXT + " a - b"), _snapshot(TEXT + " a — b"), "trivial", id="dash"),
        pytest.param(
            _snapshot(TEXT + " It may help."),
            _snapshot(TEXT + " It may not help."),
            "major",
            id="negation",
        ),
        pytest.param(
            _snapshot(TEXT + " It doesn’t help."),
            _snapshot(TEXT + " It does help."),
            "major",
            id="negation taken away",
        ),
        pytest.param(
            _snapshot(TEXT + " Sie hilft."),
            _snapshot(TEXT + " Sie hilft nicht."),
            "major",
            id="negation in German",
        ),
        pytest.param(
            _snapshot(TEXT + " It may help a bit."),
            _snapshot(TEXT + " It will help a bit."),
            "major",
            id="hedge taken away",
        ),
        pytest.param(
            _snapshot(TEXT + " Best in May."),
            _snapshot(TEXT + " Best in autumn."),
            "minor",
            id="a month is no hedge",
        ),
        pytest.param(
            _snapshot(TEXT + " Take ½ tsp."),
            _snapshot(TEXT + " Take ¼ tsp."),
            "major",
            id="fraction",
        ),
        pytest.param(
            _snapshot(TEXT + " Not today."),
            _snapshot(TEXT + " Not now."),
            "minor",
            id="negation that stays",
        ),
        pytest.param(
            _snapshot(TEXT + " Take 400 mg."), _snapshot(TEXT + " Take 400 ml."), "major", id="dose"
        ),
        pytest.param(
            _snapshot(TEXT + " Steep 4 minutes or so."),
            _snapshot(TEXT + " Steep 4 hours or so."),
            "major",
            id="time",
        ),
        pytest.param(
            _snapshot(TEXT + " For 20 EUR or so"),
            _snapshot(TEXT + " For 20 GBP or so"),
            "major",
            id="currency in words",
        ),
        pytest.param(
            _snapshot(TEXT + " For ₹ and"),
            _snapshot(TEXT + " For £ and"),
            "major",
            id="currency sign alone",
        ),
        pytest.param(
            _snapshot(TEXT + "\nPlease consult your doctor."),
            _snapshot(),
            "major",
            id="disclaimer taken away",
        ),
        pytest.param(
            _snapshot(TEXT + "\ntea 4\nrice 5"),
            _snapshot(TEXT + "\nrice 5\ntea 4"),
            "minor",
            id="list items in another order",
        ),
        pytest.param(
            _snapshot(TEXT + "\n5 mg tea, 9 mg rice"),
            _snapshot(TEXT + "\n9 mg tea, 5 mg rice"),
            "major",
            id="figures swapped",
        ),
        pytest.param(
            _snapshot(TEXT + "\ntea | green"),
            _snapshot(TEXT + "\ntea | black"),
            "minor",
            id="table cell",
        ),
        pytest.param(
            _snapshot(TEXT + "\nA pot."), _snapshot(TEXT + "\nA mug."), "minor", id="caption"
        ),
        pytest.param(
            _snapshot(image_url="https://a/x.png"),
            _snapshot(image_url="https://a/X.png"),
            "minor",
            id="image",
        ),
    ],
)
def test_severity(before, after, severity):
    assert _difference(after, before).severity == severity


CLAIMED = [
    (" Redness has gone down by half.", " Redness has begun to fade.", "major", ["softened"]),
    (" It may ease headaches.", " It stops headaches.", "major", ["sharpened"]),
    (" It eases headaches.", " It soothes headaches.", "minor", []),
    ("", " It calms a headache.", "major", ["added"]),
    ("", " It aids digestion.", "minor", ["added"]),
    (" It heals gout and a cold.", " It heals.", "major", ["withdrawn", "withdrawn"]),
    (" It heals gout.", " It heals GOUT!", "trivial", []),
    (" It heals gout.", " It heals gout. More.", "minor", []),
]


def test_an_edit_is_as_grave_as_what_it_did_to_claims():
    found = []
    for old, new, *_ in CLAIMED:
        difference = compare(_snapshot(TEXT + old), _snapshot(TEXT + new), follow=follow_claims)
        assert difference is not None
        directions = [line.split(":")[0] for line in claims_of(difference.fields)]
        found.append((old, new, difference.severity, directions))
    assert found == CLAIMED


def test_a_title_claims_too():
    difference = compare(_snapshot(title="Heal gout"), _snapshot(title="Tea"), follow=follow_claims)
    assert difference is not None
    assert claims_of(difference.fields) == ["withdrawn: Heal gout"]
    assert difference.kind == "retitled"


def test_two_trivial_fields_together_stay_trivial():
    assert _difference(_snapshot(excerpt="On coffee.", title="SLOW TEA")).severity == "trivial"


def test_the_words_of_an_edit_are_counted():
    difference = _difference(_snapshot(TEXT.replace("some minutes", "four")))
    assert (difference.words_added, difference.words_removed) == (1, 2)


WORDS = st.lists(
    st.sampled_from(["tea", "Tea", "10", "10%", "£4", "not", "\n", " ", "¶", "…"]), max_size=6
).map(" ".join)
SNAPSHOTS = st.builds(
    Snapshot,
    fields=st.builds(
        Fields,
        title=WORDS,
        author=st.sampled_from(["", "Mara"]),
        published_at=st.sampled_from(["", "2026-02-01", "2026-03-01"]),
        excerpt=WORDS,
        image_url=st.sampled_from(["", "x"]),
        tags=st.sampled_from([(), ("Tea",), ("Rest", "Tea")]),
    ),
    html=st.sampled_from(
        ["", '<a href="">x</a>', '<a href="/b">x</a>', '<img src="">', "<p>x</p>"]
    ),
    markdown=WORDS,
    text=WORDS,
)


@given(SNAPSHOTS, SNAPSHOTS)
def test_snapshots_compare_as_equal_exactly_when_their_hashes_do(before, after):
    hashes = [
        (content_hash(s.html, s.markdown, s.text), fields_hash(s.fields))
        for s in (normal_form(before, ()), normal_form(after, ()))
    ]
    assert (compare(before, after) is None) == (hashes[0] == hashes[1])


@given(SNAPSHOTS, SNAPSHOTS)
def test_a_difference_shows_something(before, after):
    difference = compare(before, after)
    assert difference is None or all(change.old != change.new for change in difference.fields)

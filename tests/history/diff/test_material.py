"""Which differences between two texts count as formatting, and which touch a claim."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from scraper.history.changes import compare
from scraper.history.diff.figures import without_counts, without_references
from scraper.history.diff.material import are_alike, is_material
from scraper.history.snapshots import Fields, Snapshot
from tests.each_row import each_row
from tests.growth import is_linear


@each_row(
    ("old", "new", "alike"),
    [
        ("Slow Tea", "slow  tea!", True),
        ("It costs $1.99", "It costs $199", False),
        ("10 %", "10", False),
        ("Caf\u00e9", "Cafe\u0301", True),
        ("a\u200bb", "ab", True),
        ("(20%), as before", "20%, as before", False),
        ("tea", "coffee", False),
    ],
    ids=[
        "case and space",
        "point in a price",
        "percent",
        "composed",
        "zero width",
        "figure",
        "term",
    ],
)
def test_only_the_shape_of_letters_may_differ(old, new, alike):
    assert are_alike(old, new) is alike


@each_row(
    ("old", "new", "material"),
    [
        ("It works.", "It works well.", False),
        ("It works.", "It never works.", True),
        ("It may help.", "It will help.", True),
        ("Take 10 drops", "Take 12 drops", True),
        ("Ask your doctor first. Then drink.", "Then drink.", True),
        ("one\ntwo 2", "two 2\none", False),
    ],
    ids=["plain", "negation", "hedge", "figure", "warning", "order of lines"],
)
def test_figures_negations_hedges_and_warnings_are_material(old, new, material):
    assert is_material(old, new) is material


def test_the_cost_of_text_without_blanks_grows_with_its_length():
    # Four times the text: a linear search takes four times as long, a quadratic one sixteen times.
    assert is_linear(lambda signs: partial(are_alike, "茶" * signs, "茶" * signs), 4_000, 4, most=8)


@each_row("piece", ["sku-", "1 ", "\n", "ends in 1d "])
def test_the_cost_of_finding_figures_grows_with_the_text(piece: str):
    def call(signs: int) -> Callable[[], object]:
        text = piece * (signs // len(piece))
        return lambda: without_references(without_counts(text))

    assert is_linear(call, 10_000, 4, most=8)


COUNTED = [
    ("1,201 views", "1,202 views"),
    ("👁 1.2k views", "👁 1.3k views"),
    ("Views: 12", "Views: 13"),
    ("3 comments", "12 comments"),
    ("128 reviews", "129 reviews"),
    ("4 min read", "5 min read"),
    ("4-minute read", "5-minute read"),
    ("Reading time: 4 minutes", "Reading time: 5 minutes"),
    ("Lesezeit: 4 Minuten", "Lesezeit: 5 Minuten"),
    ("4 min de lecture", "5 min de lecture"),
    ("5 people are looking at this right now", "16 people are looking at this right now"),
    ("5 visitors online", "6 visitors online"),
    ("12 customers are viewing this", "9 customers are viewing this"),
    ("Only 3 left in stock", "Only 2 left in stock"),
    ("12 in stock", "11 in stock"),
    ("41 sold in the last day", "43 sold in the last day"),
    ("Last updated 3 days ago", "Last updated 4 days ago"),
    ("1 day ago", "2 days ago"),
    ("59 minutes ago", "1 hour ago"),
    ("vor 3 Tagen", "vor 4 Tagen"),
    ("il y a 3 jours", "il y a 4 jours"),
    ("hace 3 días", "hace 4 días"),
    ("Sale ends in 02:14:33", "Sale ends in 02:11:09"),
    ("Ends in 2d 4h 12m", "Ends in 1d 9h 2m"),
    ("Rated 4.8 out of 5", "Rated 4.7 out of 5"),
    ("4.8 stars", "4.9 stars"),
]

REFERRED = [
    ("3. Rinse the pot", "4. Rinse the pot"),
    ("See step 3", "See step 4"),
    ("Figure 2 shows a pot", "Figure 3 shows a pot"),
    ("Call +44 20 7946 0000", "Call +44 20 7946 0001"),
    ("Phone: 020 7946 0000", "Phone: 020 7946 0001"),
    ("SKU: AB-1201", "SKU: AB-1202"),
    ("Order no. 1201", "Order no. 1202"),
    ("Written on 4 March 2026", "Written on 5 March 2026"),
    ("March 4, 2026", "March 5, 2026"),
    ("Updated 2026-03-04", "Updated 2026-03-05"),
    ("We opened in 2019.", "We opened in 2018."),
    ("© 2025", "© 2026"),
]

CLAIMED = [
    ("Take 10 drops", "Take 20 drops"),
    ("Take 400 mg", "Take 800 mg"),
    ("Steep for 3 minutes", "Steep for 5 minutes"),
    ("Wait 2 days before you wash it", "Wait 3 days before you wash it"),
    ("Take 1 tablet 2 times a day", "Take 1 tablet 3 times a day"),
    ("Bake at 180 °C", "Bake at 200 °C"),
    ("Brew at 80 degrees", "Brew at 95 degrees"),
    ("It costs $24", "It costs $31"),
    ("20 % off", "30 % off"),
    ("95% of readers agree", "59% of readers agree"),
    ("9 of 10 people slept better", "8 of 10 people slept better"),
    ("For children over 3 years", "For children over 2 years"),
    ("Aged 12 years", "Aged 18 years"),
    ("Founded 30 years ago", "Founded 40 years ago"),
    ("A 2019 study found it", "A 2009 study found it"),
    ("In 2019, a study of tea found it.", "In 2009, a study of tea found it."),
    ("Valid until 4 March 2026", "Valid until 9 March 2026"),
    ("The offer ends on March 4", "The offer ends on March 9"),
    ("Tested in 2000 people", "Tested in 2001 people"),
    ("Walk 2000 steps", "Walk 2010 steps"),
    ("Dilute it 1:3", "Dilute it 1:4"),
    ("Use ½ cup", "Use ¼ cup"),
    ("3 left turns, then home", "4 left turns, then home"),
    ("Mix 2 parts water", "Mix 3 parts water"),
    ("Order 2 packs", "Order 3 packs"),
]


@each_row(("old", "new"), COUNTED)
def test_what_pages_count_by_themselves_is_trivial(old: str, new: str):
    assert _severity(old, new) == "trivial"


@each_row(("old", "new"), REFERRED)
def test_a_figure_that_only_refers_is_minor(old: str, new: str):
    assert _severity(old, new) == "minor"


@each_row(("old", "new"), CLAIMED)
def test_a_figure_that_claims_something_is_major(old: str, new: str):
    assert _severity(old, new) == "major"


@each_row(("counted", "recounted"), COUNTED)
def test_a_claim_beside_a_count_stays_major(counted: str, recounted: str):
    assert _severity(f"{counted}\nTake 10 drops.", f"{recounted}\nTake 20 drops.") == "major"


def _severity(old: str, new: str) -> str:
    story = "The potter keeps every broken cup in a drawer, and shows it to those who ask. " * 3
    fields = Fields(title="", author="", published_at="", excerpt="", image_url="", tags=())
    before, after = (
        Snapshot(fields=fields, html="", markdown="", text=f"{story}\n{text}\n{story}")
        for text in (old, new)
    )
    difference = compare(before, after)
    assert difference is not None
    return difference.severity


def test_figures_read_alike_however_far_from_others():
    far = "\n" + "We write of tea. " * 20 + "\n"
    for find in (without_counts, without_references):
        for text in (text for pair in (*COUNTED, *REFERRED) for text in pair):
            assert find(f"{far}{text}{far}{text}").split() == f"{far}{find(text)}".split() * 2

"""Which sums of money a text names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scraper.history.diff.prices import MASK, find_prices, mask_prices
from tests.each_row import each_row


@each_row(
    ("text", "prices"),
    [
        ("now £69.00, was £84", ("£69.00", "£84")),
        ("69,00 € oder 12€", ("69,00 €", "12€")),
        ("US$1,299 or CA$ 20 or A$5", ("US$1,299", "CA$ 20", "A$5")),
        ("CHF 20, CHF 1’299.50", ("CHF 20", "CHF 1’299.50")),
        ("₹499 and Rs. 1,299", ("₹499", "Rs. 1,299")),
        ("1.299,00 kr", ("1.299,00 kr",)),
        ("kr 299,-", ("kr 299,-",)),
        ("$1,299.99 USD", ("$1,299.99 USD",)),
        ("£20–£30", ("£20", "£30")),
        ("(£12)", ("£12",)),
        ("$1.99/100g", ("$1.99",)),
        ("$20k", ("$20k",)),
        ("3 euros", ("3 euros",)),
        ("1\u00a0299\u202f€", ("1 299 €",)),
        ("£5 and £5", ("£5", "£5")),
        ("in 2019 €5", ("€5",)),
        ("20%, 20 %, €20 %", ()),
        ("TRY 20 teas, 20 credits, 3 krill, v1.2.3", ()),
        ("£ and $ alone", ()),
        ("", ()),
    ],
)
def test_prices_are_found_in_their_order(text, prices):
    assert find_prices(text) == prices


def test_a_masked_text_keeps_its_other_words():
    assert mask_prices("Both for £64.00, or 70 EUR each.") == f"Both for {MASK}, or {MASK} each."


@given(st.text(alphabet="£$€1290.,'’ krCHF%-\u00a0\n"))
def test_as_many_are_masked_as_are_found(text):
    assert mask_prices(text).count(MASK) == len(find_prices(text))


def test_a_text_of_nothing_but_figures_is_read_in_a_moment():
    assert find_prices("1" * 200_000 + ",000" * 50_000) == ()

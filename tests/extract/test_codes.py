from __future__ import annotations

from scraper.extract.fields.codes import find_codes
from tests.each_row import each_row

CODES = {
    "Please use code BLOG15 at checkout to claim 15% off your order.": (
        "BLOG15",
        "percent",
        15.0,
        "",
    ),
    "Take £5 off with code TEA5.": ("TEA5", "amount", 5.0, "GBP"),
    "You get free shipping with code SHIPFREE today.": ("SHIPFREE", "free_shipping", 0.0, ""),
    "Discount code: CALM-20 (20% off until Sunday)": ("CALM-20", "percent", 20.0, ""),
    "Spend over £40 and use code SPRING for £5 off.": ("SPRING", "amount", 5.0, "GBP"),
    "Enter WINTER10 at checkout.": ("WINTER10", "unknown", 0.0, ""),
    "Use this at checkout: FROST10": ("FROST10", "unknown", 0.0, ""),
    "Type “LEAF-5” when you pay, for 5% off.": ("LEAF-5", "percent", 5.0, ""),
    "Discount code | OAK7": ("OAK7", "unknown", 0.0, ""),
    "Mit dem Gutscheincode RUHE10 sparst du 10 %.": ("RUHE10", "percent", 10.0, ""),
    "Avec le code promo TISANE3, 3 € de remise.": ("TISANE3", "amount", 3.0, "EUR"),
    "Usa el cupón VIGA10 al pagar.": ("VIGA10", "unknown", 0.0, ""),
    "Use the code WRITEMORE in your basket and see.": ("WRITEMORE", "unknown", 0.0, ""),
    "All linen is 10 % off: LINEN10, bedding only.": ("LINEN10", "percent", 10.0, ""),
}


@each_row(("text", "told"), CODES.items(), ids=[told[0] for told in CODES.values()])
def test_a_code_is_found_with_its_terms(text, told):
    assert [
        (found.code, found.kind, found.value, found.currency) for found in find_codes(text)
    ] == [told]


@each_row(
    "text",
    [
        "Vitamin D3, VITAMIN C and REM sleep are 10% of the story.",
        "We work by ISO 22000 and a code of practice.",
        "OUR DRESS CODE IS CASUAL",
        "Our CODE OF CONDUCT applies in the shop.",
        "The postal code SW1A belongs to London.",
        "Save 20% off all SPF50 creams.",
        "Scan the QR code BELOW for 10% off.",
        "Use CASH when you order in the shop, or at checkout: VISA",
    ],
)
def test_other_words_in_capitals_are_no_codes(text):
    assert find_codes(text) == ()


def test_terms_may_stand_in_the_next_sentence_and_the_snippet_is_the_codes_own():
    (found,) = find_codes(
        "A gift first. Your discount code is MOSS12. It saves you 12% on everything."
    )
    assert (found.kind, found.value, found.snippet) == (
        "percent",
        12.0,
        "Your discount code is MOSS12.",
    )


def test_a_code_counts_once():
    assert len(find_codes("Use code TEA5 for £5 off. Again: use code TEA5 for £5 off.")) == 1

"""What varies between two fetches of one crawl is no part of an edit, every word of which stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest

from scraper.extract import (
    SavedPage,
    ends_so_elsewhere,
    find_momentary,
    is_cut,
    learn_from_unmoved,
)
from scraper.extract.template.momentary import Comparison
from scraper.extract.template.sights import PageFetch
from scraper.history.diff.words import diff_texts
from scraper.items import Template
from tests.conftest import Sample
from tests.each_row import each_row
from tests.extract.test_volatile import (
    NAMED,
    UNNAMED,
    base_template,
    body_of,
    saved,
    swapped,
    text_of,
)

TEMPLATE = base_template()
Noise = Callable[[int], str]
"""What stands in the middle of a page at one fetch."""

WORDS: dict[str, Sequence[str]] = {
    "testimonial": ("It changed my mornings.", "I gave three as gifts.", "My cat approves of it."),
    "weather": ("London: 4 °C, cloudy", "London: 12 °C, light rain", "London: 3 °C, snow showers"),
    "headline": ("Sleep well tonight", "Wake up rested", "Rest more"),
    "coupon": ("Use code SAVE10 for a gift", "Use code TEA5 for a gift", "Use code LEAF12 for one"),
    "greeting": ("Good morning, reader!", "Good afternoon, reader!", "Good evening, reader!"),
    "buyer": (
        "Ann from Leeds bought the Red cup 4 minutes ago",
        "Bob from Oslo bought the Salt jar 12 minutes ago",
        "Cleo from Bonn bought the Oak spoon 31 minutes ago",
    ),
    "sold in words": ("Three people bought it today", "Five people bought it", "Nine bought it"),
    "Hindi digits": ("१२०१ दर्शक", "१३४५ दर्शक", "१५००१ दर्शक"),
    "Arabic digits": ("١٢٠١ مشاهدة", "١٣٤٥ مشاهدة", "١٥٠٠١ مشاهدة"),
    "Japanese views": ("閲覧数 1,201回", "閲覧数 998回", "閲覧数 15,001回"),
    "German age": ("vor 3 Stunden geändert", "gestern geändert", "vor einer Woche geändert"),
    "Japanese age": ("3日前に更新", "1週間前に更新", "昨日更新"),
    "price": ("From £24.00 a piece", "From $31.50 a piece", "From €28,00 a piece"),
}
TAGS = {
    "paragraph": "<p>{}</p>",
    "quote": "<blockquote>{}</blockquote>",
    "heading": "<h3>{}</h3>",
    "named": '<div class="x-app"><p>{}</p></div>',
    "nonce": '<div class="x-app" data-nonce="{0}"><p>{0}</p></div>',
}
CARDS = ("Blue bowl", "Tall pitcher", "Oak spoon", "Linen cloth", "Red cup")


def shuffled(turn: int) -> str:
    """Three of five cards, in another order each time."""
    chosen = (CARDS * 2)[turn : turn + 3][:: 1 if turn % 2 else -1]
    items = "".join(f'<li><a href="/products/{card}">{card}</a></li>' for card in chosen)
    return f"<ul>{items}</ul>"


NOISES: dict[str, Noise] = {
    **{
        f"{kind}, {tag}": lambda turn, words=words, frame=frame: frame.format(words[turn])
        for kind, words in WORDS.items()
        for tag, frame in TAGS.items()
    },
    "cards in another order": shuffled,
    **{
        f"named {kind}": lambda turn, noise=noise: noise("kettles", turn)
        for kind, noise in NAMED.items()
        if kind not in {"cards", "comes"}  # two fetches may be an older copy and a newer one
    },
    **{
        f"unnamed {kind}": lambda turn, noise=noise: noise("kettles", turn)
        for kind, noise in UNNAMED.items()
    },
}
FEW = {
    name: noise
    for name, noise in NOISES.items()
    if not name.startswith(("named", "unnamed")) and name.endswith(("paragraph", "order"))
}
EDITS: dict[str, Callable[[str], str]] = {
    "a word": lambda body: body.replace("seven", "nine"),
    "a number": lambda body: body.replace("12", "15"),
    "a word beside it": lambda body: body.replace("Nobody paid", "No one paid"),
    "a new paragraph": lambda body: body + "<p>Sold out since the third of the month.</p>",
    "an item before it": lambda body: body.replace("The blue", "The green"),
}


def body(noise: str, edit: Callable[[str], str] = str) -> str:
    return (
        edit(body_of("kettles"))
        .replace('<p class="p1">Nobody', f'{noise}<p class="p1">Nobody')
        .replace('<p class="p1">No one', f'{noise}<p class="p1">No one')
    )


def compared(before: str, page: str, control: str, *, entry: bool = False) -> Comparison:
    pages = (saved("kettles", text, entry=entry) for text in (before, page, control))
    return find_momentary(*pages, TEMPLATE)


def difference(before: str, page: str, template: Template) -> list[tuple[str, str]]:
    texts = (text_of(saved("kettles", text), template) for text in (before, page))
    return [(run.operation, run.text) for run in diff_texts(*texts).runs if run.operation != "same"]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_among_noise_comes_alone(edit: str, sample: Sample) -> None:
    wrong = []
    expected = difference(body(""), body("", EDITS[edit]), TEMPLATE)
    start = list(EDITS).index(edit)
    for name, noise in sample(list((NOISES if edit == "a word" else FEW).items()), 4, start):
        before, page, control = (
            body(noise(0)),
            *(body(noise(turn), EDITS[edit]) for turn in (1, 2)),
        )
        found = compared(before, page, control)
        shown = difference(before, page, found.template)
        if shown != expected:
            wrong.append((name, shown))
    assert wrong == []


@pytest.mark.parametrize("edit", EDITS)
def test_a_second_fetch_that_is_an_older_copy_takes_no_word_of_the_edit(
    edit: str, sample: Sample
) -> None:
    wrong = []
    clean = difference(body(""), body("", EDITS[edit]), TEMPLATE)
    noises = [("none", lambda _: ""), *FEW.items()]
    for name, noise in sample(noises, 4, list(EDITS).index(edit)):
        for stale in (noise(0), noise(1), noise(2)):
            before, page = body(noise(0)), body(noise(1), EDITS[edit])
            found = compared(before, page, body(stale))
            shown = difference(before, page, found.template)
            said = {(run, word) for run, text in shown for word in text.split()}
            missing = {(run, word) for run, text in clean for word in text.split()} - said
            if missing or not found.is_older_copy:
                wrong.append((name, missing, shown))
    assert wrong == []


TWO_STATES: dict[str, tuple[str, str]] = {
    "comes": ("", "<p>Only this week: a free cup.</p>"),
    "goes": ("<p>Only this week: a free cup.</p>", ""),
    "button": ("<p>Shop now</p>", "<p>Buy the set</p>"),
    "named button": ('<p class="x-buy">Shop now</p>', '<p class="x-buy">Buy the set</p>'),
}


def test_a_second_fetch_with_the_edit_proves_what_has_two_states() -> None:
    wrong = []
    edit = EDITS["a word"]
    expected = difference(body(""), body("", edit), TEMPLATE)
    for name, (one, other) in TWO_STATES.items():
        before, page, control = body(one), body(other, edit), body(one, edit)
        found = compared(before, page, control)
        shown = difference(before, page, found.template)
        # Where only one page has the block, it leaves that page.
        if shown != expected or not found.is_newer or found.is_older_copy:
            wrong.append((name, shown, found.is_newer))
    assert wrong == []


def test_only_the_authors_words_prove_that_a_fetch_is_newer() -> None:
    def is_newer(before: str, page: str, *, entry: bool = False) -> bool:
        return compared(before, page, page, entry=entry).is_newer

    plain, edited = body(""), body("", EDITS["a word"])
    assert is_newer(plain, edited)
    assert is_newer(edited, plain, entry=True)  # the words of the feed
    assert not is_newer(plain, plain)
    assert not is_newer(plain, body("<p>Buy the set</p>"))  # may be an app's
    assert not is_newer(plain, body("", EDITS["a number"]))  # may be a node's way to write one
    assert not compared(plain, edited, plain).is_newer


def drawn(*cards: str) -> str:
    return "<ul>" + "".join(f"<li>{card}</li>" for card in cards) + "</ul>"


def test_an_item_that_came_with_a_list_of_chance_goes_with_it():
    before = body(drawn("Blue bowl", "Tall pitcher", "Red cup"))
    page = body(drawn("Oak spoon", "Salt jar", "Linen cloth"), EDITS["a word"])
    found = compared(before, page, body(drawn("Oak spoon", "Soap dish", "Lamp"), EDITS["a word"]))
    assert difference(before, page, found.template) == [("removed", "seven"), ("added", "nine")]


def test_an_item_of_the_authors_stays_in_a_list_of_counters():
    lists = [drawn(f"Kettles: {n} left", f"Pots: {n + 3} left") for n in (4, 5, 6)]
    new = [one.replace("</ul>", "<li>Free for a week</li></ul>") for one in lists]
    found = compared(body(lists[0]), body(new[1]), body(new[2]))
    shown = difference(body(lists[0]), body(new[1]), found.template)
    assert shown == [("added", "• Free for a week ¶")]


def test_a_page_is_cut_that_ends_within_its_post_as_the_page_before_did_not():
    whole, edited = (saved("kettles", text) for text in (body(""), EDITS["a word"](body(""))))
    half = str(whole.html).partition(" for a word about")[0] + "</p></div></div></body></html>"
    short = SavedPage(half, whole.url, None)
    film = SavedPage(whole.html.replace(body(""), "<img src='/a.jpg'>"), whole.url, None)
    pages = {"whole": whole, "edited": edited, "short": short, "film": film}
    found = [
        names for names in product(pages, repeat=2) if is_cut(*map(pages.get, names), TEMPLATE)
    ]
    assert found == [(one, "short") for one in ("whole", "edited", "film")]
    bare = SavedPage(whole.html.partition("</div><div><p>")[0], whole.url, None)
    pages["bare"] = bare
    for before, ends in {"whole": True, "short": False, "film": False, "bare": False}.items():
        fetches = [PageFetch(page, "") for page in (pages[before], bare)]
        assert ends_so_elsewhere([fetches, fetches], TEMPLATE) is ends, before


GREETINGS = (
    ("Good morning, friend!", "Hello, guest!"),
    ("Welcome back, guest!", "Good evening, friend!"),
    ("Hello, friend!", "Welcome back, friend!"),
    ("Good evening, guest!", "Good morning, guest!"),
)
TALKS = (
    ("Talk on kettles on 3 March", "Talk on kettles: Mar 3, 9:00"),
    ("Talk on curtains: Mar 3, 9:00", "Talk on curtains on 3 March"),
)
TERMS = ("Sent within three days.", "Sent within one week.")
ADDED = "Hello, friend! ¶ Good guest! ¶"
CHANCE = (
    # lines of other posts; that of this one before and after; what it adds beside its own edit
    (GREETINGS, ("Welcome back, guest!", "Good evening, friend!"), ""),
    (TALKS, TALKS[0], ""),
    (GREETINGS, ("Hello, guest!", "Hello, dear guest!"), "Hello, dear guest! ¶"),
    ([TERMS] * 3, TERMS, "Sent within one week. ¶"),
    (GREETINGS, ("Hello, guest!", "Hello, friend!</p><p>Good guest!"), ADDED),
    (
        GREETINGS,
        ("Hello, guest!</p><p>Kettles: 2", "Hello, friend!</p><p>Kettles: 3"),
        "Kettles: 3 ¶",
    ),
)


@each_row(
    "lines, line, added",
    CHANCE,
    ids=(
        "their words",
        "a date in two forms",
        "a word of its own",
        "one edit of many posts",
        "a line more",
        "words of the address beside it",
    ),
)
def test_a_line_goes_that_says_only_what_such_lines_say(
    lines: Sequence[tuple[str, str]], line: tuple[str, str], added: str
) -> None:
    """It reads otherwise at each crawl, also on posts whose dates stand still."""
    template, turning = learn_from_unmoved(swapped(lines), TEMPLATE)
    before, page = body(f"<p>{line[0]}</p>"), body(f"<p>{line[1]}</p>", EDITS["a word"])
    pages = [saved("kettles", text) for text in (before, page, page)]
    found = find_momentary(*pages, template, turning)
    shown = difference(body(""), page, found.template)
    assert [text for run, text in shown if run == "added"] == ["nine", *[added][: bool(added)]]

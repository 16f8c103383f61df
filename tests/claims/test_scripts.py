"""A language of claims may be written in any script: its file alone says what its words are."""

from __future__ import annotations

from scraper.claims.language import CUES, detect_language, make_language
from scraper.claims.loading import Auditor, Edition
from scraper.claims.rulebook import parse_rulebook
from scraper.claims.terms import normal_text
from tests.each_row import each_row

RULE = '[[rules]]\nid = "r"\ntitle = "t"\nsource = "s"\nsubjects = ["{}"]\n'

# The common words of a language, the endings of its verbs, the last letter of its nouns with what
# takes its place, an effect before what it affects and one behind it, what is affected, a negation.
WORDS = {
    "ru": ("и в не на что", ["ит"], {"а": ["а", "у", "ы"]}, "леч~", "прошл*", "подагра+", "не"),
    "el": (
        "και το την με για",
        ["ει"],
        {"α": ["α", "ες"]},
        "θεραπεύ~",
        "έφυγ*",
        "ημικρανία+",
        "δεν",
    ),
    "ar": ("في من على هذا أن", [""], {}, "يعالج", "اختفى", "النقرس", "لا"),
    "hi": ("है के में को और", ["ता"], {}, "इलाज", "ठीक कर~", "गठिया", "नहीं"),
    "ja": ("の は を に で", ["します", "りました"], {}, "脱", "治~", "頭痛", "ません"),
    "th": ("ที่ และ ใน ของ การ", [""], {}, "รักษา", "หายไป", "ไมเกรน", "ไม่"),
}

CLAIMS = {
    ("ru", "Наш чай ЛЕЧИТ подагру."): ["ЛЕЧИТ подагру"],
    ("ru", "Подагра прошла!"): ["прошла Подагра"],
    ("ru", "Чай не лечит подагру. Мы лечим. Подагра болит."): [],
    ("ru", "Чай подлечит подагру, лечит неподагру."): [],
    ("ru", "Лечит ли чай подагру?"): [],
    ("el", "Το τσάι ΘΕΡΑΠΕΎΕΙ την ημικρανία."): ["ΘΕΡΑΠΕΎΕΙ ημικρανία"],
    ("el", "Το τσάι δεν θεραπεύει τις ημικρανίες."): [],
    ("ar", "هذا الشاي يعالج النقرس."): ["يعالج النقرس"],
    ("ar", "هذا الشاي لا يعالج النقرس."): [],
    ("ar", "هل يعالج الشاي النقرس؟"): [],
    ("hi", "यह चाय गठिया ठीक करता है।"): ["ठीक करता गठिया"],
    ("ja", "このお茶は頭痛を治します。よく眠れます。"): ["治します 頭痛"],
    ("ja", "頭痛はつらい。お茶で治りました。"): [],
    ("ja", "頭痛が治りましたか？"): [],
    ("th", "ชานี้รักษาไมเกรน"): ["รักษา ไมเกรน"],
    ("th", "ชานี้ไม่รักษาไมเกรน"): [],
}

SHOWN = {
    "И в чай не кладут сахар, что на вкус": "ru",
    "Το τσάι και η ζάχαρη με γάλα για την υγεία": "el",
    "このお茶は朝の食事に合います。コーヒーも飲みます。": "ja",
    "यह चाय सुबह के खाने में और रात को है": "hi",
    "Tea is what we drink at night.": "",
}


def auditor(code: str) -> Auditor:
    """An auditor with a book of one rule, in a language that knows one word of each sort."""
    common, verbs, nouns, before, after, subject, negation = WORDS[code]
    rungs = ("treats", "prevents", "stops", "relieves", "may help", "supports")
    language = make_language(
        {
            "language": code,
            "articles": [],
            "plurals": [],
            "denial_reach": 0,
            "naming": [],
            "participles": [],
            "inflections": {"verb": {"": verbs}, "noun": {"": [""], **nouns}},
            "ladder": [
                {"name": "cures", "before": [before], "after": [after]},
                *({"name": name} for name in (*rungs, "traditionally used")),
            ],
            "cues": {**dict.fromkeys(CUES, ()), "negations": [negation]},
        }
    )
    book = f'book = "b"\ntitle = "t"\nversion = 1\nlanguage = "{code}"\n{RULE.format(subject)}'
    edition = Edition(lambda: parse_rulebook(book, lambda _: language))
    return Auditor("b", {code: edition}, {code: frozenset(map(normal_text, common.split()))})


AUDITORS = {code: auditor(code) for code in WORDS}
COMMON = {code: one.common_words[code] for code, one in AUDITORS.items()}


@each_row("case", CLAIMS, ids=range(len(CLAIMS)))
def test_words_of_any_script_are_whole_words(case: tuple[str, str]) -> None:
    code, text = case
    found = [f"{one.effect} {one.subject}" for one in AUDITORS[code].claims(text)]
    assert found == CLAIMS[case]


def test_a_text_of_any_script_shows_its_language() -> None:
    assert {text: detect_language(text, COMMON) for text in SHOWN} == SHOWN

"""Words of by-lines."""

from __future__ import annotations

from typing import Final

BY: Final = {"en": "by", "de": "von", "fr": "par", "es, pt": "por"}
BY_OR_OF: Final = {
    **BY,
    "it": "di|da",
    "nl": "door",
}
AUTHOR_LABELS: Final = {"en": "author", "de, es, pt": "autor", "fr, nl": "auteur"}

AUTHOR_WORDS: Final = (
    r"author|(?:written|posted|published)\s+by|autor(?:ka|in|ica|ul|e|a|ė)?|autoare|auteure?"
    r"|autrice|egilea"
    r"|författare|forfatter|höfundur|kirjoittaja|tekijä|szerző|yazar|müəllif|muallif|mwandishi"
    r"|penulis"
    r"|συγγραφέας|συντάκτης|автор(?:ка|ы|и)?|аутор(?:ка)?|аўтар|avtor(?:ica)?|autorius|autors|מחבר"
    r"|כותב"
    r"|الكاتبة?|المؤلف|كاتب|نویسنده|تحریر|مصنفہ?|लेखक|लेखिका|লেখক|எழுதியவர்|రచయిత|ავტორი|հեղինակ"
    r"|tác\s+giả"
    r"|ผู้เขียน|著者|執筆者?|筆者|投稿者|(?:この記事を)?書いた人|作者|撰文|글쓴이|작성자"
)
"""The word that stands before an author's name on a label of its own."""

TEXT_LABELS: Final = "words|texte?|texto|testo|tekst(?:i|as)?|szöveg|metin|текст|κείμενο|文字?"
"""The word for a text, which stands as a label before the name of who wrote it."""

OF_NO_TEXT: Final = "фото|foto|zdj|bild|ilustr|иллюстр|перев|překl|tłum"
"""How words begin that say of what else than the text somebody is the author."""

BEFORE_CAPITAL: Final = r"(?-i:(?=\s*+:?\s*+[^\W\d_a-zß-ÿœ]))"
"""Before a name: what follows does not begin with a small letter."""

BY_OF_LANGUAGE: Final = {
    **{code: word for codes, word in BY.items() for code in codes.split(", ")},
    **dict.fromkeys(("gl", "fil", "tl"), r"por|ni"),
    "it": r"a\s+cura\s+di|(?-i:d[ia])|d[ia](?=\s*+(?::|$))",  # with capitals, they begin surnames
    **dict.fromkeys(("nl", "af"), "door|deur"),
    **dict.fromkeys(("da", "no", "nb", "nn", "sv"), "a[fv]"),
    "ro": "de",
    **dict.fromkeys(("bg", "mk", "uk"), "от|од|від"),
    **dict.fromkeys(("cs", "sk", "hr", "sr", "sl", "bs"), "od"),
    "pl": "przez|od",
    "el": "από|του|της",
    "ca": "per",
    "is": "eftir",
    "sq": "nga",
    "cy": "gan",
    "ga": "le",
    "sw": "na",
    **dict.fromkeys(("id", "ms"), "oleh"),
    "tr": "yazan",
    "vi": "bởi",
}
"""The word before an author's name in each language; in others it may mean anything."""

BYLINE_BEFORE_NAME: Final = {
    "en": r"(?:(?:guest\s+post|article|posted|written|published|post|words|story|text|report"
    r"|contributed|authored|recipe|shared)\s+)?by\b",
    "any": r"(?:von|par|por|di|da|door|af|av)\b(?=\s+[A-ZÀ-Þ])",
    "de": r"(?:(?:geschrieben|verfasst|veröffentlicht|gepostet)"
    r"|(?:ein\s+)?(?:beitrag|artikel|text))\s+von\b",
    "fr": r"(?:(?:écrit|publié|rédigé|posté)\s+par"
    rf"|(?:un\s+)?(?:article|billet|texte)\s+(?:de|par){BEFORE_CAPITAL})\b",
    "es, pt, gl": r"(?:(?:escrit|publicad|postad|redactad|redigid)[oa]\s+por"
    rf"|(?:texto|artículo|artigo)\s+(?:de|por){BEFORE_CAPITAL}|por(?=\s*:))\b",
    "ca": r"(?:escrit|publicat|redactat)\s+per\b",
    "it": r"(?:(?:scritto|pubblicato|postato)\s+da|a\s+cura\s+di)\b",
    "nl, af": r"(?:geschreven|geplaatst|geskryf)\s+(?:door|deur)\b",
    "da, no, sv": r"(?:skrevet|publisert|skriven|publicerad|udgivet|oprettet)\s+a[fv]\b",
    "fi, et": r"(?:kirjoittanut|kirjoittaja|kirjutas|kirjutanud)\b",
    "lt, lv": r"(?:parašė|rakstīja)\b",
    "pl": r"(?:napisał[a]?|opublikował[a]?|(?:(?:napisan|opublikowan)[eya]\s+)?przez)\b",
    "cs, sk": r"(?:napsal[a]?|napísal[a]?|zveřejnil[a]?)\b",
    "ro": r"(?:scris|publicat|postat|redactat)[ăe]?\s+de\b",
    "hu": r"írta\b",
    "hr, sr, sl": r"(?:napisa[ol][ao]?|piše|objavi[ol][ao]?)\b",
    "tr": r"yazar\b",
    "el": r"(?:γράφει\s+[ηο]|από\s+(?:τον|την)|από(?=:?\s+[Α-Ω])|γράφτηκε\s+από)\b",
    "ru, uk, bg": r"(?:написал[аи]?|опубликовал[аи]?|написав|написала"
    r"|(?:написано|публикувано)\s+от)\b",
    "sq": r"shkruar\s+nga\b",
    "he": r"(?:מאת|נכתב\s+(?:על[- ]ידי|ע[\"״]י)|פורסם\s+(?:על[- ]ידי|ע[\"״]י))(?:\b|(?=\s))",
    "ar": r"(?:(?:(?:كتبت?|نُ?شرت?)\s+)?بواسطة|بقلم|كتبه?ا?|كتبت|كتبته?ا?(?=\s*+:)|تأليف)\b",
    "fa": r"(?:نوشته[ٔ ]?(?:\s*شده)?(?:\s+توسط)?|توسط|به\s+قلم)\b",
    "hi": r"(?:(?:लेखक|लेखिका)(?=[\s:])|द्वारा)",
    "bn": r"লিখেছেন",
    "id, ms": r"(?:ditulis\s+oleh|diposting\s+oleh)\b",
    "fil": r"isinulat\s+ni\b",
    "vi": r"(?:viết\s+bởi|đăng\s+bởi|bởi)\b",
    "th": r"(?:เขียนโดย|โพสต์โดย|โดย)",
    "ko": r"(?:글쓴이|작성자|글)(?=\s|[:：|])",
    "labels": rf"(?:{AUTHOR_WORDS})(?:(?<!author)(?<!by)\s+(?!{OF_NO_TEXT})[^\W\d_]{{4,12}})?"
    r"\s*[:：՝＝=]"
    rf"|(?:{TEXT_LABELS})\s*[:：＝=]|כתבה?\s*:",
    "ja, zh": r"(?:著者|執筆者?|筆者|投稿者|ライター|作者|撰文|文)\s*[:：/／|]|文・",
}
"""What stands before the author's name at a byline's start."""

BYLINE_BEHIND_NAME: Final = "tarafından|द्वारा|기자|에디터|記者|记者"
"""What stands behind the author's name at a byline's end."""

AFTER_NAME: Final = rf"on|in|at|am|le|el|em|il|op|posted|published|updated|{BYLINE_BEHIND_NAME}"
"""Words that end the author's name on its line."""

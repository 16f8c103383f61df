"""Words of by-lines, and of headings that name a blog."""

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
    r"author|(?:written|posted|published)\s+by|autor(?:ka|in|e|a)?|auteur|autrice|författare|forfatter"
    r"|kirjoittaja|szerző|yazar|συγγραφέας|συντάκτης|автор(?:ка)?|аўтар|avtor|autorius|autors|מחבר|כותב"
    r"|الكاتبة?|المؤلف|كاتب|نویسنده|تحریر|लेखक|লেখক|penulis|tác\s+giả|ผู้เขียน|著者|執筆者?|筆者|投稿者|作者|撰文|글쓴이|작성자"
)
"""The word that stands before an author's name on a label of its own."""

BYLINE_BEFORE_NAME: Final = {
    "en": r"(?:(?:article|posted|written|published|post|words|story|text|report|contributed"
    r"|authored|recipe|shared)\s+)?by\b",
    "any": r"(?:von|par|por|di|da|door|af|av)\b(?=\s+[A-ZÀ-Þ])",
    "de": r"(?:geschrieben|verfasst|veröffentlicht|gepostet)\s+von\b",
    "fr": r"(?:écrit|publié|rédigé|posté)\s+par\b",
    "es, pt": r"(?:escrit[oa]|publicad[oa]|postado)\s+por\b",
    "it": r"(?:scritto|pubblicato|postato)\s+da\b",
    "nl": r"(?:geschreven|geplaatst)\s+door\b",
    "da, no, sv": r"(?:skrevet|publisert|skriven|publicerad|udgivet|oprettet)\s+a[fv]\b",
    "fi": r"(?:kirjoittanut|kirjoittaja)\b",
    "pl": r"(?:napisał[a]?|opublikował[a]?|opublikowane\s+przez|przez)\b",
    "cs, sk": r"(?:napsal[a]?|napísal[a]?|zveřejnil[a]?)\b",
    "ro": r"(?:scris|publicat|postat)\s+de\b",
    "hu": r"írta\b",
    "hr, sr": r"(?:napisa[ol][ao]?|piše|objavi[ol][ao]?)\b",
    "tr": r"(?:yazan|yazar)\b",
    "el": r"(?:γράφει\s+[ηο]|από\s+(?:τον|την)|από(?=\s+[Α-Ω])|γράφτηκε\s+από)\b",
    "ru, uk, bg": r"(?:написал[аи]?|опубликовал[аи]?|написав|написала|публикувано\s+от)\b",
    "he": r"(?:מאת|נכתב\s+(?:על[- ]ידי|ע[\"״]י)|פורסם\s+(?:על[- ]ידי|ע[\"״]י))(?:\b|(?=\s))",
    "ar": r"(?:(?:(?:كتب|نُ?شر)\s+)?بواسطة|بقلم|كتبه?ا?|كتبت|تأليف)\b",
    "fa": r"(?:نوشته[ٔ ]?|به\s+قلم)\b",
    "hi": r"(?:लेखक|लेखिका)(?=[\s:])",
    "id, ms": r"(?:ditulis\s+oleh|diposting\s+oleh|oleh)\b",
    "vi": r"(?:viết\s+bởi|đăng\s+bởi|bởi)\b",
    "th": r"(?:เขียนโดย|โพสต์โดย|โดย)",
    "ko": r"(?:글쓴이|작성자|글)(?=\s|[:：|])",
    "labels": rf"(?:{AUTHOR_WORDS})\s*[:：]",
    "ja, zh": r"(?:著者|執筆者?|筆者|投稿者|ライター|作者|撰文|文)\s*[:：/／|]|文・",
}
"""What stands before the author's name at a byline's start."""

AFTER_NAME: Final = "on|in|at|am|le|el|em|il|op|posted|published|updated|기자|에디터"
"""Words that end the author's name on its line."""

OTHER_CREDITS: Final = {
    "en": r"(?:[\w-]+\s+)?(?:photo(?:graph(?:y|s|ed)|s)?|images?|pictures?|videos?"
    r"|illustrat(?:ions?|ed)|art(?:work)?|edited|reviewed|translated|fact[- ]checked"
    r"|styl(?:ing|ed))\s+by",
    "de": r"(?:fotos?|bilder|übersetzt|überarbeitet|geprüft)\s+von",
    "fr": r"(?:photos?|images?|traduit|relu|illustrations?)\s+(?:par|de)",
    "es, pt": r"(?:fotos?|fotografías?|imágenes|traducid[oa]|revisad[oa])\s+(?:por|de)",
}
"""What stands before the name of somebody who did not write the post."""

NOT_A_NAME: Final = (
    "min(?:ute)?s?|read|comments?|share|blogs?|news|articles?|posts?|posted|updated|views?|tags?"
    "|recipes?|guides?|tips|journal|stories|our|your|the|and|how|back|all|home|shop|products?"
)
"""Words that stand beside a date and in no person's name."""

BY_NO_NAME: Final = (
    "categor(?:y|ies)|price|dates?|brands?|colou?rs?|sizes?|types?|collections?|popularity|default|newest"
    "|room|topics?|month|year|email|phone|mail|appointment|default|us"
)
"""Words that stand behind "by" alone and name nobody."""

AUTHOR_BOX_LABEL: Final = (
    r"(?:about|über|meet)\b.*|authors?|autor(?:e|a|in)?|auteur|share|comments?|leave\b.*|view\b.*"
    r"|read\b.*|all\b.*|more\b.*|tags?|blog|news|\w*posted"
)
"""Lines of an author's element that are not the name."""

BLOG_NAMES: Final = (
    r"(?:(?:the|our|latest|shop|store|company)\s++)?(?:blogs?|news(?:room)?|journal|magazine|articles|stories|insights"
    r"|posts|blog\s+posts|updates|press|learn|resources)"
    r"|(?:(?:unser|der)\s++)?(?:neuigkeiten|aktuelles|magazin|ratgeber|nachrichten|beiträge)"
    r"|(?:(?:le|notre)\s++)?(?:actualités|blogue|articles|nouvelles)|noticias|artículos|notícias|artigos|notizie"
    r"|articoli|nieuws|artikelen|nyheder|nyheter|uutiset|aktualności|novinky|články|hírek|știri|haberler|νέα"
    r"|новости|блог|новини|вести|חדשות|בלוג|أخبار|مدونة|المدونة|ブログ|お知らせ|ニュース|博客|新闻|新聞|블로그|뉴스|tin\s+tức"
)
"""Headings that name the blog and no post."""

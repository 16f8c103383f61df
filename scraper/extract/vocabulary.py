"""The words that themes and authors use, in the languages that stores most often speak.

Each constant is a piece of a regular expression, to be compiled without regard to case; `any_of`
joins a table that is keyed by language (ISO 639-1). To add a language, add its line to each table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scraper.items import LinkKind


def any_of(words: Mapping[str, str]) -> str:
    """Join the words of all languages to one alternation."""
    return "|".join(words.values())


# --- Months -------------------------------------------------------------------------------------

_MONTH_NAMES: Final = (
    "january jan januar january janvier enero janeiro gennaio januari ene",
    "february feb februar février fevrier febrero fevereiro febbraio februari fév",
    "march mar märz maerz mrz mars marzo março marco maart mär",
    "april apr avril abril aprile avr abr",
    "may mai mayo maio maggio mei mag",
    "june jun juni juin junio junho giugno giu",
    "july jul juli juillet julio julho luglio lug juil",
    "august aug août aout agosto augustus ago",
    "september sep sept septembre septiembre setembro settembre set",
    "october oct oktober octobre octubre outubro ottobre okt out ott",
    "november nov novembre noviembre novembro",
    "december dec dezember décembre decembre diciembre dezembro dicembre dez dic déc",
)
MONTHS: Final = {
    name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()
}
"""The number of each month's names, lower case."""

SHORT_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DATE_LINKS: Final = r"de(?:l|n)?\b|of\b|d[’']|พ\.ศ\.|ค\.ศ\."
"""Words between the parts of a date."""

ERAS: Final = {"令和": 2019, "平成": 1989, "昭和": 1926, "民國": 1912, "民国": 1912}
"""The first year of eras that dates of East Asia count from."""

WEEKDAYS: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"

# --- Bylines and dates of publication -------------------------------------------------------------

BY: Final = {"en": "by", "de": "von", "fr": "par", "es, pt": "por"}
BY_OR_OF: Final = {
    **BY,
    "it": "di|da",
    "nl": "door",
}
AUTHOR_LABELS: Final = {"en": "author", "de, es, pt": "autor", "fr, nl": "auteur"}

BYLINE_BEFORE_NAME: Final = {
    "en": r"(?:(?:article|posted|written|published|post|words)\s+)?by\b",
    "any": r"(?:von|par|por|di|da|door|af|av)\b(?=\s+[A-ZÀ-Þ])",
    "de": r"(?:geschrieben|verfasst|veröffentlicht|gepostet)\s+von\b",
    "fr": r"(?:écrit|publié|rédigé|posté)\s+par\b",
    "es, pt": r"(?:escrit[oa]|publicad[oa]|postado)\s+por\b",
    "it": r"(?:scritto|pubblicato|postato)\s+da\b",
    "nl": r"(?:geschreven|geplaatst)\s+door\b",
    "da, no": r"(?:skrevet|publisert)\s+a[fv]\b",
    "labels": r"(?:author|autor|auteur|autore|autora)\s*:",
}
"""What stands before the author's name at a byline's start."""

AFTER_NAME: Final = "on|in|at|am|le|el|em|il|op|posted|published|updated"
"""Words that end the author's name on its line."""

PUBLISHED: Final = {
    "en": r"(?:last\s+)?updated|posted|written|published|post",
    "de": "veröffentlicht|gepostet|geposted|geschrieben",
    "fr": "publié|écrit",
    "es": "publicado|escrito",
    "it": "pubblicato|scritto",
    "nl": "geplaatst|geschreven",
}
"""What stands before a date among a post's metadata."""

PUBLISHED_AT_START: Final = {
    "en": r"(?:first\s+|originally\s+)?(?:posted|published)",
    "de": "publiziert|veröffentlicht|gepostet|erschienen",
    "fr": "publiée?|postée?",
    "es, pt": "publicad[oa]|postad[oa]",
    "it": "pubblicat[oa]",
    "nl": "geplaatst|gepubliceerd",
    "da, no, sv": "udgivet|publisere?t|publicerad|publicerat|lagt ut",
    "fi": "julkaistu",
    "pl": "opublikowan[oya]|dodano",
    "cs, sk": "publikov[aá]n[oéyá]|zveřejněno|zverejnené|vydáno",
    "hu": "közzétéve|megjelent|publikálva",
    "ro": "publicat(?:ă)?|postat",
    "hr, sr, sl": "objavljen[oa]",
    "lt, lv, et": "paskelbta|publicēts|avaldatud",
    "tr": r"yayınlan\w*|yayımlan\w*|yayın tarihi",
    "el": r"δημοσιεύ\w*|δημοσίευση",
    "ru": "опубликован[оаы]?|дата публикации",
    "uk": "опубліковано|дата публікації",
    "bg, mk": "публикуван[ао]?|објавено",
    "he": r"פורסם(?:\s+ב-?)?",
    "ar, fa": r"نُ?شر(?:ت)?(?:\s+في)?|تاريخ النشر|منتشر شده(?:\s+در)?",
    "ja": "投稿日|公開日?|掲載日",
    "zh": "发布(?:于|时间|日期)?|發佈(?:於|時間|日期)?|发表于|發表於",
    "ko": "게시(?:일|됨)?|작성일|등록일",
    "vi": r"đăng(?:\s+(?:ngày|lúc|vào))?|ngày đăng",
    "id, ms": "diterbitkan|dipublikasikan|diposting",
    "th": "เผยแพร่(?:เมื่อ)?|โพสต์เมื่อ",
    "hi": "प्रकाशित",
}
"""What a line begins with that dates the post, and nothing else."""

FIRST_PUBLISHED: Final = {
    **PUBLISHED_AT_START,
    "en": "posted|published|written|created",
    "de": "publiziert|veröffentlicht|gepostet|geschrieben|erstellt|erschienen",
}
"""What stands before the date of publication, on a line that may hold other dates."""

UPDATED: Final = {
    "en": "updated|modified|edited|revised|reviewed",
    "de": "aktualisiert|geändert|bearbeitet|überarbeitet",
    "fr": r"mise?\s+à\s+jour|modifiée?|actualisée?",
    "es, pt": "actualizad[oa]|atualizad[oa]|modificad[oa]|editad[oa]",
    "it": "aggiornat[oa]|modificat[oa]",
    "nl": "bijgewerkt|gewijzigd",
    "da, no, sv": "opdateret|oppdatert|uppdaterad|endret|ändrad",
    "fi": "päivitetty|muokattu",
    "pl": "aktualiz|zmodyfikowan",
    "cs, sk": "aktualizov|upraven",
    "hu": "frissít|módosít",
    "ro": "actualizat|modificat",
    "hr, sr, sl": "ažuriran|posodobljen|azuriran",
    "tr": "güncellen|güncelleme",
    "el": "ενημερώ|ενημέρωση",
    "ru, bg": "обновл|обновен|изменен|изменён",
    "uk": "оновлен",
    "he": "עודכן|עדכון",
    "ar, fa": "تحديث|عُدّل|به‌روز",
    "ja, zh": "更新|修改",
    "ko": "수정|업데이트|갱신",
    "vi": r"cập\s+nhật",
    "id, ms": "diperbarui|dikemas kini|diedit",
    "th": "อัปเดต|แก้ไข",
    "hi": "अपडेट|संशोधित",
}
"""What stands before the date of the last change."""

DATE_LABELS: Final = {"en, fr": "date", "de, nl": "datum", "es": "fecha", "it, pt": "data"}
ON: Final = "on|am|le|el|em|il|op"
READING_TIME: Final = r"(?:of\s+)?read(?:ing)?(?:\s+time)?|lesezeit|de\s+lect(?:ure|ura)|leestijd"
PREPOSITIONS: Final = "on|in|am|le|el|em|at|um|à"

NOT_A_NAME: Final = (
    "min(?:ute)?s?|read|comments?|share|blogs?|news|articles?|posts?|posted|updated|views?|tags?"
    "|recipes?|guides?|tips|journal|stories|our|your|the|and|how|back|all|home|shop|products?"
)
"""Words that stand beside a date and in no person's name."""

AUTHOR_BOX_LABEL: Final = (
    r"(?:about|über|meet)\b.*|authors?|autor(?:e|a|in)?|auteur|share|comments?|leave\b.*|view\b.*"
    r"|read\b.*|all\b.*|more\b.*|tags?|blog|news|\w*posted"
)
"""Lines of an author's element that are not the name."""

# --- Comments -------------------------------------------------------------------------------------

COMMENTS: Final = {
    "en": "comments?",
    "fr": "commentaires?",
    "de": "kommentare?",
    "es": "comentarios?",
    "pt": "comentários?",
    "it": "commenti",
    "nl": "reacties",
}
COMMENT_COUNTS: Final = {
    **COMMENTS,
    "en": "comments?|responses?",
    "it": "commenti|commento",
    "nl": "reacties?",
}
LEAVE_A_COMMENT: Final = {
    "en": r"(?:leave|post|write|add)\s+(?:(?:a|your)\s*)?(?:comment|reply)\W*",
    "fr": r"laisse[rz]\s+un\s+commentaire\W*",
    "de": r"(?:hinterlasse|schreibe?n?)\b.{0,12}\bkommentar\W*",
    "es": r"deja\s+un\s+comentario\W*",
    "pt": r"deix[ea]\s+um\s+comentário\W*",
    "it": r"lascia\s+un\s+commento\W*",
    "nl": r"(?:laat|plaats)\s+een\s+reactie.{0,12}",
}

# --- Tags -----------------------------------------------------------------------------------------

TAG_LABELS: Final = {
    "en": r"tags?|tagged(?: with)?|posted in|filed under|categor(?:y|ies)",
    "de": "schlagw(?:ort|örter)|kategorien?",
    "fr": "étiquettes?|classé sous|catégories?|mots[- ]clés",
    "es": "etiquetas?|categorías?|publicado en|archivado en",
    "nl": "categorie|geplaatst in|tag",
}

# --- Older and newer posts ------------------------------------------------------------------------

ARROWS: Final = r"[\s←→‹›«»<>|↑↓⟵⟶:–—·-]*+"
_POST: Final = (
    r"(?:\s+(?:blog\s+)?(?:posts?|articles?|entry|entries|story|stories|blogs?|artikel|beitrag"
    r"|beiträge|eintrag|berichte?n?|artikelen))?"
)
_FR: Final = r"(?:(?:article|billet|post|publication)s?\s+)?"
_ES: Final = r"(?:(?:artículo|articulo|entrada|publicación|post)s?\s+)?"
_PT: Final = r"(?:(?:artigo|post|postagem|postagens)s?\s+)?"
_IT: Final = r"(?:(?:articol[oi]|post)\s+)?"

# Only "older" and "newer" name the direction: "previous" means newer in some themes and older in
# others (seen in the sources of both).
PAGERS: Final[dict[LinkKind, dict[str, str]]] = {
    "older": {
        "en": rf"older{_POST}",
        "de": rf"(?:zum\s+)?ältere[nrs]?{_POST}",
        "fr": rf"{_FR}plus\s+ancien(?:ne)?s?",
        "es": rf"{_ES}(?:más\s+)?antigu[oa]s?",
        "pt": rf"{_PT}mais\s+antig[oa]s?",
        "it": rf"{_IT}(?:più\s+vecchi[oa]?|meno\s+recent[ei])",
        "nl": rf"oudere?{_POST}",
    },
    "newer": {
        "en": rf"newer{_POST}",
        "de": rf"(?:zum\s+)?neuere[nrs]?{_POST}",
        "fr": rf"{_FR}plus\s+récent(?:e)?s?",
        "es": rf"{_ES}más\s+(?:reciente|nuev[oa])s?",
        "pt": rf"{_PT}mais\s+(?:recente|nov[oa])s?",
        "it": rf"{_IT}più\s+recent[ei]",
        "nl": rf"nieuwere?{_POST}",
    },
    "previous": {
        "en": rf"prev(?:ious)?{_POST}",
        "de, nl": rf"(?:vorherige|vorige)[nrs]?{_POST}",
        "fr": rf"{_FR}précédente?",
        "es": rf"{_ES}anterior",
        "pt": rf"{_PT}anterior",
        "it": rf"{_IT}precedente",
    },
    "next": {
        "en": rf"next{_POST}",
        "de, nl": rf"(?:nächste[nrs]?|volgende){_POST}",
        "fr": rf"{_FR}suivante?",
        "es": rf"{_ES}siguiente|próximo(?:\s+(?:artigo|post))?",
        "pt": rf"{_PT}seguinte",
        "it": rf"{_IT}successivo",
    },
}

# --- Related posts --------------------------------------------------------------------------------

_POSTS: Final = (
    r"(?:articles?|posts?|blogs?|blog\s+posts?|reads?|reading|stories|guides?|topics|links"
    r"|artikel|beiträge|articulos|artículos|entradas|artigos|articoli|berichten)"
)
RELATED_HEADINGS: Final = {
    "en": r"(?:related|recommended|further|similar|suggested|other)"
    rf"\s+(?:[\w&'’,/-]+\s+){{0,6}}?{_POSTS}"
    r"|more\s+(?:[\w&'’,/-]+\s+){0,4}?(?:articles|posts|reads|stories|guides)"
    r"|you\s+(?:may|might)\s+also\s+(?:like|enjoy|be\s+interested\s+in)"
    r"|read\s+(?:next|also|more)|also\s+read|keep\s+reading|related",
    "de": r"(?:ähnliche|verwandte|weitere|passende)\s+(?:[\w-]+\s+){0,3}?(?:artikel|beiträge)",
    "fr": r"articles?\s+(?:liés|similaires|connexes|associés)(?:\s+[\w'’-]+){0,4}",
    "es": r"(?:artículos|entradas)\s+(?:relacionad[oa]s|similares)(?:\s+[\w'’-]+){0,4}",
    "pt": r"artigos\s+relacionados(?:\s+[\w'’-]+){0,4}",
    "it": r"articoli\s+(?:correlati|simili)(?:\s+[\w'’-]+){0,4}",
    "nl": r"gerelateerde\s+(?:[\w-]+\s+){0,3}?(?:artikelen|berichten|blogs)",
}
"""The heading of a list of related posts that an author typed."""

RELATED_FIRST_WORDS: Final = {
    "en": r"related|recommended|further|similar|suggested|other|more|you\s(?:may|might)"
    r"|read\s(?:next|also|more)|also\sread|keep\sreading",
    "de": "ähnliche|verwandte|weitere|passende",
    "fr": r"articles?\s",
    "es": "artículos|entradas",
    "pt": "artigos",
    "it": "articoli",
    "nl": "gerelateerde",
}
"""How each of `RELATED_HEADINGS` begins."""

CARD_HEADINGS: Final = (
    r"also\s+(?:in|on)\b.{0,40}"
    r"|(?:related|recent|latest|other|more|similar)\s+(?:blog\s+)?"
    r"(?:posts?|articles?|stories|reads?|reading|news)"
    r"|more\s+(?:from|in)\b.{0,40}|you\s+(?:may|might)\s+also\s+(?:like|enjoy)"
    r"|(?:continue|keep|further|read)\s+(?:on\s+)?(?:reading|more)|read\s+next"
    r"|what\s+to\s+read\s+next"
)
"""The heading of cards of other posts that a theme prints after the body."""

READ_MORE: Final = (
    r"(?:read|learn|see|view|continue)\b.{0,20}"
    r"|(?:more|mehr|weiterlesen|lire la suite|leer más|leia mais|leggi)\b.{0,15}"
)
"""Anchor texts that say nothing of the post they lead to."""

# --- Plain text dumps -----------------------------------------------------------------------------

DUMP_TAIL: Final = (
    r"related (?:posts?|articles?|blogs?)|you (?:may|might) also like|recent (?:posts?|articles?)"
    r"|leave a (?:comment|reply)|\d+ comments?|comments?|share(?: this(?: post| article)?)?"
    r"|(?:share|tweet|pin)(?: it)?(?: on \w+)?|back to (?:\w+ ){0,3}\w+|tags?:.*|newsletter"
    r"|subscribe.*|read more|continue reading"
)
"""Lines that themes print after a body; each is a complete line."""

# --- Discount codes -------------------------------------------------------------------------------

CODE_PHRASES: Final = {
    "en, de": r"(?:discount|promo(?:tion(?:al)?)?|coupon|voucher|checkout|offer|gift|rabatt"
    r"|gutschein)[\s-]*(?:code|kode)|gutscheincode|rabattcode",
    "fr": r"code\s+promo",
    "es": r"código(?:\s+de\s+descuento|\s+promocional)?",
    "pt": "cupom",
    "nl": "kortingscode",
    "it": r"codice(?:\s+sconto)?",
    "en": r"(?:use|enter|apply|with|using|quote|type|add|claim|redeem)"
    r"\s+(?:the\s+|our\s+|my\s+|this\s+|your\s+)?(?:[\w%-]+\s+){0,2}?(?:code|coupon|voucher)",
    "with": r"(?:mit|avec|con|com|met)\s+(?:dem\s+|le\s+|el\s+|o\s+|il\s+|de\s+)?code",
    "bare": r"the\s+code|code",
}
"""What stands right before a discount code."""

CODE_WORDS: Final = ("code", "coupon", "voucher", "kode", "código", "cupom", "codice")
"""One of these stands in each of `CODE_PHRASES`."""

TILL_WORDS: Final = ("check", "till", "basket", "cart")
GIVING_VERBS: Final = ("get", "give", "take", "knock", "save", "post", "bring", "ship")
OTHER_CODES: Final = (
    "post(?:al)?|zip|error|dress|qr|bar|html|css|source|country|dial(?:ling)?|area|colou?r|batch"
    "|product|item|tax|hs|hex|access|door|building|penal|civil|iso|http|status|morse|sort|swift"
    "|genetic"
)
"""What stands before "code" where no discount is meant."""

PERCENT: Final = r"%|per\s?cent\b|percent\b|prozent\b"
PERCENT_SIGNS: Final = ("%", "cent", "prozent")
CURRENCIES: Final = {
    "£": "GBP",
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "gbp": "GBP",
    "usd": "USD",
    "cad": "CAD",
    "aud": "AUD",
}
MONEY_SIGNS: Final = ("£", "$", "€", "eur", "gbp", "usd", "cad", "aud")
FREE_SHIPPING: Final = {
    "en": r"free\s+(?:\w+\s+)?(?:shipping|delivery|postage)",
    "de": r"versandkostenfrei|gratis\s*versand",
    "fr": r"livraison\s+(?:gratuite|offerte)",
    "es": r"envío\s+gratis",
    "pt": r"frete\s+grátis",
}
SHIPPING_WORDS: Final = ("free", "versand", "livraison", "env", "frete")
"""One of these stands in each of `FREE_SHIPPING`."""

SAVING: Final = {
    "en": "off|discount|saves?|saving",
    "de": "rabatt|sparen",
    "fr": "reduction|remise",
    "es": "descuento",
    "pt": "desconto",
    "it": "sconto",
    "nl": "korting",
    "more": "cheaper|towards?|worth|claim",
}
CONDITIONS: Final = r"over|above|spend|orders? of|minimum|ab|from|under"
"""What stands before a sum that one has to spend."""

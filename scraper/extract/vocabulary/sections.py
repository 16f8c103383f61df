"""Words of what stands around a body: comments, tags, pagers, related posts, plain text dumps."""

from __future__ import annotations

from typing import Final

from scraper.items import LinkKind

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

# --- The table of contents ------------------------------------------------------------------------

CONTENTS_HEADINGS: Final = {
    "en": r"(?:table\s+of\s+)?contents|(?:in|on)\s+this\s+(?:article|post|guide|page)|jump\s+to",
    "de": r"inhalt(?:sverzeichnis|sübersicht)?|in\s+diesem\s+(?:artikel|beitrag)",
    "fr": r"sommaire|table\s+des\s+matières",
    "es, pt": r"(?:tabla\s+de\s+)?contenidos?|índice|sumário|conteúdo",
    "it": "indice|sommario",
    "nl, da, no, sv": "inhoud(?:sopgave)?|indhold|innhold|innehåll",
    "pl, cs": r"spis\s+treści|obsah",
    "ja, zh": "目次|目录|目錄",
}
"""The heading of a list of what a page contains."""

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

SHARE_HEADINGS: Final = (
    r"share(?:\s+(?:this|on|it|the\s+love|article|post).{0,30})?|teilen|partager|compartir"
    r"|compartilhar|condividi"
    r"|delen|dela|del"
)
"""The heading of a row of links to share the page."""

BACK_LINKS: Final = {
    "en": r"(?:go\s+)?(?:back|return)(?:\s+to\b.{0,40})?|all\s+(?:posts|articles)",
    "de": r"zurück(?:\s+zu[rm]?\b.{0,40})?|zur\s+übersicht",
    "fr": r"retour(?:\s+(?:à|au|aux)\b.{0,40})?|revenir\s+(?:à|au|aux)\b.{0,40}",
    "es": r"volver(?:\s+(?:al?|atrás)\b.{0,40})?",
    "pt": r"voltar(?:\s+(?:para|ao?)\b.{0,40})?",
    "it": r"(?:torna|indietro)(?:\s+(?:al?|alla|ai)\b.{0,40})?",
    "nl": r"terug(?:\s+naar\b.{0,40})?",
    "da, no, sv": r"(?:tilbage|tilbake|tillbaka)(?:\s+till?\b.{0,40})?",
    "pl, cs, sk": r"wróć(?:\s+do\b.{0,40})?|zpět(?:\s+na\b.{0,40})?|späť(?:\s+na\b.{0,40})?",
    "ru, uk": r"назад(?:\s+к\b.{0,40})?|вернуться(?:\s+к\b.{0,40})?",
    "ja, zh, ko": "一覧(?:へ|に)戻る|戻る|返回.{0,20}|목록으로",
}
"""A link that leads back to the list of posts."""

EXPANDERS: Final = {
    "en": r"(?:(?:read|see|show|view)\s+)?(?:more|less)|continue\s+reading"
    r"|(?:expand|collapse)(?:\s+all)?",
    "de": r"weiterlesen|mehr(?:\s+(?:lesen|anzeigen))?|weniger(?:\s+anzeigen)?",
    "fr": r"(?:lire|voir|afficher)\s+(?:la\s+suite|plus|moins)",
    "es, pt": r"(?:leer|ver|leia|ler|mostrar)\s+(?:más|menos|mais)",
    "it": r"(?:leggi|mostra)\s+(?:di\s+più|tutto|altro|meno)",
    "nl": r"(?:lees|toon)\s+(?:meer|verder|minder)",
    "da, no, sv": r"(?:læs|les|läs|vis|visa)\s+(?:mere?|mindre)",
    "pl, cs": r"(?:czytaj|pokaż)\s+(?:więcej|dalej|mniej)|rozwiń|zwiń|číst\s+(?:dál|více)",
    "ru, uk": r"(?:читать\s+)?(?:далее|дальше|полностью)|показать\s+ещё|читати\s+далі",
    "tr": r"devamını\s+(?:oku|gör)|daha\s+(?:fazla|az)",
    "ja, zh, ko": r"続きを(?:読む|見る)|もっと見る|(?:阅读|閱讀|查看)(?:更多|全文)"
    r"|[展收][开開起](?:全文)?|더\s*보기",
}
"""What shows the rest of a text, or hides it again."""

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

CARD_HEADINGS: Final = {
    "en": r"also\s+(?:in|on)\b.{0,40}"
    r"|(?:related|recent|latest|other|more|similar)\s+(?:blog\s+)?"
    r"(?:posts?|articles?|stories|reads?|reading|news|topics?|resources?|content|links|pages?)"
    r"|explore\s+more|read\s+this\s+next"
    r"|recommended(?:\s+(?:for\s+you|reading|posts|articles|stories))?"
    r"|more\s+(?:from|in)\b.{0,40}|you\s+(?:may|might)\s+also\s+(?:like|enjoy)"
    r"|(?:continue|keep|further|read)\s+(?:on\s+)?(?:reading|more)|read\s+next"
    r"|what\s+to\s+read\s+next|(?:up\s+)?next(?:\s+(?:up|article|post|story))?",
    "de": r"das\s+könnte\s+(?:dich|euch|sie|dir|ihnen)\s+auch\s+(?:interessieren|gefallen)"
    r"|lies\s+auch|mehr\s+zum\s+thema|(?:neueste|aktuelle)\s+(?:artikel|beiträge)",
    "fr": r"(?:à\s+)?lire\s+aussi|(?:vous|tu)\s+(?:aimerez|aimeras)\s+aussi",
    "es": r"(?:también\s+)?(?:te|le)\s+(?:puede|podría)\s+(?:interesar|gustar)|lee\s+también",
    "pt": r"(?:leia|veja)\s+também|(?:você\s+)?também\s+pode\s+gostar",
    "it": r"leggi\s+anche|potrebbe\s+(?:interessarti|piacerti)\s+anche",
    "nl": r"lees\s+ook|misschien\s+ook\s+interessant",
    "da, no, sv, fi": r"(?:læs|les|läs)\s+(?:også|även|också|mere|mer)|lue\s+myös"
    r"|relater(?:ede|te|ade)\s+(?:artikler|indlæg|innlegg|artiklar|inlägg)",
    "pl, cs": r"(?:zobacz|przeczytaj|czytaj)\s+(?:też|także|również)"
    r"|(?:podobne|powiązane)\s+(?:wpisy|artykuły)|přečtěte\s+si\s+také|související\s+články",
    "ru, uk": r"читайте\s+(?:также|також)|(?:похожие|схожі)\s+(?:статьи|записи|статті)",
    "tr": r"ilgili\s+(?:yazılar|makaleler)|bunlar\s+da\s+ilginizi\s+çekebilir",
    "ja": r"関連(?:記事|する記事)|こちらの記事も.{0,12}",
    "zh, ko": r"相[关關](?:文章|阅读|閱讀)|관련\s*(?:글|기사)",
    "ar, he": r"(?:مقالات|مواضيع)\s+(?:ذات\s+صلة|مشابهة)|(?:כתבות|מאמרים)\s+(?:קשורים|נוספים)",
}
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

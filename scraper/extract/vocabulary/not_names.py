"""Words where a name may stand that name nobody, and headings that name a blog."""

from __future__ import annotations

from typing import Final

OFFICES: Final = (
    r"(?:super[ -]?)?adm[ií]n(?:is[zt]+r\w{3,8})?|web-?master|owner|author|editor|user"
    r"|shopify(?:\s+api)?|beheerder|správce|správca|ylläpitäjä|yönetici|администратор\w?|админ"
    r"|администрация|المشرف|المدير|מנהל"
    r"|管理者|管理员|管理員|관리자|운영자|quản\s+trị\s+viên|ผู้ดูแลระบบ"
)
"""What a system calls whoever wrote without a name."""

OFFICE_PREFIXES: Final = "(?:the|l['’]|our|shop|web-?site|site|blog|web|system|wordpress|wp)"
"""What may stand before such a word and makes no name of it."""

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
    "categor(?:y|ies)|price|dates?|brands?|colou?rs?|sizes?|types?|collections?|popularity|default"
    "|newest"
    "|room|topics?|month|year|email|phone|mail|appointment|default|us|manufacturers?"
    r"|.*\ball\s+rights\b.*|(?-i:[a-z]{2,20}ing(?:\s.*)?)"
)
"""Words that stand behind "by" alone and name nobody."""

AUTHOR_BOX_LABEL: Final = (
    r"(?:about|über|meet)\b.*|authors?|autor(?:e|a|in)?|auteur|share|comments?|leave\b.*|view\b.*"
    r"|read\b.*|see\s+(?:all|more|other|posts?)\b.*|all\b.*|more\b.*|tags?|tweet|blog|news"
    r"|\w*posted"
    r"|authors?\s+(?:spotlight|bio(?:graphy)?|profile|info)|a\s+post\s+by"
)
"""Lines of an author's element that are not the name."""

ABOUT_AUTHOR: Final = {
    "en": r"(?:about|meet)\s+(?:the|our)\s+(?:author|writer)s?",
    "de": r"über\s+(?:den\s+autor|die\s+autorin)",
    "fr": r"(?:à\s+propos\s+(?:de\s+l['’]|d['’]une?\s+)auteure?|l['’]auteure?)",
    "es, pt, gl": r"(?:sobre|acerca\s+del?)\s+(?:el\s+|la\s+|[oa]\s+)?autora?",
    "it": r"(?:sull['’]|l['’])autor(?:e|ice)",
    "nl": r"over\s+de\s+auteur",
    "da, no, sv": r"om\s+(?:forfatteren|författaren)",
    "pl, cs": r"o\s+autor(?:ze|ce|ovi)",
    "ru, uk": r"об\s+авторе|про\s+автора",
    "ja, zh, ko": "著者について|この記事を書いた人|关于作者|關於作者|글쓴이 소개",
}
"""The heading of a box about the author."""

BLOG_NAMES: Final = (
    r"(?:(?:the|our|latest|shop|store|company)\s++)?(?:blogs?|news(?:room)?|journal|magazine"
    r"|articles|stories|insights"
    r"|posts|blog\s+posts|updates|press|learn|resources)"
    r"|(?:(?:unser|der)\s++)?(?:neuigkeiten|aktuelles|magazin|ratgeber|nachrichten|beiträge)"
    r"|(?:(?:le|notre)\s++)?(?:actualités|blogue|articles|nouvelles)|noticias|artículos|notícias"
    r"|artigos|notizie"
    r"|articoli|nieuws|artikelen|nyheder|nyheter|uutiset|aktualności|novinky|články|hírek|știri"
    r"|haberler|νέα"
    r"|новости|блог|новини|вести|חדשות|בלוג|أخبار|مدونة|المدونة|ブログ|お知らせ|ニュース|博客|新闻|新聞|블로그|뉴스"
    r"|tin\s+tức"
)
"""Headings that name the blog and no post."""

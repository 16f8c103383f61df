"""Words that stand before a date."""

from __future__ import annotations

from typing import Final

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

"""By-lines in the languages of stores: the words, without a page around them."""

from __future__ import annotations

from scraper.extract.fields.bylines import name_in_byline
from tests.each_row import each_row

Q = "Nora Quist"
C = "Нора Куист"
BYLINES = (
    *(("bg", f"{word} {C}", C) for word in ("Автор:", "От", "от", "Написано от", "Публикувано от")),
    ("bg", f"Публикувано от {C} на 4 март 2026", C),
    *(("ro", f"{word} {Q}", Q) for word in ("De", "de", "Scris de", "Autoare:", "Publicat de")),
    ("ro", f"Publicat de {Q} pe 4 martie 2026", Q),
    ("he", "כתבה: נורה קוויסט", "נורה קוויסט"),
    ("ar", "نشرت بواسطة نورا كويست", "نورا كويست"),
    ("fa", "نوشته شده توسط نورا کوئیست", "نورا کوئیست"),
    ("ur", "مصنف: نورا کوئسٹ", "نورا کوئسٹ"),
    ("hi", "नोरा क्विस्ट द्वारा", "नोरा क्विस्ट"),
    ("bn", "লিখেছেন নোরা কুইস্ট", "নোরা কুইস্ট"),
    ("ja", "文＝山田太郎", "山田太郎"),
    ("ja", "この記事を書いた人：山田太郎", "山田太郎"),
    ("ja", "執筆者 山田太郎", "山田太郎"),
    ("zh", "作者 王小明", "王小明"),
    ("ko", "김민수 기자", "김민수"),
    *(("ru", f"{word} {C}", C) for word in ("Автор статьи:", "Текст:", "Автор")),
    *(("uk", f"{word} {C}", C) for word in ("Від", "Авторка —")),
    ("mk", f"од {C}", C),
    ("el", "Από: Νόρα Κουίστ", "Νόρα Κουίστ"),
    ("ka", "ავტორი: ნორა ქვისტი", "ნორა ქვისტი"),
    ("hy", "Հեղինակ՝ Նորա Քվիստ", "Նորա Քվիստ"),
    *(("hr", f"{word} {Q}", Q) for word in ("Autorica:", "Napisala:", "Piše")),
    *(("pl", f"{word} {Q}", Q) for word in ("Tekst:", "Napisane przez", "Przez")),
    *(("fil", f"{word} {Q}", Q) for word in ("Ni", "Isinulat ni")),
    *(("ca", f"{word} {Q}", Q) for word in ("Per", "Escrit per")),
    *(("af", f"{word} {Q}", Q) for word in ("Deur", "Geskryf deur")),
    *(("sq", f"{word} {Q}", Q) for word in ("Nga", "Shkruar nga")),
    *(("lt", f"{word} {Q}", Q) for word in ("Autorė:", "Parašė")),
    *(("is", f"{word} {Q}", Q) for word in ("Eftir", "Höfundur:")),
    *((code, f"{word} {Q}", Q) for code, word in (("cy", "Gan"), ("ga", "Le"), ("sw", "Na"))),
    *((code, f"{word}: {Q}", Q) for code, word in (("de", "Text"), ("sv", "Text"), ("es", "Por"))),
    *((code, f"{word} {Q}", Q) for code, word in (("fr", "Un article de"), ("it", "A cura di"))),
    ("cs", f"Autor článku: {Q}", Q),
    ("et", f"Kirjutas {Q}", Q),
    ("tr", f"{Q} tarafından", Q),
    ("tr", f"Yazan {Q}", Q),
    ("tr", f"Yazan: {Q}", Q),
    ("id", f"Oleh {Q}", Q),
    ("fr", f"Un article de : {Q}", Q),
    ("es", f"Artículo de {Q}", Q),
    ("hi", "लेखक: नोरा क्विस्ट द्वारा प्रकाशित", "नोरा क्विस्ट"),
    ("en", "By Nora Quist, PharmD, BCPS", "Nora Quist, PharmD, BCPS"),
    ("en", "By Nora Quist, R.D.N., C.D.N. | May 4", "Nora Quist, R.D.N., C.D.N."),
    ("en", "By Nora Quist, BSc (Hons), NASM-CPT", "Nora Quist, BSc (Hons), NASM-CPT"),
    ("en", "By Nora Quist, NYC", Q),
    ("en", f"Guest post by {Q}", Q),
    ("en", f"Words by {Q} & photos by Ole Berg", Q),
)
NONE = (
    ("en", "De Nora Quist"),
    ("fr", "Le Creuset"),
    ("ga", "Le tae agus arán"),
    ("ro", "De la grădină"),
    ("sw", "Na kahawa"),
    ("en", "Author biography"),
    ("de", "Autor werden"),
    *(("ru", f"Автор {word}: {C}") for word in ("фото", "фотографий", "иллюстраций", "перевода")),
    *(("pl", f"Autor {word}: {Q}") for word in ("zdjęć", "ilustracji", "tłumaczenia")),
    *((code, f"Autor {word}: {Q}") for code, word in (("es", "foto"), ("cs", "překladu"))),
    *(("fr", line) for line in ("Article de blog", "Texte de loi", "Article de œuvre")),
    *(("es", line) for line in ("Artículo de opinión", "Texto de apoyo", "Artigo de fundo")),
)


@each_row(("language", "line", "name"), BYLINES)
def test_names_in_bylines_of_many_languages(language, line, name):
    assert name_in_byline(line, language) == name


@each_row(("language", "line"), NONE)
def test_what_only_begins_as_a_byline(language, line):
    assert name_in_byline(line, language) == ""

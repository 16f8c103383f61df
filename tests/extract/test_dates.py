from __future__ import annotations

from scraper.extract.fields.dates import (
    NO_DATE,
    ParsedDate,
    parse_machine_date,
    parse_written_date,
    plausible,
)
from scraper.extract.fields.written_dates import is_bare_date
from tests.each_row import each_row


@each_row(
    ("raw", "value", "precision"),
    [
        ("2026-05-04T10:00:00Z", "2026-05-04T10:00:00Z", "zulu"),
        ("2026-05-04 10:00:00 -0500", "2026-05-04T15:00:00Z", "offset"),
        ("2026-05-04T10:00:00.123+05:30", "2026-05-04T04:30:00Z", "offset"),
        ("2026-05-04T10:00:00", "2026-05-04T08:00:00Z", "local"),
        ("2026-05-04", "2026-05-04", "date"),
        ("May 4, 2026", "2026-05-04", "date"),
        ("Mon, 04 May 2026 10:00:00 +0200", "2026-05-04T08:00:00Z", "offset"),
        ("04 May 2026 10:00:00 GMT", "2026-05-04T10:00:00Z", "zulu"),
        ("Mon May 04 2026 10:00:00 GMT+0200 (CEST)", "2026-05-04T08:00:00Z", "offset"),
        ("20260504T100000Z", "2026-05-04T10:00:00Z", "zulu"),
        ("2026-05-04T10:00+02", "2026-05-04T08:00:00Z", "offset"),
        ("Mon, 04 May 2026 05:00:00 EST", "2026-05-04T10:00:00Z", "offset"),
        ("Mon May  4 12:00:00 CEST 2026", "2026-05-04T10:00:00Z", "offset"),
        ("Mon, 04 May 2026 10:00:00 XYZ", "2026-05-04T08:00:00Z", "local"),
        ("Mon, 4 May 2026 11:00:00 +01:00", "2026-05-04T10:00:00Z", "offset"),
        ("May 4, 2026 12:00:00 +0200", "2026-05-04T10:00:00Z", "offset"),
        ("2026-05-04 12:00:00 +0200 CEST", "2026-05-04T10:00:00Z", "offset"),
        ("2026-05-04 10:00:00 UTCZ", "2026-05-04T10:00:00Z", "offset"),
        ("2026-05-04 10:00:00 CST", "2026-05-04", "date"),
        ("2026-05-04 10:00 Uhr", "2026-05-04", "date"),
        ("2026-05-04 10:00:00 UTC", "2026-05-04T10:00:00Z", "offset"),
        ("2026-5-4T12:00+02:00[Europe/Oslo]", "2026-05-04T10:00:00Z", "offset"),
        ("/Date(1777888800000)/", "2026-05-04T10:00:00Z", "offset"),
        ("1777888800", "2026-05-04T10:00:00Z", "offset"),
        ("1777888800000", "2026-05-04T10:00:00Z", "offset"),
        ("٢٠٢٦-٠٥-٠٤", "2026-05-04", "date"),
        ("2026-W12-3", "2026-03-18", "date"),
        ("2020W537", "2021-01-03", "date"),
        ("2026-W12-3T10:00:00+02:00", "2026-03-18T08:00:00Z", "offset"),
        ("2026-123", "2026-05-03", "date"),
        ("2024366T10:00:00Z", "2024-12-31T10:00:00Z", "zulu"),
        *((raw, "", "none") for raw in ("2026-W54-3", "2026-W12-8", "2026-W12", "2026-366")),
        *((raw, "", "none") for raw in ("2026-000", "model 2026-123")),
        ("2026-13-40", "", "none"),
        ("Mon, 44 May 2026 10:00:00 +0200", "", "none"),
        ("2026-05-04T99:00:00Z", "", "none"),
        ("0001-01-01T00:00:00+09:00", "", "none"),
        ("soon", "", "none"),
    ],
)
def test_stamps(raw, value, precision):
    stamp = parse_machine_date(raw, utc_offset_s=7200)
    assert (stamp.value, stamp.precision) == (value, precision)


def test_a_local_time_without_a_known_offset_is_a_date():
    assert parse_machine_date("2026-05-04T10:00:00").value == "2026-05-04"


@each_row(
    ("text", "value"),
    [
        ("Posted on December 07 2020", "2020-12-07"),
        ("Posted on 2026-W12-3", "2026-03-18"),
        ("model X2026-W12-3, 2026-W12-35 or 2026-W99-1", ""),
        ("פורסם ב-4.3.2026", "2026-03-04"),
        ("version 9-4.3.2026", ""),
        ("by Ann | 24 February, 2021", "2021-02-24"),
        ("Juni 22, 2024", "2024-06-22"),
        ("22. März 2024", "2024-03-22"),
        ("le 1er août 2023", "2023-08-01"),
        ("4 de mayo de 2022", "2022-05-04"),
        ("5 de junho de 2024", "2024-06-05"),
        ("22.06.2024", "2024-06-22"),
        ("04/05/2024", ""),
        ("March 2025", ""),
        ("4 tháng ba năm 2026", "2026-03-04"),
        ("4 tháng năm năm 2026", "2026-05-04"),
        ("June 20, 24", "2024-06-20"),
        ("二〇二六年十一月二十五日", "2026-11-25"),
        ("一九九九年十月二十日", "1999-10-20"),
        ("Sunny 20, 24", ""),
        ("June 31, 24", ""),
        ("July 45, 2020", ""),
    ],
)
def test_dates_in_words(text, value):
    assert parse_written_date(text).value == value


@each_row(
    "text",
    [
        "4 May 2026",
        "Monday, May 4, 2026",
        "May 4, 2026 10:15",
        "22.06.2024",
        "5/30/2017",
        "4 de mayo de 2022",
        "June 20, 24",
    ],
)
def test_a_date_alone(text):
    assert is_bare_date(text)


@each_row(
    "text",
    [
        "",
        "Ann Fern",
        "The fair of 4 May 2026",
        "3 comments",
        "5 min read",
        "10 ways to sleep in 2024",
    ],
)
def test_no_date_alone(text):
    assert not is_bare_date(text)


LANGUAGES = {
    "gu": "9 મે, 2025",
    "kn": "ಮೇ 9, 2025",
    "ml": "2025 മേയ് 9",
    "pa": "9 ਮਈ 2025",
    "my": "2025 မေ 9",
    "km": "9 ឧសភា 2025",
    "lo": "9 ພຶດສະພາ 2025",
    "af": "9 Mei 2025",
    "ar": "٩ مايو ٢٠٢٥",
    "ar in two names": "9 أيار/مايو 2025",
    "en with strokes": "9/May/2025",
    "en with a weekday": "Fri, May 9, '25",
    "es of Mexico": "Mayo 9 de 2025",
    "fil in full": "ika-9 ng Mayo 2025",
    "hy year first": "2025 թ. մայիսի 9, ուրբաթ",
    "kk": "2025 жылғы 9 мамыр",
    "ky": "2025-ж., 9-май",
    "ta in short": "9 மே., 2025",
    "vi of WordPress": "09 Th5 2025",
    "ar of Syria": "9 أيار 2025",
    "az": "9 may 2025",
    "be": "9 мая 2025 г.",
    "bg": "9 май 2025 г.",
    "bn": "৯ মে, ২০২৫",
    "ca": "9 de maig del 2025",
    "cs": "9. května 2025",
    "cy": "9 Mai 2025",
    "da": "9. maj 2025",
    "de of Austria": "9. Mai 2025",
    "el": "9 Μαΐου 2025",
    "el in capitals": "9 ΜΑΪΟΥ 2025",
    "en": "May 9th, 2025",
    "es": "viernes, 9 de mayo de 2025",
    "et": "9. mai 2025",
    "eu": "2025(e)ko maiatzaren 9(a)",
    "fa": "۹ مه ۲۰۲۵",
    "fi": "9. toukokuuta 2025",
    "fil": "Mayo 9, 2025",
    "fr": "vendredi 9 mai 2025",
    "ga": "9 Bealtaine 2025",
    "gl": "9 de maio de 2025",
    "he": "9 במאי 2025",
    "hi": "9 मई 2025",
    "hr": "9. svibnja 2025.",
    "hu": "2025. május 9.",
    "hy": "9 մայիսի, 2025 թ.",
    "id": "9 Mei 2025",
    "is": "9. maí 2025",
    "it": "9 maggio 2025",
    "ja": "2025年5月9日",
    "ja, by era": "令和7年5月9日",
    "ka": "9 მაისი, 2025",
    "ko": "2025년 5월 9일",
    "ko in figures": "2025. 5. 9.",
    "lt": "2025 m. gegužės 9 d.",
    "lv": "2025. gada 9. maijs",
    "mk": "9 мај 2025 г.",
    "nl": "9 mei 2025",
    "no": "9. mai 2025",
    "pl": "9 maja 2025",
    "pt": "9 de maio de 2025",
    "ro": "9 mai 2025",
    "ru": "9 мая 2025 г.",
    "sk": "9. mája 2025",
    "sl": "9. maj 2025",
    "sq": "9 maj 2025",
    "sr": "9. мај 2025.",
    "sv": "9 maj 2025",
    "ta": "9 மே, 2025",
    "th": "๙ พฤษภาคม ๒๕๖๘",
    "th in short": "9 พ.ค. 2568",
    "tr": "9 MAYIS 2025",
    "uk": "9 травня 2025 р.",
    "ur": "9 مئی، 2025",
    "vi": "Ngày 9 tháng 5, 2025",
    "zh": "2025年05月09日",
    "zh in figures": "2025/05/09",
}


@each_row("text", LANGUAGES.values(), ids=LANGUAGES)
def test_dates_of_many_languages(text):
    assert parse_written_date(text).value == "2025-05-09"


@each_row(
    ("language", "value"),
    [("pl", "2025-11-04"), ("pl-PL", "2025-11-04"), ("hr", "2025-10-04"), ("", "")],
)
def test_the_language_decides_where_months_share_a_name(language, value):
    assert parse_written_date("4. listopada 2025", language).value == value


@each_row(
    ("text", "language", "value"),
    [
        ("04/05/2025", "en-GB", "2025-05-04"),
        ("4 มี.ค. 69", "th", "2026-03-04"),
        ("4 มี.ค. 26", "th", "2026-03-04"),
        ("March 4, 26", "th", "2026-03-04"),
        ("04/05/2025", "en-US", "2025-04-05"),
        ("25.04.05", "ko", "2025-04-05"),
        ("25/04/05", "ja", "2025-04-05"),
        ("25-04-05", "fr-CA", "2025-04-05"),
        ("25/03/21", "fr-CA", "2021-03-25"),
        ("4\u200f/5\u200f/2025", "ar-EG", "2025-05-04"),
        ("4 במרס 2026", "he", "2026-03-04"),
        ("4 Tháng Ba, 2026", "vi", "2026-03-04"),
        ("12 Tháng Mười Một, 2026", "vi", "2026-11-12"),
        ("4:e mars 2026", "sv", "2026-03-04"),
        ("4.XI.2026", "", "2026-11-04"),
        ("2026. III. 4.", "hu", "2026-03-04"),
        ("4 V 2026", "pl", "2026-05-04"),
        ("4 V 2026", "en", ""),
        ("4 كانون الثاني 2026", "ar", "2026-01-04"),
        ("۱۳ اسفند ۱۴۰۴", "fa-IR", "2026-03-04"),
        ("۱۴۰۴/۱/۱", "fa", "2025-03-21"),
        ("30 اسفند 1403", "fa", "2025-03-20"),
        ("31 مهر 1404", "fa", ""),
        ("04/05/2025", "pt-BR", "2025-05-04"),
        ("04-05-2025", "nl", "2025-05-04"),
        ("04/05/2025", "en", ""),
        ("04/05/2025", "ja", ""),
        ("04/25/2025", "en", "2025-04-25"),
        ("25/04/2025", "", "2025-04-25"),
        ("04.05.2025", "", "2025-05-04"),
        ("04.05.25", "de", "2025-05-04"),
        ("version 4.5.25 of the kiln", "de", ""),
        ("31/31/2025", "de", ""),
    ],
)
def test_the_order_of_figures(text, language, value):
    assert parse_written_date(text, language).value == value


@each_row(
    "text",
    [
        "Best of 12 kettles 2024",
        "Chapter 12, 2024",
        "10 % off 2024",
        "٣ دقائق 2024",
        "14/12/1404",
        "1447/09/15",
    ],
)
def test_what_only_looks_like_a_date(text):
    assert plausible(parse_written_date(text)) == NO_DATE


@each_row(
    ("value", "is_one"),
    [
        ("0001-01-01", False),
        ("1970-01-01T00:00:00Z", False),
        ("1969-12-31T23:00:00Z", False),
        ("1980-01-01", False),
        ("1999-05-04", True),
        ("2026-05-05T08:00:00Z", True),
        ("2026-05-07", False),
        ("2031-01-01", False),
    ],
)
def test_impossible_dates_are_none(value, is_one):
    stamp = ParsedDate(value, "date")
    assert plausible(stamp, "2026-05-04T10:00:00Z") == (stamp if is_one else NO_DATE)


def test_a_page_of_the_last_day_of_the_calendar_has_its_date():
    stamp = ParsedDate("2026-05-04", "date")
    assert plausible(stamp, "9999-12-31T23:59:59Z") == stamp

"""Messages of alerts: their words, and that hostile text stays text."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import get_args

from scraper.alerts.channels import Channel
from scraper.alerts.delivery import make_mail
from scraper.alerts.notices import ChangeNotice
from scraper.alerts.render import FULL_CHANGES, render_change, render_digest
from scraper.history.changes import FieldChange
from scraper.history.crawl_health import IncidentKind
from scraper.history.humanize import INCIDENTS
from scraper.printable import printable
from tests.alerts.test_rules import NEWS

MAIL = Channel(
    name="ann",
    transport="mail",
    to="ann@shop.example",
    sender="keep@shop.example",
    server=("127.0.0.1", 25),
)
EVIL = (
    "Tea</h2><script>alert(1)</script>\r\n"
    'Bcc: all@shop.example\u202egnp.exe \x1b[31m" onload="x\0 ☕ “ٻ”'
    "\U000e0041\U000e0042\x9b1m\u2066\u2069"
)


def test_change_is_rendered() -> None:
    message = render_change(NEWS, web_url="https://room.example/")
    assert message.subject == "x.example: Edited: Slow tea"
    assert message.text == (
        "Edited: Slow tea\n"
        "  x.example, minor, between 1 March 06:00 and 2 March 2026 06:00 UTC\n"
        "  Text: Wait [-four minutes. Money back if you wait.-] {+five minutes, or 10 % off. "
        "Wait.+}\n"
        "  post: https://x.example/blogs/news/slow-tea\n"
        "  comparison: https://room.example/-/post/3/compare/1/2\n"
    )
    assert (
        "Wait <del>four minutes. Money back if you wait.</del> <ins>five minutes, or 10 % off. "
        "Wait.</ins></p>" in message.html
    )
    assert '<a href="https://room.example/-/post/3/compare/1/2">comparison</a>' in message.html


def test_what_became_of_a_claim_stands_before_the_words() -> None:
    claim = FieldChange(field="claims", old="", new="withdrawn: cures gout\nadded: eases colds")
    text = render_change(replace(NEWS, fields=(*NEWS.fields, claim))).text
    assert "\n  Claims: withdrawn: cures gout\n  Claims: added: eases colds\n  Text: Wait" in text
    group = replace(NEWS, fields=(claim,), group_id=4, n_posts=3)
    assert "Claims" not in render_change(group).text


def test_text_of_a_store_is_escaped_and_cannot_change_direction() -> None:
    news = replace(
        NEWS,
        title=EVIL,
        fields=(
            FieldChange(field="title", old="x", new=EVIL),
            FieldChange(field="text", old="", new=EVIL),
        ),
        new_text=EVIL,
    )
    for message in (render_change(news), render_digest([news, news], period="in the day before")):
        assert "<script" not in message.html
        assert 'onload="' not in message.html
        for part in (message.text, message.html, message.subject):
            assert printable(part) == part
        assert printable(str(message.changes)) == str(message.changes)
        assert "☕" in message.html
        assert message.subject.isprintable()


def test_link_that_is_no_web_address_is_none() -> None:
    message = render_change(replace(NEWS, url="javascript:alert(1)"))
    assert "javascript" not in message.html + message.text


def test_mail_has_one_subject_and_no_header_of_the_stores() -> None:
    news = replace(NEWS, title=EVIL + "é" * 500)
    mail = make_mail(MAIL, render_change(news), key="k1", created_at="2026-03-01T06:00:00Z")
    sent = bytes(mail)
    assert sorted(mail.keys()) == sorted(
        [
            "Subject",
            "From",
            "To",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
        ]
    )
    assert b"\nBcc:" not in sent
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    assert mail["Message-ID"] == "<k1@shop.example>"
    assert sent == bytes(
        make_mail(MAIL, render_change(news), key="k1", created_at="2026-03-01T06:00:00Z")
    )


def test_a_title_that_is_an_encoded_word_stands_in_a_subject_as_it_is() -> None:
    """Decoded, this one is U+202E and "evil"."""
    news = replace(NEWS, title="=?utf-8?B?4oCuZXZpbA==?= =?=?utf-8?q?=0Dx?=")
    mail = make_mail(MAIL, render_change(news), key="k1", created_at="2026-03-01T06:00:00Z")
    read = message_from_bytes(bytes(mail), policy=default)["Subject"]
    assert read.endswith(": = ?utf-8?B?4oCuZXZpbA== ?= = ?= ?utf-8?q?=0Dx?=")


def test_huge_change_is_cut() -> None:
    words = " ".join(f"word{n} same{n % 7}" for n in range(40_000))
    news = replace(
        NEWS,
        title="t" * 90_000,
        old_text="",
        new_text=words,
        fields=(
            FieldChange(field="text", old="", new=words),
            FieldChange(field="tags", old=words, new=""),
        ),
    )
    message = render_change(news)
    assert len(message.text) + len(message.html) + len(str(message.changes)) < 20_000
    assert len(message.subject) <= 160


def test_digest_of_thousands_names_each_and_stays_readable() -> None:
    many = [replace(NEWS, id=n, title=f"Post {n}") for n in range(2000)]
    message = render_digest(many, period="in the week before 2026-03-06 08:00")
    assert message.subject == "2,000 changes at x.example, in the week before 2026-03-06 08:00"
    assert [line for line in message.text.splitlines() if line.startswith("Edited")] == [
        f"Edited: Post {n}" for n in range(2000)
    ]
    assert message.text.count("Text: ") == FULL_CHANGES
    assert len(message.changes) == 2000


def test_group_names_its_posts_and_how_many_more() -> None:
    group = replace(NEWS, group_id=4, n_posts=7, group_titles=("A", "B"), summary="edited: text")
    message = render_change(group, web_url="https://room.example")
    assert message.subject == "x.example: 7 posts: Edited (A, B and 5 more)"
    assert "group: https://room.example/-/changes/group/4" in message.text


def test_unhealthy_crawl_is_named() -> None:
    assert (
        "was suspicious: much vanished"
        in render_change(
            replace(NEWS, crawl_health="suspicious", crawl_reason="much vanished")
        ).text
    )


def test_removed_post_shows_its_text() -> None:
    gone: ChangeNotice = replace(NEWS, kind="removed", fields=(), new_text="", new_revision=0)
    assert "Text: [-Wait four minutes. Money back if you wait.-]" in render_change(gone).text


def test_every_kind_of_incident_has_a_label():
    assert set(INCIDENTS) == set(get_args(IncidentKind))

"""An author's line around a number stays, whatever the feeds of other posts lack."""

from __future__ import annotations

from scraper.extract import SavedPage, extract_post, settle_template
from tests.each_row import each_row
from tests.extract.test_template import SUBJECTS, body_of, replace_entry, saved

NUMBERED = ("<p>Serves {} people</p>", "<div><p>Bake for {} minutes at 180 degrees</p></div>")


def numbered(line: str, subject: str, number: int) -> SavedPage:
    """A post with an author's line around a number, which its feed entry lacks: an old one."""
    plain, body = saved(subject), body_of(subject)
    html = plain.html.replace(body, body + line.format(number))
    return replace_entry(plain._replace(html=html), body)


@each_row("line", NUMBERED)
@each_row("count", [1, 2])
def test_a_line_around_a_number_that_an_old_feed_lacks_stays(line, count):
    pages = [numbered(line, subject, at + 2) for at, subject in enumerate(SUBJECTS[:count])]
    template = settle_template(pages + [saved(subject, told=True) for subject in SUBJECTS[count:]])
    caught_up = replace_entry(pages[0], body_of(SUBJECTS[0]) + line.format(2))
    edited = numbered(line, SUBJECTS[0], 40)
    for one in (caught_up, caught_up._replace(entry=None), edited._replace(entry=None)):
        post = extract_post(one.html, url=one.url, template=template, feed_entry=one.entry)
        assert any(word in post.text for word in ("Serves", "Bake for"))


@each_row("line", NUMBERED)
def test_an_authors_line_around_a_number_stays_beside_an_apps_lines(line):
    template = settle_template(
        [numbered(line, subject, at + 2) for at, subject in enumerate(SUBJECTS)]
    )
    one = numbered(line, "teapots", 40)
    told = replace_entry(one, body_of("teapots") + line.format(40))
    for seen in (told, one._replace(entry=None)):
        post = extract_post(seen.html, url=seen.url, template=template, feed_entry=seen.entry)
        assert any(word in post.text for word in ("Serves", "Bake for"))

"""A content folder small enough to reason about: what the tests of the store's mechanics serve."""

from __future__ import annotations

from pathlib import Path

STORE = """
name = "Small Fern"
host = "small-fern.example"
myshopify_domain = "small-fern.myshopify.com"
shop_id = 51200000001
utc_offset_s = 3600
[[blogs]]
handle = "journal"
title = "The Journal"
[[blogs]]
handle = "recipes"
title = "Recipes"
"""

DAYS = """
[[day]]
number = 2
at = 2026-03-03T06:00:00+00:00
  [[day.op]]
  kind = "edit"
  post = "journal/cool-room"
  what = "claim"
  old = "cures every bad night"
  new = "may help with bad nights"
  [[day.op]]
  kind = "rename"
  post = "journal/p-01"
  handle = "p-01-renamed"
  [[day.op]]
  kind = "retitle"
  post = "journal/p-02"
  title = "A better title & more"
  [[day.op]]
  kind = "remove"
  post = "journal/p-03"
  [[day.op]]
  kind = "touch"
  post = "journal/p-04"
  [[day.op]]
  kind = "author"
  post = "journal/p-05"
  author = "Ruth Amory"
  [[day.op]]
  kind = "tags"
  post = "journal/p-06"
  tags = ["Tea"]
  [[day.op]]
  kind = "redate"
  post = "journal/p-07"
  published = 2026-02-01T10:00:00+00:00
[[day]]
number = 3
at = 2026-03-04T06:00:00+00:00
  [[day.op]]
  kind = "put_back"
  post = "journal/cool-room"
  to_day = 1
  [[day.op]]
  kind = "restore"
  post = "journal/p-03"
  [[day.op]]
  kind = "rename"
  post = "journal/p-01-renamed"
  handle = "p-01-again"
"""

COOL_ROOM = """+++
title = "Why a “cooler” room & a window help"
author = "Maren Oakley"
published = 2026-02-20T23:30:00+00:00
tags = ["Sleep", "Bed Room"]
topic = "sleep"
excerpt = "<p>In <em>short</em>: open it.</p>"
image = "/cdn/shop/articles/cool-room.jpg?v=1768379400"
image_alt = "A window at night"
comments = ["Jo: one", "Al: two", "Bo: three", "Cy: four", "Di: five", "Ed: six", \
"Fi: seven < eight"]
+++
<h2>Why a “cooler” room &amp; a window help</h2>
<p>*Scroll to the end for a code.</p>
<p>Cold air <strong>cures every bad night</strong>, and so does a \
<a href="/products/calm-evening-tea">tea</a>.<br><br>
See <a href="/blogs/journal/p-01?utm_source=n">the first</a>.</p>
<ul><li>One&nbsp;thing</li><li>Another thing</li></ul>
<p>Use ]]> and code FERN15 for 15% off.</p>
<p><strong>Related Sleep Articles:</strong></p>
<ul><li><a href="/blogs/journal/p-01">First</a></li>\
<li><a href="/blogs/recipes/r-01">A recipe</a></li><li>Only words</li></ul>
"""

PLAIN = """+++
title = "{title}"
author = "Tobias Fenn"
published = 2025-{month:02}-{day:02}T09:00:00+00:00
tags = ["Sleep"]
topic = "{topic}"
{extra}
+++
<p>Words of {title}, about {topic} and nothing else, in one paragraph.</p>
"""


def write_sample(folder: Path, *, days: str = DAYS) -> Path:
    """Write the folder: `cool-room` and `p-01` … `p-33` in the journal (`p-33` from day 2), three
    recipes."""
    (folder / "journal").mkdir(parents=True)
    (folder / "recipes").mkdir()
    (folder / "store.toml").write_text(STORE, encoding="utf-8")
    (folder / "days.toml").write_text(days, encoding="utf-8")
    (folder / "journal" / "cool-room.html").write_text(COOL_ROOM, encoding="utf-8")
    for number in range(1, 34):
        text = PLAIN.format(
            title=f"Post {number}",
            month=number % 12 + 1,
            day=number % 28 + 1,
            topic="sleep" if number % 2 else "tea",
            extra="from_day = 2" if number == 33 else "",
        )
        (folder / "journal" / f"p-{number:02}.html").write_text(text, encoding="utf-8")
    for number in range(1, 4):
        text = PLAIN.format(title=f"Recipe {number}", month=number, day=3, topic="tea", extra="")
        (folder / "recipes" / f"r-{number:02}.html").write_text(text, encoding="utf-8")
    return folder

"""A change as JSON values: what a webhook receives, and `blogkeep alerts replay --json` prints."""

from __future__ import annotations

from scraper.alerts.cleaning import clean
from scraper.alerts.notices import ChangeNotice
from scraper.history.web_paths import change_path, post_path

LONGEST_VALUE = 300
"""Characters of a field's value, or of one run of words."""


def change_as_values(
    change: ChangeNotice, *, web_url: str = "", with_fields: bool = True
) -> dict[str, object]:
    """The values of a change by name, with its fields if asked for. `web_url` is the address of the
    web interface, or empty."""
    values: dict[str, object] = {
        "change": change.id,
        "store": change.store,
        "kind": change.kind,
        "severity": change.severity,
        "posts": change.n_posts,
        "title": clean(change.title, LONGEST_VALUE),
        "url": change.url,
        "not_before": change.not_before,
        "not_after": change.not_after,
        "words_added": change.words_added,
        "words_removed": change.words_removed,
        "links": change_links(change, web_url),
    }
    if change.group_id:
        values |= {"group": change.group_id, "summary": clean(change.summary, LONGEST_VALUE)}
    if with_fields:
        values["fields"] = [
            {
                "field": field.field,
                "old": clean(field.old, LONGEST_VALUE),
                "new": clean(field.new, LONGEST_VALUE),
            }
            for field in change.fields
        ]
    return values


def change_links(change: ChangeNotice, web_url: str) -> dict[str, str]:
    """The URLs of a change by name: the post, and in the web interface the comparison, the history
    or the group."""
    links: dict[str, str] = {}
    if change.url.startswith(("http://", "https://")) and not change.group_id:
        links["post"] = change.url
    if web_url:
        path = change_path(
            post_id=change.post_id,
            old=change.old_revision,
            new=change.new_revision,
            group_id=change.group_id,
        )
        links[_page_name(change, path)] = web_url.rstrip("/") + change.web_path + path
    return links


def _page_name(change: ChangeNotice, path: str) -> str:
    if change.group_id:
        return "group"
    return "history" if path == post_path(change.post_id) else "comparison"

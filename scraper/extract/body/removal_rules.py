"""Each rule that takes an element out of a body: its name, and the reason a person reads."""

from __future__ import annotations

from typing import Final

from scraper.items import Evidence

RULES: Final[dict[str, str]] = {
    "code": "scripts, styles and templates are no text",
    "hidden": "a reader never sees it: hidden attribute, display:none, aria-hidden copies, screen-reader texts",
    "form": "forms and their fields belong to the shop",
    "share": "buttons to share the page",
    "pager": "links to the post before and after",
    "tags": "the article's tags, kept as data",
    "comments": "what readers wrote, and their form",
    "related_widget": "other posts, chosen by the theme or an app; kept as links",
    "navigation": "menus, breadcrumbs, a way back to the blog",
    "newsletter": "sign-up forms and pop-ups",
    "overlay": "cookie and age gates, quick views, carts",
    "quote_box": "a theme's own quotation or signature box after the body",
    "meta": "title, by-line and date, kept as data",
    "title": "the post's title again, before its body",
    "sidebar": "what stands beside the post",
    "header": "the shop's head",
    "footer": "the shop's foot",
    "browser_warning": "a note for old browsers, hidden by style sheets only",
    "contents_list": "a table of contents that a script or the theme made",
    "not_in_feed": "the blog's feed does not hold it, and the feed holds the author's whole body",
    "learned_feed": "the store's other pages show that this place never holds what the feed says the author wrote",
    "learned_jsonld": "the store's other pages show that this place never holds what their structured data says the author wrote",
    "learned_pages": "nearly all pages of the store carry the same words here, set off as the theme's own",
    "related_list": "a list of related posts that the author typed; it stays in the HTML and becomes links",
    "outside_body": "outside the element that holds the body",
    "body": "what the author wrote",
}
"""Each rule's name and reason; every removed block names one of them."""

LEARNED_RULES: Final[dict[Evidence, str]] = {
    "feed": "learned_feed",
    "jsonld": "learned_jsonld",
    "pages": "learned_pages",
}
"""The rule of a block that a template knows, by what taught it."""

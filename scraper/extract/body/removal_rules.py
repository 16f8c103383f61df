"""Each rule that takes an element out of a body: its name, and the reason a person reads."""

from __future__ import annotations

from typing import Final

from scraper.items import Evidence

RULES: Final[dict[str, str]] = {
    "code": "scripts, styles and templates are no text",
    "hidden": "hidden from readers: hidden attribute, display:none, aria-hidden, screen-reader",
    "tracking_pixel": "an image of one pixel, without words: it counts readers",
    "form": "forms and their fields belong to the shop",
    "expander": "shows the rest of a text, or hides it again",
    "share": "buttons to share the page",
    "pager": "links to the post before and after",
    "tags": "the article's tags, saved as data",
    "comments": "what readers wrote, and their form",
    "related_widget": "other posts, chosen by the theme or an app; saved as links",
    "navigation": "menus, breadcrumbs, a way back to the blog",
    "newsletter": "sign-up forms and pop-ups",
    "overlay": "cookie and age gates, quick views, carts, cards of products, advertisements",
    "quote_box": "a theme's own quotation or signature box after the body",
    "author_box": "who the author is, printed below each of his posts by a theme or an app",
    "meta": "title, byline and date, saved as data",
    "title": "the post's title again, before its body",
    "sidebar": "what stands beside the post",
    "header": "the shop's head",
    "footer": "the shop's foot",
    "browser_warning": "a note for old browsers, hidden by style sheets only",
    "contents_list": "a table of contents that a script or the theme made",
    "not_in_feed": "the blog's feed does not hold it, and the feed holds the author's whole body",
    "learned_feed": "on the store's other pages, the author's text in the feed is never here",
    "learned_jsonld": "on the store's other pages, the author's text in JSON-LD is never here",
    "learned_pages": "nearly all pages of the store have these words here, in the theme's markup",
    "volatile": "varies by itself between two sights of a page of the store, with no edit",
    "related_list": "related posts that the author listed; stays in the HTML and becomes links",
    "outside_body": "outside the element that holds the body",
    "body": "what the author wrote",
}
"""Each rule's name and reason; every removed block names one of them."""

LEARNED_RULES: Final[dict[Evidence, str]] = {
    "feed": "learned_feed",
    "jsonld": "learned_jsonld",
    "pages": "learned_pages",
    "sights": "volatile",
}
"""The rule of a block that a template knows, by what taught it."""

"""The table of rules: names, reasons, and the class names by which themes and apps give themselves
away."""

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

_POST: Final = r"(?:article|post|blog|entry)s?[-_]*"
_TAIL: Final = r"(?:[-_]\w+)*"
_STATE: Final = (
    r"(?:enabled?|disabled?|option|active|true|false|none|on|off|layout|position)(?![\w])"
)

# Each entry is a list of patterns for one class name or id, read as a whole word, case aside (see
# `junk`).
INSIDE_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "share": (
        r"social[-_]*(?:shar\w*|icons?|links?|media|buttons?)",
        rf"(?:[\w-]+[-_])?shar(?:e|ing){_TAIL}",
        rf"{_POST}share\w*",
        r"share-?(?:buttons?|icons?|links?|bar|this)|share_?wrap",
        r"addthis[\w-]*|addtoany[\w-]*|a2a_\w+|ssbp-[\w-]+",
    ),
    "pager": (
        rf"{_POST}(?:nav|navigation|pagination|pager|controls|nav-arrows|prev-?next){_TAIL}",
        r"prev-?next|next-?prev|pagination(?:-\w+)*|post-navigation|nav-(?:previous|next|links)",
        r"articletoolbar\w*|articlenav\w*|article-toolbar|product-navigation",
    ),
    "tags": (rf"{_POST}tags?(?:-list)?", r"tags?[-_]*(?:list|links|cloud|article)"),
    "comments": (
        rf"(?:{_POST})?comments?(?:[-_]*(?:form|list|section|area|wrap(?:per)?|respond|container|body|author))?",
        r"disqus[\w-]*|new_?comment|fb-comments",
    ),
    "related_widget": (
        rf"related[-_]*(?:posts?|articles?|blogs?|stories|products?){_TAIL}",
        rf"(?:\w+[-_]+)*{_POST}related{_TAIL}",
        r"(?:recent|latest)[-_]?(?:posts?|articles?|blogs?)|(?:article|blog|post)s?--?recent[\w-]*|more[-_](?:stories|posts|articles)",
        r"recommended(?:[-_](?:posts|articles|products))?|you-may-also(?:-\w+)*|read-(?:more|next)-(?:posts|articles)|also-in-blog",
    ),
    "newsletter": (
        rf"newsletter{_TAIL}",
        r"(?:email|mailing)[-_]?(?:signup|list)|klaviyo[\w-]*|mc_embed\w*|subscribe-form",
    ),
    "overlay": (
        rf"cookie[-_]?(?:banner|consent|notice|bar|gate)|gdpr[\w-]*|age[-_]?(?:gate|check|verif\w*){_TAIL}",
        rf"quick-?view{_TAIL}|modal{_TAIL}|pop-?up{_TAIL}|cart-?drawer{_TAIL}|drawer",
    ),
    "quote_box": (r"quote-detail",),
    "browser_warning": (
        rf"ie11[-_]\w+{_TAIL}|browser-?(?:warning|upgrade|support)|old-?browser|outdated[\w-]*|unsupported[-_]browser",
    ),
    "navigation": (
        rf"breadcrumbs?{_TAIL}|return-link{_TAIL}|back-to-(?:blog|news|top)|skip-(?:link|to-content)[\w-]*",
    ),
    "hidden": (r"visually-?hidden|sr-only|screen-reader(?:-text)?|is-hidden|u-hidden|hide|hidden",),
    "contents_list": (rf"table-of-contents{_TAIL}|toc[-_](?:list|container|wrapper)",),
}
"""Rules that hold inside a body too: an author's own markup hardly ever carries these class
names."""

AROUND_NAMES: Final[dict[str, tuple[str, ...]]] = {
    # What says whether a column has a sidebar is the column ("has-sidebar-option",
    # "sidebar-enabled--false"), not the sidebar.
    "sidebar": (
        rf"(?!(?:[\w-]*[-_])?(?:has|with|no|without|hide)[-_])(?:[\w-]+[-_])?side-?bar(?![-_]*{_STATE}){_TAIL}",
        rf"widget{_TAIL}",
    ),
    "header": (rf"site-?header{_TAIL}|announcement{_TAIL}|header-section|top-?bar",),
    "footer": (rf"site-?footer{_TAIL}|footer-section",),
    "navigation": (rf"site-?nav{_TAIL}|main-?menu|menu{_TAIL}|mobile-?nav{_TAIL}",),
    "overlay": (
        rf"product-?(?:card|grid|item|form|recommendations?|list){_TAIL}",
        rf"card-wrapper|price{_TAIL}|cart{_TAIL}|placeholder{_TAIL}",
    ),
    "meta": (
        rf"by-?line{_TAIL}|{_POST}(?:meta|date|author|info){_TAIL}|{_POST}(?:meta|date|author|info)__\w+",
        rf"author[-_](?:bio|box|info)|(?:icon)?meta|published{_TAIL}|post(?:ed)?-on",
    ),
}
"""Rules for what stands around a body, or inside a container that was found by its density
alone."""

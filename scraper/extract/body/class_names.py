"""Class names and ids by which themes and apps mark what is no part of a post.

A name is one blank-separated piece of a `class` or `id` attribute. It may have a block before two
underscores and a modifier after two hyphens ("article-template__social-sharing--dark"). A utility
class with a condition ("empty:hidden", "first:[&>p]:mt-0") says nothing of the element as it
stands, so a name of other signs than letters, digits, `_` and `-` matches nothing.

Pages choose these names, so a pattern must stay cheap for any: it begins with a literal after a
look-behind, no repetition in it can match one text in two ways, and long names are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Final

_START: Final = r"(?:(?<![\w-])|(?<=[\w-]__)(?!_))"
"""The name's start, or the end of its block."""

_WORD_START: Final = r"(?:(?<![\w-])|(?<=[\w-][-_]))"
"""The start of any word of the name."""

_POST: Final = r"(?:article|post|blog|entry)s?[-_]*"
_WORDS: Final = r"(?:[-_]\w+(?:-\w+)*)?"
"""More words of the name, as many as there are."""

_END: Final = r"(?:__[\w-]+|--[\w-]+)?(?![\w-])"
"""The name's end, an element or a modifier before it."""

_STATE: Final = (
    r"(?:enabled?|disabled?|option|active|true|false|none|on|off|layout|position)(?![\w])"
)

_WORDS_WITHIN: Final[dict[str, str]] = {
    "share": rf"shar(?:e|ing){_WORDS}",
    "comments": rf"(?<!no[-_])(?<!has[-_])(?<!with[-_])comments?{_WORDS}",
    "related_widget": rf"{_POST}related{_WORDS}",
    "sidebar": rf"side-?bar(?![-_]*{_STATE}){_WORDS}",
}
"""What matches in the middle of a name too; the tables below match at its start."""

_INSIDE_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "share": (
        r"social[-_]*(?:shar\w*|icons?|links?|media|buttons?)",
        rf"{_POST}share\w*",
        r"(?:share-?(?:buttons?|icons?|links?|bar|this)|share_?wrap)",
        r"(?:addthis[\w-]*|addtoany[\w-]*|a2a_\w+|ssbp-[\w-]+)",
        r"(?:sharedaddy|jetpack-likes[\w-]*|likes-widget[\w-]*)",
        r"(?:rmp-(?:widgets?|rating)[\w-]*|kk-star-ratings|post-ratings|yasr-[\w-]+)",
    ),
    "pager": (
        rf"{_POST}(?:nav|navigation|pagination|pager|controls|nav-arrows|prev-?next){_WORDS}",
        r"(?:prev-?next|next-?prev|pagination(?:-\w+)*|post-navigation)",
        r"nav-(?:previous|next|links)",
        rf"(?:next|prev(?:ious)?)[-_](?:article|post|story|entry){_WORDS}",
        r"(?:articletoolbar\w*|articlenav\w*|article-toolbar|product-navigation)",
    ),
    "tags": (
        rf"{_POST}tags?(?:-list)?",
        r"tags?[-_]*(?:list|links|cloud|article)",
    ),
    "comments": (
        rf"(?:{_POST})?comments?"
        r"(?:[-_]*(?:form|list|section|area|wrap(?:per)?|respond|container|body|author))?",
        r"(?:disqus[\w-]*|new_?comment|fb-comments)",
        r"(?:responses?|repl(?:y|ies)|discussions?)[-_]?(?:list|form|section|area|thread)",
    ),
    "related_widget": (
        rf"related[-_]*(?:posts?|articles?|blogs?|stories|products?|links|pages|resources){_WORDS}",
        r"(?:recent|latest)[-_]?(?:posts?|articles?|blogs?)",
        r"(?:article|blog|post)s?--?recent[\w-]*",
        r"more[-_](?:stories|posts|articles)",
        r"recommended(?:[-_](?:posts|articles|products))?",
        r"you-may-also(?:-\w+)*",
        r"(?:read-(?:more|next)-(?:posts|articles)|also-in-blog)",
        r"(?:jp-relatedposts|crp_related|yarpp[\w-]*|taboola[\w-]*|outbrain[\w-]*)",
    ),
    "newsletter": (
        rf"newsletter{_WORDS}",
        r"(?:email|mailing)[-_]?(?:signup|list)",
        r"(?:klaviyo[\w-]*|mc_embed\w*|subscri(?:be|ption)-(?:form|widget)[\w-]*)",
    ),
    "overlay": (
        r"cookie[-_]?(?:banner|consent|notice|bar|gate)",
        r"gdpr[\w-]*",
        rf"age[-_]?(?:(?:gate|check){_WORDS}|verif\w*(?:-\w+)*)",
        rf"(?:quick-?view|modal|pop-?up|cart-?drawer){_WORDS}",
        r"drawer",
        r"sbb-itb-\w+",  # where a writing service puts its banner
        r"(?:ads?|advert(?:isement)?s?|adsbygoogle|ad-(?:slot|unit|container|wrapper|banner))",
    ),
    "quote_box": (r"quote-detail",),
    "author_box": (r"(?:saboxplugin-wrap|abh_box|m-a-box|pp-multiple-authors-boxes-wrapper)",),
    "browser_warning": (
        r"ie11[-_]\w+(?:-\w+)*",
        r"(?:browser-?(?:warning|upgrade|support)|old-?browser)",
        r"(?:outdated[\w-]*|unsupported[-_]browser)",
    ),
    "footer": (rf"site-?footer{_WORDS}",),  # of a page whose last table nobody closed
    "navigation": (
        rf"(?:breadcrumbs?|return-link|back-to-(?:blog|news|top)){_WORDS}",
        r"skip-(?:link|to-content)[\w-]*",
    ),
    "hidden": (
        r"(?:visually-?hidden|sr-only|screen-reader(?:-text)?)",
        r"(?:is-hidden|u-hidden|hide|hidden)",
    ),
    "contents_list": (
        rf"table-?of-?contents?{_WORDS}",
        r"(?:ez-)?toc[-_](?:list|container|wrapper)",
        r"lwptoc",
    ),
}
"""Rules that hold inside a body too: an author's own markup hardly ever carries these names."""

_AROUND_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "sidebar": (rf"widget{_WORDS}",),
    "header": (
        rf"(?:site-?header|announcement){_WORDS}",
        r"(?:header-section|top-?bar)",
    ),
    "footer": (r"footer-section",),
    "navigation": (
        rf"(?:site-?nav|menu|mobile-?nav){_WORDS}",
        r"main-?menu",
    ),
    "overlay": (
        rf"product-?(?:card|grid|item|form|recommendations?|list){_WORDS}",
        r"card-wrapper",
        rf"(?:price|cart|placeholder){_WORDS}",
    ),
    "related_widget": (r"related",),
    "author_box": (
        r"author[-_](?:bio|box|info|description|card|profile|block)",
        r"about[-_](?:the[-_])?(?:author|writer)",
    ),
    "meta": (
        rf"by-?line{_WORDS}",
        rf"{_POST}(?:meta|date|author|info){_WORDS}",
        r"(?:icon)?meta",
        rf"published{_WORDS}",
        r"post(?:ed)?-on",
    ),
}
"""Rules for what stands around a body, or inside a container that was found by its density."""


_METADATA: Final = re.compile(
    r"(?:(?<![a-z])|(?<=article)|(?<=post)|(?<=blog)|(?<=entry))"
    r"(?:authors?|by-?lines?|date(?:time)?|meta|published|posted|pub-?date|timestamp)(?![a-z])",
    re.I,
)
"""Words of names of what dates a post or says who wrote it, behind any prefix of a vendor."""


def names_metadata(names: str) -> bool:
    """Return whether an element's names say that it holds a post's date or author."""
    return _names_metadata(names[:_LONGEST_NAMES])


@lru_cache(maxsize=4096)
def _names_metadata(names: str) -> bool:
    return _METADATA.search(names) is not None


class _NameRules:
    """The patterns of some rules, and one for all of them: most names fall under none."""

    def __init__(self, names: dict[str, tuple[str, ...]]) -> None:
        within = {rule: words for rule, words in _WORDS_WITHIN.items() if rule in names}
        self._rules = {
            rule: _compiled(patterns, [within[rule]] if rule in within else [])
            for rule, patterns in names.items()
        }
        self._any = _compiled(chain.from_iterable(names.values()), within.values())

    def matching(self, name: str) -> Iterator[str]:
        """The rules that a name falls under, in the table's order."""
        if self._any.search(name):
            yield from (rule for rule, pattern in self._rules.items() if pattern.search(name))


def _compiled(at_start: Iterable[str], within: Iterable[str]) -> re.Pattern[str]:
    parts = [rf"{_START}(?:{'|'.join(at_start)})"]
    parts += [rf"{_WORD_START}(?:{words})" for words in within]
    return re.compile(rf"(?:{'|'.join(parts)}){_END}", re.I)


_INSIDE: Final = _NameRules(_INSIDE_NAMES)
_AROUND: Final = _NameRules(_AROUND_NAMES)
_PLAIN_NAME: Final = re.compile(r"[\w-]+")
# A name such as "has-sidebar-option" is a column's, not the sidebar's.
_SIDEBAR: Final = re.compile(r"side-?bar", re.I)
_OF_A_COLUMN: Final = re.compile(r"(?<![^_-])(?:has|with|no|without|hide)[-_]", re.I)
# Cells of page builders that are called widgets, whatever they hold.
_CELLS: Final = frozenset({"so-panel", "widget-span", "hs_cos_wrapper_widget", "fl-module"})
_LONGEST_NAMES: Final = 400
"""Characters of an element's names that are read; more is no list of names."""

_LONGEST_NAME: Final = 100
"""Characters of one name; the longest on saved pages that falls under a rule has 76."""


def rule_for_names(names: str, outside_body: bool) -> str:
    """Return the rule that the first matching name falls under, or an empty string.

    `names` are an element's class and id, separated by blanks. `outside_body` adds the rules for
    the page around a body, which are tried after the others.
    """
    return _rule_for_names(names[:_LONGEST_NAMES], outside_body)


@lru_cache(maxsize=4096)
def _rule_for_names(names: str, outside_body: bool) -> str:
    pieces = [
        name for name in names.split() if len(name) <= _LONGEST_NAME and _PLAIN_NAME.fullmatch(name)
    ]
    rules = (_inside_rule(piece) for piece in pieces)
    found = next(filter(None, rules), "")
    if found or not outside_body:
        return found
    around = (_around_rule(piece) for piece in pieces)
    is_cell = not _CELLS.isdisjoint(pieces)
    return next((rule for rule in around if rule and not (rule == "sidebar" and is_cell)), "")


@lru_cache(maxsize=8192)
def _inside_rule(name: str) -> str:
    return next(_INSIDE.matching(name), "")


@lru_cache(maxsize=8192)
def _around_rule(name: str) -> str:
    rules = _AROUND.matching(name)
    return next((rule for rule in rules if rule != "sidebar" or not _names_column(name)), "")


def _names_column(name: str) -> bool:
    """Return whether a name describes a column with or without a sidebar; its block is ignored."""
    sidebar = _SIDEBAR.search(name)
    if sidebar is None:
        return False
    block_end = name.rfind("__", 1, sidebar.start())
    return _OF_A_COLUMN.search(name, block_end + 2 if block_end > 0 else 0) is not None

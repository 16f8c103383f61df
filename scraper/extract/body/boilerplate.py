"""Which elements are no part of a body, and by which rule."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.caches import cache_short
from scraper.extract.body.class_names import rule_for_names
from scraper.extract.body.hidden import (
    SPEAKING,
    is_for_listeners,
    is_hidden,
    is_revealed,
    is_shown_by_names,
    is_twin,
    opens_by_attribute,
    says_authors_words,
)
from scraper.extract.body.render.images import LAZY_IMAGE
from scraper.extract.dom import ancestors, holds, linked_size, siblings_after, siblings_before
from scraper.extract.page.text import letters_only, one_line
from scraper.extract.vocabulary import any_of
from scraper.extract.vocabulary.sections import ARROWS, BACK_LINKS, EXPANDERS, TAG_LABELS

_TAG_RULES: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "script",
            "style",
            "noscript",
            "template",
            "link",
            "meta",
            "title",
            "svg",
            "base",
            "canvas",
            "dialog",
        ),
        "code",
    ),
    **dict.fromkeys(
        ("form", "button", "input", "select", "textarea", "label", "fieldset", "legend"), "form"
    ),
    "share-button": "share",
    "product-recommendations": "related_widget",
    "amp-ad": "overlay",
    "amp-embed": "overlay",
}
_HIGHLIGHTING: Final = frozenset({"span", "i", "em", "b"})
_BESIDE_NOTE: Final = frozenset({"p", "ul", "ol", "blockquote", "pre", "figure", "h2", "h3", "h4"})
_OF_A_WIDGET: Final = "form,input,h2 a,h3 a,h4 a,a h2,a h3,a h4"
_SENTENCE: Final = 40  # characters
_DOUBTFUL: Final = frozenset({"comments", "hidden"})
_DIALOGS: Final = frozenset({"dialog", "alertdialog"})
_COMMENT_SIGNS: Final = (
    "form,textarea,time,[class*=avatar i],[class*=reply i],[class*=comment-author i],"
    "[class*=comment-meta i],[class*=comment_],[name^=comment],[id=comments i]"
)
COMMENT_IDS: Final = "[id^=comment i]"
"""What names a single reader's comment; asked of what stands within an element, not of itself."""

_AROUND_TAGS: Final = {"nav": "navigation", "footer": "footer", "aside": "sidebar"}
_DRAWN: Final = re.compile(r"(?<![\w-])(width|height)\s*:\s*([\d.]+\s*(?:px)?)", re.I)
_ONE_PIXEL: Final = re.compile(r"[01](?:\.0+)?\s*(?:px)?")
_MOST_TAGS: Final = 60
_TAG_LABEL: Final = re.compile(rf"^(?:{any_of(TAG_LABELS)})?[:,|/#·•\s-]*$", re.I)

# Where a reader's own post, pin or message is begun; no author links there. Addresses are searched
# in lower case, in a third of the time of a search in either.
_SHARE_URL: Final = re.compile(
    r"""facebook\.com/(?:sharer?\b|dialog/) | (?:twitter|x)\.com/(?:share\b|intent/|home\?status)
      | pinterest\.[a-z.]{1,20}/pin/create | plus\.google\.com/share
      | linkedin\.com/(?:sharearticle|sharing/|cws/)
      | (?:api\.whatsapp\.com/send|whatsapp://send/?)\?text | wa\.me/\?text
      | (?:telegram\.me|t\.me)/share | tumblr\.com/(?:share|widgets/share) | reddit\.com/submit
      | thefancy\.com/fancyit | fb-messenger://share | vk\.com/share | line\.me/r/msg
      | getpocket\.com/(?:save|edit)""",
    re.X,
)
# Each way begins with a sign that stands as it is, to which a search leaps.
_TAG_PAGE: Final = re.compile(
    r"/(?:tagged/|(?:tags?|category|label)/|(?<!/forum/)(?<!/forums/)topic/(?!\d))|constraint="
)
_BACK: Final = re.compile(rf"^{ARROWS}(?:{any_of(BACK_LINKS)})\W*+$", re.I)
_EXPANDER: Final = re.compile(rf"^{ARROWS}(?:{any_of(EXPANDERS)})\W*+$", re.I)
_EXPANDING: Final = re.compile(r"more|toggle|expand|collaps", re.I)
_LONGEST_BACK: Final = 60
_MOST_BACK: Final = 3
_SHARE_LABEL: Final = 40  # characters that may stand beside the links: "Share this post on:"

SUSPECTS: Final = (
    ":is([class],[id],[hidden],[aria-hidden],[style],nav,footer,aside,form,button,input,select,"
    "textarea,script,style,noscript,template,svg,dialog,"
    "[role$=dialog],share-button,amp-ad,amp-embed,"
    'img[width="1"],img[width="0"],img[width="1px"])'
)
"""The elements of a container that a rule may concern, as one query that finds each once."""


def boilerplate_rule(node: LexborNode, *, outside_body: bool = False) -> str:
    """Return the rule by which an element is no part of a body, or an empty string.

    `outside_body` adds the rules for the page around a body; not for use inside a known container.
    """
    tag, attributes = node.tag or "", node.attributes
    rule = _TAG_RULES.get(tag, "")
    if rule and not (tag in SPEAKING and says_authors_words(node) and not _says_to_expand(node)):
        return rule
    if attributes and is_hidden(tag, attributes):
        return "" if is_revealed(node, in_authors_text=not outside_body) else "hidden"
    if tag == "img" and _is_pixel(attributes):
        return "tracking_pixel"
    if attributes.get("role") in _DIALOGS:
        return "overlay"
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    found = rule_for_names(names, outside_body) if names != " " else ""
    if found in _DOUBTFUL and _is_authors(node, found, names, outside_body=outside_body):
        found = ""
    if found and tag in _HIGHLIGHTING and _is_code(node):
        found = ""  # how a highlighter calls a comment or a tag of a program
    if found == "contents_list" and not _is_list(node):
        found = ""
    if found or not outside_body:
        return found
    rule = _AROUND_TAGS.get(tag, "")
    return "" if rule == "sidebar" and _is_note(node) else rule


def _is_code(node: LexborNode) -> bool:
    return any(outer.tag in ("pre", "code") for outer in ancestors(node))


def _is_list(node: LexborNode) -> bool:
    """Return whether an element holds items or links, or no sentence."""
    return node.css_first("li,a") is not None or len(one_line(node.text())) < _SENTENCE


def _is_note(node: LexborNode) -> bool:
    """Return whether an ``aside`` is an author's note in his text: sentences between paragraphs,
    without a form and without links to other posts."""
    beside = [
        next((one.tag for one in siblings if one.is_element_node), "")
        for siblings in (siblings_before(node), siblings_after(node))
    ]
    text = one_line(node.text())
    if not _BESIDE_NOTE.issuperset(beside) or len(text) < _SENTENCE:
        return False
    linked = linked_size(node)
    return 2 * linked < len(text) and node.css_first(_OF_A_WIDGET) is None


def _is_authors(node: LexborNode, rule: str, names: str, *, outside_body: bool) -> bool:
    """Return whether an element whose names fall under a doubtful rule is an author's: a note with
    the class "comment", a panel that opens."""
    if rule == "comments":
        is_of_readers = node.css_first(_COMMENT_SIGNS) is not None or holds(node, COMMENT_IDS)
        return not outside_body and not is_of_readers
    if is_for_listeners(names):
        return False
    if is_shown_by_names(names):
        return not is_twin(node, node.text())
    return is_revealed(node, in_authors_text=not outside_body)


def _is_pixel(attributes: dict[str, str | None]) -> bool:
    """Return whether an image is a pixel wide and high; a placeholder of a larger one is none."""
    if (attributes.get("alt") or "").strip() or any(attributes.get(name) for name in LAZY_IMAGE):
        return False
    style = attributes.get("style") or ""
    drawn = dict(_DRAWN.findall(style.lower()))
    return all(
        _ONE_PIXEL.fullmatch(drawn.get(side) or attributes.get(side) or "") is not None
        for side in ("width", "height")
    )


def is_tag_link(link: LexborNode) -> bool:
    """Return whether a link leads to a tag's page, and is no card that invites there."""
    attributes = link.attributes
    is_tag = _leads_to_tag(attributes.get("href") or "")
    return (is_tag or "tag" in (attributes.get("rel") or "").split()) and not _is_card(link)


@cache_short(maxsize=4096)  # a store's pages repeat their links
def _leads_to_tag(href: str) -> bool:
    return _TAG_PAGE.search(href.lower()) is not None


def _is_card(link: LexborNode) -> bool:
    """Return whether a link holds a picture, a heading, or several pieces of text."""
    if link.css_first("img,picture,h2,h3,h4,h5,h6") is not None:
        return True
    pieces = (one for one in link.css("div,p,span") if sum(map(str.isalnum, one.text())) > 1)
    return sum(1 for _ in pieces) > 1


def is_tag_row(node: LexborNode) -> bool:
    """Return whether an element holds links to tag pages and nothing else but a label."""
    links = node.css("a[href]")
    if not 1 <= len(links) <= _MOST_TAGS or not all(is_tag_link(link) for link in links):
        return False
    rest = one_line(node.text())
    for link in links:
        rest = rest.replace(one_line(link.text()), "", 1)
    return bool(_TAG_LABEL.match(rest.strip()))


def is_back_link(link: LexborNode) -> bool:
    """Return whether a link leads back to the list of posts, by its words."""
    text = one_line(link.text())
    href = (link.attributes.get("href") or "").strip()
    return len(text) < _LONGEST_BACK and href[:1] not in ("", "#") and _BACK.match(text) is not None


def is_back_row(node: LexborNode) -> bool:
    """Return whether an element holds links back to the list of posts and nothing else."""
    links = node.css("a[href]")
    if not 1 <= len(links) <= _MOST_BACK or not all(is_back_link(link) for link in links):
        return False
    rest = one_line(node.text())
    for link in links:
        rest = rest.replace(one_line(link.text()), "", 1)
    return not rest.strip(" <>|←→‹›«»·-–—") and node.css_first("img:not(a img)") is None


def is_to_place(link: LexborNode) -> bool:
    """Return whether a link leads to a place on its own page."""
    href = link.attributes.get("href") or ""
    return href.startswith("#") and len(href) > 1


def is_contents_row(node: LexborNode) -> bool:
    """Return whether an element holds links to places on the page and nothing else but a label."""
    links = node.css("a[href]")
    if not 1 <= len(links) <= _MOST_TAGS or not all(map(is_to_place, links)):
        return False
    rest = len(one_line(node.text())) - sum(len(one_line(link.text())) for link in links)
    return rest <= _SHARE_LABEL


def is_expander(link: LexborNode) -> bool:
    """Return whether a link leads nowhere and only shows what the page holds back. One to a part of
    the page, with nothing for a script to act on, is the author's."""
    attributes = link.attributes
    href = (attributes.get("href") or "").strip()
    if href[:1] not in ("", "#") and not href.startswith("javascript:"):
        return False
    if not _says_to_expand(link):
        return False
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    acts = "onclick" in attributes or opens_by_attribute(attributes) or href[:1] not in ("", "#")
    return acts or (href in ("", "#") and _EXPANDING.search(names) is not None)


def _says_to_expand(control: LexborNode) -> bool:
    text = one_line(control.text())
    return len(text) < _LONGEST_BACK and _EXPANDER.match(text) is not None


def is_expander_row(node: LexborNode) -> bool:
    """Return whether an element holds nothing but what shows the rest of a text."""
    links = node.css("a[href]")
    text = "".join(link.text() for link in links)
    is_alone = letters_only(text) == letters_only(node.text()) and node.css_first("img") is None
    return is_alone and 1 <= len(links) <= _MOST_BACK and all(map(is_expander, links))


def is_share_link(link: LexborNode) -> bool:
    """Return whether a link begins a reader's own message about the page."""
    href = (link.attributes.get("href") or "").lower()
    return href.startswith("mailto:?") or _SHARE_URL.search(href) is not None


def is_share_row(node: LexborNode) -> bool:
    """Return whether an element holds links to share the page and nothing else but a label."""
    links = node.css("a[href]")
    if not 1 <= len(links) <= _MOST_TAGS or not all(is_share_link(link) for link in links):
        return False
    rest = len(one_line(node.text())) - sum(len(one_line(link.text())) for link in links)
    return rest <= _SHARE_LABEL and node.css_first("img:not(a img)") is None

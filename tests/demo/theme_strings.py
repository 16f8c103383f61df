"""Every visible string that the demo store's themes add to a page of a post, so that tests can
prove that none reaches an archive: whole text nodes, hidden templates included, without what comes
from the store's data (titles, names, dates, tags, comments).

A test renders each theme and proves these lists complete.
"""

from __future__ import annotations

COMMON_STRINGS = (
    "Skip past the menu",
    "Hollow Fern front page",
    "About our workshop",
    "Open your basket",
    "Join the Hollow Fern letter list",
    "Your address for our letters",
    "Put me on the list",
    "Delivery and returns desk",
    "© Hollow Fern, a shop powered by Shopify",
    "This shop keeps cookies to remember your basket.",
    "Accept every cookie",
    "Choose which cookies",
    "Quick look at the product",
    "Choose your size first",
    "Drop it in the basket",
    "What readers said",
    "replied",
    "Comments page",
    "Leave us a comment",
    "Name for your comment",
    "E-mail for your comment",
    "Your comment",
    "Comments are read by us before they are published.",
    "Send the comment",
)
"""On every page of a post, in every theme; "replied" and "Comments page" stand beside a name and a
number."""

_STANDARD_FRAME = (
    "Search all of the shop",
    "Log in to your account",
    "Latest from our blogs",
    "Refund policy of the shop",
)
_ANNOUNCEMENT = ("This week every basket over £35 travels free",)

ARTICLE_STRINGS: dict[str, tuple[str, ...]] = {
    "palo_alto": (
        *_STANDARD_FRAME,
        "Product Title",
        "Go to product",
        "Select variant",
        "Select size",
        "This is the place where the product description will appear if a product has one.",
        "This site has limited support for your browser. We recommend switching to Edge, Chrome, "
        "Safari, or Firefox.",
        "Posted by",
        "on",
        "← Older Post",
        "Newer Post →",
        "Related Posts",
    ),
    "dawn": (
        *_STANDARD_FRAME,
        *_ANNOUNCEMENT,
        "Share",
        "Copy the link of this post",
        "Link",
        "Close the share window",
        "Back to blog",
    ),
    "debut": (
        *_STANDARD_FRAME,
        *_ANNOUNCEMENT,
        "Please confirm that you are over 18",
        "Yes, let me in",
        "No, take me away",
        "by",
        "Share",
        "Share on Facebook",
        "Tweet",
        "Tweet on Twitter",
        "Pin it",
        "Pin on Pinterest",
        "Back to",
    ),
    "turbo": (
        *_STANDARD_FRAME,
        *_ANNOUNCEMENT,
        "You are now reading",
        "Written by",
        "Share this post with a friend",
        "Facebook page",
        "Send by e-mail",
        "Previous",
        "Next",
        "Also in our blog",
        "Continue with this post",
    ),
    "showtime": (
        *_STANDARD_FRAME,
        *_ANNOUNCEMENT,
        "Front page of the shop",
        "Published by",
        "Filed under",
        "Share this:",
        "Facebook",
        "Twitter",
        "Previous Post",
        "Next Post",
        "Fresh on the shelf of posts",
        "Browse by subject",
    ),
    "utility": (
        *_ANNOUNCEMENT,
        "Posted",
        "Words by",
        "Pass this post on",
        "via Facebook",
        "More to read on this shelf",
    ),
    "halo": (
        *_STANDARD_FRAME,
        *_ANNOUNCEMENT,
        "Post by by",
        "Good tea asks for nothing but time and a warm hand around the cup.",
        "The motto of our house",
        "Share it with somebody",
        "Older Post",
        "Newer Post",
        "Related Posts",
        "Read More",
    ),
}
"""What each theme adds on top of that; "Posted by" and the like stand beside a name."""


def boilerplate_of(theme: str) -> tuple[str, ...]:
    """Every string that a theme adds."""
    return COMMON_STRINGS + ARTICLE_STRINGS[theme]


def found_in(theme: str, text: str) -> tuple[str, ...]:
    """The boilerplate in an extracted text: strings of four words and more anywhere, shorter ones
    where they are a whole line.

    Short ones are words that an author may use ("Share", "Next"); a line of its own is what a theme
    makes of them.
    """
    lines = {line.strip(" •*#-") for line in text.splitlines()}
    return tuple(
        string
        for string in boilerplate_of(theme)
        if string in lines or (len(string.split()) >= 4 and string in text)
    )

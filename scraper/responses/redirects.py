"""What a redirect means: the same page in another form, a rename, or a post that is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urljoin, urlsplit

from scraper.exceptions import NotAStoreURL
from scraper.hosts import LONGEST_URL, host_of, hosts_of, parse_store_url, same_store
from scraper.shopify.urls import canonical_post_url

RedirectKind = Literal[
    "password_page", "challenge", "redirected_off", "redirected_home", "renamed", "unreadable"
]

_LOCALE = re.compile(r"^/[A-Za-z]{2}(?:-[A-Za-z0-9]{2,4}){0,2}(?=/|$)")
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Where an answer points, and what that says. `same_address` marks a mere other form: scheme,
    ``www.``, locale, slash or query."""

    kind: RedirectKind
    detail: str
    target: str
    same_address: bool = False


def read_redirect(url: str, location: str) -> Redirect:
    """Classify the redirect of `url` to `location` (relative or absolute), without following it.

    Shopify answers 301 from a former handle to the new one, and a path ending in ``/password``
    means that the store is closed (docs/explanation/shopify.md, 3.5). Merchants redirect what they
    took down to the home page, a blog's index, a search or a collection.
    """
    try:
        target = urljoin(url, location.strip()) if location.strip() else ""
        parts, here = urlsplit(target), urlsplit(url)
        hosts = hosts_of(parse_store_url(url))
    except (ValueError, NotAStoreURL):
        target = ""
    if len(target) > LONGEST_URL or not host_of(target):
        return Redirect(
            kind="unreadable",
            detail=f"redirect without a web address: {location[:_LONGEST_SHOWN]!r}",
            target="",
        )
    path = _bare_path(parts)
    if not same_store(target, hosts):
        return Redirect(
            kind="redirected_off",
            detail=f"to the host {parts.netloc[:_LONGEST_SHOWN]}",
            target=target,
        )
    if path.endswith("/password"):
        return Redirect(kind="password_page", detail="to the store's password page", target=target)
    if path == "/challenge" or path.startswith(("/challenge/", "/cdn-cgi/")):
        return Redirect(kind="challenge", detail=f"to {path[:_LONGEST_SHOWN]}", target=target)
    if target == url:
        return Redirect(kind="unreadable", detail="redirect to itself", target=target)
    return _within_store(url, here, target, parts)


def _within_store(url: str, here: SplitResult, target: str, parts: SplitResult) -> Redirect:
    post, new = canonical_post_url(url), canonical_post_url(target)
    if _bare_path(here) == _bare_path(parts) or (
        post and new and (post.blog_handle, post.handle) == (new.blog_handle, new.handle)
    ):
        return Redirect(
            kind="renamed",
            detail="same address, other form of it",
            target=target,
            same_address=True,
        )
    if post and new:
        return Redirect(
            kind="renamed", detail=f"to /blogs/{new.blog_handle}/{new.handle}", target=target
        )
    path = _bare_path(parts)
    if post or path == "/":
        return Redirect(kind="redirected_home", detail=f"to {path[:_LONGEST_SHOWN]}", target=target)
    return Redirect(kind="renamed", detail=f"to {path[:_LONGEST_SHOWN]}", target=target)


def _bare_path(parts: SplitResult) -> str:
    """The path without locale and trailing slash."""
    return _LOCALE.sub("", re.sub(r"/{2,}", "/", parts.path)).rstrip("/") or "/"

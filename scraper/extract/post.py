"""Take the post out of a page: body, fields, links and codes, without the theme around them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.author_names import split_authors
from scraper.exceptions import ExtractionError
from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.clean import find_boilerplate, outermost, remove
from scraper.extract.body.container import BodyMatch
from scraper.extract.body.feed_match import (
    claim_on_body,
    feed_letters,
    holds_most,
    outside_feed,
    share_held,
)
from scraper.extract.body.find_body import find_body
from scraper.extract.body.links import LinkCollector, add_theme_links, new_link_collector
from scraper.extract.body.removal_rules import LEARNED_RULES
from scraper.extract.body.render.body_text import RenderedBody, render_body
from scraper.extract.body.render.flow import reveal_formulas
from scraper.extract.body.render.images import reveal_noscript
from scraper.extract.body.trim import Removal
from scraper.extract.dom import ancestors, is_inside, visible_text
from scraper.extract.fields.codes import find_codes
from scraper.extract.fields.metadata import Metadata, read_fields
from scraper.extract.page.blocks import body_blocks, page_blocks
from scraper.extract.page.context import BodyContext, gather_context
from scraper.extract.page.markdown import html_to_markdown
from scraper.extract.page.parsed_page import ParsedPage, as_parsed
from scraper.extract.page.text import count_words, letters_only, title_letters
from scraper.extract.template.match import theme_blocks
from scraper.hosts import bare_host
from scraper.items import Block, FeedCheck, FeedEntry, FieldClaim, Post, Template
from scraper.shopify.urls import PostAddress, canonical_post_url

_WITHOUT_LINKS = frozenset({"comments", "share", "tags", "code", "navigation"})
"""Rules whose removed elements hold no links from post to post."""

_CONTRADICTS = 0.1
"""A body that holds a smaller share of the feed's words is no edit of them."""

_FEWEST_LETTERS = 60
"""A feed entry with fewer letters can contradict no page: a single edit would change most of it."""

_BY_AUTHORS_WORDS = frozenset({"feed", "jsonld"})
"""Methods by which a body's element was found on this page from the author's words."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of a page before its boilerplate goes."""

    page: ParsedPage
    match: BodyMatch
    context: BodyContext
    address: PostAddress | None
    links: LinkCollector
    fields: Metadata
    author_letters: str

    @property
    def title(self) -> str:
        return self.fields.value("title")


def extract_post(
    html: bytes | str | ParsedPage,
    *,
    url: str,
    charset: str | None = None,
    feed_entry: FeedEntry | None = None,
    template: Template | None = None,
    addresses: Collection[str] = (),
    seen_at: str = "",
    explain: bool = False,
) -> Post:
    """Take the post out of a page.

    `html` may be parsed already, and changes then. `url` is the page's address, `charset` the one
    that the server named. `feed_entry` is the same post's entry of the blog's feed: it comes before
    the page for all fields and shows which element holds the author's text; it never is the body
    itself, so that a post reads the same whether the feed still holds it or not. `template` is what
    was learned from the store's other pages; links to `addresses`, the origins of the store, are
    links within it. `seen_at` (UTC) is when the page was fetched or saved, where that is known: no
    date after it is one of publication. With `explain` the blocks of the result are all blocks of
    the page, else the body and what was removed from it. Raises ExtractionError where there is no
    body.
    """
    page = as_parsed(html, url=url, charset=charset)
    reading = _read(page, feed_entry, template, addresses, seen_at)
    removals = _removals(reading, template)
    blocks = _blocks(reading, removals, explain=explain)
    _collect_removed_links(reading, removals)
    _take_out(reading.match.node, removals)
    body = render_body(
        reading.match.node, reading.links, title=reading.title, base=reading.page.url
    )
    if not body.text and "<img" not in body.html and "data-embed" not in body.html:
        raise ExtractionError(
            "empty_body: the element that should hold the post shows neither text nor image"
        )
    feed_check = _feed_check(body.html, reading.author_letters)
    reading = replace(reading, fields=_with_body_claim(reading.fields, feed_entry, feed_check))
    return _post(reading, body, blocks, template, feed_check)


def find_post(
    page: ParsedPage, *, feed_entry: FeedEntry | None, template: Template | None
) -> tuple[LexborNode, list[Removal]]:
    """Find the element that holds a page's post, and what leaves it; the page stays as it is.
    Raises ExtractionError where there is no body."""
    reading = _read(page, feed_entry, template, (), "")
    return reading.match.node, _removals(reading, template)


def take_post(
    body: bytes | ParsedPage,
    *,
    final_url: str,
    charset: str = "",
    entry: FeedEntry | None,
    template: Template | None,
    addresses: Collection[str] = (),
    seen_at: str = "",
) -> Post:
    """Take the post out of the page that `final_url` answered.

    That address is the post's, whatever the page's canonical link names; but its feed entry says
    nothing of a page that names another and lacks most of the entry's words. `addresses` are the
    origins of the store; `seen_at` is when the page was fetched. Raises ExtractionError.
    """
    page = as_parsed(body, url=final_url, charset=charset)
    address, own = canonical_post_url(final_url), _own_address(page)
    is_elsewhere = address is not None and own is not None and own.url != address.url
    post = extract_post(
        page,
        url=final_url,
        feed_entry=None if is_elsewhere and not _holds_words(page, entry) else entry,
        template=template,
        addresses=addresses,
        seen_at=seen_at,
    )
    if address is None or not is_elsewhere:
        return post
    return replace(
        post,
        canonical_url=post.url,
        url=address.url,
        locale=address.locale,
        blog_handle=address.blog_handle,
        handle=address.handle,
    )


def _holds_words(page: ParsedPage, entry: FeedEntry | None) -> bool:
    letters = feed_letters(entry)
    if not letters or page.body is None:
        return False
    return holds_most(letters_only(visible_text(page.body)), letters)


def _read(
    page: ParsedPage,
    feed_entry: FeedEntry | None,
    template: Template | None,
    addresses: Collection[str],
    seen_at: str,
) -> _Reading:
    address = _own_address(page)
    if address is not None and canonical_post_url(page.url) is None:
        page = replace(page, url=address.url)  # a saved page: its own links are relative to it
    author_letters = feed_letters(feed_entry)
    boilerplate = BoilerplateIndex(page)
    match = find_body(page, author_letters, boilerplate, template)
    context = gather_context(page.elements, match.node, boilerplate)
    links = new_link_collector(page, address, addresses)
    inside = {near.node.mem_id for near in context.anchors if near.inside}
    anchors = [near.node for near in context.anchors]
    add_theme_links(links, page, anchors, inside, layout=ancestors(match.node))
    blog_handle = address.blog_handle if address else ""
    fields = read_fields(page, context, blog_handle=blog_handle, entry=feed_entry, seen_at=seen_at)
    return _Reading(page, match, context, address, links, fields, author_letters)


def _removals(reading: _Reading, template: Template | None) -> list[Removal]:
    """Return the outermost elements that leave the body, by our rules, the template and the
    feed."""
    container, others = reading.match.node, reading.context.boilerplate.others.values()
    removals = find_boilerplate(
        container,
        title=reading.title,
        authors=split_authors(reading.fields.value("author")),
        others=[one for one in others if is_inside(one, container)],
        may_hold_boilerplate=reading.match.may_hold_boilerplate,
        title_elsewhere=_title_elsewhere(reading.context, reading.title),
    )
    # Where the page itself shows which words are the author's, that decides.
    if template is not None and reading.match.method not in _BY_AUTHORS_WORDS:
        learned = [
            (node, LEARNED_RULES[block.learned_from])
            for node, block in theme_blocks(container, template)
            if block.learned_from != "sights" or not _is_most(node, container)
        ]
        removals = outermost(removals + learned)
    letters = reading.author_letters
    if (
        letters
        and reading.match.method == "feed"
        and letters_only(visible_text(container)) != letters
    ):
        removals = outermost(removals + outside_feed(container, letters))
    return removals


def _take_out(container: LexborNode, removals: list[Removal]) -> None:
    """Remove elements, after what they show readers without scripts has taken its place."""
    reveal_noscript(container)
    reveal_formulas(node for node, _ in removals if node.tag == "script")
    remove(removals)


def _is_most(node: LexborNode, container: LexborNode) -> bool:
    """Return whether an element holds most of a body's text, links to other pages left out: what
    varies by itself never does."""
    linked = sum(len(link.text()) for link in node.css("a[href]"))
    return 2 * (len(node.text()) - linked) > len(container.text())


def _title_elsewhere(context: BodyContext, title: str) -> bool:
    """Return whether the theme prints the title outside the body's element."""
    key = title_letters(title)
    return any(
        not near.inside
        and title_letters(near.node.text()) == key
        and not any(outer.tag == "nav" for outer in ancestors(near.node))
        for near in context.headings
    )


def _blocks(reading: _Reading, removals: list[Removal], *, explain: bool) -> tuple[Block, ...]:
    container = reading.match.node
    if explain:
        return page_blocks(reading.page.tree.body or container, container, removals)
    return body_blocks(container, removals)


def _collect_removed_links(reading: _Reading, removals: list[Removal]) -> None:
    """Collect links in pagers and widgets inside the body's element: they are not the text's."""
    for node, rule in removals:
        if rule not in _WITHOUT_LINKS:
            anchors = [node] if node.tag == "a" else node.css("a[href]")
            add_theme_links(reading.links, reading.page, anchors, set())


def _with_body_claim(fields: Metadata, entry: FeedEntry | None, feed_check: FeedCheck) -> Metadata:
    """Return the fields with what the feed claims of the body: its hashes as `value`, whether the
    page agrees as `raw`."""
    if not (value := claim_on_body(entry)):
        return fields
    claim = FieldClaim(field="body", source="feed", raw=feed_check, value=value)
    return replace(fields, readings=(*fields.readings, claim))


def _post(
    reading: _Reading,
    body: RenderedBody,
    blocks: tuple[Block, ...],
    template: Template | None,
    feed_check: FeedCheck,
) -> Post:
    page, address, fields = reading.page, reading.address, reading.fields
    links, match = reading.links, reading.match
    return Post(
        url=address.url if address else page.url,
        locale=address.locale if address else "",
        blog_handle=address.blog_handle if address else "",
        handle=address.handle if address else "",
        article_id=page.article_id,
        title=reading.title,
        author=fields.value("author"),
        published_at=fields.value("published_at"),
        modified_at=fields.value("modified_at"),
        excerpt=fields.value("excerpt"),
        image_url=fields.value("image_url"),
        language=page.language,
        tags=fields.tags,
        html=body.html,
        markdown=html_to_markdown(body.html_without_related),
        text=body.text,
        word_count=count_words(body.text),
        comment_count=fields.comment_count,
        links=links.links(),
        self_links=links.self_links(),
        non_post_links=links.non_post_links(),
        codes=find_codes(body.text),
        readings=fields.readings,
        blocks=blocks,
        method=match.method,
        confidence=match.confidence,
        template=template.version if template else "",
        learned_from=match.learned_from or "",
        feed_check=feed_check,
    )


def _feed_check(html: str, author_letters: str) -> FeedCheck:
    """Compare the sanitised body with the feed's text, letter for letter."""
    if not author_letters:
        return ""
    body = LexborHTMLParser(html).body
    letters = letters_only(visible_text(body)) if body is not None else ""
    if letters == author_letters:
        return "equal"
    if len(author_letters) < _FEWEST_LETTERS:
        return "differs"
    return "contradicts" if share_held(letters, author_letters) < _CONTRADICTS else "differs"


def _own_address(page: ParsedPage) -> PostAddress | None:
    """Return the post's address: the canonical link's, as long as it is on the page's own host.

    In a page that was saved without its address, as mirrors do, the links may be rewritten. What
    the page offers for sharing, and Shopify's analytics, are left alone then (half of 334 pages).
    """
    requested = canonical_post_url(page.url)
    canonical = requested
    if page.canonical != page.url:
        canonical = canonical_post_url(page.canonical, page.url)
    if requested is not None:
        is_same_host = canonical and bare_host(canonical.origin) == bare_host(requested.origin)
        return canonical if is_same_host else requested
    if canonical is not None:
        return canonical
    others = filter(None, (page.metas.get("og:url", ""), page.analytics_url))
    addresses = (canonical_post_url(url, page.url) for url in others)
    return next(filter(None, addresses), None)

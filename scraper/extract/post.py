"""A page to a post: find the body, take the theme out of it, read the fields, gather the links."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.exceptions import ExtractionError
from scraper.extract.body.body_text import take_body
from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.clean import find_junk, outside_feed, remove
from scraper.extract.body.codes import find_codes
from scraper.extract.body.container import (
    Candidate,
    Found,
    agreeing,
    choose_known,
    list_candidates,
    prose_beside,
    tightest_around,
)
from scraper.extract.body.density import find_dense
from scraper.extract.body.links import LinkCollector, add_frame_links, open_book
from scraper.extract.body.markdown import html_to_markdown
from scraper.extract.body.removal_rules import LEARNED_RULES
from scraper.extract.dom import ancestors, has_ancestor, visible_size, visible_text
from scraper.extract.fields.metadata import read_fields
from scraper.extract.page.blocks import all_blocks, cheap_blocks
from scraper.extract.page.context import BodyContext, gather
from scraper.extract.page.elements import PageElements, find_elements
from scraper.extract.page.parsed_page import ParsedPage, parse_page
from scraper.extract.page.text import count_words, letters_only, title_letters
from scraper.extract.template.learn import (
    MIN_PAGES,
    NEARLY_ALL,
    Sample,
    find_by_template,
    fits,
    learn_template,
    texts_of,
    theme_blocks,
)
from scraper.extract.template.repetition import Phrase, shared_phrases
from scraper.items import FeedCheck, FeedEntry, Post, Template
from scraper.shopify.urls import PostAddress, canonical_post_url

_LONGEST_BODY = 3_000_000  # characters, as many as War and Peace has; they take a second
_THIN = 200  # letters; a known container that holds fewer is checked against what density finds


LEARN_PAGES = 20
"""How many of a store's article pages are enough to learn its template from."""

_HALF = 0.5


class SavedPage(NamedTuple):
    """An article page to learn from: its source, its address, its entry of the blog's feed where
    there is one, its charset as served."""

    html: bytes | str | ParsedPage
    url: str
    entry: FeedEntry | None = None
    charset: str | None = None


def extract_post(
    html: bytes | str | ParsedPage,
    *,
    url: str,
    charset: str | None = None,
    feed_entry: FeedEntry | None = None,
    template: Template | None = None,
    addresses: Collection[str] = (),
    explain: bool = False,
) -> Post:
    """Take the post out of a page.

    `html` may be parsed already, and is then changed; `url` is the page's address; `charset` what the server said; `feed_entry` the same post's entry
    of the blog's feed, trusted before the page on all fields and used to find the element that
    holds the author's words (never as the body itself, so that a post reads the same whether the
    feed still holds it or not); `template` is what was learned from the store's other pages;
    `addresses` are the origins at which the store stood, links to which are links within it. With
    `explain` the result's blocks are every block of the page, else the body and what was removed
    from it. Raises ExtractionError where there is no body.
    """
    page = _parsed(html, url, charset)
    words = letters_only(_feed_text(feed_entry))
    seen = find_elements(page)
    places = BoilerplateIndex(page, seen)
    found = find_body(page, words, seen, places, template)
    _refuse_endless(found.node)
    around = gather(seen, found.node, places)
    own = _own_address(page)
    book = open_book(page, own, addresses)
    inside = {near.node.mem_id for near in around.anchors if near.inside}
    add_frame_links(
        book, page, [near.node for near in around.anchors], inside, layout=ancestors(found.node)
    )
    fields = read_fields(page, around, blog_handle=own.blog_handle if own else "", entry=feed_entry)
    title = fields.value("title")
    removals = find_junk(
        found.node,
        title=title,
        around=found.framed,
        title_elsewhere=_title_elsewhere(around, title),
    )
    if template is not None and found.method == "template":
        removals = _without_nested(
            removals
            + [
                (node, LEARNED_RULES[block.learned_from])
                for node, block in theme_blocks(found.node, template)
            ]
        )
    if words and letters_only(visible_text(found.node)) != words:
        removals = _without_nested(removals + outside_feed(found.node, words))
    blocks = (
        all_blocks(page.tree.body or found.node, found.node, removals)
        if explain
        else cheap_blocks(found.node, removals)
    )
    _note_removed_links(book, removals, page)
    remove(removals)
    body = take_body(found.node, book, title=title, base=page.url)
    if not body.text and "<img" not in body.html and "data-embed" not in body.html:
        raise ExtractionError(
            "empty_body: the element that should hold the post shows neither text nor image"
        )
    return Post(
        url=own.url if own else page.url,
        locale=own.locale if own else "",
        blog_handle=own.blog_handle if own else "",
        handle=own.handle if own else "",
        article_id=page.article_id,
        title=title,
        author=fields.value("author"),
        published_at=fields.value("published_at"),
        modified_at=fields.value("modified_at"),
        excerpt=fields.value("excerpt"),
        image_url=fields.value("image_url"),
        language=page.language,
        tags=fields.tags,
        html=body.html,
        markdown=html_to_markdown(body.reading_html),
        text=body.text,
        word_count=count_words(body.text),
        comment_count=fields.comment_count,
        links=book.links(),
        self_links=book.self_links(),
        non_post_links=book.non_post_links(),
        codes=find_codes(body.text),
        readings=fields.readings,
        blocks=blocks,
        method=found.method,
        confidence=found.confidence,
        template=template.version if template is not None else "",
        learned_from=found.learned_from or "",
        feed_check=_feed_check(body.html, words),
    )


def _parsed(html: bytes | str | ParsedPage, url: str, charset: str | None) -> ParsedPage:
    return html if isinstance(html, ParsedPage) else parse_page(html, url=url, charset=charset)


def take_post(
    body: bytes | ParsedPage,
    *,
    final_url: str,
    charset: str = "",
    entry: FeedEntry | None,
    template: Template | None,
    addresses: Collection[str] = (),
) -> Post:
    """The post of a page that `final_url` answered; `addresses` are the origins at which its store
    stood. Raises ExtractionError."""
    post = extract_post(
        body,
        url=final_url,
        charset=charset,
        feed_entry=entry,
        template=template,
        addresses=addresses,
    )
    # The address that answered is the post's; a canonical link may name another host, or another
    # post.
    address = canonical_post_url(final_url)
    if address and address.url != post.url:
        post = replace(
            post,
            url=address.url,
            locale=address.locale,
            blog_handle=address.blog_handle,
            handle=address.handle,
        )
    return post


def _refuse_endless(container: LexborNode) -> None:
    size = len(container.text())
    if size > _LONGEST_BODY:
        raise ExtractionError(f"too_long: the body has {size} characters, more than anybody writes")


def keeps_template(pages: Sequence[SavedPage], known: Template) -> bool:
    """Whether a store's pages are still to be read by the template that is known of it."""
    return _stays(known, _samples(pages))


def settle_template(pages: Sequence[SavedPage], known: Template | None = None) -> Template | None:
    """The template by which a store's pages are to be read: the known one as long as it fits, else
    one learned from these pages.

    One that was learned without the author's words gives way as soon as the feed tells them. None
    where the pages share nothing.
    """
    samples = _samples(pages)
    if known is not None and _stays(known, samples):
        return known
    unsure = [sample for sample in samples if sample.found.framed]
    if len(unsure) >= MIN_PAGES:
        shared = shared_phrases(texts_of(sample.root) for sample in samples)
        samples = [
            replace(sample, found=_denser(sample, shared)) if sample.found.framed else sample
            for sample in samples
        ]
    learned = learn_template(samples)
    if known is not None and (
        learned is None or (fits(known, samples) and learned.learned_from == known.learned_from)
    ):
        return known
    return learned


def _stays(known: Template, samples: Sequence[Sample]) -> bool:
    """Not if it leads nowhere on these pages, nor if it was learned without the author's words and
    two of the pages have them now.

    A few pages may by chance be those of a kind that is rare in the store: half of them are enough.
    """
    told = [sample for sample in samples if sample.words and sample.told_by == "feed"]
    share = NEARLY_ALL if len(samples) >= LEARN_PAGES else _HALF
    return fits(known, samples, share) and not (
        known.learned_from == "pages" and len(told) >= MIN_PAGES
    )


def _samples(pages: Sequence[SavedPage]) -> list[Sample]:
    return [sample for page in pages if (sample := _sample(page))]


def _sample(saved: SavedPage) -> Sample | None:
    words = letters_only(_feed_text(saved.entry))
    try:
        page = _parsed(saved.html, saved.url, saved.charset)
        seen = find_elements(page)
        places = BoilerplateIndex(page, seen)
        found = find_body(page, words, seen, places)
        _refuse_endless(found.node)
    except ExtractionError:
        return None
    return Sample(page, places, found, words or _spoken_body(page), "feed" if words else "jsonld")


def _denser(sample: Sample, shared: frozenset[Phrase]) -> Found:
    """Where density found the body of a sample once what the other pages say too weighs nothing."""
    return find_dense(sample.page, sample.places, shared) or sample.found


def find_body(
    page: ParsedPage,
    words: str,
    seen: PageElements,
    places: BoilerplateIndex,
    template: Template | None = None,
) -> Found:
    """Find the element that holds the body: by the template, the feed's words (squashed),
    structured data, known markup, density, in this order; where the feed's words are known, the
    template's element must hold them.

    Raises ExtractionError where the page holds no prose at all.
    """
    if page.body is None:
        raise ExtractionError("no_body: the page has no body element")
    learned = find_by_template(page.body, template) if template is not None else None
    if learned is not None and (not words or words in letters_only(visible_text(learned.node))):
        return learned
    candidates = list_candidates(page, seen, places)
    found = _by_words(page, candidates, words, "feed") if words else None
    found = found or choose_known(candidates, places)
    if found is not None:
        return _checked(page, candidates, found, places)
    dense = find_dense(page, places)
    if dense is None:
        raise ExtractionError("no_prose: nothing on the page reads like a post")
    return _by_words(page, candidates, _spoken_body(page), "jsonld") or dense


def _by_words(
    page: ParsedPage, candidates: list[Candidate], words: str, method: str
) -> Found | None:
    if not words or page.body is None:
        return None
    node = agreeing(candidates, words)
    if node is not None:
        return Found(node, method, 1.0 if method == "feed" else 0.98)
    around = tightest_around(page.body, words)
    return Found(around, method, 0.97) if around is not None else None


def _checked(
    page: ParsedPage, candidates: list[Candidate], found: Found, places: BoilerplateIndex
) -> Found:
    """A thin container may be the wrong one: ask structured data, then density, before believing
    it."""
    if found.method == "feed":
        return found
    known = (
        candidate.size for candidate in candidates if candidate.node.mem_id == found.node.mem_id
    )
    size = next(known, None) or visible_size(found.node)
    if size >= _THIN:
        return found
    spoken = _by_words(page, candidates, _spoken_body(page), "jsonld")
    if spoken is not None:
        return spoken
    dense = find_dense(page, places)
    return (
        dense
        if dense is not None and prose_beside(found.node, dense.node, places) > 3 * max(size, _THIN)
        else found
    )


def _spoken_body(page: ParsedPage) -> str:
    """What JSON-LD says of the body, squashed; a few words are no evidence."""
    bodies = (article.get("articleBody") for article in page.articles)
    words = next((letters_only(body) for body in bodies if isinstance(body, str)), "")
    return words if len(words) >= 40 else ""


def _feed_text(entry: FeedEntry | None) -> str:
    if entry is None or not entry.content_html:
        return ""
    tree = LexborHTMLParser(entry.content_html)
    return visible_text(tree.body) if tree.body is not None else ""


def _feed_check(html: str, words: str) -> FeedCheck:
    """Whether a body, sanitised, says what the feed says (squashed), letter for letter."""
    if not words:
        return ""
    said = LexborHTMLParser(html).body
    return "equal" if said is not None and letters_only(visible_text(said)) == words else "differs"


def _own_address(page: ParsedPage) -> PostAddress | None:
    """The post's address: the canonical link's, as long as it stays on the page's own host.

    A page that was saved without its address may have had its links rewritten, as mirrors do; what
    it tells readers who share it, and Shopify's analytics, is left alone then (half of 334 saved
    pages).
    """
    asked = canonical_post_url(page.url)
    canonical = (
        asked if page.canonical == page.url else canonical_post_url(page.canonical, page.url)
    )
    if asked is None:
        told = (
            canonical_post_url(url, page.url)
            for url in (page.metas.get("og:url", ""), page.told_url)
            if url
        )
        return canonical or next((address for address in told if address), None)
    return canonical if canonical and _host(canonical.origin) == _host(asked.origin) else asked


def _host(origin: str) -> str:
    return (urlsplit(origin).hostname or "").removeprefix("www.")


def _title_elsewhere(around: BodyContext, title: str) -> bool:
    wanted = title_letters(title)
    return any(
        not near.inside and title_letters(near.node.text()) == wanted for near in around.headings
    )


def _without_nested(removals: list[tuple[LexborNode, str]]) -> list[tuple[LexborNode, str]]:
    marked = {node.mem_id for node, _ in removals}
    unique = {node.mem_id: (node, rule) for node, rule in reversed(removals)}
    return [(node, rule) for node, rule in unique.values() if not has_ancestor(node, marked)]


def _note_removed_links(
    book: LinkCollector, removals: list[tuple[LexborNode, str]], page: ParsedPage
) -> None:
    """Pagers and widgets inside the body's element are links of theirs, not of the text."""
    for node, rule in removals:
        if rule not in ("comments", "share", "tags", "code", "navigation"):
            anchors = [node] if node.tag == "a" else node.css("a[href]")
            add_frame_links(book, page, anchors, set())

"""Which file an image's address means, and when other bytes there are a change of the store's."""

from __future__ import annotations

from scraper.history.changes import FieldChange
from scraper.history.images import (
    ImageSight,
    ImageState,
    describe_change,
    hashes_of,
    image_address,
    may_fetch_image,
    observe_image,
    read_images,
)
from scraper.history.timeline import Pending
from tests.each_row import each_row

ORIGINS = ("https://shop.example",)
CDN = "https://cdn.shopify.com/s/files/1/0123/4567/8901/files"
V1, V2 = 1_700_000_000, 1_750_000_000  # 2023-11-14, 2025-06-15


def addressed(source: str) -> tuple[str, str] | None:
    address = image_address(source, ORIGINS)
    return (address.url, address.uploaded_at) if address else None


@each_row(
    ("source", "asked"),
    [
        (f"{CDN}/bowl_600x600.jpg?v={V1}&width=600", f"{CDN}/bowl.jpg?v={V1}"),
        (f"//cdn.shopify.com{CDN[23:]}/bowl.png.webp", f"{CDN}/bowl.png"),
        (
            f"/cdn/shop/files/bowl.jpg?v={V1}&width=90",
            f"{ORIGINS[0]}/cdn/shop/files/bowl.jpg?v={V1}",
        ),
        ("http://www.shop.example/a.png#top", "https://shop.example/a.png"),
        (
            "https://pictures.example/a-300x200.jpg?w=3",
            "https://pictures.example/a-300x200.jpg?w=3",
        ),
    ],
    ids=["sized file", "converted file", "own CDN path", "own host over http", "elsewhere"],
)
def test_a_file_is_always_asked_for_in_one_form(source: str, asked: str) -> None:
    found = addressed(source)
    assert found is not None
    assert found[0] == asked


@each_row(
    "source",
    [
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "https://name:word@shop.example/a.png",
        "http://[::1/a.png",
        "",
        f"https://shop.example/{'a' * 3000}.png",
    ],
)
def test_what_is_no_address_of_the_web_is_not_asked_for(source: str) -> None:
    assert addressed(source) is None


def test_only_the_store_and_the_services_of_blog_systems_are_asked_for_images() -> None:
    asked = (f"{CDN}/a.jpg", "https://www.shop.example/a.png", "https://i2.wp.com/b/a.png")
    assert all(may_fetch_image(url, ORIGINS) for url in asked)
    left = ("https://10.0.0.1/a.png", "https://pictures.example/a.png", "https://xi2.wp.com/a.png")
    assert not any(may_fetch_image(url, ORIGINS) for url in left)
    assert not may_fetch_image("https://shop.example:8443/a.png", ORIGINS)


def test_a_version_says_when_a_file_was_uploaded() -> None:
    assert addressed(f"{CDN}/bowl.jpg?v={V1}") == (f"{CDN}/bowl.jpg?v={V1}", "2023-11-14T22:13:20Z")
    assert addressed(f"{CDN}/bowl.jpg?v=2") == (f"{CDN}/bowl.jpg?v=2", "")


def test_each_image_of_a_post_counts_once_and_the_main_one_last() -> None:
    source = f"/cdn/shop/files/a.jpg?v={V1}&amp;width=3"
    html = f'<p><img alt="a > b" src="{source}"></p><img src="data:,x">'
    found = read_images(html, f"/cdn/shop/files/a_100x.jpg?v={V1}", ORIGINS)
    assert [image.url for image in found] == [f"{ORIGINS[0]}/cdn/shop/files/a.jpg?v={V1}"]
    assert len(read_images(html, "/cdn/shop/articles/main.jpg", ORIGINS)) == 2


def sight(url: str, digest: str, day: int, **dates: str) -> ImageSight:
    return ImageSight(url=url, hash=digest, at=f"2026-03-{day:02}T06:00:00Z", **dates)


UPLOADED = {"uploaded_at": "2025-06-15T15:06:40Z"}
OLD_FILE = {"uploaded_at": "2023-11-14T22:13:20Z"}
PLAIN = "https://blog.example/pictures/a.png"


@each_row(
    ("before", "seen", "steps"),
    [
        (sight(PLAIN, "a", 1), sight(PLAIN, "a", 2), ["same"]),
        (sight(PLAIN, "a", 1), sight(PLAIN, "b", 2), ["pending"]),
        (sight(PLAIN, "a", 1, **OLD_FILE), sight(PLAIN, "b", 2, **UPLOADED), ["changed"]),
        (sight(PLAIN, "a", 1, **UPLOADED), sight(PLAIN, "b", 2, **OLD_FILE), ["pending"]),
        (sight(PLAIN, "a", 1), sight(PLAIN, "b", 3, lastmod="2026-03-02T00:00:00Z"), ["changed"]),
        (sight(PLAIN, "a", 3), sight(PLAIN, "b", 4, lastmod="2026-03-02T00:00:00Z"), ["pending"]),
        (
            sight(f"{CDN}/a.jpg?v={V1}", "a", 1, **OLD_FILE),
            sight(f"{CDN}/a.jpg?v={V2}", "b", 2, **UPLOADED),
            ["changed"],
        ),
        (
            sight(f"{CDN}/a.jpg?v={V1}", "a", 1, **OLD_FILE),
            sight(f"{CDN}/a.jpg?v={V2}", "a", 2, **UPLOADED),
            ["same"],
        ),
        (
            sight(f"{CDN}/a.jpg?v={V1}", "a", 1, **OLD_FILE),
            sight(f"{CDN}/a.jpg?v={V1}", "b", 2, lastmod="2026-03-02T00:00:00Z"),
            ["rendered"],
        ),
        (
            sight(f"{PLAIN}?w=600", "a", 1),
            sight(f"{PLAIN}?w=900", "b", 2, **UPLOADED),
            ["rendered"],
        ),
    ],
    ids=[
        "the same bytes",
        "other bytes that nothing witnesses",
        "a file stored later",
        "a file stored earlier: an old copy",
        "the post was saved since",
        "the post was saved before",
        "uploaded again, another image",
        "uploaded again, the same image",
        "encoded again by the CDN",
        "another size of it",
    ],
)
def test_other_bytes_are_a_change_where_the_store_witnesses_it(
    before: ImageSight, seen: ImageSight, steps: list[str]
) -> None:
    found = observe_image(ImageState(current=before, seen_at=before.at), seen)
    assert [step for step, _ in found] == steps
    for step, event in found:
        assert (event is not None) == (step == "changed")
        if event:
            assert (event.not_before, event.not_after) == (before.at, seen.at)


def test_bytes_that_nothing_witnesses_are_a_change_at_the_third_sight() -> None:
    before = sight(PLAIN, "a", 1)
    waiting = Pending(
        version=("b", ""),
        not_before=before.at,
        first_seen_at="2026-03-02T06:00:00Z",
        sights=2,
        confirm_sights=3,
    )
    state = ImageState(current=before, seen_at="2026-03-03T06:00:00Z", pending=waiting)
    (confirmed, _), (changed, event) = observe_image(state, sight(PLAIN, "b", 4))
    assert (confirmed, changed) == ("confirmed", "changed")
    assert event is not None
    assert (event.not_before, event.not_after, event.witness) == (
        before.at,
        waiting.first_seen_at,
        "sights",
    )
    assert [step for step, _ in observe_image(state, before)] == ["volatile", "same"]


def test_the_change_names_both_images() -> None:
    field = describe_change(sight(PLAIN, "a" * 64, 1), sight(PLAIN, "b" * 64, 2))
    assert field == FieldChange(
        field="image_bytes", old=f"sha256:{'a' * 64} {PLAIN}", new=f"sha256:{'b' * 64} {PLAIN}"
    )
    assert hashes_of(field) == ("a" * 64, "b" * 64)

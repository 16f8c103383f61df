"""Which addresses lead to one target, and which do not."""

from __future__ import annotations

from scraper.history.normal_form.addresses import normal_address, normal_fragment
from tests.each_row import each_row

SHOP = "https://shop.example"
FILES = "https://cdn.shopify.com/s/files/1/0262/4071/2726/files"
OWN_FILES = f"{SHOP}/cdn/shop/files"
UPLOADS = "https://log.example/wp-content/uploads/2024"
CLOUDINARY = "https://res.cloudinary.com/kiln/image/upload"

SAME = {
    "CDN version": (f"{FILES}/bowl.jpg?v=1", f"{FILES}/bowl.jpg?v=1700"),
    "CDN width": (f"{FILES}/bowl.jpg?v=1&width=600", f"{FILES}/bowl.jpg?v=1&width=1200"),
    "CDN crop": (f"{FILES}/bowl.jpg", f"{FILES}/bowl.jpg?height=40&crop=center&format=webp"),
    "CDN suffix": (f"{FILES}/bowl_600x.jpg", f"{FILES}/bowl_1024x1024.jpg"),
    "CDN suffixes": (f"{FILES}/bowl.png", f"{FILES}/bowl_60x60_crop_top@2x.progressive.png.jpg"),
    "CDN named size": (f"{FILES}/bowl_grande.jpg", f"{FILES}/bowl_small.jpg"),
    "CDN alias": (f"{FILES}/bowl.jpg?v=1", "/cdn/shop/files/bowl.jpg?v=1"),
    "CDN alias of an article": (
        "//cdn.shopify.com/s/files/1/0077/0001/articles/a_x500.jpg",
        f"{SHOP}/cdn/shop/articles/a.jpg?v=3",
    ),
    "CDN version of a file": (f"{OWN_FILES}/guide.pdf?v=1", f"{OWN_FILES}/guide.pdf?v=2"),
    "image of another site": ("https://x.example/a.webp?w=30", "https://x.example/a.webp?w=60&q=8"),
    "WordPress": (f"{UPLOADS}/cup-300x200.jpg", f"{UPLOADS}/cup.jpg?ver=2"),
    "Photon": (
        "https://i0.wp.com/log.example/wp-content/uploads/2024/cup.jpg?resize=9%2C9&ssl=1",
        "https://i2.wp.com/www.log.example/wp-content/uploads/2024/cup.jpg?w=8",
    ),
    "Squarespace": (
        "https://images.squarespace-cdn.com/content/v1/5/cup.jpg?format=300w",
        "https://images.squarespace-cdn.com/content/v1/5/cup.jpg?format=1500w",
    ),
    "imgix": ("https://k.imgix.net/cup?w=20&auto=format", "https://k.imgix.net/cup?w=40&dpr=2"),
    "Cloudinary": (f"{CLOUDINARY}/w_300,c_fill/q_auto/v17/a/cup.jpg", f"{CLOUDINARY}/a/cup.jpg"),
    "Next.js": (
        "https://k.example/_next/image?url=%2Fimg%2Fcup.jpg&w=640&q=75",
        "https://k.example/_next/image?url=%2Fimg%2Fcup.jpg&w=1080&q=75",
    ),
    "Cloudflare images": (
        "https://k.example/cdn-cgi/image/width=80,format=auto/img/cup.jpg",
        "https://k.example/img/cup.jpg",
    ),
    "Wix": (
        "https://static.wixstatic.com/media/a.jpg/v1/fill/w_60,h_40/cup.jpg",
        "https://static.wixstatic.com/media/a.jpg/v1/fill/w_90,h_60/cup.jpg",
    ),
    "Google": ("https://lh3.googleusercontent.com/a=w60-h4", "https://lh3.googleusercontent.com/a"),
    "utm": ("https://k.example/clay?utm_source=a&fbclid=I1", "https://k.example/clay?gclid=2"),
    "newsletter": ("https://k.example/clay?mc_cid=1&mc_eid=2", "https://k.example/clay?_hsenc=3"),
    "Google Merchant": ("/products/cup?srsltid=Af1", "/products/cup?srsltid=Af2"),
    "search": ("/products/cup?_pos=1&_sid=4c1&_ss=r", "/products/cup?_pos=2&_sid=9d0&_ss=r"),
    "recommendation": (
        "/products/cup?pr_prod_strategy=jac&pr_rec_id=1&pr_rec_pid=2&pr_ref_pid=3&pr_seq=uniform",
        "/products/cup?pr_prod_strategy=use_description&pr_rec_id=9",
    ),
    "session": (
        "https://k.example/a;jsessionid=9F2?PHPSESSID=1",
        "https://k.example/a?sid=0f3e91ab",
    ),
    "cache-buster": ("https://k.example/e?cb=12&origin=x", "https://k.example/e?cb=99&origin=x"),
    "times": (
        "https://k.example/e?t=1700000000&_=1",
        "https://k.example/e?ts=1700000000123&rand=4",
    ),
    "random number": ("https://k.example/e?r=0.28471", "https://k.example/e?r=0.99911"),
    "shared video": ("https://youtu.be/aB?si=xY1", "https://youtu.be/aB?feature=shared"),
    "embed's own host": (
        "https://www.youtube.com/embed/aB?enablejsapi=1&origin=https://shop.example&rel=0",
        "https://www.youtube.com/embed/aB?rel=0",
    ),
    "locale": ("/en-us/products/cup", "/products/cup"),
    "locale of a blog": (f"{SHOP}/fr/blogs/news/tea", f"{SHOP}/blogs/news/tea"),
    "locale of the home page": (f"{SHOP}/fr-ca", f"{SHOP}/"),
    "market": (f"{SHOP}/products/cup?currency=USD&country=US", f"{SHOP}/products/cup"),
    "www": ("https://www.k.example/clay", "https://k.example/clay"),
    "scheme": ("http://k.example:80/clay", "https://K.example/clay"),
    "trailing slash": ("https://k.example/clay/", "https://k.example/clay"),
    "index": ("https://k.example/index.html", "https://k.example"),
    "relative": ("/products/cup", "https://www.shop.example/products/cup?utm_medium=x"),
    "encoding": ("https://k.example/t%c3%a9%7e", "https://k.example/té~"),
    "order of parameters": ("https://k.example/a?b=1&c=2", "https://k.example/a?c=2&b=1"),
    "random anchor": (f"{SHOP}/#acc-18c1", f"{SHOP}/#acc-28c1"),
}

DIFFERENT = {
    "file": (f"{FILES}/bowl.jpg", f"{FILES}/cup.jpg"),
    "file type": (f"{FILES}/bowl.jpg", f"{FILES}/bowl.png"),
    "name that ends in a word": (f"{FILES}/bowl_blue.jpg", f"{FILES}/bowl_red.jpg"),
    "name that ends in a number": (f"{FILES}/bowl_2.jpg", f"{FILES}/bowl_3.jpg"),
    "alias of another file": (f"{FILES}/bowl.jpg", "/cdn/shop/files/cup.jpg"),
    "alias at another shop": (f"{FILES}/bowl.jpg", "https://k.example/cdn/shop/files/bowl.jpg"),
    "folder of the CDN": (f"{OWN_FILES}/a.jpg", f"{SHOP}/cdn/shop/articles/a.jpg"),
    "WordPress month": (f"{UPLOADS}/cup-300x200.jpg", f"{UPLOADS}-05/cup-300x200.jpg"),
    "Cloudinary picture": (f"{CLOUDINARY}/w_300/a/cup.jpg", f"{CLOUDINARY}/w_300/b/cup.jpg"),
    "Cloudinary effect": (f"{CLOUDINARY}/e_sepia/cup.jpg", f"{CLOUDINARY}/cup.jpg"),
    "Next.js picture": (
        "https://k.example/_next/image?url=%2Fimg%2Fcup.jpg&w=640",
        "https://k.example/_next/image?url=%2Fimg%2Fpot.jpg&w=640",
    ),
    "variant": ("/products/cup?variant=1", "/products/cup?variant=2"),
    "video": ("https://www.youtube.com/watch?v=aB1", "https://www.youtube.com/watch?v=aB2"),
    "start of a video": ("https://youtu.be/aB?t=90", "https://youtu.be/aB?t=120"),
    "discount": ("/discount/TEA10", "/discount/TEA20"),
    "affiliate": ("https://k.example/a?ref=mara", "https://k.example/a?ref=jon"),
    "size of a product": ("/products/cup?width=30", "/products/cup?width=40"),
    "search word": ("/search?q=tea", "/search?q=pot"),
    "page": ("https://k.example/a?page=1", "https://k.example/a?page=2"),
    "value of an array": ("https://k.example/a?x=1&x=2", "https://k.example/a?x=2&x=1"),
    "short session id": ("https://k.example/a?sid=4", "https://k.example/a?sid=5"),
    "product": ("/products/cup", "/products/pot"),
    "collection": ("/collections/a/products/cup", "/collections/b/products/cup"),
    "locale of another site": ("https://k.example/fr/products/a", "https://k.example/products/a"),
    "two letters that are no locale": ("/uk/clay", "/clay"),
    "subdomain": ("https://blog.k.example/a", "https://k.example/a"),
    "port": ("https://k.example:8443/a", "https://k.example/a"),
    "another index": ("https://k.example/index.html", "https://k.example/index2.html"),
    "case of a path": ("https://k.example/Tea", "https://k.example/tea"),
    "readable anchor": (f"{SHOP}/#how-to-brew", f"{SHOP}/#how-to-pour"),
    "number of an anchor": (f"{SHOP}/#step-3", f"{SHOP}/#step-4"),
    "time of a video": ("https://vimeo.com/7#t=90", "https://vimeo.com/7#t=120"),
    "mail address": ("mailto:a@k.example", "mailto:b@k.example"),
    "telephone": ("tel:+4412", "tel:+4413"),
    "secret": ("https://a:b@k.example/x", "https://a:c@k.example/x"),
}


@each_row(("one", "other"), SAME.values(), ids=SAME)
def test_these_lead_to_one_target(one: str, other: str):
    assert normal_address(one, (SHOP,)) == normal_address(other, (SHOP,))


@each_row(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_these_lead_to_two_targets(one: str, other: str):
    assert normal_address(one, (SHOP,)) != normal_address(other, (SHOP,))


@each_row("pair", [*SAME.values(), *DIFFERENT.values()])
def test_the_normal_form_of_a_normal_form_is_itself(pair: tuple[str, str]):
    for address in pair:
        normal = normal_address(address, (SHOP,))
        assert normal_address(normal, (SHOP,)) == normal


@each_row(
    ("fragment", "normal"),
    [
        ("shopify-section-template--168__main", ""),
        ("template--16889__faq", ""),
        (":~:text=clay", ""),
        ("brewing:~:text=clay", "brewing"),
        ("acc-28c1", "acc-*"),
        ("tab_9f3a7b20", "tab_*"),
        ("collapse-1684739212", "collapse-*"),
        ("faq-550e8400-e29b-41d4-a716-446655440000", "faq-*"),
        ("x7k2m9", "*"),
        *[
            (readable, readable)
            for readable in [
                "MainContent",
                "how-to-brew",
                "step-3",
                "covid19",
                "2024-03-05",
                "20240305",
                "cafe24",
                "_ftn1",
                "h.gjdgxs",
                "step2part3",
                "t=90",
                "/route/28c1",
                "!hash",
                "1234",
                "24x36",
                "omega3",
                "decade",
                "faq-2024",
                "überblick",
            ]
        ],
    ],
)
def test_an_authors_anchor_stays_and_a_random_one_is_masked(fragment: str, normal: str):
    assert normal_fragment(fragment) == normal


@each_row(
    "address", ["", "#", "?a=1", "javascript:x", "https://[", "http://" + "a" * 5000, "http://%"]
)
def test_what_is_no_address_of_the_web_stays(address: str):
    assert normal_address(address, (SHOP,)) == address.replace("http://%", "https://%")


def test_the_stores_former_origin_is_the_same_store():
    origins = ("http://old.example", "https://new.example")
    assert normal_address("http://old.example/products/cup", origins) == normal_address(
        "https://new.example/products/cup", origins
    )
    for other in ("http://old.example.org", "http://old.example:8080", "http://old.example-x.net"):
        assert normal_address(f"{other}/products/cup", origins) != normal_address(
            "/products/cup", origins
        )

"""What Shopify writes into every page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.shopify.page_markers import Markers, read_markers
from tests.each_row import each_row

ST = (
    b'<script id="__st">var __st={"a":8842,"offset":-18000,"reqid":"q",'
    b'"pageurl":"shop.example\\/blogs","s":"articles-%d",'
    b'"u":"z","p":"article","rtyp":"article","rid":%d};</script>'
)
PAGE = (
    b'<html><head><meta content="Fern &amp; Moss" property="og:site_name"><script>'
    b'Shopify.shop = "Fern-Moss.myshopify.com";\n'
    b'Shopify.locale = "en-GB";</script>'
    + ST % (557001234, 557001234)
    + b"</head><body></body></html>"
)


def test_all_markers():
    assert read_markers(PAGE) == Markers(
        page_type="article",
        resource_id="557001234",
        shop_id="8842",
        utc_offset_s=-18000,
        myshopify_domain="fern-moss.myshopify.com",
        locale="en-GB",
        shop_name="Fern & Moss",
        is_shopify=True,
    )


@each_row(
    "spelling",
    [
        pytest.param(
            b"var __st = {a: 8842, offset: 0, p: 'article', rtyp: \"article\", rid: 557001234};",
            id="re-serialised",
        ),
        pytest.param(
            b'var __st={"a":,"offset":0,"p":"article","rtyp":"article","rid":557001234};</script>',
            id="shop id stripped",
        ),
        pytest.param(
            b"meta = "
            b'{"page":{"pageType":"article","resourceType":"article","resourceId":557001234}};',
            id="analytics only",
        ),
        pytest.param(
            b'x.__stuff; var __st={"rtyp":"article","rid":557001234};', id="another name before"
        ),
    ],
)
def test_other_spellings(spelling):
    markers = read_markers(b"<script>" + spelling + b"</script>")
    assert (markers.page_type, markers.resource_id) == ("article", "557001234")


@each_row(("told", "offset_s"), [(b"-86399", -86_399), (b"86400", None), (b"1e3", None)])
def test_an_offset_is_less_than_a_day(told, offset_s):
    assert read_markers(b'var __st={"a":1,"offset":' + told + b"};").utc_offset_s == offset_s


@each_row("rid", [b'"rid":7', b'"rid":', b'"rid":"x"', b'"u":1'])
def test_a_damaged_id_is_none(rid):
    markers = read_markers(
        b'<script>var __st={"a":1,"p":"article","rtyp":"article",' + rid + b"};</script>"
    )
    assert (markers.page_type, markers.resource_id) == ("article", "")


@each_row(
    "code",
    [
        b'<meta name="shopify-digital-wallet" content="/8842/digital_wallets/dialog">',
        b'<script id="shopify-features" type="application/json">{"shopId":8842}</script>',
        b'<meta name="shopify-digital-wallet" content="/1/digital_wallets/x">var __st={"a":8842};',
    ],
)
def test_the_number_of_the_shop_stands_in_other_code_too(code):
    assert read_markers(code).shop_id == "8842"


def test_a_damaged_id_is_mended_from_the_analytics():
    body = (
        b'<script>var __st={"rtyp":"article","rid":7};</script>'
        b' {"resourceType":"article","resourceId":557001234}'
    )
    assert read_markers(body).resource_id == "557001234"


def test_analytics_of_another_thing_mend_nothing():
    body = (
        b'<script>var __st={"rtyp":"article","rid":7};</script>'
        b' {"resourceType":"product","resourceId":557001234}'
    )
    assert read_markers(body).resource_id == ""


@each_row(
    ("told", "kind"),
    [(b"home", "index"), (b"blog", "blog"), (b"page", "page"), (b"404", "404"), (b"<x>", "")],
)
def test_page_types(told, kind):
    assert read_markers(b'var __st={"a":1,"p":"' + told + b'"};').page_type == kind


def test_an_address_inside_the_object_cannot_pretend():
    body = (
        b'var __st={"a":1,"pageurl":"x?,\\"rtyp\\":\\"article\\",p:article",'
        b'"p":"blog","rtyp":"blog","rid":12345};'
    )
    assert read_markers(body).page_type == "blog"


def test_a_page_of_another_system_has_none():
    assert read_markers(b"<html><body>Hello</body></html>") == Markers()


@given(st.binary(max_size=200))
def test_any_bytes_give_markers(noise):
    for body in (
        noise,
        b"var __st={" + noise,
        PAGE[:150] + noise + PAGE[150:],
        b'<meta property="og:site_name" ' + noise + b">",
    ):
        assert isinstance(read_markers(body), Markers)


def test_markers_stand_behind_megabytes_of_styles():
    styled = PAGE.replace(b"<head>", b"<head><style>" + b"a{}" * 800_000 + b"</style>")
    assert read_markers(styled) == read_markers(PAGE)

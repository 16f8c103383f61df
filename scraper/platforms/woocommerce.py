"""WooCommerce: a shop within WordPress, whose blog is WordPress' own."""

from __future__ import annotations

import re
from dataclasses import replace

from scraper.platforms.wordpress import WORDPRESS

WOOCOMMERCE = replace(
    WORDPRESS,
    name="woocommerce",
    marks=(
        re.compile(rb"/wp-content/plugins/woocommerce/"),
        re.compile(rb"<meta name=[\"']generator[\"'] content=[\"']WooCommerce", re.IGNORECASE),
    ),
    headers=(),
)

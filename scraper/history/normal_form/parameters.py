"""Parameters of addresses that say nothing of the target: who sent the reader, in which session,
from which list, past which cache. A parameter that is not known here may name another target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_TRACKING: Final = re.compile(
    r"""
      utm_\w+ | mc_[ce]id | mtm_\w+ | pk_(?:campaign|kwd|source|medium) | hsa_\w+ | hsctatracking
    | gclid | gclsrc | gbraid | wbraid | gad_\w+ | dclid
    | fbclid | fb_action_\w+ | msclkid | yclid | ttclid | twclid | li_fat_id | igsh(?:id)? | epik
    | srsltid | sscid | syclid | irclickid | mkt_tok | vero_id | vero_conv | oly_\w+_id | s_kwcid
    | _(?:ga|gl|gac|hsenc|hsmi|kx|ke|branch_match_id|openstat) | __hs\w+ | __s | trk_\w+
    | pr_\w+ | _(?:pos|sid|ss|psq|fid)                      # Shopify: recommendations, search
    | phpsessid | jsessionid | aspsessionid\w* | cfid | cftoken | sess(?:ion)?_?id
    | _ | cb | rand | rnd | no_?cache | cache_?bust(?:er)?  # past a cache
    """,
    re.I | re.X,
)
_UNSURE: Final = re.compile(r"t|ts|_t|r|sid|time|timestamp|nonce|random|bust|cache", re.I)
_NONCE: Final = re.compile(r"\d{8,}|0\.\d{4,}|(?=[a-z]*\d)(?=\d*[a-z])[\da-f]{8,}", re.I)
"""What only a machine writes. Shorter values may be an author's, as the ``t=90`` at which a video
starts."""

VISITOR: Final = frozenset({"currency", "country", "locale"})
"""Parameters by which a store addresses the visitor's market, as a locale's prefix does."""

_VIDEO: Final = frozenset(
    ["si", "feature", "pp", "ab_channel", "enablejsapi", "origin", "widgetid", "widget_referrer"]
)
_OF_HOST: Final[Mapping[str, frozenset[str]]] = {
    "youtube.com": _VIDEO,
    "youtube-nocookie.com": _VIDEO,
    "youtu.be": _VIDEO,
    "open.spotify.com": frozenset({"si"}),
}


def normal_query(query: str, host: str, dropped: frozenset[str] = frozenset()) -> str:
    """The parameters that name the target, as written, in alphabetical order; those of one name
    keep theirs. `dropped` are names (lower case) that say nothing at this address."""
    without = dropped | _OF_HOST.get(host, frozenset())
    parts = [part for part in query.split("&") if part and not _says_nothing(part, without)]
    return "&".join(sorted(parts, key=lambda part: part.partition("=")[0]))


def _says_nothing(part: str, dropped: frozenset[str]) -> bool:
    name, _, value = part.partition("=")
    return (
        name.lower() in dropped
        or _TRACKING.fullmatch(name) is not None
        or (_UNSURE.fullmatch(name) is not None and _NONCE.fullmatch(value) is not None)
    )

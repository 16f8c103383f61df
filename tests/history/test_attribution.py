"""Whose doing a change is, by our rules and by the store's own lastmod."""

from __future__ import annotations

import pytest

from scraper.history.attribution import cause_of_change, origin_of_change

EARLIER, LATER = "2026-03-01T06:00:00Z", "2026-03-02T06:00:00Z"


@pytest.mark.parametrize(
    ("same_rules", "before", "now", "origin"),
    [
        pytest.param(True, EARLIER, EARLIER, "observed", id="same rules"),
        pytest.param(True, EARLIER, LATER, "observed", id="same rules, lastmod moved"),
        pytest.param(True, "", "", "observed", id="same rules, lastmod unknown"),
        pytest.param(False, EARLIER, EARLIER, "technical", id="other rules, lastmod stood"),
        pytest.param(False, EARLIER, LATER, "observed", id="other rules, lastmod moved"),
        pytest.param(False, LATER, EARLIER, "technical", id="other rules, lastmod ran backward"),
        pytest.param(False, "", LATER, "technical", id="other rules, lastmod unknown before"),
        pytest.param(False, EARLIER, "", "technical", id="other rules, lastmod unknown now"),
        pytest.param(False, "", "", "technical", id="other rules, lastmod unknown"),
    ],
)
def test_the_origin_of_a_change(same_rules, before, now, origin):
    assert origin_of_change(same_rules=same_rules, lastmod_before=before, lastmod_now=now) == origin


def test_a_file_on_either_side_is_imported_whatever_the_listings_say():
    assert (
        origin_of_change(same_rules=False, lastmod_before=EARLIER, lastmod_now=LATER, imported=True)
        == "imported"
    )


@pytest.mark.parametrize(
    ("origin", "same_extractor", "cause"),
    [
        ("observed", True, "store"),
        ("observed", False, "store"),
        ("imported", True, "file"),
        ("technical", True, "theme"),
        ("technical", False, "rules"),
    ],
)
def test_the_cause_of_a_change(origin, same_extractor, cause):
    assert cause_of_change(origin, same_extractor=same_extractor) == cause

"""The vendored JavaScript libraries match their list of hashes and licences."""

from __future__ import annotations

import hashlib
import re

from scraper.web.config import WEB_FOLDER

VENDOR = WEB_FOLDER / "static" / "vendor"


def test_every_library_is_listed_with_its_hash_and_licence():
    listed = re.findall(
        r"^\| `([^`]+)` .*`([^`]+LICENSE[^`]*)`.*`([0-9a-f]{64})` \|$",
        (VENDOR / "README.md").read_text("utf-8"),
        re.M,
    )
    files = {path.name for path in VENDOR.iterdir()} - {"README.md"}
    assert files == {name for scripts in listed for name in scripts[:2]}
    assert {
        name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name, _, _ in listed
    } == {name: digest for name, _, digest in listed}

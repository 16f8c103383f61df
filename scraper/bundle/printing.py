"""Print a page of ours as PDF with the system's Chromium, which has a font for every script; the
libraries that write PDF themselves need fonts to be shipped, or lose letters."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TIMEOUT_S: Final = 60.0


def find_browser() -> str:
    """Return the path of a browser that can print; empty if there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), "")


def print_page(browser: str, html: bytes) -> bytes:
    """Return a page as PDF; empty if the browser fails. The page loads nothing."""
    with tempfile.TemporaryDirectory(prefix="blogkeep-") as name:
        folder = Path(name)
        page, printed = folder / "page.html", folder / "page.pdf"
        page.write_bytes(html)
        command = [
            *(browser, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
            *(f"--user-data-dir={folder / 'profile'}", "--disable-dev-shm-usage"),
            # Chromium's own sandbox does not start for root. The page holds no script.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            *("--host-resolver-rules=MAP * ~NOTFOUND", f"--print-to-pdf={printed}", page.as_uri()),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)
        except (OSError, subprocess.SubprocessError):
            return b""
        return printed.read_bytes() if printed.exists() else b""

"""The house: its layers, what each may import, and what the pure ones may not touch. The rules that
hold it to this are in `tests/test_layers.py`."""

from __future__ import annotations

import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "scraper"
PURE = (
    "printable",
    "sentences",
    "author_names",
    "shopify",
    "platforms",
    "extract",
    "history",
    "graph",
    "config",
    "claims",
    "schedule.timetable",
    "alerts.notices",
    "alerts.outbox",
    "alerts.rules",
    "alerts.channels",
    "alerts.cleaning",
    "alerts.payload",
    "alerts.render",
    "alerts.signing",
    "middlewares.credentials_file",
    "middlewares.rate_budget",
    "middlewares.redaction",
)

_VALUES = {
    "items",
    "crawl_evidence",
    "exceptions",
    "timestamps",
    "printable",
    "sentences",
    "author_names",
}

MAY_IMPORT: dict[str, set[str]] = {
    "items": set(),
    "crawl_evidence": {"items"},
    "exceptions": set(),
    "settings": set(),
    "timestamps": set(),
    "printable": set(),
    "sentences": set(),
    "author_names": set(),
    "config": {*_VALUES, "shopify"},
    "claims": {*_VALUES, "config"},
    "shopify": _VALUES,
    "platforms": {*_VALUES, "shopify"},
    "extract": {*_VALUES, "shopify", "platforms"},
    "rulebooks": {*_VALUES, "claims"},
    "history": {*_VALUES, "claims", "shopify"},
    "graph": _VALUES,
    "alerts.notices": {"items", "history"},
    "alerts.outbox": {"alerts.notices", "history"},
    "alerts.rules": {*_VALUES, "alerts.notices", "config", "history"},
    "alerts.channels": {*_VALUES, "alerts.notices", "config", "shopify"},
    "alerts.cleaning": {"printable"},
    "alerts.signing": set(),
    "alerts.payload": {"printable", "alerts.cleaning", "alerts.notices", "history"},
    "alerts.render": {
        "printable",
        "alerts.cleaning",
        "alerts.notices",
        "alerts.payload",
        "history",
    },
    "schedule.timetable": {
        *_VALUES,
        "shopify",
        "history",
        "config",
        "alerts.rules",
        "alerts.channels",
    },
    "archive": {
        *_VALUES,
        "claims",
        "rulebooks",
        "history",
        "graph",
        "alerts.notices",
        "alerts.outbox",
        "schedule.timetable",
    },
    "extensions.crawl_run": {*_VALUES, "spiders.responses", *PURE},
    "spiders.responses": {*_VALUES, *PURE},
    "spiders": {*_VALUES, "spiders.responses", "extensions.crawl_run", *PURE},
    "middlewares.credentials_file": {*_VALUES, "middlewares.redaction", "config", "shopify"},
    "middlewares.rate_budget": set(),
    "middlewares.redaction": set(),
    "middlewares": {*_VALUES, "spiders", "spiders.responses", "extensions.crawl_run", *PURE},
    "pipelines": {
        *_VALUES,
        "extraction_worker",
        "spiders.responses",
        "extensions.crawl_run",
        *PURE,
    },
    "exporters": {"printable"},
    "http_client": {"exceptions"},
    "imports": {*_VALUES, "extraction_worker", "spiders", "archive", *PURE},
    "wayback": {*_VALUES, "archive", "http_client", "imports", *PURE},
    "extraction_worker": {*_VALUES, "extract"},
    "extensions": {*_VALUES, "spiders.responses", "extensions.crawl_run", "archive", *PURE},
    "web": {*_VALUES, "archive", "rulebooks", "schedule.stores_editor", *PURE},
    "assistant": {*_VALUES, "__version__", "archive", *PURE},
    "alerts": {*_VALUES, "archive", "http_client", *PURE},
    "schedule": {*_VALUES, "archive", "http_client", *PURE},
    "schedule.stores_editor": {*_VALUES, "schedule", *PURE},
    "cluster": {*_VALUES, "archive", "alerts", "schedule", "middlewares", *PURE},
    "__main__": {"cli"},
    "cli": {
        "http_client",
        *_VALUES,
        "__version__",
        "extraction_worker",
        "extensions.crawl_run",
        "archive",
        "cluster",
        *PURE,
    },
    "bundle": {*_VALUES, "__version__", "archive", *PURE},
    "lake": {*_VALUES, "archive", *PURE},
    "commands": {
        *_VALUES,
        "bundle",
        "cli",
        "extraction_worker",
        "imports",
        "wayback",
        "spiders",
        "spiders.responses",
        "middlewares",
        "extensions",
        "archive",
        "rulebooks",
        "web",
        "assistant",
        "schedule",
        "schedule.stores_editor",
        "alerts",
        "cluster",
        "lake",
        "demo",
        *PURE,
    },
    "demo": set(),
}
"""Which of our layers each may import, itself aside. A layer is a package, or the part of one that
is named here."""

LIBRARIES = {
    "config": {"cronsim", "re2"},
    "claims": set(),
    "platforms": {"lxml", "selectolax"},
    "shopify": {"lxml", "protego", "selectolax", "webencodings"},
    "extract": {"lxml", "babel", "selectolax", "nh3", "turbohtml", "html_to_markdown"},
    "history": {"rapidfuzz"},
    "graph": {"rustworkx", "graspologic_native", "numpy"},
    "alerts.cleaning": set(),
    "alerts.payload": set(),
    "alerts.signing": set(),
    "alerts.render": {"jinja2"},
    "middlewares.credentials_file": set(),
    "middlewares.rate_budget": set(),
    "middlewares.redaction": set(),
    "schedule.timetable": {"tomlkit"},
    "archive": {
        "sqlite_utils",
        "zstandard",
        "_typeshed",
        "filelock",
        "warcio",
        "rfc3161_client",
        "opentimestamps",
        "cryptography",
    },
    "items": set(),
    "crawl_evidence": set(),
    "exceptions": set(),
    "timestamps": set(),
    "printable": set(),
    "author_names": set(),
    "sentences": set(),
}
"""What a layer may import from outside the standard library; the others as they need, `FORBIDDEN`
aside."""

SQLITE = frozenset({"sqlite3", "sqlite_utils"})
TYPES_OF_SQLITE = frozenset({"sqlite_utils.Database"})
"""May be named as a type beyond the archive, in commands, web, alerts and the runner."""

SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH) ")
"""The begin of a statement on tables."""

OF_A_CLUSTER = frozenset({"obstore", "procrastinate", "psycopg", "psycopg_pool"})
"""Nobody on one machine has these installed."""

IMPURE = frozenset(
    [
        "aiohttp",
        "asyncio",
        "concurrent",
        "datasette",
        "fileinput",
        "ftplib",
        "glob",
        "gzip.open",
        "http",
        "httpx",
        "importlib",
        "io.FileIO",
        "io.open",
        "logging",
        "mmap",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "requests",
        "scraper.timestamps.utc_now",
        "scrapy",
        "secrets",
        "select",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "socketserver",
        "sqlite3",
        "sqlite_utils",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "twisted",
        "urllib.request",
        "urllib.robotparser",
        "urllib3",
        "uuid",
        "warnings",
    ]
)
"""Files, clock, network, chance, logging, processes: what a pure function has none of. Dotted names
are members of a module."""

IMPURE_CALLS = frozenset(
    {"open", "print", "input", "breakpoint", "exec", "eval", "__import__", "globals"}
)
CLOCK = frozenset({"now", "utcnow", "today", "utc_now"})

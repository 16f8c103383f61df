"""The commands, each with one line on what it does. Listing them imports none of them."""

from __future__ import annotations

from typing import Final

COMMANDS: Final[dict[str, str]] = {
    "crawl": "Archive the blogs of a store",
    "import": "Archive saved pages and text dumps of posts",
    "posts": "List the archived posts",
    "show": "Print a post as it is now or was on a day",
    "search": "Search posts, now and ever",
    "said": "Print every sentence that ever held a phrase, and when",
    "absent": "Report at how many fetches a phrase did not stand anywhere",
    "claims": "Follow the claims of a post through its revisions",
    "audit": "List the claims that a rulebook does not allow",
    "letter": "Find the passages that a warning letter quotes",
    "changes": "Print what changed in the last crawl or between two days",
    "diff": "Compare two revisions of a post word by word",
    "related": "List the posts that link to or from a post",
    "graph": "Measure, compare or export the graph of posts",
    "explain": "Show which blocks of a page are part of the post, and why",
    "export": "Write captured responses to a WARC file",
    "lake": "Write texts and history of stores to Parquet files",
    "evidence": "Write what proves a change of a post to a ZIP file",
    "stores": "List and edit the stores that are crawled on a schedule",
    "schedule": "Crawl each store when it is due",
    "worker": "Crawl stores of a cluster when they are due",
    "cluster": "Set up a cluster, import its stores, report how it does",
    "fetch": "Fetch the archive of a store from a cluster",
    "status": "Report the health of every store, also by exit code",
    "alerts": "Send, test and replay alerts",
    "serve": "Read the archive in a web browser",
    "open": "Open a post in a web browser",
    "mcp": "Answer an assistant over the Model Context Protocol",
    "verify": "Check the archive and its captures for damage",
    "seal": "Have the newest seals stamped by a time-stamping authority",
    "backup": "Copy the archive and its captures, and check the copy",
    "archive": "Split an archive by its stores, or merge archives",
    "prune": "Delete old captures that no revision needs",
    "reextract": "Extract every captured page again with the current rules",
}
"""By the name of the module in `scraper.commands`, in the order of `blogkeep --help`."""

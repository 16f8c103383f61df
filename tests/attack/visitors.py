"""Hostile visitors of the web interface, while a reader reads."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Final
from urllib.parse import quote

import httpx

_WORDS: Final = " ".join(f"w{at}" for at in range(4000))
_SQL: Final = (
    "select randomblob(250000000)",
    "with recursive c(x) as (select 1 union all select x+1 from c) select max(x) from c",
    "select group_concat(hex(randomblob(100000))) from posts, posts, posts",
    "select instr(zeroblob(20000000), cast(zeroblob(10000000) || 'x' as blob))",
    "select json_extract(printf('%.*c', 30000000, '['), '$[0]')",
    "select trim(hex(zeroblob(9000000)), hex(zeroblob(9000000)))",
    "select count(*) from revisions_fts where revisions_fts match "
    f"'{' OR '.join(['a* NEAR b*'] * 900)}'",
)

Request = tuple[str, dict[str, str], set[int]]
"""A path, headers, and the statuses that are right."""

HOSTILE: Final[dict[str, Request]] = {
    "a foreign host": ("/", {"Host": "evil.example"}, {421}),
    "a host that rebinds": ("/-/changes.json", {"Host": "127.0.0.1.evil.example"}, {421}),
    "another site's request": ("/-/changes.json", {"Sec-Fetch-Site": "cross-site"}, {403}),
    "another site's image": (
        "/-/search?q=tea",
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {403},
    ),
    "four thousand words": (f"/-/search?q={quote(_WORDS)}", {}, {200, 400, 404, 414, 431}),
    "long phrase": (f"/-/search?q=%22{quote('tea ' * 500)}%22", {}, {200, 400, 414}),
    "stars": (f"/-/search?q={quote('t* ' * 300)}", {}, {200, 400, 414}),
    "traversal": ("/-/post/..%2f..%2f..%2fetc%2fpasswd", {}, {302, 400, 404}),
    "a path of 60 kB": ("/" + "a" * 60_000, {}, {400, 404, 414, 431}),
    "a header of 1 MB": ("/", {"X-Flood": "x" * 1_000_000}, {400, 413, 431}),
    **{
        f"SQL: {sql[:30]}": (f"/archive.json?sql={quote(sql)}", {}, {200, 400, 404}) for sql in _SQL
    },
    **{
        f"facets where {sql[:30]}": (
            f"/archive/posts.json?_facet=state&_facet=author&_where={quote(f'id = ({sql})')}",
            {},
            {200, 400},
        )
        for sql in _SQL
    },
}


@dataclass
class Visit:
    """What the reader and the hostile visitors got."""

    waits_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    answered: int = 0

    @property
    def p95_s(self) -> float:
        """Of the reader's pages."""
        return quantiles(self.waits_s, n=20)[-1]


def visit(url: str, *, rounds: int, readings: int) -> Visit:
    """Let every hostile visitor come so often, all at once, while a reader opens pages."""
    found = Visit()
    visitors = [
        threading.Thread(target=_attack, args=(url, name, request, rounds, found))
        for name, request in HOSTILE.items()
    ]
    for visitor in visitors:
        visitor.start()
    with httpx.Client(timeout=120) as reader:
        for at in range(readings):
            begun = time.monotonic()
            answer = reader.get(url + ("/", "/-/changes", "/archive/posts.json?_size=5")[at % 3])
            found.waits_s.append(time.monotonic() - begun)
            if answer.status_code != 200:
                found.wrong.append(f"the reader got {answer.status_code}")
    for visitor in visitors:
        visitor.join()
    return found


def _attack(url: str, name: str, request: Request, rounds: int, found: Visit) -> None:
    path, headers, right = request
    for _ in range(rounds):
        answer: Any = None
        try:
            answer = httpx.get(url + path, headers=headers, timeout=60)
        except httpx.TransportError:
            continue  # the connection was refused or broken off: nothing was given away
        found.answered += 1
        if answer.status_code not in right or b"root:" in answer.content:
            found.wrong.append(f"{name}: {answer.status_code}")

"""Times, brackets and the archive's terms in words for people."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Final

from scraper.timestamps import parse_timestamp_or_none

KINDS: Final = {
    "created": "Created",
    "edited": "Edited",
    "retitled": "Retitled",
    "redated": "Redated",
    "codes": "Codes changed",
    "prices": "Prices changed",
    "author": "Author changed",
    "tags": "Tags changed",
    "image": "Image changed",
    "excerpt": "Excerpt changed",
    "relinked": "Relinked",
    "markup": "Markup changed",
    "renamed": "Renamed",
    "removed": "Removed",
    "restored": "Restored",
    "several": "Several changes",
}
"""Labels of `changes.kind`."""

FIELDS: Final = {
    "claims": "Claims",
    "text": "Text",
    "title": "Title",
    "published_at": "Date of publication",
    "republished": "Published as new",
    "author": "Author",
    "tags": "Tags",
    "codes": "Discount codes",
    "prices": "Prices",
    "links": "Links",
    "images": "Images",
    "image_bytes": "Image, under the same address",
    "image_url": "Main image",
    "excerpt": "Excerpt",
    "markup": "Markup",
    "url": "Address",
}
"""Labels of `change_fields.field`, the most asked for first."""

HEALTH: Final = {
    "healthy": "healthy",
    "degraded": "degraded",
    "suspicious": "suspicious",
    "blocked": "blocked",
    "outage": "unreachable",
    "unknown": "not assessed",
}
"""Labels of `crawls.health`."""

INCIDENTS: Final = {
    "degraded": "Degraded crawls",
    "suspicious": "Suspicious crawls",
    "blocked": "The store blocks the crawler",
    "outage": "The store is unreachable",
    "post_failing": "A post cannot be read",
    "listing_failing": "A listing cannot be read",
    "credentials_ending": "Secret headers expire",
    "overdue": "No good crawl for too long",
    "disk_space": "Low disk space",
    "alerts_undelivered": "Alerts not delivered",
    "alerts_refused": "Alerts refused",
}
"""Labels of `incidents.kind`."""

WITNESSES: Final = {
    "lastmod": "The date that the store’s listings give the post moved forward.",
    "modified": "The date of modification that the page itself carries moved forward.",
    "feed": "The store’s feed has the new words too.",
    "sights": "Several crawls in a row saw the same; no date of the store moved.",
    "none": "None was needed.",
}
"""What `changes.witness` says, as a sentence."""

VERDICTS: Final = {
    "not_found": "not found (404)",
    "gone": "gone (410)",
    "soft_404": "the store showed its not-found page",
    "redirected_home": "redirected to the store’s front page",
    "redirected_off": "redirected to another page",
    "renamed": "moved to another address",
    "password_page": "the store asked for a password",
    "challenge": "the store showed a bot challenge",
    "rate_limited": "the store limited our request rate",
    "security_rejected": "the store refused the request",
    "forbidden": "the store refused the request",
    "server_error": "the store’s server failed",
    "network_error": "the store did not answer",
    "empty": "the page was empty",
    "truncated": "the page was incomplete",
    "not_html": "the response was not a web page",
    "too_large": "the page was too large",
    "unreadable": "the page could not be parsed",
    "rejected": "the page was over a limit of reading",
    "noarchive": "the page asked not to be archived",
    "not_modified": "not modified",
}
"""Labels of the verdicts on a fetch, except ``ok``."""

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(value: str) -> str:
    """``2026-03-03T04:02:05Z`` as ``3 March 2026``; any other text unchanged."""
    moment = parse_timestamp_or_none(value)
    if moment is None:
        return value
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def month(value: str) -> str:
    """``2026-03`` as ``March 2026``."""
    moment = parse_timestamp_or_none(f"{value}-01")
    if moment is None:
        return value
    return f"{_MONTHS[moment.month - 1]} {moment.year}"


def moment(value: str) -> str:
    """``2026-03-03T04:02:05Z`` as ``3 March 2026, 04:02 UTC``; a bare date as its day."""
    found = parse_timestamp_or_none(value)
    if found is None or len(value) <= len("2026-03-03"):
        return day(value)
    return f"{day(value)}, {found:%H:%M} UTC"


def stamp(value: str) -> str:
    """``2026-03-03T04:02:05Z`` as ``3 Mar 2026, 04:02``, where there is little room."""
    found = parse_timestamp_or_none(value)
    if found is None:
        return value
    return f"{found.day} {_MONTHS[found.month - 1][:3]} {found.year}, {found:%H:%M}"


def exact(value: str, utc_offset_s: int = 0) -> str:
    """``2026-03-03T04:02:05Z`` as ``3 March 2026, 04:02:05 UTC``; on a clock with another offset as
    ``3 March 2026, 05:02:05 (UTC+01:00)``; any other text unchanged."""
    found = parse_timestamp_or_none(value)
    if found is None:
        return value
    try:
        local = found.astimezone(timezone(timedelta(seconds=utc_offset_s)))
    except OverflowError:  # a day outside the calendar
        return exact(value) if utc_offset_s else value
    zone = f"({local:%Z})" if utc_offset_s else "UTC"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M:%S} {zone}"


def exact_span(first: str, last: str) -> str:
    """A period with its times: ``on 3 March 2026 from 04:02:05 to 05:00:00 UTC``."""
    if first == last:
        return f"on {exact(first)}"
    if first[:10] == last[:10]:
        return f"on {day(first)} from {first[11:19]} to {last[11:19]} UTC"
    return f"from {exact(first)} to {exact(last)}"


def duration(start: str, end: str) -> str:
    """The time between two timestamps in its two largest units, such as ``1 day 2 hours``."""
    first, last = parse_timestamp_or_none(start), parse_timestamp_or_none(end)
    if first is None or last is None:
        return ""
    left, parts = max(int((last - first).total_seconds()), 0), []
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(plural(count, unit))
    return " ".join(parts[:2]) or "0 seconds"


def age(value: str, now: str) -> str:
    """How long before `now` a timestamp is: ``2 hours ago``, ``just now``; empty for no
    timestamp."""
    if not parse_timestamp_or_none(value):
        return ""
    largest = " ".join(duration(value, now).split(" ")[:2])
    return "just now" if "second" in largest else f"{largest} ago"


def bracket(not_before: str, not_after: str) -> str:
    """When something happened, as far as known: ``between 3 March 04:02 and 4 March 2026 04:01
    UTC``, or ``by …`` without a start."""
    start, end = parse_timestamp_or_none(not_before), parse_timestamp_or_none(not_after)
    if not end:
        return ""
    if not start:
        return f"by {day(not_after)} {end:%H:%M} UTC"
    form = "%H:%M:%S" if (end - start).total_seconds() < 120 else "%H:%M"
    if start.date() == end.date():
        return f"on {day(not_after)} between {start:{form}} and {end:{form}} UTC"
    first = day(not_before) if start.year != end.year else day(not_before).rpartition(" ")[0]
    return f"between {first} {start:{form}} and {day(not_after)} {end:{form}} UTC"


def describe_bracket(
    not_before: str, not_after: str, *, is_dated: bool, was_there: bool, is_there: bool
) -> str:
    """When a change was made, as far as it is known, in sentences: of a post that `was_there`
    before and `is_there` after, at times that the store's answers date."""
    start, end = exact(not_before), exact(not_after)
    between = duration(not_before, not_after)
    if not is_dated:
        return (
            "This text is from a file, and nobody knows when the store showed it. The time of the "
            f"import, {end}, says nothing about the store."
        )
    if not not_before:
        return (
            f"The post was there at the first fetch, {end}. "
            "This archive does not show when it was published."
        )
    if not is_there:
        return (
            f"The post was seen for the last time on {start}, and was first missing on {end}. "
            f"It was removed within the {between} between."
        )
    if not was_there:
        return (
            f"The post was not there on {start}, and was seen for the first time on {end}. "
            f"It was published within the {between} between."
        )
    return (
        f"The old state was seen for the last time on {start}, the new one for the first time on "
        f"{end}. The change was made within the {between} between."
    )


def describe_origin(origin: str, witness: str) -> str:
    """Who made a change, and what says so, in sentences."""
    if origin == "technical":
        return "The store did not make this change: other rules of reading or another theme did."
    if origin == "imported":
        return "One version comes from a file, so it is not known when the store changed it."
    if witness == "none":
        return "The store made this change: its address or its answers show it."
    return f"The store made this change. {WITNESSES.get(witness, witness)}"


def span(first: str, last: str) -> str:
    """A period by its days: ``from 3 March 2026 to 4 March 2026``, or ``on 3 March 2026``."""
    if first[:10] == last[:10]:
        return f"on {day(first)}"
    return f"from {day(first)} to {day(last)}"


def provenance(dated_by: str, imported_at: str, *, is_seen: bool) -> str:
    """Where a revision comes from that no crawl fetched, and who says when it stood so; empty for
    one that a crawl fetched. `is_seen`: a fetch or a dated file showed it."""
    if dated_by == "web_archive":
        return "from a web archive"
    if dated_by == "server" or (dated_by == "unknown" and is_seen):
        return ""
    dates = {
        "operator": "dated by who imported it",
        "page": "dated by the program that saved it",
        "unknown": "date of capture unknown",
    }
    return f"from a file, imported {day(imported_at)}, {dates[dated_by]}"


def discount(kind: str, value: float, currency: str) -> str:
    """The value of a discount code: ``15 % off``, ``10 USD off``, ``free shipping``; empty if it is
    unknown."""
    if kind == "percent":
        return f"{value:g} % off"
    if kind == "amount":
        return " ".join(f"{value:g} {currency} off".split())
    if kind == "free_shipping":
        return "free shipping"
    return ""


def code_label(code: str, kind: str, value: float, currency: str) -> str:
    """A discount code with its value, such as ``FERN15 (15 % off)``, as `discount_codes.label` has
    it."""
    gives = discount(kind, value, currency)
    return f"{code} ({gives})" if gives else code


def number(value: int) -> str:
    """A count with separated thousands."""
    return f"{value:,}"


def plural(value: int, one: str, many: str = "") -> str:
    """``1 post``, ``2 posts``."""
    if value == 1:
        return f"1 {one}"
    return f"{number(value)} {many or one + 's'}"


def times(value: int) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(value) or f"{number(value)} times"


def exact_moment(value: str) -> str:
    """``2026-03-03T04:02:05Z`` as ``3 March 2026, 04:02:05 UTC``; any other text unchanged."""
    found = parse_timestamp_or_none(value)
    return f"{day(value)}, {found:%H:%M:%S} UTC" if found else value

"""The days of the demo store: how its posts change between two crawls."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scraper.demo.posts import ContentProblem, DemoPost

if TYPE_CHECKING:
    from pathlib import Path

State = Mapping[int, DemoPost]
"""The posts of one day by article id."""

FIRST_DAY_AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""The store's clock on day 1; no post of the demo content is younger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One change to one post: `post` is ``blog/handle`` before it, `what` a label for tests."""

    kind: str
    post: str
    what: str = ""
    old: str = ""
    new: str = ""
    title: str = ""
    handle: str = ""
    published: datetime | None = None
    author: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""
    to_day: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the store: its clock, and the operations after the day before."""

    number: int
    at: datetime
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoChange:
    """What a crawl of this day must report of one post after a crawl of the day before.

    `kinds` are values of `changes.kind` (created, removed, restored, renamed, retitled, redated,
    edited) and, for further fields, the field's name (author, tags, excerpt, image_url); `what` are
    the labels of its operations.
    """

    article_id: int
    kinds: tuple[str, ...]
    before: DemoPost | None
    after: DemoPost | None
    what: tuple[str, ...] = ()

    @property
    def post(self) -> DemoPost:
        """The post after the change, or the last version of a removed one."""
        post = self.after or self.before
        if post is None:
            raise ContentProblem("a change without a post")
        return post


def read_days(path: Path) -> tuple[Day, ...]:
    """The days of `days.toml` in order, day 1 first. Raises ContentProblem for a file that breaks
    the contract."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("day", [])
        later = tuple(
            Day(number=row["number"], at=row["at"], operations=_operations(row)) for row in rows
        )
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as problem:
        raise ContentProblem(f"{path.name}: {type(problem).__name__} {problem}") from problem
    days = (Day(number=1, at=FIRST_DAY_AT), *later)
    if [day.number for day in days] != list(range(1, len(days) + 1)):
        raise ContentProblem(f"{path.name}: days are numbered 2, 3, … without a gap")
    return days


def _operations(row: Mapping[str, Any]) -> tuple[Operation, ...]:
    # In the file, `day` is short for `to_day`.
    named = (
        {"to_day" if key == "day" else key: value for key, value in op.items()}
        for op in row.get("op", ())
    )
    return tuple(Operation(**{**op, "tags": tuple(op.get("tags", ()))}) for op in named)


def apply_day(
    day: Day, states: Sequence[State], born: Mapping[int, DemoPost]
) -> tuple[dict[int, DemoPost], dict[str, str]]:
    """The posts of `day`, and the redirects (old path -> new path) that its renames make.

    `states` are the days before, oldest first; `born` holds every post as its file has it. Raises
    ContentProblem for an operation that does not fit.
    """
    posts: dict[int, DemoPost] = {}
    if states:
        posts |= states[-1]
    posts |= {key: post for key, post in born.items() if post.from_day == day.number}
    ids = {post.name: key for key, post in posts.items()}
    redirects: dict[str, str] = {}
    for op in day.operations:
        before = _last_seen(op, states) if op.kind == "restore" else _current_post(op, posts, ids)
        ids.pop(before.name, None)
        if op.kind == "remove":
            del posts[before.article_id]
            continue
        after = replace(_apply(op, before, states), updated=day.at)
        posts[after.article_id] = after
        ids[after.name] = after.article_id
        if after.path != before.path:
            redirects[before.path] = after.path
    return posts, redirects


def _current_post(op: Operation, posts: State, ids: Mapping[str, int]) -> DemoPost:
    if op.post not in ids:
        raise ContentProblem(f"{op.kind}: there is no post {op.post}")
    return posts[ids[op.post]]


def _last_seen(op: Operation, states: Sequence[State]) -> DemoPost:
    found = next(
        (post for state in reversed(states) for post in state.values() if post.name == op.post),
        None,
    )
    if found is None:
        raise ContentProblem(f"{op.kind}: there never was a post {op.post}")
    return found


def _apply(op: Operation, post: DemoPost, states: Sequence[State]) -> DemoPost:
    if op.kind == "put_back":
        return replace(states[op.to_day - 1][post.article_id], handle=post.handle)
    try:
        return _OPERATIONS[op.kind](post, op)
    except KeyError as problem:
        raise ContentProblem(f"{op.post}: no operation is called {op.kind}") from problem


def _edit(post: DemoPost, op: Operation) -> DemoPost:
    if not op.old or post.body_html.count(op.old) != 1:
        times = post.body_html.count(op.old)
        raise ContentProblem(
            f"{op.post}: the snippet to edit occurs {times} times: {op.old[:60]!r}"
        )
    return replace(post, body_html=post.body_html.replace(op.old, op.new))


_OPERATIONS: dict[str, Callable[[DemoPost, Operation], DemoPost]] = {
    "edit": _edit,
    "retitle": lambda post, op: replace(post, title=op.title),
    "rename": lambda post, op: replace(post, handle=op.handle),
    "redate": lambda post, op: replace(post, published=op.published or post.published),
    "author": lambda post, op: replace(post, author=op.author),
    "tags": lambda post, op: replace(post, tags=op.tags),
    "image": lambda post, op: replace(post, image=op.image),
    "upload": lambda post, op: replace(post, image=op.image),
    "touch": lambda post, op: post,
    "restore": lambda post, op: post,
}

_KIND_OF_FIELD = {
    "handle": "renamed",
    "title": "retitled",
    "published": "redated",
    "body_html": "edited",
    "author": "author",
    "tags": "tags",
    "excerpt": "excerpt",
    "image": "image_url",
}


def compare_days(day: Day, states: Sequence[State]) -> tuple[DemoChange, ...]:
    """The changes of each post between the day before and `day` (`states` end with `day`), by path;
    a touch is no change."""
    before: State = states[-2] if len(states) > 1 else {}
    after = states[-1]
    changes = []
    for key in before.keys() | after.keys():
        kinds = _kinds(
            before.get(key), after.get(key), ever=any(key in state for state in states[:-1])
        )
        if kinds:
            changes.append(
                DemoChange(
                    article_id=key,
                    kinds=kinds,
                    before=before.get(key),
                    after=after.get(key),
                    what=(),
                )
            )
    named = (replace(change, what=_labels(day, change)) for change in changes)
    return tuple(sorted(named, key=lambda change: change.post.path))


def _kinds(before: DemoPost | None, after: DemoPost | None, *, ever: bool) -> tuple[str, ...]:
    if after is None:
        return ("removed",)
    if before is None:
        return ("restored",) if ever else ("created",)
    return tuple(
        kind
        for field, kind in _KIND_OF_FIELD.items()
        if _without_version(getattr(before, field)) != _without_version(getattr(after, field))
    )


def _without_version(value: object) -> object:
    """A file that is uploaded again keeps its address up to the version."""
    return _VERSION.sub("", value) if isinstance(value, str) else value


_VERSION = re.compile(r"[?&]v=\d+$")


def _labels(day: Day, change: DemoChange) -> tuple[str, ...]:
    names = {post.name for post in (change.before, change.after) if post}
    return tuple(op.what or op.kind for op in day.operations if op.post in names)

"""How texts are compared, as the archive is told: it keeps what comes of it, and knows nothing of
words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol


class Method(Protocol):
    """The functions of `related.alike`, of which the docstrings there speak."""

    @property
    def TOP(self) -> int: ...  # noqa: N802 - a constant of the module that is handed in
    @property
    def LEAST_ALIKE(self) -> float: ...  # noqa: N802
    @property
    def COPY_SHARE(self) -> float: ...  # noqa: N802

    def read_words(self, title: str, text: str) -> Counter[str]: ...
    def read_tags(self, tags: Iterable[str]) -> frozenset[str]: ...
    def sign(
        self,
        words: Mapping[str, int],
        tags: Iterable[str],
        *,
        bearing: Mapping[str, int],
        posts: int,
    ) -> dict[str, int]: ...
    def shared_words(self, one: Mapping[str, int], other: Mapping[str, int]) -> tuple[str, ...]: ...
    def read_runs(self, text: str) -> frozenset[int]: ...
    def sketch(self, runs: frozenset[int]) -> tuple[int, ...]: ...
    def share_of_runs(self, one: frozenset[int], other: frozenset[int]) -> float: ...

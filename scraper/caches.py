"""Cache what functions of short texts return: a store's pages repeat lines, labels and links."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, Final, ParamSpec, TypeAlias, TypeVar

_LONGEST: Final = 400  # characters
_Rest = ParamSpec("_Rest")
_Read = TypeVar("_Read")
_OfText: TypeAlias = Callable[Concatenate[str, _Rest], _Read]


def cache_short(maxsize: int) -> Callable[[_OfText[_Rest, _Read]], _OfText[_Rest, _Read]]:
    """Cache as `lru_cache` does where the first argument is short: bounded in number alone, a cache
    holds whole paragraphs."""

    def decorate(read: _OfText[_Rest, _Read]) -> _OfText[_Rest, _Read]:
        cached = lru_cache(maxsize)(read)

        @wraps(read)
        def of_text(text: str, /, *rest: _Rest.args, **named: _Rest.kwargs) -> _Read:
            return (cached if len(text) <= _LONGEST else read)(text, *rest, **named)

        return of_text

    return decorate

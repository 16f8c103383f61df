"""The project's settings as commands read them, without importing Scrapy."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final, TypeVar

from scraper.exceptions import UsageProblem

MODULE_VARIABLE: Final = "SCRAPY_SETTINGS_MODULE"
"""The environment variable by which Scrapy, and so this program, finds another settings module."""

PREFIX: Final = "ARCHIVE_"
N = TypeVar("N", int, float)

_MOST_OF: Final = {"DAYS": 36_500, "HOURS": 876_000}
_MOST: Final = 10**10
"""A century in days or hours, or three in seconds: any time of ours can be moved by them."""

_BOOLEANS: Final = {"1": True, "true": True, "0": False, "false": False}


class CommandSettings:
    """The settings module, with the values of `-s NAME=VALUE` over it.

    `overrides` holds those values as text, each checked to be of its default's type. The getters
    convert like those of Scrapy's `Settings`; they raise UsageProblem for any other text, which the
    settings module may hold too.
    """

    def __init__(self, assignments: Iterable[str] = ()) -> None:
        self.module = os.environ.get(MODULE_VARIABLE) or "scraper.settings"
        self._project = vars(import_module(self.module))
        self.overrides: dict[str, str] = {}
        for assignment in assignments:
            name, separator, value = assignment.partition("=")
            if not separator:
                raise UsageProblem(f"-s takes NAME=VALUE, not {assignment!r}")
            self.override(name, value)

    def override(self, name: str, value: str) -> None:
        """Set a value for this run. Raises UsageProblem for an unknown setting of ours, and for a
        value of another type than the default."""
        if name.startswith(PREFIX) and name not in self._project:
            raise UsageProblem(f"-s {name}: no such setting{self._suggestion(name)}")
        self.overrides[name] = value
        default = self._project[name] if name in self._project else _default_of_scrapy(name)
        if isinstance(default, bool):
            self.getbool(name)
        elif isinstance(default, int) and name.startswith(PREFIX):
            self.getint(name)
        elif isinstance(default, int | float):  # Scrapy reads some whole numbers as any number
            self.getfloat(name)

    def _suggestion(self, name: str) -> str:
        similar = get_close_matches(name, [key for key in self._project if key.startswith(PREFIX)])
        return f"; did you mean {similar[0]}?" if similar else ""

    def __getitem__(self, name: str) -> Any:
        return self.overrides.get(name, self._project.get(name))

    def getbool(self, name: str) -> bool:
        """A setting as a boolean: `1`, `true`, `0` or `false`."""
        value = str(self[name]).lower()
        if value not in _BOOLEANS:
            raise UsageProblem(f"{name} takes 1 or 0, not {self[name]!r}")
        return _BOOLEANS[value]

    def getint(self, name: str) -> int:
        """A setting as a whole number."""
        try:
            return _bounded(name, int(self[name]))
        except ValueError:
            raise UsageProblem(
                f"{name} takes a whole number from 0 to {_most(name):,}, not {self[name]!r}"
            ) from None

    def getfloat(self, name: str) -> float:
        """A setting as a number."""
        try:
            return _bounded(name, float(self[name]))
        except ValueError:
            raise UsageProblem(
                f"{name} takes a number from 0 to {_most(name):,}, not {self[name]!r}"
            ) from None


def _default_of_scrapy(name: str) -> Any:
    """What Scrapy has where the project sets nothing; None also for a number below 0, which any
    other may replace. Scrapy is imported for that, and only where somebody sets such a value."""
    default = getattr(import_module("scrapy.settings.default_settings"), name, None)
    return None if isinstance(default, int | float) and default < 0 else default


def _bounded(name: str, number: N) -> N:
    if not 0 <= number <= _most(name):
        raise ValueError(number)
    return number


def _most(name: str) -> int:
    return _MOST_OF.get(name.rpartition("_")[2], _MOST)

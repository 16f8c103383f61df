"""The sentences that a change touched, each whole, with the words that went and came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from typing import Final

from scraper.history.diff.words import PARAGRAPH, Operation, Run, TextDiff, around, shorten

SENTENCE_WORDS: Final = 30
"""Unchanged words shown on each side of a change in a sentence; a longer one is cut."""

CONTEXT_CHARS: Final = 80
"""Characters of a run that are shown in any case, as far as it has them."""

_ENDS: Final = (".", "!", "?", "…", ":", ".”", "!”", "?”", '."', '!"', '?"', ".)", "。", "！", "？")

_Token = tuple[Operation, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One or more neighbouring sentences with a change in them, in reading order."""

    runs: tuple[Run, ...]

    @property
    def old(self) -> tuple[Run, ...]:
        """The passage before the change, empty if all of it was added."""
        return tuple(run for run in self.runs if run.operation != "added")

    @property
    def new(self) -> tuple[Run, ...]:
        """The passage after the change, empty if all of it was removed."""
        return tuple(run for run in self.runs if run.operation != "removed")


def changed_passages(diff: TextDiff) -> Iterator[Passage]:
    """Yield the changed sentences of a text; neighbours with a change each are one passage."""
    tokens = ((run.operation, word) for run in diff.runs for word in run.text.split())
    marked = ((_is_changed(sentence), sentence) for sentence in _sentences(tokens))
    for is_changed, group in groupby(marked, key=lambda pair: pair[0]):
        if is_changed:
            runs = tuple(_runs(token for _, sentence in group for token in sentence))
            if runs:
                yield Passage(runs=_cut(runs))


def in_context(diff: TextDiff, most_chars: int) -> tuple[Run, ...]:
    """Return the changed words with a few words around each, in at most about so many characters;
    ``…`` stands for what is left out."""
    shown: list[Run] = []
    left = most_chars
    for run in shorten(diff):
        if left <= 0:
            shown.append(Run(operation="same", text="…"))
            break
        # At most a half, so that what came is shown beside what went.
        text = opening(run.text, max(min(left, most_chars // 2), CONTEXT_CHARS))
        shown.append(replace(run, text=text))
        left -= len(text)
    return tuple(shown)


def as_plain_text(runs: Sequence[Run]) -> str:
    """Write runs as text: ``Magnesium [stops → may ease] cramps``, ``[−gone]``, ``[+new]``."""
    parts: list[str] = []
    removed = ""
    for run, following in zip_longest(runs, runs[1:]):
        if run.operation == "removed" and following and following.operation == "added":
            removed = run.text
        elif run.operation == "same":
            parts.append(run.text)
        elif removed:
            parts.append(f"[{removed} → {run.text}]")
            removed = ""
        else:
            parts.append(f"[{'−' if run.operation == 'removed' else '+'}{run.text}]")
    return " ".join(parts)


def first_passages(passages: Iterable[Passage], most_chars: int) -> tuple[tuple[Passage, ...], int]:
    """Return the passages that fit into `most_chars` characters of both versions, and how many
    do not fit at all. The last one may be cut, which ``…`` shows."""
    shown: list[Passage] = []
    n_more, left = 0, most_chars
    for passage in passages:
        runs: list[Run] = []
        for run in passage.runs:
            if left > 0:
                runs.append(replace(run, text=opening(run.text, left)))
                left -= len(run.text) * (2 if run.operation == "same" else 1)
        if runs:
            shown.append(Passage(runs=tuple(runs)))
        else:
            n_more += 1
    return tuple(shown), n_more


def opening(text: str, most_chars: int) -> str:
    """The beginning of a text as one line, cut between words where it can be, with ``…`` if there
    is more."""
    line = " ".join(text[: 2 * most_chars].split())
    if len(line) <= most_chars and len(text) <= 2 * most_chars:
        return line
    words = line[:most_chars]
    end = words.rfind(" ", most_chars // 2)
    return words[: end if end > 0 else most_chars].rstrip() + " …"


def _sentences(tokens: Iterable[_Token]) -> Iterator[list[_Token]]:
    """Split words into sentences. One ends where both versions have ended one, so that the last
    word of a sentence may change too."""
    sentence: list[_Token] = []
    has_ended = {"removed": True, "added": True}
    for operation, word in tokens:
        is_unchanged_beside = sentence and "same" in (operation, sentence[-1][0])
        if is_unchanged_beside and all(has_ended.values()):
            yield sentence
            sentence = []
        sentence.append((operation, word))
        for side in has_ended:
            if operation in ("same", side):
                has_ended[side] = word == PARAGRAPH or word.endswith(_ENDS)
    if sentence:
        yield sentence


def _is_changed(sentence: Iterable[_Token]) -> bool:
    return any(operation != "same" and word != PARAGRAPH for operation, word in sentence)


def _runs(tokens: Iterable[_Token]) -> Iterator[Run]:
    words = (token for token in tokens if token[1] != PARAGRAPH)
    for operation, group in groupby(words, key=lambda token: token[0]):
        yield Run(operation=operation, text=" ".join(word for _, word in group))


def _cut(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    last = len(runs) - 1
    return tuple(
        run
        if run.operation != "same"
        else Run(
            operation="same",
            text=" ".join(around(run.text.split(), SENTENCE_WORDS, first=i == 0, last=i == last)),
        )
        for i, run in enumerate(runs)
    )

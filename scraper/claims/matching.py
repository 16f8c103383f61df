"""Find the claims of a text that a rulebook does not allow: effect and subject in one clause, not
denied, doubted, asked, or left to a doctor."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from scraper.claims.language import BY_TRADITION, HEDGED, LADDER, Language
from scraper.claims.rulebook import ClaimRule, Grade, Rulebook
from scraper.claims.terms import normal_text, spans
from scraper.config.patterns import Pattern
from scraper.sentences import Sentence, split_sentences

Span = tuple[int, int]

STATED: Final = "stated"
"""The strength of a claim that is a phrase of its own, such as "eco-friendly"."""

_GAP_BEFORE: Final = 7
"""Words between an effect and what it affects."""
_GAP_AFTER: Final = 3
_GAP_ADJACENT: Final = 1
_CUE_REACH: Final = 10
"""Words between a negation and the effect that it denies."""

_CHARS_APART: Final = 250
"""Characters between two places that can belong together."""

_WORD: Final = re.compile(r"\w[\w'-]*")
_BREAK: Final = re.compile(r"[;:!?()|•؛؟।：；（）]|\.(?!\d)|\s[–—-]\s|\n")
_RAISED: Final[dict[Grade, Grade]] = {"low": "medium", "medium": "high", "high": "high"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim in a sentence: `effect` does something to `subject`, both as the text has them.

    `strength` is a rung of the ladder, or `STATED` for a phrase that claims by itself (`subject` is
    then empty); `subject_key` is the same for all forms of a subject. `start` is its place in the
    text. `is_quoted`: the words are in quotation marks; `is_offered`: something is for sale beside
    it.
    """

    rule: str
    title: str
    source: str
    grade: Grade
    strength: str
    subject: str
    subject_key: str
    effect: str
    sentence: str
    start: int
    is_quoted: bool
    is_offered: bool


@dataclass(frozen=True, slots=True)
class _Effect:
    span: Span
    rank: int
    gap: int
    follows: bool = False


def find_claims(text: str, book: Rulebook, language: Language) -> list[Claim]:
    """The claims of a text in order, one for each rule and subject of a sentence, the strongest."""
    read = _Reading(text, language)
    found: dict[tuple[str, str, int], tuple[Span, Claim]] = {}
    for rule in book.rules:
        for place, claim in read.claims(rule):
            key = (rule.id, claim.subject or claim.effect, claim.start)
            found.setdefault(key, (place, claim))
    # A claim on cold sores is none on sores, which another rule may know.
    whole = _outermost(place for place, _ in found.values())
    claims = (claim for place, claim in found.values() if place in whole)
    return sorted(claims, key=lambda claim: claim.start)


def _outermost(places: Iterable[Span]) -> set[Span]:
    """The places that are no part of another."""
    found: set[Span] = set()
    last = 0
    for start, end in sorted(set(places), key=lambda place: (place[0], -place[1])):
        if end > last:
            found.add((start, end))
            last = end
    return found


class _Spans:
    """Spans that do not overlap, in order: each question takes time by its answer, not by their
    number."""

    def __init__(self, found: Sequence[Span]) -> None:
        self.found = found

    def starting(self, start: int, end: int) -> Sequence[Span]:
        """Those that begin from `start` on and before `end`."""
        return self.found[bisect_left(self.found, (start, 0)) : bisect_left(self.found, (end, 0))]

    def overlap(self, span: Span) -> bool:
        """Whether any shares a character with a span."""
        following = bisect_left(self.found, (span[1], 0))
        return following > 0 and self.found[following - 1][1] > span[0]


class _Cues(dict[str, _Spans]):
    """The cues of a text by their names. Each is looked for when it is first asked for: most texts
    say nothing of a rule's subjects."""

    def __init__(self, patterns: Mapping[str, Pattern], text: str) -> None:
        super().__init__()
        self._patterns, self._text = patterns, text

    def __missing__(self, name: str) -> _Spans:
        found = self[name] = _Spans(spans(self._patterns[name], self._text))
        return found


class _Reading:
    """A text with everything in it that a language knows."""

    def __init__(self, text: str, language: Language) -> None:
        self.text, self.normal, self.language = text, normal_text(text), language
        self.sentences = split_sentences(text)
        self.starts = [sentence.start for sentence in self.sentences]
        self.cues = _Cues(language.cues, self.normal)
        self.counted: dict[tuple[str, int], bool] = {}
        self.disclaimed: dict[tuple[str, Span], bool] = {}
        self._effects: list[_Effect] | None = None

    def claims(self, rule: ClaimRule) -> Iterator[tuple[Span, Claim]]:
        """What breaks a rule, each with the place of its subject or phrase."""
        for phrase in spans(rule.phrases, self.normal):
            sentence = self._sentence_at(phrase[0])
            if (
                sentence
                and self._counts(rule, sentence)
                and not self._is_taken_back(phrase, sentence)
            ):
                yield phrase, self._claim(rule, sentence, STATED, phrase)
        for subject in spans(rule.subjects, self.normal):
            sentence = self._sentence_at(subject[0])
            if self.cues["idioms"].overlap(subject):
                continue
            if sentence and self._counts(rule, sentence):
                for claim in self._acting_on(rule, sentence, subject):
                    yield subject, claim

    def _acting_on(self, rule: ClaimRule, sentence: Sentence, subject: Span) -> Iterator[Claim]:
        effects = [
            (self._rank(effect, sentence), effect)
            for effect in self._effects_near(sentence, subject)
            if self._acts(effect, subject) and not self._is_taken_back(effect.span, sentence)
        ]
        allowed = [
            (rank, effect)
            for rank, effect in effects
            if not rule.strengths or LADDER[rank] in rule.strengths
        ]
        if allowed:
            rank, effect = min(allowed, key=lambda found: (found[0], found[1].rank))
            yield self._claim(rule, sentence, LADDER[rank], effect.span, subject)

    def _claim(
        self,
        rule: ClaimRule,
        sentence: Sentence,
        strength: str,
        effect: Span,
        subject: Span = (0, 0),
    ) -> Claim:
        before = self.normal[sentence.start : effect[0]]
        about = self.text[slice(*subject)]
        words = self._effect_words(effect, sentence, subject)
        claim = Claim(
            rule=rule.id,
            title=rule.title,
            source=rule.source,
            grade=rule.grade,
            strength=strength,
            subject=about,
            subject_key=self.language.subject_key(about or words),
            effect=words,
            sentence=" ".join(sentence.text.split()),
            start=sentence.start,
            is_quoted=before.count('"') % 2 == 1,
            is_offered=sentence.paragraph in self._offered,
        )
        is_strong = strength != STATED and LADDER.index(strength) < HEDGED - 1
        grade = _RAISED[claim.grade] if is_strong else claim.grade
        return replace(claim, grade=_RAISED[grade] if claim.is_offered else grade)

    def _effect_words(self, effect: Span, sentence: Sentence, subject: Span) -> str:
        """An effect with the hedge directly before it: "may ease"; "kann … lindern" around its
        subject."""
        start = self._hedged_start(effect, sentence)
        if start < subject[0] < effect[0]:
            words = f"{self.text[start : subject[0]]} … {self.text[slice(*effect)]}"
        else:
            words = self.text[start : effect[1]]
        return " ".join(words.split())

    def _hedged_start(self, effect: Span, sentence: Sentence) -> int:
        starts = [
            start
            for start, end in self._before(effect, sentence, "hedges")
            if self._is_joined(end, effect[0], _GAP_ADJACENT)
        ]
        return min(starts, default=effect[0])

    def _counts(self, rule: ClaimRule, sentence: Sentence) -> bool:
        key = (rule.id, sentence.start)
        if key not in self.counted:
            self.counted[key] = self._may_break(rule, sentence)
        return self.counted[key]

    def _may_break(self, rule: ClaimRule, sentence: Sentence) -> bool:
        """Whether a sentence may break a rule: it asserts something, and nothing makes it fit."""
        if self._is_question(sentence) or self._is_topic(sentence):
            return False
        if self._has("doubts", sentence):
            return False
        words = self.normal[sentence.start : sentence.end]
        if rule.required and not spans(rule.required, words):
            return False
        if spans(rule.unless, words):
            return False
        return not self._is_disclaimed(rule, self._near(rule, sentence))

    def _is_disclaimed(self, rule: ClaimRule, near: Span) -> bool:
        """Whether a rule's disclaimer stands in a span, which many claims may share."""
        if rule.needs is None:
            return False
        key = (rule.id, near)
        if key not in self.disclaimed:
            self.disclaimed[key] = bool(spans(rule.needs, self.normal[slice(*near)]))
        return self.disclaimed[key]

    def _near(self, rule: ClaimRule, sentence: Sentence) -> Span:
        """Where a rule looks for its disclaimer."""
        if rule.near == "post":
            return 0, len(self.normal)
        if rule.near == "sentence":
            return sentence.start, sentence.end
        start = self.normal.rfind("\n", 0, sentence.start) + 1
        end = self.normal.find("\n", sentence.end)
        return start, end if end >= 0 else len(self.normal)

    def _is_question(self, sentence: Sentence) -> bool:
        is_question = sentence.text.rstrip("\"'”’)»」』）").endswith(("?", "؟", "？", "\u037e"))
        if not is_question or self._begins("appeals", sentence):
            return False
        return not self._has("open_questions", sentence)

    def _is_topic(self, sentence: Sentence) -> bool:
        """Whether a sentence is a heading that names a topic: "Remedies for insomnia"."""
        is_heading = sentence.text[-1] not in ".!…।。！"
        return is_heading and self._begins("topics", sentence)

    def _begins(self, cue: str, sentence: Sentence) -> bool:
        return bool(self.cues[cue].starting(sentence.start, sentence.start + 1))

    def _has(self, cue: str, sentence: Sentence) -> bool:
        return bool(self.cues[cue].starting(sentence.start, sentence.end))

    @cached_property
    def _offered(self) -> set[int]:
        """The paragraphs in which something is for sale, and those beside them."""
        paragraphs = list(dict.fromkeys(one.paragraph for one in self.sentences))
        places = {paragraph: place for place, paragraph in enumerate(paragraphs)}
        near: set[int] = set()
        for start, _ in self.cues["offers"].found:
            if sentence := self._sentence_at(start):
                place = places[sentence.paragraph]
                near.update(paragraphs[max(place - 1, 0) : place + 2])
        return near

    def _is_taken_back(self, effect: Span, sentence: Sentence) -> bool:
        """Whether an effect is denied, is somebody else's, or is only mentioned."""
        if any(any(self._before(effect, sentence, cue)) for cue in ("referrals", "mentions")):
            return True
        if any(self._before(effect, sentence, "conditions")) and (
            self.cues["unreal"].starting(effect[1], sentence.end)
        ):
            return True
        if self._names_only(effect) and self._is_pointer(effect, sentence):
            return True
        denials = [*self._before(effect, sentence, "negations"), *self._behind(effect, sentence)]
        return any(not self.cues["not_negations"].overlap(cue) for cue in denials)

    def _is_pointer(self, effect: Span, sentence: Sentence) -> bool:
        """Whether a sentence points to another text, and no "but" comes before it does."""
        return any(
            not self.cues["breaks"].starting(effect[1], pointer[0])
            for pointer in self.cues["pointers"].starting(sentence.start, sentence.end)
        )

    def _names_only(self, effect: Span) -> bool:
        """Whether an effect names what it is for, and says nothing of it by itself: "tea for"."""
        return self.normal[slice(*effect)].split()[-1] in self.language.naming

    def _behind(self, effect: Span, sentence: Sentence) -> Iterator[Span]:
        """The denials behind an effect in its clause."""
        end = min(sentence.end, effect[1] + _CHARS_APART)
        for cue in self.cues["denied_objects"].starting(effect[1], end):
            if self._is_joined(effect[1], cue[0], self.language.denial_reach) and not self.cues[
                "denial_ends"
            ].starting(effect[1], cue[0]):
                yield cue

    def _before(self, effect: Span, sentence: Sentence, name: str) -> Iterator[Span]:
        """The cues before an effect in its clause, none that is a part of it."""
        start = max(sentence.start, effect[0] - _CHARS_APART)
        for cue in self.cues[name].starting(start, effect[0]):
            if cue[1] <= effect[0] and self._is_joined(cue[1], effect[0], _CUE_REACH):
                yield cue

    def _rank(self, effect: _Effect, sentence: Sentence) -> int:
        """The rung of an effect as the sentence puts it: hedged, or by tradition."""
        if self._has("traditions", sentence):
            return BY_TRADITION
        hedged = any(self._before(effect.span, sentence, "hedges"))
        return max(effect.rank, HEDGED) if hedged else effect.rank

    def _acts(self, effect: _Effect, subject: Span) -> bool:
        start, end = effect.span
        if effect.follows:
            return subject[1] <= start and self._is_joined(subject[1], start, effect.gap)
        if end <= subject[0]:
            return self._is_joined(end, subject[0], effect.gap)
        is_passive = self.normal[start:end].endswith(self.language.participles) and (
            self.cues["being"].starting(subject[1], start)
        )
        return bool(is_passive) and self._is_joined(subject[1], start, _GAP_AFTER)

    def _is_joined(self, start: int, end: int, most_words: int) -> bool:
        """Whether two places of a sentence are in one clause, so many words apart at most."""
        if not 0 <= end - start <= _CHARS_APART:
            return False
        between = self.normal[start:end]
        if _BREAK.search(between) or len(_WORD.findall(between)) > most_words:
            return False
        return not self.cues["breaks"].starting(start, end)

    def _effects_near(self, sentence: Sentence, subject: Span) -> Sequence[_Effect]:
        """The effects of a sentence that are near enough to act on a subject."""
        if self._effects is None:
            found = list(self._all_effects())
            # "has gone" is no effect where the text says "has gone down".
            whole = _outermost(effect.span for effect in found)
            self._effects = sorted(
                (effect for effect in found if effect.span in whole), key=_effect_start
            )
        first = max(sentence.start, subject[0] - _CHARS_APART)
        last = min(sentence.end, subject[1] + _CHARS_APART)
        return self._effects[
            bisect_left(self._effects, first, key=_effect_start) : bisect_left(
                self._effects, last, key=_effect_start
            )
        ]

    def _all_effects(self) -> Iterator[_Effect]:
        for rank, rung in enumerate(self.language.ladder):
            kinds = (
                (rung.before, _GAP_BEFORE, False),
                (rung.adjacent, _GAP_ADJACENT, False),
                (rung.after, _GAP_AFTER, True),
            )
            for pattern, gap, follows in kinds:
                for span in spans(pattern, self.normal):
                    if not self.cues["idioms"].overlap(span):
                        yield _Effect(span, rank, gap, follows)

    def _sentence_at(self, place: int) -> Sentence | None:
        found = bisect_right(self.starts, place) - 1
        if found < 0 or place >= self.sentences[found].end:
            return None
        return self.sentences[found]


def _effect_start(effect: _Effect) -> int:
    return effect.span[0]

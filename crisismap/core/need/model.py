"""A linear model of need: groups of letters, words and concepts, weighed as labelled texts have them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crisismap.core.need.need import Detection, Need
from crisismap.core.need.rules import CONCEPTS
from crisismap.core.need.words import Hit

CLASSES = ("risk", "asks", "may", "offer")  # information is what none of them is
BUCKETS = 1 << 21
GROUPS = range(3, 8)  # letters of a group; spaces count, so a group reaches over words
_WEIGHT_GROUPS, _WEIGHT_WORDS, FEATURE_WEIGHT = 20.0, 12.0, 0.25
LETTERS_READ, _STEP = 600, 400  # letters of a long text that are read at once, so that a cry in much else is heard
_TOGETHER = 27  # windows of letters that are hashed in one go
_MOST = 1 << 14
_SPACE = 32
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse among 64 bits
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(64 - BUCKETS.bit_length() + 1)
_WORD_SALT = np.uint64(0xA5A5A5A5A5A5A5A5)
_LENGTHS = (5, 10, 20)  # words
LEVELS = 7  # of a weight in each direction: four weights are the nibbles of 16 bits
_KNOWN_LETTERS, _KNOWN_SHARE = 4, 0.25  # of longer groups so many are known in a language of the training's
_FIELD = 16  # bits in which the weights of a class are added up; none of a window's sums needs more
_FIELD_MASK = (1 << _FIELD) - 1
_CLASS_SHIFTS = tuple(_FIELD * number for number in range(len(CLASSES)))
_DIGITS = 9  # of a probability: sums of floats differ in the last ones from machine to machine
_FEW_RULES, _FEW_CONCEPTS = 4, 8


class Opinion(NamedTuple):
    """How likely a text is each of these, of 1."""

    risk: float  # asks with a life at risk
    asks: float  # without
    may: float
    offer: float

    @property
    def heard(self) -> float:
        """How likely somebody needs help or may need it."""
        return self.risk + self.asks + self.may


class Heard(NamedTuple):
    """What the rules know of a text."""

    plain: str  # its letters
    concepts: int  # as bits, without those that are taken back
    marks: str  # the question and exclamation marks, which plain letters leave out
    found: Detection  # what the rules make of it
    hits: Sequence[Hit] = ()  # where its concepts stand


_RAISED = 2  # the priority to which the model alone raises what the rules hear
_DOUBTED_WORDS, _SURE_NEED = 6, 0.68  # of so few, in which the rules hear no need: "a road under water" is no request
_SURE_OFFER = 0.6  # from here on an offer that may need something is an offer
_SHORT_WORDS = 5  # spaces around and between them; up to here the rules know the words, and letters alone mislead
_PLAIN_WORDS = 10  # as many for a life at risk: the model was sure that "hundreds trapped, send all boats" asks nothing
_READS_LIKE_RISK = "it reads like texts of people whose life is at risk"
_READS_LIKE_ASKING = "it reads like texts of people who ask for help"
_READS_LIKE_MAY = "it reads like texts of people who may need help"


def agreed(found: Detection, opinion: Opinion, words: int, thresholds: Mapping[str, Mapping[str, float]]) -> Detection:
    """Return what rules and model say together: the model weighs the rules, which give priority and reasons.

    What the rules hear needs less support of the model than what it alone would hear, and least of all where they hear
    it in a few words. `words` are the spaces around and between them.
    """
    said = _said(found, words)
    if not found.need.is_request and words <= _DOUBTED_WORDS and (found.denied or opinion.heard < _SURE_NEED):
        return found
    least = thresholds[said]
    asking, heard = opinion.risk + opinion.asks, opinion.heard >= least["may"]
    if said in (Need.MAY, Need.OFFER, Need.INFORMATION) and opinion.offer >= max(_SURE_OFFER, 2 * asking):
        return Detection(Need.OFFER, denied=found.denied)
    if asking >= least["asks"]:
        return _asking(found, opinion)
    if opinion.offer >= least["offer"] and not (heard and found.need is Need.ASKS):
        return Detection(Need.OFFER, denied=found.denied)
    if heard:
        if found.need.is_request:
            return Detection(Need.MAY, found.priority, found.reasons, found.denied)
        return Detection(Need.MAY, 2, (_READS_LIKE_MAY,), found.denied)
    return Detection(Need.INFORMATION, denied=found.denied)


def _said(found: Detection, words: int) -> str:
    """Return what the rules say, as data/rules/need.toml names the thresholds for it."""
    if found.need is Need.INFORMATION and found.denied:
        return "denied"
    at_risk = found.priority == 1 and not found.denied
    if found.need.is_request and words <= (_PLAIN_WORDS if at_risk else _SHORT_WORDS):
        return "short"
    return found.need


def _asking(found: Detection, opinion: Opinion) -> Detection:
    """Return that a text asks; where the rules hear that too, the model raises the priority to P2 at most."""
    at_risk = opinion.risk >= opinion.asks
    if found.need is Need.ASKS and (found.priority <= _RAISED or not at_risk):
        return found
    level = 1 if at_risk and found.need is not Need.ASKS else _RAISED
    reason = _READS_LIKE_RISK if at_risk else _READS_LIKE_ASKING
    reasons = (*found.reasons, reason) if found.need.is_request else (reason,)
    return Detection(Need.ASKS, min(found.priority, level), reasons, found.denied)


class NeedModel:
    """The model of a deployment. Immutable and thread-safe."""

    def __init__(
        self,
        weights: Mapping[int, Sequence[int]] | tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]],
        scale: Sequence[float],
        features: Mapping[str, Sequence[float]],
        bias: Sequence[float],
        about: Mapping[str, Any],
    ) -> None:
        """Each bucket, name of `features_of`, and `bias` has four weights, by CLASSES.

        `weights` are those of the buckets that have any, as numbers of `scale` from -LEVELS to LEVELS, or an array of
        the buckets beside one of their weights (a row each). `about` says on which texts it was trained.
        """
        if isinstance(weights, Mapping):
            rows = np.array(list(weights.values()), dtype=np.int8).reshape(-1, len(CLASSES))
            weights = np.array(list(weights), dtype=np.int64), rows
        self._table = np.full(BUCKETS, _packed(np.zeros((1, len(CLASSES)), np.int8))[0], dtype=np.uint16)
        self._table[weights[0]] = _packed(weights[1])
        self._scale, self._bias = tuple(map(float, scale)), tuple(map(float, bias))
        self._features = {name: tuple(map(float, each)) for name, each in features.items()}
        self.about = about
        self._of_rules = lru_cache(_MOST)(self._sum_of_features)

    def opinions(self, some: Sequence[Heard]) -> list[Opinion]:
        """Return the opinion on each text, the same as on it alone: together they cost less."""
        windows: list[str] = []
        counts = []
        for heard in some:
            parts = _windows(heard.plain)
            windows += parts
            counts.append(len(parts))
        slices = (windows[begin : begin + _TOGETHER] for begin in range(0, len(windows), _TOGETHER))
        logits = [each for few in slices for each in self._of_windows(few)]
        found = []
        at = 0
        for heard, count in zip(some, counts, strict=True):
            # Of a long text the part that speaks most for a need.
            of_letters = max(logits[at : at + count], key=lambda each: max(each[:3])) if count > 1 else logits[at]
            of_rules = self._of_rules(known_of(heard))
            found.append(opinion_of([one + other for one, other in zip(of_letters, of_rules, strict=True)]))
            at += count
        return found

    def knows(self, text: str) -> bool:
        """Return whether a `plain` text is in a language that the model was trained on: it knows its words' letters."""
        groups = groups_of(text[:LETTERS_READ])
        long = groups.buckets[: groups.letters][(groups.ends - groups.starts)[: groups.letters] > _KNOWN_LETTERS]
        return len(long) > 0 and float((self._table[long] != _NO_WEIGHT).mean()) >= _KNOWN_SHARE

    def weighty_words(self, text: str, most: int = 3) -> tuple[int, ...]:
        """Return the numbers of the words of a `plain` text that speak most for a need, in their order."""
        words = text.split(" ")[1:-1]
        groups = groups_of(text[:LETTERS_READ])
        each = np.stack([self._of_class(groups.buckets, number) for number in range(3)], axis=1)
        asking = each.max(axis=1) * groups.values / (groups.ends - groups.starts)
        letters = np.zeros(min(len(text), LETTERS_READ) + 1)
        np.add.at(letters, groups.starts, asking)
        np.add.at(letters, groups.ends, -asking)
        sums = np.concatenate(([0.0], np.cumsum(np.cumsum(letters))))
        begin, found = 1, []
        for number, word in enumerate(words):
            if begin + len(word) < len(sums) and word.strip():
                found.append((float(sums[begin + len(word)] - sums[begin]), number))
            begin += len(word) + 1
        best = sorted(found, reverse=True)[:most]
        return tuple(sorted(number for weight, number in best if weight > 0))

    def _of_class(self, buckets: npt.NDArray[np.int64], number: int) -> npt.NDArray[np.float64]:
        nibbles = (self._table[buckets] >> np.uint16(4 * number)) & np.uint16(15)
        weights: npt.NDArray[np.float64] = (nibbles.astype(np.float64) - LEVELS) * self._scale[number]
        return weights

    def _of_windows(self, windows: Sequence[str]) -> list[list[float]]:
        """Return what the letters of each window say."""
        if len(windows) == 1:
            return [self._of_window(windows[0])]
        groups = _groups_of_all(windows)
        sums = np.zeros(len(groups.buckets) + 1, dtype=np.uint64)
        np.cumsum(_spread()[self._table[groups.buckets]], out=sums[1:])
        letters, words = (sums[ends[1:]] - sums[ends[:-1]] for ends in (groups.ends_of_letters, groups.ends_of_words))
        many, more = np.diff(groups.ends_of_letters), np.diff(groups.ends_of_words)
        every = zip(letters.tolist(), words.tolist(), many.tolist(), more.tolist(), strict=True)
        return [self._weighed(*each) for each in every]

    def _of_window(self, text: str) -> list[float]:
        """Return what the letters of one window say: the same, with less to prepare."""
        groups = groups_of(text)
        spread = _spread()[self._table[groups.buckets]]
        words, all_ = int(spread[groups.letters :].sum()), int(spread.sum())
        return self._weighed(all_ - words, words, groups.letters, len(spread) - groups.letters)

    def _weighed(self, letters: int, words: int, many: int, more: int) -> list[float]:
        """Return the sum of each class, of those of `many` groups of letters and of `more` words, all in one number.

        Whole numbers: their sum is the same on every machine, and all classes are added in one go.
        """
        by_letters, by_words = _value_of_letters(many), _value_of_words(more)
        return [
            scale
            * (
                by_letters * ((letters >> shift & _FIELD_MASK) - LEVELS * many)
                + by_words * ((words >> shift & _FIELD_MASK) - LEVELS * more)
            )
            for scale, shift in zip(self._scale, _CLASS_SHIFTS, strict=True)
        ]

    def _sum_of_features(self, known_of_text: Known) -> tuple[float, ...]:
        known = [self._features[name] for name in features_of(known_of_text) if name in self._features]
        return tuple(map(sum, zip(self._bias, *known, strict=True)))


def _packed(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.uint16]:
    """Return each row of four weights as the nibbles of a number."""
    nibbles = (weights.astype(np.int16) + LEVELS).astype(np.uint16)
    packed: npt.NDArray[np.uint16] = np.bitwise_or.reduce(nibbles << np.arange(0, 16, 4, dtype=np.uint16), axis=1)
    return packed


_NO_WEIGHT = _packed(np.zeros((1, len(CLASSES)), np.int8))[0]


@lru_cache(1)
def _spread() -> npt.NDArray[np.uint64]:
    """Return, for each number of four nibbles, these in fields of 64 bits that many of them can be added up in."""
    numbers = np.arange(1 << 16, dtype=np.uint64)
    nibbles = [(numbers >> np.uint64(4 * number) & np.uint64(15)) << np.uint64(_FIELD * number) for number in range(4)]
    spread: npt.NDArray[np.uint64] = nibbles[0] | nibbles[1] | nibbles[2] | nibbles[3]
    return spread


Known = tuple[int, Need, int, int, int, str, bool]
"""What the rules know of a text, as `features_of` names it."""


def known_of(heard: Heard) -> Known:
    """Return what the rules know of a text: many texts have it in common."""
    found, spaces = heard.found, heard.plain.count(" ")
    length = sum([spaces > least for least in _LENGTHS])
    rules = min(len(found.reasons), _FEW_RULES)
    return heard.concepts, found.need, found.priority, rules, length, heard.marks, found.denied


def features_of(known: Known) -> tuple[str, ...]:
    """Return the names of what the rules know of a text, each of which has weights."""
    concepts, need, priority, rules, length, marks, denied = known
    names = [name for number, name in enumerate(CONCEPTS) if concepts >> number & 1]
    few = min(len(names), _FEW_CONCEPTS)
    names += [f"is {need}", f"is {need} {priority}", f"{rules} rules", f"{few} concepts", f"length {length}", *marks]
    return (*names, "denied") if denied else tuple(names)


def opinion_of(logits: Sequence[float]) -> Opinion:
    """Return probabilities; information, which has no weights of its own, is what is left to 1."""
    odds = [math.exp(max(-30.0, min(30.0, logit))) for logit in logits]
    whole = 1 + sum(odds)
    return Opinion(*(round(each / whole, _DIGITS) for each in odds))


class Groups(NamedTuple):
    """The groups of letters, the words and the pairs of words of a `plain` text."""

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int64]
    letters: int  # how many are groups of letters; words and pairs stand behind them

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """By what the weight of each is multiplied: less in a longer text."""
        others = len(self.buckets) - self.letters
        return np.repeat([_value_of_letters(self.letters), _value_of_words(others)], [self.letters, others])


def _value_of_letters(groups: int) -> float:
    return _WEIGHT_GROUPS / math.sqrt(max(groups, 1))


def _value_of_words(words: int) -> float:
    return _WEIGHT_WORDS / math.sqrt(max(words, 1))


def groups_of(text: str) -> Groups:
    """Return all groups of a `plain` text of at most LETTERS_READ letters."""
    codes = _codes_of(text)
    spaces = np.flatnonzero(codes == _SPACE)
    starts, ends = _bounds(len(codes))
    groups, firsts, seconds = len(starts), spaces[:-1], spaces[1:]
    starts = np.concatenate((starts, firsts, firsts[:-1]))
    ends = np.concatenate((ends, seconds + 1, seconds[1:] + 1))
    return Groups(starts, ends, _hashed(codes, starts, ends, groups), groups)


class _AllGroups(NamedTuple):
    """The groups of some windows: first those of letters of each, then the words and pairs of words of each."""

    buckets: npt.NDArray[np.int64]
    ends_of_letters: npt.NDArray[np.int64]  # where those of each window end, behind where the first begins
    ends_of_words: npt.NDArray[np.int64]


def _groups_of_all(windows: Sequence[str]) -> _AllGroups:
    """Return all groups of some windows of at most LETTERS_READ letters."""
    codes = _codes_of("".join(windows))
    spaces = np.flatnonzero(codes == _SPACE)
    begins = np.cumsum([0, *map(len, windows)])
    bounds = [_bounds(len(window)) for window in windows]
    counts = [len(starts) for starts, _ in bounds]
    moved = np.repeat(begins[:-1], counts)
    window_of = np.searchsorted(begins, spaces, "right") - 1
    words, pairs = (np.flatnonzero(window_of[more:] == window_of[:-more]) for more in (1, 2))
    owners = np.concatenate((window_of[words], window_of[pairs]))
    order = np.argsort(owners, kind="stable")
    firsts = np.concatenate((spaces[words], spaces[pairs]))[order]
    seconds = np.concatenate((spaces[words + 1], spaces[pairs + 2]))[order]
    starts = np.concatenate((np.concatenate([each for each, _ in bounds]) + moved, firsts))
    ends = np.concatenate((np.concatenate([each for _, each in bounds]) + moved, seconds + 1))
    groups = len(moved)
    counts_of_words = np.bincount(owners, minlength=len(windows))
    buckets = _hashed(codes, starts, ends, groups)
    return _AllGroups(buckets, np.cumsum([0, *counts]), np.cumsum([groups, *counts_of_words]))


def _codes_of(text: str) -> npt.NDArray[np.uint64]:
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)


def _hashed(
    codes: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], groups: int
) -> npt.NDArray[np.int64]:
    """Return the bucket of each part of some letters; the first `groups` are groups of letters, the others words."""
    powers, inverses = _powers()
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * powers[: len(codes)], out=sums[1:])
    hashed = sums[ends]
    hashed -= sums[starts]
    hashed *= inverses[starts]
    hashed[groups:] ^= _WORD_SALT
    hashed ^= hashed >> np.uint64(29)
    hashed *= _MIX
    hashed >>= _SHIFT
    return hashed.view(np.int64)


def _windows(text: str) -> list[str]:
    """Return the parts of a `plain` text that are read at once: a short one as a whole."""
    if len(text) <= LETTERS_READ:
        return [text]
    return [text[at : at + LETTERS_READ] for at in range(0, len(text) - _STEP, _STEP)]


@lru_cache(LETTERS_READ + 1)
def _bounds(letters: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return start and end of each group of letters in a text of so many."""
    starts = [np.arange(max(letters - size + 1, 0)) for size in GROUPS]
    ends = [each + size for each, size in zip(starts, GROUPS, strict=True)]
    return np.concatenate(starts), np.concatenate(ends)


@lru_cache(1)
def _powers() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the powers of the base by place and their inverses: a group has one number wherever it stands."""
    most = _TOGETHER * LETTERS_READ
    powers, inverses = np.ones(most + 1, dtype=np.uint64), np.ones(most + 1, dtype=np.uint64)
    np.cumprod(np.full(most, _BASE, dtype=np.uint64), out=powers[1:])
    np.cumprod(np.full(most, pow(_BASE, -1, 1 << 64), dtype=np.uint64), out=inverses[1:])
    return powers, inverses

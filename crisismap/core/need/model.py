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

CLASSES = ("risk", "asks", "may", "offer")  # information is what none of them is
BUCKETS = 1 << 21
GROUPS = range(3, 8)  # letters of a group; spaces count, so a group reaches over words
_WEIGHT_GROUPS, _WEIGHT_WORDS, FEATURE_WEIGHT = 20.0, 12.0, 0.25
LETTERS_READ, _STEP = 600, 400  # letters of a long text that are read at once, so that a cry in much else is heard
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

    def opinion(self, heard: Heard) -> Opinion:
        """Return the opinion on a text."""
        of_rules = self._of_rules(features_of(heard))
        return _opinion([one + other for one, other in zip(self._of_letters(heard.plain), of_rules, strict=True)])

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

    def _of_letters(self, text: str) -> list[float]:
        """Return what the letters of a text say; of a long one, those of its part that speaks most for a need."""
        if len(text) <= LETTERS_READ:
            return self._of_window(text)
        parts = [self._of_window(text[at : at + LETTERS_READ]) for at in range(0, len(text) - _STEP, _STEP)]
        return max(parts, key=lambda logits: max(logits[:3]))

    def _of_window(self, text: str) -> list[float]:
        groups = groups_of(text)
        spread = _spread()[self._table[groups.buckets]]
        # Whole numbers: their sum is the same on every machine, and all classes are added in one go.
        words, all_ = int(spread[groups.letters :].sum()), int(spread.sum())
        letters, more = all_ - words, len(spread) - groups.letters
        by_letters, by_words = _value_of_letters(groups.letters), _value_of_words(more)
        return [
            scale
            * (
                by_letters * ((letters >> shift & _FIELD_MASK) - LEVELS * groups.letters)
                + by_words * ((words >> shift & _FIELD_MASK) - LEVELS * more)
            )
            for scale, shift in zip(self._scale, _CLASS_SHIFTS, strict=True)
        ]

    def _sum_of_features(self, names: tuple[str, ...]) -> tuple[float, ...]:
        known = [self._features[name] for name in names if name in self._features]
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


def features_of(heard: Heard) -> tuple[str, ...]:
    """Return the names of what the rules know of a text, each of which has weights."""
    found = heard.found
    names = [name for number, name in enumerate(CONCEPTS) if heard.concepts >> number & 1]
    few = min(len(names), _FEW_CONCEPTS)
    spaces = heard.plain.count(" ")
    length = sum(spaces > least for least in _LENGTHS)
    rules = min(len(found.reasons), _FEW_RULES)
    names += [f"is {found.need}", f"is {found.need} {found.priority}", f"{rules} rules"]
    names += [f"{few} concepts", f"length {length}", *heard.marks]
    return (*names, "denied") if found.denied else tuple(names)


def _opinion(logits: Sequence[float]) -> Opinion:
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
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    spaces = np.flatnonzero(codes == _SPACE)
    starts, ends = _bounds(len(codes))
    groups, firsts, seconds = len(starts), spaces[:-1], spaces[1:]
    starts = np.concatenate((starts, firsts, firsts[:-1]))
    ends = np.concatenate((ends, seconds + 1, seconds[1:] + 1))
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
    return Groups(starts, ends, hashed.view(np.int64), groups)


@lru_cache(LETTERS_READ + 1)
def _bounds(letters: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return start and end of each group of letters in a text of so many."""
    starts = [np.arange(max(letters - size + 1, 0)) for size in GROUPS]
    ends = [each + size for each, size in zip(starts, GROUPS, strict=True)]
    return np.concatenate(starts), np.concatenate(ends)


@lru_cache(1)
def _powers() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the powers of the base by place and their inverses: a group has one number wherever it stands."""
    inverse = pow(_BASE, -1, 1 << 64)
    bits = (1 << 64) - 1
    powers, inverses = [1], [1]
    for _ in range(LETTERS_READ + 1):
        powers.append(powers[-1] * _BASE & bits)
        inverses.append(inverses[-1] * inverse & bits)
    return np.array(powers, dtype=np.uint64), np.array(inverses, dtype=np.uint64)

"""A linear model of need: groups of letters, words and concepts, weighed as labelled texts have them."""

from __future__ import annotations

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
_SURE_WORDS = 13  # spaces around and between them; from there on letters are enough to doubt what the rules hear
_READS_LIKE_RISK = "it reads like texts of people whose life is at risk"
_READS_LIKE_ASKING = "it reads like texts of people who ask for help"
_READS_LIKE_MAY = "it reads like texts of people who may need help"


def agreed(found: Detection, opinion: Opinion, words: int, thresholds: Mapping[str, Mapping[str, float]]) -> Detection:
    """Return what rules and model say together: the model weighs the rules, which give priority and reasons.

    What the rules hear needs less support of the model than what it alone would hear; a life at risk in a few plain
    words needs none to be looked at.
    """
    least = thresholds["denied" if found.need is Need.INFORMATION and found.denied else found.need]
    if opinion.risk + opinion.asks >= least["asks"]:
        return _asking(found, opinion)
    heard = opinion.heard >= least["may"] or (found.priority == 1 and words < _SURE_WORDS and not found.denied)
    if opinion.offer >= least["offer"] and not (heard and found.need is Need.ASKS):
        return Detection(Need.OFFER, denied=found.denied)
    if heard:
        if found.need.is_request:
            return Detection(Need.MAY, found.priority, found.reasons, found.denied)
        return Detection(Need.MAY, 2, (_READS_LIKE_MAY,), found.denied)
    return Detection(Need.INFORMATION, denied=found.denied)


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
        table: npt.NDArray[np.int8],
        scale: npt.NDArray[np.float32],
        features: Mapping[str, Sequence[float]],
        bias: Sequence[float],
        about: Mapping[str, Any],
    ) -> None:
        """Each bucket, name of `features_of`, and `bias` has four weights; those of `table` are in steps of `scale`.

        `about` says on which texts it was trained.
        """
        self._table, self._scale, self._bias = table, scale.astype(np.float64), np.asarray(bias, dtype=np.float64)
        self._features = {name: np.asarray(each, dtype=np.float64) for name, each in features.items()}
        self.about = about
        self._of_rules = lru_cache(_MOST)(self._sum_of_features)

    def opinion(self, heard: Heard) -> Opinion:
        """Return the opinion on a text."""
        return Opinion(*_shares(self._of_letters(heard.plain) + self._of_rules(features_of(heard))).tolist())

    def weighty_words(self, text: str, most: int = 3) -> tuple[int, ...]:
        """Return the numbers of the words of a `plain` text that speak most for a need, in their order."""
        words = text.split(" ")[1:-1]
        starts, ends, buckets, values = groups_of(text[:LETTERS_READ])
        asking = (self._table[buckets].astype(np.float64) * self._scale)[:, :3].max(axis=1) * values / (ends - starts)
        letters = np.zeros(min(len(text), LETTERS_READ) + 1)
        np.add.at(letters, starts, asking)
        np.add.at(letters, ends, -asking)
        sums = np.concatenate(([0.0], np.cumsum(np.cumsum(letters))))
        begin, found = 1, []
        for number, word in enumerate(words):
            if begin + len(word) < len(sums) and word.strip():
                found.append((float(sums[begin + len(word)] - sums[begin]), number))
            begin += len(word) + 1
        best = sorted(found, reverse=True)[:most]
        return tuple(sorted(number for weight, number in best if weight > 0))

    def _of_letters(self, text: str) -> npt.NDArray[np.float64]:
        """Return what the letters of a text say; of a long one, those of its part that speaks most for a need."""
        if len(text) <= LETTERS_READ:
            return self._of_window(text)
        parts = [self._of_window(text[at : at + LETTERS_READ]) for at in range(0, len(text) - _STEP, _STEP)]
        return max(parts, key=lambda logits: float(logits[:3].max()))

    def _of_window(self, text: str) -> npt.NDArray[np.float64]:
        groups = groups_of(text)
        found: npt.NDArray[np.float64] = groups.values @ self._table[groups.buckets].astype(np.float64) * self._scale
        return found

    def _sum_of_features(self, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
        known = [self._features[name] for name in names if name in self._features]
        return self._bias + sum(known, np.zeros(len(CLASSES)))


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


def _shares(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return probabilities; information, which has no weights of its own, is what is left to 1."""
    odds = np.exp(np.clip(logits, -30, 30))
    shares: npt.NDArray[np.float64] = odds / (1 + odds.sum())
    return shares


class Groups(NamedTuple):
    """The groups of letters, the words and the pairs of words of a `plain` text."""

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]  # smaller in a longer text


def groups_of(text: str) -> Groups:
    """Return all groups of a `plain` text of at most LETTERS_READ letters."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    spaces = np.flatnonzero(codes == _SPACE)
    starts, ends = _bounds(len(codes))
    firsts, seconds = spaces[:-1], spaces[1:]
    starts = np.concatenate((starts, firsts, firsts[:-1]))
    ends = np.concatenate((ends, seconds + 1, seconds[1:] + 1))
    groups = len(starts) - len(firsts) - max(len(firsts) - 1, 0)
    powers, inverses = _powers()
    sums = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(codes * powers[: len(codes)], dtype=np.uint64)))
    hashed = (sums[ends] - sums[starts]) * inverses[starts]
    hashed[groups:] ^= _WORD_SALT
    hashed = ((hashed ^ (hashed >> np.uint64(29))) * _MIX) >> _SHIFT
    values = np.empty(len(starts))
    values[:groups] = _WEIGHT_GROUPS / max(groups, 1) ** 0.5
    values[groups:] = _WEIGHT_WORDS / max(len(starts) - groups, 1) ** 0.5
    return Groups(starts, ends, hashed.astype(np.int64), values)


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

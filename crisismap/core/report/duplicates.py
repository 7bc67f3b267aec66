"""Duplicate detection: a score of whether two reports are about the same event, with reasons; pure.

It only suggests; nothing is joined by it. Points for distance in space and time, the same sender, and shared words are
added by written rules; `score` is their logistic, 0 to 1.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import Misconfigured
from crisismap.core.moment import MINUTE_MS
from crisismap.core.place.geodesy import distance_m
from crisismap.core.report.similarity import Likeness, TextFeatures, Vocabulary, compare, vocabulary_from

MOST_ACCURACY_M = 50.0  # bounds the doubt, or an inaccurate pin would be near to everything
FAR_M = 1_500.0  # two places of one name further apart than this are different places
NEARLY_SAME = 0.9
_POINTS = frozenset(
    {"start", "sender", "category", "alike", "unlike", "same_name", "other_name", "same_unit", "other_unit"}
    | {"other_topic", "same_text", "unplaced", "several_places"}
)
_LIKELIHOODS = ((90, "very likely the same"), (70, "likely the same"), (50, "possibly the same"), (0, "unlikely"))
Steps = tuple[tuple[float, ...], tuple[float, ...]]  # positions, points


@dataclass(frozen=True, slots=True)
class DuplicateRules:
    """The rules from data/rules/duplicates.toml."""

    threshold: float
    most: int
    within_m: float
    within_ms: int
    points: Mapping[str, float]
    metres: Steps
    minutes: Steps
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class ComparableReport:
    """The compared facts of a report. `senders`: opaque; a common one is the same contact or device. Empty: unknown."""

    category: str
    at_ms: int
    text: TextFeatures
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    senders: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """The similarity of two reports; `reasons` for and against, strongest first. `metres` None: location needed."""

    score: float
    reasons: tuple[str, ...]
    metres: float | None
    minutes: float


def percent(score: float) -> int:
    """Return a score as a percentage for people; never 0 or 100, because only a person can be certain."""
    return min(99, max(1, round(score * 100)))


def likelihood(score: float) -> str:
    """Return a score in words, which agree with its percentage."""
    return next(words for least, words in _LIKELIHOODS if percent(score) >= least)


def judge(a: ComparableReport, b: ComparableReport, rules: DuplicateRules, *, several_places: bool = False) -> Match:
    """Return how likely two reports are duplicates. `several_places`: the place name in them is ambiguous."""
    like, points = compare(a.text, b.text), rules.points
    minutes = abs(a.at_ms - b.at_ms) / MINUTE_MS
    metres = _metres(a, b)
    weights: list[tuple[float, str]] = [(_interpolate(rules.minutes, minutes), _time_reason(minutes))]
    if metres is not None:
        # A pin is as good as its accuracy: only the distance beyond it counts.
        doubt = min((a.accuracy_m or 0) + (b.accuracy_m or 0), MOST_ACCURACY_M)
        weights.append((_interpolate(rules.metres, max(0.0, metres - doubt)), _distance_reason(metres)))
    else:
        weights.append((points["unplaced"], "not both on the map: only words and time are compared"))
    if a.senders & b.senders:
        weights.append((points["sender"], "the same sender"))
    if a.category != b.category:
        weights.append((points["category"], "another category"))
    weights += _text_reasons(like, points, located=metres is not None)
    if several_places:
        weights.append((points["several_places"], "this name stands at several places"))
    total = points["start"] + sum(p for p, _ in weights)
    reasons = tuple(reason for p, reason in sorted(weights, key=lambda each: -abs(each[0])) if reason)
    return Match(1 / (1 + math.exp(-total)), reasons, metres, minutes)


def suggest(a: ComparableReport, others: Sequence[ComparableReport], rules: DuplicateRules) -> list[tuple[int, Match]]:
    """Return the indexes of the likely duplicates with their matches, most likely first."""
    matches = [judge(a, other, rules) for other in others]
    if a.lon is None and _lie_apart(others, matches, rules):
        matches = [judge(a, other, rules, several_places=True) for other in others]
    good = [(at, match) for at, match in enumerate(matches) if match.score >= rules.threshold]
    return sorted(good, key=lambda each: -each[1].score)[: rules.most]


def _lie_apart(others: Sequence[ComparableReport], matches: Sequence[Match], rules: DuplicateRules) -> bool:
    """Return whether the matches by text alone lie at several places: then the text does not tell which is meant."""
    good = [o for o, m in zip(others, matches, strict=True) if m.score >= rules.threshold and o.lon is not None]
    return any(distance_m(good[0].lon, good[0].lat, o.lon, o.lat) > FAR_M for o in good[1:])  # type: ignore[arg-type]


def _metres(a: ComparableReport, b: ComparableReport) -> float | None:
    if a.lon is None or a.lat is None or b.lon is None or b.lat is None:
        return None
    return distance_m(a.lon, a.lat, b.lon, b.lat)


def _text_reasons(like: Likeness, points: Mapping[str, float], *, located: bool) -> list[tuple[float, str]]:
    found = []
    # Without coordinates half a name is not enough: "jalan Sudirman" is in every city, so missing words count against
    # it.
    whole = 1.0 if located else max(0.0, 2 * like.mutual - 1)
    share = like.share if located or like.share is None else whole
    if share:
        enough = min(1.0, (len(like.words) + 0.5) / 3)
        found.append((points["alike"] * share * enough, f"similar words: {', '.join(like.words[:4])}"))
    elif share == 0.0:
        found.append((points["unlike"], "the words have little in common"))
    if like.same_name:
        found.append((points["same_name"] * whole, f"the same place named: {like.same_name}"))
    elif like.other_names:
        found.append((points["other_name"], "other places named"))
    if like.same_unit:
        found.append((points["same_unit"], f"the same unit: {like.same_unit}"))
    if like.other_unit:
        found.append((points["other_unit"], f"different units: {like.other_unit}"))
    if like.other_topics:
        found.append((points["other_topic"], "another kind of trouble"))
    if like.whole >= NEARLY_SAME:
        found.append((points["same_text"], "nearly the same text"))
    return found


def _interpolate(steps: Steps, value: float) -> float:
    """Return the points at a value, interpolated linearly between two steps."""
    where, points = steps
    at = bisect_right(where, value)
    if at in (0, len(where)):
        return points[max(0, at - 1)]
    part = (value - where[at - 1]) / (where[at] - where[at - 1])
    return points[at - 1] + part * (points[at] - points[at - 1])


def _distance_reason(metres: float) -> str:
    if metres < 1000:
        return f"{round(metres, -1) if metres >= 100 else metres:.0f} m apart"
    return f"{metres / 1000:.1f} km apart"


def _time_reason(minutes: float) -> str:
    return f"{minutes:.0f} min apart" if minutes < 120 else f"{minutes / 60:.0f} h apart"


def duplicate_rules_from(data: Mapping[str, Any], name: str) -> DuplicateRules:
    """Return the rules from their TOML table; `name` is the file that an error names."""
    try:
        points = {key: float(value) for key, value in data["points"].items()}
        if points.keys() != _POINTS:
            raise ValueError(f"points: {', '.join(sorted(points.keys() ^ _POINTS))}")
        return DuplicateRules(
            threshold=float(data["threshold"]),
            most=int(data["most"]),
            within_m=float(data["within_m"]),
            within_ms=int(float(data["within_hours"]) * 60 * MINUTE_MS),
            points=points,
            metres=_steps(data["metres"]),
            minutes=_steps(data["minutes"]),
            vocabulary=vocabulary_from(data["words"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise Misconfigured("rules_wrong", file=name, problem=str(problem)) from problem


def _steps(tables: Sequence[Mapping[str, Any]]) -> Steps:
    where = tuple(float(table["at"]) for table in tables)
    if not where or list(where) != sorted(set(where)):
        raise ValueError("steps: `at` must rise from line to line")
    return where, tuple(float(table["points"]) for table in tables)

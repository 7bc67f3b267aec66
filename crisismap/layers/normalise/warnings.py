"""Conversion of warnings to features: one per message and event, with its validity and its text.

Messages that were replaced or cancelled stay as features that end at that moment, because an earlier report is still
merged with what was in force then. Tests, exercises and restricted messages never become features.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from crisismap.core import moment
from crisismap.core.errors import shorten
from crisismap.core.layer.alert import (
    ACTUAL,
    ALL_CLEAR,
    CLEAR,
    PUBLIC,
    WARNING_KINDS,
    Alert,
    AlertArea,
    Info,
    end_times,
    span,
)
from crisismap.core.layer.layer import Feature, Layer, LayerVersion
from crisismap.core.moment import DAY_MS
from crisismap.core.place import geodesy
from crisismap.layers.formats.raw import first_notes
from crisismap.layers.normalise import repair

DEFAULT_LASTS_MS = DAY_MS
HISTORY_MS = 7 * DAY_MS  # warnings that ended earlier are left out
_CIRCLE_POINTS = 64
_TEXTS = ("event", "severity", "certainty", "urgency", "language", "headline", "description", "instruction")
_TRANSLATED_TEXTS = ("event", "headline", "description", "instruction")


@dataclass(frozen=True, slots=True)
class WarningBatch:
    """Parsed messages; `refused` has one sentence per message that could not be read."""

    alerts: Sequence[Alert]
    refused: Sequence[str] = ()
    notes: tuple[str, ...] = ()


def version(
    batch: WarningBatch,
    layer: Layer,
    *,
    lasts_ms: int = DEFAULT_LASTS_MS,
    now_ms: int,
    as_of_ms: int | None = None,
) -> LayerVersion:
    """Return a version of `layer`, not numbered yet, from messages in any order; without any, nothing is in force.

    `lasts_ms`: how long a warning without an end is in force. `as_of_ms`: the time of the messages, if not now.
    """
    moment_ms = now_ms if as_of_ms is None else as_of_ms
    alerts = sorted(batch.alerts, key=lambda alert: (alert.sent_ms, alert.identifier, alert.sender))
    ends = end_times(alerts)
    features: list[Feature] = []
    repaired = 0
    id_counts: Counter[str] = Counter()
    omitted: Counter[str] = Counter()
    problems: list[str] = []
    for alert in alerts:
        if not alert.is_warning:
            continue
        end = ends.get(alert.key)
        for part, (info, others) in enumerate(_by_event(alert.infos)):
            validity = span(alert, info, end, lasts_ms)
            if validity[0] > validity[1]:
                omitted["ended before they began, left out"] += 1
                continue
            if validity[1] < moment_ms - HISTORY_MS:
                omitted[f"ended more than {HISTORY_MS // DAY_MS} days before, left out"] += 1
                continue
            base_id = alert.identifier if part == 0 else f"{alert.identifier}/{part + 1}"
            id_counts[base_id] += 1
            identifier = base_id if id_counts[base_id] == 1 else f"{base_id}#{id_counts[base_id]}"
            outlines = [_outline(area) for area in info.areas]
            features += _features(identifier, alert, info, others, validity, outlines)
            repaired += any(outline.repaired for outline in outlines)
            problems += [f"{identifier}: {problem}" for outline in outlines for problem in outline.problems]
    repeats = sum(n - 1 for n in id_counts.values())
    notes = [*batch.notes, *batch.refused, *first_notes(problems), *_omission_notes(alerts, omitted)]
    if repeats:
        notes.append(f"the same message more than once, a number was added: {repeats}")
    return LayerVersion(layer, 0, now_ms, tuple(features), len(batch.refused), repaired, tuple(notes), as_of_ms)


def carry_over(old: LayerVersion, new: LayerVersion) -> LayerVersion:
    """Return the new version plus the features that only the old one has, as ended just before.

    A service that lists only what is in force omits what has ended; earlier reports are still merged with it.
    """
    new_ids = {feature.id for feature in new.features}
    until = new.loaded_at_ms - 1
    end_times = []
    for feature in old.features:
        start, end = feature.valid_from_ms or 0, feature.valid_to_ms if feature.valid_to_ms is not None else until
        end = min(end, until)
        if feature.id not in new_ids and start <= end and end >= new.loaded_at_ms - HISTORY_MS:
            end_times.append(replace(feature, valid_to_ms=end))
    return replace(new, features=(*new.features, *end_times)) if end_times else new


def _omission_notes(alerts: Iterable[Alert], omitted: Counter[str]) -> list[str]:
    """Return notes with the counts of messages that do not become features; `omitted` are already counted."""
    counts = omitted.copy()
    for alert in alerts:
        if alert.status != ACTUAL:
            counts["tests, exercises and drafts, not shown"] += 1
        elif alert.scope != PUBLIC:
            counts["not for the public, not shown"] += 1
        elif alert.kind not in WARNING_KINDS:
            counts["cancels and acknowledgements"] += 1
        elif not alert.infos:
            counts["messages that warn of nothing (no info)"] += 1
    return [f"{what}: {number}" for what, number in sorted(counts.items())]


def _by_event(infos: Sequence[Info]) -> list[tuple[Info, list[Info]]]:
    """Return each event in the message's first language, with its other languages.

    Languages have the same events in the same order; one with another number of them is kept separately.
    """
    if not infos:
        return []
    by_language: dict[str, list[Info]] = {}
    for info in infos:
        by_language.setdefault(info.language, []).append(info)
    first, *others = by_language.values()
    alike = [other for other in others if len(other) == len(first)]
    more: list[tuple[Info, list[Info]]] = [(info, []) for other in others if len(other) != len(first) for info in other]
    return [(info, [other[place] for other in alike]) for place, info in enumerate(first)] + more


def _features(
    identifier: str,
    alert: Alert,
    info: Info,
    others: list[Info],
    validity: tuple[int, int],
    outlines: list[_Outline],
) -> list[Feature]:
    """Return one feature; two when some of its areas are drawn and others only named, so that none is lost.

    An area whose outline cannot be used in whole is also named, where its codes may give its place.
    """
    pairs = list(zip(info.areas, outlines, strict=True))
    drawn = [(area, outline.geometry) for area, outline in pairs if outline.geometry is not None]
    named = [a for a, outline in pairs if outline.geometry is None or (outline.problems and a.geocodes)]
    parts: list[tuple[str, list[AlertArea], BaseGeometry | None]] = []
    if drawn:
        geometries = [geometry for _, geometry in drawn]
        whole = geometries[0] if len(geometries) == 1 else shapely.union_all(geometries)
        parts.append((identifier, [area for area, _ in drawn], whole))
    if named or not drawn:
        parts.append((f"{identifier}~named" if drawn else identifier, named, None))
    name, status = info.event or info.headline, CLEAR if ALL_CLEAR in info.responses else ""
    return [
        Feature(part, name, "", shape, _properties(alert, info, others, areas), status, *validity)
        for part, areas, shape in parts
    ]


def _properties(alert: Alert, info: Info, others: list[Info], areas: list[AlertArea]) -> dict[str, Any]:
    codes: dict[str, list[str]] = {}
    for area in areas:
        for system, code in area.geocodes:
            codes.setdefault(system, []).append(code)
    return {
        **{name: getattr(info, name) for name in _TEXTS},
        "area": "; ".join(area.name for area in areas if area.name),
        "web": info.web,
        "sender": alert.sender,
        "sender_name": info.sender_name,
        "sent": moment.rfc3339(alert.sent_ms),
        "onset": None if info.onset_ms is None else moment.rfc3339(info.onset_ms),
        "message": alert.kind,
        "end_assumed": info.ends_ms is None and info.expires_ms is None,
        "geocodes": codes,
        "other_languages": {
            other.language: {name: getattr(other, name) for name in _TRANSLATED_TEXTS} for other in others
        },
    }


@dataclass(frozen=True, slots=True)
class _Outline:
    """All polygons and circles of an area as one WGS 84 geometry, None without any; what cannot be used is named."""

    geometry: BaseGeometry | None
    repaired: bool
    problems: list[str]


def _outline(area: AlertArea) -> _Outline:
    problems = list(area.problems)
    shapes: list[BaseGeometry] = []
    for ring in area.polygons:
        if len(ring) > 3:
            shapes.append(Polygon(_continue_longitudes(np.array(ring))))
        else:
            problems.append(f"polygon: needs at least three positions, has {len(ring)}")
    shapes += [circle(*each) for each in area.circles]
    results = repair.check(np.array(shapes, dtype=object)) if shapes else []
    problems += [each.problem for each in results if each.geometry is None]
    good = [each.geometry for each in results if each.geometry is not None]
    geometry = None if not good else good[0] if len(good) == 1 else shapely.union_all(good)
    name = shorten(area.name, 60) or "without a name"
    sentences = [f"area {name!r}: {problem}" for problem in problems]
    return _Outline(geometry, any(each.repaired for each in results), sentences)


def circle(lon: float, lat: float, km: float) -> BaseGeometry:
    """Return a circle on the ground as a polygon; a point when it has no radius."""
    if km == 0:
        return Point(lon, lat)
    return Polygon(_continue_longitudes(geodesy.circle(lon, lat, km * 1000.0, _CIRCLE_POINTS)))


def _continue_longitudes(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    running = repair.continue_longitudes(ring)
    return ring if running is None else running

"""Conversion of warnings to features: one per message, event and phase, with its validity and its text.

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
    NO_TIME,
    PUBLIC,
    WARNING_KINDS,
    Alert,
    AlertArea,
    Info,
    end_times,
)
from crisismap.core.layer.alert_phases import Phase, areas_of, events, phases, run_of
from crisismap.core.layer.layer import WARNING, Feature, Layer, LayerVersion
from crisismap.core.layer.original import Original
from crisismap.core.moment import DAY_MS
from crisismap.core.place import geodesy
from crisismap.layers.formats.raw import first_notes
from crisismap.layers.normalise import repair

DEFAULT_LASTS_MS = DAY_MS
HISTORY_MS = 7 * DAY_MS  # warnings that ended earlier are left out
_CIRCLE_POINTS = 64
_TEXTS = ("event", "severity", "certainty", "urgency", "language", "headline", "description", "instruction")
_TRANSLATED_TEXTS = ("event", "headline", "description", "instruction", "web", "sender_name")
_ENDED_FIRST = "ended before they began, left out"


@dataclass(frozen=True, slots=True)
class WarningBatch:
    """Parsed messages; `refused` has one sentence per message that could not be read."""

    alerts: Sequence[Alert]
    refused: Sequence[str] = ()
    notes: tuple[str, ...] = ()
    originals: tuple[Original, ...] = ()


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
    alerts = [each.received(moment_ms) for each in batch.alerts]
    alerts.sort(key=lambda alert: (alert.since_ms, alert.identifier, alert.sender))
    ends = end_times(alerts)
    features: list[Feature] = []
    repaired = 0
    id_counts: Counter[str] = Counter()
    omitted: Counter[str] = Counter()
    problems: list[str] = []
    for alert in alerts:
        if not alert.is_warning:
            continue
        for part, event in enumerate(events(alert.infos)):
            found = phases(alert, event, ends.get(alert.key), lasts_ms)
            omitted[_ENDED_FIRST] += sum(all(info not in phase.infos for phase in found) for info in event)
            if not found:
                continue
            if found[-1].end_ms < moment_ms - HISTORY_MS:
                omitted[f"ended more than {HISTORY_MS // DAY_MS} days before, left out"] += 1
                continue
            base_id = alert.identifier if part == 0 else f"{alert.identifier}/{part + 1}"
            id_counts[base_id] += 1
            identifier = base_id if id_counts[base_id] == 1 else f"{base_id}#{id_counts[base_id]}"
            areas = areas_of(event)
            outlines = [_outline(area) for area in areas]
            for number, phase in enumerate(found, 1):
                phase_id = identifier if number == 1 else f"{identifier}~{number}"
                properties = _properties(alert, phase, found)
                features += _features(phase_id, phase, properties, areas, outlines)
            repaired += any(outline.repaired for outline in outlines)
            problems += [f"{identifier}: {problem}" for outline in outlines for problem in outline.problems]
    repeats = sum(n - 1 for n in id_counts.values())
    notes = [*batch.notes, *batch.refused, *_time_notes(alerts), *first_notes(problems)]
    notes += _omission_notes(alerts, omitted)
    if repeats:
        notes.append(f"the same message more than once, a number was added: {repeats}")
    results = len(batch.refused), repaired, tuple(notes), as_of_ms
    return LayerVersion(layer, 0, now_ms, tuple(features), *results, originals=batch.originals)


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


def _time_notes(alerts: Iterable[Alert]) -> list[str]:
    """Return a warning for each time that is not written as it should be, of messages meant for the public."""
    return first_notes(
        [
            f"{WARNING}{shorten(alert.identifier, 80)}: {problem}"
            for alert in alerts
            if alert.status == ACTUAL and alert.scope == PUBLIC
            for problem in alert.problems
        ]
    )


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
    return [f"{what}: {number}" for what, number in sorted(counts.items()) if number]


def _features(
    identifier: str, phase: Phase, properties: dict[str, Any], areas: Sequence[AlertArea], outlines: Sequence[_Outline]
) -> list[Feature]:
    """Return one feature; two when some of its areas are drawn and others only named, so that none is lost.

    An area whose outline cannot be used in whole is also named, where its codes may give its place.
    """
    info = phase.infos[0]
    # The names of the areas in the language that is shown, where it has the same areas.
    names = [area.name for area in (info.areas if len(info.areas) == len(areas) else areas)]
    each = list(zip(areas, names, outlines, strict=True))
    drawn = [(area, name) for area, name, outline in each if outline.geometry is not None]
    named = [(a, name) for a, name, o in each if o.geometry is None or (o.problems and a.geocodes)]
    parts: list[tuple[str, list[tuple[AlertArea, str]], BaseGeometry | None]] = []
    if drawn:
        geometries = [outline.geometry for outline in outlines if outline.geometry is not None]
        whole = geometries[0] if len(geometries) == 1 else shapely.union_all(geometries)
        parts.append((identifier, drawn, whole))
    if named or not drawn:
        parts.append((f"{identifier}~named" if drawn else identifier, named, None))
    name, status = info.event or info.headline, CLEAR if ALL_CLEAR in info.responses else ""
    validity = phase.start_ms, phase.end_ms
    return [
        Feature(part, name, "", shape, properties | _place_properties(chosen), status, *validity)
        for part, chosen, shape in parts
    ]


def _place_properties(areas: list[tuple[AlertArea, str]]) -> dict[str, Any]:
    codes: dict[str, list[str]] = {}
    for area, _ in areas:
        for system, code in area.geocodes:
            codes.setdefault(system, []).append(code)
    return {"area": "; ".join(name for _, name in areas if name), "geocodes": codes}


def _properties(alert: Alert, phase: Phase, event: Sequence[Phase]) -> dict[str, Any]:
    """Return what a message says in one phase, in the first language in force, the others beside it."""
    info, *others = phase.infos
    members = {
        **{name: getattr(info, name) for name in _TEXTS},
        "web": info.web,
        "sender": alert.sender,
        "sender_name": info.sender_name,
        "sent": None if alert.sent_ms == NO_TIME else moment.rfc3339(alert.sent_ms),
        "onset": _rfc3339(info.onset_ms),
        "message": alert.kind,
        "end_assumed": info.ends_ms is None and info.expires_ms is None,
        "other_languages": {other.language: _translation(other) for other in others},
    }
    if len(event) > 1:
        start_ms, end_ms = run_of(phase, event)
        members |= {"event_from": moment.rfc3339(start_ms), "event_until": moment.rfc3339(end_ms)}
    if alert.original:
        members |= {"original": alert.original, "signed": alert.signed}
    return members


def _translation(info: Info) -> dict[str, Any]:
    texts = {name: getattr(info, name) for name in _TRANSLATED_TEXTS}
    area = "; ".join(area.name for area in info.areas if area.name)
    return {**texts, "area": area, "onset": _rfc3339(info.onset_ms)}


def _rfc3339(ms: int | None) -> str | None:
    return None if ms is None else moment.rfc3339(ms)


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

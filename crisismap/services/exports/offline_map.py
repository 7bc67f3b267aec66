"""The offline map of one area as one file: its layers and the requests that wait there at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo

import numpy as np
import shapely

from crisismap.core import moment
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.layer.facility import facility_of
from crisismap.core.layer.layer import Feature, LayerVersion, Role, geometries, part_in
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent, turned_to
from crisismap.core.privacy import Audience
from crisismap.core.text import symbols
from crisismap.core.text.local_time import minute
from crisismap.core.text.map_label import label_points, shortened
from crisismap.core.text.wording import count_phrase, number
from crisismap.exports.area_map import AreaMap, MapLayer, MapName, MapPlace, Outline, write_area_map
from crisismap.i18n import english
from crisismap.rule_files import RuleFiles
from crisismap.services.around.feature_wording import warning_wording
from crisismap.services.exports.area import area_title, box_of, features_of, is_near, kind_of, map_names, margin_around
from crisismap.services.exports.data_notice import handling
from crisismap.services.exports.print_sheet import entry_of
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context, require
from crisismap.services.runtime.views import Views
from crisismap.situation.board import unanswered
from crisismap.situation.board.selection import Selection
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation

MOST_PLACES = 2_000  # requests on one map
DRAWN = (Role.CONTEXT, Role.AREA, Role.HAZARD, Role.TRANSPORT, Role.SHELTER)  # the last is on top
MOST_POINTS = 400_000  # vertices of its layers: about 10 MB of file
FORM = "map.html"
MOST_NAMES = 2_000  # of a layer that are written on the map
FINENESS = 20_000  # of the box's width: finer detail is dropped
_FINEST = 1e-5  # degrees, about a metre
_NOTICES = {
    Audience.AGENCY: "Handle with care: it says where people in need are. Delete it after use. How to reach somebody "
    "is shown on the desk to the team that has claimed the request.",
    Audience.PUBLIC: "Safe to publish: each request stands at the middle of a cell of some square kilometres, "
    "never at its place.",
}


def export_area_map(context: Context, person: Person, area: str, audience: Audience, zone: tzinfo) -> bytes:
    """Return the file for an audience, after recording the export.

    Raises Invalid for an unknown area, and for one whose layers are too large.
    """
    require(person, "export.take")
    with context.guards.turns.prints.turn():
        content = area_map(context.views, context.rules, context.clock(), area, audience, zone)
        content = replace(content, care=f"{content.care} {handling(context.clock(), person, audience, zone)}".strip())
        body = write_area_map(content)
    data = {"reports": len(content.places), "area": area, "audience": str(audience)}
    context.store.events.record(EventDraft("export.take", FORM, person.id, context.clock(), data)).result()
    return body


def area_map(views: Views, rules: RuleFiles, now_ms: int, area: str, audience: Audience, zone: tzinfo) -> AreaMap:
    """Return the file's content."""
    features = features_of(views.situation, area)
    box = box_of(geometries(features))
    if box is None:
        raise Invalid("area", area, "area_without_place")
    board = views.situation.board(audience)
    rows = read.request_rows(views.situation, board, Selection(area=(area,)), now_ms)
    rows = unanswered.ordered_rows(board, rows[board.part(rows).has_place])
    records = views.features.records(board, rows[:MOST_PLACES], now_ms)
    images: dict[str, str] = {}
    places = tuple(
        _place(rules, each, (turned_to(each.point[0], box), each.point[1]), now_ms, zone, images)
        for each in records
        if each.point
    )
    layers = tuple(_layers(views.situation, features, box, now_ms, zone, images))
    points = sum(shapely.get_num_coordinates(each.geometry) for layer in layers for each in layer.features)
    if points > MOST_POINTS:
        raise Invalid("area", area, "area_too_large", corners=number(points), most=number(MOST_POINTS))
    urgent = int(np.count_nonzero(board.part(rows).priority == 1))
    return AreaMap(
        title=f"{area_title(features[0])}: requests nobody has answered",
        origin=f"Made {minute(now_ms, zone)} (times: {english().time_zone(zone, now_ms)}) from revision "
        f"{board.revision} of {views.incident.title}, for the {audience}.",
        made_ms=now_ms,
        made_up=views.made_up,
        counts=_counts(len(rows), len(records), urgent),
        care=_NOTICES[audience],
        box=box,
        layers=layers,
        places=places,
        symbols=images,
    )


def _counts(waiting: int, listed: int, urgent: int) -> str:
    sentence = f"{count_phrase(waiting, 'request')} with a place that nobody has answered (P1: {urgent})."
    if waiting > listed:
        sentence += f" {number(waiting - listed)} of them, less urgent, did not fit: see the desk."
    return f"{sentence} What has no place yet is not on this map."


def _place(
    rules: RuleFiles, record: Record, point: tuple[float, float], now_ms: int, zone: tzinfo, images: dict[str, str]
) -> MapPlace:
    entry = entry_of(rules, record, now_ms)
    images.setdefault(entry.symbol.key, symbols.svg(entry.symbol, size=symbols.CELL))
    since = f"Waiting since {minute(moment.parse(record.received_at)[0], zone)}"
    overdue = (f"{entry.overdue} when this was made",) if entry.overdue else ()
    cell = record.place_kind == "cell"
    return MapPlace(
        lon=point[0],
        lat=point[1],
        symbol=entry.symbol.key,
        title=f"{entry.priority} · {entry.title}" if entry.priority else entry.title,
        text=entry.text,
        notes=(since, *overdue, *entry.notes),
        radius_m=record.accuracy_m if cell else None,
    )


def _layers(
    situation: Situation, area: list[Feature], box: Extent, now_ms: int, zone: tzinfo, images: dict[str, str]
) -> Iterator[MapLayer]:
    """Return layers with their current features in and around the box; layers without any are left out."""
    margin = margin_around(box)
    here = {id(feature) for feature in area}
    frame = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    for version in sorted(situation.layers.values(), key=lambda each: DRAWN.index(each.layer.role)):
        current = version.at(now_ms)
        features = _named(
            [
                (outline, name)
                for feature, name in zip(current.features, map_names(current), strict=True)
                if is_near(feature, box, margin) and (outline := _outline(feature, version, frame, id(feature) in here))
            ]
        )
        for status in sorted({each.symbol.removeprefix("shelter-") for each in features if each.symbol}):
            head = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64">'
            images[f"shelter-{status}"] = f"{head}{symbols.official_shelter(status)}</svg>"
        if features:
            layer, age = version.layer, f"Version {version.version}, of {minute(version.moment_ms, zone)}"
            notes = (age, *(text for text in (layer.licence, layer.attribution) if text))
            yield MapLayer(layer.title, str(layer.role), notes, features)


def _named(outlines: list[tuple[Outline, str]]) -> tuple[Outline, ...]:
    """Return outlines with the places of their names: of the largest MOST_NAMES that have one."""
    shapes = np.array([outline.geometry for outline, _ in outlines], dtype=object)
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    spans, points = np.hypot(east - west, north - south), label_points(shapes)
    largest = np.argsort(-spans, kind="stable").tolist()
    named = [at for at in largest if outlines[at][1].strip() and not points[at].is_empty]
    kept = frozenset(named[:MOST_NAMES])
    return tuple(
        replace(outline, label=MapName(shortened(name), points[at].x, points[at].y, float(spans[at])))
        if at in kept
        else outline
        for at, (outline, name) in enumerate(outlines)
    )


def _outline(feature: Feature, version: LayerVersion, frame: Extent, here: bool) -> Outline | None:
    """Return a feature clipped to the frame and simplified to visible detail; None if it lies outside."""
    if feature.geometry is None:
        return None
    step = max(_FINEST, (frame[2] - frame[0]) / FINENESS)
    geometry = shapely.simplify(part_in(feature.geometry, frame), step)
    if geometry.is_empty:
        return None
    kind, status = kind_of(version.layer.role, feature, here)
    status_note = f"Status: {feature.status}" if feature.status else ""
    facility = facility_of(feature.properties).wording() if version.layer.role is Role.SHELTER else ""
    notes = (f"Layer: {version.layer.title}", status_note, warning_wording(feature.properties), facility)
    symbol = f"shelter-{status}" if status and geometry.geom_type == "Point" else ""
    return Outline(kind, geometry, feature.name or feature.id, tuple(filter(None, notes)), symbol)

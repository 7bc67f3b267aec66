"""The print sheet of one area, or of all: unanswered requests, most urgent first, and a map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from itertools import islice

import numpy as np
from shapely.geometry import Point

from crisismap.core import moment
from crisismap.core.layer.layer import Feature, Role, geometries
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent
from crisismap.core.privacy import Audience
from crisismap.core.text.local_time import minute
from crisismap.core.text.wording import age, count_phrase, distance
from crisismap.exports.sheet import Sheet, SheetRow, write_sheet
from crisismap.exports.sheet_map import Shape
from crisismap.exports.sheet_sections import write_sections
from crisismap.i18n import english
from crisismap.rule_files import RuleFiles
from crisismap.services.exports.area import area_title, box_of, features_of, is_near, kind_of, map_names, margin_around
from crisismap.services.exports.area_sections import by_area
from crisismap.services.exports.data_notice import handling
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context, require
from crisismap.services.runtime.views import Views
from crisismap.situation.board import unanswered
from crisismap.situation.board.selection import ALL, Selection
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation

MOST = 300  # requests on one sheet: about fifty pages
MOST_SHAPES = 5_000  # layer shapes on one small map
FORM = "sheet.pdf"
FLAGS = {
    "time_future": "The phone's clock runs ahead.",
    "time_ancient": "The phone's clock was never set.",
    "value_unread": "A value could not be read: see its details on the desk.",
    "time_no_zone": "The time came without a time zone.",
    "zero_coordinates": "The phone sent 0, 0 for its place: go by the words.",
    "swapped_axes": "Longitude and latitude seem to be exchanged: go by the words.",
    "far_away": "The place sent lies far from here: go by the words.",
}


def print_sheet(context: Context, person: Person, area: str | None, zone: tzinfo, limits: Selection = ALL) -> bytes:
    """Return the PDF of an area (code or name), or of the whole incident. Raises Invalid for an unknown area.

    `limits` narrows it to some of the unanswered requests; the sheet says so.
    """
    require(person, "situation.read_exact")
    now_ms = context.clock()
    sheet = make_sheet(context.views, context.rules, now_ms, area, zone, limits)
    sheet = replace(sheet, handling=handling(now_ms, person, Audience.AGENCY, zone))
    with context.guards.turns.prints.turn():
        body = write_sections(sheet) if sheet.sections else write_sheet(sheet)
    read.record_export(context.store, now_ms, person, FORM, len(sheet.entries))
    return body


def make_sheet(
    views: Views, rules: RuleFiles, now_ms: int, area: str | None, zone: tzinfo, limits: Selection = ALL
) -> Sheet:
    """Return the sheet's content; without `area` in sections by area, where there are any. Raises Invalid."""
    features = features_of(views.situation, area) if area is not None else []
    selection = replace(limits, area=(area,)) if area is not None else limits
    board = views.situation.board(Audience.AGENCY)
    rows = unanswered.ordered_rows(board, read.request_rows(views.situation, board, selection, now_ms))
    records = views.features.records(board, rows[:MOST], now_ms)
    entries = tuple(entry_of(rules, record, now_ms) for record in records)
    points = np.array([Point(entry.point) for entry in entries if entry.point is not None], dtype=object)
    box = box_of(geometries(features)) or box_of(points)
    listed = board.part(rows)
    overdue = listed.overdue(views.situation.rules.clocks.due, now_ms)
    made = Sheet(
        incident=views.incident.title,
        area=area_title(features[0]) if features else "All areas",
        only=limits_in_words(limits),
        made_at=minute(now_ms, zone),
        zone=english().time_zone(zone, now_ms),
        revision=board.revision,
        made_up=views.made_up,
        entries=entries,
        more=len(rows) - len(records),
        urgent=int(np.count_nonzero(listed.priority == 1)),
        overdue=int(np.count_nonzero(overdue)),
        box=box,
        shapes=tuple(islice(_shapes(views.situation, features, box, now_ms), MOST_SHAPES)) if box is not None else (),
    )
    if area is not None or not views.situation.layers_of(Role.AREA):
        return made
    return by_area(made, views.situation, listed, overdue)


def limits_in_words(limits: Selection) -> str:
    """Return what a list is narrowed to beside its area, such as `Flooding, P1, overdue`; "" for all of it."""
    parts = [*(english().category(each) for each in limits.category), *(f"P{each}" for each in limits.priority)]
    parts += [word for word, is_set in (("overdue", limits.overdue), ("location needed", limits.unplaced)) if is_set]
    return ", ".join(parts)


def entry_of(rules: RuleFiles, record: Record, now_ms: int) -> SheetRow:
    """Return the sheet's row for a request as any audience sees it."""
    people = f" · {count_phrase(record.people, 'person', 'people')}" if record.people else ""
    due_ms = moment.parse(record.due_at)[0] if record.due_at and record.overdue else None
    return SheetRow(
        symbol=read.symbol_of(record, rules.categories),
        priority=record.priority or "",
        waiting=age(record.waiting_s),
        overdue=f"overdue {age((now_ms - due_ms) / 1000)}" if due_ms is not None else "",
        title=f"{english().category(record.category)}{people}",
        text=record.text or "",
        notes=tuple(_notes(record)),
        point=record.point,
    )


def _notes(record: Record) -> Iterator[str]:
    if record.state == "claimed":
        yield f"Claimed by {record.claimed_by or 'a team'}"
    if record.place:
        yield f"Place: {record.place}"
    if record.lon is None:
        yield "Not on the map: go by the words, or call the desk."
    for hazard in record.hazards:
        yield f"Inside {hazard.name or hazard.feature}"
    nearest = record.nearest_shelter
    if nearest:
        yield f"Nearest open shelter: {nearest.name or nearest.id}, {distance(nearest.distance_m)}"
    for flag in record.flags:
        yield FLAGS.get(flag, flag.replace("_", " "))


def _shapes(situation: Situation, area: list[Feature], box: Extent, now_ms: int) -> Iterator[Shape]:
    """Return the current layer features in and around the box."""
    margin = margin_around(box)
    here = {id(feature) for feature in area}
    for version in situation.layers.values():
        current = version.at(now_ms)
        for feature, name in zip(current.features, map_names(current), strict=True):
            if feature.geometry is not None and is_near(feature, box, margin):
                kind, status = kind_of(version.layer.role, feature, id(feature) in here)
                yield Shape(kind, feature.geometry, name, status)

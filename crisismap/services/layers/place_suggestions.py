"""Suggested places for a report that describes its place in words; nothing is located automatically.

Names come from all loaded layers and from `gazetteer.csv` in the data folder, codes and coordinates from the text. Only
text that the person may read is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from crisismap.core.clock import Clock
from crisismap.core.errors import CrisismapError, Invalid
from crisismap.core.layer.layer import Feature, LayerVersion, Role
from crisismap.core.people.person import Person
from crisismap.core.place.coordinates import find_coordinates
from crisismap.core.place.gazetteer import Gazetteer, GazetteerEntry
from crisismap.core.place.geodesy import distance_m
from crisismap.core.ports import Store
from crisismap.core.text.names import fold_accents
from crisismap.layers.formats.gazetteer import GazetteerFile, read_gazetteer
from crisismap.layers.normalise.column_words import is_other_name
from crisismap.rule_files import RuleFiles
from crisismap.services.lists import read
from crisismap.services.operations.data_folder import file_stamp, put_file
from crisismap.services.runtime.caches import IdentityKey
from crisismap.services.runtime.context import require
from crisismap.services.runtime.views import Views
from crisismap.settings import Settings

NAME = "gazetteer.csv"
MOST = 8
POINT_ACCURACY_M = 100.0  # for a point feature: "at the school" means somewhere near it


@dataclass(frozen=True, slots=True)
class PlaceSuggestion:
    """A possible place: degrees WGS 84, accuracy in metres, confidence 0..1, and the reason as text."""

    name: str
    lon: float
    lat: float
    accuracy_m: float
    confidence: float
    reason: str


def places(
    store: Store, views: Views, rules: RuleFiles, settings: Settings, clock: Clock, person: Person, report_id: str
) -> list[PlaceSuggestion]:
    """Return possible places of a report, most likely first. Raises NotFound."""
    require(person, "report.place")
    record = read.record(store, views, clock, person, report_id)
    return places_of(views, rules, settings, "\n".join(filter(None, (record.place, record.text))))


def places_of(views: Views, rules: RuleFiles, settings: Settings, text: str) -> list[PlaceSuggestion]:
    """Return possible places for a text, such as a caller's description."""
    coordinates = [
        PlaceSuggestion(c.quote, c.lon, c.lat, c.accuracy_m, c.confidence, c.reason)
        for c in find_coordinates(text, views.extent)
    ]
    names = [
        PlaceSuggestion(m.place.name, m.place.lon, m.place.lat, m.place.accuracy_m, m.confidence, m.reason)
        for m in _gazetteer(views, rules, settings).find(text, MOST)
    ]
    return sorted((*coordinates, *names), key=lambda each: -each.confidence)[:MOST]


def put_gazetteer(file: Path, folder: Path) -> GazetteerFile:
    """Copy a file atomically into the data folder. Raises Invalid, Malformed, TooLarge, and then keeps the old one."""
    found = read_gazetteer(file)
    if not found.names:
        raise Invalid("file", file.name, "no_usable_place", notes="".join(f"; {n}" for n in found.notes[:1]))
    put_file(file, folder, NAME)
    return found


def _gazetteer(views: Views, rules: RuleFiles, settings: Settings) -> Gazetteer:
    """Return the current gazetteer, rebuilt when a layer or the file has changed."""
    path = settings.data_dir / NAME
    file = file_stamp(path)
    layers, kinds = tuple(views.situation.layers.values()), rules.duplicates.vocabulary.kinds

    def make() -> Gazetteer:
        names = [entry for version in layers for feature in version.features for entry in _of_feature(version, feature)]
        if file is not None:
            with suppress(CrisismapError):  # edited by hand and invalid; the layers' names still help
                names += read_gazetteer(path).names
        return Gazetteer(names, frozenset(map(fold_accents, kinds)))

    return views.caches.gazetteer.get((IdentityKey(*layers), file), make)


def _of_feature(version: LayerVersion, feature: Feature) -> Iterator[GazetteerEntry]:
    """Return entries for a feature's name and its names in other languages (`name_ta`, `name:hi`, `alt_name`)."""
    geometry = feature.geometry
    box = feature.bounds()
    if geometry is None or box is None:
        return
    point = geometry.representative_point()
    reach = max(POINT_ACCURACY_M, distance_m(*box) / 2)
    contains = None
    if version.layer.role is Role.AREA and geometry.geom_type in ("Polygon", "MultiPolygon"):
        contains = lambda lon, lat: bool(shapely.contains_xy(geometry, lon, lat))  # noqa: E731
    others = (value for key, value in feature.properties.items() if is_other_name(key))
    for name in dict.fromkeys([feature.name, *(other for other in others if isinstance(other, str))]):
        if name.strip():
            yield GazetteerEntry(name, version.layer.title, point.x, point.y, float(np.ceil(reach)), contains)

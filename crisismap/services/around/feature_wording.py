"""Readable descriptions of official layer features that the merge linked to a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crisismap.core.layer.alert import describe, in_language
from crisismap.core.layer.facility import facility_of
from crisismap.core.layer.layer import Feature, Role
from crisismap.situation.record.record import Record
from crisismap.situation.record.record_types import RecordHazard, RecordShelter
from crisismap.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class OfficialWording:
    """Descriptions of the features linked to one report."""

    hazards: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (layer id, feature id) -> phrase
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (layer id, feature id) -> name, in English
    shelter: str = ""  # of the nearest open shelter


def official_wording(situation: Situation, record: Record) -> OfficialWording:
    """Return the descriptions for a report's record."""
    hazards = {
        (each.layer, each.feature): phrase
        for each in record.hazards
        if (phrase := hazard_wording(situation, each.layer, each.feature))
    }
    names = {(each.layer, each.feature): hazard_name(situation, each, "en") for each in record.hazards}
    nearest = record.nearest_shelter
    return OfficialWording(hazards, names, shelter_wording(situation, nearest) if nearest else "")


def warning_wording(properties: Mapping[str, Any]) -> str:
    """Return severity, certainty and urgency of a warning as a phrase, "" for other features."""
    terms = (properties.get(name) for name in ("severity", "certainty", "urgency"))
    severity, certainty, urgency = (term if isinstance(term, str) else "" for term in terms)
    return describe(severity, certainty, urgency)


def hazard_wording(situation: Situation, layer_id: str, feature_id: str) -> str:
    """Return the description of a report's hazard, "" if it has none or is gone."""
    feature = feature_of(situation, layer_id, feature_id)
    return warning_wording(feature.properties) if feature else ""


def hazard_name(situation: Situation, hazard: RecordHazard, language: str) -> str:
    """Return the name of a report's hazard, of a warning in a language if it was in force in it; "" for no name."""
    feature = feature_of(situation, hazard.layer, hazard.feature)
    return str(in_language({**feature.properties, "name": hazard.name}, language)["name"]) if feature else hazard.name


def shelter_wording(situation: Situation, nearest: RecordShelter) -> str:
    """Return free places and needs of a record's `nearest_shelter`, "" if the layer has neither."""
    for version in situation.layers_of(Role.SHELTER):
        feature = feature_of(situation, version.layer.id, nearest.id)
        if feature is not None and feature.name == nearest.name:
            return facility_of(feature.properties).wording()
    return ""


def feature_of(situation: Situation, layer_id: str, feature_id: str) -> Feature | None:
    """Return a feature of a loaded layer by its id."""
    version = situation.layers.get(layer_id)
    return next((f for f in version.features if f.id == feature_id), None) if version else None

"""Alerts of the US National Weather Service: CAP messages as GeoJSON, one feature per message."""

from __future__ import annotations

from typing import Any

import msgspec

from crisismap.core.errors import Malformed, shorten
from crisismap.core.layer.alert import Alert, AlertArea, Key
from crisismap.layers.formats.alert_times import exact_ms, read_times
from crisismap.layers.formats.cap import info_of
from crisismap.layers.formats.strict_json import decode
from crisismap.problems import sentence_of

Ring = tuple[tuple[float, float], ...]
_TIMES = ("effective", "onset", "expires", "ends")
_TELLING = {"messageType", "geocode", "references", "sent", "expires"}


class _Collection(msgspec.Struct):
    features: list[msgspec.Raw]


class _Feature(msgspec.Struct):
    properties: dict[str, msgspec.Raw]


def is_nws(data: bytes) -> bool:
    """Return whether GeoJSON contains these alerts, by the members of its first feature; no other one is decoded."""
    if b'"messageType"' not in data:
        return False
    try:
        first = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Collection).features[0]
        return msgspec.json.decode(first, type=_Feature).properties.keys() >= _TELLING
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError):
        return False


def parse(data: bytes, what: str) -> tuple[list[Alert], list[str]]:
    """Return the messages in file order, repeats included, and one sentence for each feature that is not one.

    Raises Malformed for anything but a FeatureCollection. An empty one means that nothing is in force.
    """
    document = decode(data, what)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise Malformed("alerts_not_a_collection", what=what)
    alerts, refused = [], []
    for row, feature in enumerate(features, 1):
        try:
            alerts.append(_alert(feature))
        except (Malformed, TypeError, AttributeError, KeyError, ValueError, IndexError) as error:
            refused.append(f"refused, row {row}: not an alert ({shorten(sentence_of(error), 80)})")
    return alerts, refused


def _alert(feature: dict[str, Any]) -> Alert:
    members: dict[str, Any] = feature["properties"]
    polygons, problems = _rings(feature.get("geometry"))
    area = AlertArea(
        name=_text(members, "areaDesc"),
        polygons=polygons,
        problems=problems,
        geocodes=tuple(
            (system, str(code)) for system, codes in (members.get("geocode") or {}).items() for code in codes
        ),
    )
    # `expires` is when the next message is due; the warning itself lasts until `ends` where that is given.
    times = read_times(_text(members, "sent"), [{name: _text(members, name) for name in _TIMES}])
    responses = (_text(members, "response"),)
    by_name = {f"{name}_ms": ms for name, ms in times.infos[0].items()}
    info = info_of(lambda name: _text(members, name), **by_name, responses=responses, areas=(area,))
    return Alert(
        sender=_text(members, "sender"),
        identifier=members["id"],
        sent_ms=times.sent,
        sent_is_exact=times.exact,
        status=_text(members, "status"),
        kind=_text(members, "messageType"),
        scope=_text(members, "scope"),
        references=tuple(_key(each) for each in members.get("references") or ()),
        infos=(info,),
        problems=tuple(times.problems),
    )


def _key(reference: dict[str, Any]) -> Key:
    return str(reference["sender"]), str(reference["identifier"]), exact_ms(_text(reference, "sent"))


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    return value.strip() if isinstance(value, str) else ""


def _rings(geometry: Any) -> tuple[tuple[Ring, ...], tuple[str, ...]]:
    """Return the outer rings, as a warning's polygon has no holes, and a phrase for each that cannot be used."""
    if geometry is None:
        return (), ()
    rings: list[Ring] = []
    problems: list[str] = []
    try:
        parts = geometry["geometries"] if geometry["type"] == "GeometryCollection" else [geometry]
        polygons = [polygon for part in parts for polygon in _polygons(part)]
    except (Malformed, TypeError, KeyError) as error:
        return (), (shorten(sentence_of(error), 80),)
    for polygon in polygons:
        try:
            rings.append(tuple((float(x), float(y)) for x, y, *_ in polygon[0]))
        except (TypeError, ValueError, IndexError, KeyError):
            problems.append(f"polygon: not a list of positions (got {shorten(polygon, 40)})")
    return tuple(rings), tuple(problems)


def _polygons(geometry: dict[str, Any]) -> list[Any]:
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}.get(geometry["type"])
    if not isinstance(polygons, list):
        raise Malformed("warning_without_area", given=shorten(geometry["type"], 30))
    return polygons

"""Alerts of the National Weather Service: told from other GeoJSON, read one by one, the broken ones named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crisismap.core.errors import Malformed
from crisismap.layers.formats.nws import is_nws, parse

RING = [[-95.4, 29.7], [-95.3, 29.7], [-95.3, 29.8], [-95.4, 29.7]]
SAID: dict[str, Any] = {
    "id": "urn:oid:2.49.0.1.840.0.1",
    "sender": "w-nws.webmaster@noaa.gov",
    "sent": "2015-12-02T06:30:00-06:00",
    "expires": "2015-12-02T09:30:00-06:00",
    "ends": "2015-12-02T18:00:00-06:00",
    "status": "Actual",
    "messageType": "Update",
    "event": "Flood Warning",
    "areaDesc": "Harris, TX",
    "geocode": {"SAME": ["048201"], "UGC": ["TXC201"]},
    "references": [{"sender": "w", "identifier": "urn:0", "sent": "2015-12-02T05:00:00-06:00"}],
}


def alerts(*said: dict[str, Any], geometry: Any = None) -> bytes:
    features = [{"type": "Feature", "geometry": geometry, "properties": each} for each in said]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_knows_them_by_members_that_no_other_layer_has() -> None:
    assert is_nws(alerts(SAID))
    without = {name: value for name, value in SAID.items() if name != "references"}
    for other in (json.loads(alerts(without)), json.loads(alerts()), {"features": [7]}, {"features": {}}, [], None):
        assert not is_nws(json.dumps(other).encode())


def test_reads_a_message_with_its_area_and_what_it_follows() -> None:
    [alert], refused = parse(alerts(SAID, geometry={"type": "Polygon", "coordinates": [RING]}), "x")
    assert refused == []
    assert (alert.identifier, alert.kind, alert.sent_ms) == (SAID["id"], "Update", 1_449_059_400_000)
    assert alert.references == (("w", "urn:0", 1_449_054_000_000),)
    [info] = alert.infos
    assert (info.language, info.severity, info.ends_ms) == ("en-US", "Unknown", 1_449_100_800_000)
    [area] = info.areas
    assert area.name == "Harris, TX"
    assert area.geocodes == (("SAME", "048201"), ("UGC", "TXC201"))
    assert area.polygons == (tuple((x, y) for x, y in RING),)


@pytest.mark.parametrize(
    ("change", "geometry"),
    [
        ({"geocode": ["048201"]}, None),
        ({"references": [{}]}, None),
    ],
)
def test_refuses_a_broken_message_by_its_row_and_reads_the_others(change: dict[str, Any], geometry: Any) -> None:
    body = json.loads(alerts(SAID | change, geometry=geometry))
    body["features"].append(json.loads(alerts(SAID))["features"][0])
    found, refused = parse(json.dumps(body).encode(), "x")
    assert len(found) == 1
    [sentence] = refused
    assert sentence.startswith("refused, row 1: not an alert (")


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[["a", "b"]]]},
        {"type": "MultiPolygon", "coordinates": [7]},
        "here",
    ],
)
def test_a_warning_with_a_broken_outline_keeps_its_codes(geometry: Any) -> None:
    [alert], refused = parse(alerts(SAID, geometry=geometry), "x")
    [area] = alert.infos[0].areas
    assert (refused, area.polygons, len(area.problems)) == ([], (), 1)
    assert area.geocodes[0] == ("SAME", "048201")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"sent": ""}, "sent is missing"),
        ({"sent": "2015-12-02T06:30:00"}, "without an offset from UTC"),
        ({"expires": "soon"}, "expires 'soon' cannot be read"),
        ({"onset": "2015-02-30T00:00:00Z"}, "onset '2015-02-30T00:00:00Z' cannot be read"),
        ({"ends": "2015-12-03"}, "ends '2015-12-03' is read as 2015-12-03T23:59:59.999"),
    ],
)
def test_names_a_time_that_is_not_right_and_keeps_the_message(change: dict[str, Any], named: str) -> None:
    [alert], refused = parse(alerts(SAID | change), "x")
    assert (refused, alert.identifier) == ([], SAID["id"])
    assert named in " ".join(alert.problems)
    [right], _ = parse(alerts(SAID), "x")
    assert right.problems == ()


def test_takes_an_empty_collection_for_calm_and_anything_else_for_a_fault() -> None:
    assert parse(alerts(), "x") == ([], [])
    for body in (b"{}", b"[]", b'{"features": 7}'):
        with pytest.raises(Malformed):
            parse(body, "x")

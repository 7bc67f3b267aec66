"""Official layers over HTTP: given by the standard, merged at once, and never lost to a bad new version."""

from __future__ import annotations

import json

import shapely
from shapely.geometry import shape

from tests.api.desk import Desk, problem


def test_gives_layers_by_the_standard(desk: Desk) -> None:
    listed = {layer["id"]: layer for layer in desk.get("/api/v1/layers").json()}
    assert {"wards", "flooded", "shelters"} <= set(listed)
    assert (listed["wards"]["role"], listed["wards"]["features"]) == ("area", 2)
    answer = desk.get("/api/v1/layers/wards.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert "crs" not in document
    for feature in document["features"]:
        geometry = shape(feature["geometry"])
        assert geometry.is_valid
        assert isinstance(geometry, shapely.Polygon)
        assert shapely.is_ccw(geometry.exterior), "RFC 7946: exterior rings counter-clockwise"
    again = desk.get("/api/v1/layers/wards.geojson", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    for path in ("wards", "none.geojson", "wards.kml", "..%2f..%2fetc%2fpasswd.geojson"):
        problem(desk.get(f"/api/v1/layers/{path}"), 404, "not-found")


def test_packs_a_layer_for_those_who_can_unpack_it(desk: Desk) -> None:
    packed = desk.get("/api/v1/layers/wards.geojson", headers={"Accept-Encoding": "gzip"})
    plain = desk.get("/api/v1/layers/wards.geojson", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"


def test_merges_a_new_layer_at_once(desk: Desk) -> None:
    report = desk.report(category="flooding", text="Here", lon=80.35, lat=13.15)["id"]
    ring = [[80.34, 13.14], [80.36, 13.14], [80.36, 13.16], [80.34, 13.16], [80.34, 13.14]]
    feature = {
        "type": "Feature",
        "id": "new",
        "properties": {"name": "New"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    body = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    answer = desk.put("/api/v1/layers/later?role=hazard", body, "agency")
    assert answer.status_code in (200, 201)
    assert [h["layer"] for h in desk.feature(report)["properties"]["hazards"]] == ["later"]
    second = desk.put("/api/v1/layers/later?role=hazard", body.replace(b"80.3", b"81.3"), "agency")
    assert second.status_code == 200
    assert second.json()["version"] == answer.json()["version"] + 1
    assert desk.feature(report)["properties"]["hazards"] == []


def test_refuses_a_layer_and_keeps_the_last_good_one(desk: Desk) -> None:
    good = desk.get("/api/v1/layers/wards.geojson").json()
    for query, body, status in (
        ("wards?role=area", b"{", 422),
        ("wards?role=area", b'{"type": "FeatureCollection", "features": []}', 422),
        ("wards?role=area", b"[" * 100_000, 422),
        ("wards?role=moon", b"{}", 422),
        ("wards", b"{}", 422),
        ("Wards%20of%20us?role=area", b'{"type": "FeatureCollection", "features": []}', 422),
    ):
        problem(desk.put(f"/api/v1/layers/{query}", body, "agency"), status)
    packed = {"Content-Type": "application/x-crisismap-layer"}
    problem(desk.put("/api/v1/layers/wards?role=area", b"\x00junk", "agency", headers=packed), 422, "malformed")
    for role, status in ((None, 401), ("volunteer", 403), ("responder", 403)):
        problem(desk.put("/api/v1/layers/wards?role=area", b"{}", role), status)
    assert desk.get("/api/v1/layers/wards.geojson").json() == good


def points(count: int, **members: str) -> bytes:
    made = [
        {"type": "Feature", "id": str(n), "properties": {"name": f"School {n}"}, "geometry": {"type": "Point", **at}}
        for n, at in enumerate({"coordinates": [79.1 + n / 100, 13.0]} for n in range(count))
    ]
    return json.dumps({"type": "FeatureCollection", "features": made, **members}).encode()


def test_answers_what_would_be_lost_and_takes_it_when_confirmed(desk: Desk) -> None:
    path = "/api/v1/layers/schools"
    desk.put(f"{path}?role=shelter", points(60, title="Schools", licence="CC0", attribution="City"), "agency")
    few = problem(desk.put(f"{path}?role=shelter", points(3), "agency"), 409, "would-lose")
    assert (few["code"], few["lost"], few["features_before"]) == ("features_would_be_lost", 57, 60)
    assert few["names"][0] == "School 3"
    other = problem(desk.put(f"{path}?role=hazard", points(60), "agency"), 409, "would-lose")
    assert (other["role_before"], other["role_after"]) == ("shelter", "hazard")
    problem(desk.put(f"{path}?role=hazard&confirm=other", points(60), "agency"), 409, "would-lose")
    assert len(desk.get(f"{path}.geojson").json()["features"]) == 60
    answer = desk.put(f"{path}?role=context&confirm=schools", points(3, title="Gauges"), "agency")
    assert (answer.status_code, answer.json()["version"], answer.json()["role"]) == (200, 2, "context")
    versions = desk.get(f"{path}/versions", "agency").json()["versions"]
    assert [(v["version"], v["role"], v["title"], v["licence"]) for v in versions] == [
        (2, "context", "Gauges", "CC0"),
        (1, "shelter", "Schools", "CC0"),
    ]
    problem(desk.post(f"{path}/versions/1"), 401)
    problem(desk.post(f"{path}/versions/1", role="responder"), 403)
    problem(desk.post(f"{path}/versions/9", role="agency"), 404)
    back = desk.post(f"{path}/versions/1", role="agency").json()
    assert (back["version"], back["role"], back["title"], back["attribution"]) == (3, "shelter", "Schools", "City")
    assert back["features"] == 60
    assert desk._send("DELETE", path, "agency").status_code == 204


def test_tells_the_official_surroundings_of_a_report(desk: Desk) -> None:
    gauge = {"type": "Point", "coordinates": [80.25, 13.06]}
    said = {"name": "Adyar bridge", "water_level": 4.31, "danger_level": 4.2}
    body = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": gauge, "properties": said}]}
    assert desk.put("/api/v1/layers/gauges?role=context", json.dumps(body).encode(), "agency").status_code == 201
    report = desk.report()["id"]
    item = desk.item(report)
    answer = desk.get(f"/api/v1/reports/{report}/official", "responder")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-cache"
    assert {**answer.json(), "gauge": None} == {**item["official"], "gauge": None}, "but for its age"
    told = answer.json()
    assert told["area"] == item["area"] and len(told["flood_zones"]) == len(item["hazards"])
    assert (told["gauge"]["name"], told["gauge"]["state"], told["gauge"]["distance_m"]) == (
        "Adyar bridge",
        "danger",
        1106,
    )
    public = desk.item(report, None)["official"]["gauge"]
    assert public is None or public["distance_m"] != 1106, "the public knows the cell only"
    problem(desk.get("/api/v1/reports/none/official"), 404, "not-found")
    assert desk._send("DELETE", "/api/v1/layers/gauges", "agency").status_code == 204


def test_estimates_how_many_people_live_in_a_warning(desk: Desk) -> None:
    def square(west: float, east: float, **said: object) -> dict[str, object]:
        ring = [[west, 12], [east, 12], [east, 12.5], [west, 12.5], [west, 12]]
        return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": said}

    for layer, role, feature in (
        ("census", "context", square(81, 82, id="c", population=24_690)),
        ("surge", "hazard", square(81.5, 82, id="s", name="Surge")),
    ):
        body = json.dumps({"type": "FeatureCollection", "attribution": "Census Office", "features": [feature]})
        assert desk.put(f"/api/v1/layers/{layer}?role={role}", body.encode(), "agency").status_code == 201
    told = desk.get("/api/v1/layers/surge/people").json()
    assert (told["unknown"], told["left_out"]) == (0, 0)
    (item,) = told["items"]
    assert (item["feature"], item["name"], item["people"], item["covered"]) == ("s", "Surge", 12_000, 1.0)
    assert (item["source"]["layer"], item["source"]["attribution"]) == ("census", "Census Office")
    problem(desk.get("/api/v1/layers/census/people"), 422, "invalid")
    problem(desk.get("/api/v1/layers/none/people"), 404, "not-found")
    for layer in ("census", "surge"):
        desk._send("DELETE", f"/api/v1/layers/{layer}", "agency")

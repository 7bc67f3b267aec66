"""Layers over HTTP in time and from elsewhere: what counts when, where it comes from, and what people say of it."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from typing import Any

from tests.api.desk import Desk, problem

RING = [[80.44, 13.44], [80.46, 13.44], [80.46, 13.46], [80.44, 13.46], [80.44, 13.44]]
FEED = {"title": "Warnings", "role": "hazard", "kind": "feed", "format": "cap", "url": "http://127.0.0.1:9/cap"}


def body(*names: str, **properties: Any) -> bytes:
    geometry = {"type": "Polygon", "coordinates": [RING]}
    features = [
        {"type": "Feature", "id": n, "properties": {"name": n, **properties}, "geometry": geometry} for n in names
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def listed(desk: Desk, layer_id: str) -> dict[str, Any]:
    return next(each for each in desk.get("/api/v1/layers").json() if each["id"] == layer_id)


def test_takes_a_source_from_agencies_and_tells_how_it_fares(desk: Desk) -> None:
    assert desk.put("/api/v1/layers/far/source", json.dumps(FEED).encode(), "agency").status_code == 200
    until = time.monotonic() + 15
    while not listed(desk, "far")["last_error"] and time.monotonic() < until:
        time.sleep(0.2)
    far = listed(desk, "far")
    agencies = {each["id"]: each for each in desk.get("/api/v1/layers", "agency").json()}
    assert agencies["far"]["last_error"].startswith("127.0.0.1")
    assert (far["kind"], far["format"], far["version"], far["features"]) == ("feed", "cap", 0, 0)
    assert "not a public one" in far["last_error"]
    assert far["failures"] >= 1 and far["checked_age_s"] is None
    assert "127.0.0.1" not in json.dumps(far), "whose server it is stays among the agencies"
    answer = desk.client.delete("/api/v1/layers/far/source", headers=desk.headers("agency"))
    assert answer.status_code == 204
    assert "far" not in {each["id"] for each in desk.get("/api/v1/layers").json()}
    problem(desk.client.delete("/api/v1/layers/far/source", headers=desk.headers("agency")), 404, "not-found")


def test_refuses_a_source_that_is_none_and_people_who_may_not(desk: Desk) -> None:
    for role, status, code in ((None, 401, "not-signed-in"), ("responder", 403, "forbidden")):
        problem(desk.put("/api/v1/layers/far/source", json.dumps(FEED).encode(), role), status, code)
        problem(desk.client.delete("/api/v1/layers/wards", headers=desk.headers(role)), status, code)
        problem(desk.client.delete("/api/v1/layers/far/source", headers=desk.headers(role)), status, code)
    for wrong in (
        {"url": "file:///etc/passwd"},
        {"kind": "stream"},
        {"role": "moon"},
        {"format": "wfs"},
        {"colour": 1},
        {"mapping": {"layer": {"naem": "x"}}},
    ):
        answer = desk.put("/api/v1/layers/far/source", json.dumps({**FEED, **wrong}).encode(), "agency")
        assert answer.status_code == 422, (wrong, answer.text)
    problem(desk.put("/api/v1/layers/far/source", b"[]", "agency"), 422, "malformed")


def test_says_of_a_file_that_it_is_one(desk: Desk) -> None:
    wards = listed(desk, "wards")
    assert (wards["kind"], wards["last_error"], wards["unlocated"]) == ("file", "", 0)


def test_gives_only_what_counts_at_a_moment(desk: Desk) -> None:
    desk.put("/api/v1/layers/dated?role=hazard", body("a"), "agency")
    everything = desk.get("/api/v1/layers/dated.geojson").json()["features"]
    now = desk.get("/api/v1/layers/dated.geojson?at=now")
    assert len(everything) == len(now.json()["features"]) == 1
    tag = {"If-None-Match": now.headers["etag"]}
    assert desk.get("/api/v1/layers/dated.geojson?at=now", headers=tag).status_code == 304
    problem(desk.get("/api/v1/layers/dated.geojson?at=noon"), 422, "invalid")


def test_takes_a_layer_back_and_keeps_its_versions(desk: Desk) -> None:
    desk.put("/api/v1/layers/wrong?role=hazard", body("a"), "agency")
    report = desk.report(category="flooding", text="Here", lon=80.45, lat=13.45)["id"]
    assert "wrong" in {h["layer"] for h in desk.feature(report)["properties"]["hazards"]}
    assert desk.client.delete("/api/v1/layers/wrong", headers=desk.headers("agency")).status_code == 204
    assert "wrong" not in {h["layer"] for h in desk.feature(report)["properties"]["hazards"]}
    problem(desk.get("/api/v1/layers/wrong.geojson"), 404, "not-found")
    assert desk.put("/api/v1/layers/wrong?role=hazard", body("b"), "agency").json()["version"] == 2


def test_tells_who_said_it_first_and_what_people_say(desk: Desk) -> None:
    desk.report(category="flooding", text="Water", lon=80.45, lat=13.45, observed_at="2015-12-02T05:00:00Z")
    for as_of, names in (("2015-12-02T05:30:00Z", ["a"]), ("2015-12-02T06:30:00Z", ["a", "b"])):
        answer = desk.put(f"/api/v1/layers/said?role=hazard&as_of={as_of}", body(*names), "agency")
        assert answer.json()["as_of"].startswith(as_of[:16])
    found = desk.get("/api/v1/layers/said/first", "agency").json()
    assert (found["versions"], found["places"], found["people_first"]) == (2, 2, 2)
    assert {item["feature"]: item["ahead_min"] for item in found["items"]} == {"a": 30.0, "b": 90.0}
    (first, *_) = desk.get("/api/v1/layers/said/crowd").json()
    assert (first["reports"], first["agree"], first["contradict"]) == (first["agree"], first["reports"], 0)
    assert [v["as_of"][:16] for v in desk.get("/api/v1/layers/said/versions").json()["versions"]] == [
        "2015-12-02T06:30",
        "2015-12-02T05:30",
    ]
    problem(desk.get("/api/v1/layers/wards/first"), 422, "invalid")
    problem(desk.put("/api/v1/layers/said?role=hazard&as_of=noon", body("a"), "agency"), 422, "invalid")
    for path in ("first", "crowd", "versions"):
        problem(desk.get(f"/api/v1/layers/none/{path}"), 404, "not-found")


SIGNED = (
    '<?xml version="1.0" encoding="iso-8859-1"?>\r\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
    "<identifier>met-7</identifier><sender>met@example.org</sender><sent>2015-12-02T06:00:00+05:30</sent>"
    "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><event>Flood</event>"
    "<expires>2090-12-02T06:00:00+05:30</expires><area><areaDesc>Ad\xe9</areaDesc>"
    "<polygon>13.44,80.44 13.44,80.46 13.46,80.46 13.44,80.44</polygon></area></info>"
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature></alert>\n'
).encode("iso-8859-1")


def test_offers_the_original_of_a_signed_warning_byte_by_byte(desk: Desk) -> None:
    answer = desk.put("/api/v1/layers/signed?role=hazard", SIGNED, "agency")
    assert answer.status_code == 201, answer.text
    listed_originals = desk.get("/api/v1/layers/signed/originals").json()
    [original] = listed_originals["originals"]
    assert (listed_originals["version"], original["identifier"], original["signed"]) == (1, "met-7", True)
    [feature] = desk.get("/api/v1/layers/signed.geojson").json()["features"]
    assert (feature["properties"]["original"], feature["properties"]["signed"]) == (original["id"], True)
    for role in (None, "volunteer", "agency"):
        found = desk.get(original["url"], role)
        assert (found.status_code, found.content) == (200, SIGNED)
    assert found.headers["content-type"] == "application/cap+xml"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-disposition"].startswith('attachment; filename="signed-')
    assert "sandbox" in found.headers["content-security-policy"]
    assert desk.get(original["url"], headers={"If-None-Match": found.headers["etag"]}).status_code == 304
    # A later version without it: the version that was read from it still says so.
    assert desk.put("/api/v1/layers/signed?role=hazard&confirm=signed", body("calm"), "agency").status_code == 200
    assert desk.get("/api/v1/layers/signed/originals").json()["originals"] == []
    assert desk.get("/api/v1/layers/signed/originals?version=1").json()["originals"] == [original]
    assert desk.get(original["url"]).content == SIGNED
    for wrong in ("/originals/0.xml", f"/originals/{original['id']}", "/originals/..%2f.xml"):
        problem(desk.get(f"/api/v1/layers/signed{wrong}"), 404, "not-found")
    # A layer that is nowhere any more hides its originals too.
    desk.client.delete("/api/v1/layers/signed", headers=desk.headers("agency"))
    problem(desk.get(original["url"]), 404, "not-found")
    problem(desk.get("/api/v1/layers/signed/originals"), 404, "not-found")


def test_offers_no_original_of_what_is_not_for_everybody(desk: Desk) -> None:
    for number, changed in enumerate((SIGNED.replace(b"Public", b"Private"), SIGNED.replace(b"Actual", b"Draft"))):
        assert desk.put(f"/api/v1/layers/hidden{number}?role=hazard", changed, "agency").status_code == 201
        assert desk.get(f"/api/v1/layers/hidden{number}/originals", "agency").json()["originals"] == []
        wrong = desk.get(f"/api/v1/layers/hidden{number}/originals/{sha256(changed).hexdigest()}.xml", "agency")
        problem(wrong, 404, "not-found")

"""GET /api/v1/shelters and those of a request: what is told, and what is refused."""

from __future__ import annotations

import pytest

from tests.api.desk import HERE, Desk, problem

NEAR = {"lon": "80.25", "lat": "13.05"}


def test_lists_shelters_with_all_members(desk: Desk) -> None:
    answer = desk.get("/api/v1/shelters")
    body = answer.json()
    assert (body["total"], body["place"]) == (2, None)
    assert body["revision"] > 0
    school = next(each for each in body["items"] if each["id"] == "s1")
    own = {"layer", "id", "name", "lon", "lat", "status", "open", "as_of", "people", "distance_m", "direction", "way"}
    assert set(school) == own | {"capacity", "occupancy", "free", "needs"}
    assert (school["layer"], school["name"], school["open"], school["distance_m"]) == ("shelters", "School", True, None)
    assert answer.headers["cache-control"] == "private, no-store"
    paged = desk.get("/api/v1/shelters?limit=1")
    assert paged.headers["link"].endswith('>; rel="next"')
    following = paged.headers["link"].partition("<")[2].partition(">")[0]
    assert [each["id"] for each in desk.get(following).json()["items"]] == ["s2"]


def test_gives_the_nearest_open_one(desk: Desk) -> None:
    for params in (NEAR, {"near": "13.05, 80.25"}):
        body = desk.get("/api/v1/shelters", params=params).json()
        assert (body["place"]["lon"], body["place"]["lat"]) == (80.25, 13.05)
        assert [(e["id"], e["direction"], round(e["distance_m"])) for e in body["items"]] == [("s1", "east", 1085)]
        way = body["items"][0]["way"]
        assert (way["by_road"], way["why"], way["avoided"], way["steps"]) == (False, "no_roads", 0, [])
        assert way["geometry"] == {"type": "LineString", "coordinates": [[80.25, 13.05], [80.26, 13.05]]}
    named = desk.get("/api/v1/shelters", params={"near": "marina"}).json()
    assert named["place"]["name"] == "Marina"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("lon=80", "lon"),
        ("lon=80&lat=nan", "lat"),
        ("lon=80&lat=x", "lat"),
        ("lon=80&lat=91", "lat"),
        ("near=Marina&lon=80&lat=13", "near"),
        ("near=nowhere+at+all", "near"),
        ("near=", "near"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("lon=80&lat=13&limit=101", "limit"),
        ("colour=red", "colour"),
    ],
)
def test_refuses_by_name(desk: Desk, query: str, field: str) -> None:
    assert problem(desk.get(f"/api/v1/shelters?{query}"), 422, "invalid")["field"] == field


def test_starts_a_request_from_where_the_asker_may_know_it(desk: Desk) -> None:
    report = desk.report(**HERE)["id"]
    team = desk.get(f"/api/v1/requests/{report}/shelters", "responder").json()
    assert (team["place"]["lon"], team["place"]["lat"]) == (HERE["lon"], HERE["lat"])
    assert [each["id"] for each in team["items"]] == ["s1"]
    public = desk.get(f"/api/v1/requests/{report}/shelters").json()
    assert public["place"]["lon"] != HERE["lon"]
    problem(desk.get("/api/v1/requests/0199a3b2-0000-7000-8000-000000000000/shelters"), 404, "not-found")

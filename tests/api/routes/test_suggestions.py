"""GET .../similar and .../places: reasons and confidences for those who may read, a clear refusal for all others."""

from __future__ import annotations

import pytest

from tests.api.desk import HERE, Desk, problem


def test_tells_similar_requests_with_reasons(desk: Desk) -> None:
    first = desk.report(text="jalan Laksana 12, on the roof", lon=80.2601, lat=13.0601)
    second = desk.report(text="jl laksana roof", lon=80.2601, lat=13.0603)
    answer = desk.get(f"/api/v1/requests/{second['id']}/similar", "agency")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    [item] = [each for each in answer.json()["items"] if each["id"] == first["id"]]
    assert item["score"] > 0.9
    assert item["distance_m"] == pytest.approx(22, abs=1)
    assert item["minutes"] < 5
    assert "the same place named: laksana" in item["reasons"]
    assert item["request"]["text"] == "jalan Laksana 12, on the roof"


def test_tells_places_that_words_may_mean(desk: Desk) -> None:
    told = desk.report(text="we are at 13.0512, 80.2534", lon=None, lat=None)
    answer = desk.get(f"/api/v1/requests/{told['id']}/places", "responder")
    assert answer.status_code == 200
    [item] = answer.json()["items"]
    assert item == {
        "name": "13.0512, 80.2534",
        "lon": 80.2534,
        "lat": 13.0512,
        "accuracy_m": 10,
        "confidence": 0.9,
        "reason": "coordinates",
    }
    assert desk.item(told["id"])["lon"] is None
    assert desk.get(f"/api/v1/requests/{told['id']}/places", "volunteer").json() == {"items": []}


@pytest.mark.parametrize("part", ["similar", "places"])
def test_refuses_strangers_and_what_is_not_there(desk: Desk, part: str) -> None:
    told = desk.report(text="five people", **HERE)
    problem(desk.get(f"/api/v1/requests/{told['id']}/{part}"), 401)
    problem(desk.get(f"/api/v1/requests/{told['id']}/{part}", "volunteer" if part == "similar" else "agency"), 403)
    for wrong in ("nonsense", "00000000-0000-8000-8000-000000000000"):
        problem(desk.get(f"/api/v1/requests/{wrong}/{part}", "responder"), 404)

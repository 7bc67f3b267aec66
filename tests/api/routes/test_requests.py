"""Requests over HTTP: claimed, released, answered, placed; by one at a time, and by those who may."""

from __future__ import annotations

import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api.desk import Desk, key, problem

PLACE = {"lon": 80.26, "lat": 13.06, "source": "phone call", "accuracy_m": 25}
PARIS = {"lon": 2.35, "lat": 48.85, "source": "map", "accuracy_m": 1}
BODIES: dict[str, Any] = {"claim": {"minutes": 30}, "release": None, "answer": {"note": "Boat came"}, "place": PLACE}


def test_claims_extends_releases_and_answers(desk: Desk) -> None:
    report = desk.report()["id"]
    seen = desk.item(report)
    assert (seen["state"], seen["claimed_by"], seen["claim_until"], seen["reopened"]) == ("open", None, None, 0)
    claimed = desk.act("claim", report, {"minutes": 30}, etag=seen["etag"])
    assert claimed.status_code == 200
    item = claimed.json()
    assert (item["state"], item["claimed_by"]) == ("claimed", "Org of responder")
    assert item["etag"] == claimed.headers["etag"] != seen["etag"]
    longer = desk.act("claim", report, {"minutes": 90}, etag=item["etag"]).json()
    assert longer["claim_until"] > item["claim_until"]
    problem(desk.act("claim", report, role="responder2"), 409, "wrong-state")
    problem(desk.act("release", report, role="responder2"), 409)
    problem(desk.act("answer", report, {"note": "x"}, role="responder2"), 409)
    released = desk.act("release", report).json()
    assert (released["state"], released["claimed_by"], released["claim_until"]) == ("open", None, None)
    assert desk.act("claim", report, role="responder2").json()["state"] == "claimed"
    answered = desk.act("answer", report, {"note": "Taken to the school"}, role="responder2").json()
    assert (answered["state"], answered["due_at"], answered["overdue"]) == ("answered", None, False)
    problem(desk.act("claim", report), 409, "wrong-state")
    problem(desk.act("answer", report, {"note": "again"}), 409)
    alone = desk.item(report)
    assert alone.pop("official")["area"]["code"] == "W-2", "told where one request is asked for"
    assert alone | {"waiting_s": 0} == answered | {"waiting_s": 0}


def test_needs_if_match(desk: Desk) -> None:
    report = desk.report()["id"]
    for verb, body in BODIES.items():
        problem(desk.act(verb, report, body, etag=None), 428, "precondition-missing")
    assert desk.item(report)["state"] == "open"


def test_answers_a_stale_change_with_the_current_state(desk: Desk) -> None:
    report = desk.report()["id"]
    old = desk.item(report)["etag"]
    new = desk.act("claim", report, etag=old).json()
    for etag in (old, '"77"', "rubbish", '""', f"W/{old}"):
        answer = desk.act("answer", report, {"note": "late"}, role="responder2", etag=etag)
        found = problem(answer, 412, "stale")
        assert found["current"] | {"waiting_s": 0} == new | {"waiting_s": 0}
        assert answer.headers["etag"] == new["etag"]
    assert desk.act("answer", report, {"note": "done"}, etag="*").status_code == 200


def test_lets_one_of_twenty_claim(desk: Desk) -> None:
    report = desk.report()["id"]
    etag = desk.item(report)["etag"]
    headers = [desk.headers(f"responder{n % 4}") for n in range(20)]

    def claim(n: int) -> int:
        url = f"{desk.server.url}/api/v1/requests/{report}/claim"
        return httpx.post(url, headers={**headers[n], "If-Match": etag}, trust_env=False, timeout=30).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(claim, range(20)))
    assert statuses == [200] + [412] * 19


def test_places_what_had_only_words(desk: Desk) -> None:
    report = desk.report(lon=None, lat=None, place="behind the temple")["id"]
    assert report in {item["id"] for item in everything(desk, unplaced="true")}
    placed = desk.act("place", report, PLACE, role="volunteer")
    assert placed.status_code == 200
    seen = desk.item(report)
    assert (seen["lon"], seen["lat"], seen["accuracy_m"]) == (80.26, 13.06, 25)
    assert (seen["place_kind"], seen["area"]) == ("exact", {"code": "W-2", "name": "Marina"})
    assert placed.json()["place_kind"] == "cell", "a volunteer sees what the public sees"
    assert report not in {item["id"] for item in everything(desk, unplaced="true")}


def everything(desk: Desk, **query: Any) -> list[dict[str, Any]]:
    answer = desk.get("/api/v1/requests", "responder", params={"limit": 1000, **query})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("claim", {"minutes": 0}, "minutes"),
        ("claim", {"minutes": 100_000}, "minutes"),
        ("claim", {"minutes": "long"}, "minutes"),
        ("claim", {"hours": 1}, "hours"),
        ("answer", {}, "note"),
        ("answer", {"note": "  "}, "note"),
        ("answer", {"note": "x" * 4001}, "note"),
        ("release", {"why": "x"}, "why"),
        ("place", {**PLACE, "lon": 181}, "lon"),
        ("place", {**PLACE, "source": ""}, "source"),
        ("place", {**PLACE, "accuracy_m": -1}, "accuracy_m"),
        ("place", {"lon": 80, "source": "map"}, "lat"),
        ("place", [1], "body"),
    ],
)
def test_refuses_and_names_the_member(desk: Desk, verb: str, body: Any, field: str) -> None:
    report = desk.report()["id"]
    found = problem(desk.act(verb, report, body), 422)
    assert field in found["detail"]
    problem(desk.act(verb, report, b"{"), 422, "malformed")
    assert desk.item(report)["state"] == "open"


def test_keeps_words_that_a_database_may_not_like(desk: Desk) -> None:
    for note in (
        "a\x00b",
        "'; DROP TABLE report; --",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ):
        report = desk.report()["id"]
        answer = desk.act("answer", report, {"note": note})
        assert answer.status_code in (200, 422), answer.text
        placed = desk.act("place", report, {**PLACE, "source": note})
        assert placed.status_code in (200, 422), placed.text
    assert desk.get("/readyz").status_code == 200


# Each verb in each role: who may, who may not, who is nobody.
MAY = {
    "claim": {"responder"},
    "release": {"responder"},
    "answer": {"responder"},
    "place": {"volunteer", "responder"},
}


@pytest.mark.parametrize("verb", MAY)
@pytest.mark.parametrize("role", ["volunteer", "responder", "agency", "admin", None])
def test_lets_only_those_who_may(desk: Desk, verb: str, role: str | None) -> None:
    report = desk.report()["id"]
    if verb == "release":
        assert desk.act("claim", report).status_code == 200
    answer = desk.act(verb, report, BODIES[verb], role=role)
    if role in MAY[verb]:
        assert answer.status_code == 200, answer.text
    elif role is None:
        problem(answer, 401, "not-signed-in")
        assert "bearer" in answer.headers["www-authenticate"].lower()
    else:
        problem(answer, 403, "forbidden")
    # Who may not is told so whatever else is wrong.
    if role not in MAY[verb]:
        assert desk.act(verb, report, BODIES[verb], role=role, etag=None).status_code == answer.status_code


def test_says_not_found_alike_for_unknown_and_hidden(desk: Desk) -> None:
    hidden = desk.report(category="medical", text="Insulin needed")["id"]
    unknown = "01890000-0000-8000-8000-000000000000"
    for path in ("/api/v1/requests/{}", "/api/v1/reports/{}"):
        for role in (None, "volunteer"):
            first, second = (desk.get(path.format(each), role) for each in (hidden, unknown))
            assert problem(first, 404, "not-found") == problem(second, 404, "not-found")
    before = desk.item(hidden)
    first, second = (desk.act("place", each, PLACE, role="volunteer") for each in (hidden, unknown))
    assert problem(first, 404, "not-found") == problem(second, 404, "not-found")
    assert desk.item(hidden)["etag"] == before["etag"], "what is answered with 404 must not have been done"
    for nonsense in ("x", "..%2f..%2fetc", "%00", "a" * 5000):
        problem(desk.get(f"/api/v1/requests/{nonsense}", "agency"), 404)
        problem(desk.act("claim", nonsense), 404)


def test_does_not_claim_what_asks_nothing(desk: Desk) -> None:
    report = desk.report(category="flooding", text="Street under water")["id"]
    problem(desk.act("claim", report), 409, "wrong-state")


def test_shows_contact_to_the_claimer_only_and_writes_it_down(desk: Desk) -> None:
    contact = {"phone": "+91 98765 43210", "name": "Meena"}
    report = desk.report(contact=contact, client_id=key())["id"]
    path = f"/api/v1/requests/{report}/contact"
    problem(desk.get(path), 401)
    for role in ("volunteer", "agency", "admin", "responder"):
        problem(desk.get(path, role), 403, "forbidden")
    assert desk.act("claim", report).status_code == 200
    problem(desk.get(path, "responder2"), 403)
    before = desk.item(report)["updated_revision"]
    answer = desk.get(path, "responder")
    assert answer.json() == contact
    assert answer.headers["cache-control"] == "no-store"
    desk.wait(before + 1)
    assert desk.item(report)["updated_revision"] > before, "the look is an event"
    assert "98765" not in desk.get(f"/api/v1/requests/{report}", "responder").text
    assert desk.act("release", report).status_code == 200
    problem(desk.get(path, "responder"), 403)


def test_says_what_comes_later(desk: Desk) -> None:
    report = desk.report()["id"]
    problem(desk.act("dance", report, {}), 404)


def test_an_area_is_found_as_people_write_it_and_an_unknown_one_is_refused(desk: Desk) -> None:
    square = {"type": "Polygon", "coordinates": [[[81, 14], [81.1, 14], [81.1, 14.1], [81, 14.1], [81, 14]]]}
    feature = {"type": "Feature", "properties": {"pcode": "0101", "name": "Đông Hải"}, "geometry": square}
    body = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    assert desk.put("/api/v1/layers/quan?role=area", body, "agency").status_code in (200, 201)
    desk.report(lon=81.05, lat=14.05)
    for area in ("Đông Hải", unicodedata.normalize("NFD", "Đông Hải"), "dong hai", "0101"):
        for path in ("/api/v1/requests", "/api/v1/reports.geojson"):
            answer = desk.get(path, "responder", params={"area": area})
            assert len(answer.json().get("items") or answer.json()["features"]) == 1
    for path in ("/api/v1/requests", "/api/v1/reports.geojson", "/api/v1/reports.csv"):
        refused = problem(desk.get(path, "responder", params={"area": "Dong Hay"}), 422, "invalid")
        assert (refused["code"], refused["near"]) == ("no_area_but_near", ["Đông Hải"])
        assert problem(desk.get(path, "responder", params={"area": "Qqqqqq"}), 422)["code"] == "no_area"
    assert desk.get("/api/v1/tiles/5/23/14.mvt", params={"area": "Qqqqqq"}).status_code == 422


def test_answers_202_for_a_far_move_of_a_volunteer_and_confirms_and_puts_it_back(desk: Desk) -> None:
    report = desk.report()["id"]
    before = desk.item(report)
    proposed = desk.act("place", report, PARIS, role="volunteer")
    assert proposed.status_code == 202
    seen = desk.item(report)
    assert (seen["lon"], seen["lat"], seen["flags"]) == (before["lon"], before["lat"], ["move_proposed"])
    problem(desk.act("confirm_place", report, {}, role="volunteer"), 409, "wrong-state")
    [move] = desk.get(f"/api/v1/requests/{report}/moves", "responder").json()["items"]
    assert (move["number"], move["status"], move["by_role"], move["can_confirm"]) == (1, "proposed", "volunteer", True)
    assert move["was"] == [before["lon"], before["lat"]]
    confirmed = desk.act("confirm_place", report, {"number": move["number"]})
    assert (confirmed.status_code, confirmed.json()["lon"]) == (200, PARIS["lon"])
    assert desk.act("put_back", report, {}).json()["lon"] == before["lon"]
    problem(desk.act("put_back", report, {}), 409, "wrong-state")
    problem(desk.act("confirm_place", report, {"number": 7}), 409, "wrong-state")
    assert desk.get(f"/api/v1/requests/{report}/moves", "responder").json() == {"items": []}


def test_makes_a_far_move_of_a_responder_at_once_with_a_flag(desk: Desk) -> None:
    report = desk.report()["id"]
    assert desk.act("place", report, PARIS).status_code == 200
    assert desk.item(report)["flags"] == ["moved_far"]
    assert desk.act("confirm_place", report, {}, role="responder2").json()["flags"] == []

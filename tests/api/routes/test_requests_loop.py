"""The rest of a request's life through the API, on both databases: by responders, and by the code of the requester."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.desk import Desk, problem


def code(receipt: dict[str, Any]) -> dict[str, str]:
    return {"X-Tracking-Code": receipt["tracking_code"]}


def requester(desk: Desk, receipt: dict[str, Any], verb: str, body: Any = None, etag: str | None = "*") -> Any:
    headers = code(receipt) | ({"If-Match": etag} if etag else {})
    return desk.post(f"/api/v1/requests/{receipt['id']}/{verb}", body, headers=headers)


def test_goes_from_answered_to_confirmed_and_open_again(desk: Desk) -> None:
    receipt = desk.report(contact={"phone": "+91 98765 43210"})
    assert desk.act("claim", receipt["id"]).json()["state"] == "claimed"
    own = desk.get(f"/api/v1/requests/{receipt['id']}", headers=code(receipt)).json()
    assert (own["state"], own["claimed_by"]) == ("claimed", "Org of responder")
    assert desk.act("answer", receipt["id"], {"note": "boat came"}).json()["state"] == "answered"
    answer = requester(desk, receipt, "confirm", {"note": "thank you"})
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    assert answer.headers["etag"] == answer.json()["etag"]
    again = requester(desk, receipt, "reopen", {"note": "water is back"}).json()
    assert (again["state"], again["reopened"]) == ("open", 1)
    assert "water is back" in desk.item(receipt["id"])["text"]
    assert requester(desk, receipt, "withdraw").json()["state"] == "withdrawn"
    problem(requester(desk, receipt, "confirm"), 409, "wrong-state")


def test_needs_the_code_and_the_version_seen(desk: Desk) -> None:
    receipt, other = desk.report(), desk.report()
    path = f"/api/v1/requests/{receipt['id']}/withdraw"
    problem(desk.post(path, {}, headers={"If-Match": "*"}), 401, "not-signed-in")
    for role in ("volunteer", "responder", "agency", "admin"):
        problem(desk.post(path, {}, role, headers={"If-Match": "*"}), 403, "forbidden")
    problem(desk.post(path, {}, headers=code(other) | {"If-Match": "*"}), 404, "not-found")
    problem(desk.post(path, {}, headers={"X-Tracking-Code": "AAAA-AAAA-AAAA", "If-Match": "*"}), 404, "not-found")
    problem(requester(desk, receipt, "withdraw", etag=None), 428, "precondition-missing")
    stale = problem(requester(desk, receipt, "withdraw", etag='"99"'), 412, "stale")
    assert stale["current"]["state"] == "open"
    problem(desk.act("claim", receipt["id"], role=None, etag="*"), 401)


def test_hides_a_medical_request_from_all_but_its_requester(desk: Desk) -> None:
    receipt = desk.report(category="medical", text="insulin")
    problem(desk.get(f"/api/v1/requests/{receipt['id']}"), 404)
    assert desk.get(f"/api/v1/requests/{receipt['id']}", headers=code(receipt)).json()["text"] == "insulin"
    answer = desk.get(f"/api/v1/requests/{receipt['id']}", headers=code(receipt))
    assert answer.headers["cache-control"].startswith("private")
    assert "X-Tracking-Code" in answer.headers["vary"]


def test_says_that_it_cannot_be_met_and_calls_others(desk: Desk) -> None:
    report = desk.report()["id"]
    problem(desk.act("cannot_meet", report, {}), 422, "invalid")
    problem(desk.act("cannot_meet", report, {"reason": "no boat"}, "volunteer"), 403)
    item = desk.act("cannot_meet", report, {"reason": "no boat"}).json()
    assert (item["state"], item["escalated_to"]) == ("cannot_meet", "responder")
    assert desk.act("reopen", report, {}).json()["state"] == "open"


@pytest.mark.parametrize("level", ["P4", "p1"])
def test_lets_a_person_overrule_the_priority(desk: Desk, level: str) -> None:
    report = desk.report(category="water_food", text="no water")["id"]
    item = desk.act("priority", report, {"priority": level, "reason": "seen by Ravi"}).json()
    assert item["priority"] == level.upper()
    assert item["reasons"][0] == f"set to {level.upper()} by a person: seen by Ravi"
    assert desk.item(report, None)["reasons"] == [], "the public is told no reasons"
    assert problem(desk.act("priority", report, {"priority": "P7", "reason": "x"}), 422)["field"] == "priority"
    assert problem(desk.act("priority", report, {"priority": "P1", "reason": " "}), 422)["field"] == "reason"


def test_joins_and_separates(desk: Desk) -> None:
    one, two, three = (desk.report()["id"] for _ in range(3))
    before = desk.get("/api/v1/situation", "agency").json()["unanswered"]
    assert desk.act("join", one, {"to": two}).json()["state"] == "joined"
    assert desk.act("join", three, {"to": one}).json()["state"] == "joined"
    assert (desk.item(two)["asking"], desk.item(two, None)["asking"]) == (3, 1)
    assert desk.get("/api/v1/situation", "agency").json()["unanswered"] == before - 2
    problem(desk.act("join", two, {"to": three}), 409, "wrong-state")
    problem(desk.act("join", two, {"to": two[:-4] + "0000"}), 404)
    assert desk.act("separate", one, {}).json()["state"] == "open"
    assert desk.item(two)["asking"] == 2


def test_verifies_disputes_and_reconfirms_any_report(desk: Desk) -> None:
    report = desk.report(category="shelter", text="the school is open", fields={"status": "open"})["id"]
    assert desk.item(report)["verification"] == "unverified"
    item = desk.act("verify", report, {"status": "verified", "reason": "called the head"}).json()
    assert (item["verification"], item["status"]) == ("verified", "verified")
    item = desk.act("verify", report, {"status": "disputed", "reason": "it is full"}).json()
    assert item["verification"] == "disputed"
    assert desk.get("/api/v1/reports.geojson", "agency", params={"status": "disputed"}).json()["features"]
    problem(desk.act("verify", report, {"status": "true", "reason": "x"}), 422, "invalid")
    problem(desk.act("verify", report, {"status": "verified", "reason": "x"}, "volunteer"), 403)
    assert desk.act("reconfirm", report, {}, "volunteer").status_code == 200


def test_holds_back_a_dangerous_claim_until_a_person_has_verified_it(desk: Desk) -> None:
    said = {"category": "shelter", "text": "school open, 200 places", "fields": {"status": "open"}}
    report = desk.report(**said, consent={"publish": True})["id"]
    harmless = desk.report(**said | {"text": "school full", "fields": {"status": "full"}}, consent={"publish": True})
    assert desk.item(report, None)["text"] is None
    assert desk.item(harmless["id"], None)["text"] == "school full"
    desk.act("verify", report, {"status": "verified", "reason": "called the head"})
    assert desk.item(report, None)["text"] == "school open, 200 places"


def test_hides_the_place_of_a_report_that_became_a_request(desk: Desk) -> None:
    receipt = desk.report(category="flooding", text="water", consent={"publish": True})
    assert desk.item(receipt["id"], None)["place_kind"] == "exact"
    assert requester(desk, receipt, "ask", {}).status_code == 200
    seen = desk.item(receipt["id"], None)
    assert (seen["asks"], seen["place_kind"], seen["text"]) == (True, "cell", None)


def test_lets_one_of_twenty_claim(desk: Desk) -> None:
    report = desk.report()["id"]
    etag = desk.item(report)["etag"]
    roles = [f"responder{n}" for n in range(20)]
    for role in roles:
        desk.headers(role)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda role: desk.act("claim", report, {}, role, etag), roles))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    for answer in answers:
        if answer.status_code == 412:
            current = problem(answer, 412, "stale")["current"]
            assert current["state"] == "claimed"
            assert current["claimed_by"]

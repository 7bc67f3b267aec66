"""Whoever holds a tracking code sees, takes away, corrects and erases what is kept about them; nobody else does."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.api.desk import Desk
from tests.cli.command import refused, run
from tests.photos import drawing, jpeg

CONTACT = {"phone": "+91 98765 43210", "name": "Meena"}


def reported(desk: Desk, **said: Any) -> tuple[str, dict[str, str]]:
    receipt = desk.report(text="two of us on the roof", place="Hall Street", contact=CONTACT, people=2, **said)
    return receipt["id"], {"X-Tracking-Code": receipt["tracking_code"]}


def send(desk: Desk, method: str, headers: dict[str, str], body: Any = None) -> httpx.Response:
    content = json.dumps(body).encode() if body is not None else b""
    return desk.client.request(method, "/api/v1/mine", headers=headers, content=content)


def test_gives_the_reporter_everything_that_is_kept(desk: Desk) -> None:
    report, mine = reported(desk, consent={"publish": True, "contact": True, "version": "1"})
    assert desk.act("claim", report).status_code == 200
    assert desk.get(f"/api/v1/requests/{report}/contact", "responder").status_code == 200
    answer = send(desk, "GET", mine)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    kept = answer.json()
    assert (kept["id"], kept["text"], kept["place"]) == (report, "two of us on the roof", "Hall Street")
    assert (kept["contact"], kept["people"], kept["erased"]) == (CONTACT, 2, False)
    assert kept["consent"] == {"publish": True, "contact": True, "version": "1"}
    assert [step["what"] for step in kept["happened"]] == ["report.submit", "request.claim", "contact.read"]
    assert "Org of" not in answer.text, "who did it is theirs to say, not ours"


def photographed(desk: Desk, report: str, mine: dict[str, str]) -> str:
    sent = desk.post(f"/api/v1/reports/{report}/photos", jpeg(drawing(64, 48)), headers=mine)
    assert sent.status_code == 201, sent.text
    return str(sent.json()["id"])


def test_gives_what_was_added_later_and_the_photos(desk: Desk) -> None:
    report, mine = reported(desk)
    photo = photographed(desk, report, mine)
    teams = desk.post(f"/api/v1/reports/{report}/photos", jpeg(drawing(32, 32)), "responder").json()["id"]
    for note in ("the water rises", "we are three now"):
        assert desk.act("add", report, {"note": note}, None).status_code == 401
        assert desk.post(f"/api/v1/requests/{report}/add", {"note": note}, headers={**mine, "If-Match": "*"}).is_success
    kept = send(desk, "GET", mine).json()
    assert [each["text"] for each in kept["added"]] == ["the water rises", "we are three now"]
    [held] = kept["photos"]
    assert (held["id"], held["use"], held["width"], held["height"]) == (photo, "report", 64, 48)
    assert teams not in str(kept["photos"]), "a team's own, until an answer names it"
    assert desk.get(held["address"], headers=mine).content[:2] == b"\xff\xd8"
    assert desk.act("answer", report, {"note": "done", "photo_ids": [teams]}).status_code == 200
    assert [each["use"] for each in send(desk, "GET", mine).json()["photos"]] == ["report", "answer"]
    happened = [step["what"] for step in send(desk, "GET", mine).json()["happened"]]
    assert happened == [
        "report.submit",
        "photo.add",
        "photo.add",
        "report.add",
        "report.add",
        "request.answer",
    ]


def test_erases_what_was_added_later_and_the_photos(desk: Desk) -> None:
    report, mine = reported(desk)
    photo = photographed(desk, report, mine)
    added = {"note": "xylophone is what we said"}
    assert desk.post(f"/api/v1/requests/{report}/add", added, headers={**mine, "If-Match": "*"}).is_success
    before = desk.get(f"/api/v1/photos/{photo}.jpg", headers=mine)
    assert before.status_code == 200, "the negative control: it was there"
    assert "xylophone" in desk.item(report)["text"]
    assert send(desk, "DELETE", mine).status_code == 204
    kept = send(desk, "GET", mine).json()
    assert (kept["added"], kept["photos"]) == ([], [])
    for name in (f"{photo}.jpg", f"{photo}/thumb.jpg"):
        assert desk.get(f"/api/v1/photos/{name}", headers=mine).status_code == 404
        assert desk.get(f"/api/v1/photos/{name}", "responder").status_code == 404
    assert "xylophone" not in desk.get(f"/api/v1/requests/{report}", "responder").text


def test_tells_whether_the_public_reads_the_words_and_why_not(desk: Desk) -> None:
    report, mine = reported(desk, consent={"publish": True})
    assert send(desk, "GET", mine).json()["words"] == {"published": False, "decision": None, "reason": None}
    assert desk.act("clear", report, {}).status_code == 200
    assert send(desk, "GET", mine).json()["words"] == {"published": True, "decision": "cleared", "reason": None}
    assert desk.get(f"/api/v1/requests/{report}").json()["text"] == "two of us on the roof"
    assert desk.act("withhold", report, {"reason": "says who is there"}).status_code == 200
    told = {"published": False, "decision": "withheld", "reason": "says who is there"}
    assert send(desk, "GET", mine).json()["words"] == told
    assert desk.get(f"/api/v1/requests/{report}").json()["text"] is None


def test_corrects_what_is_wrong_and_forgets_what_was(desk: Desk) -> None:
    report, mine = reported(desk)
    before = desk.item(report)
    right = {"text": "three of us, one is ill", "people": 3, "contact": {"phone": "112233"}}
    answer = send(desk, "PATCH", mine, right)
    assert answer.status_code == 200, answer.text
    kept = answer.json()
    assert (kept["text"], kept["people"], kept["contact"]) == (right["text"], 3, right["contact"])
    assert kept["place"] == "Hall Street", "what is left out stays"
    item = desk.item(report)
    assert (item["text"], item["people"]) == (right["text"], 3)
    assert item["etag"] != before["etag"]
    consent = send(desk, "PATCH", mine, {"consent": {"publish": True}, "contact": None}).json()
    assert (consent["consent"]["publish"], consent["contact"]) == (True, {})
    assert [s["what"] for s in consent["happened"]][-2:] == ["report.correct", "report.correct"]


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 422, "nothing to change"),
        ({"category": "other"}, 422, "category"),
        ({"people": -1}, 422, "people"),
        ({"text": "x" * 20_001}, 413, "text"),
        ({"contact": {"phone": "1" * 501}}, 422, "contact.phone"),
        (["no"], 422, "object"),
    ],
)
def test_refuses_a_correction_that_cannot_be_taken(desk: Desk, body: Any, status: int, word: str) -> None:
    _, mine = reported(desk)
    answer = send(desk, "PATCH", mine, body)
    assert answer.status_code == status, answer.text
    assert word in answer.json()["detail"]
    assert send(desk, "GET", mine).json()["text"] == "two of us on the roof"


def test_erases_it_for_good(desk: Desk) -> None:
    report, mine = reported(desk, client_id="phone-key-1" + desk.server.url)
    assert send(desk, "DELETE", mine).status_code == 204
    assert send(desk, "DELETE", mine).status_code == 204, "again is as good as once"
    kept = send(desk, "GET", mine).json()
    assert (kept["erased"], kept["text"], kept["contact"], kept["lon"], kept["place"]) == (True, "", {}, None, "")
    feature = desk.feature(report)
    assert (feature["geometry"], feature["properties"]["text"]) == (None, None)
    assert feature["properties"]["state"] == "withdrawn"
    assert feature["properties"]["flags"] == ["erased"]
    assert send(desk, "PATCH", mine, {"text": "no"}).status_code == 410
    again = desk.post(
        "/api/v1/reports", {"category": "rescue", "text": "x", "client_id": "phone-key-1" + desk.server.url}
    )
    assert again.status_code == 410
    assert again.json()["type"] == "urn:crisismap:problem:erased"


def test_tells_nobody_without_the_code(desk: Desk) -> None:
    report, _ = reported(desk)
    for method in ("GET", "PATCH", "DELETE"):
        body = {"text": "no"} if method == "PATCH" else None
        assert send(desk, method, {}, body).status_code == 401
        assert send(desk, method, {"X-Tracking-Code": "0000-0000-0000"}, body).status_code == 404
        assert send(desk, method, {"X-Tracking-Code": report}, body).status_code == 404
        for role in ("volunteer", "responder", "agency", "admin"):
            assert send(desk, method, desk.headers(role), body).status_code == 401
    assert desk.item(report)["text"] == "two of us on the roof"


def test_erases_through_the_command(desk: Desk) -> None:
    report, mine = reported(desk)
    code = mine["X-Tracking-Code"]
    home = desk.server.data_dir
    refused(run(["erase", "0000-0000-0000", "--yes"], home), 1, "no report with this code")
    assert send(desk, "GET", mine).json()["erased"] is False
    done = run(["erase", code.lower().replace("-", " ")], home)
    assert done.code == 0, done.err
    assert report in done.out
    assert send(desk, "GET", mine).json()["erased"] is True
    done = run(["retention", "--dry-run", "--json"], home)
    assert done.code == 0, done.err
    assert done.json == {"contact": 0, "words": 0, "place": 0, "credentials": 0, "upgrade_copies": 0}

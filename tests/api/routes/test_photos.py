"""Photos over HTTP: added, looked at by those who may, and with nothing in them but pixels."""

from __future__ import annotations

import io

import httpx
import pytest
from PIL import Image

from crisismap.core.report.photo import MAX_BYTES
from tests.api.desk import Desk, problem
from tests.photos import bomb, drawing, found, jpeg, png, webp

SMALL = jpeg(drawing(64, 48))


def by_code(code: str) -> dict[str, str]:
    return {"X-Tracking-Code": code}


def sent(desk: Desk, report_id: str, body: bytes, role: str | None = None, **headers: str) -> httpx.Response:
    return desk.post(f"/api/v1/reports/{report_id}/photos", body, role, headers=headers)


@pytest.mark.parametrize("body", [jpeg(), png(), webp()], ids=["jpeg", "png", "webp"])
def test_serves_no_byte_of_what_was_beside_the_pixels(desk: Desk, body: bytes) -> None:
    report = desk.report()
    done = sent(desk, report["id"], body, **by_code(report["tracking_code"]))
    assert done.status_code == 201, done.text
    made = done.json()
    assert set(made) == {"id", "width", "height"}
    assert (made["width"], made["height"]) == (640, 480)
    assert done.headers["location"] == f"/api/v1/photos/{made['id']}.jpg"
    for path in (f"/api/v1/photos/{made['id']}.jpg", f"/api/v1/photos/{made['id']}/thumb.jpg"):
        answer = desk.get(path, "agency")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"].startswith("private")
        assert found(answer.content + repr(answer.headers.raw).encode()) == []
        assert Image.open(io.BytesIO(answer.content)).format == "JPEG"
        again = desk.get(path, "agency", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    stored = b"".join(path.read_bytes() for path in desk.server.data_dir.rglob("*") if path.is_file())
    assert found(stored) == []


def test_takes_a_form_as_well(desk: Desk) -> None:
    report = desk.report()
    for name in ("photo.jpg", "evil.php", "../../etc/passwd", "फोटो.heic"):
        answer = desk.client.post(
            f"/api/v1/reports/{report['id']}/photos",
            files={"photo": (name, SMALL, "text/html")},
            data={"note": "x"},
            headers=desk.headers("responder"),
        )
        assert answer.status_code == 201, answer.text


def test_tells_alike_what_is_unknown_and_what_is_forbidden(desk: Desk) -> None:
    report, other = desk.report(), desk.report()
    own = sent(desk, report["id"], SMALL, **by_code(report["tracking_code"])).json()["id"]
    team = sent(desk, report["id"], SMALL, "responder").json()["id"]
    for path in (f"/api/v1/photos/{own}.jpg", f"/api/v1/photos/{own}/thumb.jpg"):
        assert desk.get(path, "responder").status_code == 200
        assert desk.get(path, headers=by_code(report["tracking_code"])).status_code == 200
        for role in (None, "volunteer"):
            problem(desk.get(path, role), 404, "not-found")
        problem(desk.get(path, headers=by_code(other["tracking_code"])), 404, "not-found")
        problem(desk.get(path, headers={"Authorization": "Bearer wrong"}), 401)
    unknown = f"/api/v1/photos/{report['id']}.jpg"
    told = {desk.get(path).text for path in (unknown, f"/api/v1/photos/{own}.jpg", f"/api/v1/photos/{own}")}
    told.add(desk.get(f"/api/v1/photos/{team}.jpg", headers=by_code(report["tracking_code"])).text)
    told.add(desk.get(f"/api/v1/photos/{own}.png", "agency").text)
    assert len(told) == 1


def test_takes_none_from_those_who_may_not(desk: Desk) -> None:
    report, other = desk.report(), desk.report()
    problem(sent(desk, report["id"], SMALL), 401)
    problem(sent(desk, report["id"], SMALL, "volunteer"), 403)
    problem(sent(desk, report["id"], SMALL, **by_code(other["tracking_code"])), 404)
    problem(sent(desk, "0" * 36, SMALL, "responder"), 404)


def test_refuses_what_is_no_photo_and_changes_nothing(desk: Desk) -> None:
    report = desk.report()
    before = desk.item(report["id"])
    for body, says in (
        (b"", "nothing was sent"),
        (b"I am a photo", "not a JPEG"),
        (SMALL[:500], "damaged"),
        (bomb(), "too many"),
    ):
        told = problem(sent(desk, report["id"], body, "responder"), 422, "malformed")
        assert says in told["detail"]
    problem(sent(desk, report["id"], SMALL + bytes(MAX_BYTES), "responder"), 413, "too-large")
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (
        b"--x\r\n",
        b"no form",
        b"--x\r\nContent-Disposition: form-data; name=photo\r\n\r\nwords\r\n--x--\r\n",
    ):
        problem(sent(desk, report["id"], body, "responder", **broken), 422, "malformed")
    problem(sent(desk, report["id"], b"x", "responder", **{"Content-Type": "multipart/form-data"}), 422, "malformed")
    assert desk.item(report["id"]) == {**before, "waiting_s": desk.item(report["id"])["waiting_s"]}


def test_keeps_eight_photos_of_a_report(desk: Desk) -> None:
    report = desk.report()
    for _ in range(8):
        assert sent(desk, report["id"], SMALL, "responder").status_code == 201
    assert "8 photos already" in problem(sent(desk, report["id"], SMALL, "responder"), 413)["detail"]


def test_says_nothing_of_photos_to_the_public(desk: Desk) -> None:
    report = desk.report()
    own = sent(desk, report["id"], SMALL, **by_code(report["tracking_code"])).json()["id"]
    for path in ("/api/v1/reports.geojson", "/api/v1/requests?limit=1000", f"/api/v1/requests/{report['id']}"):
        assert own not in desk.get(path).text


def test_makes_a_photo_part_of_an_answer_that_the_requester_sees(desk: Desk) -> None:
    report, other = desk.report(), desk.report()
    photo = sent(desk, report["id"], SMALL, "responder").json()["id"]
    foreign = sent(desk, other["id"], SMALL, "responder").json()["id"]
    code = by_code(report["tracking_code"])
    assert desk.get(f"/api/v1/photos/{photo}.jpg", headers=code).status_code == 404, "not part of an answer yet"
    refused = problem(desk.act("answer", report["id"], {"note": "done", "photo_ids": [foreign]}), 422, "invalid")
    assert refused["field"] == "photo_ids"
    done = desk.act("answer", report["id"], {"note": "done", "photo_ids": [photo]})
    assert done.json()["state"] == "answered"
    assert desk.get(f"/api/v1/photos/{photo}.jpg", headers=code).status_code == 200
    assert desk.get(f"/api/v1/photos/{photo}.jpg").status_code == 404

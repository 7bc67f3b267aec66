"""Reading: lists, exports, layers, numbers, each by audience, with their headers, pages and filters."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from typing import Any

import pytest

from crisismap.core.limits import Ranking
from crisismap.situation.record.fact import members_of
from crisismap.situation.record.record import Record
from tests.api.desk import Desk, problem

PROPERTIES = {
    *("category", "text", "lang", "status", "observed_at", "received_at", "updated_revision", "place_kind"),
    *("accuracy_m", "area", "hazards", "nearest_shelter", "disagrees", "flags", "asks", "need", "state", "priority"),
    *("reasons", "due_at", "overdue", "channel", "verification"),
}
STAFF = {member.name for member in members_of(Record) if member.fact.staff}
DANGER = {"life_in_danger": True}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_gives_every_property_of_every_report(desk: Desk) -> None:
    full = desk.report(accuracy_m=8.5, people=4, observed_at="2015-12-02T11:00:00+05:30", fields=DANGER)["id"]
    bare = desk.report(category="other", text="x", lon=None, lat=None)["id"]
    for report in (full, bare):
        feature = desk.feature(report)
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert set(feature["properties"]) == PROPERTIES | STAFF
        assert (feature["type"], feature["id"]) == ("Feature", report)
        item = desk.item(report)
        own = {"id", "lon", "lat", "waiting_s", "claimed_by", "claim_until", "asking", "etag"}
        assert PROPERTIES | own <= set(item)
        assert {name: item[name] for name in PROPERTIES | STAFF} == feature["properties"]
    seen = desk.feature(full)["properties"]
    assert seen["observed_at"] == "2015-12-02T05:30:00.000Z"
    assert TIME.fullmatch(seen["received_at"])
    assert seen["area"] == {"code": "W-2", "name": "Marina"}
    assert seen["hazards"] == [{"layer": "flooded", "feature": "f1", "name": "River flood"}]
    assert seen["nearest_shelter"]["id"] == "s1", "the full one is nearer, and no shelter now"
    assert seen["nearest_shelter"]["distance_m"] == pytest.approx(1085, abs=3)
    assert (seen["accuracy_m"], seen["priority"], seen["channel"]) == (8.5, "P1", "api")
    assert seen["reasons"]
    assert desk.feature(bare)["geometry"] is None


def test_says_where_reports_and_layers_disagree(desk: Desk) -> None:
    at: dict[str, Any] = {"lon": 80.26, "lat": 13.05}
    found = desk.report(category="shelter", text="No room any more", fields={"status": "full"}, **at)
    disagrees = desk.feature(found["id"])["properties"]["disagrees"]
    assert [(d["layer"], d["feature"]) for d in disagrees] == [("shelters", "s1")]
    assert disagrees[0]["why"]


def test_shows_the_public_a_cell_and_no_words_of_a_request(desk: Desk) -> None:
    said: dict[str, Any] = {"lon": 80.123456, "lat": 13.098765, "text": "Grandmother at 12 Temple Road", "people": 2}
    report = desk.report(consent={"publish": True}, place="Temple Road", **said)["id"]
    exact, public = desk.feature(report), desk.feature(report, None)
    assert exact["geometry"]["coordinates"] == [80.123456, 13.098765]
    assert public["properties"]["place_kind"] == "cell"
    assert public["geometry"]["coordinates"] != exact["geometry"]["coordinates"]
    assert 1000 < public["properties"]["accuracy_m"] < 2500
    for path in (
        "/api/v1/reports.geojson",
        "/api/v1/reports.geojsonl",
        "/api/v1/reports.csv",
        "/api/v1/requests?limit=1000",
    ):
        for role in (None, "volunteer"):
            text = desk.get(path, role).text
            for secret in ("80.123456", "13.098765", "Temple", "Grandmother"):
                assert secret not in text
        assert "Grandmother" in desk.get(path, "agency").text
    assert set(public["properties"]) == PROPERTIES
    assert public["properties"]["received_at"][15:] == "0:00.000Z", "rounded to ten minutes"


def test_sends_a_byte_order_mark_on_request(desk: Desk) -> None:
    desk.report(category="flooding", text="Café São João", consent={"publish": True})
    plain, marked = (desk.get("/api/v1/reports.csv", params=query) for query in ({"bom": "false"}, {"bom": "true"}))
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert marked.headers["etag"] != plain.headers["etag"]
    problem(desk.get("/api/v1/reports.csv?bom=yes"), 422, "invalid")
    assert problem(desk.get("/api/v1/reports.geojson?bom=true"), 422, "invalid")["code"] == "bom_not_in_format"


def test_publishes_what_asks_nothing_where_it_is(desk: Desk) -> None:
    place: dict[str, Any] = {"lon": 80.1111111, "lat": 12.9222222}
    told = desk.report(category="flooding", text="Knee deep", consent={"publish": True}, **place)["id"]
    hidden = desk.report(category="flooding", text="Knee deep", fields={"hide_place": True}, **place)["id"]
    phone = desk.report(category="flooding", text="call 98765 43210", consent={"publish": True}, **place)["id"]
    silent = desk.report(category="flooding", text="Knee deep", **place)["id"]
    public = desk.feature(told, None)
    assert public["geometry"]["coordinates"] == [80.1111111, 12.9222222]
    assert public["properties"]["text"] == "Knee deep"
    assert desk.feature(hidden, None)["properties"]["place_kind"] == "cell"
    assert desk.feature(phone, None)["properties"]["text"] is None
    assert desk.feature(silent, None)["properties"]["text"] is None


def test_gives_the_public_no_medical_report_and_no_small_count(desk: Desk) -> None:
    report = desk.report(category="medical", text="Dialysis needed")["id"]
    problem(desk.get(f"/api/v1/reports/{report}"), 404)
    assert report in {feature["id"] for feature in desk.features(category="medical")}
    assert desk.features(None, category="medical") == []
    medical = {row["category"]: row for row in desk.get("/api/v1/situation").json()["by_category"]}["medical"]
    whole = {row["category"]: row for row in desk.get("/api/v1/situation", "agency").json()["by_category"]}["medical"]
    assert whole["reports"] >= 1
    for name in ("reports", "requests", "unanswered", "overdue"):
        assert medical[name] == (whole[name] if whole[name] >= 5 else None)


@pytest.mark.parametrize("wanted", ["public", "agency", None, "press"])
@pytest.mark.parametrize("role", ["volunteer", "responder", "agency", "admin", None])
def test_gives_an_audience_only_to_those_who_may(desk: Desk, role: str | None, wanted: str | None) -> None:
    params = {"limit": 1} | ({"audience": wanted} if wanted else {})
    answer = desk.get("/api/v1/reports.geojson", role, params=params)
    if wanted == "press":
        problem(answer, 422, "invalid")
    elif wanted == "agency" and role is None:
        problem(answer, 401)
    elif wanted == "agency" and role == "volunteer":
        problem(answer, 403)
    else:
        assert answer.status_code == 200
        shared = wanted == "public" or role in (None, "volunteer")
        assert ("private" in answer.headers["cache-control"]) == (not shared)


def test_refuses_a_bad_token_everywhere(desk: Desk) -> None:
    paths = ("reports.geojson", "requests", "situation", "live", "tiles/3/5/3.mvt", "tiles.json")
    for headers in ("Bearer wrong", "Bearer", "Basic dXNlcjpwYXNz", "Bearer \xe9"):
        for path in paths:
            answer = desk.get(f"/api/v1/{path}", headers={"Authorization": headers.encode("latin-1")})
            problem(answer, 401, "not-signed-in")
        problem(desk.post("/api/v1/reports", {}, headers={"Authorization": headers.encode("latin-1")}), 401)


FORMATS = ("geojson", "geojsonl", "csv")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("role", [None, "agency"])
def test_answers_304_until_something_changes(desk: Desk, form: str, role: str | None) -> None:
    desk.report()
    path = f"/api/v1/reports.{form}"
    first = desk.get(path, role)
    tag = first.headers["etag"]
    for known in (tag, f'"x", {tag}', f"W/{tag.removeprefix('W/')}", "*"):
        again = desk.get(path, role, headers={"If-None-Match": known})
        assert again.status_code == 304, known
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["vary"] == first.headers["vary"]
    assert desk.get(path, role, headers={"If-None-Match": '"other"'}).status_code == 200
    desk.report()
    changed = desk.get(path, role, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_gives_each_audience_encoding_and_question_its_own_etag(desk: Desk) -> None:
    path = "/api/v1/reports.geojson"
    tags = [
        desk.get(path, role, headers={"Accept-Encoding": encoding}, params=params).headers["etag"]
        for role in (None, "agency")
        for encoding in ("gzip", "identity")
        for params in ({}, {"category": "rescue"})
    ]
    assert len(set(tags)) == 8
    public, agency = desk.get(path), desk.get(path, "agency")
    assert "private" not in public.headers["cache-control"]
    assert "private" in agency.headers["cache-control"]
    for answer in (public, agency):
        assert {"authorization", "cookie"} <= {word.strip().lower() for word in answer.headers["vary"].split(",")}


@pytest.mark.parametrize("form", FORMATS)
def test_packs_when_asked_and_only_then(desk: Desk, form: str) -> None:
    desk.report()
    path = f"{desk.server.url}/api/v1/reports.{form}"
    with desk.client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        packed = b"".join(answer.iter_raw())
    with desk.client.stream("GET", path, headers={"Accept-Encoding": "identity"}) as answer:
        assert "content-encoding" not in answer.headers
        plain = b"".join(answer.iter_raw())
    assert gzip.decompress(packed) == plain
    for refusal in ("gzip;q=0", "identity;q=1, gzip;q=0"):
        with desk.client.stream("GET", path, headers={"Accept-Encoding": refusal}) as answer:
            assert "content-encoding" not in answer.headers


def test_writes_geojson_by_the_standard(desk: Desk) -> None:
    desk.report(lon=80.123456789012, lat=13.0)
    answer = desk.get("/api/v1/reports.geojson", "agency")
    assert answer.headers["content-type"] == "application/geo+json"
    answer.content.decode("utf-8")
    document = json.loads(answer.content, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    assert isinstance(document["revision"], int)
    assert "made_up" not in document or document["made_up"] is False
    ids = [feature["id"] for feature in document["features"]]
    assert len(ids) == len(set(ids)) > 0
    for feature in document["features"]:
        assert feature["type"] == "Feature"
        if feature["geometry"] is not None:
            assert feature["geometry"]["type"] == "Point"
            lon, lat = feature["geometry"]["coordinates"]
            assert -180 <= lon <= 180
            assert -90 <= lat <= 90
            assert (lon, lat) != (0, 0)
            assert all(len(str(number).partition(".")[2]) <= 7 for number in (lon, lat))
        for name in ("observed_at", "received_at"):
            assert TIME.fullmatch(feature["properties"][name])
    lines = desk.get("/api/v1/reports.geojsonl", "agency").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids


def rows(desk: Desk, role: str | None = "agency", **query: Any) -> list[dict[str, str]]:
    answer = desk.get("/api/v1/reports.csv", role, params=query)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def test_writes_csv_that_a_spreadsheet_cannot_be_tricked_with(desk: Desk) -> None:
    hostile = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "a\n=b", '"=1"', "＝1+1")
    reports = {desk.report(text=text)["id"]: text for text in hostile}
    south = desk.report(category="flooding", text="South of the line")["id"]
    place = {"lon": -60.5, "lat": -10.25, "source": "map"}
    assert desk.act("place", south, place, role="responder").status_code == 200
    found = {row["id"]: row for row in rows(desk)}
    for report, text in reports.items():
        cell = found[report]["text"]
        assert cell.lstrip()[:1] not in ("=", "+", "-", "@"), cell
        assert text.strip() in cell
    assert (found[south]["lon"], found[south]["lat"]) == ("-60.5", "-10.25"), "numbers stay numbers"
    assert {row["made_up"] for row in found.values()} == {"false"}
    assert len(found) == len(desk.features())


def test_leads_through_all_pages_while_reports_come(desk: Desk) -> None:
    there = {feature["id"] for feature in desk.features(category="rescue")}
    for path, name in (("/api/v1/reports.geojson", "features"), ("/api/v1/requests", "items")):
        for _ in range(5):
            there.add(desk.report()["id"])
        seen: list[str] = []
        following: str | None = f"{path}?category=rescue&limit=7"
        before = {item["id"] for item in pages(desk, path, name)}
        while following is not None:
            answer = desk.get(following, "responder")
            assert answer.status_code == 200
            part = [each["id"] for each in answer.json()[name]]
            assert len(part) <= 7
            seen += part
            link = answer.links.get("next")
            following = link["url"] if link else None
            desk.report(text="in between", fields=DANGER)
        assert len(seen) == len(set(seen)), "none twice"
        assert before <= set(seen), "none left out"


def pages(desk: Desk, path: str, name: str) -> list[dict[str, Any]]:
    answer = desk.get(f"{path}?category=rescue&limit=1000", "responder")
    assert "next" not in answer.links
    found: list[dict[str, Any]] = answer.json()[name]
    return found


def test_lists_the_most_urgent_first(desk: Desk) -> None:
    desk.report(category="shelter", text="Tent torn")
    answer = desk.get("/api/v1/requests", "responder", params={"limit": 1000}).json()
    assert set(answer) == {"items", "total", "revision"}
    items = answer["items"]
    assert answer["total"] == len(items)
    assert {item["state"] for item in items} <= {"open", "claimed"}
    priorities = [item["priority"] for item in items]
    assert priorities == sorted(priorities)
    for priority in set(priorities):
        times = [item["received_at"] for item in items if item["priority"] == priority]
        if (
            len(times) <= Ranking().calm
        ):  # when more wait, not time alone counts: tests/services/operations/test_quarantine.py
            assert times == sorted(times)
    assert len(desk.get("/api/v1/requests", "responder").json()["items"]) <= 100
    for limit in ("0", "1001", "-1", "x", "1e2", "٣"):
        problem(desk.get("/api/v1/requests", params={"limit": limit}), 422, "invalid")


def test_chooses_by_every_filter(desk: Desk) -> None:
    report = desk.report(category="transport", text="Bridge down", asks=True, lon=80.1, lat=13.0)["id"]
    desk.act("claim", report)

    def has(**query: str) -> bool:
        asked = [feature["id"] for feature in desk.features(**query)]
        listed = desk.get("/api/v1/requests", "responder", params={"limit": 1000, **query}).json()["items"]
        assert (report in asked) == (report in {item["id"] for item in listed})
        return report in asked

    assert has(category="transport")
    assert has(category="rescue,transport")
    assert not has(category="rescue")
    assert has(state="claimed")
    assert not has(state="open")
    assert has(area="W-1")
    assert has(area="adyar")
    assert not has(area="W-2")
    assert has(status="unverified")
    assert not has(status="verified")
    assert has(need="asks")
    assert has(need="asks,may")
    assert not has(need="information,offer")
    assert has(bbox="80,12.9,80.2,13.1")
    assert not has(bbox="80.2,12.9,80.4,13.1")
    received = desk.feature(report)["properties"]["received_at"]
    assert has(since=received)
    assert has(since="2015-12-02T11:00:00+05:30")
    assert not has(since="2999-01-01")
    assert not has(until=received)
    assert has(until="2999-01-01T00:00:00Z")
    assert has(category="transport", state="claimed", area="W-1", bbox="80,12,81,14", since="2015-01-01")


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=a,b,c,d",
        "bbox=nan,0,1,1",
        "bbox=0,10,1,5",
        "bbox=-181,0,1,1",
        "bbox=",
        "since=yesterday",
        "until=12",
        "category=volcano",
        "state=lost",
        "status=lost",
        "limit=0",
        "limit=-1",
        "limit=many",
        "cursor=x",
        "cursor=-1",
        "cursor=99999999999999999999999999",
        "cursor=1.2",
        "colour=red",
        "bbox=0,0,1,1;DROP TABLE report",
        "category=rescue'%20OR%20'1'='1",
    ],
)
def test_refuses_a_question_it_cannot_hear(desk: Desk, query: str) -> None:
    name = query.partition("=")[0]
    for path in ("reports.geojson", "requests", "tiles/3/5/3.mvt"):
        if path.startswith("tiles") and name in ("limit", "cursor"):
            continue
        found = problem(desk.get(f"/api/v1/{path}?{query}"), 422, "invalid")
        assert found["field"] == name
        assert name in found["detail"]


def test_looks_across_the_date_line(desk: Desk) -> None:
    reports = []
    for lon in (179.9, -179.9, 170.0):
        report = desk.report(category="flooding", text="Fiji")["id"]
        desk.act("place", report, {"lon": lon, "lat": -16.5, "source": "map"}, role="responder")
        reports.append(report)
    found = {feature["id"] for feature in desk.features(bbox="179,-20,-179,-10")}
    assert found & set(reports) == set(reports[:2])
    found = {feature["id"] for feature in desk.features(bbox="-180,-20,180,-10")}
    assert found >= set(reports)


def test_counts_alike_everywhere(desk: Desk) -> None:
    desk.report()
    numbers = desk.get("/api/v1/situation", "agency").json()
    assert {"revision", "made_up", "reports", "requests", "unanswered", "overdue", "unplaced"} <= set(numbers)
    assert numbers["made_up"] is False
    assert numbers["reports"] == len(desk.features())
    assert numbers["unanswered"] == desk.get("/api/v1/requests", "agency").json()["total"]
    assert numbers["reports"] == sum(row["reports"] for row in numbers["by_area"])
    assert numbers["reports"] == sum(row["reports"] for row in numbers["by_category"] if row["listed"])
    layers = {layer["id"]: layer for layer in numbers["layers"]}
    assert set(layers["wards"]) == {"id", "role", "age_s", "version", "features"}
    assert layers["wards"]["age_s"] >= 0
    with desk.live("agency") as frames:
        frame = next(frames)
        assert (frame["unanswered"], frame["overdue"]) == (numbers["unanswered"], numbers["overdue"])

"""Tiles, the live stream, health, metrics, the OpenAPI document, and what is answered where nothing is."""

from __future__ import annotations

import gzip
import math
import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from crisismap.api.live import QUIET_S
from tests.api.desk import HERE, RESCUE, Desk, problem
from tests.processes import free_port
from tests.server import launch
from tests.situation.vector_tile import read


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Column and row of the tile a point lies in (web Mercator)."""
    turn = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return int((lon + 180) / 360 * 2**z), int((1 - turn / math.pi) / 2 * 2**z)


def test_draws_reports_in_tiles(desk: Desk) -> None:
    for _ in range(2):  # enough for a cluster, whatever other tests have left
        desk.report(category="flooding", text="In a tile", lon=80.0777, lat=13.1777)
    x, y = tile_of(80.0777, 13.1777, 16)
    answer = desk.get(f"/api/v1/tiles/16/{x}/{y}.mvt", "agency")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["content-encoding"] == "gzip"
    seen = read(answer.content)["reports"]
    assert {"category", "asks", "verification", "place_kind"} <= set(seen[-1].properties)
    assert seen[-1].properties["category"] == "flooding"
    for point in seen:
        assert not {"text", "phone", "lon", "lat", "id"} & set(point.properties)
    assert "clusters" in read(desk.get("/api/v1/tiles/4/11/7.mvt").content)
    empty = desk.get("/api/v1/tiles/14/1/2.mvt")
    assert (empty.status_code, empty.content) in ((200, b""), (204, b""))


def test_takes_x_before_y(desk: Desk) -> None:
    desk.report()
    x, y = tile_of(**HERE, z=12)
    assert x != y
    assert read(desk.get(f"/api/v1/tiles/12/{x}/{y}.mvt", "agency").content)
    assert desk.get(f"/api/v1/tiles/12/{y}/{x}.mvt", "agency").content == b""


def test_keeps_tiles_apart_by_audience_encoding_and_filter(desk: Desk) -> None:
    desk.report()
    x, y = tile_of(**HERE, z=12)
    path = f"/api/v1/tiles/12/{x}/{y}.mvt"
    tags = set()
    for role in (None, "agency"):
        for encoding in ("gzip", "identity"):
            for params in ({}, {"category": "rescue"}):
                answer = desk.get(path, role, headers={"Accept-Encoding": encoding}, params=params)
                assert answer.headers.get("content-encoding", "identity") == encoding
                tags.add(answer.headers["etag"])
                again = desk.get(
                    path,
                    role,
                    headers={"Accept-Encoding": encoding, "If-None-Match": answer.headers["etag"]},
                    params=params,
                )
                assert again.status_code in (200, 304)
    assert len(tags) >= 8
    flooding = read(desk.get(path, "agency", params={"category": "flooding"}).content or b"").get("reports", [])
    assert {point.properties["category"] for point in flooding} <= {"flooding"}


def test_never_serves_an_older_tile_from_its_cache(desk: Desk) -> None:
    x, y = tile_of(80.3939, 12.9393, 14)
    path = f"/api/v1/tiles/14/{x}/{y}.mvt"
    for number in range(1, 16):
        desk.report(category="flooding", text="one more", lon=80.3939, lat=12.9393)
        marks = [each for layer in read(desk.get(path, "agency").content).values() for each in layer]
        assert sum(each.properties.get("count", 1) for each in marks) == number
        desk.get(path)


def test_refuses_tiles_that_cannot_be(desk: Desk) -> None:
    for path in ("3/8/3", "3/3/8", "31/1/1", "99/0/0"):
        assert problem(desk.get(f"/api/v1/tiles/{path}.mvt"), 422, "invalid")["field"] in "zxy"
    for path in ("3/-1/1", "a/b/c", "3/1", "3/1/1/1", "3/1/1.mvt/x", "100/0/0"):
        problem(desk.get(f"/api/v1/tiles/{path}.mvt"), 404, "not-found")
    problem(desk.get("/api/v1/tiles/3/1/1.png"), 404)
    problem(desk.get("/api/v1/tiles/3/1/1.mvt?colour=red"), 422)


def test_describes_the_tiles(desk: Desk) -> None:
    document = desk.get("/api/v1/tiles.json").json()
    assert document["tilejson"] == "3.0.0"
    assert [layer["id"] for layer in document["vector_layers"]] == ["reports", "clusters", "legs"]
    west, south, east, north = document["bounds"]
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    [template] = document["tiles"]
    x, y = tile_of(**HERE, z=10)
    path = template.format(z=10, x=x, y=y)
    assert path.startswith(desk.server.url)
    assert desk.get(path).status_code == 200


def test_streams_a_frame_at_once_and_another_after_a_post(desk: Desk) -> None:
    with desk.live() as frames:
        began = time.monotonic()
        first = next(frames)
        assert time.monotonic() - began < QUIET_S / 2
        assert set(first) == {"revision", "unanswered", "overdue"}
        receipt = desk.post("/api/v1/reports", RESCUE).json()
        began = time.monotonic()
        frame = first
        while frame["revision"] < receipt["revision"]:
            frame = next(frames)
        assert time.monotonic() - began < QUIET_S / 2
        assert frame["unanswered"] == first["unanswered"] + 1


def test_lets_a_watcher_go(desk: Desk) -> None:
    for _ in range(20):
        with desk.live() as frames:
            next(frames)
    assert desk.get("/healthz").status_code == 200


def test_says_that_it_is_well(desk: Desk) -> None:
    assert desk.get("/healthz").json() == {"status": "ok"}
    ready = desk.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ok"


@pytest.mark.parametrize(
    "path", ["reports.geojson", "reports.csv", "requests", "situation", "shelters?lon=80.2&lat=13", "layers"]
)
def test_answers_of_the_revision_that_is_asked_for_or_a_later_one(desk: Desk, path: str) -> None:
    told = desk.post("/api/v1/reports", RESCUE).json()
    sign = "&" if "?" in path else "?"
    answer = desk.get(f"/api/v1/{path}{sign}after={told['revision']}", "agency")
    assert answer.status_code == 200
    if path.startswith("reports."):
        assert told["id"] in answer.text, "an export right after the receipt has its report"


@pytest.mark.parametrize(("after", "code"), [("x", "not_a_whole_number"), ("999999999", "revision_unknown")])
def test_waits_for_no_revision_that_may_never_come(desk: Desk, after: str, code: str) -> None:
    began = time.monotonic()
    assert problem(desk.get(f"/api/v1/situation?after={after}"), 422)["code"] == code
    assert time.monotonic() - began < 1.5


def test_shows_metrics_here_and_to_admins(desk: Desk) -> None:
    answer = desk.get("/metrics")
    assert answer.status_code == 200
    numbers = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(numbers["crisismap_reports"]) == desk.get("/api/v1/situation", "agency").json()["reports"]
    assert {
        "crisismap_unanswered",
        "crisismap_overdue",
        "crisismap_behind",
        "crisismap_live_viewers",
        "crisismap_live_dropped_total",
    } <= set(numbers)
    # A reverse proxy on this machine tells where a request came from; that is not here.
    away = {"X-Forwarded-For": "203.0.113.9"}
    problem(desk.get("/metrics", headers=away), 401)
    problem(desk.get("/metrics", "agency", headers=away), 403)
    assert desk.get("/metrics", "admin", headers=away).status_code == 200


def test_shows_metrics_to_admins_only_where_a_proxy_relays(tmp_path: Path) -> None:
    """A proxy on this machine that adds no header makes everybody look local; a public address says there is one."""
    setting = {"CRISISMAP_PUBLIC_URL": "https://map.example.org"}
    one = launch(tmp_path / "data", free_port(), setting, "serve", tmp_path / "log")
    try:
        problem(httpx.get(f"{one.url}/metrics", trust_env=False), 401)
        token = {"Authorization": f"Bearer {one.token}"}
        assert httpx.get(f"{one.url}/metrics", headers=token, trust_env=False).status_code == 200
    finally:
        one.stop()


LATER = [
    "map",
    "list",
    "ogc",
    "ogc/collections",
    "intake/sms/twilio",
    "intake/telegram",
    "openrosa/formList",
    "open311/v2/requests.json",
]
UNKNOWN = [
    "api",
    "api/v1",
    "api/v2/reports",
    "api/v1/nothing",
    "api/v1/reports/x/y",
    "healthz/x",
    "metrics/x",
    "intake",
    "intake/web",
    "intake/nobody/x",
]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("path", "status"), [(p, 501) for p in LATER] + [(p, 404) for p in UNKNOWN])
def test_answers_no_page_where_nothing_is(desk: Desk, path: str, status: int, slash: str) -> None:
    for method in ("GET", "POST"):
        found = problem(desk.client.request(method, f"/{path}{slash}"), status)
        assert found["type"].endswith("not-built" if status == 501 else "not-found")


def test_says_in_which_language_nothing_is_there(desk: Desk) -> None:
    answer = desk.get("/api/v1/nothing", headers={"Accept-Language": "id"})
    assert (answer.headers["content-language"], answer.headers["vary"]) == ("id", "Accept-Language")


def test_names_formats_that_come_later(desk: Desk) -> None:
    problem(desk.get("/api/v1/reports.exe"), 404, "not-found")
    for form in ("geojsons", "gpkg", "fgb", "kml", "parquet", "xlsx", "html"):
        problem(desk.get(f"/api/v1/reports.{form}"), 501, "not-built")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/reports", {"POST"}),
        ("GET", "/api/v1/reports:batch", {"POST"}),
        ("PUT", "/api/v1/reports.geojson", {"GET"}),
        ("DELETE", "/api/v1/requests", {"GET"}),
        ("POST", "/api/v1/situation", {"GET"}),
        ("POST", "/api/v1/live", {"GET"}),
        ("DELETE", "/api/v1/tiles/3/1/1.mvt", {"GET"}),
        ("POST", "/healthz", {"GET"}),
        ("PATCH", "/api/v1/layers/wards", {"GET", "PUT", "DELETE"}),
    ],
)
def test_says_which_methods_there_are(desk: Desk, method: str, path: str, allowed: set[str]) -> None:
    answer = desk.client.request(method, path)
    problem(answer, 405, "method-not-allowed")
    assert allowed <= {word.strip() for word in answer.headers["allow"].split(",")}


def test_protects_every_answer(desk: Desk) -> None:
    for path in ("/healthz", "/api/v1/reports.geojson", "/api/v1/nothing", "/ogc", "/api/v1/tiles/3/1/1.mvt"):
        headers = desk.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"]


def test_documents_every_route_and_what_it_answers(desk: Desk) -> None:
    document = desk.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    # path -> method -> content types of its 200 or 201
    expected: dict[str, dict[str, set[str]]] = {
        "/api/v1/reports": {"post": {"application/json"}},
        "/api/v1/reports:batch": {"post": {"application/json"}},
        "/api/v1/reports.{form}": {"get": {"application/geo+json", "application/x-ndjson", "text/csv"}},
        "/api/v1/reports/{report_id}": {"get": {"application/geo+json"}},
        "/api/v1/reports/{report_id}/photos": {"post": {"application/json"}},
        "/api/v1/photos/{name}": {"get": {"image/jpeg"}},
        "/api/v1/photos/{photo_id}/thumb.jpg": {"get": {"image/jpeg"}},
        "/api/v1/sheet.pdf": {"get": {"application/pdf"}},
        "/api/v1/map.html": {"get": {"text/html"}},
        "/api/v1/requests": {"get": {"application/json"}},
        "/api/v1/moderation": {"get": {"application/json"}},
        "/api/v1/reports/{report_id}/official": {"get": {"application/json"}},
        "/api/v1/requests/{report_id}": {"get": {"application/json"}},
        "/api/v1/requests/{report_id}/contact": {"get": {"application/json"}},
        "/api/v1/requests/{report_id}/moves": {"get": {"application/json"}},
        "/api/v1/requests/{report_id}/similar": {"get": {"application/json"}},
        "/api/v1/requests/{report_id}/places": {"get": {"application/json"}},
        "/api/v1/requests/{report_id}/shelters": {"get": {"application/json"}},
        "/api/v1/requests/{report_id}/{verb}": {"post": {"application/json"}},
        "/api/v1/shelters": {"get": {"application/json"}},
        "/api/v1/mine": {"get": {"application/json"}, "patch": {"application/json"}},
        "/api/v1/consent": {"get": {"application/json"}},
        "/api/v1/layers": {"get": {"application/json"}},
        "/api/v1/layers/{name}": {"get": {"application/geo+json"}},
        "/api/v1/layers/{layer_id}": {"put": {"application/json"}},
        "/api/v1/layers/{layer_id}/versions": {"get": {"application/json"}},
        "/api/v1/layers/{layer_id}/versions/{version}": {"post": {"application/json"}},
        "/api/v1/layers/{layer_id}/crowd": {"get": {"application/json"}},
        "/api/v1/layers/{layer_id}/first": {"get": {"application/json"}},
        "/api/v1/layers/{layer_id}/people": {"get": {"application/json"}},
        "/api/v1/layers/{layer_id}/originals": {"get": {"application/json"}},
        "/api/v1/layers/{layer_id}/originals/{name}": {"get": {"application/cap+xml"}},
        "/api/v1/layers/{layer_id}/picture/{z}/{x}/{y}": {"get": {"image/png", "image/jpeg"}},
        "/api/v1/layers/{layer_id}/source": {"put": {"application/json"}},
        "/api/v1/situation": {"get": {"application/json"}},
        "/api/v1/live": {"get": {"text/event-stream"}},
        "/api/v1/tiles/{z}/{x}/{y}.mvt": {"get": {"application/vnd.mapbox-vector-tile"}},
        "/api/v1/tiles.json": {"get": {"application/json"}},
        "/api/v1/labels/{z}/{x}/{y}.geojson": {"get": {"application/geo+json"}},
        "/api/v1/basemap/{z}/{x}/{y}": {
            "get": {
                "application/vnd.mapbox-vector-tile",
                *(f"image/{kind}" for kind in ("png", "jpeg", "webp", "avif")),
            }
        },
        "/healthz": {"get": {"application/json"}},
        "/readyz": {"get": {"application/json"}},
        "/intake/{channel}": {"post": {"text/plain"}},
        "/metrics": {"get": {"text/plain"}},
        "/api/v1/audit.csv": {"get": {"text/csv"}},
    }
    for path, methods in expected.items():
        for method, types in methods.items():
            described = document["paths"][path][method]
            assert described.get("summary") or described.get("description")
            answers = described["responses"]
            success = next(answers[status] for status in ("201", "200") if status in answers)
            told = {kind.partition(";")[0] for kind in success["content"]}
            assert told == types, path
            assert "default" not in answers, "a document that allows everything says nothing"
            for status in ("401", "404", "422", "429", "503"):
                assert set(answers[status]["content"]) == {"application/problem+json"}, path
    for path, methods in document["paths"].items():
        assert path in expected, f"{path} is not known to this test"
        for described in methods.values():
            named = {parameter["name"] for parameter in described.get("parameters", []) if parameter["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path)), path
    query = {p["name"] for p in document["paths"]["/api/v1/reports.{form}"]["get"]["parameters"] if p["in"] == "query"}
    assert {"bbox", "since", "until", "category", "status", "state", "area", "limit", "cursor"} <= query
    draft = document["components"]["schemas"]["Draft"]
    assert draft["required"] == ["category"]
    assert set(draft["properties"]) >= {"text", "lon", "lat", "place", "observed_at", "contact", "consent", "client_id"}
    _resolve(document, document)


def _resolve(part: Any, document: dict[str, Any]) -> None:
    """Every reference leads somewhere."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            found: Any = document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
        for value in part.values():
            _resolve(value, document)
    elif isinstance(part, list):
        for value in part:
            _resolve(value, document)


def test_takes_no_packed_surprise(desk: Desk) -> None:
    """A packed body is not unpacked: what is not JSON is refused as it stands."""
    body = gzip.compress(b'{"category":"rescue","text":"x"}')
    problem(desk.post("/api/v1/reports", body, headers={"Content-Encoding": "gzip"}), 422)


def test_writes_no_phone_number_and_no_token_into_its_log(desk: Desk) -> None:
    desk.post("/api/v1/reports", {**RESCUE, "contact": {"phone": "+91 98989 12345"}, "category": "volcano"})
    desk.post("/api/v1/reports", {**RESCUE, "text": "\x1b[31mred\r\nINFO forged line 98989 12345"})
    desk.headers("agency")
    log = desk.server.log.read_text(errors="replace")
    for secret in ("98989", "forged line", desk.tokens["agency"], desk.server.token):
        assert secret not in log

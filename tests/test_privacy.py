"""No byte of any public output holds an exact place, a contact or the words of a request.

Digits, numbers and names are planted in everything that people can send; then every public output is fetched as a
stranger and as a volunteer, unpacked, and searched. The same search over what agencies get finds them: it can fail.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import numpy as np
import pytest

from crisismap.core.place import cell_place
from crisismap.situation import morton
from tests.processes import free_port
from tests.server import Server, launch

COUNT = 40
CATEGORIES = ("rescue", "water_food", "medical", "other", "flooding")
ZOOMS = range(17)
WARD = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": "W-1", "name": "Ward one"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[80, 12.8], [80.5, 12.8], [80.5, 13.3], [80, 13.3], [80, 12.8]]],
            },
        }
    ],
}


@dataclass
class Planted:
    """What must not be found, and where it was put."""

    server: Server
    ids: list[str] = field(default_factory=list)
    secret_places: list[tuple[float, float]] = field(default_factory=list)
    sentinels: list[bytes] = field(default_factory=list)

    def client(self, token: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.server.url, headers=headers, timeout=30, trust_env=False)


def token(server: Server, role: str) -> str:
    answer = httpx.post(f"{server.url}/api/v1/tokens", headers=server.auth, json={"role": role}, trust_env=False)
    return str(answer.json()["token"])


def report(number: int) -> tuple[dict[str, object], tuple[float, float], list[str]]:
    category = CATEGORIES[number % len(CATEGORIES)]
    lon, lat = 80.2007311 + number * 0.0031177, 13.0009731 + number * 0.0017713
    phone, word = f"98{number:02d}771{number:02d}5", f"zanzibar{number:02d}q"
    hides = category == "flooding"
    # A flooding report asks nothing and publishes exactly, unless told otherwise: it is told otherwise here.
    fields: dict[str, object] = {"note": f"field {word}", **({"hide_place": True} if hides else {})}
    body: dict[str, object] = {
        "category": category,
        "text": f"we are at {word}, call {phone[:5]} {phone[5:]}",
        "place": f"behind {word} hall, {phone}",
        "lon": lon,
        "lat": lat,
        "people": 4,
        "fields": fields,
        "contact": {"phone": phone, "name": f"Name {word}", "email": f"{word}@example.org"},
        "consent": {"publish": number % 2 == 0, "contact": True},
    }
    secret = [phone, phone[:5] + " " + phone[5:], word, f"{lon:.6f}"[:9], f"{lat:.6f}"[:9]]
    return body, (lon, lat), secret


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("planted")
    started = launch(folder / "data", free_port(), {"CRISISMAP_RATE_LIMIT": "off"}, "serve", folder / "log")
    try:
        held = Planted(started)
        with held.client(started.token) as admin:
            assert admin.put("/api/v1/layers/wards?role=area", content=json.dumps(WARD)).status_code == 201
        with held.client(None) as anybody:
            for number in range(COUNT):
                body, place, secret = report(number)
                answer = anybody.post("/api/v1/reports", json=body)
                assert answer.status_code == 201
                held.ids.append(answer.json()["id"])
                held.secret_places.append(place)
                held.sentinels += [s.encode() for s in secret]
        with held.client(token(started, "responder")) as responder:
            items = responder.get("/api/v1/requests", params={"limit": 1000}).json()["items"]
            note = "took 7788990011 with us, zanzibarnote"
            held.sentinels += [b"7788990011", b"zanzibarnote"]
            for verb, item in zip(("claim", "answer", "place"), items, strict=False):
                bodies = {
                    "claim": {},
                    "answer": {"note": note},
                    "place": {"lon": 80.3334517, "lat": 13.1114913, "source": "call to 7788990011"},
                }
                path = f"/api/v1/requests/{item['id']}/{verb}"
                done = responder.post(path, json=bodies[verb], headers={"If-Match": item["etag"]})
                assert done.status_code == 200, done.text
            held.sentinels += [b"80.33345", b"13.11149"]
        yield held
    finally:
        started.stop()


def outputs(planted: Planted, client: httpx.Client) -> Iterator[tuple[str, bytes]]:
    """Every output, as sent and unpacked; headers too."""
    paths = [
        *(f"/api/v1/reports.{form}" for form in ("geojson", "geojsonl", "csv")),
        "/api/v1/reports.geojson?bbox=80,12.8,80.5,13.3&category=rescue",
        *(f"/api/v1/reports/{one}" for one in planted.ids),
        *(f"/api/v1/requests/{one}" for one in planted.ids),
        *(f"/api/v1/requests/{one}/contact" for one in planted.ids[:3]),
        "/api/v1/requests?limit=1000",
        "/api/v1/requests?state=open,claimed,answered&limit=1000",
        "/api/v1/situation",
        "/api/v1/tiles.json",
        "/api/v1/layers",
        "/api/v1/layers/wards.geojson",
        "/api/v1/openapi.json",
        "/api/v1/docs",
        *("/metrics", "/healthz", "/readyz", "/report", "/t", "/t/AAAA-BBBB-CCCC", "/login", "/api/v1/nothing"),
        *tile_paths(),
    ]
    for path in paths:
        answer = client.get(path)
        yield path, answer.content + repr(answer.headers.raw).encode()
    with client.stream("GET", "/api/v1/live") as live:
        yield "/api/v1/live", next(live.iter_bytes())


def tile_paths() -> list[str]:
    found = []
    for z in ZOOMS:
        x, y = morton.project(np.array([80.20, 80.34]), np.array([13.12, 13.0]))
        across, down = (x.astype(np.int64) >> (morton.BITS - z)), (y.astype(np.int64) >> (morton.BITS - z))
        step = max(1, int(across[1] - across[0]) // 3)
        for column in range(int(across[0]), int(across[1]) + 1, step):
            for row in range(int(down[0]), int(down[1]) + 1, step):
                found.append(f"/api/v1/tiles/{z}/{column}/{row}.mvt")
    return found


def found_in(planted: Planted, body: bytes) -> list[bytes]:
    unpacked = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return [s for s in planted.sentinels if s in unpacked]


@pytest.mark.parametrize("role", [None, "volunteer"])
def test_tells_the_public_no_exact_place_no_contact_and_no_words_of_a_request(planted, role):
    with planted.client(token(planted.server, role) if role else None) as client:
        leaks = {path: found for path, body in outputs(planted, client) if (found := found_in(planted, body))}
    assert leaks == {}


def test_finds_them_in_what_agencies_get(planted):
    with planted.client(token(planted.server, "agency")) as client:
        seen = {s for _, body in outputs(planted, client) for s in found_in(planted, body)}
    assert any(s.startswith(b"zanzibar") for s in seen)
    assert any(s.startswith(b"80.2") for s in seen)


def test_publishes_every_request_at_the_centre_of_its_cell(planted):
    with planted.client(None) as client:
        features = client.get("/api/v1/reports.geojson").json()["features"]
    cells = {cell_place(*place, 7)[:2] for place in [*planted.secret_places, (80.3334517, 13.1114913)]}
    assert features
    for feature in features:
        assert tuple(feature["geometry"]["coordinates"]) in cells
        assert feature["properties"]["place_kind"] == "cell"


def test_never_itemises_medical_requests_for_the_public(planted):
    with planted.client(None) as client:
        items = client.get("/api/v1/requests", params={"limit": 1000}).json()["items"]
        categories = {c["category"]: c for c in client.get("/api/v1/situation").json()["by_category"]}
    assert items
    assert "medical" not in {item["category"] for item in items}
    assert categories["medical"]["reports"] == COUNT // len(CATEGORIES)  # 8, not under 5


def test_answers_a_narrowing_box_as_if_the_place_were_the_cell(planted):
    lon, lat = planted.secret_places[0]
    centre_lon, centre_lat, _ = cell_place(lon, lat, 7)
    with planted.client(None) as client:
        for half in (0.02, 0.01, 0.005, 0.001, 0.0001):
            box = ",".join(str(v) for v in (lon - half, lat - half, lon + half, lat + half))
            ids = [f["id"] for f in client.get("/api/v1/reports.geojson", params={"bbox": box}).json()["features"]]
            inside = abs(centre_lon - lon) <= half and abs(centre_lat - lat) <= half
            assert (planted.ids[0] in ids) is inside


def test_tells_the_public_times_in_steps_of_ten_minutes(planted):
    with planted.client(None) as client:
        features = client.get("/api/v1/reports.geojson").json()["features"]
    for feature in features:
        for name in ("observed_at", "received_at"):
            assert feature["properties"][name][15:] == "0:00.000Z"

"""What must not be told, planted in everything that people can send, and every public output to search for it."""

from __future__ import annotations

import gzip
import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import uvicorn
from starlette.types import Receive, Scope, Send

from crisismap import bootstrap
from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.settings import read_settings
from crisismap.situation.tiles import morton
from crisismap.web.routes import routes
from tests.processes import free_port
from tests.situation import vector_tile

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
    """What must not be found, and where it was put; `client` reaches the program with a token or without."""

    client: Callable[[str | None], httpx.Client]
    admin: str
    ids: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    secret_places: list[tuple[float, float]] = field(default_factory=list)
    sentinels: list[bytes] = field(default_factory=list)

    def token(self, role: str) -> str:
        with self.client(self.admin) as admin:
            return str(admin.post("/api/v1/tokens", json={"role": role}).json()["token"])

    def ids_of(self, category: str) -> list[str]:
        return self.ids[CATEGORIES.index(category) :: len(CATEGORIES)]


def report(number: int) -> tuple[dict[str, object], tuple[float, float], list[str]]:
    category = CATEGORIES[number % len(CATEGORIES)]
    lon, lat = 80.2007311 + number * 0.0031177, 13.0009731 + number * 0.0017713
    phone, word = f"98{number:02d}771{number:02d}5", f"zanzibar{number:02d}q"
    hides = category == "flooding"
    # A flooding report asks nothing and publishes exactly, unless told otherwise: it is told otherwise here.
    fields: dict[str, object] = {"note": f"field {word}", **({"hide_place": True} if hides else {})}
    # Without an answer *other* asks nothing; a no in a category that asks is in doubt.
    answers = {"other": {"asks": True}, "rescue": {"asks": number % 4 == 0}}
    body: dict[str, object] = {
        **answers.get(category, {}),
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


def plant(held: Planted) -> None:
    """A layer, reports of all kinds, one claimed, one answered, one placed by a person."""
    with held.client(held.admin) as admin:
        assert admin.put("/api/v1/layers/wards?role=area", content=json.dumps(WARD)).status_code == 201
    with held.client(None) as anybody:
        for number in range(COUNT):
            body, place, secret = report(number)
            answer = anybody.post("/api/v1/reports", json=body)
            assert answer.status_code == 201
            held.ids.append(answer.json()["id"])
            held.codes.append(answer.json()["tracking_code"])
            held.secret_places.append(place)
            held.sentinels += [s.encode() for s in secret]
    with held.client(held.token("responder")) as responder:
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
        reason = {"reason": "their neighbour 7788990011 told us, zanzibarnote"}
        for verb, item in zip(("cannot_meet", "priority", "verify"), items[3:], strict=False):
            bodies = {"cannot_meet": {}, "priority": {"priority": "P2"}, "verify": {"status": "disputed"}}
            path = f"/api/v1/requests/{item['id']}/{verb}"
            done = responder.post(path, json=reason | bodies[verb], headers={"If-Match": "*"})
            assert done.status_code == 200, done.text
    with held.client(None) as anybody:
        added = {"note": "my number is 7788990011, zanzibarnote"}
        for id_, code in list(zip(held.ids, held.codes, strict=True))[6:12]:
            headers = {"X-Tracking-Code": code, "If-Match": "*"}
            assert anybody.post(f"/api/v1/requests/{id_}/add", json=added, headers=headers).status_code == 200


def clients(url: str) -> Callable[[str | None], httpx.Client]:
    """Makes clients of a server, each with a token or without."""

    def client(token: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)

    return client


@contextmanager
def inside(folder: Path) -> Iterator[Planted]:
    """The same program in this process, so that a test may spoil it; its callers seem to come from elsewhere."""
    environ = {"CRISISMAP_DATA_DIR": str(folder), "CRISISMAP_RATE_LIMIT": "off"}
    own = make_api(routes())
    front = Front(own, own)

    async def from_afar(scope: Scope, receive: Receive, send: Send) -> None:
        await front({**scope, "client": ("203.0.113.9", 40_000)}, receive, send)

    port = free_port()
    running = uvicorn.Server(uvicorn.Config(from_afar, port=port, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=running.run)
    with bootstrap.opened(read_settings(environ)) as context:
        bootstrap.install(context)
        thread.start()
        try:
            while not running.started:
                time.sleep(0.01)
            held = Planted(clients(f"http://127.0.0.1:{port}"), context.keys.admin_token)
            plant(held)
            assert context.views.situation.wait(context.store.events.revision())
            yield held
        finally:
            running.should_exit = True
            thread.join()
            bootstrap.install(None)


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
        "/api/v1/sheet.pdf",
        "/api/v1/map.html?area=W-1&audience=public",
        "/api/v1/map.html?area=W-1",
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
    for path, answer in refused(planted, client):
        yield path, answer.content + repr(answer.headers.raw).encode()
    with client.stream("GET", "/api/v1/live") as live:
        yield "/api/v1/live", next(live.iter_bytes())


def refused(planted: Planted, client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    """What is said to those who try what they may not do or did not say right."""
    place = {"lon": 80.0, "lat": 13.0, "source": "a guess"}
    tries: list[tuple[str, dict[str, object], dict[str, str]]] = [
        ("place", place, {"If-Match": '"999"'}),
        ("place", place, {}),
        ("place", {**place, "lon": 999}, {"If-Match": "*"}),
        ("claim", {}, {"If-Match": "*"}),
        ("answer", {"note": "x"}, {"If-Match": "*"}),
        ("release", {}, {"If-Match": "*"}),
        ("nothing", {}, {"If-Match": "*"}),
        *((verb, {"note": "x"}, {"If-Match": "*"}) for verb in ("confirm", "withdraw", "reopen", "add")),
        ("add", {"note": "x"}, {"If-Match": "*", "X-Tracking-Code": "AAAA-BBBB-CCCC"}),
        ("verify", {"status": "verified", "reason": "x"}, {"If-Match": "*"}),
        ("join", {"to": planted.ids[0]}, {"If-Match": "*"}),
    ]
    for one in planted.ids[: 2 * len(CATEGORIES)]:
        for verb, body, headers in tries:
            answer = client.post(f"/api/v1/requests/{one}/{verb}", json=body, headers=headers)
            # A volunteer may place what asks openly; all these tries are made to fail.
            assert answer.status_code in (401, 403, 404, 412, 422, 428), (verb, answer.text)
            yield f"{verb} {one}", answer
    for body in ({"category": "x"}, {"category": "rescue", "lon": 1}, [], {"category": "rescue", "text": "x" * 20_001}):
        yield "POST /reports", client.post("/api/v1/reports", json=body)


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


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * (1 << z)), int(y * (1 << z))


def place_of(mark: vector_tile.Seen, z: int, x: int, y: int) -> tuple[float, float]:
    across, down = (x + mark.x / 4096) / (1 << z), (y + mark.y / 4096) / (1 << z)
    return across * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))

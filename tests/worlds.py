"""Worlds that differ in nothing but where, inside its published cell, each secret lies; and how a stranger asks them.

Ids, codes, clock and arrival are the same in all of them. What a stranger is told in one and not in the other is told
of the exact place; when all answers are the same, every place that a world has tried is as good a guess as any other.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import h3
import pytest

from crisismap import bootstrap
from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.core.channel import Message
from crisismap.core.own_channels import API
from crisismap.core.people.identity import new_id
from crisismap.core.place.place import cell_place
from crisismap.core.report.read_draft import draft_from
from crisismap.services.intake import submit
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.settings import read_settings
from crisismap.web.routes import routes
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER

START_MS = 1_449_037_800_000  # 2015-12-02T06:30:00Z
WEST, SOUTH = 80.19, 12.98
# What is said, and whether the reporter asked that the place is hidden: requests are published as a cell anyhow.
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("rescue", {}),
    ("flooding", {"hide_place": True}),
    ("water_food", {}),
    ("medical", {}),
    ("shelter", {"hide_place": True, "status": "full"}),
    ("other", {}),
    ("transport", {"hide_place": True, "status": "closed"}),
    ("rescue", {"elderly": 2}),
)
CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(13.05, 80.25, 7), 2))[: 2 * len(KINDS)]
STRIPES = 18


@dataclass
class Secret:
    """One report whose exact place must not be told."""

    id: str
    code: str
    cell: str
    category: str
    place: tuple[float, float]

    @property
    def centre(self) -> tuple[float, float]:
        """What is published."""
        return cell_place(*self.place, 7)[:2]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass
class World:
    """One running program and its secrets."""

    context: Context
    clock: FakeClock
    app: Front
    secrets: list[Secret] = field(default_factory=list)

    async def ask(self, method: str, target: str, headers: dict[str, str], body: bytes, address: str) -> Answer:
        """One request as a server would hand it over; of a stream the first part."""
        path, _, query = target.partition("?")
        sent, told, parts = False, {}, []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": (address, 40_000),
            "server": ("crisismap.test", 80),
        }

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.update(message)
            else:
                parts.append(message.get("body", b""))

        await self.app(scope, receive, send)
        head = {name.decode().lower(): value.decode() for name, value in told["headers"]}
        return Answer(told["status"], head, b"".join(parts))

    def settle(self) -> None:
        """Wait until everybody sees what was committed; after each step, so that no two are taken in as one."""
        assert self.context.views.situation.wait(self.context.store.events.revision())


def place_in(cell: str, world: int, number: int) -> tuple[float, float]:
    """Where a world puts a secret: six have them near a corner each, the others anywhere in the cell."""
    lat, lon = h3.cell_to_latlng(cell)
    corners = h3.cell_to_boundary(cell)
    if world < len(corners):
        far = 0.96
        towards = corners[(world + number) % len(corners)]
    else:
        dice = random.Random(f"{world}-{cell}-{number}")
        far, towards = 0.9 * math.sqrt(dice.random()), dice.choice(corners)
    found = lon + far * (towards[1] - lon), lat + far * (towards[0] - lat)
    assert h3.latlng_to_cell(found[1], found[0], 7) == cell
    return found


@contextmanager
def world(folder: Path, number: int, patch: pytest.MonkeyPatch) -> Iterator[World]:
    """The program with the secrets where world `number` has them."""
    made = iter(range(1 << 32))
    patch.setattr(submit, "new_id", lambda now_ms, _: new_id(now_ms, next(made).to_bytes(10, "big")))
    clock = FakeClock(START_MS)
    environ = {
        "CRISISMAP_DATA_DIR": str(folder),
        "CRISISMAP_RATE_LIMIT": "off",
        "CRISISMAP_SECRET_KEY": "the same in all worlds, so that codes are too",
    }
    own = make_api(routes())
    with bootstrap.opened(read_settings(environ), clock=clock) as context:
        bootstrap.install(context)
        try:
            held = World(context, clock, Front(own, own))
            for layer, role in LAYERS:
                put_layer_bytes(context, COMMAND_LINE, layer, role, json.dumps(LAYERS[layer, role]).encode())
                held.settle()
            _plant(held, number)
            yield held
        finally:
            bootstrap.install(None)


def _plant(held: World, world: int) -> None:
    """The secrets, some of them worked on."""
    context = held.context
    for number, cell in enumerate(CELLS):
        category, fields = KINDS[number % len(KINDS)]
        place = place_in(cell, world, number)
        body = {
            "category": category,
            "text": f"secret words {number}",
            "asks": True if category == "other" else None,  # by the answer, so that no word sets a priority
            "lon": place[0],
            "lat": place[1],
            "fields": fields,
            "contact": {"phone": f"98400{number:05d}"},
            "consent": {"publish": True},
        }
        done = context.intake.receive(Message(draft_from(body), API, address=f"198.51.{number}.7"))
        held.secrets.append(Secret(done.id, done.tracking_code, cell, category, place))
        held.clock.advance(seconds=40)
        held.settle()
    asked = [s for s in held.secrets if context.store.reports.one(s.id).asks]
    acts.claim(context, RESPONDER, asked[0].id, None, minutes=60).result()
    held.settle()
    acts.answer(context, RESPONDER, asked[1].id, None, note="done").result()
    held.settle()
    acts.verify(context, RESPONDER, asked[2].id, None, status="verified", reason="we were there").result()
    held.settle()


def _feature(number: int, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": f"F{number}", **properties}, "geometry": geometry}


def _stripe(number: int, *, along: bool) -> dict[str, Any]:
    """A band of some 700 metres, with half as much left free, across all cells: it cuts each of them."""
    step = 0.0061
    west, south = (WEST, SOUTH + step * number * 1.5) if along else (WEST + step * number * 1.5, SOUTH)
    east, north = (WEST + 0.16, south + step) if along else (west + step, SOUTH + 0.16)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _points(**properties: Any) -> dict[str, Any]:
    dice = random.Random("shelters")
    places = [[WEST + 0.16 * dice.random(), SOUTH + 0.16 * dice.random()] for _ in range(60)]
    return _collection(
        [
            _feature(n, {"type": "Point", "coordinates": place}, name=f"Hall {n}", **properties)
            for n, place in enumerate(places)
        ]
    )


def _roads() -> dict[str, Any]:
    lines = [
        {"type": "LineString", "coordinates": [[WEST, SOUTH + 0.004 * n], [WEST + 0.16, SOUTH + 0.005 * n]]}
        for n in range(20)
    ]
    return _collection([_feature(n, line, name=f"Road {n}", status="open") for n, line in enumerate(lines)])


# Official layers whose borders and points run through the cells in every way.
LAYERS: dict[tuple[str, str], dict[str, Any]] = {
    ("wards", "area"): _collection(
        [_feature(n, _stripe(n, along=False), name=f"Ward {n}") for n in range(STRIPES)],
    ),
    ("floods", "hazard"): _collection(
        [_feature(n, _stripe(n, along=True), name=f"Flood {n}") for n in range(STRIPES)],
    ),
    ("halls", "shelter"): _points(status="open"),
    ("roads", "transport"): _roads(),
    ("parks", "context"): _collection(
        [_feature(n, _stripe(n, along=bool(n % 2)), name=f"Park {n}") for n in range(STRIPES)],
    ),
}

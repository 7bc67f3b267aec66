"""What the clients of a storm ask for, as bytes that are ready to be sent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks import data
from benchmarks.storm.lane import Call

API = "/api/v1/"
VIEW = (4, 2)  # tiles that a map shows of one view, side by side and one above the other
ZOOMS = range(5, 15)
# What desks and programs ask for: everything, what is urgent, one category, a part of the map, the next page.
LISTS = (
    "requests?limit=100",
    "requests?limit=100&priority=P1",
    "requests?limit=100&category=rescue",
    "requests?limit=100&bbox=78,13,81,16",
    "situation",
)
EXPORTS = ("reports.geojson", "reports.csv")


@dataclass(frozen=True, slots=True)
class Wants:
    """Calls in the order in which they come; each `together` of them are wanted at the same moment."""

    calls: list[Call]
    together: int = 1


def wants(kind: str, url: str, token: str, seed: int, count: int) -> Wants:
    """Return `count` calls of a kind: posts, tiles, lists, exports, or the path of something to be read."""
    host = url.removeprefix("http://")
    if kind == "posts":
        return Wants(list(_posts(host, count, seed)))
    if kind == "tiles":
        return Wants(list(_tiles(host, count, seed)), VIEW[0] * VIEW[1])
    paths = {"lists": LISTS, "exports": EXPORTS}.get(kind, (kind.removeprefix(API),))
    head = f" HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer {token}\r\n\r\n"
    return Wants([Call(f"GET {API}{paths[at % len(paths)]}{head}".encode()) for at in range(count)])


def _posts(host: str, count: int, seed: int) -> Iterator[Call]:
    """Yield reports of as many phones, about three from each address."""
    dice = random.Random(seed)
    addresses = [address(dice) for _ in range(max(1, count // 3))]
    for current in (one for part in data.reports(count, seed=seed) for one in part):
        body = data.encoded(data.body(current))
        head = (
            f"POST /api/v1/reports HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"X-Forwarded-For: {dice.choice(addresses)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield Call(head.encode() + body, current.report.client_id or "")


def _tiles(host: str, count: int, seed: int) -> Iterator[Call]:
    """Yield the tiles of one view after the other, most of them over cities, near and far."""
    dice = random.Random(seed)
    wide, high = VIEW
    lon, lat = data.places(count // (wide * high) + 1, seed)
    made = 0
    for east, north in zip(lon.tolist(), lat.tolist(), strict=True):
        zoom, sender = dice.choice(ZOOMS), address(dice)
        left, top = tile_of(east, north, zoom)
        for at in range(wide * high):
            if made == count:
                return
            made += 1
            path = f"/api/v1/tiles/{zoom}/{left + at % wide}/{top + at // wide}.mvt?v=@revision@"
            head = f"Host: {host}\r\nAccept-Encoding: gzip\r\nX-Forwarded-For: {sender}\r\n\r\n"
            yield Call(f"GET {path} HTTP/1.1\r\n{head}".encode())


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Return x and y of the tile that contains a point."""
    n = 1 << zoom
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * n
    return int((lon + 180) / 360 * n), int(y)


def address(dice: random.Random) -> str:
    """Return the address of some phone."""
    return ".".join(str(dice.randrange(1, 224 if at == 0 else 255)) for at in range(4))

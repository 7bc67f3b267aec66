"""What the situation must say, computed anew from the database's rows and the layers, row by row and slowly.

Written from CONTRACT and not from the program: plain SQL, plain shapely, pyproj for distance, h3 for cells.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h3
import shapely
from pyproj import Geod

from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.rule_files import read_rule_files

ROOT = Path(__file__).resolve().parents[2]
CATEGORIES = {path.stem: tomllib.loads(path.read_text()) for path in (ROOT / "data" / "categories").glob("*.toml")}
PRIORITY = tomllib.loads((ROOT / "data" / "rules" / "priority.toml").read_text())
LANGUAGES = [tomllib.loads(path.read_text("utf-8")) for path in sorted((ROOT / "crisismap" / "locale").glob("*.toml"))]
CLOCKS = tomllib.loads((ROOT / "data" / "rules" / "clocks.toml").read_text())
SENSITIVE = {name for name, category in CATEGORIES.items() if category.get("sensitive")}
DETECTOR = read_rule_files().detector
TEN_MINUTES = 600_000
OPEN, SHUT = {"", "open", "available", "standby"}, {"full", "closed"}
GEOD = Geod(ellps="WGS84")


@dataclass
class Told:
    """One report as an audience must see it."""

    id: str
    category: str
    asks: bool
    need: str | None
    state: str | None
    lon: float | None
    lat: float | None
    at: int
    received_at: int
    text: str | None
    area: tuple[str | None, str] | None
    hazards: list[tuple[str, str]]
    shelters: dict[str, float]  # those that may be the nearest one, with metres
    disagrees: set[tuple[str, str]]
    priority: str | None
    due_at: int | None
    version: int

    def overdue(self, now_ms: int) -> bool:
        return self.due_at is not None and self.due_at < now_ms

    @property
    def unanswered(self) -> bool:
        return self.state in ("open", "claimed")


def told(database: Path, layers: Iterable[LayerVersion], *, public: bool) -> list[Told]:
    """Every report the audience may know of, in order of arrival."""
    known = list(layers)
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        requests = {row["report_seq"]: row for row in db.execute("SELECT * FROM request")}
        verdicts = {row["report_seq"]: row["verdict"] for row in db.execute("SELECT * FROM standing")}
        added: dict[int, list[str]] = {}
        for row in db.execute("SELECT * FROM addition ORDER BY id"):
            added.setdefault(row["report_seq"], []).append(row["text"])
        decisions = {row["report_seq"]: row for row in db.execute("SELECT * FROM moderation")}
        places = {
            row["report_seq"]: row
            for row in db.execute("SELECT * FROM placement WHERE status NOT IN ('proposed', 'declined') ORDER BY id")
        }
        rows = list(db.execute("SELECT * FROM report ORDER BY seq"))
    db.close()
    return [
        _one(
            Row(
                row,
                requests.get(row["seq"]),
                verdicts.get(row["seq"], ""),
                added.get(row["seq"], []),
                decisions.get(row["seq"]),
            ),
            places.get(row["seq"]),
            known,
            public=public,
        )
        for row in rows
        if not (public and row["category"] in SENSITIVE)
    ]


@dataclass
class Row:
    """What the database holds of one report."""

    report: Any
    request: Any
    verdict: str
    added: list[str]
    decided: Any


def _one(held: Row, placed: Any, layers: list[LayerVersion], *, public: bool) -> Told:
    row, request = held.report, held.request
    asks, state = request is not None, request["state"] if request is not None else None
    doubt, offer = asks and bool(request["in_doubt"]), row["need"] == "offer"
    assert asks is (row["need"] in ("asks", "may")), "the stored need and the request agree"
    assert doubt is (row["need"] == "may")
    fields = json.loads(row["fields"])
    lon, lat = (placed["lon"], placed["lat"]) if placed else (row["lon"], row["lat"])
    flags = set(row["flags"].split())
    if not placed and flags & {"zero_coordinates", "swapped_axes", "far_away"}:
        lon = lat = None
    whole = "\n\n".join(part for part in (row["text"], *held.added) if part)
    text, status = whole or None, fields.get("status", "")
    if public:
        # That a shelter or road is open is not told before a person has verified it.
        waits = row["category"] in ("shelter", "transport") and status == "open" and held.verdict != "verified"
        status = "" if waits else status
        text = row["text"] or None
        hidden = asks or offer or fields.get("hide_place") is True
        if hidden and lon is not None:
            c_lat, c_lon = h3.cell_to_latlng(h3.latlng_to_cell(lat, lon, 7))
            lon, lat = round(c_lon, 6), round(c_lat, 6)
        held_back = hidden or any(c.isdigit() for c in row["text"])
        if held.decided is not None and held.decided["decision"] == "cleared":
            key = b"asks" if asks or offer else b""
            same = held.decided["of"] == hashlib.blake2b(row["text"].encode(), digest_size=16, key=key).digest()
            held_back = held_back and not (same and sum(c.isdigit() for c in row["text"]) < 7)
        withheld = held.decided is not None and held.decided["decision"] == "withheld"
        if held_back or withheld or waits or not row["publish"]:
            text = None
    observed, received = row["observed_at"], row["received_at"]
    if public:
        observed, received = (ms // TEN_MINUTES * TEN_MINUTES for ms in (observed, received))
    at = received if flags & {"time_future", "time_ancient"} else observed
    hazards = _hazards(layers, lon, lat, at)
    priority = _priority(row, whole, held, request, wet=bool(hazards), public=public) if asks else None
    due = CLOCKS["due_minutes"]
    wait = due.get(row["category"], due).get(priority, due[priority]) * 60_000 if priority else 0
    wait = CLOCKS["look_minutes"] * 60_000 if doubt and not public else wait
    due_from = request["due_from"] if asks and request["due_from"] else row["received_at"]
    due_from = due_from // TEN_MINUTES * TEN_MINUTES if public else due_from
    return Told(
        id=str(_uuid(row["id"])),
        category=row["category"],
        asks=asks,
        need=None if public else row["need"],
        state=state,
        lon=lon,
        lat=lat,
        at=at,
        received_at=received,
        text=text,
        area=_area(layers, lon, lat),
        hazards=hazards,
        shelters=_shelters(layers, lon, lat),
        disagrees=_disagrees(layers, row["category"], status, lon, lat),
        priority=priority,
        due_at=due_from + wait if wait and state in ("open", "claimed") else None,
        version=row["version"],
    )


def _uuid(raw: bytes) -> str:
    h = raw.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def _of(layers: list[LayerVersion], role: str) -> list[tuple[str, Feature]]:
    """Features of a role with a geometry, lowest layer id first and in it by number."""
    chosen = sorted((v for v in layers if v.layer.role == role), key=lambda v: v.layer.id)
    return [
        (v.layer.id, f) for v in chosen for f in sorted(v.features, key=lambda f: int(f.id)) if f.geometry is not None
    ]


def _covering(layers: list[LayerVersion], role: str, lon: float | None, lat: float | None) -> list[tuple[str, Feature]]:
    if lon is None or lat is None:
        return []
    point = shapely.Point(lon, lat)
    return [(layer, f) for layer, f in _of(layers, role) if f.geometry is not None and f.geometry.covers(point)]


def _area(layers: list[LayerVersion], lon: float | None, lat: float | None) -> tuple[str | None, str] | None:
    found = _covering(layers, "area", lon, lat)
    return (found[0][1].code or None, found[0][1].name) if found else None


def _hazards(layers: list[LayerVersion], lon: float | None, lat: float | None, at: int) -> list[tuple[str, str]]:
    return [
        (layer, f.id)
        for layer, f in _covering(layers, "hazard", lon, lat)
        if (f.valid_from_ms is None or f.valid_from_ms <= at) and (f.valid_to_ms is None or at <= f.valid_to_ms)
    ]


def _metres(lon: float, lat: float, shelter: Feature) -> float:
    assert isinstance(shelter.geometry, shapely.Point)
    metres: float = GEOD.inv(lon, lat, shelter.geometry.x, shelter.geometry.y)[2]
    return metres


def _shelters(layers: list[LayerVersion], lon: float | None, lat: float | None) -> dict[str, float]:
    if lon is None or lat is None:
        return {}
    metres = {f.id: _metres(lon, lat, f) for _, f in _of(layers, "shelter") if f.status in OPEN}
    nearest = min(metres.values(), default=float("inf"))
    return {name: m for name, m in metres.items() if m < nearest + 0.5} if nearest <= 100_000 else {}


def _disagrees(
    layers: list[LayerVersion], category: str, status: Any, lon: float | None, lat: float | None
) -> set[tuple[str, str]]:
    if category != "shelter" or lon is None or lat is None:
        return set()
    against = SHUT if status in ("open", "available") else OPEN if status in SHUT else set()
    return {(layer, f.id) for layer, f in _of(layers, "shelter") if f.status in against and _metres(lon, lat, f) <= 150}


def _words(said: str | list[str]) -> list[str]:
    """The words of a condition: a list of its own, or the list of that name in every language."""
    named = [word for each in LANGUAGES for word in each["vocabulary"].get(said, ())] if isinstance(said, str) else said
    return [word.rstrip("*").lower() for word in named]


def _priority(row: Any, text: str, held: Any, request: Any, *, wet: bool, public: bool) -> str:
    if request["set_priority"] is not None:
        return f"P{request['set_priority']}"
    heard = DETECTOR.detect(text).priority
    best, by_number, fields = heard, [4], json.loads(row["fields"])
    for rule in PRIORITY["rule"]:
        when = rule["when"]
        words = _words(when.get("words", ()))
        fits = (
            ("category" not in when or row["category"] in when["category"])
            and ("words" not in when or any(word in text.lower() for word in words))
            and (row["people"] or 0) >= when.get("people_at_least", 0)
            and ("in_hazard" not in when or when["in_hazard"] is wet)
            and all(_field_fits(each, fields) for each in (when, *when.get("fields", ())))
        )
        if fits and "people_at_least" in when and held.verdict != "verified":
            by_number.append(rule["priority"])
        elif fits:
            best = min(best, rule["priority"])
    # A number that nobody has confirmed raises by one step, and not to P1.
    best = min(best, max(min(by_number), 2, best - 1))
    # When waiting makes urgent follows from the exact place, so the public is not told; nor of a doubt.
    if not public:
        best = min(best, request["aged"] or 4)
        best = min(best, (2 if heard == 4 else heard) if request["in_doubt"] else 4)
    return f"P{best}"


def _field_fits(condition: dict[str, Any], fields: dict[str, Any]) -> bool:
    return ("equals" not in condition or fields.get(condition["field"]) == condition["equals"]) and (
        "at_least" not in condition or fields.get(condition["field"], -1) >= condition["at_least"]
    )

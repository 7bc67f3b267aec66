"""Incidents of the demo: each has a place and neighbours, who send a report each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import shapely

from crisismap.demo import wording
from crisismap.demo.city.city import City
from crisismap.demo.city.floods import Zone
from crisismap.demo.city.plane import point_lonlat
from crisismap.demo.city.wards import CENTRE
from crisismap.demo.dice import Dice, uuid7, weighted
from crisismap.demo.inputs import inputs
from crisismap.demo.wording import REQUEST_CATEGORIES, TextScene

Body = dict[str, Any]

MIX = {
    "flooding": 0.45, "shelter": 0.12, "transport": 0.14, "rescue": 0.12,
    "medical": 0.06, "water_food": 0.08, "other": 0.03,
}  # fmt: skip
# Weights of 1, 2, 3, ... neighbours who report the same incident.
NEIGHBOURS = {
    "flooding": (30, 22, 16, 10, 7, 5, 4, 3, 3), "shelter": (50, 25, 15, 10), "transport": (40, 26, 16, 10, 8),
    "rescue": (52, 24, 13, 7, 4), "medical": (82, 14, 4), "water_food": (62, 24, 14), "other": (74, 18, 8),
}  # fmt: skip
PLACE_TEXT_SHARE = 0.04
STRAY_SHARE = 0.2  # share outside every flood zone, in low streets all over the city
FORWARD_SHARE = 0.07  # share of neighbours who forward the same text


@dataclass(frozen=True, slots=True)
class DemoIncident:
    """One incident. `fields` are what an exact witness fills in; `spread_m` is the distance between neighbours."""

    category: str
    status: str  # open, full, closed, flooded, blocked; "" where the category has none
    x: float
    y: float
    spread_m: float
    scene: TextScene
    fields: Body


class Storyteller:
    """Generates incidents and their reports, repeatable for the same city and random stream."""

    def __init__(self, town: City, rng: Dice) -> None:
        self.town = town
        self.rng = rng
        self._zone_weights = [_weight(rng, zone) for zone in town.zones]
        near_flood = town.flooded.buffer(700)
        shapely.prepare(near_flood)
        # All reports about a shelter agree, so that a contradiction of the official layer is a fact, not noise.
        self._reported_statuses = {s.name: _reported_status(rng, s.status) for s in town.shelters}
        wet = [r for r in town.roads if near_flood.intersects(r.shape)]
        self._roads = [r for r in wet for _ in range(1 if r.kind == "street" else 3)]
        self._streets = [r for r in town.roads if r.kind == "street"]

    def incident(self, category: str, zone: Zone | None = None) -> DemoIncident:
        """Return an incident of the category, in the given zone or a random one."""
        zone = zone or self.zone()
        if category == "shelter":
            return self._at_shelter()
        if category == "transport":
            return self._on_road()
        stray = self.rng.random() < STRAY_SHARE
        x, y = self._stray_point() if stray else self._point_in(zone)
        scene = self._scene(x, y, None if stray else zone)
        return DemoIncident(category, "", x, y, self.rng.uniform(30, 130), scene, self._fields(category, scene, zone))

    def neighbours(self, category: str) -> int:
        """Return how many people report one incident."""
        weights = NEIGHBOURS[category]
        return self.rng.choices(range(1, len(weights) + 1), weights)[0]

    def zone(self) -> Zone:
        """Return a random flood zone, weighted by size."""
        return self.rng.choices(self.town.zones, self._zone_weights)[0]

    def report(self, incident: DemoIncident, at_ms: int, earlier_text: str = "") -> Body:
        """Return one person's POST body about the incident; people see and count a little differently."""
        rng, scene = self.rng, self._observe(incident)
        lang = wording.language(rng)
        text = wording.phrase(rng, incident.category, incident.status, lang, scene)
        if earlier_text and rng.random() < FORWARD_SHARE:
            text = earlier_text
        body: Body = {"category": incident.category, "text": text, "client_id": uuid7(rng, at_ms)}
        needs = incident.category == "water_food"
        fields = wording.needs(str(body["text"])) if needs else self._fill_fields(incident, scene)
        if fields:
            body["fields"] = fields
        if rng.random() < PLACE_TEXT_SHARE:
            place_text = wording.whereabouts(rng, lang, scene)
            if rng.random() < 0.6:
                body["place"] = place_text
            else:
                body["text"] = f"{text}. {place_text}"
        else:
            body["lon"], body["lat"] = self._sender_place(incident)
            if rng.random() < 0.85:
                body["accuracy_m"] = self._accuracy()
        if incident.category in REQUEST_CATEGORIES or rng.random() < 0.15:
            body["people"] = scene.people
        return body | self._contact_and_consent(incident.category, scene)

    def _point_in(self, zone: Zone) -> tuple[float, float]:
        west, south, east, north = zone.shape.buffer(180).bounds
        wide = zone.shape.buffer(180) if self.rng.random() < 0.16 else zone.shape
        for _ in range(400):
            x, y = self.rng.uniform(west, east), self.rng.uniform(south, north)
            if shapely.contains_xy(wide, x, y) and shapely.contains_xy(self.town.ground.dry, x, y):
                return x, y
        hood = self.rng.choice(self.town.hoods)  # a zone that is nearly all water
        return hood.x, hood.y

    def _stray_point(self) -> tuple[float, float]:
        """Return a point in a street that no flood map shows, where drains overflow."""
        hood = self.rng.choice(self.town.hoods)
        while True:
            x, y = self.rng.gauss(hood.x, 450), self.rng.gauss(hood.y, 450)
            if shapely.contains_xy(self.town.ground.dry, x, y):
                return x, y

    def _scene(self, x: float, y: float, zone: Zone | None) -> TextScene:
        rng, town = self.rng, self.town
        hood = min(town.hoods, key=lambda h: (h.x - x) ** 2 + (h.y - y) ** 2)
        marks = sorted(town.landmarks, key=lambda m: (m.x - x) ** 2 + (m.y - y) ** 2)[:3]
        here = shapely.Point(x, y)
        nearest = min(rng.sample(self._streets, 40), key=lambda r: r.shape.distance(here))
        depths = {"severe": (2, 5, 8, 9, 8, 6, 3), "high": (4, 8, 9, 6, 4, 2, 1), "moderate": (8, 9, 6, 3, 1, 1, 0)}
        level = zone.level if zone else "moderate"
        depth = rng.choices(wording.depth_steps(), depths[level])[0]
        people = rng.choices((1, 2, 3, 4, 5, 6, 8, 12, 20, 35), (8, 14, 20, 24, 14, 9, 6, 3, 1.5, 0.5))[0]
        children = rng.choices((0, 1, 2, 3), (50, 25, 17, 8))[0]
        elderly = rng.choices((0, 1, 2), (58, 27, 15))[0]
        phone = f"00000 {rng.randrange(100_000):05}"
        return TextScene(
            hood,
            rng.choice(marks),
            nearest.name,
            depth,
            max(people, children + elderly),
            children,
            elderly,
            phone=phone,
        )

    def _at_shelter(self) -> DemoIncident:
        shelter = self.rng.choice(self.town.shelters)
        status = self._reported_statuses[shelter.name]
        scene = replace(self._scene(shelter.x, shelter.y, None), shelter=shelter.name)
        max_free = max(3, shelter.capacity - shelter.occupancy)
        free = self.rng.randint(2, max_free) if status == "open" else 0
        needs = self.rng.choice(
            ("", "", "mats", "drinking water", "blankets", "milk", "doctor", "toilet cleaning", "fuel")
        )
        fields: Body = {"status": status, "free_places": free, "name": shelter.name, "needs": needs}
        return DemoIncident("shelter", status, shelter.x, shelter.y, 35, replace(scene, free=free), fields)

    def _on_road(self) -> DemoIncident:
        road = self.rng.choice(self._roads)
        at = road.shape.interpolate(self.rng.uniform(0.1, 0.9), normalized=True)
        flooded, blocked, passable = (0.42, 0.2, 0.38) if road.status == "open" else (0.62, 0.3, 0.08)
        status = weighted(self.rng, {"flooded": flooded, "blocked": blocked, "open": passable})
        scene = replace(self._scene(at.x, at.y, None), road=road.name.partition(" section ")[0])
        if status == "open":
            scene = replace(scene, depth_cm=10)
        kind = {"bridge": "bridge", "rail": "train"}.get(road.kind) or self.rng.choices(("road", "bus"), (9, 1))[0]
        return DemoIncident("transport", status, at.x, at.y, 45, scene, {"status": status, "kind": kind})

    def _fields(self, category: str, scene: TextScene, zone: Zone) -> Body:
        rng = self.rng
        makers: dict[str, Callable[[], Body]] = {
            "flooding": lambda: {
                "depth_cm": scene.depth_cm,
                "spreading": rng.random() < (0.55 if zone.level == "severe" else 0.3),
            },
            "rescue": lambda: {
                "trapped": rng.random() < 0.25,
                "children": scene.children,
                "elderly": scene.elderly,
                "boat_needed": scene.depth_cm >= 75,
            },
            "medical": lambda: {"condition": rng.choice(wording.conditions()), "urgent": rng.random() < 0.3},
        }
        return makers[category]() if category in makers else {}

    def _observe(self, incident: DemoIncident) -> TextScene:
        scene = incident.scene
        steps = wording.depth_steps()
        nearest = min(range(len(steps)), key=lambda i: abs(steps[i] - scene.depth_cm))
        near = nearest + self.rng.choices((-1, 0, 1), (1, 5, 1))[0]
        people = max(scene.children + scene.elderly, 1, scene.people + self.rng.choices((-1, 0, 1), (1, 6, 1))[0])
        condition = str(incident.fields.get("condition", ""))
        return replace(scene, depth_cm=steps[min(max(near, 0), len(steps) - 1)], people=people, condition=condition)

    def _fill_fields(self, incident: DemoIncident, scene: TextScene) -> Body:
        """Return the fields that a person fills in; few fill in all, but the main one is nearly always there."""
        first = next(iter(incident.fields), "")
        fields = {
            k: v for k, v in incident.fields.items() if self.rng.random() < (0.93 if k == first else 0.6) and v != ""
        }
        if "depth_cm" in fields:
            fields["depth_cm"] = max(5, round(scene.depth_cm * self.rng.uniform(0.85, 1.15) / 5) * 5)
        return fields

    def _sender_place(self, incident: DemoIncident) -> tuple[float, float]:
        spread = incident.spread_m
        for _ in range(60):
            x, y = self.rng.gauss(incident.x, spread), self.rng.gauss(incident.y, spread)
            if shapely.contains_xy(self.town.ground.dry, x, y):
                return point_lonlat(x, y)
            spread *= 1.06
        hood = incident.scene.hood
        return point_lonlat(hood.x, hood.y)

    def _accuracy(self) -> float:
        if self.rng.random() < 0.05:  # located by the cell tower
            return float(self.rng.choice((500, 800, 1_200, 2_000)))
        return float(max(3, round(self.rng.lognormvariate(2.9, 0.7))))

    def _contact_and_consent(self, category: str, scene: TextScene) -> Body:
        rng, members = self.rng, Body()
        consent = {"publish": rng.random() < 0.55}
        if rng.random() < (0.78 if category in REQUEST_CATEGORIES else 0.16):
            members["contact"] = {"phone": f"+91 {scene.phone}"}
            if rng.random() < 0.5:
                members["contact"]["name"] = rng.choice(inputs("people")["names"])
            consent["contact"] = rng.random() < 0.85
        if consent["publish"] or "contact" in members or rng.random() < 0.4:
            members["consent"] = consent
        return members


def _weight(rng: Dice, zone: Zone) -> float:
    """Return a zone's weight by size, level and chance, so that a few places dominate."""
    centre = zone.shape.centroid
    crowd = 0.35 + math.exp(-((math.hypot(centre.x - CENTRE[0], centre.y - CENTRE[1]) / 10_000) ** 2))
    bad = {"severe": 2.6, "high": 1.5, "moderate": 0.7}[zone.level]
    return float(crowd * bad * zone.shape.area**0.7 * rng.lognormvariate(0, 0.7))


def _reported_status(rng: Dice, official_status: str) -> str:
    """Return what people report about a shelter: mostly its listed status, but lists are late."""
    weights = {
        "open": {"open": 0.8, "full": 0.15, "closed": 0.05},
        "full": {"full": 0.85, "open": 0.15},
        "closed": {"closed": 0.85, "open": 0.15},
    }
    return weighted(rng, weights[official_status])

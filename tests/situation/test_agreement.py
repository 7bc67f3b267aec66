"""Everything that is read from the situation agrees at every revision, whatever happens, for both audiences.

Lists, numbers, tiles, exports and the live frame are compared with each other, with an oracle that computes all
anew from the database's rows (`oracle`), and with a situation rebuilt from nothing. Long because one state machine
holds every way to change the situation and every way to read it.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import math
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crisismap import bootstrap
from crisismap.api.live import Hub
from crisismap.core import moment
from crisismap.core.channel import Message
from crisismap.core.errors import Forbidden, Invalid, NotFound, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.own_channels import API
from crisismap.core.people.account import CredentialKind
from crisismap.core.people.identity import id_text
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import draft_from
from crisismap.core.verb import TriageBody
from crisismap.core.verbs import VERBS
from crisismap.exports import EXPORTS
from crisismap.jobs.runner import JOBS
from crisismap.services.layers.publish import put_layer
from crisismap.services.lists import read
from crisismap.settings import read_settings
from crisismap.situation.board import counts
from crisismap.situation.board.selection import ALL, Selection, area_numbers
from crisismap.situation.record.features import Features
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.grouping import FAN
from crisismap.situation.tiles.marks import CLUSTER_MAX_ZOOM
from tests import acts
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, VOLUNTEER
from tests.situation import vector_tile
from tests.situation.oracle import CATEGORIES, CLOCKS, SENSITIVE, Told, told

START = 1_449_037_800_000
OTHER = Person("p-other", "Mala", "Boat Team 5", frozenset({"responder"}))
PEOPLE = {Audience.PUBLIC: STRANGER, Audience.AGENCY: AGENCY}
STATES = ("open", "claimed", "answered", "confirmed", "withdrawn", "joined", "cannot_meet")
SECRET = "x" * 40

# Places: on a fine grid round Chennai, some of them on the very edges of the layers; and some that are wrong.
DEGREES = st.integers(0, 40)
NEAR = st.tuples(DEGREES.map(lambda n: 80 + n / 100), DEGREES.map(lambda n: 12.9 + n / 100))
OFF = st.tuples(st.floats(80, 80.4), st.floats(12.9, 13.3))
WRONG = st.sampled_from([(0.0, 0.0), (13.05, 80.25), (0.5, 51.5), (180.0, 0.0), (-180.0, -90.0), (80.2, 90.0)])
PLACES = st.none() | NEAR | OFF | OFF | WRONG
TEXTS = st.sampled_from(["", "water in the street", "we are trapped here", "please help", "call 9840012345", "சிக்கி"])
NEEDS = st.sampled_from(["I am worried about them", "we have a boat", "nobody is trapped"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "trapped": st.booleans(),
        "children": st.integers(0, 3),
        "depth_cm": st.sampled_from([30, 100]),
        "hide_place": st.booleans(),
        "status": st.sampled_from(["open", "full", "closed", "odd"]),
    },
)
TIMES = st.sampled_from([None, None, "2015-12-02T06:21:07Z", "1970-01-01T00:00:00Z", "2031-01-01T00:00:00Z"])
WHO = st.sampled_from([RESPONDER, OTHER])
BOXES = st.tuples(DEGREES, DEGREES, st.integers(1, 20), st.integers(1, 20))
VALID = st.sampled_from([None, START - 600_000, START, START + 3_600_000])
SELECTIONS = (
    Selection(bbox=(80.05, 12.95, 80.25, 13.15)),
    Selection(bbox=(170.0, -91.0, 80.2, 90.0)),
    Selection(category=("rescue", "flooding")),
    Selection(state=("open", "answered")),
    Selection(state=("claimed",), priority=(1, 2)),
    Selection(area=("W1", "ward 3")),
    Selection(priority=(1,)),
    Selection(overdue=True),
    Selection(unplaced=True),
    Selection(since=START - 600_000, until=START + 600_000),
    Selection(status=("unverified",), category=("medical",)),
)
DECISIONS = (
    TriageBody("asks"),
    TriageBody("asks", "P1"),
    TriageBody("information"),
    TriageBody("offer"),
)
REQUESTER_VERBS = [verb.name for verb in VERBS.values() if "requester" in verb.roles]


class Followed:
    """The store for a situation that is built once and does not listen on."""

    def __init__(self, store: Any) -> None:
        self.everything, self.changes = store.events.everything, store.events.changes

    def when_committed(self, listener: Callable[[int], None]) -> None:
        """Nobody is told."""


class Agreement(RuleBasedStateMachine):
    """A crisis of some dozen steps."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.database = folder / "crisismap.sqlite3"
        self.clock = FakeClock(START)
        environ = {"CRISISMAP_DATA_DIR": str(folder), "CRISISMAP_SECRET_KEY": SECRET, "CRISISMAP_RATE_LIMIT": "on"}
        self.context = self.stack.enter_context(bootstrap.opened(read_settings(environ), clock=self.clock))
        bootstrap.install(self.context)
        self.stack.callback(bootstrap.install, None)
        self.loop = asyncio.new_event_loop()
        self.stack.callback(self.loop.close)
        self.layers: dict[str, LayerVersion] = {}
        self.ids: list[str] = []
        self.asking: list[str] = []
        for person in (RESPONDER, OTHER):
            event = EventDraft("person.add", person.id, "", START)
            self.context.store.people.add(person, event, CredentialKind.TOKEN, None).result()

    def teardown(self) -> None:
        self.stack.close()

    # What happens

    @initialize(early=st.booleans(), box=BOXES, places=st.lists(OFF, min_size=8, max_size=8))
    def begin(self, early: bool, box: Any, places: list[tuple[float, float]]) -> None:
        """It has begun: half of the crises have wards by then, the others take in reports before any layer."""
        if early:
            self._put("b-wards", Role.AREA, [self._polygon(1, box_of(box))])
        for category, place in zip((*CATEGORIES, "other"), places, strict=True):
            self.submit(category, place, "water in the street", {"status": "full"}, None, True, None)

    @rule(
        category=st.sampled_from([*CATEGORIES, "rescue", "medical", "flooding"]),
        place=PLACES,
        text=TEXTS | NEEDS,
        asks=st.sampled_from([None, None, True, False]),
        fields=FIELDS,
        people=st.sampled_from([None, 3, 25]),
        publish=st.booleans(),
        observed=TIMES,
    )
    def submit(self, category, place, text, fields, people, publish, observed, asks=None) -> None:
        body: dict[str, Any] = {"category": category, "place": "near the temple", "text": text, "fields": fields}
        body["asks"] = asks
        body |= {"people": people, "consent": {"publish": publish}, "observed_at": observed}
        if place is not None:
            body |= {"lon": place[0], "lat": place[1], "accuracy_m": 20.0}
        done = self.context.intake.receive(Message(draft_from(body), API))
        self.ids.append(done.id)
        if self.context.store.reports.one(done.id).request is not None:
            self.asking.append(done.id)
        self.clock.advance(seconds=10)

    @precondition(lambda self: self.asking)
    @rule(data=st.data(), who=WHO, minutes=st.sampled_from([1, 30, 90]))
    def claim(self, data: st.DataObject, who: Person, minutes: int) -> None:
        self._try(acts.claim, data, who, minutes=minutes)

    @precondition(lambda self: self.asking)
    @rule(data=st.data(), who=WHO)
    def release(self, data: st.DataObject, who: Person) -> None:
        self._try(acts.release, data, who)

    @precondition(lambda self: self.asking)
    @rule(data=st.data(), who=WHO)
    def answer(self, data: st.DataObject, who: Person) -> None:
        self._try(acts.answer, data, who, note="taken to the school")

    @precondition(lambda self: self.asking)
    @rule(data=st.data(), who=WHO, to=st.data())
    def join(self, data: st.DataObject, who: Person, to: st.DataObject) -> None:
        self._try(acts.join, data, who, to=to.draw(st.sampled_from(self.asking)))

    @precondition(lambda self: self.asking)
    @rule(data=st.data(), who=WHO, verb=st.sampled_from([acts.separate, acts.reopen]))
    def take_back(self, data: st.DataObject, who: Person, verb: Callable[..., Any]) -> None:
        self._try(verb, data, who)

    @precondition(lambda self: self.asking)
    @rule(data=st.data(), who=WHO, level=st.integers(1, 4))
    def overrule(self, data: st.DataObject, who: Person, level: int) -> None:
        self._try(acts.priority, data, who, priority=level, reason="seen by us")

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), who=WHO, body=st.sampled_from(DECISIONS))
    def triage(self, data: st.DataObject, who: Person, body: TriageBody) -> None:
        report_id = data.draw(st.sampled_from(self.ids))
        with suppress(WrongState):
            acts.do(self.context, who, report_id, None, "triage", body).result()
            if body.need == "asks" and report_id not in self.asking:
                self.asking.append(report_id)

    @precondition(lambda self: self.asking)
    @rule(data=st.data(), who=WHO)
    def give_up(self, data: st.DataObject, who: Person) -> None:
        self._try(acts.cannot_meet, data, who, reason="no boat")

    @precondition(lambda self: self.ids)
    @rule(
        data=st.data(),
        verb=st.sampled_from(REQUESTER_VERBS),
        note=TEXTS | NEEDS,
    )
    def requester_says(self, data: st.DataObject, verb: str, note: str) -> None:
        report_id = data.draw(st.sampled_from(self.ids))
        try:
            acts.by_code(self.context, report_id, verb, None, note).result()
        except (WrongState, Invalid):
            return
        if report_id not in self.asking and self.context.store.reports.one(report_id).request is not None:
            self.asking.append(report_id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), status=st.sampled_from(["verified", "disputed", "unverified"]))
    def verify(self, data: st.DataObject, status: str) -> None:
        report_id = data.draw(st.sampled_from(self.ids))
        acts.verify(self.context, RESPONDER, report_id, None, status=status, reason="was there").result()
        acts.reconfirm(self.context, RESPONDER, report_id, None).result()

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), who=WHO, verb=st.sampled_from(["clear", "withhold", "reconsider"]))
    def decide_about_words(self, data: st.DataObject, who: Person, verb: str) -> None:
        report_id, reason = data.draw(st.sampled_from(self.ids)), {"reason": "a name"} if verb == "withhold" else {}
        with suppress(WrongState):
            getattr(acts, verb)(self.context, who, report_id, None, **reason).result()

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), at=OFF | st.just((2.35, 48.85)), who=st.sampled_from([RESPONDER, OTHER, VOLUNTEER]))
    def place(self, data: st.DataObject, at: tuple[float, float], who: Person) -> None:
        report_id = data.draw(st.sampled_from(self.ids))
        with suppress(NotFound):  # a volunteer knows of no sensitive one
            acts.place(self.context, who, report_id, None, Placement(*at, 40.0, "phone call")).result()

    @precondition(lambda self: self.ids)
    @rule(
        data=st.data(),
        who=st.sampled_from([RESPONDER, OTHER, VOLUNTEER]),
        verb=st.sampled_from(["confirm_place", "put_back"]),
    )
    def decide_about_a_move(self, data: st.DataObject, who: Person, verb: str) -> None:
        report_id = data.draw(st.sampled_from(self.ids))
        with suppress(NotFound, WrongState, Forbidden):
            getattr(acts, verb)(self.context, who, report_id, None).result()

    @precondition(lambda self: self.asking)
    @rule(data=st.data(), who=WHO)
    def look_at_contact(self, data: st.DataObject, who: Person) -> None:
        report_id = data.draw(st.sampled_from(self.asking))
        try:
            acts.read_contact(self.context, who, report_id)
        except (Forbidden, WrongState):
            return

    @rule(minutes=st.sampled_from([1, 9, 10, 31, 61, 250, 3000]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        assert self.context.views.situation.wait(self.context.store.events.revision())
        for job in ("claims", "escalation", "age"):
            JOBS[job][1](self.context)

    @rule(layer=st.sampled_from(["a-districts", "b-wards"]), boxes=st.lists(BOXES, max_size=3))
    def put_areas(self, layer: str, boxes: list[Any]) -> None:
        self._put(layer, Role.AREA, [self._polygon(n, box_of(box)) for n, box in enumerate(boxes, 1)])

    @rule(boxes=st.lists(st.tuples(BOXES, VALID, VALID), max_size=3))
    def put_hazards(self, boxes: list[Any]) -> None:
        features = [
            replace(self._polygon(n, box_of(box).buffer(-0.003)), valid_from_ms=begin, valid_to_ms=end)
            for n, (box, begin, end) in enumerate(boxes, 9)
        ]
        self._put("h-flood", Role.HAZARD, features)

    @rule(points=st.lists(st.tuples(NEAR, st.sampled_from(["", "open", "full", "closed"])), max_size=3))
    def put_shelters(self, points: list[Any]) -> None:
        features = [
            Feature(str(n), f"School {n}", "", shapely.Point(at), {}, status) for n, (at, status) in enumerate(points)
        ]
        self._put("s-schools", Role.SHELTER, features)

    # What must hold

    @invariant()
    def all_agree(self) -> None:
        context = self.context
        assert context.views.situation.wait(context.store.events.revision())
        rebuilt = Situation(Followed(context.store), context.views.situation.rules, code_key=context.keys.tracking_code)
        rebuilt.start()
        rebuilt.stop()
        for audience in Audience:
            expected = told(self.database, self.layers.values(), public=audience is Audience.PUBLIC)
            features = self._features(audience)
            agrees_with_oracle(features, expected, self.clock())
            self._numbers_agree(audience, features)
            self._lists_agree(audience, expected)
            self._exports_agree(audience, features)
            self._tiles_agree(audience, ALL, features)
            self._same_when_rebuilt(rebuilt, audience)
            for selection in filter(self._knows, SELECTIONS):
                self._choices_agree(audience, selection, features)

    @rule(selection=st.sampled_from(SELECTIONS), audience=st.sampled_from(Audience))
    def look_at_chosen_tiles(self, selection: Selection, audience: Audience) -> None:
        """Tiles of a selection are kept and brought up, so now and then one is looked at again."""
        assert self.context.views.situation.wait(self.context.store.events.revision())
        if self._knows(selection):
            self._tiles_agree(audience, selection, self._features(audience))

    def _knows(self, selection: Selection) -> bool:
        """Whether the areas of a selection have been loaded yet; a selection with others is refused."""
        try:
            area_numbers(selection.area, self.context.views.situation.areas)
        except Invalid:
            return False
        return True

    # How it is looked at

    def _features(self, audience: Audience) -> list[dict[str, Any]]:
        """The GeoJSON export, paged as well as whole."""
        whole = json.loads(
            b"".join(EXPORTS["geojson"].write(read.table(self.context.views, self.context.clock(), audience, ALL)))
        )
        assert whole["revision"] == self.context.store.events.revision()
        paged, cursor = [], None
        while True:
            table = read.table(self.context.views, self.context.clock(), audience, ALL, limit=4, cursor=cursor)
            paged += [json.loads(x) for part in table.features() for x in part]
            cursor = table.next
            if cursor is None:
                break
        assert paged == whole["features"]
        found: list[dict[str, Any]] = whole["features"]
        return found

    def _numbers_agree(self, audience: Audience, features: list[dict[str, Any]]) -> None:
        seen = [f["properties"] for f in features]
        unanswered = [p for p in seen if p["state"] in ("open", "claimed")]
        unplaced = [f for f in features if f["properties"] in unanswered and f["geometry"] is None]
        numbers = read.totals(self.context.views.situation, self.context.clock(), audience)
        if audience is Audience.AGENCY:
            assert numbers.pop("may_need_help") == sum(p["need"] == "may" for p in unanswered)
            assert numbers.pop("offers") == sum(p["need"] == "offer" for p in seen)
        assert numbers == {
            "revision": self.context.store.events.revision(),
            "reports": len(features),
            "requests": sum(p["asks"] for p in seen),
            "unanswered": len(unanswered),
            "overdue": sum(p["overdue"] for p in seen),
            "unplaced": len(unplaced),
            "urgent": sum(p["priority"] == "P1" for p in unanswered),
        }
        whole = read.situation(self.context.views, self.context.clock(), PEOPLE[audience])
        assert {name: whole[name] for name in numbers} == numbers
        frame = Hub(self.loop).frame(audience).decode().split("data: ")[1]
        assert json.loads(frame) == {name: numbers[name] for name in ("revision", "unanswered", "overdue")}
        self._groups_agree(audience, whole, features)

    def _choices_agree(self, audience: Audience, selection: Selection, features: list[dict[str, Any]]) -> None:
        """A filter chooses the same in exports and lists as a plain reading of the features does."""
        chosen = [f for f in features if fits(f, selection)]
        table = read.table(self.context.views, self.context.clock(), audience, selection)
        assert [id_text(table.board.id_raw(row)) for row in table.rows] == [f["id"] for f in chosen]
        page = read.requests(self.context.views, self.context.clock(), PEOPLE[audience], selection, limit=1000)
        asked = STATES if selection.state else ("open", "claimed")
        listed = {f["id"] for f in chosen if f["properties"]["state"] in asked}
        assert {json.loads(item)["id"] for item in page.items} == listed
        assert page.total == len(listed)

    def _groups_agree(self, audience: Audience, whole: dict[str, Any], features: list[dict[str, Any]]) -> None:
        seen = [f["properties"] for f in features]
        for name, count in (("reports", None), ("requests", "asks"), ("overdue", "overdue")):
            by_area = Counter(
                (a["code"], a["name"]) if (a := p["area"]) else (None, None) for p in seen if _is(p, count)
            )
            found = {(a["code"], a["name"]): a[name] for a in whole["by_area"]}
            assert len(found) == len(whole["by_area"])
            assert Counter(found) == by_area
            for group in whole["by_category"]:
                if audience is Audience.AGENCY or group["category"] not in SENSITIVE:
                    assert group[name] == sum(p["category"] == group["category"] and _is(p, count) for p in seen)
        if audience is Audience.PUBLIC:
            agency = read.situation(self.context.views, self.context.clock(), AGENCY)["by_category"]
            for public, true in zip(whole["by_category"], agency, strict=True):
                if public["category"] in SENSITIVE:
                    # What is overdue is not told of a doubt, which only staff know.
                    public.pop("overdue"), true.pop("overdue")
                    assert (public.pop("listed"), true.pop("listed")) == (False, True)
                    assert public == {n: c if n == "category" or c >= 5 else None for n, c in true.items()}

    def _lists_agree(self, audience: Audience, expected: list[Told]) -> None:
        for states, keep in (
            ((), lambda t: t.unanswered),
            (STATES, lambda t: t.asks),
            (("answered",), lambda t: t.state == "answered"),
        ):
            items: list[dict[str, Any]] = []
            cursor = None
            while True:
                page = read.requests(
                    self.context.views,
                    self.context.clock(),
                    PEOPLE[audience],
                    Selection(state=states),
                    limit=3,
                    cursor=cursor,
                )
                items += [json.loads(item) for item in page.items]
                cursor = page.next
                if cursor is None:
                    break
            wanted = sorted((t for t in expected if keep(t)), key=lambda t: (t.priority, t.received_at))
            assert page.total == len(wanted) == len(items)
            assert [i["id"] for i in items] == [t.id for t in wanted]
            assert [i["etag"] for i in items] == [f'"{t.version}"' for t in wanted]
            assert [i["waiting_s"] for i in items] == [(self.clock() - t.received_at) // 1000 for t in wanted]

    def _exports_agree(self, audience: Audience, features: list[dict[str, Any]]) -> None:
        lines = b"".join(
            EXPORTS["geojsonl"].write(read.table(self.context.views, self.context.clock(), audience, ALL))
        ).splitlines()
        assert [json.loads(line) for line in lines] == features
        text = b"".join(
            EXPORTS["csv"].write(read.table(self.context.views, self.context.clock(), audience, ALL))
        ).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert len(rows) == len(features)
        for row, feature in zip(rows, features, strict=True):
            seen, point = feature["properties"], feature["geometry"]
            assert (row["id"], row["category"], row["state"]) == (feature["id"], seen["category"], seen["state"] or "")
            assert (row["priority"], row["overdue"]) == (seen["priority"] or "", str(seen["overdue"]).lower())
            assert [float(row[n]) for n in ("lon", "lat") if row[n]] == (point["coordinates"] if point else [])
            assert (row["area_name"], row["text"]) == ((seen["area"] or {}).get("name", ""), seen["text"] or "")

    def _tiles_agree(self, audience: Audience, selection: Selection, features: list[dict[str, Any]]) -> None:
        drawn = {row: f for row, f in enumerate(features) if f["geometry"] and fits(f, selection)}
        unanswered = sum(f["properties"]["state"] in ("open", "claimed") for f in drawn.values())
        for zoom in (0, 7, 11, 12, 14, 16, 19):
            single, many = self._tiles(audience, selection, zoom, drawn)
            assert sum(c.properties["count"] for c in many) + len(single) == len(drawn)
            open_alone = sum(s.properties.get("state") in ("open", "claimed") for s in single)
            assert sum(c.properties["unanswered"] for c in many) + open_alone == unanswered
            assert zoom <= CLUSTER_MAX_ZOOM or all(c.properties["count"] > FAN for c in many)
            for mark in single:
                seen = drawn[mark.id]["properties"]
                names = ("category", "priority", "state", "verification", "place_kind", "overdue", "asks")
                told = {n: seen[n] for n in names if seen[n] is not None}
                assert mark.properties == told | {"stale": stale(seen, self.clock(), mark.properties["stale"])}

    def _tiles(self, audience: Audience, selection: Selection, zoom: int, drawn: dict[int, dict[str, Any]]):
        size = 1 << zoom
        addresses = set()
        for feature in drawn.values():
            x, y = tile_of(*feature["geometry"]["coordinates"], zoom)
            around = [(a, b) for a in (x - 1, x, x + 1) for b in (y - 1, y, y + 1)]
            addresses |= {(a % size, b) for a, b in around if 0 <= b < size}
        newest = self.context.store.events.revision()
        single, many = [], []
        for x, y in addresses:
            revision, raw = self.context.views.tiles.tile(audience, selection, zoom, x, y, self.clock())
            assert revision == newest
            layers = vector_tile.read(raw)
            single += layers.get("reports", [])
            many += layers.get("clusters", [])
        return single, many

    def _same_when_rebuilt(self, rebuilt: Situation, audience: Audience) -> None:
        followed, now_ms = self.context.views.situation, self.clock()
        board, again = followed.board(audience), rebuilt.board(audience)
        assert (again.revision, again.n) == (board.revision, board.n)
        rows = np.arange(board.n)
        fresh = Features(rebuilt)
        assert list(fresh.features(again, rows, now_ms, audience)) == list(
            self.context.views.features.features(board, rows, now_ms, audience)
        )
        assert fresh.items(again, rows, now_ms) == self.context.views.features.items(board, rows, now_ms)
        assert counts.by_area(rebuilt, again, now_ms) == counts.by_area(followed, board, now_ms)

    def _put(self, layer_id: str, role: Role, features: list[Feature]) -> None:
        version = LayerVersion(Layer(layer_id, layer_id, role), 0, self.clock(), tuple(features))
        context = self.context
        self.layers[layer_id] = put_layer(
            context.store, context.views, context.clock(), ADMIN, version, confirm=layer_id
        )

    def _polygon(self, number: int, shape: Any) -> Feature:
        return Feature(str(number), f"Ward {number}", f"W{number}" if number % 2 else "", shape, {})

    def _try(self, verb: Callable[..., Any], data: st.DataObject, who: Person, **more: Any) -> None:
        try:
            verb(self.context, who, data.draw(st.sampled_from(self.asking)), None, **more).result()
        except WrongState:
            return


def box_of(hundredths: tuple[int, int, int, int]) -> Any:
    """A box from west, south, width and height in hundredths of a degree."""
    west, south, width, height = hundredths
    return shapely.box(80 + west / 100, 12.9 + south / 100, 80 + (west + width) / 100, 12.9 + (south + height) / 100)


def agrees_with_oracle(features: list[dict[str, Any]], expected: list[Told], now_ms: int) -> None:
    """Every member that the oracle computes."""
    assert [f["id"] for f in features] == [t.id for t in expected]
    for feature, true in zip(features, expected, strict=True):
        seen, point = feature["properties"], feature["geometry"]
        assert (seen["category"], seen["asks"], seen["state"]) == (true.category, true.asks, true.state)
        assert seen["need"] == true.need
        assert seen["text"] == true.text
        place = [round(true.lon, 7), round(true.lat, 7)] if true.lon is not None and true.lat is not None else None
        assert (point["coordinates"] if point else None) == place
        assert ((seen["area"]["code"], seen["area"]["name"]) if seen["area"] else None) == true.area
        assert [(h["layer"], h["feature"]) for h in seen["hazards"]] == true.hazards
        assert {(d["layer"], d["feature"]) for d in seen["disagrees"]} == true.disagrees
        assert (seen["priority"], seen["overdue"]) == (true.priority, true.overdue(now_ms))
        assert seen["due_at"] == (moment.rfc3339(true.due_at) if true.due_at is not None else None)
        nearest = seen["nearest_shelter"]
        assert (nearest is None) is (not true.shelters)
        assert nearest is None or abs(nearest["distance_m"] - true.shelters[nearest["id"]]) <= 1


def stale(seen: dict[str, Any], now_ms: int, shown: bool) -> bool:
    """Whether a report that asks nothing was seen to hold too long ago; as shown where somebody has confirmed it."""
    minutes = CLOCKS["stale_minutes"].get(seen["category"], 0)
    if seen["asks"] or not minutes:
        return False
    at = moment.parse(seen["observed_at"])[0]
    if at > START + 10**11 or at < 946_684_800_000:
        at = moment.parse(seen["received_at"])[0]
    late = now_ms - now_ms % 10_000 > at + minutes * 60_000
    return late and shown  # it may have been confirmed since


def fits(feature: dict[str, Any], selection: Selection) -> bool:
    """Whether a feature is chosen, read from what the feature itself says."""
    seen, point = feature["properties"], feature["geometry"]
    at = moment.parse(seen["observed_at"])[0]
    if at > START + 10**11 or at < 946_684_800_000:
        at = moment.parse(seen["received_at"])[0]
    named = {name.casefold() for name in (seen["area"] or {}).values() if name}
    return (
        (selection.bbox is None or (point is not None and _in_box(*point["coordinates"], *selection.bbox)))
        and (selection.since is None or at >= selection.since)
        and (selection.until is None or at < selection.until)
        and (not selection.category or seen["category"] in selection.category)
        and (not selection.status or seen["verification"] in selection.status)
        and (not selection.state or seen["state"] in selection.state)
        and (not selection.area or bool(named & {a.casefold() for a in selection.area}))
        and (not selection.priority or seen["priority"] in [f"P{p}" for p in selection.priority])
        and (not selection.overdue or seen["overdue"])
        and (not selection.unplaced or point is None)
    )


def _in_box(lon: float, lat: float, west: float, south: float, east: float, north: float) -> bool:
    across = west <= lon <= east if west <= east else lon >= west or lon <= east
    return across and south <= lat <= north


def _is(properties: dict[str, Any], name: str | None) -> bool:
    return name is None or bool(properties[name])


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The tile of a point, by the book."""
    lat = math.radians(max(-85.05112877, min(85.05112877, lat)))
    x = (lon + 180) / 360
    y = (1 - math.asinh(math.tan(lat)) / math.pi) / 2
    return tuple(max(0, min((1 << zoom) - 1, math.floor(v * (1 << zoom)))) for v in (x, y))  # type: ignore[return-value]


# Not shrunk: a run has few steps as it is, and making it shorter takes minutes, longer than a test may run.
Agreement.TestCase.settings = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
# Some 15 s of one core; a machine that others use as well may need several times that.
TestAgreement = pytest.mark.timeout(300)(Agreement.TestCase)

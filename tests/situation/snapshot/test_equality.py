"""Whatever happened before and after a snapshot was written: a start from it is a start from the store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crisismap.core.channel import Message
from crisismap.core.errors import CrisismapError
from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Feature, Role
from crisismap.core.own_channels import API
from crisismap.core.people.fingerprint import BY
from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import draft_from
from crisismap.services.operations import quarantine
from crisismap.services.reporter.erasure import erase
from crisismap.services.runtime.context import Context
from crisismap.situation.board import counts
from crisismap.situation.board.selection import ALL
from crisismap.situation.record.features import Features
from crisismap.situation.situation import Situation
from crisismap.situation.snapshot import content
from crisismap.situation.snapshot.snapshot_file import NAME, SnapshotFile
from crisismap.situation.tiles.report_tiles import ReportTiles
from tests import acts
from tests.conftest import FakeClock
from tests.people import ADMIN, RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis, ward
from tests.situation.snapshot.test_content import TEXTS


def started(context: Context, *, snapshot: bool = True, code_key: bytes | None = None) -> Situation:
    """A situation as a start of now would make it, which does not follow."""
    file = SnapshotFile(context.settings.data_dir, context.store.events) if snapshot else None
    key = code_key or context.keys.tracking_code
    situation = Situation(context.store.events, context.views.situation.rules, code_key=key, snapshot=file)
    situation.start()
    situation.stop()
    return situation


def meaning(situation: Situation, audience: Audience) -> dict[str, Any]:
    """Every column of a board, with the values that numbers and positions stand for."""
    board = situation.board(audience)
    lists = content._growing(situation.vocabularies, situation.merger.facts)
    named = {column: lists[name][0] for name, columns in content.NUMBERED.items() for column in columns}
    found: dict[str, Any] = {"n": board.n, "revision": board.revision}
    for name in board.columns:
        values = board[name].tolist()
        found[name] = [named[name][v] if v >= 0 else None for v in values] if name in named else repr(values)
    for at, length in TEXTS:
        found[at] = [
            situation.heap.take(*place) for place in zip(board[at].tolist(), board[length].tolist(), strict=True)
        ]
    return found


def answers(situation: Situation, audience: Audience, now_ms: int) -> list[Any]:
    """What readers are told."""
    board = situation.board(audience)
    tiles = ReportTiles(situation)
    return [
        Features(situation).items(board, np.arange(board.n), now_ms),
        counts.totals(situation, board, now_ms),
        counts.by_area(situation, board, now_ms),
        counts.by_category(situation, audience, board, now_ms),
        [tiles.tile(audience, ALL, *address, now_ms)[1] for address in ((0, 0, 0), (11, 1480, 949), (14, 11841, 7592))],
        [version.layer.id for version in situation.layers_of(*Role)],
        situation.extent,
    ]


def is_rebuilt(found: Situation, context: Context, now_ms: int) -> None:
    again = started(context, snapshot=False)
    for audience in Audience:
        assert meaning(found, audience) == meaning(again, audience)
        assert answers(found, audience, now_ms) == answers(again, audience, now_ms)


def saved(here: Crisis) -> Path:
    here.board()
    here.context.views.situation.save()
    return here.context.settings.data_dir / NAME


PLACES = st.sampled_from([{}, HERE, {"lon": 80.31, "lat": 13.02}, {"lon": 81.5, "lat": 12.0}])
CATEGORIES = st.sampled_from(["rescue", "flooding", "shelter", "medical", "transport"])
WORDS = st.sampled_from(["water in the street", "we are trapped", "சிக்கி", "", "on the roof"])
STATUS = st.sampled_from([{}, {"status": "open"}, {"status": "full"}, {"note": "by phone"}])
VERBS: dict[str, Callable[[Context, str], Any]] = {
    "claim": lambda c, r: acts.claim(c, RESPONDER, r, None),
    "release": lambda c, r: acts.release(c, RESPONDER, r, None),
    "answer": lambda c, r: acts.answer(c, RESPONDER, r, None, note="taken to the school"),
    "give up": lambda c, r: acts.cannot_meet(c, RESPONDER, r, None, reason="no boat"),
    "overrule": lambda c, r: acts.priority(c, RESPONDER, r, None, priority=1, reason="seen by us"),
    "verify": lambda c, r: acts.verify(c, RESPONDER, r, None, status="verified", reason="was there"),
    "clear": lambda c, r: acts.clear(c, RESPONDER, r, None),
    "withhold": lambda c, r: acts.withhold(c, RESPONDER, r, None, reason="a name"),
    "place": lambda c, r: acts.place(c, RESPONDER, r, None, Placement(80.22, 13.01, 40.0, "phone call")),
    "add": lambda c, r: acts.by_code(c, r, "add", None, "and two children"),
    "withdraw": lambda c, r: acts.by_code(c, r, "withdraw", None),
}


class Starts(RuleBasedStateMachine):
    """A crisis in which the situation is now and then saved, and started from what was saved last."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.here = self.stack.enter_context(crisis(folder, FakeClock(1_449_037_800_000)))
        self.ids: list[str] = []

    def teardown(self) -> None:
        self.stack.close()

    @initialize()
    def begin(self) -> None:
        self.here.put("wards", Role.AREA, ward(1, 80.15, 12.95), ward(2, 80.3, 12.95))
        self.report("rescue", HERE, "on the roof", {}, True)

    @rule(category=CATEGORIES, place=PLACES, text=WORDS, fields=STATUS, publish=st.booleans())
    def report(self, category: str, place: dict[str, Any], text: str, fields: dict[str, Any], publish: bool) -> None:
        body = {"text": text or "as said", "fields": fields, "consent": {"publish": publish}, "place": "by the temple"}
        message = Message(draft_from({"category": category, **place, **body}), API, device=f"phone {len(self.ids) % 3}")
        self.ids.append(self.here.context.intake.receive(message).id)
        self.here.clock.advance(seconds=10)

    @rule(data=st.data(), verb=st.sampled_from([*VERBS]))
    def act(self, data: st.DataObject, verb: str) -> None:
        with suppress(CrisismapError):
            VERBS[verb](self.here.context, data.draw(st.sampled_from(self.ids))).result()

    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        context = self.here.context
        erase(
            context.store, context.views, context.settings, self.here.clock(), data.draw(st.sampled_from(self.ids)), ""
        )

    @rule(data=st.data(), lift=st.booleans())
    def quarantine(self, data: st.DataObject, lift: bool) -> None:
        context = self.here.context
        source = context.store.reports.one(data.draw(st.sampled_from(self.ids))).report.sender or f"{BY}nobody"
        with suppress(CrisismapError):
            (quarantine.release if lift else quarantine.quarantine)(context.store, self.here.clock(), ADMIN, source)

    @rule(west=st.sampled_from([80.1, 80.15, 80.25]), wards=st.integers(1, 3))
    def put_areas(self, west: float, wards: int) -> None:
        self.here.put("wards", Role.AREA, *(ward(n, west + n / 10, 12.95) for n in range(wards)))

    @rule(west=st.sampled_from([80.1, 80.25]), layer=st.sampled_from(["a-flood", "x-flood"]))
    def put_hazards(self, west: float, layer: str) -> None:
        self.here.put(layer, Role.HAZARD, ward(7, west, 12.9))

    @rule(status=st.sampled_from(["open", "full"]))
    def put_shelters(self, status: str) -> None:
        self.here.put("schools", Role.SHELTER, Feature("s", "School", "", shapely.Point(80.21, 13.0), {}, status))

    @rule(layer=st.sampled_from(["wards", "a-flood", "x-flood", "schools"]))
    def withdraw(self, layer: str) -> None:
        with suppress(CrisismapError):
            event = EventDraft("layer.withdraw", layer, ADMIN.id, self.here.clock())
            self.here.context.store.layers.withdraw(layer, event).result()

    @rule()
    def save(self) -> None:
        saved(self.here)

    @precondition(lambda self: (self.here.context.settings.data_dir / NAME).exists())
    @rule()
    def start_and_save(self) -> None:
        """What was started from a snapshot is saved in turn."""
        situation = started(self.here.context)
        situation.save()
        is_rebuilt(started(self.here.context), self.here.context, self.here.clock())

    @invariant()
    def same_as_from_the_store(self) -> None:
        self.here.board()
        is_rebuilt(started(self.here.context), self.here.context, self.here.clock())


TestStarts = Starts.TestCase
TestStarts.settings = settings(
    max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)

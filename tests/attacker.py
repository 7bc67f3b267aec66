"""Somebody without an account who asks so many questions, each after what the last ones taught, to find a place.

Long because every way to ask has its lines here.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import get_args

import h3

from crisismap.core.errors import CrisismapError
from crisismap.core.people.person import STRANGER
from crisismap.core.place.geodesy import distance_m
from crisismap.core.privacy import Audience
from crisismap.jobs.corroboration import count_reporters
from crisismap.jobs.runner import JOBS
from crisismap.services.around import same_subject
from crisismap.services.lists import cells, nearby, silence, trends
from crisismap.services.lists.first_answers import first_answers
from crisismap.services.lists.queue import Order, QueueQuery, queue
from crisismap.services.lists.search import PlaceHit
from crisismap.services.requests import duplicates
from crisismap.situation.board.selection import Selection
from tests.planted import place_of, tile_of
from tests.searches import FILTERS, SEARCHED, searched
from tests.situation import vector_tile
from tests.worlds import CELLS, SOUTH, START_MS, WEST, Answer, Secret, World

Point = tuple[float, float]
FORMATS = ("geojson", "geojsonl", "csv")
LISTS = (*(f"/api/v1/reports.{form}" for form in FORMATS), "/api/v1/requests")
LAYERS = ("wards", "floods", "halls", "roads", "parks")
AFTERWARDS = 150  # questions kept for after the wait
# The count of all events moves when anybody does anything; after a wait it also tells of calls by the exact due time.
_COUNTS = re.compile(rb'"revision":\d+|\brevision=\d+|(?m:^id: \d+)|\bv=\d+')
_ONCE = re.compile(rb'name="(csrf_token|client_id)" value="[^"]*"|/report/thanks/[^"]*|nonce-[^\x27"]*')


class SpentError(Exception):
    """All questions were asked."""


@dataclass
class Asked:
    """Every question with a digest of its answer, in order; the beginnings of both for whoever looks for a leak."""

    digests: list[bytes] = field(default_factory=list)
    shown: list[tuple[str, bytes]] = field(default_factory=list)

    def note(self, question: str, answer: bytes) -> None:
        """Keep one."""
        self.digests.append(hashlib.blake2b(question.encode() + b"\0" + answer, digest_size=8).digest())
        self.shown.append((question[:300], answer[:3000]))


class Attacker:
    """Asks one world at most `most` questions, the same ones in every world that answers the same."""

    def __init__(self, world: World, most: int) -> None:
        self.world = world
        self.most = most
        self.asked = Asked()
        self.blind = False  # to the count of all events
        self.guesses: dict[str, list[Point]] = {secret.id: [] for secret in world.secrets}
        self.own: list[tuple[str, str]] = []  # id and code of what the attacker has sent
        self._tags: dict[str, str] = {}
        self._dice = random.Random(20_000)

    # One question

    async def get(self, target: str, headers: dict[str, str] | None = None) -> Answer:
        """Read something."""
        return await self.ask("GET", target, headers)

    async def ask(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"", address: str = ""
    ) -> Answer:
        """Ask once, and note what was answered."""
        self._spend()
        answer = await self.world.ask(method, target, headers or {}, body, address or "203.0.113.9")
        if method == "GET" and "etag" in answer.headers:
            self._tags[target] = answer.headers["etag"]
        head = {k: v for k, v in answer.headers.items() if k not in ("set-cookie", "content-length")}
        if self.blind and "/tiles" in target:
            head.pop("etag")  # it is made of the count of all events
        packed = head.get("content-encoding") == "gzip"  # whose head has the second of packing in it
        seen = _ONCE.sub(b"", gzip.decompress(answer.body) if packed else answer.body)
        self.note(f"{method} {target} {body[:80]!r}", f"{answer.status} {sorted(head.items())}\n".encode() + seen)
        return answer

    def desk(self, what: str, answer: Callable[[], object]) -> None:
        """What the desk's pages show to who is not signed in; its use cases are asked, without the browser."""
        self._spend()
        try:
            told = repr(answer())
        except CrisismapError as refusal:
            told = f"{type(refusal).__name__} {refusal}"
        self.note(what, told.encode())

    def note(self, question: str, answer: bytes) -> None:
        """Keep an answer, without the count of all events when that is not looked at."""
        self.asked.note(question, _COUNTS.sub(b"", answer) if self.blind else answer)

    def _spend(self) -> None:
        if len(self.asked.digests) >= self.most:
            raise SpentError

    # The attack

    async def attack(self) -> None:
        """Everything: first what teaches most, then at random, and again after a wait."""
        targets = self.world.secrets
        few = targets[: max(2, len(targets) * self.most // 20_000)]
        try:
            await self.survey()
            for secret in targets:
                await self.read_published(secret)
            for secret in few:
                await self.plant_beside(secret)
            for number, secret in enumerate(few):
                for output in LISTS if few == targets else LISTS[number::2]:
                    await self.halve(output, secret)
                await self.descend(secret)
            while len(self.asked.digests) < self.most - AFTERWARDS:
                await self.anything()
            await self.wait_and_look()
            while True:
                await self.anything()
        except SpentError:
            return

    async def survey(self) -> None:
        """Look once at everything there is."""
        for path in LISTS:
            await self.get(path)
        for path in ("situation", "tiles.json", "layers", "live", "consent", "sheet.pdf", "map.html?area=Ward%203"):
            await self.get(f"/api/v1/{path}")
        for layer in LAYERS:
            for view in ("", "/crowd", "/first", "/people", "/versions"):
                await self.get(f"/api/v1/layers/{layer}{view or '.geojson'}")
        for path in ("/report", "/t", "/t/AAAA-BBBB-CCCC", "/tasks", "/login", "/metrics", "/healthz", "/readyz"):
            await self.get(path)
        for _ in range(5):
            self.ask_desk()

    async def read_published(self, secret: Secret) -> None:
        """One secret by its id, as everybody may ask for it."""
        of_one = ("similar", "places", "contact", "shelters")
        for path in ("reports/{}", "reports/{}/official", "requests/{}", *(f"requests/{{}}/{each}" for each in of_one)):
            answer = await self.get(f"/api/v1/{path.format(secret.id)}")
            if answer.status == 200 and path == "reports/{}":
                self.guesses[secret.id].append(tuple(answer.json()["geometry"]["coordinates"]))

    async def halve(self, output: str, secret: Secret) -> None:
        """Halve boxes round a secret until nothing can be halved."""
        west, south, east, north = WEST - 0.05, SOUTH - 0.05, WEST + 0.21, SOUTH + 0.21

        async def hit(*box: float) -> bool:
            answer = await self.get(f"{output}?bbox={','.join(map(repr, box))}&limit=1000")
            return secret.id.encode() in answer.body

        if not await hit(west, south, east, north):
            return
        while east - west > 1e-6:
            middle = (west + east) / 2
            west, east = (west, middle) if await hit(west, south, middle, north) else (middle, east)
        while north - south > 1e-6:
            middle = (south + north) / 2
            south, north = (south, middle) if await hit(west, south, east, middle) else (middle, north)
        self.guesses[secret.id].append((west, south))

    async def descend(self, secret: Secret) -> None:
        """Follow a secret through the tiles to the finest zoom; the tiles round the published place as well."""
        number = None
        for z in range(17):
            x, y = tile_of(*secret.centre, z)
            for across, down in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)) if z > 12 else ((0, 0),):
                answer = await self.get(f"/api/v1/tiles/{z}/{x + across}/{y + down}.mvt")
                for mark in vector_tile.read(answer.body).get("reports", []) if answer.body else []:
                    place = place_of(mark, z, x + across, y + down)
                    if z == 16 and (number is None or mark.id == number):
                        number = mark.id
                        self.guesses[secret.id].append(place)

    async def plant_beside(self, secret: Secret) -> None:
        """Send reports of the same all over the cell, and see which of them, or what else, is said to be confirmed."""
        spots = list(_grid(secret.cell, 0.0019))
        for step in (0.0019, 0.0002, 0.00002):
            before = len(self.own)
            await self.send(secret, spots)
            hits = [spot for (id_, _), spot in zip(self.own[before:], spots, strict=True) if await self.agreed(id_)]
            await self.read_published(secret)
            if not hits:
                return
            middle = (sum(x for x, _ in hits) / len(hits), sum(y for _, y in hits) / len(hits))
            self.guesses[secret.id].append(middle)
            edge = max(hits, key=lambda spot: distance_m(*spot, *middle))
            spots = [(edge[0] + step * x / 8, edge[1] + step * y / 8) for x in range(-4, 5) for y in range(-4, 5)]

    async def send(self, secret: Secret, spots: list[Point]) -> None:
        """Reports of what a secret says, at these places, in one batch; then the jobs have their turn."""
        # Public: what it is about, whether it asks, and what a shelter or road is said to be.
        known = self.world.context.store.reports.one(secret.id)
        said = {"category": secret.category, "text": "as you can see", "asks": True if known.asks else None}
        status = known.report.fields.get("status")
        before = str(self.world.context.views.situation.revision)
        lines = [
            {**said, "lon": x, "lat": y, "contact": {"phone": f"9111{n:06d}"}, "fields": {"status": status or ""}}
            for n, (x, y) in enumerate(spots, len(self.own))
        ]
        body = "\n".join(map(json.dumps, lines)).encode()
        answer = await self.ask("POST", "/api/v1/reports:batch", body=body)
        self.own += [(each["id"], each["tracking_code"]) for each in answer.json()]
        self.world.settle()
        count_reporters(self.world.context)
        self.world.settle()
        await self.get("/api/v1/situation")
        await self.get("/api/v1/live")
        await self.get("/api/v1/live", {"Last-Event-ID": before})

    async def agreed(self, id_: str) -> bool:
        """Whether one of the attacker's own reports is said to be confirmed."""
        answer = await self.get(f"/api/v1/reports/{id_}")
        return answer.status == 200 and answer.json()["properties"]["verification"] == "corroborated"

    async def wait_and_look(self) -> None:
        """Let time pass, so that claims end, roles are called and waiting makes urgent; look again after each."""
        self.blind = True
        context, before = self.world.context, str(self.world.context.views.situation.revision)
        steps = (35, 120, 300, 1_500, 3_200)
        for minutes in steps:
            self.world.clock.advance(minutes=minutes)
            for job in ("claims", "escalation", "age", "corroboration"):
                JOBS[job][1](context)
                self.world.settle()
            for path in (*LISTS, "/api/v1/situation", "/api/v1/live", "/api/v1/requests?overdue=true&limit=1000"):
                await self.get(path)
            await self.get("/api/v1/live", {"Last-Event-ID": before})
            for secret in self.world.secrets:
                await self.get(f"/api/v1/requests/{secret.id}")

    # Anything else

    async def anything(self) -> None:
        """One question out of all that can be asked."""
        kind = self._dice.choices(
            (
                self.ask_list,
                self.ask_tile,
                self.ask_again,
                self.ask_one,
                self.ask_layer,
                self.ask_forbidden,
                self.ask_own,
            ),
            (8, 4, 3, 3, 2, 1, 1),
        )[0]
        if self._dice.random() < 0.15:
            self.ask_desk()
        else:
            await kind()

    async def ask_list(self) -> None:
        """A list with any filters, most often a box round a cell's rim."""
        dice, parts = self._dice, []
        if dice.random() < 0.8:
            (x, y), half = self._spot(), 10 ** dice.uniform(-6, -1.5)
            parts.append(f"bbox={x - half:.7f},{y - half:.7f},{x + half:.7f},{y + half:.7f}")
        for name, values in FILTERS.items():
            if dice.random() < 0.15:
                parts.append(f"{name}={dice.choice(values)}")
        for name in ("since", "until"):
            if dice.random() < 0.1:
                minute, second = divmod(dice.randrange(3600), 60)
                parts.append(f"{name}=2015-12-02T06:{minute:02d}:{second:02d}Z")
        path = dice.choice((*LISTS, "/api/v1/requests", "/api/v1/reports.geojson"))
        await self.get(f"{path}?{'&'.join(parts)}" if parts else f"{path}?limit=20")

    async def ask_tile(self) -> None:
        """A tile near a cell, perhaps with filters, perhaps packed."""
        z = self._dice.randrange(17)
        x, y = tile_of(*self._spot(), z)
        which = f"?category={self._dice.choice(FILTERS['category'])}" if self._dice.random() < 0.3 else ""
        packed = {"accept-encoding": "gzip"} if self._dice.random() < 0.3 else {}
        await self.get(f"/api/v1/tiles/{z}/{x}/{y}.mvt{which}", packed)

    async def ask_again(self) -> None:
        """What was asked before: has it changed since?"""
        if self._tags:
            target = self._dice.choice(list(self._tags))
            await self.get(target, {"if-none-match": self._tags[target]})

    async def ask_one(self) -> None:
        """One of the secrets by its id."""
        secret = self._dice.choice(self.world.secrets)
        path = self._dice.choice(("reports/{}", "reports/{}/official", "requests/{}", "requests/{}/shelters"))
        await self.get(f"/api/v1/{path.format(secret.id)}")

    async def ask_layer(self) -> None:
        """What people said at the features of a layer; the shelters near a place; what was known in the past."""
        layer, (x, y), minute = self._dice.choice(LAYERS), self._spot(), self._dice.randrange(30, 60)
        then = f"at=2015-12-02T06:{minute}:00Z"
        paths = (
            f"layers/{layer}/crowd",
            f"layers/{layer}/first",
            f"layers/{layer}/people",
            f"shelters?lon={x:.6f}&lat={y:.6f}",
            f"situation?{then}",
            "tiles/{}/{}/{}.mvt?{}".format(12, *tile_of(x, y, 12), then),
        )
        await self.get(f"/api/v1/{self._dice.choice(paths)}")

    async def ask_forbidden(self) -> None:
        """What only others may: how it is refused may tell something."""
        secret, dice = self._dice.choice(self.world.secrets), self._dice
        x, y = self._spot()
        verb = dice.choice(("place", "claim", "verify", "join", "confirm", "withdraw", "add", "reconfirm"))
        headers = {"If-Match": dice.choice(("*", '"1"', '"7"')), "X-Tracking-Code": "AAAA-BBBB-CCCC"}
        body = json.dumps({"lon": x, "lat": y, "source": "a guess"}).encode()
        if dice.random() < 0.5:
            headers.pop("X-Tracking-Code")
        await self.ask("POST", f"/api/v1/requests/{secret.id}/{verb}", headers, body)

    async def ask_own(self) -> None:
        """What the sender of a report is told, for one that the attacker has sent beside a secret."""
        if not self.own:
            return
        context, (id_, code) = self.world.context, self._dice.choice(self.own)
        match self._dice.randrange(5):
            case 0:
                await self.get(f"/t/{code}")
            case 1:
                await self.get(f"/t/{code}/data.json")
            case 2:
                await self.get(f"/api/v1/requests/{id_}", {"X-Tracking-Code": code})
            case 3:
                self.desk(f"nearby {id_}", lambda: duplicates.nearby(context.views.situation, context.clock(), id_))
            case 4:
                other = self._dice.choice(self.world.secrets).id
                here, now_ms = context.views.situation, context.clock()
                same = partial(duplicates.same_as, context.store, here, now_ms, id_, other)
                self.desk(f"same {id_}", lambda: same().value)
                self.world.settle()

    def ask_desk(self) -> None:
        """Something of the desk's pages."""
        context, dice = self.world.context, self._dice
        views, rules, clock, store = context.views, context.rules, context.clock, context.store
        board = views.situation.board(Audience.PUBLIC)
        (x, y), secret, order = self._spot(), dice.choice(self.world.secrets), dice.choice(get_args(Order))
        by_order = QueueQuery(Selection(), order)
        lives = trends.request_times(board, first_answers(store, views.caches, Audience.PUBLIC, board))
        asks: dict[str, Callable[[], object]] = {
            "hexagons": lambda: cells.unanswered_cells(views.situation, rules, Audience.PUBLIC),
            "trend": lambda: trends.trend(lives, clock(), since_ms=START_MS, step_ms=600_000),
            "waits": lambda: trends.waiting_times(lives, clock()),
            "silence": lambda: silence.silence(views.situation, Audience.PUBLIC, START_MS),
            f"near {x} {y}": lambda: nearby.requests(
                views, rules, clock(), STRANGER, nearby.NearbyQuery(PlaceHit("coordinates", "", "", x, y))
            ),
            "checks": lambda: nearby.checks(views, clock(), STRANGER, nearby.NearbyQuery()),
            f"others {secret.id}": lambda: [
                asdict(each) for each in same_subject.related_reports(store, views, rules, clock, STRANGER, secret.id)
            ],
            f"similar {secret.id}": lambda: duplicates.similar(store, views, rules, clock(), STRANGER, secret.id),
            f"search {x}": lambda: searched(views, f"{y:.6f}, {x:.6f}"),
            "words": lambda: searched(views, dice.choice(SEARCHED)),
            f"queue {order}": lambda: queue(views, rules, clock(), Audience.PUBLIC, by_order).rows.tolist(),
        }
        self.desk(*dice.choice(list(asks.items())))

    def _spot(self) -> Point:
        """Somewhere in a cell of a secret, a corner as often as not."""
        cell, dice = self._dice.choice(CELLS), self._dice
        lat, lon = h3.cell_to_latlng(cell)
        corner = dice.choice(h3.cell_to_boundary(cell))
        far = 1.0 if dice.random() < 0.5 else math.sqrt(dice.random())
        return lon + far * (corner[1] - lon), lat + far * (corner[0] - lat)


def _grid(cell: str, step: float) -> Iterator[Point]:
    """Places all over a cell, `step` degrees apart."""
    corners = h3.cell_to_boundary(cell)
    south, north = min(c[0] for c in corners), max(c[0] for c in corners)
    west, east = min(c[1] for c in corners), max(c[1] for c in corners)
    for row in range(int((north - south) / step) + 1):
        for column in range(int((east - west) / step) + 1):
            lon, lat = west + column * step, south + row * step
            if h3.latlng_to_cell(lat, lon, 7) == cell:
                yield round(lon, 6), round(lat, 6)

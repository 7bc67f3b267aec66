"""One storm: everybody at once at a running server, what they met, and what the store holds of it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks import data, servers
from benchmarks.seeding import SeededFolder
from benchmarks.storm import arrivals, watchers
from benchmarks.storm.arrivals import Arrivals, Outcomes, Stream
from benchmarks.storm.seen import delays, percentiles_ms
from benchmarks.storm.wants import tile_of
from benchmarks.storm.watchers import Watched, Watchers
from benchmarks.viewers import Order, Viewers, WatchResult
from crisismap.services.accounts.session import COOKIE

DATABASE = "crisismap.sqlite3"
SETTINGS = {"CRISISMAP_RATE_LIMIT": "on", "CRISISMAP_TRUSTED_PROXIES": "127.0.0.1"}
CATCH_UP_S = 120.0
IN_VIEW = 9  # tiles that a desk's map shows
# kind: how long a client waits, and how many connections the proxy in front opens
CLIENTS = {"posts": (20.0, 512), "tiles": (10.0, 128), "lists": (20.0, 64), "exports": (60.0, 8)}


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who is there: posts, tiles and lists a second, exports a minute; viewers of the numbers, sessions of the desk."""

    posts: float
    tiles: float = 0
    lists: float = 0
    exports_per_minute: float = 0
    watchers: int = 0
    sessions: int = 0

    def streams(self) -> list[Stream]:
        """Return the requests that come by the clock."""
        rates = {
            "posts": self.posts,
            "tiles": self.tiles,
            "lists": self.lists,
            "exports": self.exports_per_minute / 60,
        }
        return [Stream(kind, rate, *CLIENTS[kind]) for kind, rate in rates.items() if rate]


@dataclass(frozen=True, slots=True)
class Storm:
    """What everybody met. Delays in ms from sending, and from the 201, to a viewer: (p50, p99).

    `cpu_s` is the server's while everybody came, for `seconds`; the viewers stayed for `took_s`, until all had answers.
    """

    came: Outcomes
    watched: Watched
    desk: WatchResult | None
    from_sending: tuple[float, float]
    from_answer: tuple[float, float]
    cpu_s: float
    seconds: float
    took_s: float
    visible_s: float  # after the last client until the situation had every acknowledged report; -1: never


class Trial:
    """A server that has been filled, and the storms over it. `folder` holds what the clients write down."""

    def __init__(self, server: servers.Server, home: SeededFolder, folder: Path) -> None:
        self.server = server
        self.home = home
        self._folder = folder
        self._seed = 1_000
        self.posts: list[Path] = []

    def rows(self) -> int:
        """Return the number of reports in the store."""
        return rows_of(self.home.folder)

    def storm(self, crowd: Crowd, seconds: float) -> Storm:
        """Let everybody come for some seconds."""
        self._seed += 1
        kept = {name: self._folder / f"{name}-{self._seed}.npz" for name in ("posts", "watched")}
        self.posts.append(kept["posts"])
        coming = Arrivals(
            arrivals.Order(self.server.url, seconds, crowd.streams(), self.server.token, str(kept["posts"]), self._seed)
        )
        cookies = [f"{COOKIE}={secret}" for secret in self.home.sessions]
        desks = Order(self.server.url, crowd.sessions, seconds, tiles=tiles_in_view(), cookies=cookies, strict=False)
        with self._watching(crowd, kept["watched"]) as watching, self._sessions(desks) as sessions:
            began = time.perf_counter()
            with ThreadPoolExecutor(2) as pool:
                used = pool.submit(self._cpu_during, seconds)
                watch = pool.submit(sessions.watch) if sessions else None
                if watching:
                    watching.begin()
                came = coming.run()
                desk = watch.result() if watch else None
            took_s = time.perf_counter() - began
            visible_s = self._wait_until_visible()
            watched = watching.end() if watching else Watched(0, 0, 0, 0, 0.0)
        until = time.perf_counter()
        sending = answer = (0.0, 0.0)
        if watching:
            sending, answer = map(percentiles_ms, delays(kept["posts"], kept["watched"], until))
        return Storm(came, watched, desk, sending, answer, used.result(), seconds, took_s, visible_s)

    def _cpu_during(self, seconds: float) -> float:
        before = self.server.cpu_s()
        time.sleep(seconds)
        return self.server.cpu_s() - before

    def _wait_until_visible(self) -> float:
        """Return the seconds until the situation has every report of the store; -1 if it never has."""
        began, rows = time.perf_counter(), self.rows()
        headers = {"Authorization": f"Bearer {self.server.token}"}
        with httpx.Client(base_url=self.server.url, headers=headers, trust_env=False, timeout=60) as client:
            while time.perf_counter() - began < CATCH_UP_S:
                if client.get("/api/v1/situation").raise_for_status().json()["reports"] >= rows:
                    return time.perf_counter() - began
                time.sleep(0.1)
        return -1.0

    @contextmanager
    def _watching(self, crowd: Crowd, kept: Path) -> Iterator[Watchers | None]:
        if not crowd.watchers:
            yield None
            return
        found = Watchers(watchers.Order(self.server.url, crowd.watchers, str(kept)))
        try:
            yield found
        finally:
            found.close()

    @contextmanager
    def _sessions(self, order: Order) -> Iterator[Viewers | None]:
        if not order.sessions:
            yield None
            return
        found = Viewers(order)
        try:
            found.ready()
            yield found
        finally:
            found.close()


@contextmanager
def trial(home: SeededFolder, **settings: str) -> Iterator[Trial]:
    """Run a server on a copy of a filled folder, behind a trusted proxy and with its limits on."""
    with tempfile.TemporaryDirectory() as folder:
        copy = SeededFolder(Path(folder) / "data", home.sessions)
        shutil.copytree(home.folder, copy.folder)
        with servers.crisismap(copy.folder, **SETTINGS | settings) as server:
            yield Trial(server, copy, Path(folder))


def rows_of(folder: Path) -> int:
    """Return the number of reports in a folder's store."""
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as connection:
        count: int = connection.execute("SELECT count(*) FROM report").fetchone()[0]
        return count


def tiles_in_view() -> list[str]:
    """Return the tiles around the centre of the generated country, at the zoom that shows most of it."""
    west, south, east, north = data.BOX
    x, y = tile_of((west + east) / 2, (south + north) / 2, 7)
    side = range(-1, 2)
    return [f"/api/v1/tiles/7/{x + i}/{y + j}.mvt" for i in side for j in side][:IN_VIEW]

"""The desk in a real browser: a stocked server, somebody signed in, and what the map has fetched."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Error, Page, Response

from crisismap.demo.client import Client
from crisismap.demo.generator import layers
from crisismap.demo.reports import reports
from tests.server import Server, serving
from tests.situation.vector_tile import read

PATIENCE_MS = 60_000
SEED = 7
# Every page of the desk by its address, with something that is drawn last on it.
DESK_PAGES = {
    "": ".row .open",
    "new-report": ".st-key-report-what",
    "requests": ".row .open",
    "layers": ".cm-layer",
    "export": ".cm-take",
    "situation": "[data-testid=stVegaLiteChart]",
    "call": ".call",
    "profile": ".cm-finding",
    "admin": "[data-testid=stTabs], .stMain h2, .stMain h3, .st-key-admin-part",
}
_TILE = re.compile(r"/api/v1/tiles/(\d+/\d+/\d+)\.mvt\?v=(\d+)")


@contextmanager
def stocked(folder: Path, count: int, *, category: str = "") -> Iterator[Server]:
    """A server with the made-up layers and `count` reports, all of one category when it is named."""
    with serving(folder) as one:
        stock(one, count, category)
        yield one


def stock(one: Server, count: int, category: str) -> None:
    """Load layers and reports through the API."""
    now_ms = time.time_ns() // 1_000_000
    with Client(one.url) as client:
        for layer, collection in layers(SEED):
            client.put_layer(one.token, layer.id, layer.role, collection)
        seed, left = SEED, count
        while left:
            told = reports(seed, 3000, start_ms=now_ms - 3_600_000, end_ms=now_ms)
            bodies = [{**each.body, "client_id": f"{seed}-{n}"} for n, each in enumerate(told)]
            if category:  # the words of one fit the fields of another no more
                bodies = [{**body, "category": category, "fields": {}, "asks": True} for body in bodies]
            for at in range(0, min(left, len(bodies)), 1000):
                answers = client.post_batch(one.token, bodies[at : at + min(1000, left)])
                assert all(answer["status"] == 201 for answer in answers), answers[:3]
                left -= len(answers)
            seed += 1


def post(one: Server, **said: Any) -> dict[str, Any]:
    """A report by a stranger; its receipt."""
    body = {"category": "rescue", "text": "on the roof", "lon": 80.25, "lat": 13.05, **said}
    answer = httpx.post(f"{one.url}/api/v1/reports", json=body, trust_env=False)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def item(one: Server, id_: str) -> dict[str, Any]:
    """A request as the admin sees it."""
    answer = httpx.get(f"{one.url}/api/v1/requests/{id_}", headers=one.auth, trust_env=False)
    found: dict[str, Any] = answer.json()
    return found


def sign_in(one: Server, page: Page, role: str = "responder", name: str = "Ravi") -> None:
    """Sign in by an invitation, as people do; ends on the desk."""
    invited = {"name": name, "role": role, "org": "Boat Team 4"}
    answer = httpx.post(f"{one.url}/api/v1/people", json=invited, headers=one.auth, trust_env=False)
    assert answer.is_success, answer.text
    page.goto(f"{one.url}/login?invitation={answer.json()['invitation']}")
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "invitation" not in url, timeout=PATIENCE_MS)


@dataclass
class Tiles:
    """What the open map has fetched: revision -> tile -> number of reports drawn in it."""

    seen: dict[int, dict[str, int]] = field(default_factory=dict)

    def follow(self, page: Page) -> Tiles:
        """Listen to a page from now on."""
        page.on("response", self._take)
        return self

    def _take(self, response: Response) -> None:
        match = _TILE.search(response.url)
        if match is None or response.status != 200:
            return
        try:
            layers = read(response.body())
        except Error:  # gone with a page that moved on
            layers = {}
        marks = [*layers.get("reports", []), *layers.get("clusters", [])]
        self.seen.setdefault(int(match[2]), {})[match[1]] = sum(each.properties.get("count", 1) for each in marks)

    def names(self, revision: int) -> set[str]:
        """The tiles fetched at a revision."""
        return set(self.seen.get(revision, {}))

    def drawn(self) -> int:
        """How many reports the newest of each tile show, alone or in a cluster."""
        newest: dict[str, int] = {}
        for revision in sorted(self.seen):
            newest |= self.seen[revision]
        return sum(newest.values())


def ready(page: Page) -> None:
    """Wait until list and map are there."""
    page.locator(".row .open").first.wait_for(timeout=PATIENCE_MS)
    page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first.wait_for(timeout=PATIENCE_MS)


def settled(page: Page, tiles: Tiles, quiet_s: float = 1.5) -> set[str]:
    """Wait until some tiles have come and for a while no more do; the tiles in view."""
    latest: list[tuple[int, int]] = []
    since = time.monotonic()

    def quiet() -> bool:
        nonlocal since
        now = [(revision, len(names)) for revision, names in tiles.seen.items()]
        if now != latest or not now:
            latest[:], since = now, time.monotonic()
        return time.monotonic() - since >= quiet_s

    until(page, quiet, "the map did not come to rest")
    return tiles.names(max(tiles.seen))


def until(page: Page, holds: Callable[[], bool], why: str, patience_s: float = 60) -> float:
    """Wait until something holds; how long it took."""
    began = time.monotonic()
    while time.monotonic() - began < patience_s:
        if holds():
            return time.monotonic() - began
        page.wait_for_timeout(50)
    pytest.fail(f"{why} in {patience_s} s")


# Finds the deck of the map among React's state, and returns the zooms of the tiles of reports that it draws.
_DRAWN_ZOOMS = """
() => {
  const root = document.querySelector('[data-testid=stDeckGlJsonChart]');
  const queue = [root[Object.keys(root).find((key) => key.startsWith('__reactFiber'))]];
  let deck = null;
  while (queue.length && !deck) {
    const fiber = queue.shift();
    for (let hook = fiber.memoizedState; hook && typeof hook === 'object'; hook = hook.next) {
      const held = hook.memoizedState?.current ?? hook.memoizedState;
      if (held?.deck?.layerManager) deck = held.deck;
    }
    queue.push(...[fiber.child, fiber.sibling].filter(Boolean));
  }
  const layer = deck.layerManager.getLayers().find((each) => each.id === 'reports');
  return layer.state.tileset.tiles.filter((each) => each.isVisible).map((each) => each.index.z);
}
"""


def drawn_zooms(page: Page) -> list[int]:
    """The zoom of each tile of reports that the map draws, whether or not it should."""
    zooms: list[int] = page.evaluate(_DRAWN_ZOOMS)
    return zooms

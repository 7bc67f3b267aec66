"""The Live map on the screen: how soon it is complete in a real browser with many unanswered requests."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks import servers
from benchmarks.figure import Figure, Side, Size, Skipped, figure
from benchmarks.jobs.desk import PLAIN_DESK, plain_table, settle
from benchmarks.rounds import Piece, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.worker import Numbers
from crisismap.services.accounts.session import COOKIE
from tests.browser import ARGUMENTS
from tests.e2e import waiting
from tools import programs

SIZES = {"full": (10_000, 1_000, 6), "quick": (10_000, 1_000, 6), "tiny": (200, 20, 1)}  # unanswered, areas, rest
GOAL_S = 3.0
REST_MS = 700  # nothing drawn for so long: the map is complete
PATIENCE_S = 60
WINDOW = {"width": 1280, "height": 800}
# Keeps when the last thing was drawn on a map.
DRAWN = """
window.drawnAt = 0;
for (const name of ['drawArrays', 'drawElements', 'drawArraysInstanced', 'drawElementsInstanced']) {
  const real = WebGL2RenderingContext.prototype[name];
  WebGL2RenderingContext.prototype[name] = function (...how) {
    window.drawnAt = performance.now();
    return real.apply(this, how);
  };
}
"""


def ours(n: int, areas: int, rest: int) -> Iterator[Numbers]:
    """Measure opening the Live map of `crisismap serve` as a responder: the first time, then with a warm cache."""
    with tempfile.TemporaryDirectory() as folder:
        home = seeded_folder(Path(folder) / "data", n, areas, unanswered=True)
        with servers.crisismap(home.folder) as server:
            settle(httpx.Client(base_url=server.url, trust_env=False, timeout=30), rest)
            cookie = {"name": COOKIE, "value": home.session, "url": server.url}
            yield from _loads(server.url, ".row .open", cookie)


def peer(n: int) -> Iterator[Numbers]:
    """Measure opening a plain Streamlit page over the same requests."""
    with tempfile.TemporaryDirectory() as folder:
        plain_table(Path(folder), n)[0].close()
        with servers.streamlit(PLAIN_DESK, Path(folder)) as server:
            yield from _loads(server.url, "[data-testid=stDataFrame]")


def _loads(url: str, listed: str, *cookies: dict[str, str]) -> Iterator[Numbers]:
    executable = programs.chromium()
    if executable is None:
        raise Skipped(f"no Chromium is installed; {programs.GET_CHROMIUM}")
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        context = browser.new_context(viewport=WINDOW, locale="en-GB", timezone_id="UTC")
        context.add_cookies([*cookies])  # type: ignore[list-item]
        context.add_init_script(DRAWN)
        yield {"first_s": _load(context, url, listed)["s"]}
        while True:
            yield _load(context, url, listed)


def _load(context: BrowserContext, url: str, listed: str) -> Numbers:
    """Return seconds until the list can be read and until the map has been drawn whole."""
    page = context.new_page()
    before = waiting.now()
    page.goto(url)
    page.locator(listed).first.wait_for(timeout=1000 * PATIENCE_S)
    list_s = page.evaluate("performance.now()") / 1000
    until = time.monotonic() + PATIENCE_S
    while not page.evaluate(f"drawnAt > 0 && performance.now() - drawnAt > {REST_MS}"):
        if time.monotonic() > until:
            raise RuntimeError(f"the map of {url} did not come to rest in {PATIENCE_S} s")
        page.wait_for_timeout(50)
    drawn_s, resting_s = (each / 1000 for each in page.evaluate("[drawnAt, performance.now() - drawnAt]"))
    after = waiting.now()
    page.close()
    alone_s = waiting.alone(before, replace(after, wall=after.wall - resting_s))
    return {"s": max(list_s, drawn_s), "list_s": list_s, "alone_s": alone_s}


class Screen:
    """The screen job; see docs/performance.md."""

    name = "screen"
    title = "Screen: the Live map in Chromium"

    def run(self, size: Size) -> list[Figure]:
        """Measure it and the plain page in turns."""
        n, areas, rest = SIZES[size.name]
        here = "benchmarks.jobs.screen"
        pieces = [
            Piece("ours", f"{here}:ours", {"n": n, "areas": areas, "rest": rest}),
            Piece("peer", f"{here}:peer", {"n": n}),
        ]
        found = interleave(pieces, size.rounds)
        live, plain = found["ours"], found["peer"]
        group = f"complete in Chromium without a graphics card, {n:,} unanswered requests"
        return [
            figure(group, "Live map", live.values("s"), "s", Side.OURS),
            figure(group, "st.map and st.dataframe", plain.values("s"), "s", Side.PEER, "without map tiles"),
            figure(group, "promised", [GOAL_S], "s", Side.GOAL),
            figure(group, "Live map, without the others", live.values("alone_s"), "s", Side.NOTE, "at most so many"),
            figure("its list can be read", "Live map", live.values("list_s"), "s", Side.OURS),
            figure("its list can be read", "st.dataframe", plain.values("list_s"), "s", Side.PEER),
            figure("first visit, nothing cached", "Live map", [live.setup["first_s"]], "s", Side.OURS),
            figure("first visit, nothing cached", "st.map", [plain.setup["first_s"]], "s", Side.PEER),
        ]

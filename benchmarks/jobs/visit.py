"""The first visit of the desk in a real Chromium on a slow network: what it fetches, and when the list can be read."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import servers
from benchmarks.figure import Figure, Side, Size, Skipped, figure
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.worker import Numbers
from crisismap.services.accounts.session import COOKIE
from tests.browser import ARGUMENTS
from tools import programs

SIZES = {"full": (400, 50), "quick": (400, 50), "tiny": (50, 10)}  # unanswered requests, areas
# kbit/s down and up, ms of latency, by Chromium's own names
NETWORKS = {"fast 3G": (1600, 750, 150), "slow 3G": (400, 400, 400)}
PAGES = {"Live map": "/", "Requests": "/requests"}
GOAL_S = {"fast 3G": 6.0, "slow 3G": 20.0}
GOAL_BYTES = 1_800_000
PATIENCE_MS = 240_000
QUIET_S = 3.0  # without a new request the page is complete


@dataclass
class _Wire:
    """What a page has fetched; frames of the web socket apart."""

    bytes: int = 0
    requests: int = 0
    message_bytes: int = 0
    latest: float = field(default_factory=time.monotonic)

    def follow(self, page: Page, network: str) -> None:
        """Listen to a page from now on, over a network of `NETWORKS`, or this machine's for ""."""
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        if network:
            down, up, latency = NETWORKS[network]
            speed = {"downloadThroughput": down * 1000 / 8, "uploadThroughput": up * 1000 / 8}
            client.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency, **speed})
        client.on("Network.requestWillBeSent", self._ask)
        client.on("Network.loadingFinished", self._take)
        client.on("Network.webSocketFrameReceived", self._hear)

    def _ask(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.requests += 1
            self.latest = time.monotonic()

    def _take(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])
        self.latest = time.monotonic()

    def _hear(self, event: dict[str, Any]) -> None:
        self.message_bytes += len(event["response"]["payloadData"]) * 3 // 4  # as base64


def first_visits(n: int, areas: int, is_ours: bool) -> Iterator[Numbers]:
    """Visit each page over each network with an empty cache; a round is one visit of each."""
    executable = programs.chromium()
    if executable is None:
        raise Skipped(f"no Chromium; {programs.GET_CHROMIUM}")
    with tempfile.TemporaryDirectory() as folder:
        home = seeded_folder(Path(folder) / "data", n, areas, unanswered=True)
        served: Callable[[Path], AbstractContextManager[servers.Server]]
        served = servers.crisismap if is_ours else servers.streamlit_files
        with served(home.folder if is_ours else Path(folder)) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS, "--no-sandbox"])
            cookie = {"name": COOKIE, "value": home.session, "url": server.url}
            for path in PAGES.values():  # the server has done everything once
                _visit(browser, server.url + path, cookie, "")
            yield {}
            while True:
                numbers = {}
                for name, path in PAGES.items():
                    for network in NETWORKS:
                        numbers[f"{name}, {network}"], _ = _visit(browser, server.url + path, cookie, network)
                    _, wire = _visit(browser, server.url + path, cookie, "", is_complete=True)
                    numbers |= {f"{name}, bytes": wire.bytes, f"{name}, requests": wire.requests}
                    numbers[f"{name}, messages"] = wire.message_bytes
                yield numbers


def _visit(browser: Browser, url: str, cookie: Any, network: str, *, is_complete: bool = False) -> tuple[float, _Wire]:
    """Return the seconds until the first row can be read, and what was fetched by then or until all is there."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="UTC")
    try:
        context.add_cookies([cookie])
        page, wire = context.new_page(), _Wire()
        wire.follow(page, network)
        began = time.monotonic()
        page.goto(url, wait_until="commit", timeout=PATIENCE_MS)
        page.locator(".row .open").first.wait_for(timeout=PATIENCE_MS)
        took_s = time.monotonic() - began
        while is_complete and time.monotonic() - wire.latest < QUIET_S:
            page.wait_for_timeout(200)
        return took_s, wire
    finally:
        context.close()


class Visit:
    """The visit job; see docs/performance.md."""

    name = "visit"
    title = "First visit of the desk"

    def run(self, size: Size) -> list[Figure]:
        """Measure the desk beside the same desk whose page and files Streamlit sends."""
        n, areas = SIZES[size.name]
        function = "benchmarks.jobs.visit:first_visits"
        sides = {"ours": True, "peer": False}
        pieces = [Piece(name, function, {"n": n, "areas": areas, "is_ours": ours}) for name, ours in sides.items()]
        return _figures(interleave(pieces, size.rounds))


def _figures(found: dict[str, PieceResult]) -> list[Figure]:
    ours, peer = found["ours"], found["peer"]
    sides = ((ours, "ours", Side.OURS), (peer, "files sent by Streamlit", Side.PEER))
    figures = []
    for name in PAGES:
        for network in NETWORKS:
            group = f"{name}: first row readable, {network}"
            figures += [figure(group, who, each.values(f"{name}, {network}"), "s", side) for each, who, side in sides]
            figures.append(figure(group, "wanted", [GOAL_S[network]], "s", Side.GOAL))
        for what, unit in (("bytes", "bytes"), ("requests", "requests"), ("messages", "bytes")):
            group = f"{name}: {what} of a first visit"
            figures += [figure(group, who, each.values(f"{name}, {what}"), unit, side) for each, who, side in sides]
            if what == "bytes":
                figures.append(figure(group, "wanted", [GOAL_BYTES], unit, Side.GOAL))
    return figures

"""A real Chromium for the tests: pages of any size, with or without JavaScript, that reach this machine only.

Every request to another host fails and is written into `foreign_requests`; a test leaving one there fails too.
A screenshot of each open page is kept in test-artifacts/ when a test fails.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.skips import FAILED
from tools import programs

ARTIFACTS = Path(__file__).resolve().parent.parent / "test-artifacts"
OURS = frozenset({"127.0.0.1", "localhost"})
ARGUMENTS = [
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card: the maps need it
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--no-proxy-server",
    # No name and no address outside this machine leads anywhere, whoever asks: a page, a worker, the browser.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
PageFactory = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the run."""
    executable = programs.chromium()
    if executable is None:
        pytest.skip(f"No Chromium is installed. To get it: {programs.GET_CHROMIUM}")
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, headless=True, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def foreign_requests() -> list[str]:
    """Addresses outside this machine that a page of this test asked for, all in vain."""
    return []


@pytest.fixture
def page_factory(
    browser: Browser, foreign_requests: list[str], request: pytest.FixtureRequest
) -> Iterator[PageFactory]:
    """`page_factory(width=1280, height=800, javascript=True, **options)`: a page with cookies of its own."""
    pages: list[Page] = []

    def make(width: int = 1280, height: int = 800, javascript: bool = True, **options: Any) -> Page:
        settings: dict[str, Any] = {
            "service_workers": "block",
            "locale": "en-GB",
            "timezone_id": "UTC",
        } | options
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=javascript, **settings
        )
        watch(context, foreign_requests)
        page = context.new_page()
        pages.append(page)
        return page

    yield make
    if request.node.stash.get(FAILED, False):
        for number, page in enumerate(pages):
            if not page.is_closed():
                screenshot(page, f"failed-{request.node.name}-{number}")
    for page in pages:
        page.context.close()
    assert not foreign_requests, f"pages asked other hosts: {foreign_requests}"


def watch(context: BrowserContext, foreign: list[str]) -> None:
    """Write down whatever a browser context asks of another host.

    Nothing is intercepted, so that caching and timing stay what they are for people; ARGUMENTS do the refusing.
    """

    def note(url: str) -> None:
        if not is_ours(url):
            foreign.append(url)

    context.on("request", lambda request: note(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: note(socket.url)))


def is_ours(url: str) -> bool:
    """True for this machine and for what is no network address at all (data:, blob:, about:)."""
    parts = urlsplit(url)
    return parts.scheme not in ("http", "https", "ws", "wss") or parts.hostname in OURS


def screenshot(page: Page, name: str) -> Path:
    """Write test-artifacts/NAME.png of the whole page and return its path."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".png")
    page.screenshot(path=path, full_page=True)
    return path

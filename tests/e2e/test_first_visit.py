"""How much a browser fetches for the desk: little at the first visit, no script again at the second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import PageFactory
from tests.e2e.desk import ready, sign_in, stocked
from tests.server import Server

MOST_BYTES = 1_800_000


@dataclass
class Wire:
    """The bytes that came over the network, by path; what the cache gave is not among them."""

    bytes: Counter[str] = field(default_factory=Counter)
    _paths: dict[str, str] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    def follow(self, page: Page) -> Wire:
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        client.on("Network.requestWillBeSent", self._ask)
        client.on("Network.requestServedFromCache", lambda event: self._kept.add(event["requestId"]))
        client.on("Network.responseReceived", self._hear)
        client.on("Network.loadingFinished", self._take)
        return self

    def _ask(self, event: dict[str, Any]) -> None:
        self._paths[event["requestId"]] = "/" + event["request"]["url"].split("/", 3)[-1].split("?")[0]

    def _hear(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._kept.add(event["requestId"])

    def _take(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._kept and event["requestId"] in self._paths:
            self.bytes[self._paths[event["requestId"]]] += int(event["encodedDataLength"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with stocked(tmp_path_factory.mktemp("visit"), 60) as one:
        yield one


@pytest.mark.parametrize("path", ["/", "/requests"])
def test_fetches_little_at_first_and_no_script_again(desk: Server, page_factory: PageFactory, path: str) -> None:
    page = page_factory()
    sign_in(desk, page, name=f"Ravi {path}")  # ends on the desk
    visitor = page_factory(storage_state=page.context.storage_state())  # with an empty cache
    first = Wire().follow(visitor)
    open_desk(visitor, desk.url + path)
    assert sum(first.bytes.values()) < MOST_BYTES, first.bytes.most_common(8)
    scripts = [name for name in first.bytes if name.startswith("/static/")]
    assert len(scripts) > 50, "nothing was measured"
    assert not [name for name in scripts if "SourceSans" in name or "MaterialSymbols" in name]
    assert ("/static/js/DeckGlJsonChart" in "".join(scripts)) is (path == "/")

    again = visitor.context.new_page()
    second = Wire().follow(again)
    open_desk(again, desk.url + path)
    assert [name for name in second.bytes if name.startswith("/static/")] == []
    assert second.bytes, "nothing was measured"


def test_draws_chevrons_without_the_font_of_icons_and_other_icons_with_it(
    desk: Server, page_factory: PageFactory
) -> None:
    page = page_factory()
    sign_in(desk, page, name="Asha")
    open_desk(page, desk.url + "/")
    icon = page.get_by_test_id("stPopoverButton").first.get_by_test_id("stIconMaterial")
    assert icon.evaluate("each => getComputedStyle(each, '::before').borderBottomStyle") == "solid"
    assert icon.evaluate("each => getComputedStyle(each).fontSize") == "0px"
    assert page.evaluate("[...document.fonts].filter(font => font.status !== 'unloaded').length") == 0
    page.goto(f"{desk.url}/layers")
    page.get_by_test_id("stIconMaterial").first.wait_for()
    page.wait_for_function("[...document.fonts].some(font => font.status === 'loaded')")


def open_desk(page: Page, address: str) -> None:
    """Open a page of the desk and wait until it has come to rest."""
    page.goto(address)
    if address.endswith("/"):
        ready(page)
    page.locator(".row .open").first.wait_for()
    page.wait_for_timeout(3000)

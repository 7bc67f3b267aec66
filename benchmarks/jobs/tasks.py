"""What people do with the desk, in a real Chromium at the pace of a practised person: seconds for each task."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from benchmarks.figure import Figure, Side, Size, Skipped, figure
from benchmarks.rounds import Piece, interleave
from benchmarks.worker import Numbers
from tests.browser import ARGUMENTS
from tests.e2e.desk import sign_in, stocked
from tests.server import Server
from tools import programs

SIZES = {"full": 400, "quick": 400, "tiny": 60}  # reports of the made-up city
REACH_S = 0.25  # from seeing where to press to pressing there
KEY_MS = 40  # between two keys
PATIENCE_MS = 60_000
# Seconds of the same tasks as tried before the list was a table, and what is wanted.
TASKS: dict[str, tuple[float, float]] = {
    "report a flooded street on a phone": (3.8, 3.8),
    "choose a ward, claim, answer": (24.0, 12.0),
    "undo the answer": (3.0, 3.0),
    "download a ward as GeoJSON": (8.7, 6.0),
    "publish a CSV of shelters": (14.6, 10.0),
    "open the longest waiting": (3.5, 3.5),
    "undo a claim on several": (3.0, 3.0),
}
SHELTERS = "Site ID,Site Name,Max Capacity,Longitude,Latitude\n" + "\n".join(
    f"S{n},Hall {n},{50 + n},{80.2 + n / 100},{13.0 + n / 100}" for n in range(10)
)


@dataclass
class _Person:
    """Somebody at a page."""

    page: Page

    def press(self, target: Locator) -> None:
        """Find something and press it."""
        target.first.wait_for(timeout=PATIENCE_MS)
        time.sleep(REACH_S)
        target.first.click(timeout=PATIENCE_MS)

    def write(self, target: Locator, text: str) -> None:
        """Press into a field and type."""
        self.press(target)
        self.page.keyboard.type(text, delay=KEY_MS)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a list by typing a part of it."""
        self.write(self.page.get_by_role("combobox", name=label), option)
        self.page.get_by_role("option").first.wait_for(timeout=PATIENCE_MS)
        self.page.keyboard.press("Enter")

    def see(self, words: str) -> None:
        """Wait until words are read."""
        self.page.get_by_text(re.compile(words)).first.wait_for(timeout=PATIENCE_MS)

    def button(self, name: str) -> Locator:
        """The button of that name."""
        return self.page.get_by_role("button", name=name)


def do_tasks(reports: int) -> Iterator[Numbers]:
    """Do every task once on a new desk; a round is all of them."""
    executable = programs.chromium()
    if executable is None:
        raise Skipped(f"no Chromium; {programs.GET_CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS, "--no-sandbox"])
        yield {}
        while True:
            with tempfile.TemporaryDirectory() as folder, stocked(Path(folder), reports) as server:
                yield _round(browser, server, Path(folder))


def _round(browser: Browser, server: Server, folder: Path) -> Numbers:
    found: dict[str, float] = {}

    def timed(name: str, task: Callable[[], object]) -> None:
        began = time.monotonic()
        task()
        found[name] = time.monotonic() - began

    phone = _Person(_page(browser, 390))
    phone.page.goto(f"{server.url}/report")
    timed("report a flooded street on a phone", lambda: _report(phone))
    desk = _Person(_page(browser, 1280))
    sign_in(server, desk.page)
    with _on(desk, f"{server.url}/requests", ".row .open"):
        timed("choose a ward, claim, answer", lambda: _answer(desk))
        timed("undo the answer", lambda: _undo(desk))
    with _on(desk, f"{server.url}/requests", ".row .open"):
        for key in ("ArrowDown", "x", "ArrowDown", "x", "ArrowDown", "x"):
            desk.page.keyboard.press(key)
        desk.press(desk.page.locator(".st-key-bulk-claim button"))
        desk.see("Claimed 3 of 3")
        timed(
            "undo a claim on several", lambda: (desk.press(desk.button("Undo")), desk.see("Undid the claim on 3 of 3"))
        )
    with _on(desk, server.url, ".row .open"):
        timed("open the longest waiting", lambda: _longest(desk))
    agency = _Person(_page(browser, 1280))
    sign_in(server, agency.page, "agency", "Asha")
    with _on(agency, f"{server.url}/export", ".cm-take"):
        timed("download a ward as GeoJSON", lambda: _download(agency))
    path = folder / "halls.csv"
    path.write_text(SHELTERS, encoding="utf-8")
    with _on(agency, f"{server.url}/layers", ".cm-layer"):
        timed("publish a CSV of shelters", lambda: _publish(agency, path))
    for person in (phone, desk, agency):
        person.page.context.close()
    return found


def _page(browser: Browser, width: int) -> Page:
    phone = width < 640
    size = {"width": width, "height": 844 if phone else 800}
    context = browser.new_context(
        viewport=size, locale="en-GB", timezone_id="UTC", accept_downloads=True, has_touch=phone, is_mobile=phone
    )
    return context.new_page()


@contextmanager
def _on(person: _Person, url: str, ready: str) -> Iterator[None]:
    """A page that is open, as a desk is all day: loading it is measured by the job `visit`."""
    person.page.goto(url)
    person.page.locator(ready).first.wait_for(timeout=PATIENCE_MS)
    person.page.wait_for_timeout(3000)
    yield


def _report(person: _Person) -> None:
    person.press(person.page.locator("label[for=category-flooding]"))
    person.write(person.page.locator("#text"), "Mill Street under water, knee deep")
    person.write(person.page.locator("#place"), "Mill Street")
    person.press(person.page.locator("#send"))
    person.page.locator("#code").wait_for(timeout=PATIENCE_MS)


def _answer(person: _Person) -> None:
    area = person.page.locator(".row .area").first.inner_text()
    person.press(person.button("Filters"))
    person.choose("Area", area)
    person.page.keyboard.press("Escape")
    person.press(person.page.locator(".row .claim"))
    person.write(person.page.get_by_label("What was done?"), "boat came, all out")
    person.press(person.button("Mark as answered"))
    person.see("answered")


def _undo(person: _Person) -> None:
    person.press(person.button("Undo"))
    person.see("Undid|Took back")


def _longest(person: _Person) -> None:
    person.press(person.page.get_by_role("columnheader", name="Waiting").get_by_role("button"))
    person.page.locator("[role=columnheader][aria-sort=ascending].wait").wait_for(timeout=PATIENCE_MS)
    person.press(person.page.locator(".row .open"))
    person.page.locator(".cm-detail-head").wait_for(timeout=PATIENCE_MS)


def _download(person: _Person) -> None:
    person.press(person.page.get_by_role("combobox", name="Area"))
    person.page.get_by_role("option").first.wait_for(timeout=PATIENCE_MS)
    person.page.keyboard.press("Enter")
    person.page.keyboard.press("Escape")
    person.see("report(s)? match")
    with person.page.expect_download(timeout=PATIENCE_MS):
        person.press(person.page.locator("a.cm-take"))


def _publish(person: _Person, path: Path) -> None:
    person.press(person.page.locator("summary", has_text="Add or replace a layer"))
    person.page.locator("input[type=file]").first.set_input_files(path)
    person.see(re.escape(path.name))
    person.press(person.button("Read and preview file"))
    person.choose("Role", "Shelters")
    person.press(person.button("Publish layer"))
    person.see("is published as version 1")


class Tasks:
    """The tasks job; see docs/performance.md."""

    name = "tasks"
    title = "What people do with the desk"

    def run(self, size: Size) -> list[Figure]:
        """Measure every task."""
        piece = Piece("tasks", "benchmarks.jobs.tasks:do_tasks", {"reports": SIZES[size.name]})
        found = interleave([piece], size.rounds)["tasks"]
        figures = []
        for name, (before_s, wanted_s) in TASKS.items():
            figures.append(figure(name, "at a practised pace", found.values(name), "s", Side.OURS))
            figures.append(figure(name, "as tried before", [before_s], "s", Side.NOTE))
            figures.append(figure(name, "wanted", [wanted_s], "s", Side.GOAL))
        return figures

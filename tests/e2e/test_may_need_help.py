"""A cry for help in the wrong box, in a real browser: *may need help*, one key, P1, claimed; the sender sees it.

The same by the API, a file and the call form.
"""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory, screenshot
from tests.cli.command import run
from tests.e2e.desk import PATIENCE_MS, item, post, ready, sign_in, stocked
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# Hearsay: nobody may decide that but a person.
WORDS = "They say a family with small children is on a roof behind the blue mill"
SEEN_MS = 3_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with stocked(tmp_path_factory.mktemp("doubt"), 5) as one:
        yield one


def numbers(desk: Server) -> dict[str, Any]:
    answer = httpx.get(f"{desk.url}/api/v1/situation", headers=desk.auth, trust_env=False)
    found: dict[str, Any] = answer.json()
    return found


def reported(desk: Server, phone: Page) -> str:
    """Send it under *Flooding*, without answering whether somebody needs help; the code."""
    phone.goto(f"{desk.url}/report")
    phone.locator("label[for=category-flooding]").click()
    expect(phone.locator(".if-asks")).to_be_hidden()
    phone.locator("#text").fill(WORDS)
    phone.locator("#place").fill("behind the blue mill")
    screenshot(phone, "doubt-01-form")
    phone.locator("#send").click()
    code = phone.locator("#code").inner_text()
    expect(phone.locator(".heard")).to_contain_text("somebody may need help")
    screenshot(phone, "doubt-02-sent")
    return code


def test_is_seen_within_seconds_decided_by_one_key_and_claimed(desk: Server, page_factory: PageFactory) -> None:
    page, phone = page_factory(), page_factory(width=390, height=844, javascript=False)
    sign_in(desk, page)
    ready(page)
    page.goto(f"{desk.url}/requests")
    page.get_by_role("radio", name="May need help").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("Nothing to look at")).to_be_visible(timeout=PATIENCE_MS)
    before = numbers(desk)["may_need_help"]
    code = reported(desk, phone)
    row = page.locator(".row", has_text="blue mill")
    row.locator(".open").first.wait_for(timeout=SEEN_MS)
    expect(page.get_by_role("button", name=f"May need help {before + 1}")).to_be_visible(timeout=PATIENCE_MS)
    assert numbers(desk)["may_need_help"] == before + 1
    screenshot(page, "doubt-03-queue")
    row.locator(".open").first.focus()
    page.keyboard.press("1")
    expect(row).to_have_count(0, timeout=PATIENCE_MS)
    page.get_by_role("radio", name="Unanswered").click(timeout=PATIENCE_MS)
    row.locator(".open").first.wait_for(timeout=PATIENCE_MS)
    expect(row.locator(".priority").first).to_have_text("P1")
    row.locator(".open").first.click()
    expect(page.get_by_text("Words this is based on")).to_be_visible(timeout=PATIENCE_MS)
    screenshot(page, "doubt-04-detail")
    page.locator(".st-key-claim button").click(timeout=PATIENCE_MS)
    expect(page.get_by_text(re.compile("You have claimed this request"))).to_be_visible(timeout=PATIENCE_MS)
    phone.goto(f"{desk.url}/t/{code}")
    expect(phone.locator(".big-word")).to_have_text("A team has taken it on")
    screenshot(phone, "doubt-05-taken-on")


def test_can_be_changed_by_the_sender_with_one_tap(desk: Server, page_factory: PageFactory) -> None:
    phone = page_factory(width=390, height=844, javascript=False)
    phone.goto(f"{desk.url}/report")
    phone.locator("label[for=category-flooding]").click()
    phone.locator("#text").fill("Water on the market street, ankle deep, falling")
    phone.locator("#place").fill("market")
    phone.locator("#send").click()
    code = phone.locator("#code").inner_text()
    expect(phone.locator(".heard")).to_contain_text("We read this as information")
    phone.get_by_role("button", name="Somebody needs help here").click()
    expect(phone.locator(".big-word")).to_have_text("Waiting for a team")
    screenshot(phone, "doubt-06-asked-by-one-tap")
    phone.goto(f"{desk.url}/t/{code}")
    phone.get_by_role("button", name="This is information only").click()
    expect(phone.locator(".heard")).to_contain_text("We read this as information")


def test_is_heard_through_every_way_in(desk: Server, page_factory: PageFactory, tmp_path: Path) -> None:
    before = numbers(desk)["may_need_help"]
    assert item(desk, post(desk, category="flooding", text=WORDS)["id"])["need"] == "may"
    table = tmp_path / "sheet.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["category", "text", "lat", "lon"])
        rows.writerow(["flooding", WORDS, "13.05", "80.25"])
        rows.writerow(["flooding", "two of us trapped in the attic, the water is rising", "13.05", "80.25"])
        rows.writerow(["transport", "The main road is open again, traffic is normal", "13.05", "80.25"])
    done = run(["import", "reports", table], desk.data_dir)
    assert done.code == 0, done.err
    page = page_factory()
    sign_in(desk, page, name="Devi")
    page.goto(f"{desk.url}/call")
    page.locator(".cats button", has_text="Flooding").click(timeout=PATIENCE_MS)
    page.locator(".call #text").fill(WORDS)
    page.locator(".call form .send").click()
    expect(page.locator(".took")).to_contain_text("Saved", timeout=PATIENCE_MS)
    deadline = time.monotonic() + 10
    while numbers(desk)["may_need_help"] < before + 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert numbers(desk)["may_need_help"] == before + 3

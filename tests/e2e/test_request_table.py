"""The list of requests as a table: rows that can be read at every width, the row that opens, the focus, the columns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory
from tests.e2e.desk import PATIENCE_MS, post, sign_in, stocked
from tests.server import Server

WIDTHS = {320: 700, 390: 844, 900: 800, 1280: 800, 1920: 1080}
# Pairs of texts and controls that lie on each other, and texts that decide but are cut, in every row that is drawn.
FAULTS = """list => {
  const root = list.getRootNode(), faults = [];
  const seen = each => each.getClientRects().length && getComputedStyle(each).visibility !== 'hidden';
  for (const row of root.querySelectorAll('.row:not(.blank)')) {
    const whole = row.getBoundingClientRect();
    const boxes = [...row.querySelectorAll('.priority, .age, .late, .turn, .subject, .said, .people, .area, .shelter,'
      + ' .holder, .state, .pick')].filter(seen).filter(each => each.textContent.trim() || each.matches('.pick'))
      .map(each => [each.className, each.getBoundingClientRect(), each]);
    for (const [name, box] of boxes) {
      if (box.left < whole.left - 1 || box.right > whole.right + 1) faults.push(`${name} leaves its row`);
    }
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const [a, first] = boxes[i], [b, second] = boxes[j];
      const wide = Math.min(first.right, second.right) - Math.max(first.left, second.left);
      const high = Math.min(first.bottom, second.bottom) - Math.max(first.top, second.top);
      if (wide > 1 && high > 2) faults.push(`${a} on ${b}`);
    }
    for (const each of row.querySelectorAll('.priority, .age, .late, .open, .shelter')) {
      if (seen(each) && each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline')
        faults.push(`${each.className} is cut: ${each.textContent}`);
    }
  }
  return [...new Set(faults)];
}"""
IN_ORDER = """rows => { const tops = rows.map(each => each.getBoundingClientRect().top);
  return tops.every((top, at) => !at || tops[at - 1] <= top); }"""
FOCUS = """() => {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found?.textContent ?? '';
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with stocked(tmp_path_factory.mktemp("table"), 200) as one:
        post(one, text="x" * 900, category="medical", people=250)
        post(
            one, text="عالقون على السطح والماء يرتفع", lon=None, lat=None, place="behind " + "the very long mill " * 12
        )
        yield one


def opened(desk: Server, page_factory: PageFactory, width: int, path: str = "requests") -> Page:
    phone = width < 640
    page = page_factory(width=width, height=WIDTHS[width], has_touch=phone, is_mobile=phone)
    sign_in(desk, page)
    page.goto(f"{desk.url}/{path}")
    if phone and not path:
        page.locator(".st-key-desk-tab").get_by_text("List").click(timeout=PATIENCE_MS)
    page.locator(".row .open").first.wait_for(timeout=PATIENCE_MS)
    return page


@pytest.mark.parametrize("path", ["", "requests"])
@pytest.mark.parametrize("width", WIDTHS)
def test_cuts_and_covers_nothing_that_decides(desk: Server, page_factory: PageFactory, width: int, path: str) -> None:
    page = opened(desk, page_factory, width, path)
    listed = page.locator(".list")
    for part in (0, 0.5, 1):
        page.locator(".scroller").evaluate("(each, part) => { each.scrollTop = each.scrollHeight * part; }", part)
        page.wait_for_timeout(1200)
        assert listed.evaluate(FAULTS) == [], (width, path, part)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_finds_faults_where_there_are_some(desk: Server, page_factory: PageFactory) -> None:
    """The measure of the test above, on a list that was broken on purpose."""
    page = opened(desk, page_factory, 1280)
    broken = page.locator(".list").evaluate(
        "list => { const sheet = new CSSStyleSheet();"
        "sheet.replaceSync('.row .area { margin-left: -80px } .row .shelter { width: 9px; overflow: hidden }');"
        "list.getRootNode().adoptedStyleSheets.push(sheet); }"
    )
    assert broken is None
    faults = page.locator(".list").evaluate(FAULTS)
    assert any("area" in fault for fault in faults)
    assert any("shelter is cut" in fault for fault in faults)


def test_shows_fourteen_rows_of_forty_pixels(desk: Server, page_factory: PageFactory) -> None:
    for path in ("", "requests"):
        page = opened(desk, page_factory, 1280, path)
        whole = page.locator(".scroller").evaluate(
            """each => { const view = each.getBoundingClientRect();
            const heads = each.querySelector('.heads').getBoundingClientRect().bottom;
            return [...each.querySelectorAll('.row')].map(row => row.getBoundingClientRect())
              .filter(row => row.top >= heads - 1 && row.bottom <= Math.min(view.bottom, innerHeight) + 1)
              .map(row => Math.round(row.height)); }"""
        )
        assert len(whole) >= 14, (path, len(whole))
        assert set(whole) == {40}


def test_opens_by_the_row_and_moves_the_focus_there_and_back(desk: Server, page_factory: PageFactory) -> None:
    page = opened(desk, page_factory, 1280)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    row = page.evaluate(FOCUS)
    page.keyboard.press("o")
    expect(page.get_by_text("Timeline")).to_be_attached(timeout=PATIENCE_MS)
    page.wait_for_function(f"({FOCUS})().startsWith('P')", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    page.wait_for_function(f"({FOCUS})() === {row!r}", timeout=PATIENCE_MS)
    box = page.locator(".row").nth(4).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] / 2)  # between the texts
    expect(page.get_by_text("Timeline")).to_be_attached(timeout=PATIENCE_MS)


def test_orders_by_the_head_of_a_column(desk: Server, page_factory: PageFactory) -> None:
    page = opened(desk, page_factory, 1920)

    def people() -> list[int]:
        assert page.locator(".row").evaluate_all(IN_ORDER), "the rows stand in the document as they are seen"
        shown = page.locator(".row .people").all_inner_texts()[:8]
        return [int(each or 0) for each in shown]

    head = page.get_by_role("columnheader", name="People")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending", timeout=PATIENCE_MS)
    page.wait_for_timeout(500)
    assert people()[0] == 250
    assert people() == sorted(people(), reverse=True)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending", timeout=PATIENCE_MS)
    page.get_by_role("columnheader", name="Waiting").get_by_role("button").click()
    expect(page.get_by_role("columnheader", name="Waiting")).to_have_attribute(
        "aria-sort", "ascending", timeout=PATIENCE_MS
    )
    expect(page.get_by_role("combobox", name="Order")).to_have_value("Longest wait first")

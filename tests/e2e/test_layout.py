"""Every page of the desk at every width: nothing scrolls sideways, no text lies on another, no word is cut in two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import PageFactory
from tests.e2e.desk import DESK_PAGES, PATIENCE_MS, post, sign_in, stocked
from tests.server import Server

WIDTHS = ((320, 700), (390, 844), (900, 800), (1280, 800), (1920, 1080))
# Who looks at which pages.
PAGES = {
    "agency": ("", "new-report", "requests", "layers", "export", "situation"),
    "responder": ("call", "profile"),
    "admin": ("admin",),
}
# Texts that lie on each other, are cut or stand out of the window. None of it is a text that is hidden, drawn on the
# map, or shortened with a mark. A text takes what every ancestor that hides its overflow leaves of it.
FAULTS = """() => {
  const texts = [];
  const walk = root => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      if (node.shadowRoot) walk(node.shadowRoot);
      if (node.nodeType !== 3 || !node.textContent.trim()) continue;
      const parent = node.parentElement ?? node.parentNode.host;
      const quiet = 'svg, canvas, style, script, [aria-hidden=true], .maplibregl-ctrl, [role=tooltip]';
      if (!parent || parent.closest(quiet)) continue;
      if (!parent.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        let {left, right, top, bottom} = rect;
        let cut = false;
        for (let up = parent; up; up = up.parentElement ?? up.getRootNode().host) {
          const style = getComputedStyle(up);
          if (style.clipPath !== 'none') { left = right; break; }
          if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
          const box = up.getBoundingClientRect();
          const scrolls = /auto|scroll/.test(style.overflowX + style.overflowY);
          if (!scrolls && style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none'
              && (left < box.left - 2 || right > box.right + 2) && right - left > 2 && style.overflowX !== 'visible')
            cut = true;
          left = Math.max(left, box.left); right = Math.min(right, box.right);
          top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
          if (style.position === 'fixed') break;
        }
        if (right - left > 2 && bottom - top > 4)
          texts.push({text: node.textContent.trim().slice(0, 40), left, right, top, bottom, cut, parent,
            fixed: Boolean(parent.closest('.stAppHeader, [data-testid=stHeader]'))});
      }
    }
  };
  walk(document.body);
  const faults = [];
  const whole = [document.documentElement, ...document.querySelectorAll('.stMain')];
  const sideways = Math.max(...whole.map(each => each.scrollWidth - each.clientWidth));
  if (texts.length < 12) faults.push(`only ${texts.length} texts`);
  if (sideways > 0) faults.push(`scrolls sideways by ${sideways} px`);
  for (const each of texts) {
    if (each.cut) faults.push(`cut: ${each.text}`);
    if (each.right > innerWidth + 1) faults.push(`outside: ${each.text}`);
  }
  texts.sort((one, other) => one.top - other.top);
  for (let i = 0; i < texts.length; i++) {
    for (let j = i + 1; j < texts.length && texts[j].top < texts[i].bottom; j++) {
      const [one, other] = [texts[i], texts[j]];
      if (one.parent === other.parent || one.fixed !== other.fixed) continue;
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (wide > 3 && high > 5) faults.push(`“${one.text}” on “${other.text}”`);
    }
  }
  return [...new Set(faults)].slice(0, 8);
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with stocked(tmp_path_factory.mktemp("layout"), 60) as one:
        post(one, text="one word " + "x" * 300, category="medical", people=250)
        yield one


def faults(page: Page) -> dict[int, list[str]]:
    """What is wrong at each width."""
    found = {}
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(1200)
        if wrong := page.evaluate(FAULTS):
            found[width] = wrong
    return found


@pytest.mark.parametrize("role", PAGES)
def test_cuts_and_covers_no_text(desk: Server, page_factory: PageFactory, role: str) -> None:
    page = page_factory(width=1280, height=800)
    sign_in(desk, page, role)
    wrong = {}
    for address in PAGES[role]:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{desk.url}/{address}")
        page.locator(DESK_PAGES[address]).first.wait_for(timeout=PATIENCE_MS)
        wrong |= {f"/{address} at {width}": lines for width, lines in faults(page).items()}
    assert not wrong, "\n".join(f"{where}\n  " + "\n  ".join(lines) for where, lines in wrong.items())


def test_would_find_what_is_wrong(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory(width=1280, height=800)
    page.goto(f"{desk.url}/login")
    assert page.evaluate(FAULTS) == []
    page.evaluate(
        """() => {
          for (const [text, style] of [
            ['one text', 'position:absolute;top:300px;left:100px'],
            ['another text', 'position:absolute;top:304px;left:120px'],
            ['a long text that is cut', 'width:30px;overflow:hidden;white-space:nowrap'],
            ['wide', 'width:1400px'],
          ]) {
            const made = document.createElement('div');
            made.textContent = text;
            made.style.cssText = style;  // the page's policy refuses an attribute
            document.body.append(made);
          }
        }"""
    )
    found = "\n".join(page.evaluate(FAULTS))
    for words in ("one text” on “another", "cut: a long text", "scrolls sideways"):
        assert words in found


# The pages, with what their reader came for.
CONTENT = {"": "[data-testid=stDeckGlJsonChart]", "requests": ".row", "situation": ".st-key-part-summary"}


@pytest.mark.parametrize("path", CONTENT)
def test_begins_with_what_its_reader_came_for_within_120_pixels_of_a_phone(
    desk: Server, page_factory: PageFactory, path: str
) -> None:
    page = page_factory(width=390, height=844)
    sign_in(desk, page, "responder", f"Phone {path}")
    page.goto(f"{desk.url}/{path}")
    content = page.locator(CONTENT[path]).first
    content.wait_for(timeout=PATIENCE_MS)
    page.wait_for_function("document.querySelectorAll('.st-key-head button, .st-key-queues button').length >= 5")
    box = content.bounding_box()
    assert box is not None
    heading = 28  # of the first group of a list
    assert box["y"] <= 120 + (heading if path == "requests" else 0), box

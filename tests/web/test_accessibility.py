"""WCAG 2.2 AA by axe-core over every plain page, on a phone, light and dark; and what axe does not look at."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import PageFactory
from tests.e2e.desk import DESK_PAGES
from tests.photos import drawing, jpeg
from tests.server import Server
from tests.web.visitor import Visitor, invite

# Levels A and AA of every version, and axe's own best practice: landmarks, order of headings, nothing outside them.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RULES = {"target-size": {"enabled": True}}  # 2.5.8, off by default
WHOLE = {"runOnly": {"type": "tag", "values": TAGS}, "rules": RULES, "resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Everything that Tab reaches, in order: what it is, whether its focus can be seen, whether it lies in the window.
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const seen = e.matches('.tile input') ? e.labels[0] : e;
  const style = getComputedStyle(seen), box = seen.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const at = [...document.querySelectorAll('*')].indexOf(e);
  return [at + ' ' + e.tagName + '#' + (e.id || e.name || e.textContent.trim().slice(0, 20)), ring,
          box.bottom > 0 && box.top < innerHeight];
}"""


@pytest.fixture(scope="module")
def pages(site: Server) -> Iterator[dict[str, str]]:
    """Addresses by name, with what has to be there for each page to show all it can."""
    with Visitor(site.url) as visitor:
        visitor.report(
            category="rescue", text="Water up to the roof", lat="13.06", lon="80.25", people="2", consent_publish="1"
        )
        code = visitor.code
        mine = {"X-Tracking-Code": code, "If-Match": "*"}
        report = str(visitor.http.get("/api/v1/mine", headers=mine).json()["id"])
        photo = visitor.http.post(f"/api/v1/reports/{report}/photos", content=jpeg(drawing(64, 48)), headers=mine)
        assert photo.status_code == 201, photo.text
        added = visitor.http.post(f"/api/v1/requests/{report}/add", json={"note": "we are three now"}, headers=mine)
        assert added.status_code == 200, added.text
        after = str(visitor.page.url.path)
    shelter = {"type": "Point", "coordinates": [80.26, 13.06]}
    layer = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": shelter, "properties": {"name": "Hall Two", "status": "open"}}],
    }
    address = f"{site.url}/api/v1/layers/halls-for-all?role=shelter"
    assert httpx.put(address, json=layer, headers=site.auth, trust_env=False).is_success
    yield {
        "report": "/report",
        "report in Arabic": "/report?lang=ar",
        "thanks": after,
        "code": "/t",
        "no such code": "/t/7K2M-9QXA-4TPC",
        "track": f"/t/{code}",
        "mine": f"/t/{code}/data",
        "shelters": "/shelters",
        "sign in": "/login",
        "invited": f"/login?invitation={invite(site, 'Asha', 'responder')}",
        "docs": "/api/v1/docs",
        "nothing here": "/report/x/y",
        "tasks": "/tasks",
        "task": f"/tasks/{report}",
        "account": "/login/account",
        "sign out": "/logout",
    }


def violations(page: Page, options: dict[str, Any] = WHOLE) -> list[str]:
    """What axe finds, one line a violation with the elements it is about."""
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {[node['html'][:150] for node in each['nodes'][:5]]}"
        for each in found
    ]


def signed_in(site: Server, page: Page, role: str = "responder") -> None:
    """As somebody with a password: the account page then has the second factor too."""
    with Visitor(site.url) as visitor:
        visitor.open(f"/login?invitation={invite(site, 'Meena', role)}")
        visitor.send("/login", follow=False, login=f"meena-{uuid.uuid4()}", password="seven boats at dawn")
        assert visitor.page.status_code == 303
        cookies = [{"name": name, "value": value, "url": site.url} for name, value in visitor.http.cookies.items()]
    page.context.add_cookies(cookies)


def test_has_no_violation_on_any_plain_page(site: Server, pages: dict[str, str], page_factory: PageFactory) -> None:
    page = page_factory(width=390, height=844)
    wrong: dict[str, list[str]] = {}
    for name, address in pages.items():
        if name == "tasks":
            signed_in(site, page)
        page.emulate_media(color_scheme="light")
        page.goto(site.url + address)
        found = violations(page)
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {line}" for line in violations(page, COLOURS)]
        page.set_viewport_size({"width": 320, "height": 844})
        sideways = page.evaluate(SIDEWAYS)
        found += [f"scrolls sideways by {sideways} px at 320 px"] if sideways else []
        page.set_viewport_size({"width": 390, "height": 844})
        if found:
            wrong[f"{name} {page.url}"] = found
    assert not wrong, "\n".join(f"{name}\n  " + "\n  ".join(lines) for name, lines in wrong.items())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_has_no_violation_on_the_desk(
    site: Server, pages: dict[str, str], page_factory: PageFactory, theme: str
) -> None:
    """Every page as those see it who may use it: Streamlit's own parts are looked at as well as ours."""
    page = page_factory(width=1280, height=800, color_scheme=theme)
    signed_in(site, page, "admin")
    wrong: dict[str, list[str]] = {}
    for address, last in DESK_PAGES.items():
        if address == "call":
            signed_in(site, page)
        elif address == "admin":
            signed_in(site, page, "admin")
        page.goto(f"{site.url}/{address}")
        page.locator(last).first.wait_for(timeout=60_000)
        page.wait_for_timeout(1500)  # what fades in has other colours meanwhile
        wrong[address] = violations(page)
        if address == "requests":
            page.locator(".row .open").first.click()
            expect(page.locator(".cm-detail-head")).to_be_visible()
            page.wait_for_timeout(1500)
            wrong["detail"] = violations(page)
    wrong = {address: found for address, found in wrong.items() if found}
    assert not wrong, "\n".join(f"/{address}\n  " + "\n  ".join(lines) for address, lines in wrong.items())


def test_shows_where_the_keyboard_is(site: Server, pages: dict[str, str], page_factory: PageFactory) -> None:
    page = page_factory(width=390, height=844, reduced_motion="reduce")
    for name in ("report", "mine", "sign in"):
        page.goto(site.url + pages[name])
        seen: list[str] = []
        while True:
            page.keyboard.press("Tab")
            where = page.evaluate(FOCUS)
            if where is None or where[0] in seen:
                break  # back at the top, or at the browser's own
            seen.append(where[0])
            assert where[1], f"{name}: nothing shows that {where[0]} has the focus"
            assert where[2], f"{name}: {where[0]} has the focus outside the window"
            assert len(seen) < 120, f"{name}: {seen} has no end"
        assert len(seen) > 8, seen


def test_would_find_what_is_wrong(site: Server, page_factory: PageFactory) -> None:
    """The negative control: the same page, broken in the ways that the audit is there for."""
    page = page_factory(width=390, height=844)
    page.goto(f"{site.url}/report")
    page.evaluate(
        """() => {
          document.querySelector('label[for=text]').remove();
          document.documentElement.removeAttribute('lang');
          document.querySelector('h1').style.color = '#999';
          document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="data:,"><h5>too deep</h5>');
          const tiny = document.createElement('div');
          tiny.style.display = 'flex';
          for (const word of 'ab') {
            const button = document.createElement('button');
            button.textContent = word;
            button.style.cssText = 'all:unset;width:9px;height:9px;overflow:hidden';
            tiny.append(button);
          }
          document.querySelector('main').append(tiny);
        }"""
    )
    found = {line.split()[0] for line in violations(page)}
    assert found >= {"label", "html-has-lang", "color-contrast", "image-alt", "heading-order", "target-size"}

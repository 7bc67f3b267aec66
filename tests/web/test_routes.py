"""What every plain page has in common: headers, languages, dead addresses, our own files, and the API's page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from crisismap.api.app import make_api
from crisismap.core.errors import KINDS, CrisismapError
from crisismap.demo.client import Refused
from crisismap.i18n import languages
from crisismap.web.pages.docs_page import problems
from crisismap.web.routes import routes
from tests.server import Server, StartServer
from tests.web.visitor import Visitor

PAGES = [
    "/report",
    "/shelters",
    "/t",
    "/login",
    "/logout",
    "/api/v1/docs",
    "/t/ZZZZ-ZZZZ-ZZZZ",
    "/report/nothing",
    "/login/x",
]
VOID = {"meta", "link", "input", "br", "path", "circle", "rect"}


class Checker(HTMLParser):
    """Follows a page's structure: every tag closed, ids once, and every control with a label."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.controls: list[str] = []
        self.told: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if "id" in facts:
            self.ids.append(facts["id"])
        if tag == "label":
            self.labels.append(facts["for"])
        if tag in ("input", "select", "textarea") and facts.get("type") != "hidden":
            self.controls.append(facts["id"])
        self.told += facts.get("aria-describedby", "").split() + facts.get("aria-labelledby", "").split()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("address", PAGES)
def test_forbids_everything_but_its_own(visitor: Visitor, address: str):
    headers = visitor.open(address).page.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("code", languages())
def test_is_a_well_formed_page_in_every_language(visitor: Visitor, address: str, code: str):
    page = visitor.open(f"{address}?lang={code}")
    html = page.page.text
    assert f'<html lang="{code}" dir="{languages()[code].direction}">' in html
    assert re.search(r"<title>[^<]+ · ", html)
    assert len(re.findall(r"<h1", html)) == 1
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))
    assert set(checker.controls) == set(checker.labels) == set(checker.controls) & set(checker.ids)
    assert set(checker.told) <= set(checker.ids)
    assert "{" not in page.text.replace("{metres}", "") or address == "/api/v1/docs"
    if address != "/api/v1/docs":
        for other in languages().values():
            assert other.name in page.text


def test_chooses_the_language_of_the_browser(site: Server):
    def lang(header: str) -> str:
        with Visitor(site.url, **{"Accept-Language": header}) as one:
            found = re.search(r'<html lang="(\w+)"', one.open("/report").page.text)
            assert found
            return found[1]

    assert lang("ta-IN,ta;q=0.9,en;q=0.8") == "ta"
    assert lang("fr,es-MX;q=0.7,en;q=0.5") == "es"
    assert lang("en;q=0.1,hi;q=0.9") == "hi"
    assert lang("AR-eg") == "ar"
    for header in ("fr", "*", "", "ta;q=0", "ta;q=x", ";;,,", "x" * 5000):
        assert lang(header) == "en"


def test_remembers_the_language_somebody_chose(visitor: Visitor):
    visitor.open("/report?lang=ne")
    assert '<html lang="ne"' in visitor.open("/t").page.text
    assert '<html lang="ne"' in visitor.open("/t?lang=xx").page.text
    visitor.open("/t?lang=en")
    assert '<html lang="en"' in visitor.open("/login").page.text


def test_keeps_what_the_address_says_when_the_language_changes(visitor: Visitor):
    html = visitor.open("/login?invitation=%3Cb%3E%26lang%3Den").page.text
    assert 'href="/login?invitation=%3Cb%3E%26lang%3Den&amp;lang=ta"' in html


@pytest.mark.parametrize("address", ["/report/", "/report/x/y", "/shelters/x", "/t/a/b", "/login/", "/logout/x", "/t/"])
def test_answers_with_a_page_where_nothing_is(visitor: Visitor, address: str):
    visitor.open(address)
    assert visitor.page.status_code == 404
    assert visitor.page.headers["content-type"].startswith("text/html")
    assert "There is no page at this address." in visitor.text
    assert 'href="/report"' in visitor.page.text


def test_answers_head_and_refuses_other_methods(visitor: Visitor):
    assert visitor.http.head("/report").status_code == 200
    assert visitor.http.put("/report").status_code == 405
    assert visitor.http.post("/t").status_code == 405


def test_says_that_a_demonstration_is_made_up(server: StartServer):
    one = server(command="demo")
    with Visitor(one.url) as visitor:
        for address in PAGES:
            assert "MADE UP" in visitor.open(address).text
        assert "MADE UP" in visitor.open("/report?lang=ar").text


def test_does_not_say_so_of_real_reports(visitor: Visitor):
    for address in PAGES:
        assert "MADE UP" not in visitor.open(address).text


def test_keeps_its_own_files_for_good_where_the_address_changes_with_them(visitor: Visitor):
    style = re.search(r'href="(/assets/plain.css\?v=[0-9a-f]+)"', visitor.open("/report").page.text)
    assert style
    marked = visitor.http.get(style[1])
    assert "immutable" in marked.headers["cache-control"]
    bare = visitor.http.get("/assets/plain.css")
    assert bare.headers["cache-control"] == "no-cache"
    again = visitor.http.get("/assets/plain.css", headers={"If-None-Match": bare.headers["etag"]})
    assert again.status_code == 304
    for address in ("/assets/nothing.css", "/assets/%2e%2e/routes.py", "/assets/..%2froutes.py", "/assets/"):
        assert visitor.http.get(address).status_code == 404


def test_describes_every_path_of_the_api(visitor: Visitor):
    html = visitor.open("/api/v1/docs").page.text
    document = make_api(routes()).openapi()
    for path in document["paths"]:
        assert path in html
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in html
    for kind in KINDS:
        assert f"<code>{kind.kind}</code>" in html
    assert "nearest_shelter" in html or "client_id" in html


def test_describes_no_refusal_that_only_a_client_knows():
    """The demo's client runs in the server's process and has a kind of its own."""
    assert issubclass(Refused, CrisismapError)
    assert [kind for kind, _ in problems()] == sorted(kind.kind for kind in KINDS)


def test_logs_no_error_of_its_own(site: Server):
    """Everything the tests above did was foreseen."""
    with httpx.Client(base_url=site.url, trust_env=False) as client:
        client.get("/report")
    assert "Traceback" not in site.log.read_text(errors="replace")

"""/login and /logout: an invitation becomes a session once, and a session ends."""

from __future__ import annotations

import pytest

from tests.server import Server, StartServer
from tests.web.visitor import Visitor, invite

SESSION = "crisismap_session"


def test_asks_before_it_signs_in(visitor: Visitor, site: Server):
    visitor.open(f"/login?invitation={invite(site, 'Asha <b>')}")
    assert "Invitation for Asha <b>" in visitor.text
    assert "Role: agency" in visitor.text
    assert "Organisation: City Relief" in visitor.text
    assert SESSION not in visitor.http.cookies
    assert visitor.page.headers["referrer-policy"] == "no-referrer"
    assert visitor.page.headers["cache-control"] == "no-store"


def test_signs_in_once(visitor: Visitor, site: Server):
    secret = invite(site)
    visitor.open(f"/login?invitation={secret}").send("/login", follow=False)
    assert (visitor.page.status_code, visitor.page.headers["location"]) == (303, "/")
    cookie = next(c for c in visitor.page.headers.get_list("set-cookie") if c.startswith(SESSION))
    assert {"httponly", "path=/", "samesite=lax", "max-age=604800"} <= {p.strip().lower() for p in cookie.split(";")}
    assert "secure" not in cookie.lower()
    assert visitor.http.get("/api/v1/reports.geojson?audience=agency").status_code == 200
    assert "You are signed in as Asha (City Relief)" in visitor.open("/login").text
    with Visitor(site.url) as other:
        other.open(f"/login?invitation={secret}")
        assert other.page.status_code == 404
        assert "not valid" in other.text
        assert SESSION not in other.http.cookies


def test_does_not_sign_in_on_a_mere_visit_or_without_the_token(visitor: Visitor, site: Server):
    secret = invite(site)
    visitor.open(f"/login?invitation={secret}")
    visitor.page = visitor.http.post("/login", data={"invitation": secret})
    assert visitor.page.status_code == 403
    assert "Please press the button again" in visitor.text
    assert SESSION not in visitor.http.cookies
    visitor.send("/login", follow=False)
    assert visitor.page.status_code == 303


def test_takes_the_whole_link_pasted(visitor: Visitor, site: Server):
    secret = invite(site)
    for typed in (
        secret,
        f"https://map.example.org/login?invitation={secret}",
        f"  /login?lang=ta&invitation={secret} ",
    ):
        visitor.page = visitor.http.get("/login", params={"invitation": typed})
        assert "Invitation for Asha" in visitor.text


@pytest.mark.parametrize("typed", ["wrong", "é😀", "x" * 3000, "?invitation=", "<script>", "http://[bad?invitation=x"])
def test_says_clearly_that_an_invitation_is_no_good(visitor: Visitor, typed: str):
    visitor.page = visitor.http.get("/login", params={"invitation": typed})
    assert visitor.page.status_code == 404
    assert "This invitation is not valid" in visitor.text
    assert "Invitation link" in visitor.text  # a next step


def test_says_how_to_get_an_invitation(visitor: Visitor):
    assert "You need an invitation link" in visitor.open("/login").text
    assert visitor.page.status_code == 200


def test_signs_out_here_and_in_the_store(visitor: Visitor, site: Server):
    visitor.open(f"/login?invitation={invite(site)}").send("/login", follow=False)
    session = visitor.http.cookies[SESSION]
    assert visitor.http.post("/logout", data={}).status_code == 403
    visitor.open("/login").send("/logout")
    assert SESSION not in visitor.http.cookies
    assert "You need an invitation link" in visitor.text
    with Visitor(site.url) as thief:
        thief.http.cookies[SESSION] = session
        assert "You need an invitation link" in thief.open("/login").text


def test_ends_the_session_that_another_one_replaces(visitor: Visitor, site: Server):
    visitor.open(f"/login?invitation={invite(site)}").send("/login", follow=False)
    first = visitor.http.cookies[SESSION]
    visitor.open(f"/login?invitation={invite(site, 'Ravi', 'responder')}")
    assert "Asha (City Relief) will be signed out on this device" in visitor.text
    visitor.send("/login", follow=False)
    assert visitor.http.cookies[SESSION] != first
    with Visitor(site.url) as old:
        old.http.cookies[SESSION] = first
        assert "You are signed in" not in old.open("/login").text


def test_has_no_token_that_fits_before_and_after_signing_in(visitor: Visitor, site: Server):
    before = visitor.open("/report").form("/report")["csrf_token"]
    visitor.open(f"/login?invitation={invite(site)}").send("/login", follow=False)
    assert visitor.open("/report").form("/report")["csrf_token"] != before


def test_does_not_act_for_somebody_whose_form_came_from_elsewhere(visitor: Visitor, site: Server):
    visitor.open(f"/login?invitation={invite(site)}").send("/login", follow=False)
    form = visitor.open("/report").form("/report") | {"category": "rescue", "text": "forged"}
    answer = visitor.http.post("/report", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_keeps_cookies_to_encrypted_connections_where_there_are_any(server: StartServer):
    one = server(env={"CRISISMAP_PUBLIC_URL": "https://map.example.org"})
    with Visitor(one.url) as visitor:
        cookies = visitor.open("/report").page.headers.get_list("set-cookie")
    assert cookies
    assert all("secure" in cookie.lower() for cookie in cookies)

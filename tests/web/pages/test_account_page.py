"""/login with a password and /login/account, as a browser without JavaScript does it."""

from __future__ import annotations

import re
import time

import pyotp

from tests.server import Server, StartServer
from tests.web.pages.test_sign_in_page import SESSION
from tests.web.visitor import Visitor, invite

GOOD = "seven boats at dawn"


def join(visitor: Visitor, site: Server, login: str, role: str = "responder") -> Visitor:
    visitor.open(f"/login?invitation={invite(site, 'Ravi', role)}")
    return visitor.send("/login", follow=False, login=login, password=GOOD)


def test_comes_back_with_the_password_chosen_at_the_invitation(visitor: Visitor, site: Server) -> None:
    assert join(visitor, site, "ravi-1").page.headers["location"] == "/"
    visitor.open("/login").send("/logout")
    assert SESSION not in visitor.http.cookies
    visitor.send("/login", follow=False, login="RAVI-1", password=GOOD)
    assert (visitor.page.status_code, visitor.page.headers["location"]) == (303, "/")
    assert "You are signed in as Ravi" in visitor.open("/login").text


def test_says_the_same_for_every_wrong_pair_and_never_shows_a_password(visitor: Visitor, site: Server) -> None:
    join(visitor, site, "ravi-2")
    visitor.open("/login").send("/logout")
    said = set()
    for login, password in (("ravi-2", "wrong-word-1234"), ("nobody<script>", "wrong-word-1234")):
        visitor.open("/login").send("/login", login=login, password=password)
        assert visitor.page.status_code == 403
        assert "wrong-word" not in visitor.page.text
        assert "<script>" not in visitor.page.text
        said.add(re.search(r"That did not work: [^.]*\.", visitor.text)[0])  # type: ignore[index]
    assert len(said) == 1


def test_refuses_a_weak_password_and_keeps_the_invitation(visitor: Visitor, site: Server) -> None:
    visitor.open(f"/login?invitation={invite(site, 'Ravi', 'volunteer')}")
    visitor.send("/login", login="ravi-3", password="short")
    assert visitor.page.status_code == 422
    assert "must have 12 to 200 characters" in visitor.text
    visitor.send("/login", follow=False, login="ravi-3", password=GOOD)
    assert visitor.page.status_code == 303


def test_leads_an_admin_to_the_second_factor_and_asks_for_it_ever_after(visitor: Visitor, site: Server) -> None:
    assert join(visitor, site, "daya", "admin").page.headers["location"] == "/login/account#second"
    page = visitor.open("/login/account").page.text
    assert "Your role needs a second factor" in page
    assert "<svg" in page
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page)
    assert secret
    totp = pyotp.TOTP(secret[1])
    assert secret[1] not in visitor.form("/login/account")["csrf_token"]
    # Three forms have this action; the reader knows the last, so the middle one is filled in by hand.
    offer = re.search(r'name="offer" value="([^"]+)"', page)
    assert offer
    send = {"csrf_token": visitor.form("/login/account")["csrf_token"], "do": "second", "offer": offer[1], "old": GOOD}
    step = int(time.time()) // 30
    assert visitor.http.post("/login/account", data=send | {"code": "000"}).status_code == 422
    done = visitor.http.post("/login/account", data=send | {"code": totp.generate_otp(step)})
    assert done.headers["location"] == "/login/account?saved=1"
    assert "A second factor is set up" in visitor.open("/login/account").text
    visitor.open("/login").send("/logout")
    visitor.send("/login", login="daya", password=GOOD)
    assert visitor.page.status_code == 200
    assert "Code from your authenticator app" in visitor.text
    assert SESSION not in visitor.http.cookies
    visitor.send("/login", follow=False, code=totp.generate_otp(step + 1))
    assert visitor.page.status_code == 303, visitor.text
    assert visitor.http.get("/api/v1/reports.geojson?audience=agency").status_code == 200
    gets_in_without_the_phone(visitor)


def gets_in_without_the_phone(visitor: Visitor) -> None:
    """The codes are shown once; one of them does what the phone's code does."""
    page = visitor.open("/login/account")
    assert "Codes left: 0" in page.text
    make = {"csrf_token": visitor.form_token()["csrf_token"], "do": "recovery"}
    assert visitor.http.post("/login/account", data=make | {"old": "not the password"}).status_code == 422
    made = visitor.http.post("/login/account", data=make | {"old": GOOD})
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    codes = re.findall(r"<code[^>]*>(\d{4}-\d{4}-\d{4})</code>", made.text)
    assert len(codes) == 10
    again = visitor.open("/login/account")
    assert "Codes left: 10" in again.text
    assert codes[0] not in again.page.text
    visitor.open("/login").send("/logout")
    visitor.send("/login", login="daya", password=GOOD)
    assert "Lost your phone?" in visitor.text
    visitor.send("/login", follow=False, code=codes[0])
    assert visitor.page.status_code == 303, visitor.text
    assert "Codes left: 9" in visitor.open("/login/account").text


def test_ends_a_session_from_the_list(visitor: Visitor, site: Server) -> None:
    join(visitor, site, "ravi-4")
    with Visitor(site.url) as lost_phone:
        lost_phone.open("/login").send("/login", login="ravi-4", password=GOOD)
        assert "You are signed in" in lost_phone.open("/login").text
        page = visitor.open("/login/account").page.text
        assert len(re.findall(r'name="session" value="([0-9a-f]+)"', page)) == 2
        items = page.split("<li>")
        other = next(
            re.search(r'name="session" value="([0-9a-f]+)"', i)
            for i in items
            if 'name="session"' in i and "this device" not in i
        )
        assert other
        visitor.send("/login/account", session=other[1])
        assert "You are signed in" not in lost_phone.open("/login").text
    assert "You are signed in" in visitor.open("/login").text


def test_takes_no_form_of_another_site(visitor: Visitor, site: Server) -> None:
    join(visitor, site, "ravi-5")
    for send in (
        {"do": "password", "login": "x", "old": GOOD, "new": "eight " + GOOD},
        {"do": "end"},
        {"do": "second"},
    ):
        assert visitor.http.post("/login/account", data=send).status_code == 403
        forged = visitor.form_token() | send
        assert (
            visitor.http.post("/login/account", data=forged, headers={"Sec-Fetch-Site": "cross-site"}).status_code
            == 403
        )
    visitor.open("/login").send("/logout")
    assert visitor.http.post("/login", data={"login": "ravi-5", "password": GOOD}).status_code == 403


def test_shows_the_account_to_nobody_else(visitor: Visitor) -> None:
    assert visitor.http.get("/login/account").headers["location"] == "/login"
    assert visitor.http.post("/login/account", data={"do": "end"}).headers["location"] == "/login"


def test_stops_guessing_with_429(server: StartServer) -> None:
    one = server(env={"CRISISMAP_RATE_LIMIT": "on"})
    with Visitor(one.url) as visitor:
        visitor.open("/login")
        for _ in range(20):
            assert visitor.send("/login", login="daya", password="x" * 201).page.status_code == 403
        visitor.send("/login", login="daya", password="x" * 201)
        assert visitor.page.status_code == 429
        assert 0 < int(visitor.page.headers["retry-after"]) <= 3600


def test_prints_one_admin_invitation_at_the_first_start_only(server: StartServer, tmp_path) -> None:
    folder = tmp_path / "first"
    one = server(data_dir=folder)
    link = re.search(r"signs in here, once: (\S+)", one.log.read_text())
    assert link
    with Visitor(one.url) as visitor:
        visitor.open(link[1])
        assert "Role: administrator" in visitor.text
        visitor.send("/login", follow=False)
        assert visitor.page.status_code == 303
    one.stop()
    again = server(data_dir=folder)
    assert "signs in here, once" not in again.log.read_text()

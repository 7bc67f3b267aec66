"""/login/account: one's own password, second factor, recovery codes and sessions."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup
from starlette.responses import Response

from crisismap.core.errors import CrisismapError, Invalid, NotFound, TooManyTries
from crisismap.core.people.account import credential_id
from crisismap.core.people.person import STRANGER
from crisismap.problems import reason
from crisismap.services.accounts import account, recovery
from crisismap.services.accounts.session import COOKIE
from crisismap.web.render import page, redirect
from crisismap.web.visit import Visit


def show(visit: Visit) -> Response:
    """Show the account of the person who is signed in; everybody else signs in first."""
    if visit.person == STRANGER:
        return redirect(visit, "/login")
    return _page(visit, visit.language("login.done") if visit.parameter("saved") else "")


def send(visit: Visit) -> Response:
    """Change the password or the second factor, make recovery codes, or end a session."""
    if visit.person == STRANGER:
        return redirect(visit, "/login")
    if not visit.has_token:
        return _page(visit, visit.language("login.token"), 403)
    try:
        if visit.form.get("do") == "recovery":
            context, old = visit.context, visit.form.get("old", "")
            store, settings = context.store, context.settings
            codes = account.make_recovery(store, context.guards, settings, context.clock(), visit.person, old)
            return _page(visit, "", codes=codes)
        _do(visit)
    except (Invalid, NotFound, TooManyTries) as problem:
        status = 429 if isinstance(problem, TooManyTries) else 422
        return _page(visit, visit.language("login.refused", why=reason(problem, visit.language)), status)
    return redirect(visit, "/login/account?saved=1")


def _do(visit: Visit) -> None:
    context, person, form, session = visit.context, visit.person, visit.form, visit.request.cookies[COOKIE]
    values = {name: form.get(name, "") for name in ("login", "old", "new", "offer", "code", "session")}
    match form.get("do"):
        case "password":
            account.change_password(context, person, session, values["old"], values["login"], values["new"])
        case "second":
            account.set_second_factor(context, person, session, values["offer"], values["code"], values["old"])
        case "end":
            account.end_one(context.store, context.clock(), person, values["session"])
        case _:
            raise CrisismapError("not_our_form")


def _page(visit: Visit, message: str, status: int = 200, codes: tuple[str, ...] = ()) -> Response:
    """Return the page. `codes`: recovery codes made by this request, shown once."""
    context, person = visit.context, visit.person
    account_data = account.account_of(context.store, person)
    key, offer, picture = "", "", Markup("")
    if account_data.password is not None:
        key, address, offer = account.propose_second_factor(context.store, context.settings, context.clock(), person)
        picture = _qr_code(address)
    return page(
        visit,
        "account.html",
        status,
        message=message,
        bad=status != 200,
        login=visit.form.get("login") or account_data.login or "",
        has_password=account_data.password is not None,
        has_second=account_data.second_factor is not None,
        needs_second=account.needs_second_factor(person),
        codes=codes,
        codes_left=recovery.codes_left(context.store, person),
        key=key,
        offer=offer,
        picture=picture,
        sessions=account.sessions(context.store, context.clock(), person),
        own=credential_id(visit.request.cookies[COOKIE]),
        now_ms=context.clock(),
    )


def _qr_code(address: str) -> Markup:
    """Return the address as a QR code inside the page, so that no file and no other server has the secret."""
    svg = io.BytesIO()
    segno.make(address).save(svg, kind="svg", scale=4, light="#fff", xmldecl=False, svgns=False, omitsize=False)
    return Markup(svg.getvalue().decode())  # noqa: S704 - drawn by us from letters and digits

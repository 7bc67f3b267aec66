"""/login and /logout: sign in by an invitation link or by password and second factor, and sign out."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn, TooManyTries
from crisismap.core.people.person import STRANGER, Person
from crisismap.problems import reason, sentence
from crisismap.services.accounts import account
from crisismap.services.accounts.oidc import sign_in_label
from crisismap.services.accounts.session import COOKIE
from crisismap.services.accounts.sign_in import SESSION_MS, end_session, invited_person
from crisismap.web.render import page, redirect, retry_later, set_cookie
from crisismap.web.visit import Visit

# Signing in may lead back only to these pages: a link to another site would make phishing easy.
_BACK = re.compile(r"/tasks(/[\w-]{1,64})?(\?[\w=&.,%+-]{0,300})?", re.ASCII)


def show(visit: Visit) -> Response:
    """Show who is signed in, whom an invitation is for, or how to get one."""
    invitation = visit.parameter("invitation").strip()
    if not invitation:
        return _page(visit)
    secret = secret_of(invitation)
    try:
        guest = invited_person(visit.context.store, visit.context.clock(), secret)
    except NotSignedIn:
        return _page(visit, message="login.bad", status=404)
    return _page(visit, guest=guest, secret=secret)


def sign_in(visit: Visit) -> Response:
    """Begin a session by an invitation, a password, or the code of the second factor."""
    form, context = visit.form, visit.context
    if "invitation" in form:
        return _accept(visit, form["invitation"])
    if not visit.has_token:
        return _page(visit, message="login.token", status=403)
    try:
        if "ticket" in form:
            tries, ticket, code = context.guards.sign_in_tries, form["ticket"], form.get("code", "")
            result: account.NewSession | account.PasswordAccepted = account.finish(
                context.store, tries, context.settings, context.clock(), ticket, code, visit.address
            )
        else:
            login, password = form.get("login", ""), form.get("password", "")
            result = account.sign_in(
                context.store, context.guards, context.settings, context.clock(), login, password, visit.address
            )
    except (NotSignedIn, Forbidden) as problem:
        return _page(visit, message="login.refused", why=sentence(problem, visit.language), status=403)
    except TooManyTries as problem:
        response = _page(visit, message="login.refused", why=sentence(problem, visit.language), status=429)
        return retry_later(response, problem)
    if isinstance(result, account.PasswordAccepted):
        return _page(visit, ticket=result.ticket)
    return begin_session(visit, result, _next(visit) or "/")


def begin_session(visit: Visit, session: account.NewSession, address: str = "/") -> Response:
    """Give the browser its new session in place of the one it had."""
    _end(visit)
    response = redirect(visit, address)
    set_cookie(visit, response, COOKIE, session.secret, SESSION_MS // 1000)
    return response


def _accept(visit: Visit, secret: str) -> Response:
    """Accept an invitation, with or without a password for later sign-ins."""
    login, password, context = visit.form.get("login", ""), visit.form.get("password", ""), visit.context
    try:
        guest = invited_person(context.store, context.clock(), secret)
        if not visit.has_token:
            return _page(visit, guest=guest, secret=secret, message="login.token", status=403)
        turns = context.guards.turns
        session = account.accept_invitation(context.store, turns, context.clock(), secret, login, password)
    except NotSignedIn:
        return _page(visit, message="login.bad", status=404)
    except Invalid as problem:
        why = reason(problem, visit.language)
        return _page(visit, guest=guest, secret=secret, message="login.refused", why=why, status=422)
    needs_more = bool(password) and account.needs_second_factor(session.person)
    return begin_session(visit, session, "/login/account#second" if needs_more else _next(visit) or "/")


def leave(visit: Visit) -> Response:
    """Show the button that signs out."""
    return _page(visit)


def sign_out(visit: Visit) -> Response:
    """End the session in the browser and in the store."""
    if not visit.has_token:
        return _page(visit, message="login.token", status=403)
    _end(visit)
    response = redirect(visit, "/login")
    response.delete_cookie(COOKIE, path="/", secure=visit.secure, httponly=True, samesite="lax")
    return response


def secret_of(text: str) -> str:
    """Return the secret of an invitation, from a whole link or from the secret alone."""
    found = parse_qs(text.partition("?")[2]).get("invitation")
    return found[0].strip() if found else text


def back(address: str) -> str:
    """Return the page to go back to after signing in; empty for an address that is not allowed."""
    return address if _BACK.fullmatch(address) else ""


def _next(visit: Visit) -> str:
    return back(visit.form.get("next") or visit.parameter("next"))


def _end(visit: Visit) -> None:
    if visit.person != STRANGER:
        end_session(visit.context.store, visit.context.clock(), visit.request.cookies[COOKIE], visit.person)


def _page(visit: Visit, *, guest: Person | None = None, message: str = "", why: str = "", **options: Any) -> Response:
    """Return the page. `more`: the invitation's secret, the ticket between password and code, the status."""
    return page(
        visit,
        "login.html",
        options.get("status", 200),
        guest=guest,
        role=", ".join(visit.language(f"login.role_{role}") for role in sorted(guest.roles)) if guest else "",
        secret=options.get("secret", ""),
        ticket=options.get("ticket", ""),
        typed=visit.form.get("login", ""),
        organisation=sign_in_label(visit.context.settings),
        next=_next(visit),
        message=visit.language(message, why=why) if why else visit.language(message) if message else "",
        signed_in=visit.person != STRANGER,
    )

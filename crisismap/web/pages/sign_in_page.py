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
from crisismap.services.accounts.oidc import offered
from crisismap.services.accounts.session import COOKIE
from crisismap.services.accounts.sign_in import SESSION_MS, end_session, invited
from crisismap.web import csrf
from crisismap.web.render import page, redirect, set_cookie
from crisismap.web.visit import Visit

# Signing in may lead back only to these pages: a link to another site would make phishing easy.
_BACK = re.compile(r"/tasks(/[\w-]{1,64})?(\?[\w=&.,%+-]{0,300})?", re.ASCII)


def show(visit: Visit) -> Response:
    """Show who is signed in, whom an invitation is for, or how to get one."""
    typed = visit.asked("invitation").strip()
    if not typed:
        return _page(visit)
    secret = secret_of(typed)
    try:
        guest = invited(visit.context.store, visit.context.clock(), secret)
    except NotSignedIn:
        return _page(visit, message="login.bad", status=404)
    return _page(visit, guest=guest, secret=secret)


def sign_in(visit: Visit) -> Response:
    """Begin a session by an invitation, a password, or the code of the second factor."""
    form = visit.form
    if "invitation" in form:
        return _accept(visit, form["invitation"])
    if not visit.guard.holds(form.get(csrf.FIELD, "")):
        return _page(visit, message="login.token", status=403)
    try:
        if "ticket" in form:
            done: account.NewSession | account.PasswordAccepted = account.finish(
                visit.context.store,
                visit.context.guards.sign_in_tries,
                visit.context.settings,
                visit.context.clock(),
                form["ticket"],
                form.get("code", ""),
                visit.address,
            )
        else:
            done = account.sign_in(
                visit.context.store,
                visit.context.guards,
                visit.context.settings,
                visit.context.clock(),
                form.get("login", ""),
                form.get("password", ""),
                visit.address,
            )
    except (NotSignedIn, Forbidden) as problem:
        return _page(visit, message="login.refused", why=sentence(problem, visit.words), status=403)
    except TooManyTries as problem:
        response = _page(visit, message="login.refused", why=sentence(problem, visit.words), status=429)
        response.headers["Retry-After"] = str(problem.details["retry_after_s"])
        return response
    if isinstance(done, account.PasswordAccepted):
        return _page(visit, ticket=done.ticket)
    return begun(visit, done, _next(visit) or "/")


def begun(visit: Visit, done: account.NewSession, to: str = "/") -> Response:
    """Give the browser its new session in place of the one it had."""
    _end(visit)
    response = redirect(visit, to)
    set_cookie(visit, response, COOKIE, done.secret, SESSION_MS // 1000)
    return response


def _accept(visit: Visit, secret: str) -> Response:
    """Accept an invitation, with or without a password for later sign-ins."""
    login, password = visit.form.get("login", ""), visit.form.get("password", "")
    try:
        guest = invited(visit.context.store, visit.context.clock(), secret)
        if not visit.guard.holds(visit.form.get(csrf.FIELD, "")):
            return _page(visit, guest=guest, secret=secret, message="login.token", status=403)
        done = account.accept_invitation(
            visit.context.store, visit.context.guards.turns, visit.context.clock(), secret, login, password
        )
    except NotSignedIn:
        return _page(visit, message="login.bad", status=404)
    except Invalid as problem:
        return _page(
            visit, guest=guest, secret=secret, message="login.refused", why=reason(problem, visit.words), status=422
        )
    needs_more = bool(password) and account.needs_second_factor(done.person)
    return begun(visit, done, "/login/account#second" if needs_more else _next(visit) or "/")


def leave(visit: Visit) -> Response:
    """Show the button that signs out."""
    return _page(visit)


def sign_out(visit: Visit) -> Response:
    """End the session in the browser and in the store."""
    if not visit.guard.holds(visit.form.get(csrf.FIELD, "")):
        return _page(visit, message="login.token", status=403)
    _end(visit)
    response = redirect(visit, "/login")
    response.delete_cookie(COOKIE, path="/", secure=visit.secure, httponly=True, samesite="lax")
    return response


def secret_of(typed: str) -> str:
    """Return the secret of an invitation, from a whole link or from the secret alone."""
    found = parse_qs(typed.partition("?")[2]).get("invitation")
    return found[0].strip() if found else typed


def back(address: str) -> str:
    """Return the page to go back to after signing in; empty for an address that is not allowed."""
    return address if _BACK.fullmatch(address) else ""


def _next(visit: Visit) -> str:
    return back(visit.form.get("next") or visit.asked("next"))


def _end(visit: Visit) -> None:
    if visit.person != STRANGER:
        end_session(visit.context.store, visit.context.clock(), visit.request.cookies[COOKIE], visit.person)


def _page(visit: Visit, *, guest: Person | None = None, message: str = "", why: str = "", **more: Any) -> Response:
    """Return the page. `more`: the invitation's secret, the ticket between password and code, the status."""
    return page(
        visit,
        "login.html",
        more.get("status", 200),
        guest=guest,
        role=_roles(visit, guest) if guest else "",
        secret=more.get("secret", ""),
        ticket=more.get("ticket", ""),
        typed=visit.form.get("login", ""),
        organisation=offered(visit.context.settings),
        next=_next(visit),
        message=visit.words(message, why=why) if why else visit.words(message) if message else "",
        signed_in=visit.person != STRANGER,
    )


def _roles(visit: Visit, person: Person) -> str:
    return ", ".join(visit.words(f"login.role_{role}") for role in sorted(person.roles))

"""Signing in by an invitation link that works once, and signing out."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from starlette.responses import Response

from crisismap.core.errors import NotSignedIn
from crisismap.core.person import STRANGER, Person
from crisismap.services.session import COOKIE
from crisismap.services.sign_in import SESSION_MS, begin_session, end_session, invited
from crisismap.web import csrf
from crisismap.web.render import page, redirect, set_cookie
from crisismap.web.visit import Visit

# Where signing in may lead back to: pages of ours for people who are signed in, and nowhere else.
_BACK = re.compile(r"/tasks(/[\w-]{1,64})?(\?[\w=&.,%+-]{0,300})?", re.ASCII)


def show(visit: Visit) -> Response:
    """Who is signed in, whom an invitation is for, or how to get one."""
    typed = visit.asked("invitation").strip()
    if not typed:
        return _page(visit)
    secret = secret_of(typed)
    try:
        guest = invited(visit.context, secret)
    except NotSignedIn:
        return _page(visit, said="login.bad", status=404)
    return _page(visit, guest=guest, secret=secret)


def sign_in(visit: Visit) -> Response:
    """Use the invitation: from here on the browser carries a session."""
    secret = visit.form.get("invitation", "")
    try:
        guest = invited(visit.context, secret)
        if not visit.guard.holds(visit.form.get(csrf.FIELD, "")):
            return _page(visit, guest=guest, secret=secret, said="login.token", status=403)
        _, session = begin_session(visit.context, secret).result().value
    except NotSignedIn:
        return _page(visit, said="login.bad", status=404)
    _end(visit)
    response = redirect(visit, back(visit.form.get("next", "")) or "/")
    set_cookie(visit, response, COOKIE, session, SESSION_MS // 1000)
    return response


def leave(visit: Visit) -> Response:
    """The button that signs out."""
    return _page(visit)


def sign_out(visit: Visit) -> Response:
    """End the session here and in the store."""
    if not visit.guard.holds(visit.form.get(csrf.FIELD, "")):
        return _page(visit, said="login.token", status=403)
    _end(visit)
    response = redirect(visit, "/login")
    response.delete_cookie(COOKIE, path="/", secure=visit.secure, httponly=True, samesite="lax")
    return response


def secret_of(typed: str) -> str:
    """The secret of an invitation, from a whole link or from the bare secret."""
    found = parse_qs(typed.partition("?")[2]).get("invitation")
    return found[0].strip() if found else typed


def back(address: str) -> str:
    """The page to return to after signing in; nothing for an address that is not one of those."""
    return address if _BACK.fullmatch(address) else ""


def _end(visit: Visit) -> None:
    if visit.person != STRANGER:
        end_session(visit.context, visit.request.cookies[COOKIE], visit.person).result()


def _page(
    visit: Visit, *, guest: Person | None = None, secret: str = "", said: str = "", status: int = 200
) -> Response:
    return page(
        visit,
        "login.html",
        status,
        guest=guest,
        role=_roles(visit, guest) if guest else "",
        secret=secret,
        next=back(visit.form.get("next") or visit.asked("next")),
        said=visit.words(said) if said else "",
        signed_in=visit.person != STRANGER,
    )


def _roles(visit: Visit, person: Person) -> str:
    return ", ".join(visit.words(f"login.role_{role}") for role in sorted(person.roles))

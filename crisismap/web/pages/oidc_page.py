"""Sign-in through an organisation's OpenID Connect provider: the redirect there, and the callback."""

from __future__ import annotations

from starlette.responses import Response

from crisismap.core.errors import CrisismapError, Forbidden, NotSignedIn, Unavailable
from crisismap.problems import sentence
from crisismap.services.accounts import oidc
from crisismap.web.pages.sign_in_page import begin_session
from crisismap.web.render import page, redirect, set_cookie
from crisismap.web.visit import Visit

COOKIE = "crisismap_away"


def leave(visit: Visit) -> Response:
    """Redirect to the provider. The sealed state that proves the callback stays in a cookie of the browser."""
    if not oidc.sign_in_label(visit.context.settings):
        return redirect(visit, "/login")
    try:
        address, away = oidc.leave(visit.context.settings, visit.context.clock(), _callback(visit))
    except Unavailable as problem:
        return _refusal(visit, problem)
    response = redirect(visit, address)
    set_cookie(visit, response, COOKIE, away, oidc.AWAY_S)
    return response


def finish_sign_in(visit: Visit) -> Response:
    """Take the provider's answer: begin a session, or show the reason for the refusal."""
    context, away, query = visit.context, visit.request.cookies.get(COOKIE, ""), visit.request.url.query
    try:
        session = oidc.finish_sign_in(context.store, context.settings, context.clock(), away, query, _callback(visit))
    except (NotSignedIn, Forbidden, Unavailable) as problem:
        return _refusal(visit, problem)
    response = begin_session(visit, session)
    response.delete_cookie(COOKIE, path="/", secure=visit.secure, httponly=True, samesite="lax")
    return response


def _callback(visit: Visit) -> str:
    return visit.base + oidc.CALLBACK


def _refusal(visit: Visit, problem: CrisismapError) -> Response:
    status = 503 if isinstance(problem, Unavailable) else 403
    return page(
        visit, "message.html", status, title=visit.language("login.title"), text=sentence(problem, visit.language)
    )

"""Sign-in through an organisation's OpenID Connect provider: the redirect there, and the callback."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from crisismap.core.errors import Forbidden, NotSignedIn, Unavailable
from crisismap.problems import sentence
from crisismap.services.accounts import oidc
from crisismap.web.pages.sign_in_page import begun
from crisismap.web.render import page, redirect, set_cookie, with_cookies
from crisismap.web.visit import Visit

COOKIE = "crisismap_away"
_QUIET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def leave(visit: Visit) -> Response:
    """Redirect to the provider. The sealed state that proves the callback stays in a cookie of the browser."""
    if not oidc.offered(visit.context.settings):
        return redirect(visit, "/login")
    try:
        address, away = oidc.leave(visit.context.settings, visit.context.clock(), _callback(visit))
    except Unavailable as problem:
        return _refused(visit, sentence(problem, visit.words), 503)
    response = RedirectResponse(address, 303, _QUIET)
    set_cookie(visit, response, COOKIE, away, oidc.AWAY_S)
    return with_cookies(visit, response)


def finish_sign_in(visit: Visit) -> Response:
    """Take the provider's answer: begin a session, or show the reason for the refusal."""
    away = visit.request.cookies.get(COOKIE, "")
    try:
        done = oidc.finish_sign_in(
            visit.context.store,
            visit.context.settings,
            visit.context.clock(),
            away,
            visit.request.url.query,
            _callback(visit),
        )
    except (NotSignedIn, Forbidden) as problem:
        return _refused(visit, sentence(problem, visit.words), 403)
    except Unavailable as problem:
        return _refused(visit, sentence(problem, visit.words), 503)
    response = begun(visit, done)
    response.delete_cookie(COOKIE, path="/", secure=visit.secure, httponly=True, samesite="lax")
    return response


def _callback(visit: Visit) -> str:
    base = visit.context.settings.public_url or str(visit.request.base_url).rstrip("/")
    return base + oidc.CALLBACK


def _refused(visit: Visit, why: str, status: int) -> Response:
    return page(visit, "message.html", status, title=visit.words("login.title"), text=why)

"""Protection of forms against other sites: a token signed for the browser's cookies (double submit).

The token is bound to a random cookie and to the session, so that nobody can prepare a pair for another person's
browser. A browser that keeps no cookies can still ask for help: a form that was sent back once carries a second part,
valid only without cookies and only for what a stranger may do.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import Request

from crisismap.services.accounts.session import COOKIE as SESSION
from crisismap.services.accounts.session import from_own_page

COOKIE = "crisismap_form"
FIELD = "csrf_token"
_BYTES = 16


@dataclass(frozen=True, slots=True)
class Guard:
    """The tokens of one browser, made and checked. The response sets `cookie` when it is new."""

    key: bytes
    cookie: str
    new: bool
    session: str
    own_page: bool

    @property
    def known_cookie(self) -> str:
        """Return the value that identifies this browser; empty for a browser that keeps no cookies."""
        return "" if self.new else self.cookie

    def token(self, *, without_cookies: bool = False) -> str:
        """Return the value of the hidden field."""
        bound = self._sign(f"form:{self.cookie}:{self.session}")
        return f"{bound}.{self._cookieless()}" if without_cookies else bound

    def is_valid(self, token: str) -> bool:
        """Return whether the form came from a page that this server sent to this browser."""
        if self.new or not self.own_page:
            return False
        return hmac.compare_digest(token.partition(".")[0].encode(), self.token().encode())

    def is_valid_for_stranger(self, token: str) -> bool:
        """Return whether the form is valid without cookies: from a browser that sends none and has no session."""
        cookieless = token.partition(".")[2]
        return (
            self.new
            and not self.session
            and self.own_page
            and hmac.compare_digest(cookieless.encode(), self._cookieless().encode())
        )

    def _cookieless(self) -> str:
        return self._sign("form-without-cookies")

    def _sign(self, text: str) -> str:
        return hmac.digest(self.key, text.encode(), "sha256").hex()


def guard_of(request: Request, key: bytes) -> Guard:
    """Return the guard of the browser that sent the request."""
    cookie = request.cookies.get(COOKIE, "")
    is_known = len(cookie) == 2 * _BYTES and cookie.isalnum()
    return Guard(
        key,
        cookie if is_known else secrets.token_hex(_BYTES),
        not is_known,
        request.cookies.get(SESSION, ""),
        from_own_page(request.method, request.headers.get("sec-fetch-site")),
    )

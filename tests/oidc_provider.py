"""A small OpenID Connect provider that really answers on loopback: discovery, keys, codes with PKCE, signed tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.processes import free_port

CLIENT, SECRET = "crisismap", "a client secret of the tests"


@dataclass
class Provider:
    """Signs in `who` at once; `spoil` changes what is signed, `signs` with which key, to see it refused."""

    url: str
    who: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "name": "Asha", "groups": ["relief-staff"]})
    spoil: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"}))
    signs: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    exchanged: int = 0

    def environ(self) -> dict[str, str]:
        """The settings of a deployment that signs in here."""
        return {
            "CRISISMAP_OIDC_ISSUER": self.url,
            "CRISISMAP_OIDC_CLIENT_ID": CLIENT,
            "CRISISMAP_OIDC_CLIENT_SECRET": SECRET,
            "CRISISMAP_OIDC_NAME": "City Relief Office",
            "CRISISMAP_OIDC_ROLES": "relief-staff=agency,boats=responder",
        }

    async def discovery(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def token(self, request: Request) -> Response:
        told = dict(await request.form())
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(str(told.get("code")), None)  # once
        if request.headers.get("authorization") != f"Basic {basic}" or asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(told["code_verifier"]).encode()).digest())
        if challenge.rstrip(b"=").decode() != asked["code_challenge"] or told["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.exchanged += 1
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.who}
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims | self.spoil, self.signs or self.key)
        return JSONResponse({"access_token": "t", "token_type": "Bearer", "expires_in": 300, "id_token": signed})


@contextmanager
def provider() -> Iterator[Provider]:
    """One that runs until the test ends."""
    port = free_port()
    one = Provider(f"http://127.0.0.1:{port}")
    routes = [
        Route("/.well-known/openid-configuration", one.discovery),
        Route("/keys", one.keys),
        Route("/authorize", one.authorize),
        Route("/token", one.token, methods=["POST"]),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield one
    finally:
        server.should_exit = True
        thread.join()

"""Sign-in through the person's organisation (OpenID Connect, code flow with PKCE), implemented by Authlib."""

from __future__ import annotations

import os
import secrets
from typing import Any
from urllib.parse import parse_qs

import msgspec
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from crisismap.core.errors import Forbidden, NotSignedIn, Unavailable
from crisismap.core.event import EventDraft
from crisismap.core.people.identity import new_id
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.accounts.account import NewSession
from crisismap.services.accounts.second_factor import Box
from crisismap.services.accounts.sign_in import MAX_NAME, SESSION_MS
from crisismap.settings import Settings

CALLBACK = "/login/oidc/callback"
AWAY_S = 600  # time allowed on the organisation's sign-in page
TIMEOUT_S = 10
LEEWAY_S = 60  # tolerated difference between the provider's clock and ours
# Asymmetric signatures only: never "none", and never HMAC, whose key would be our own client secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)))


class PendingSignIn(msgspec.Struct, frozen=True):
    """The sealed state in the browser while it is on the organisation's page."""

    state: str
    nonce: str
    verifier: str


class Provider(msgspec.Struct, frozen=True):
    """The fields used from an issuer's discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = msgspec.field(default_factory=lambda: ["client_secret_basic"])


def sign_in_label(settings: Settings) -> str:
    """Return the label of the organisation's sign-in, "" if none is configured."""
    return (settings.oidc_name or "your organisation") if settings.oidc_issuer else ""


def leave(settings: Settings, now_ms: int, callback: str) -> tuple[str, str]:
    """Return the URL to redirect to and the sealed state for the callback. Raises Unavailable, Forbidden."""
    with _session(settings, callback) as session:
        provider = _provider(settings, session)
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        url, state = session.create_authorization_url(
            provider.authorization_endpoint, code_verifier=verifier, nonce=nonce
        )
    pending = msgspec.json.encode(PendingSignIn(state, nonce, verifier)).decode()
    return str(url), Box(settings.key("oidc-away")).close(pending, now_ms).decode()


def finish_sign_in(store: Store, settings: Settings, now_ms: int, sealed: str, query: str, callback: str) -> NewSession:
    """Start a session for the person named by the organisation. Raises NotSignedIn, Forbidden, Unavailable."""
    plain = Box(settings.key("oidc-away")).open_fresh(sealed, now_ms, AWAY_S)
    if plain is None:
        raise NotSignedIn("organisation_sign_in_failed")
    pending = msgspec.json.decode(plain, type=PendingSignIn)
    if "code" not in parse_qs(query) or "#" in query:  # refused by the provider, or forged: no code to exchange
        raise NotSignedIn("organisation_sign_in_failed")
    with _session(settings, callback) as session:
        provider = _provider(settings, session)
        try:
            token = session.fetch_token(
                provider.token_endpoint,
                authorization_response=f"{callback}?{query}",
                state=pending.state,
                code_verifier=pending.verifier,
                timeout=TIMEOUT_S,
            )
            keys = KeySet.import_key_set(session.get(provider.jwks_uri, withhold_token=True, timeout=TIMEOUT_S).json())
            claims = _claims(settings, now_ms, provider, token, keys, pending.nonce)
        except RequestException:
            raise Unavailable("organisation_silent") from None
        except (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError):
            raise NotSignedIn("organisation_sign_in_failed") from None
    return _start_session(store, settings, now_ms, provider, claims)


def _claims(
    settings: Settings, now_ms: int, provider: Provider, token: Any, keys: KeySet, nonce: str
) -> dict[str, Any]:
    """Return the id token's claims after checking signature, issuer, audience, times, nonce and access token hash."""
    signed = jwt.decode(token["id_token"], keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
    }
    params = {"nonce": nonce, "client_id": settings.oidc_client_id, "access_token": token.get("access_token")}
    claims = CodeIDToken(signed.claims, signed.header, options, params)
    claims.validate(now=now_ms // 1000, leeway=LEEWAY_S)
    return dict(claims)


def _start_session(
    store: Store, settings: Settings, now_ms: int, provider: Provider, claims: dict[str, Any]
) -> NewSession:
    roles = roles_of(settings.oidc_roles, claims.get(settings.oidc_claim))
    if not roles:
        raise Forbidden("organisation_gives_no_role")
    name = str(claims.get("name") or claims.get("preferred_username") or claims.get("email") or "somebody")
    person = Person(
        new_id(now_ms, os.urandom(10)),
        " ".join(name.split()).translate(_CONTROLS)[:MAX_NAME] or "somebody",
        settings.oidc_name[:MAX_NAME],
        roles,
    )
    event = EventDraft("session.begin", "", "", now_ms, {"by": "organisation"})
    subject = f"{provider.issuer} {claims['sub']}"
    done = store.people.begin_session_by_subject(subject, person, event, now_ms + SESSION_MS).result()
    return NewSession(*done.value)


def roles_of(setting: str, claim: object) -> frozenset[str]:
    """Return the roles that a setting like `relief-staff=agency,boats=responder` maps a claim (string or list) to."""
    values = {str(each) for each in (claim if isinstance(claim, list) else [claim])}
    pairs = (pair.partition("=") for pair in setting.split(","))
    return frozenset(role.strip() for value, _, role in pairs if value.strip() in values)


def _session(settings: Settings, callback: str) -> OAuth2Session:
    if not settings.oidc_issuer:
        raise NotSignedIn("no_organisation")
    session = OAuth2Session(
        settings.oidc_client_id,
        settings.oidc_client_secret,
        scope="openid profile email",
        redirect_uri=callback,
        code_challenge_method="S256",
    )
    session.trust_env = False
    session.max_redirects = 0
    return session


def _provider(settings: Settings, session: OAuth2Session) -> Provider:
    """Return the issuer's discovery document. Raises Unavailable if unreadable or from another issuer."""
    issuer = settings.oidc_issuer.rstrip("/")
    try:
        answer = session.get(
            f"{issuer}/.well-known/openid-configuration", withhold_token=True, timeout=TIMEOUT_S, allow_redirects=False
        )
        provider = msgspec.json.decode(answer.content, type=Provider)
    except (RequestException, msgspec.MsgspecError):
        raise Unavailable("organisation_silent") from None
    if provider.issuer.rstrip("/") != issuer:
        raise Unavailable("organisation_wrong_issuer")
    if "client_secret_basic" not in provider.token_endpoint_auth_methods_supported:
        session.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - a method's name
    return provider

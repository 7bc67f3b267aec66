"""Accounts and credentials: how people sign in, and their tokens, sessions and invitations."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from crisismap.core.people.person import Person

ID_BYTES = 8  # of a credential's hash: enough to identify it, not enough to sign in with


class CredentialKind(StrEnum):
    """What a credential is for."""

    TOKEN = "token"  # noqa: S105 - a name, not a secret
    SESSION = "session"
    INVITATION = "invitation"
    RECOVERY = "recovery"  # replaces the second factor, once; its hash is keyed, because it is short


@dataclass(frozen=True, slots=True)
class Account:
    """A person and how they sign in; `second_factor` is encrypted."""

    person: Person
    login: str | None = None
    password: str | None = None
    second_factor: bytes | None = None
    second_step: int = 0
    subject: str | None = None
    suspended_at: int | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A valid session, token or invitation, by an id that cannot be used to sign in."""

    id: str
    kind: CredentialKind
    person: Person
    created_at: int
    expires_at: int | None


def secret_hash(secret: str) -> bytes:
    """Return the hash under which a secret is stored."""
    # The secret is random and long, so a plain hash resists guessing.
    return hashlib.sha256(secret.encode()).digest()


def credential_id(secret: str) -> str:
    """Return the id of the credential that a secret belongs to."""
    return id_of_hash(secret_hash(secret))


def id_of_hash(raw: bytes) -> str:
    """Return the id of the credential with this hash."""
    return bytes(raw)[:ID_BYTES].hex()

"""Accounts and credentials: an id names a credential and signs nobody in."""

from __future__ import annotations

from crisismap.core.people.account import ID_BYTES, credential_id, id_of_hash, secret_hash


def test_names_a_credential_without_giving_its_secret_away() -> None:
    secret = "a-secret-of-somebody"
    assert credential_id(secret) == id_of_hash(secret_hash(secret))
    assert len(credential_id(secret)) == 2 * ID_BYTES
    assert credential_id(secret) != credential_id(secret + "x")
    assert secret not in credential_id(secret)

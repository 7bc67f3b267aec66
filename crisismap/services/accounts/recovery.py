"""Single-use recovery codes that replace a lost second factor."""

from __future__ import annotations

import hashlib
import secrets

from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.runtime.context import require
from crisismap.settings import Settings

COUNT = 10
DIGITS = 12  # about 40 bits, sufficient with limited tries; digits, because phones have number keypads
GROUP = 4


def make_codes(store: Store, settings: Settings, now_ms: int, person: Person) -> tuple[str, ...]:
    """Replace all recovery codes and return the new ones; they are shown once and never stored. Raises Invalid.

    The caller has verified the password (`account.make_recovery`).
    """
    require(person, "account.recovery")
    codes: set[str] = set()
    while len(codes) < COUNT:
        codes.add(f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}")
    event = EventDraft("account.recovery", person.id, person.id, now_ms, {"codes": COUNT})
    marks = [mark(settings, person.id, code) for code in sorted(codes)]
    store.people.put_recovery_codes(person.id, marks, event).result()
    return tuple("-".join(code[at : at + GROUP] for at in range(0, DIGITS, GROUP)) for code in sorted(codes))


def codes_left(store: Store, person: Person) -> int:
    """Return the number of unused codes."""
    require(person, "account.recovery")
    return store.people.recovery_codes_left(person.id)


def read(typed: str) -> str | None:
    """Return the digits of a typed recovery code, however it is spaced; None for anything else."""
    digits = "".join(c for c in typed if c.isascii() and c.isdigit())
    return digits if len(digits) == DIGITS else None


def mark(settings: Settings, person_id: str, digits: str) -> bytes:
    """Return the keyed hash that is stored, so that a copied database without the key reveals no code."""
    key = settings.key("recovery-code")
    return hashlib.blake2b(f"{person_id} {digits}".encode(), key=key, digest_size=32).digest()

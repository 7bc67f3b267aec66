"""Verification: how far a report is to be believed, told apart from what it says; nothing is hidden by votes.

A person's word counts most; several independent reporters corroborate; claims that are dangerous when wrong wait for
a person before the public sees them (data/rules/verification.toml and privacy.toml).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.moment import HOUR_MS, MINUTE_MS

VERDICTS = ("verified", "disputed")  # what a person may say; "unverified" takes it back
VERIFICATIONS = ("unverified", "corroborated", "verified", "disputed")
ENOUGH = 2  # independent reporters, the first one counted, from which on something is corroborated
MAX_REASON = 2_000  # characters
_APART_M, _APART_MS = 100.0, 10 * MINUTE_MS


class Standing(msgspec.Struct, frozen=True):
    """What was found out about a report since it came."""

    verdict: str = ""  # one of VERDICTS, "" for none
    by: str | None = None  # a person's id
    reason: str = ""
    reporters: int = 1  # independent ones that say the same, this one counted
    reconfirmed_at: int | None = None  # ms UTC, when somebody last said that it still holds
    reconfirmed: int = 0  # how often

    @property
    def status(self) -> str:
        """One of VERIFICATIONS."""
        return self.verdict or (VERIFICATIONS[1] if self.reporters >= ENOUGH else VERIFICATIONS[0])


class Sender(msgspec.Struct, frozen=True):
    """Who sent a report, as keyed fingerprints that only tell same from different; None: not known."""

    contact: bytes | None = None
    device: bytes | None = None
    network: bytes | None = None

    def empty(self) -> bool:
        """Whether nothing is known."""
        return self.contact is None and self.device is None and self.network is None


@dataclass(frozen=True, slots=True)
class Dangerous:
    """A claim that harms when it is wrong: a field of a category that has one of these values."""

    category: str
    field: str
    values: frozenset[str]

    def fits(self, category: str, fields: Mapping[str, Any]) -> bool:
        """Whether a report makes the claim."""
        value = fields.get(self.field)
        return category == self.category and isinstance(value, str) and value.strip().casefold() in self.values


@dataclass(frozen=True, slots=True)
class VerificationRules:
    """How near in place and time reports say the same."""

    near_m: float = 150.0
    within_ms: int = 3 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Witness:
    """One of several reports that say the same."""

    sender: Sender
    lon: float
    lat: float
    at_ms: int


def verify(standing: Standing, person: str, status: str, reason: str) -> Standing:
    """A person's word on a report, or that it is taken back."""
    if status not in (*VERDICTS, "unverified"):
        raise Invalid("status", status, "not_a_verification")
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Invalid("reason", reason, "reason_to_verify_missing", most=MAX_REASON)
    return msgspec.structs.replace(standing, verdict=status if status in VERDICTS else "", by=person, reason=reason)


def reconfirm(standing: Standing, now_ms: int) -> Standing:
    """Somebody was there: it still holds."""
    return msgspec.structs.replace(standing, reconfirmed_at=now_ms, reconfirmed=standing.reconfirmed + 1)


def corroborate(standing: Standing, reporters: int) -> Standing:
    """Note how many independent reporters say the same; it never becomes fewer."""
    return msgspec.structs.replace(standing, reporters=max(reporters, standing.reporters))


def independent(one: Witness, other: Witness, distance_m: Callable[[Witness, Witness], float]) -> bool:
    """Whether two witnesses may be taken for two people.

    A different contact or device is needed, and neither of them the same. One network, as a shelter shares it, is
    enough only for what lies more than 100 m and 10 minutes apart.
    """
    pairs = ((one.sender.contact, other.sender.contact), (one.sender.device, other.sender.device))
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    if not known or any(a == b for a, b in known):
        return False
    here, there = one.sender.network, other.sender.network
    if here is not None and there is not None and here != there:
        return True
    return abs(one.at_ms - other.at_ms) > _APART_MS and distance_m(one, other) > _APART_M


def reporters(witnesses: Sequence[Witness], distance_m: Callable[[Witness, Witness], float]) -> int:
    """How many independent people there are at least; each is counted when independent of all before."""
    counted: list[Witness] = []
    for witness in witnesses:
        if all(independent(witness, earlier, distance_m) for earlier in counted):
            counted.append(witness)
    return len(counted)


def verification_rules_from(data: Mapping[str, Any], name: str) -> VerificationRules:
    """Rules from their TOML table; `name` says in an error which file is wrong."""
    near, within = data.get("near_m", 150), data.get("within_minutes", 180)
    for key, value in (("near_m", near), ("within_minutes", within)):
        if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
            raise Misconfigured("rule_not_positive", file=name, key=key, given=repr(value))
    return VerificationRules(float(near), int(within * MINUTE_MS))


def dangerous_from(data: Mapping[str, Any], name: str) -> tuple[Dangerous, ...]:
    """Claims from the TOML table `dangerous`; `name` says in an error which file is wrong."""
    claims = []
    for number, table in enumerate(data.get("dangerous", ()), 1):
        values = table.get("values")
        if not table.get("category") or not table.get("field") or not isinstance(values, list) or not values:
            raise Misconfigured("dangerous_wrong", file=name, number=number)
        claims.append(Dangerous(table["category"], table["field"], frozenset(str(v).casefold() for v in values)))
    return tuple(claims)

"""Verification: how credible a report is, separate from its content; votes hide nothing.

A person's verdict counts most; several independent reporters corroborate; dangerous claims wait for a person before the
public sees them (data/rules/verification.toml and privacy.toml).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.moment import HOUR_MS, MINUTE_MS

VERDICTS = ("verified", "disputed")  # what a person can decide; "unverified" withdraws it
VERIFICATIONS = ("unverified", "corroborated", "verified", "disputed")
ENOUGH = 2  # independent reporters, including the first, that corroborate a report
MAX_REASON = 2_000  # characters
_APART_M, _APART_MS = 100.0, 10 * MINUTE_MS


class Standing(msgspec.Struct, frozen=True):
    """The verification state of a report."""

    verdict: str = ""  # one of VERDICTS, "" for none
    by: str | None = None  # a person's id
    reason: str = ""
    reporters: int = 1  # number of independent reporters that agree, including this one
    reconfirmed_at: int | None = None  # ms UTC, when somebody last confirmed that it is still correct
    reconfirmed: int = 0  # how often

    @property
    def status(self) -> str:
        """Return one of VERIFICATIONS."""
        return self.verdict or (VERIFICATIONS[1] if self.reporters >= ENOUGH else VERIFICATIONS[0])


class Sender(msgspec.Struct, frozen=True):
    """The sender of a report, as keyed fingerprints that can only be compared; None: unknown."""

    contact: bytes | None = None
    device: bytes | None = None
    network: bytes | None = None

    def empty(self) -> bool:
        """Return whether nothing is known."""
        return self.contact is None and self.device is None and self.network is None


@dataclass(frozen=True, slots=True)
class Dangerous:
    """A claim that is dangerous when wrong: a field of a category that has one of these values."""

    category: str
    field: str
    values: frozenset[str]

    def fits(self, category: str, fields: Mapping[str, Any]) -> bool:
        """Return whether a report makes the claim."""
        value = fields.get(self.field)
        return category == self.category and isinstance(value, str) and value.strip().casefold() in self.values


@dataclass(frozen=True, slots=True)
class VerificationRules:
    """How near in place and time reports must be to corroborate each other."""

    near_m: float = 150.0
    within_ms: int = 3 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Witness:
    """The facts of a report that count for corroboration."""

    sender: Sender
    lon: float
    lat: float
    at_ms: int


def verify(standing: Standing, person: str, status: str, reason: str) -> Standing:
    """Set or withdraw a person's verdict on a report."""
    if status not in (*VERDICTS, "unverified"):
        raise Invalid("status", status, "not_a_verification")
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Invalid("reason", reason, "reason_to_verify_missing", most=MAX_REASON)
    return msgspec.structs.replace(standing, verdict=status if status in VERDICTS else "", by=person, reason=reason)


def reconfirm(standing: Standing, now_ms: int) -> Standing:
    """Record that somebody on site confirmed that it is still correct."""
    return msgspec.structs.replace(standing, reconfirmed_at=now_ms, reconfirmed=standing.reconfirmed + 1)


def corroborate(standing: Standing, reporters: int) -> Standing:
    """Record how many independent reporters agree; the number never decreases."""
    return msgspec.structs.replace(standing, reporters=max(reporters, standing.reporters))


def independent(one: Witness, other: Witness, distance_m: Callable[[Witness, Witness], float]) -> bool:
    """Return whether two witnesses may be counted as two people.

    They need a different contact or device, with none in common. On one network, such as that of a shelter, that counts
    only for reports more than 100 m and 10 minutes apart.
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
    """Return the least number of independent people; each is counted when independent of all before."""
    counted: list[Witness] = []
    for witness in witnesses:
        if all(independent(witness, earlier, distance_m) for earlier in counted):
            counted.append(witness)
    return len(counted)


def verification_rules_from(data: Mapping[str, Any], name: str) -> VerificationRules:
    """Return the rules from their TOML table; `name` is the file that an error names."""
    near, within = data.get("near_m", 150), data.get("within_minutes", 180)
    for key, value in (("near_m", near), ("within_minutes", within)):
        if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
            raise Misconfigured("rule_not_positive", file=name, key=key, given=repr(value))
    return VerificationRules(float(near), int(within * MINUTE_MS))


def dangerous_from(data: Mapping[str, Any], name: str) -> tuple[Dangerous, ...]:
    """Return the claims of the TOML table `dangerous`; `name` is the file that an error names."""
    claims = []
    for number, table in enumerate(data.get("dangerous", ()), 1):
        values = table.get("values")
        if not table.get("category") or not table.get("field") or not isinstance(values, list) or not values:
            raise Misconfigured("dangerous_wrong", file=name, number=number)
        claims.append(Dangerous(table["category"], table["field"], frozenset(str(v).casefold() for v in values)))
    return tuple(claims)

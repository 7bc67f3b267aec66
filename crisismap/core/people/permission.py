"""Permissions of each role, named as the verbs of events; a role is a set of permissions, not a rank.

Those for reports and requests are in the entries of `core.verbs`; this module has all others.
"""

from __future__ import annotations

from collections.abc import Iterable

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.verb import Verb
from crisismap.core.verbs import VERBS

_PUBLIC = frozenset({"report.submit", "situation.read"})
# Everybody with an account may change their own.
_OWN = frozenset({"account.password", "account.second_factor", "account.recovery", "session.end"})
_VOLUNTEER = _OWN | {"ability.set"}
_RESPONDER = _VOLUNTEER | {
    "situation.read_exact",
    "contact.read",
    "contact.find",
    "request.acknowledge",
    "view.keep",
    "handover.write",
    "handover.read",
    "photo.add",
}
_AGENCY = _OWN | {"situation.read_exact", "export.take", "layer.put", "photo.add"}
# The command line acts as admin by owning the data folder, so an admin can also do what its imports and exports need.
_ADMIN = _AGENCY | {
    "person.add",
    "person.read",
    "person.invite",
    "person.suspend",
    "person.restore",
    "token.create",
    "credential.revoke",
    "report.import",
    "metrics.read",
    "audit.read",
    "source.read",
    "source.quarantine",
    "source.release",
    "log.verify",
    "backup.make",
    "report.erase",
    "retention.run",
    "incident.describe",
}
# Roles that need a second factor to sign in with a password: they see exact places, or decide who does.
TWO_FACTORS = frozenset({"agency", "admin"})

_BESIDE_VERBS = {
    "public": _PUBLIC,
    "volunteer": _VOLUNTEER,
    "responder": _RESPONDER,
    "agency": _AGENCY,
    "admin": _ADMIN,
}


def of_role(role: str, verbs: Iterable[Verb]) -> frozenset[str]:
    """Return the permissions of a role: its own, and those of the verbs whose entries name it."""
    return _BESIDE_VERBS.get(role, frozenset()) | {verb.permission for verb in verbs if role in verb.roles}


ROLES: dict[str, frozenset[str]] = {role: of_role(role, VERBS.values()) for role in _BESIDE_VERBS}
# What the holder of a tracking code may do with that one request, without an account.
REQUESTER = of_role("requester", VERBS.values()) | {"report.same_as"}


def permissions() -> frozenset[str]:
    """Return all permissions."""
    return REQUESTER.union(*ROLES.values())


def check_role(role: str) -> str:
    """Return the role if it can be assigned. Raises Misconfigured."""
    if role not in ROLES or role == "public":
        choices = ", ".join(r for r in ROLES if r != "public")
        raise Misconfigured("role_unknown", role=repr(role), choices=choices)
    return role


def check_scope(role: str, verbs: frozenset[str]) -> frozenset[str]:
    """Return the verbs if the role has all of them. Raises Invalid naming the first that it lacks."""
    for verb in sorted(verbs):
        if verb not in ROLES[role] | ROLES["public"]:
            raise Invalid("verbs", verb, "verb_not_in_role", role=role, choices=sorted(ROLES[role]))
    if not verbs:
        raise Invalid("verbs", "", "no_verb_named")
    return verbs

"""Who may do what: each verb once, the same words as in events; a role is a set of verbs, not a rung."""

from __future__ import annotations

from crisismap.core.errors import Misconfigured

_PUBLIC = frozenset({"report.submit", "situation.read"})
_VOLUNTEER = frozenset({"report.place", "report.reconfirm", "ability.set"})
_RESPONDER = _VOLUNTEER | {
    "situation.read_exact",
    "request.claim",
    "request.release",
    "request.answer",
    "request.cannot_meet",
    "request.priority",
    "request.join",
    "request.separate",
    "request.reopen",
    "report.verify",
    "contact.read",
    "contact.find",
    "request.acknowledge",
    "view.keep",
    "handover.write",
    "handover.read",
    "photo.add",
}
# What the holder of a tracking code may do with that one request, without an account.
REQUESTER = frozenset({"request.confirm", "request.reopen", "request.withdraw", "report.add", "report.same_as"})
_AGENCY = frozenset({"situation.read_exact", "export.take", "layer.put", "photo.add"})
# The command line acts as admin by owning the data folder, so an admin can also do what its imports and exports need.
_ADMIN = _AGENCY | {
    "person.add",
    "token.create",
    "report.import",
    "metrics.read",
    "log.verify",
    "backup.make",
    "report.erase",
    "retention.run",
}

ROLES: dict[str, frozenset[str]] = {
    "public": _PUBLIC,
    "volunteer": _VOLUNTEER,
    "responder": _RESPONDER,
    "agency": _AGENCY,
    "admin": frozenset(_ADMIN),
}
VERBS: frozenset[str] = REQUESTER.union(*ROLES.values())


def check_role(role: str) -> str:
    """The role, if people can be given it."""
    if role not in ROLES or role == "public":
        choices = ", ".join(r for r in ROLES if r != "public")
        raise Misconfigured(f"role: {role!r} is not one of {choices}")
    return role

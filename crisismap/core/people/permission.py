"""Who may do what: each verb once, the same words as in events; a role is a set of verbs, not a rung."""

from __future__ import annotations

from crisismap.core.errors import Invalid, Misconfigured

_PUBLIC = frozenset({"report.submit", "situation.read"})
# What everybody with an account does to their own.
_OWN = frozenset({"account.password", "account.second_factor", "account.recovery", "session.end"})
_VOLUNTEER = _OWN | {"report.place", "report.reconfirm", "ability.set"}
# A person's word on the words of a report: published, kept from the public, and that taken back.
_MODERATE = frozenset({"report.clear", "report.withhold", "report.reconsider"})
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
    *_MODERATE,
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
_AGENCY = _OWN | {"situation.read_exact", "export.take", "layer.put", "photo.add"}
# The command line acts as admin by owning the data folder, so an admin can also do what its imports and exports need.
_ADMIN = _AGENCY | {
    *_MODERATE,
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
}
# Whoever signs in to one of these with a password needs a second factor: they see exact places, or decide who does.
TWO_FACTORS = frozenset({"agency", "admin"})

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
        raise Misconfigured("role_unknown", role=repr(role), choices=choices)
    return role


def check_scope(role: str, verbs: frozenset[str]) -> frozenset[str]:
    """The verbs, if the role has all of them. Raises Invalid naming the first that it has not."""
    for verb in sorted(verbs):
        if verb not in ROLES[role] | ROLES["public"]:
            raise Invalid("verbs", verb, "verb_not_in_role", role=role, choices=sorted(ROLES[role]))
    if not verbs:
        raise Invalid("verbs", "", "no_verb_named")
    return verbs

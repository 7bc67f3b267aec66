"""Consent: every version of the sentences that people agreed to, from data/rules/consent.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import Misconfigured

PLAIN = "plain-1"  # the current version, in the catalogues; a change of meaning is a new version
MEMBERS = ("since", "where", "mark", "contact", "publish")


@dataclass(frozen=True, slots=True)
class Consents:
    """Versions by id; a version that was ever used is never changed or removed."""

    versions: Mapping[str, Mapping[str, str]]

    def texts(self, version: str | None) -> Mapping[str, str]:
        """Return the sentences `contact` and `publish` of a version; empty for an unknown one, as programs may send."""
        found = self.versions.get(version or "", {})
        return {name: found[name] for name in ("contact", "publish") if name in found}


def consents_from(data: Mapping[str, Any], name: str) -> Consents:
    """Return the versions from their TOML tables; `name` is the file that an error names."""
    for version, table in data.items():
        if not isinstance(table, Mapping) or any(not isinstance(table.get(member), str) for member in MEMBERS):
            raise Misconfigured("consent_texts_missing", file=name, version=version, keys=list(MEMBERS))
    return Consents(data)

"""Consent: every version of the sentences that people agreed to, as data/rules/consent.toml keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import Misconfigured

PLAIN = "plain-1"  # the version of the sentences in the catalogs; a change of meaning is a new version
MEMBERS = ("since", "where", "mark", "contact", "publish")


@dataclass(frozen=True, slots=True)
class Consents:
    """Versions by id; one that was given once is never changed or removed."""

    versions: Mapping[str, Mapping[str, str]]

    def texts(self, version: str | None) -> Mapping[str, str]:
        """What `contact` and `publish` said in a version; nothing for one that is not ours, such as a program's."""
        found = self.versions.get(version or "", {})
        return {name: found[name] for name in ("contact", "publish") if name in found}


def consents_from(data: Mapping[str, Any], name: str) -> Consents:
    """The versions from their TOML tables; `name` says in an error which file is wrong."""
    for version, table in data.items():
        if not isinstance(table, Mapping) or any(not isinstance(table.get(member), str) for member in MEMBERS):
            raise Misconfigured("consent_texts_missing", file=name, version=version, keys=list(MEMBERS))
    return Consents(data)

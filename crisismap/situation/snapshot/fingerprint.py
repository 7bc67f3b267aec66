"""The fingerprint: a hash of all that the columns of a situation depend on besides the database.

It is of the program's text, not of its version, so that a snapshot never outlives a change of what it was computed by.
"""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
import shapely

from crisismap.situation.rules import Rules

_PACKAGE = Path(__file__).parents[2]
_PARTS = ("core", "situation", "store")  # what makes columns out of rows
_LIBRARIES = ("geopandas", "h3", "msgspec", "numpy", "pandas", "scipy", "shapely")  # and what it computes with


def fingerprint(rules: Rules, layout: Mapping[str, type[np.generic]], code_key: bytes) -> str:
    """Return the fingerprint of a situation with these rules, columns and key of the tracking codes."""
    digest = hashlib.sha256(_program())
    for part in (
        *(tuple(rules.categories.values()), rules.priority, rules.clocks, rules.privacy, rules.detector.fingerprint),
        [(name, np.dtype(kind).str) for name, kind in layout.items()],
        hashlib.sha256(code_key).hexdigest(),
    ):
        digest.update(_encode(part) + b"\n")
    return digest.hexdigest()


def _pattern(value: object) -> str:
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    raise TypeError(type(value))


_encode = msgspec.json.Encoder(enc_hook=_pattern, order="deterministic").encode


def _program() -> bytes:
    """Return the hash of the modules, and of the versions of what they compute with."""
    digest = hashlib.sha256()
    for text in (sys.version, platform.machine(), shapely.geos_version_string, *map(version, _LIBRARIES)):
        digest.update(text.encode() + b"\n")
    for path in sorted(path for part in _PARTS for path in (_PACKAGE / part).rglob("*.py")):
        digest.update(str(path.relative_to(_PACKAGE)).encode() + b"\n" + path.read_bytes())
    return digest.digest()

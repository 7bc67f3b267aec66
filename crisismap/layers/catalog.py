"""The layers that ship: every `*.toml` of a folder says what a layer is and which file holds it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crisismap.core.errors import Misconfigured
from crisismap.core.layer import Layer, Role
from crisismap.layers.mapping import LayerMapping, parse_layer_mapping

_TEXTS = ("id", "title", "role", "file", "licence", "attribution")
_REQUIRED = ("id", "title", "role", "file", "licence")
_TABLES = ("layer", "status")


@dataclass(frozen=True, slots=True)
class Entry:
    """One layer that ships: what it is, where its file lies, how the file is read."""

    layer: Layer
    path: Path
    mapping: LayerMapping


def read_catalog(folder: Path) -> list[Entry]:
    """The entries of a folder, by id; an absent folder has none.

    Raises Misconfigured, naming file and key: unknown or missing keys, unknown role, a file outside the folder or
    absent, an id that two entries share.
    """
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.toml")):
        entry = _entry(path)
        if entry.layer.id in entries:
            raise Misconfigured(f"{path.name}: another layer has the id {entry.layer.id}")
        entries[entry.layer.id] = entry
    return [entries[key] for key in sorted(entries)]


def _entry(path: Path) -> Entry:
    try:
        with path.open("rb") as handle:
            table = tomllib.load(handle)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{path.name}: not readable ({error})") from None
    _check_keys(table, path.name)
    file = (path.parent / table["file"]).resolve()
    if not file.is_relative_to(path.parent.resolve()) or not file.exists():
        raise Misconfigured(f"{path.name}: file {table['file']} is not in this folder")
    layer = Layer(
        id=table["id"],
        title=table["title"],
        role=Role(table["role"]),
        licence=table["licence"],
        attribution=table.get("attribution", ""),
        made_up=table.get("made_up", False),
    )
    return Entry(layer, file, parse_layer_mapping(table, path.name))


def _check_keys(table: dict[str, Any], where: str) -> None:
    unknown = set(table) - {*_TEXTS, *_TABLES, "made_up"}
    missing = set(_REQUIRED) - set(table)
    if unknown or missing:
        said = [f"unknown {key}" for key in sorted(unknown)] + [f"{key} is missing" for key in sorted(missing)]
        raise Misconfigured(f"{where}: {', '.join(said)}")
    wrong = [key for key in _TEXTS if not isinstance(table.get(key, ""), str)]
    if wrong or not isinstance(table.get("made_up", False), bool):
        raise Misconfigured(f"{where}: {', '.join(wrong) or 'made_up'} has the wrong type")
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", table["id"]) is None:
        raise Misconfigured(f"{where}: the id may have small letters, digits, - and _ (got {table['id']})")
    if table["role"] not in set(Role):
        raise Misconfigured(f"{where}: role must be one of {', '.join(Role)} (got {table['role']})")

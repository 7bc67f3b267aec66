"""The built-in layers: each `*.toml` of a folder describes a layer and names its file or URL."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.layer.layer import Layer, Role, check_layer
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.core.place.place import Extent
from crisismap.layers.fetch.source_check import check_source
from crisismap.layers.normalise.mapping import LayerMapping, parse_layer_mapping

_TEXTS = ("id", "title", "role", "file", "licence", "attribution", "kind", "format", "url", "name")
_REQUIRED = ("id", "title", "role", "licence")
_NUMBERS = ("refresh_s", "validity_h")
_TABLES = ("layer", "status")
_ZOOMS = ("min_zoom", "max_zoom")
_OF_SOURCES = ("format", "name", *_NUMBERS, *_ZOOMS)


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One built-in layer: its metadata, and either its file or its source."""

    layer: Layer
    path: Path | None
    mapping: LayerMapping
    source: LayerSource | None = None


def read_catalog(folder: Path) -> list[CatalogEntry]:
    """Return the entries of a folder, by id; none for a missing folder.

    Raises Misconfigured, naming file and key: unknown or missing keys, unknown role or kind, a file outside the
    folder or missing, an invalid URL, an id that two entries share.
    """
    entries: dict[str, CatalogEntry] = {}
    for path in sorted(folder.glob("*.toml")):
        entry = _read_entry(path)
        if entry.layer.id in entries:
            raise Misconfigured("layer_id_taken", file=path.name, id=entry.layer.id)
        entries[entry.layer.id] = entry
    return [entries[key] for key in sorted(entries)]


def _read_entry(path: Path) -> CatalogEntry:
    try:
        with path.open("rb") as handle:
            table = tomllib.load(handle)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured("layer_file_unreadable", file=path.name, problem=str(error)) from None
    _check_keys(table, path.name)
    try:
        return _entry(table, path)
    except Invalid as refusal:
        raise Misconfigured("unreadable", what=path.name, problem=refusal) from None


def _entry(table: dict[str, Any], path: Path) -> CatalogEntry:
    check_layer(table["id"], table["role"])
    layer = Layer(
        id=table["id"],
        title=table["title"],
        role=Role(table["role"]),
        licence=table["licence"],
        attribution=table.get("attribution", ""),
        made_up=table.get("made_up", False),
    )
    mapping = parse_layer_mapping(table, path.name)
    if "url" in table:
        return CatalogEntry(layer, None, mapping, _source(table, layer, path.name))
    file = (path.parent / table["file"]).resolve()
    if not file.is_relative_to(path.parent.resolve()) or not file.exists():
        raise Misconfigured("layer_file_missing", file=path.name, name=table["file"])
    return CatalogEntry(layer, file, mapping)


def _source(table: dict[str, Any], layer: Layer, where: str) -> LayerSource:
    kind = table.get("kind", SourceKind.FILE)
    if kind not in tuple(SourceKind):
        raise Invalid("kind", kind, "not_one_of", choices=list(SourceKind))
    source = LayerSource(
        layer_id=layer.id,
        title=layer.title,
        role=str(layer.role),
        kind=SourceKind(kind),
        url=table["url"],
        licence=layer.licence,
        attribution=layer.attribution,
        mapping={key: table[key] for key in _TABLES if key in table},
        **{key: table[key] for key in _OF_SOURCES if key in table},
    )
    try:
        if "bbox" in table:
            source = msgspec.structs.replace(source, bbox=msgspec.convert(table["bbox"], Extent))
    except msgspec.ValidationError:
        raise Misconfigured("layer_bbox_wrong", file=where) from None
    return check_source(source)


def _check_keys(table: dict[str, Any], where: str) -> None:
    unknown = set(table) - {*_TEXTS, *_NUMBERS, *_ZOOMS, *_TABLES, "made_up", "bbox"}
    missing = set(_REQUIRED) - set(table)
    if unknown or missing:
        problems = [f"unknown {key}" for key in sorted(unknown)] + [f"{key} is missing" for key in sorted(missing)]
        raise Misconfigured("unreadable", what=where, problem=list(problems))
    if ("file" in table) == ("url" in table):
        raise Misconfigured("file_or_url", file=where)
    if "file" in table and (of_sources := [key for key in (*_OF_SOURCES, "bbox") if key in table]):
        raise Misconfigured("only_with_url", file=where, keys=list(of_sources))
    wrong = [key for key in _TEXTS if not isinstance(table.get(key, ""), str)]
    wrong += [key for key in _NUMBERS if type(table.get(key, 0)) not in (int, float)]
    wrong += [key for key in _ZOOMS if type(table.get(key, 0)) is not int]
    if wrong or not isinstance(table.get("made_up", False), bool):
        raise Misconfigured("layer_type_wrong", file=where, keys=", ".join(wrong) or "made_up")

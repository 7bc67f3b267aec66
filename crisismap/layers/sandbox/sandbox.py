"""Reads foreign formats in an unprivileged child process: one driver, one private copy, no network, limits."""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Invalid, Malformed, TooLarge, shorten
from crisismap.core.place.crs import plain_name
from crisismap.layers.formats import dbf_text
from crisismap.layers.formats.kml import LEFT_OUT
from crisismap.layers.formats.raw import RawFeature, RawLayer, left_out
from crisismap.layers.formats.sniff import FileKind
from crisismap.layers.formats.strict_json import decode
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.sandbox.process import ChildProcess, Fault, bare_environment

T = TypeVar("T")

_ALL_LAYERS = {FileKind.GPX}  # several layers are one thing: points and lines
FOLDER = "folder"  # property: the folders of KML around a placemark


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """Limits of a child."""

    memory: int = 3 << 30  # bytes of address space
    cpu_s: int = 120
    wall_s: float = 180.0
    answer: int = 1 << 30  # bytes
    features: int = 500_000


class _Parsed(msgspec.Struct, frozen=True):
    """The result of parsing one document: the data, or the refusal."""

    found: msgspec.Raw = msgspec.Raw(b"null")
    problem: Fault | None = None


def read(path: Path, kind: FileKind, mapping: LayerMapping, what: str, limits: ReaderLimits | None = None) -> RawLayer:
    """Read a private copy of a file; the child may read everything in its folder.

    Raises Malformed (unreadable, or limits exceeded), Invalid (several layers), TooLarge.
    """
    limits = limits or ReaderLimits()
    order = _order(path, kind, mapping, limits)
    layer = _layer(_run(order, path.parent, what, limits, environment(kind, path.parent)), path, what)
    return dbf_text.decoded(layer, path, mapping, what) if kind is FileKind.SHAPEFILE else layer


def parse(parser: str, documents: Sequence[bytes], kind: type[T], what: str) -> list[T | Malformed]:
    """Parse each document with the child's parser of this name (cap, feed, sheet, wms, wmts), whose results are `kind`.

    Returns results in order, the refusal in place of a document that was refused. Raises Malformed when the child
    exceeded its limits, TooLarge when its output did.
    """
    if not documents:
        return []
    with tempfile.TemporaryDirectory(prefix="crisismap-") as name:
        folder = Path(name)
        paths = [folder / str(number) for number in range(len(documents))]
        for path, document in zip(paths, documents, strict=True):
            path.write_bytes(document)
        order = {"parser": parser, "paths": [str(path) for path in paths]}
        lines = _run(order, folder, what, ReaderLimits(), bare_environment(folder)).read_bytes().splitlines()
    if len(lines) != len(documents):
        raise Malformed("reader_stopped", what=what)
    parsed = [msgspec.json.decode(line, type=_Parsed) for line in lines]
    return [one.problem.refusal if one.problem else msgspec.json.decode(one.found, type=kind) for one in parsed]


def parse_one(parser: str, document: bytes, kind: type[T], what: str) -> T:
    """Return the result of parsing one document. Raises as `parse` does, and Malformed when it is refused."""
    (found,) = parse(parser, [document], kind, what)
    if isinstance(found, Malformed):
        raise Malformed("unreadable", what=what, problem=found)
    return found


def _order(path: Path, kind: FileKind, mapping: LayerMapping, limits: ReaderLimits) -> dict[str, Any]:
    return {
        "path": str(path),
        "driver": kind.value,
        "layer": mapping.source_layer,
        "all_layers": kind in _ALL_LAYERS,
        # The tables of iconv are out of the child's reach: what it decodes so is encoded again without loss.
        "encoding": dbf_text.TRANSPORT if kind is FileKind.SHAPEFILE else "",
        "max_features": limits.features,
    }


def environment(kind: FileKind, folder: Path) -> dict[str, str]:
    """Return the child's whole environment: all drivers but one are skipped, network access is blocked."""
    import pyogrio  # late: loading GDAL costs memory in every process

    skipped = sorted(set(pyogrio.list_drivers()) - {kind.value})
    return {
        "OGR_SKIP": ",".join(skipped),
        "GDAL_SKIP": ",".join(skipped),
        "GDAL_DRIVER_PATH": "disable",
        "GDAL_CONFIG_FILE": "",
        "GDAL_HTTP_PROXY": "127.0.0.1:9",  # the discard port: nothing listens
        "GDAL_HTTP_CONNECTTIMEOUT": "1",
        "GDAL_HTTP_MAX_RETRY": "0",
        "CPL_VSIL_CURL_ALLOWED_FILENAME": "/",
        "GDAL_VRT_ENABLE_PYTHON": "NO",
        "GDAL_NUM_THREADS": "1",
        "LIBKML_RESOLVE_STYLE": "NO",
        "GML_FIELDTYPES": "ALWAYS_STRING",  # a number would lose the zeros before a code
        "GML_DOWNLOAD_SCHEMA": "NO",
        "GML_SKIP_RESOLVE_ELEMS": "ALL",
        "SHAPE_RESTORE_SHX": "YES",
        "PROJ_NETWORK": "OFF",
        "CPL_TMPDIR": str(folder),
        **bare_environment(folder),
    }


def _run(order: dict[str, Any], folder: Path, what: str, limits: ReaderLimits, environ: dict[str, str]) -> Path:
    """Return the file with the child's answer."""
    answer = folder / "answer.tmp"
    order |= {"folder": str(folder), "memory": limits.memory, "cpu_s": limits.cpu_s, "file_size": limits.answer}
    child = ChildProcess("crisismap.layers.sandbox.child", folder, environ, limits.wall_s)
    with answer.open("wb") as sink:
        child.run(json.dumps(order).encode(), sink.fileno(), what)
    if answer.stat().st_size >= limits.answer:
        raise TooLarge("answer_limit", what=what, most=limits.answer)
    return answer


def _layer(answer: Path, path: Path, what: str) -> RawLayer:
    with answer.open("rb") as lines:
        head = decode(next(lines, b""), f"{what} (the sandbox's answer)")
        _refuse(head, path, what)
        features = [_feature(row, decode(line, what)) for row, line in enumerate(lines, 1)]
    layers = head["layers"]
    if len(features) != sum(layer["features"] for layer in layers):
        raise Malformed("reader_stopped", what=what)
    systems = {layer["crs"] for layer in layers if layer["features"]}
    if systems == {None}:  # unknown to GDAL, or several
        systems = set(map(plain_name, head.get("srs_names", [])))
    if len(systems) > 1:
        raise Invalid("crs", ", ".join(map(str, systems)), "crs_mixed")
    _add_folders(features, head.get("folders", []))
    return RawLayer(features, next(iter(systems), None), notes=_left_out(head))


def _add_folders(features: list[RawFeature], folders: list[str]) -> None:
    """Add the folder of each placemark, where there are several; a reader that changed their number gets none."""
    if len(set(folders)) > 1 and len(folders) == len(features):
        for feature, folder in zip(features, folders, strict=True):
            feature.properties.setdefault(FOLDER, folder or None)


def _left_out(head: dict[str, Any]) -> list[str]:
    """Return notes on what the file has and the layer has not."""
    parts = {LEFT_OUT[kind]: names for kind, names in head.get("left_out", {}).items()}
    parts["folders"] = head.get("layers_there", [])
    parts["layers"] = head.get("others", [])
    parts["columns of bytes"] = head["binary"]
    return [left_out(kind, [name or "without a name" for name in names]) for kind, names in parts.items() if names]


def _refuse(head: dict[str, Any], path: Path, what: str) -> None:
    """Raise the child's refusal as an error of ours, without the names of the temporary folder."""
    if "error" in head:
        problem = str(head["error"]).replace(str(path), what).replace(str(path.parent), "")
        raise Malformed("not_readable", what=what, problem=shorten(problem, 200))
    if "problem" in head:
        refusal = Fault(head["problem"]["code"], head["problem"]["details"]).refusal
        raise Malformed("unreadable", what=what, problem=refusal)
    if "too_many" in head:
        raise TooLarge("too_many_features", what=what, most=head["too_many"])
    if not head["layers"] and head.get("left_out") and not head["layers_there"]:
        names = [name for each in head["left_out"].values() for name in each]
        raise Invalid("file", shorten(", ".join(names), 200), "kml_without_places")
    if not head["layers"] and "layers_there" in head:
        available = ", ".join(name or "without a name" for name in head["layers_there"]) or "none with geometry"
        choices = [name for name in head["layers_there"] if name]
        raise Invalid("source_layer", available, "source_layer_not_named", choices=choices)


def _feature(row: int, line: list[Any]) -> RawFeature:
    packed, properties = line
    geometry: BaseGeometry | None = None
    problem = ""
    if packed is not None:
        try:
            geometry = shapely.from_wkb(base64.b64decode(packed))
        except (ShapelyError, binascii.Error) as error:
            problem = f"the geometry cannot be understood ({shorten(str(error), 60)})"
    return RawFeature(row, None, geometry, properties, problem)

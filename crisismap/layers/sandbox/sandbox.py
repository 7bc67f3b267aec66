"""Reads foreign formats in an unprivileged child process: one driver, one private copy, no network, limits."""

from __future__ import annotations

import base64
import binascii
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Invalid, Malformed, TooLarge, shorten
from crisismap.layers.formats.raw import RawFeature, RawLayer
from crisismap.layers.formats.sniff import FileKind
from crisismap.layers.formats.strict_json import decode
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.sandbox.process import ChildProcess

_ALL_LAYERS = {FileKind.KML, FileKind.GPX}  # several layers are one thing: folders, or points and lines


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """Limits of a child."""

    memory: int = 3 << 30  # bytes of address space
    cpu_s: int = 120
    wall_s: float = 180.0
    answer: int = 1 << 30  # bytes
    features: int = 500_000


class Fault(msgspec.Struct, frozen=True):
    """A refusal by the child: its code and details."""

    code: str
    details: dict[str, Any] = {}


class Parsed(msgspec.Struct, frozen=True):
    """The result of parsing one document: the data, or the refusal."""

    found: msgspec.Raw = msgspec.Raw(b"null")
    problem: Fault | None = None

    @property
    def refusal(self) -> Malformed | None:
        """Return the refusal as an error; None for none."""
        return Malformed(self.problem.code, **self.problem.details) if self.problem else None


def read(path: Path, kind: FileKind, mapping: LayerMapping, what: str, limits: ReaderLimits | None = None) -> RawLayer:
    """Read a private copy of a file; the child may read everything in its folder.

    Raises Malformed (unreadable, or limits exceeded), Invalid (several layers), TooLarge.
    """
    limits = limits or ReaderLimits()
    answer = path.parent / "answer.tmp"
    with answer.open("wb") as sink:
        problem = _run(
            _order(path, kind, mapping, limits), sink.fileno(), path.parent, limits, environment(kind, path.parent)
        )
    if problem:
        raise Malformed("unreadable", what=what, problem=problem)
    if answer.stat().st_size >= limits.answer:
        raise TooLarge("answer_limit", what=what, most=limits.answer)
    return _layer(answer, path, what)


def parse(parser: str, documents: Sequence[bytes], what: str, limits: ReaderLimits | None = None) -> list[Parsed]:
    """Parse each document with the child's parser of this name (cap, feed, sheet, wms, wmts); return results in order.

    Raises Malformed when the child exceeded its limits, TooLarge when its output did.
    """
    limits = limits or ReaderLimits()
    with tempfile.TemporaryDirectory(prefix="crisismap-") as name:
        folder = Path(name)
        paths = [folder / str(number) for number in range(len(documents))]
        for path, document in zip(paths, documents, strict=True):
            path.write_bytes(document)
        answer = folder / "answer.tmp"
        order = {"parser": parser, "paths": [str(path) for path in paths], **_bounds(folder, limits)}
        with answer.open("wb") as sink:
            problem = _run(order, sink.fileno(), folder, limits, _base_environment(folder))
        if problem:
            raise Malformed("unreadable", what=what, problem=problem)
        if answer.stat().st_size >= limits.answer:
            raise TooLarge("answer_limit", what=what, most=limits.answer)
        found = [msgspec.json.decode(line, type=Parsed) for line in answer.read_bytes().splitlines()]
    if len(found) != len(documents):
        raise Malformed("reader_stopped", what=what)
    return found


def _order(path: Path, kind: FileKind, mapping: LayerMapping, limits: ReaderLimits) -> dict[str, Any]:
    return {
        "path": str(path),
        "driver": kind.value,
        "layer": mapping.source_layer,
        "all_layers": kind in _ALL_LAYERS,
        "encoding": mapping.encoding,
        "max_features": limits.features,
        **_bounds(path.parent, limits),
    }


def _bounds(folder: Path, limits: ReaderLimits) -> dict[str, Any]:
    return {"folder": str(folder), "memory": limits.memory, "cpu_s": limits.cpu_s, "file_size": limits.answer}


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
        "SHAPE_RESTORE_SHX": "YES",
        "PROJ_NETWORK": "OFF",
        "CPL_TMPDIR": str(folder),
        **_base_environment(folder),
    }


def _base_environment(folder: Path) -> dict[str, str]:
    """Return the environment of any child."""
    return {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        **{name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ},
    }


def _run(
    order: dict[str, Any], out: int, folder: Path, limits: ReaderLimits, environ: dict[str, str]
) -> Malformed | None:
    """Run the child with `out` as its output; return what went wrong, else None."""
    cell = ChildProcess("crisismap.layers.sandbox.child", folder, environ, limits.wall_s)
    return cell.run(json.dumps(order).encode(), out)


def _layer(answer: Path, path: Path, what: str) -> RawLayer:
    with answer.open("rb") as lines:
        head = decode(next(lines, b""), f"{what} (the sandbox's answer)")
        _refuse(head, path, what)
        features = [_feature(row, decode(line, what)) for row, line in enumerate(lines, 1)]
    layers = head["layers"]
    if len(features) != sum(layer["features"] for layer in layers):
        raise Malformed("reader_stopped", what=what)
    systems = {layer["crs"] for layer in layers if layer["features"]}
    if len(systems) > 1:
        raise Invalid("crs", ", ".join(map(str, systems)), "crs_mixed")
    return RawLayer(features, next(iter(systems), None))


def _refuse(head: dict[str, Any], path: Path, what: str) -> None:
    """Raise the child's refusal as an error of ours, without the names of the temporary folder."""
    if "error" in head:
        problem = str(head["error"]).replace(str(path), what).replace(str(path.parent), "")
        raise Malformed("not_readable", what=what, problem=shorten(problem, 200))
    if "too_many" in head:
        raise TooLarge("too_many_features", what=what, most=head["too_many"])
    if "layers_there" in head:
        available = ", ".join(head["layers_there"]) or "none with geometry"
        raise Invalid("source_layer", available, "source_layer_not_named")


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

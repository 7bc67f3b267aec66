"""Reading of official data: from a file, a folder or the bytes of a request to one version of a layer."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from crisismap.core.errors import Invalid, Malformed, TooLarge
from crisismap.core.layer.alert import Alert
from crisismap.core.layer.layer import Layer, LayerVersion
from crisismap.layers.formats import archive, documents, geojson, nws, table
from crisismap.layers.formats.raw import RawLayer
from crisismap.layers.formats.sniff import HEAD, FileKind, sniff
from crisismap.layers.normalise import warnings
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.normalise.normalise import normalise
from crisismap.layers.normalise.warnings import WarningBatch
from crisismap.layers.sandbox import sandbox

MAX_BYTES = 512 << 20  # of one file, and of all members of a zip
_IN_MEMORY = frozenset({FileKind.GEOJSON, FileKind.CSV, FileKind.XLSX, FileKind.CAP, FileKind.FEED})
_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def read_layer(path: Path, *, layer: Layer, mapping: LayerMapping | None = None, now_ms: int) -> LayerVersion:
    """Return a version of a layer, not numbered yet, from a file, or from a folder with one shapefile.

    Raises Malformed (unreadable), Invalid (empty, no usable feature, unknown coordinate system, missing mapped field),
    TooLarge, Misconfigured (the mapping).
    """
    mapping = mapping or LayerMapping()
    content = _read(_one_file(path), mapping, path.name)
    return _version(content, layer, mapping, now_ms)


def read_layer_bytes(data: bytes, *, layer: Layer, mapping: LayerMapping | None = None, now_ms: int) -> LayerVersion:
    """Return a version from the body of a request in any single-file format. Raises as `read_layer` does."""
    mapping = mapping or LayerMapping()
    what = f"layer {layer.id}"
    _bound(len(data), what)
    kind = sniff(data[:HEAD], what)
    if kind in _IN_MEMORY:
        content = _text(data, kind, mapping, what)
    else:
        with tempfile.TemporaryDirectory(prefix="crisismap-") as folder:
            file = Path(folder) / "body"
            file.write_bytes(data)
            content = _read(file, mapping, what)
    return _version(content, layer, mapping, now_ms)


def _version(content: RawLayer | WarningBatch, layer: Layer, mapping: LayerMapping, now_ms: int) -> LayerVersion:
    if isinstance(content, WarningBatch):
        return warnings.version(content, layer, now_ms=now_ms)
    return replace(normalise(content, layer, mapping, now_ms=now_ms), mapping=mapping.tables())


def _one_file(path: Path) -> Path:
    """Return the file itself, or the one shapefile of a folder."""
    if not path.exists():
        raise Invalid("file", path.name, "no_file")
    if not path.is_dir():
        return path
    shapes = sorted(file for file in path.iterdir() if file.suffix.lower() == ".shp")
    if len(shapes) == 1:
        return shapes[0]
    if shapes:
        raise Invalid("file", ", ".join(file.name for file in shapes), "several_shapefiles")
    raise Invalid("file", path.name, "folder_without_shapefile")


def _read(path: Path, mapping: LayerMapping, what: str) -> RawLayer | WarningBatch:
    if not path.is_file():
        raise Invalid("file", what, "not_a_plain_file")
    _bound(path.stat().st_size, what)
    try:
        with path.open("rb") as handle:
            kind = sniff(handle.read(HEAD), what)
        if kind is FileKind.ZIP and archive.is_workbook(path):
            kind = FileKind.XLSX
        if kind in _IN_MEMORY:
            return _text(path.read_bytes(), kind, mapping, what)
    except OSError as error:
        raise Invalid("file", what, "file_not_opened", problem=error.strerror) from None
    with tempfile.TemporaryDirectory(prefix="crisismap-") as name:
        folder = Path(name)
        if kind is FileKind.ZIP:
            return _read(_unpack(path, folder, what), mapping, what)
        return sandbox.read(_private_copy(path, kind, folder, what), kind, mapping, what)


def _text(data: bytes, kind: FileKind, mapping: LayerMapping, what: str) -> RawLayer | WarningBatch:
    match kind:
        case FileKind.GEOJSON:
            return WarningBatch(*nws.parse(data, what)) if nws.is_nws(data) else geojson.parse(data, what)
        case FileKind.CAP:
            return WarningBatch([sandbox.parse_one("cap", data, Alert, what)])
        case FileKind.FEED:
            return documents.georss(data, what)
        case FileKind.XLSX:
            return documents.sheet(data, what, mapping)
        case _:
            return table.parse(data, what, mapping)


def _unpack(path: Path, folder: Path, what: str) -> Path:
    """Return the one layer in a zip; Invalid for several, as none is guessed."""
    files = archive.unpack(path, folder, max_bytes=MAX_BYTES, what=what)
    layers = [file for file in files if not file.name.startswith(".") and _is_layer(file)]
    if len(layers) != 1:
        names = ", ".join(str(file.relative_to(folder)) for file in layers) or "none"
        raise Invalid("file", names, "zip_not_one_layer")
    return layers[0]


def _is_layer(file: Path) -> bool:
    """Return whether this member is a layer by itself; a shapefile's companions, notes and nested zips are not."""
    with file.open("rb") as handle:
        head = handle.read(HEAD)
    if file.suffix.lower() in {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".txt", ".md", ".xml"}:
        return False
    try:
        kind = sniff(head, file.name)
    except Malformed:
        return False
    if kind is FileKind.ZIP:
        raise Malformed("archive_in_archive", what=file.name)
    return True


def _private_copy(path: Path, kind: FileKind, folder: Path, what: str) -> Path:
    """Return a copy alone in a folder, under a name of ours and with the suffix that its driver requires."""
    box = folder / "file"
    box.mkdir()
    suffixes = {FileKind.GEOPACKAGE: ".gpkg", FileKind.FLATGEOBUF: ".fgb", FileKind.KML: ".kml", FileKind.GPX: ".gpx"}
    if kind is not FileKind.SHAPEFILE:
        return Path(shutil.copyfile(path, box / f"layer{suffixes[kind]}"))
    parts = {file.suffix.lower(): file for file in path.parent.iterdir() if file.stem == path.stem and file.is_file()}
    _bound(sum(file.stat().st_size for suffix, file in parts.items() if suffix in _SIDECARS), what)
    shutil.copyfile(path, box / "layer.shp")
    for suffix in _SIDECARS[1:]:
        if suffix in parts:
            shutil.copyfile(parts[suffix], box / f"layer{suffix}")
    return box / "layer.shp"


def _bound(size: int, what: str) -> None:
    if size > MAX_BYTES:
        raise TooLarge("data_too_large", what=what, size=size, most=MAX_BYTES)

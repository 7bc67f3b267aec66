"""Reading of official data: from a file, a folder or the bytes of a request to one version of a layer."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from crisismap.core.errors import Invalid, Malformed, TooLarge
from crisismap.core.layer.alert import Alert
from crisismap.core.layer.layer import Layer, LayerVersion, geometries
from crisismap.core.layer.original import originals_of, with_original
from crisismap.core.place import crs
from crisismap.core.text.encoding import UTF8, TextEncoding, decode, find_encoding
from crisismap.layers.formats import archive, documents, geojson, nws, table
from crisismap.layers.formats.raw import RawLayer, left_out
from crisismap.layers.formats.sniff import HEAD, FileKind, sniff
from crisismap.layers.normalise import warnings
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.normalise.normalise import normalise
from crisismap.layers.normalise.warnings import WarningBatch
from crisismap.layers.sandbox import sandbox

MAX_BYTES = 512 << 20  # of one file, and of all members of a zip
_IN_MEMORY = frozenset({FileKind.GEOJSON, FileKind.CSV, FileKind.WORKBOOK, FileKind.CAP, FileKind.FEED})
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg"})
_SUFFIXES = {
    FileKind.GEOPACKAGE: ".gpkg",
    FileKind.FLATGEOBUF: ".fgb",
    FileKind.KML: ".kml",
    FileKind.GPX: ".gpx",
    FileKind.GML: ".gml",
}
_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def read_layer(
    path: Path, *, layer: Layer, mapping: LayerMapping | None = None, now_ms: int, as_of_ms: int | None = None
) -> LayerVersion:
    """Return a version of a layer, not numbered yet, from a file, or from a folder with one shapefile.

    `as_of_ms` is the time of the data, if not now: what had ended by then is left out.

    Raises Malformed (unreadable), Invalid (empty, no usable feature, unknown coordinate system, missing mapped field),
    TooLarge, Misconfigured (the mapping).
    """
    mapping = mapping or LayerMapping()
    content = _read(_one_file(path), mapping, path.name)
    return _version(content, layer, mapping, now_ms, as_of_ms)


def read_layer_bytes(
    data: bytes, *, layer: Layer, mapping: LayerMapping | None = None, now_ms: int, as_of_ms: int | None = None
) -> LayerVersion:
    """Return a version from the body of a request in any single-file format. Raises as `read_layer` does."""
    mapping = mapping or LayerMapping()
    content = _read_bytes(data, mapping, f"layer {layer.id}")
    return _version(content, layer, mapping, now_ms, as_of_ms)


def read_gml(data: bytes, mapping: LayerMapping, what: str) -> RawLayer:
    """Return the features of a GML document as they are. Raises as `read_layer` does."""
    content = _read_bytes(data, mapping, what)
    if isinstance(content, WarningBatch):
        raise Malformed("not_geojson", what=what, given="warnings")
    return content


def _read_bytes(data: bytes, mapping: LayerMapping, what: str) -> RawLayer | WarningBatch:
    _bound(len(data), what)
    kind = sniff(data[:HEAD], what)
    if kind in _IN_MEMORY:
        return _text(data, kind, mapping, what)
    with tempfile.TemporaryDirectory(prefix="crisismap-") as folder:
        file = Path(folder) / "body"
        file.write_bytes(data)
        return _read(file, mapping, what)


def _version(
    content: RawLayer | WarningBatch, layer: Layer, mapping: LayerMapping, now_ms: int, as_of_ms: int | None
) -> LayerVersion:
    if isinstance(content, WarningBatch):
        found = warnings.version(content, layer, now_ms=now_ms, as_of_ms=as_of_ms)
        return _swapped(found, mapping) if mapping.swaps else found
    version = normalise(content, layer, mapping, now_ms=now_ms)
    return replace(version, as_of_ms=as_of_ms, mapping=mapping.tables())


def _swapped(version: LayerVersion, mapping: LayerMapping) -> LayerVersion:
    """Return a version of warnings with longitude and latitude swapped."""
    shapes = crs.turned(geometries(version.features)).tolist()
    features = tuple(replace(each, geometry=shape) for each, shape in zip(version.features, shapes, strict=True))
    return replace(version, features=features, mapping=mapping.tables())


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
            kind = FileKind.WORKBOOK
        if kind in _IN_MEMORY:
            return _text(path.read_bytes(), kind, mapping, what)
    except OSError as error:
        raise Invalid("file", what, "file_not_opened", problem=error.strerror) from None
    with tempfile.TemporaryDirectory(prefix="crisismap-") as name:
        folder = Path(name)
        if kind is FileKind.ZIP:
            return _read_zip(path, folder, mapping, what)
        return sandbox.read(_private_copy(path, kind, folder, what), kind, mapping, what)


def _text(data: bytes, kind: FileKind, mapping: LayerMapping, what: str) -> RawLayer | WarningBatch:
    match kind:
        case FileKind.GEOJSON:
            return _geojson(data, mapping, what)
        case FileKind.CAP:
            alert = with_original(sandbox.parse_one("cap", data, Alert, what), data)
            return WarningBatch([alert], originals=originals_of([alert], {alert.original: data}))
        case FileKind.FEED:
            return documents.georss(data, what)
        case FileKind.WORKBOOK:
            return documents.sheet(data, what, mapping)
        case _:
            return table.parse(data, what, mapping)


def _geojson(data: bytes, mapping: LayerMapping, what: str) -> RawLayer | WarningBatch:
    notes: list[str] = []
    if mapping.encoding or find_encoding([data]) != TextEncoding(UTF8):
        decoded = decode(data, mapping.encoding, what)
        data, notes = decoded.text.encode(), decoded.notes
    if nws.is_nws(data):
        return WarningBatch(*nws.parse(data, what))
    layer = geojson.parse(data, what)
    return replace(layer, notes=[*layer.notes, *notes])


def _read_zip(path: Path, folder: Path, mapping: LayerMapping, what: str) -> RawLayer | WarningBatch:
    """Read the one layer in a zip, or the one that the mapping names; Invalid for several, as none is guessed."""
    files = archive.unpack(path, folder, max_bytes=MAX_BYTES, what=what)
    files = [file for file in files if not file.name.startswith(".") and "__MACOSX" not in file.parts]
    layers = [file for file in files if _is_layer(file)] or [file for file in files if _is_layer(file, any_table=True)]
    named = [file for file in layers if mapping.source_layer and _is_named(file.relative_to(folder), mapping)]
    chosen = named or _documents(layers, folder) or layers
    if len(chosen) != 1:
        names = [str(file.relative_to(folder)) for file in layers]
        where = "source_layer" if layers else "file"
        raise Invalid(where, ", ".join(names) or "none", "zip_not_one_layer", choices=names)
    if named:
        mapping = replace(mapping, source_layer="")
    try:
        content = _read(chosen[0], mapping, what)
    except Invalid as refusal:
        if refusal.code == "kml_without_places" and len(layers) > 1:
            others = ", ".join(str(file.relative_to(folder)) for file in layers if file not in chosen)
            raise Invalid("source_layer", others, "kml_only_links") from None
        raise
    unread = [file for file in files if file not in chosen and not _belongs(file, chosen[0])]
    if unread:
        note = left_out("files in the zip", sorted(str(file.relative_to(folder)) for file in unread))
        if isinstance(content, RawLayer):
            return replace(content, notes=[*content.notes, note])
        return replace(content, notes=(*content.notes, note))
    return content


def _is_named(path: Path, mapping: LayerMapping) -> bool:
    """Return whether `source_layer` means this file of a zip: by its path or its name, with its ending or without."""
    wanted = mapping.source_layer.replace("\\", "/").casefold()
    return wanted in {str(each).casefold() for each in (path, path.with_suffix(""), path.name, path.stem)}


def _documents(layers: list[Path], folder: Path) -> list[Path]:
    """Return the main document of a KMZ: its only KML file outside folders, beside which others may lie."""
    if any(file.suffix.lower() != ".kml" for file in layers):
        return []
    top = [file for file in layers if file.parent == folder]
    return [file for file in top if file.name.lower() == "doc.kml"] or top


def _belongs(file: Path, layer: Path) -> bool:
    """Return whether a file is part of a layer: a companion of its shapefile, or a picture for the signs of a KMZ."""
    companion = file.parent == layer.parent and (file.stem == layer.stem or file.name.startswith(f"{layer.name}."))
    return companion or (layer.suffix.lower() == ".kml" and file.suffix.lower() in _PICTURES)


def _is_layer(file: Path, *, any_table: bool = False) -> bool:
    """Return whether this member is a layer by itself; a shapefile's companions, notes and nested zips are not.

    A table is one when it has columns of a place; `any_table`: or also without them, so that the refusal names them.
    """
    with file.open("rb") as handle:
        head = handle.read(HEAD)
    if file.suffix.lower() in {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".txt", ".md", ".xml"}:
        return False
    try:
        kind = sniff(head, file.name)
    except Malformed:
        return False
    if kind is FileKind.ZIP and not archive.is_workbook(file):
        raise Malformed("archive_in_archive", what=file.name)
    return kind is not FileKind.CSV or any_table or table.is_layer(head)


def _private_copy(path: Path, kind: FileKind, folder: Path, what: str) -> Path:
    """Return a copy alone in a folder, under a name of ours and with the suffix that its driver requires."""
    box = folder / "file"
    box.mkdir()
    if kind is not FileKind.SHAPEFILE:
        return Path(shutil.copyfile(path, box / f"layer{_SUFFIXES[kind]}"))
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

"""The sandboxed reader: opens one file with one GDAL driver, or documents with one parser, and writes JSON lines.

It runs as a process of its own, started by `sandbox.py` with an environment that removes every other driver. It checks
the drivers again and applies its restrictions before it opens the file.
"""

from __future__ import annotations

import base64
import json
import math
import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import msgspec

from crisismap.core.errors import CrisismapError
from crisismap.layers.formats import gml, kml
from crisismap.layers.sandbox import confine


def main() -> int:
    """Read the order (JSON) from standard input, answer on standard output; return 0 when an answer was given."""
    order = json.load(sys.stdin)
    confine.limit(memory=order["memory"], cpu_s=order["cpu_s"], file_size=order["file_size"])
    if "parser" in order:
        return _parse(order)
    import pyogrio  # late: registering drivers reads the environment, and the limits must be in force
    import pyogrio.raw

    extra = set(pyogrio.list_drivers()) - {order["driver"]}
    if extra:
        return _answer({"error": f"drivers that must not be here: {', '.join(sorted(extra))}"})
    data = os.path.dirname(os.path.abspath(pyogrio.__file__))
    walls = confine.restrict(order["folder"], [data, os.path.dirname(os.__file__)])
    try:
        head, found = _read(pyogrio, order)
    except CrisismapError as refusal:
        return _answer({"problem": {"code": refusal.code, "details": refusal.details}})
    except Exception as error:  # drivers raise many exceptions; the parent turns the text into one refusal
        return _answer({"error": str(error) or type(error).__name__})
    layers = [{"crs": layer[0]["crs"], "features": _count(layer)} for layer in found]
    _answer({"walls": walls, "layers": layers, "binary": _binary_columns(found), **head})
    for layer in found:
        _rows(layer, sys.stdout)
    return 0


def _parse(order: dict[str, Any]) -> int:
    """Parse each document with the named parser; write `{"found": ...}` or `{"problem": {code, details}}` per line."""
    parse = parser(order["parser"])
    # Libraries import parts of themselves on first use.
    confine.restrict(order["folder"], [os.path.dirname(os.__file__), sysconfig.get_paths()["platlib"]])
    for path in order["paths"]:
        try:
            with open(path, "rb") as document:
                line = {"found": parse(document.read())}
        except CrisismapError as refusal:
            line = {"problem": {"code": refusal.code, "details": refusal.details}}
        except Exception as error:  # a library error refuses one document, and the others continue
            details = {"problem": type(error).__name__}
            line = {"problem": {"code": "parser_failed", "details": details}}
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    return 0


def parser(name: str) -> Callable[[bytes], Any]:
    """Return the parser of this name, imported before the restrictions, because importing reads files."""
    if name == "cap":
        from crisismap.layers.formats import cap

        return cap.parse
    if name == "feed":
        from crisismap.layers.formats import rss

        return rss.parse
    if name in ("wms", "wmts"):
        from crisismap.layers.fetch import capabilities

        return {"wms": capabilities.parse_wms, "wmts": capabilities.parse_wmts}[name]
    from crisismap.layers.formats import workbook

    return workbook.parse


def _read(pyogrio: Any, order: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return what is to be said of the file, and the wanted layer or, where a format splits one thing, all layers."""
    if order["driver"] == "LIBKML":
        return _read_kml(pyogrio, order)
    if order["driver"] == "GML":
        named = gml.names(Path(order["path"]))
        if named.is_empty:
            return {}, []
        gml.rename_systems(Path(order["path"]), named)
        head, found = _read_layers(pyogrio, order)
        return head | {"srs_names": named.names}, found
    return _read_layers(pyogrio, order)


def _read_layers(pyogrio: Any, order: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    kinds = {str(name): kind for name, kind in pyogrio.list_layers(order["path"])}
    names = [name for name, kind in kinds.items() if kind is not None]
    if order["driver"] == "GPX":
        names = [name for name in names if not name.endswith("_points")]
    wanted = [name for name in names if name == order["layer"]] if order["layer"] else names
    if not wanted or (len(wanted) > 1 and not order["all_layers"]):
        return {"layers_there": names}, []
    others = [name for name in kinds if name not in wanted] if order["driver"] != "GPX" else []
    return _load(pyogrio, order, wanted, {"others": others})


def _read_kml(pyogrio: Any, order: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return the placemarks of all folders, or of the wanted one, as one layer, and what is no placemark."""
    with open(order["path"], "rb") as file:
        content = kml.flatten(file.read(), order["layer"])
    head = {"folders": content.folders, "left_out": content.left_out, "layers_there": content.others}
    if not content.folders:
        return head, []
    with open(order["path"], "wb") as file:
        file.write(content.flat)
    names = [str(name) for name, _ in pyogrio.list_layers(order["path"])]
    return _load(pyogrio, order, names, head)


def _load(
    pyogrio: Any, order: dict[str, Any], names: list[str], head: dict[str, Any]
) -> tuple[dict[str, Any], list[Any]]:
    options = {"encoding": order["encoding"] or None, "max_features": order["max_features"] + 1}
    found = [pyogrio.raw.read(order["path"], layer=name, datetime_as_string=True, **options) for name in names]
    if sum(_count(layer) for layer in found) > order["max_features"]:
        return {"too_many": order["max_features"]}, []
    return head, found


def _binary_columns(layers: list[Any]) -> list[str]:
    columns = (zip(layer[0]["fields"], layer[0]["ogr_types"], strict=True) for layer in layers)
    return [str(name) for each in columns for name, kind in each if kind == "OFTBinary"]


def _count(layer: Any) -> int:
    return 0 if layer[2] is None else len(layer[2])


def _rows(layer: Any, out: IO[str]) -> None:
    meta, _, geometries, columns = layer
    if geometries is None:
        return
    names = [str(name) for name in meta["fields"]]
    whole = [kind in ("OFTInteger", "OFTInteger64") for kind in meta["ogr_types"]]
    for row, geometry in enumerate(geometries):
        properties = {
            name: _plain(columns[place][row], whole[place])
            for place, name in enumerate(names)
            if meta["ogr_types"][place] != "OFTBinary"
        }
        packed = None if geometry is None else base64.b64encode(geometry).decode()
        json.dump([packed, properties], out, allow_nan=False, separators=(",", ":"))
        out.write("\n")


def _plain(value: Any, whole: bool) -> Any:
    """Return a value for JSON; whole numbers of a column with gaps are read as floats and converted back."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if whole else value
    if isinstance(value, list):
        return [_plain(item, whole) for item in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _answer(head: dict[str, Any]) -> int:
    sys.stdout.write(json.dumps(head) + "\n")
    return 0

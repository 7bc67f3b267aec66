"""Parsing of WMS and WMTS capabilities documents to plain data. Runs in the sandbox.

OWSLib only gets bytes, inside the sandbox without network: its own requests would bypass the guarded client.
"""

from __future__ import annotations

import warnings
from typing import Any
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from owslib.wms import WebMapService
from owslib.wmts import WebMapTileService

from crisismap.core.errors import Malformed, shorten

_NOWHERE = "http://capabilities.invalid/"  # the library needs a URL; it is never requested
_ROOTS = {
    "WMT_MS_Capabilities": ("wms", "1.1.1"),
    "WMS_Capabilities": ("wms", "1.3.0"),
    "Capabilities": ("wmts", "1.0.0"),
}


def parse_wms(data: bytes) -> dict[str, Any]:
    """Return version, URL and formats of GetMap, and the layers by name. Raises Malformed."""
    clean, version = _without_doctype(data, "wms")
    service = _read(lambda: WebMapService(_NOWHERE, version=version, xml=clean))
    operation = service.getOperationByName("GetMap")
    return {
        "version": version,
        "url": _address(operation.methods),
        "formats": [str(each) for each in operation.formatOptions],
        "layers": {
            name: {
                "title": str(each.title or ""),
                "systems": [str(code) for code in each.crsOptions or ()],
                "bounds": _bounds(each.boundingBoxWGS84),
            }
            for name, each in service.contents.items()
        },
    }


def parse_wmts(data: bytes) -> dict[str, Any]:
    """Return the URL of GetTile, the layers by name and the tile matrix sets by name. Raises Malformed."""
    clean, _ = _without_doctype(data, "wmts")
    service = _read(lambda: WebMapTileService(_NOWHERE, xml=clean))
    operations = [each for each in service.operations if each.name == "GetTile"]
    return {
        "url": _address(operations[0].methods) if operations else "",
        "layers": {
            name: {
                "title": str(each.title or ""),
                "formats": [str(one) for one in each.formats],
                "style": next((str(k) for k, one in each.styles.items() if one.get("isDefault")), None)
                or next(iter(each.styles), ""),
                "sets": list(each.tilematrixsetlinks),
                "templates": [
                    {"format": str(one["format"]), "url": str(one["template"])}
                    for one in each.resourceURLs
                    if one.get("resourceType") == "tile"
                ],
                "bounds": _bounds(each.boundingBoxWGS84),
            }
            for name, each in service.contents.items()
        },
        "sets": {
            name: {
                "system": str(each.crs),
                "matrices": [
                    {
                        "name": str(one.identifier),
                        "scale": float(one.scaledenominator),
                        "corner": [float(value) for value in one.topleftcorner],
                        "size": [int(one.tilewidth), int(one.tileheight)],
                    }
                    for one in each.tilematrix.values()
                ],
            }
            for name, each in service.tilematrixsets.items()
        },
    }


def _without_doctype(data: bytes, service: str) -> tuple[bytes, str]:
    """Return the document without its DOCTYPE, which WMS 1.1.1 requires; no entity is ever resolved."""
    try:
        root: Element = fromstring(data, forbid_dtd=False)
    except DefusedXmlException:
        raise Malformed("capabilities_with_entities") from None
    except (ParseError, ValueError) as problem:
        raise Malformed("capabilities_broken", problem=shorten(str(problem), 60)) from None
    name = root.tag.rpartition("}")[2]
    kind, version = _ROOTS.get(name, ("", ""))
    if kind != service:
        exception = " ".join("".join(root.itertext()).split()) if "Exception" in name else ""
        root_name = shorten(name, 40) + (f": {shorten(exception, 100)}" if exception else "")
        raise Malformed("not_the_capabilities", service=service.upper(), root=root_name)
    return tostring(root), version


def _read(build: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns about layers with the same name and keeps the last
        try:
            return build()
        except Exception as problem:  # the library raises many exceptions on invalid documents
            raise Malformed("capabilities_not_understood", problem=type(problem).__name__) from None


def _address(methods: Any) -> str:
    return next((str(each["url"]) for each in methods if str(each["type"]).lower() == "get" and each["url"]), "")


def _bounds(box: Any) -> list[float] | None:
    return [float(value) for value in box] if box else None

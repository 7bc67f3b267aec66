"""What a WMS or WMTS says of itself, as plain data. Runs in the sandbox.

OWSLib is given bytes only, here where there is no network: its own way of asking would pass by the guard of `fetch`.
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

_NOWHERE = "http://capabilities.invalid/"  # the library wants an address; it is never asked
_ROOTS = {
    "WMT_MS_Capabilities": ("wms", "1.1.1"),
    "WMS_Capabilities": ("wms", "1.3.0"),
    "Capabilities": ("wmts", "1.0.0"),
}


def parse_wms(data: bytes) -> dict[str, Any]:
    """Version, address and formats of GetMap, and the pictures it has by name. Raises Malformed."""
    clean, version = _clean(data, "wms")
    service = _read(lambda: WebMapService(_NOWHERE, version=version, xml=clean))
    ask = service.getOperationByName("GetMap")
    return {
        "version": version,
        "url": _address(ask.methods),
        "formats": [str(each) for each in ask.formatOptions],
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
    """Address of GetTile, the pictures by name and the sets of tiles by name. Raises Malformed."""
    clean, _ = _clean(data, "wmts")
    service = _read(lambda: WebMapTileService(_NOWHERE, xml=clean))
    asks = [each for each in service.operations if each.name == "GetTile"]
    return {
        "url": _address(asks[0].methods) if asks else "",
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


def _clean(data: bytes, wanted: str) -> tuple[bytes, str]:
    """The document without its document type, which WMS 1.1.1 has by its own rules; no entity is ever resolved."""
    try:
        root: Element = fromstring(data, forbid_dtd=False)
    except DefusedXmlException:
        raise Malformed("capabilities_with_entities") from None
    except (ParseError, ValueError) as problem:
        raise Malformed("capabilities_broken", problem=shorten(str(problem), 60)) from None
    name = root.tag.rpartition("}")[2]
    kind, version = _ROOTS.get(name, ("", ""))
    if kind != wanted:
        said = " ".join("".join(root.itertext()).split()) if "Exception" in name else ""
        root_name = shorten(name, 40) + (f": {shorten(said, 100)}" if said else "")
        raise Malformed("not_the_capabilities", service=wanted.upper(), root=root_name)
    return tostring(root), version


def _read(build: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two pictures with one name the library keeps the last, and says so
        try:
            return build()
        except Exception as problem:  # whatever it stumbles over: one refusal
            raise Malformed("capabilities_not_understood", problem=type(problem).__name__) from None


def _address(methods: Any) -> str:
    return next((str(each["url"]) for each in methods if str(each["type"]).lower() == "get" and each["url"]), "")


def _bounds(box: Any) -> list[float] | None:
    return [float(value) for value in box] if box else None

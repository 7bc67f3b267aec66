"""CAP 1.1 and 1.2: parsing of one XML message to a core Alert. Runs in the sandbox.

Polygons and circles are lat,lon in the protocol and lon, lat in the result. Elements are matched by their local names,
so that prefix and version do not matter; other documents are refused. A time that cannot be read drops nothing else
(`alert_times`). A signature is noticed, not verified.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crisismap.core.errors import Malformed, shorten
from crisismap.core.layer.alert import Alert, AlertArea, Info, Key
from crisismap.layers.formats.alert_times import exact_ms, read_times

T = TypeVar("T")
_COMMA, _SEPARATORS = re.compile(" ?, ?"), re.compile(r"[\s,;]+")
_REQUIRED = ("identifier", "sender", "status", "msgType", "scope")
_TIMES = ("effective", "onset", "expires")
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_STATUSES = {"Actual", "Exercise", "System", "Test", "Draft"}
_KINDS = {"Alert", "Update", "Cancel", "Ack", "Error"}
_SCOPES = {"Public", "Restricted", "Private"}


def parse(data: bytes) -> Alert:
    """Return one message. Raises Malformed naming the element that is missing or invalid."""
    root = element(data)
    if local_name(root) != "alert" or not root.tag.startswith("{urn:oasis:names:tc:emergency:cap:1."):
        raise Malformed("not_cap", root=shorten(root.tag, 60))
    missing = [name for name in _REQUIRED if not _text(root, name)]
    if missing:
        raise Malformed("cap_incomplete", missing=list(missing))
    for name, allowed in (("status", _STATUSES), ("msgType", _KINDS), ("scope", _SCOPES)):
        if _text(root, name) not in allowed:
            raise Malformed(
                "alert_value_unknown", what=name, choices=sorted(allowed), given=shorten(_text(root, name), 40)
            )
    infos = _children(root, "info")
    times = read_times(_text(root, "sent"), [{name: _text(info, name) for name in _TIMES} for info in infos])
    references, unread = _references(_text(root, "references"))
    return Alert(
        sender=_text(root, "sender"),
        identifier=_text(root, "identifier"),
        sent_ms=times.sent,
        sent_is_exact=times.exact,
        status=_text(root, "status"),
        kind=_text(root, "msgType"),
        scope=_text(root, "scope"),
        references=references,
        infos=tuple(_info(info, each) for info, each in zip(infos, times.infos, strict=True)),
        problems=(*times.problems, *unread),
        signed=next(root.iter(_SIGNATURE), None) is not None,
    )


def element(data: bytes) -> Element:
    """Return the root of a document without DOCTYPE and entities. Raises Malformed."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise Malformed("xml_with_entities") from None
    except (ParseError, ValueError, LookupError) as error:
        raise Malformed("xml_broken", problem=shorten(str(error), 80)) from None
    return root


def _info(node: Element, times: dict[str, int | None]) -> Info:
    members = {f"{name}_ms": ms for name, ms in times.items()}
    responses = tuple((child.text or "").strip() for child in _children(node, "responseType"))
    areas = tuple(_area(area) for area in _children(node, "area"))
    return info_of(lambda name: _text(node, name), **members, responses=responses, areas=areas)


def info_of(text: Callable[[str], str], **other: Any) -> Info:
    """Return an Info from its texts by their names in CAP, and its other members."""
    texts: dict[str, Any] = {name: text(name) for name in ("event", "headline", "description", "instruction", "web")}
    texts |= {name: text(name) or "Unknown" for name in ("severity", "certainty", "urgency")}
    return Info(language=text("language") or "en-US", sender_name=text("senderName"), **texts, **other)


def _area(node: Element) -> AlertArea:
    codes = [(_text(code, "valueName"), _text(code, "value")) for code in _children(node, "geocode")]
    problems: list[str] = []
    return AlertArea(
        name=_text(node, "areaDesc"),
        polygons=_shapes(node, "polygon", _ring, problems),
        circles=_shapes(node, "circle", _circle, problems),
        geocodes=tuple((name, value) for name, value in codes if value),
        problems=tuple(problems),
    )


def _shapes(node: Element, name: str, read: Callable[[str], T], problems: list[str]) -> tuple[T, ...]:
    """Return the shapes that can be used: one that cannot must not take the others out of force."""
    found = []
    for text in filter(None, ((child.text or "").strip() for child in _children(node, name))):
        try:
            found.append(read(text))
        except ValueError as problem:
            problems.append(f"{name} {shorten(text, 60)!r}: {problem}")
    return tuple(found)


def _ring(text: str) -> tuple[tuple[float, float], ...]:
    """Return a closed ring of lon, lat. Raises ValueError.

    Publishers write spaces around the comma of a pair, heights behind it, and only commas or only spaces.
    """
    pairs = _COMMA.sub(",", " ".join(text.replace(";", " ").split())).strip(", ").split(" ")
    sizes = {pair.count(",") + 1 for pair in pairs}
    if sizes == {3}:
        pairs = [pair.rpartition(",")[0] for pair in pairs]
    elif sizes == {1} or len(pairs) == 1:
        numbers = _SEPARATORS.split(text.strip(" \t\r\n,;"))
        pairs = [",".join(numbers[place : place + 2]) for place in range(0, len(numbers), 2)]
    ring = [_lon_lat(pair) for pair in pairs]
    if len(ring) < 3:
        raise ValueError("needs at least three positions")
    return tuple(ring if ring[0] == ring[-1] else [*ring, ring[0]])


def _circle(text: str) -> tuple[float, float, float]:
    lat_text, lon_text, radius = (*_SEPARATORS.split(text.strip(" \t\r\n,;")), "", "", "")[:3]
    lon, lat = _lon_lat(f"{lat_text},{lon_text}")
    try:
        km = float(radius)
    except ValueError:
        raise ValueError("its radius is no number") from None
    if not 0 <= km <= 20_000:
        raise ValueError("its radius must be 0 to 20000 km")
    return lon, lat, km


def _lon_lat(pair: str) -> tuple[float, float]:
    try:
        lat, lon = (float(number) for number in pair.split(","))
    except ValueError:
        raise ValueError("a position is written lat,lon") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError("a position must lie within 90 degrees of latitude, 180 of longitude")
    return lon, lat


def _references(text: str) -> tuple[tuple[Key, ...], list[str]]:
    """Return the `sender,identifier,sent` triples (NO_TIME for an inexact time), and a phrase for other parts."""
    triples: list[Key] = []
    problems: list[str] = []
    for each in text.split():
        parts = each.split(",")
        if len(parts) != 3 or not all(parts[:2]):
            problems.append(f"references {shorten(each, 60)!r} names no message")
            continue
        triples.append((parts[0], parts[1], exact_ms(parts[2])))
    return tuple(triples), problems


def local_name(node: Element) -> str:
    """Return the name of an element without its namespace."""
    return node.tag.rpartition("}")[2]


def _children(node: Element, name: str) -> list[Element]:
    return [child for child in node if local_name(child) == name]


def _text(node: Element, name: str) -> str:
    found = next((child.text for child in node if local_name(child) == name), None)
    return (found or "").strip()

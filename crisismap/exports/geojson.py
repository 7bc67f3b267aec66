"""GeoJSON (RFC 7946) as one collection, and as one feature per line."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from crisismap.exports.format import ReportTable


def geojson(reports: ReportTable) -> Iterator[bytes]:
    """Yield a FeatureCollection with the members revision, `handling` and in the demo `made_up`."""
    told = b"".join(b"%b," % member for member in _members(reports, f"{reports.care} {reports.taken}".strip()))
    yield b'{"type":"FeatureCollection","revision":%d,%b"features":[\n' % (reports.revision, told)
    first = True
    for part in reports.features():
        if part:
            yield (b"" if first else b",\n") + b",\n".join(part)
            first = False
    yield b"\n]}\n"


def geojsonl(reports: ReportTable) -> Iterator[bytes]:
    """Yield one feature per line; each has `made_up` and `handling`, because the format has no head."""
    end = b"".join(b",%b" % member for member in _members(reports, reports.care)) + b"}\n"
    for part in reports.features():
        yield b"".join(feature[:-1] + end for feature in part)


def _members(reports: ReportTable, handling: str) -> Iterator[bytes]:
    """Yield members of the whole file, as foreign members that RFC 7946 (6.1) allows."""
    if reports.made_up:
        yield b'"made_up":true'
    if handling:
        yield b'"handling":%b' % msgspec.json.encode(handling)

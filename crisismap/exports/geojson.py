"""GeoJSON (RFC 7946) as one collection, and as one feature a line."""

from __future__ import annotations

from collections.abc import Iterator

from crisismap.exports.format import Reports


def geojson(reports: Reports) -> Iterator[bytes]:
    """A FeatureCollection, with the revision and, in the demo, `made_up` as members beside the features."""
    yield b'{"type":"FeatureCollection","revision":%d,%b"features":[\n' % (
        reports.revision,
        b'"made_up":true,' if reports.made_up else b"",
    )
    first = True
    for part in reports.features():
        if part:
            yield (b"" if first else b",\n") + b",\n".join(part)
            first = False
    yield b"\n]}\n"


def geojsonl(reports: Reports) -> Iterator[bytes]:
    """One feature a line; in the demo each says `made_up`, because lines have no head that could say it for all."""
    end = b',"made_up":true}\n' if reports.made_up else b"}\n"
    for part in reports.features():
        yield b"".join(feature[:-1] + end for feature in part)

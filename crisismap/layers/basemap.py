"""The offline basemap: one PMTiles file of the area, read tile by tile."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, TileType

from crisismap.core.errors import Malformed
from crisismap.core.place.mercator import Tile
from crisismap.core.place.place import Extent

_MEDIA_TYPES = {
    TileType.MVT: "application/vnd.mapbox-vector-tile",
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
}
_PACKINGS = (Compression.NONE, Compression.GZIP)


@dataclass(frozen=True, slots=True)
class Basemap:
    """An open PMTiles file. `media_type`: of its tiles, vector or image; the zooms are those in the file."""

    media_type: str
    min_zoom: int
    max_zoom: int
    bounds: Extent
    _reader: Reader
    _packed: bool

    @property
    def is_vector(self) -> bool:
        """Return whether its tiles are vector tiles."""
        return self.media_type == _MEDIA_TYPES[TileType.MVT]

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return one decompressed tile; None where the file has none."""
        if z > 26 or not Tile(z, x, y).exists:
            return None
        found: bytes | None = self._reader.get(z, x, y)
        return gzip.decompress(found) if found and self._packed else found


def open_basemap(path: Path) -> Basemap:
    """Open a PMTiles file of version 3. Raises Malformed naming the problem."""
    try:
        with path.open("rb") as file:
            reader = Reader(MmapSource(file))
            header = reader.header()
    except OSError as problem:
        raise Malformed("basemap_not_read", what=path.name, problem=problem.strerror) from None
    except Exception:  # the library raises many exceptions on invalid bytes
        raise Malformed("not_pmtiles", what=path.name) from None
    media_type = _MEDIA_TYPES.get(header["tile_type"])
    if media_type is None or header["tile_compression"] not in _PACKINGS:
        raise Malformed("tiles_not_shown", what=path.name)
    west, south, east, north = (header[f"{side}_e7"] / 1e7 for side in ("min_lon", "min_lat", "max_lon", "max_lat"))
    return Basemap(
        media_type,
        header["min_zoom"],
        header["max_zoom"],
        (west, south, east, north),
        reader,
        header["tile_compression"] == Compression.GZIP,
    )

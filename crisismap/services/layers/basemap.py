"""basemap: the file that `import basemap` put into the data folder, opened once and again when it changes."""

from __future__ import annotations

from pathlib import Path

from crisismap.layers.basemap import Basemap, open_basemap
from crisismap.services.operations.data_folder import put_file
from crisismap.services.runtime.caches import Caches
from crisismap.settings import Settings

NAME = "basemap.pmtiles"
TILES = "/api/v1/basemap/{z}/{x}/{y}"


def basemap(caches: Caches, settings: Settings) -> Basemap | None:
    """The basemap of this deployment, None when there is none."""
    path = settings.data_dir / NAME
    try:
        stat = path.stat()
    except OSError:
        return None
    return caches.basemap.get(path, lambda: open_basemap(path), stamp=(stat.st_mtime_ns, stat.st_ino))


def addresses(caches: Caches, settings: Settings) -> tuple[str, str]:
    """Where the map's pictures and where its vector tiles come from; "" for none. An imported file goes first."""
    found = basemap(caches, settings)
    if found is None:
        return settings.tile_url, ""
    return ("", TILES) if found.is_vector else (TILES, "")


def put_basemap(file: Path, folder: Path) -> Basemap:
    """Copy a file into the data folder, in one step. Raises Malformed, Invalid; then the old one stays."""
    found = open_basemap(file)
    put_file(file, folder, NAME)
    return found

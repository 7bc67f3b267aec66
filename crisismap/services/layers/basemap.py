"""The basemap file that `import basemap` put into the data folder, reopened when it changes."""

from __future__ import annotations

from pathlib import Path

from crisismap.layers.basemap import Basemap, open_basemap
from crisismap.services.operations.data_folder import file_stamp, put_file
from crisismap.services.runtime.caches import Caches
from crisismap.settings import Settings

NAME = "basemap.pmtiles"
TILES = "/api/v1/basemap/{z}/{x}/{y}"


def basemap(caches: Caches, settings: Settings) -> Basemap | None:
    """Return the deployment's basemap, None without one."""
    path = settings.data_dir / NAME
    stamp = file_stamp(path)
    return caches.basemap.get(path, lambda: open_basemap(path), stamp=stamp) if stamp is not None else None


def addresses(caches: Caches, settings: Settings) -> tuple[str, str]:
    """Return the URLs of raster and vector tiles, "" for none. An imported file takes precedence."""
    found = basemap(caches, settings)
    if found is None:
        return settings.tile_url, ""
    return ("", TILES) if found.is_vector else (TILES, "")


def put_basemap(file: Path, folder: Path) -> Basemap:
    """Copy a file atomically into the data folder. Raises Malformed, Invalid, and then keeps the old one."""
    found = open_basemap(file)
    put_file(file, folder, NAME)
    return found

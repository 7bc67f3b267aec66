"""A description of the machine without host names or paths, and a check that it is idle."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import pyogrio
import shapely

LIBRARIES = ("streamlit", "geopandas", "pyogrio", "shapely", "numpy", "pandas", "sqlalchemy", "uvicorn", "sqlmodel")
BUSY = 0.15  # share of all cores used by others above which a figure is unreliable


def description() -> dict[str, Any]:
    """Return processor, memory and versions."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "gdal": ".".join(map(str, pyogrio.__gdal_version__)),
        "geos": ".".join(map(str, shapely.geos_version)),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def load() -> float:
    """Return the load average of the last minute, which includes our own recent work."""
    return os.getloadavg()[0]


def others(seconds: float = 0.5) -> float:
    """Return the share of all cores in use now, 0 to 1; between rounds it is what other programs use."""
    share: float = psutil.cpu_percent(interval=seconds) / 100
    return share

"""The generator's input files: `data/demo/{names,people,texts}.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "data" / "demo"


@lru_cache(maxsize=3)
def inputs(name: str) -> dict[str, Any]:
    """Read names, people or texts, once per process. Raises OSError or tomllib.TOMLDecodeError.

    The modules that use a table know its structure.
    """
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))

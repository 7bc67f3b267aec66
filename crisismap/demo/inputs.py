"""The generator's input files: `data/demo/{names,people,texts}.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "data" / "demo"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The contents of the three files; the modules that use a table know its structure."""

    names: dict[str, Any]
    people: dict[str, Any]
    texts: dict[str, Any]


@lru_cache(maxsize=1)
def inputs() -> Inputs:
    """Read the files once per process. Raises OSError or tomllib.TOMLDecodeError, which name the file."""
    return Inputs(
        *(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")) for name in ("names", "people", "texts"))
    )

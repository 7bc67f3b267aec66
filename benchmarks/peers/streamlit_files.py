"""`crisismap serve` with Streamlit sending its own page and files, as it does by itself; for the job `visit`."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.types import ASGIApp, Scope

from crisismap.api.front import Front
from crisismap.cli import main


def _streamlit(self: Front, _path: str, _first: str, _scope: Scope) -> ASGIApp:
    """Return the desk for every path that is not ours."""
    return self._desk


if __name__ == "__main__":
    os.environ |= {
        "CRISISMAP_DATA_DIR": str(Path(os.environ["BENCH_FOLDER"]) / "data"),
        "CRISISMAP_RATE_LIMIT": "off",
    }
    Front._desk_app = _streamlit  # type: ignore[method-assign]
    main()

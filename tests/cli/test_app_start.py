"""What starts quickly stays so: the help of the command line, and the server, load nothing that can wait."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crisismap.settings import ROOT

HELP = """
import sys
from crisismap.cli import main
sys.argv = ["crisismap", *{words!r}]
try:
    main()
except SystemExit:
    pass
"""
HEAVY = (
    *("streamlit", "fastapi", "starlette", "sqlalchemy", "alembic", "httpx", "jinja2", "cryptography"),
    *("geopandas", "pandas", "pyproj", "pyarrow", "scipy", "folium", "fpdf", "crisismap.bootstrap", "crisismap.demo"),
)
# Layers, ways, sheets and offline maps are asked for later, or never; Streamlit loads some itself with its first page.
LATER = ("geopandas", "pandas", "pyarrow", "scipy", "folium", "fpdf", "fontTools.ttLib", "feedparser", "crisismap.demo")


def loaded(program: str, names: tuple[str, ...]) -> list[str]:
    """Which of some modules a program loads."""
    asked = f"{program}\nimport sys\nprint('LOADED', *(name for name in {names!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd="/",
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize(
    "words", [["--help"], ["serve", "--help"], ["import", "layer", "--help"], ["backup", "--help"]]
)
def test_helps_without_loading_what_commands_work_with(words: list[str]) -> None:
    assert loaded(HELP.format(words=words), HEAVY) == []


def test_starts_the_server_without_what_can_wait() -> None:
    assert loaded("import crisismap.server", LATER) == []


def test_would_name_a_module_that_is_loaded() -> None:
    """The negative control."""
    assert loaded("import crisismap.server", ("streamlit", "crisismap.bootstrap")) == [
        "streamlit",
        "crisismap.bootstrap",
    ]
    assert "pandas" in loaded("from crisismap.situation.merge.layer_frame import layer_frame; import geopandas", LATER)

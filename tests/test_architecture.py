"""The import rule of docs/architecture.md, read from the source with the standard library alone."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "crisismap"

# Lowest first. A room imports itself and rooms of lower lines; rooms on one line are strangers.
LINES: tuple[frozenset[str], ...] = (
    frozenset({"core"}),
    frozenset({"settings", "i18n", "locale", "logs", "files", "collector"}),
    frozenset({"rule_files", "problems"}),  # both need the words of the languages
    frozenset({"store", "layers", "situation", "channels", "exports"}),
    frozenset({"services"}),
    frozenset({"jobs"}),
    frozenset({"bootstrap"}),
    frozenset({"ui", "web", "api", "demo"}),
    frozenset({"server"}),  # makes the one App of api, web and ui
    frozenset({"cli"}),
    frozenset({"__main__"}),
    frozenset({"app.py"}),
)
# The command line sits above the line of ui, web and api only because `serve` and `demo` start what it holds.
STRANGERS = frozenset({("cli", "ui"), ("cli", "web"), ("cli", "api")})
# Services and jobs see the store through the protocols of core/ports.py; only `bootstrap` names the class behind them.
BEHIND_PROTOCOLS = {"store": frozenset({"services", "jobs"})}
LINE_OF = {room: number for number, line in enumerate(LINES) for room in line}

# Libraries that only some rooms may import.
ONLY_IN = {
    "streamlit": {"ui", "server", "app.py"},
    "streamlit_folium": {"ui"},
    "folium": {"ui", "exports"},
    "pydeck": {"ui"},
}
# core: no files, no network, no processes, no clock of the machine.
# chardet: arithmetic over bytes in memory.
# pyproj: the geodesic on the ellipsoid is arithmetic, and the layers measure with the same.
CORE_LIBRARIES = frozenset({"shapely", "numpy", "msgspec", "h3", "rapidfuzz", "openlocationcode", "pyproj", "chardet"})
NOT_IN_CORE = frozenset(
    [
        "os",
        "io",
        "pathlib",
        "socket",
        "subprocess",
        "urllib",
        "http",
        "sqlite3",
        "shutil",
        "tempfile",
        "glob",
        "asyncio",
        "threading",
        "multiprocessing",
        "logging",
        "ssl",
        "smtplib",
        "ftplib",
        "select",
        "signal",
        "ctypes",
        "importlib",
        "fcntl",
        "mmap",
    ]
)
DANGEROUS_MODULES = frozenset(
    {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "jsonpickle"}
)
DANGEROUS_CALLS = frozenset({"eval", "exec"})
DANGEROUS_METHODS = frozenset({"read_pickle", "to_pickle"})


@dataclass(frozen=True)
class Import:
    """One imported module by its full dotted name."""

    name: str
    line: int


def breaches(root: Path) -> list[str]:
    """Every breach in app.py and crisismap/ under a root, each naming file, line and rule."""
    found: list[str] = []
    for path in sources(root):
        place = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=place)
        found += danger(place, tree)
        room = room_of(path.relative_to(root))
        if room is None:
            continue
        if room not in LINE_OF and room != "__init__":
            found.append(f"{place}: room '{room}' has no line; give it one in tests/test_architecture.py")
            continue
        for one in imports(tree, module_of(path.relative_to(root)), path.name == "__init__.py"):
            found += [f"{place}:{one.line}: {why}" for why in judge(room, one.name)]
        if room == "core":
            found += [f"{place}:{line}: core does no I/O: calls {name}()" for line, name in io_calls(tree)]
    return found


def sources(root: Path) -> Iterator[Path]:
    """Python files of the project, without what is installed or made."""
    folders = [root / name for name in (PACKAGE, "tools", "benchmarks", "tests", "data", "layers")]
    for path in sorted([*root.glob("*.py"), *(file for folder in folders for file in folder.rglob("*.py"))]):
        if "node_modules" not in path.parts and "var" not in path.relative_to(root).parts:
            yield path


def room_of(place: Path) -> str | None:
    """The room a file belongs to; None for files the import rule says nothing about."""
    if place.as_posix() == "app.py":
        return "app.py"
    if place.parts[0] != PACKAGE:
        return None
    return place.parts[1].removesuffix(".py")


def module_of(place: Path) -> str:
    parts = place.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST, module: str, is_package: bool) -> Iterator[Import]:
    """All imports, also inside functions, under TYPE_CHECKING and by import_module with a constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = module.split(".")
                keep = len(up) - node.level + (1 if is_package else 0)
                base = ".".join([*up[:keep], *([node.module] if node.module else [])])
            yield from (Import(f"{base}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__") and node.args:
            told = node.args[0]
            if isinstance(told, ast.Constant) and isinstance(told.value, str):
                yield Import(told.value, node.lineno)


def judge(room: str, name: str) -> Iterator[str]:
    """The rules that importing `name` from a room breaks."""
    parts = name.split(".")
    top = parts[0]
    if top == PACKAGE:
        other = parts[1] if len(parts) > 1 else None
        if other in LINE_OF and other != room:
            yield from judge_rooms(room, other)
        return
    if top in ONLY_IN and room not in ONLY_IN[top]:
        yield f"'{room}' imports {top}, which only {', '.join(sorted(ONLY_IN[top]))} may"
    if room == "core":
        foreign = top not in sys.stdlib_module_names and top not in CORE_LIBRARIES
        if top in NOT_IN_CORE or foreign:
            yield f"core is pure and imports {top}"


def judge_rooms(room: str, other: str) -> Iterator[str]:
    if room == "__init__":
        yield f"the package itself imports room '{other}'"
    elif LINE_OF[other] > LINE_OF[room]:
        yield f"'{room}' imports '{other}', which is above it"
    elif LINE_OF[other] == LINE_OF[room] or (room, other) in STRANGERS:
        yield f"'{room}' imports '{other}': they are strangers and meet through protocols in core"
    elif room in BEHIND_PROTOCOLS.get(other, ()):
        yield f"'{room}' imports '{other}', which it knows by the protocols of core.ports only"


def danger(place: str, tree: ast.AST) -> list[str]:
    """What no module of the tree may use: code or objects made from bytes."""
    found: list[str] = []
    for one in imports(tree, "", False):
        if one.name.split(".")[0] in DANGEROUS_MODULES:
            found.append(f"{place}:{one.line}: imports {one.name.split('.')[0]}")
        if one.name in ("yaml.load", "yaml.unsafe_load", "yaml.full_load"):
            found.append(f"{place}:{one.line}: imports {one.name}")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = called(node)
        if isinstance(node.func, ast.Name) and name in DANGEROUS_CALLS:
            found.append(f"{place}:{node.lineno}: calls {name}()")
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id == "yaml" and name != "safe_load" and "load" in name:
            found.append(f"{place}:{node.lineno}: calls yaml.{name}()")
        if isinstance(owner, ast.Name) and owner.id == "builtins" and name in DANGEROUS_CALLS:
            found.append(f"{place}:{node.lineno}: calls {name}()")
        pickled = any(
            word.arg == "allow_pickle" and not (isinstance(word.value, ast.Constant) and word.value.value is False)
            for word in node.keywords
        )
        if name in DANGEROUS_METHODS or pickled:
            found.append(f"{place}:{node.lineno}: reads or writes a pickle with {name}()")
    return found


def io_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("open", "print", "input")
        ):
            yield node.lineno, node.func.id


def called(node: ast.Call) -> str:
    """The last name of what is called: `b` of a.b(), "" for anything else."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def test_tree_keeps_the_import_rule() -> None:
    assert breaches(ROOT) == []


GOOD = {
    "app.py": "import streamlit as st\nfrom crisismap.server import app\n",
    "crisismap/__init__.py": "",
    "crisismap/__main__.py": "from crisismap.cli import main\n",
    "crisismap/cli.py": "from crisismap import demo, server\nfrom crisismap.services import submit\n",
    "crisismap/server.py": "import streamlit\nfrom crisismap.api import front\nfrom crisismap.ui import main\n",
    "crisismap/demo/feeder.py": "from crisismap.core.report import Report\n",
    "crisismap/api/front.py": "from ..bootstrap import current\nfrom . import problems\n",
    "crisismap/ui/main.py": "import pydeck\nimport folium\nimport streamlit\n",
    "crisismap/bootstrap.py": "from crisismap.store.sqlite import Store\n",
    "crisismap/jobs/feeds.py": "from crisismap.core.ports import Store\n",
    "crisismap/core/report.py": "import numpy as np\nimport tomllib\nfrom crisismap.core import place\n",
    "crisismap/exports/html.py": "import folium\n",
}


def plant(root: Path, files: dict[str, str]) -> list[str]:
    """Write a made-up tree and read its breaches."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return breaches(root)


def test_finds_nothing_in_a_tree_that_keeps_the_rule(tmp_path: Path) -> None:
    assert plant(tmp_path, GOOD) == []


BREACHES = [
    ("crisismap/core/report.py", "from crisismap.store import Store\n", "'core' imports 'store', which is above it"),
    ("crisismap/services/submit.py", "import crisismap.bootstrap\n", "'services' imports 'bootstrap', which is above"),
    ("crisismap/services/submit.py", "from ..jobs import expiry\n", "'services' imports 'jobs', which is above it"),
    (
        "crisismap/services/submit.py",
        "from crisismap.store.store import Store\n",
        "'services' imports 'store', which it",
    ),
    ("crisismap/services/a/b.py", "def f():\n    import crisismap.store.writer\n", "which it knows by the protocols"),
    ("crisismap/jobs/expiry.py", "from ..store.tables import reports\n", "'jobs' imports 'store', which it knows by"),
    ("crisismap/store/tables.py", "from crisismap import layers\n", "'store' imports 'layers': they are strangers"),
    ("crisismap/exports/csv.py", "from ..situation.columns import C\n", "'exports' imports 'situation': they are"),
    ("crisismap/web/pages.py", "import crisismap.api.front\n", "'web' imports 'api': they are strangers"),
    ("crisismap/demo/feed.py", "from crisismap.server import run\n", "'demo' imports 'server', which is above it"),
    ("crisismap/cli.py", "def f():\n    from crisismap.ui import main\n", "'cli' imports 'ui': they are strangers"),
    ("crisismap/settings.py", "from crisismap import i18n\n", "'settings' imports 'i18n': they are strangers"),
    ("crisismap/__init__.py", "from crisismap import core\n", "the package itself imports room 'core'"),
    (
        "crisismap/jobs/feeds.py",
        "import importlib\nimportlib.import_module('crisismap.api')\n",
        "'jobs' imports 'api', which is above it",
    ),
    ("crisismap/attic/thing.py", "", "room 'attic' has no line"),
    ("crisismap/web/map.py", "import folium\n", "'web' imports folium, which only exports, ui may"),
    ("crisismap/exports/deck.py", "import pydeck as pdk\n", "'exports' imports pydeck, which only ui may"),
    ("crisismap/api/map.py", "from streamlit import runtime\n", "'api' imports streamlit, which only app.py, server,"),
    ("crisismap/core/clock.py", "import os\n", "core is pure and imports os"),
    ("crisismap/core/clock.py", "from urllib.parse import quote\n", "core is pure and imports urllib"),
    ("crisismap/core/clock.py", "import httpx\n", "core is pure and imports httpx"),
    ("crisismap/core/clock.py", "import sqlalchemy as sa\n", "core is pure and imports sqlalchemy"),
    ("crisismap/core/clock.py", "text = open('x').read()\n", "core does no I/O: calls open()"),
    ("crisismap/store/old.py", "import pickle\n", "imports pickle"),
    ("crisismap/store/old.py", "from shelve import open as o\n", "imports shelve"),
    ("crisismap/store/old.py", "import marshal\n", "imports marshal"),
    ("crisismap/store/old.py", "x = eval('1')\n", "calls eval()"),
    ("crisismap/store/old.py", "import builtins\nbuiltins.exec('1')\n", "calls exec()"),
    ("tools/old.py", "exec('x = 1')\n", "calls exec()"),
    ("benchmarks/old.py", "import yaml\nyaml.load('x')\n", "calls yaml.load()"),
    ("crisismap/layers/old.py", "import numpy as np\nnp.load('x', allow_pickle=True)\n", "a pickle with load()"),
    ("crisismap/layers/old.py", "import pandas as pd\npd.read_pickle('x')\n", "a pickle with read_pickle()"),
]


@pytest.mark.parametrize(("name", "text", "expected"), BREACHES)
def test_reports_a_planted_breach(tmp_path: Path, name: str, text: str, expected: str) -> None:
    found = plant(tmp_path, GOOD | {name: text})
    assert len(found) == 1
    assert found[0].startswith(name)
    assert expected in found[0]

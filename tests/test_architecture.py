"""The import rule of docs/architecture.md, read from the source with the standard library alone."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.module_state import state

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "crisismap"

# Lowest first. A room imports itself and rooms of lower lines; rooms on one line are strangers.
LINES: tuple[frozenset[str], ...] = (
    frozenset({"core"}),
    frozenset({"settings", "i18n", "locale", "logs", "files"}),
    frozenset({"rule_files"}),  # the rules need the words of the languages
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
# pyproj: the geodesic on the ellipsoid is arithmetic, and the layers measure with the same.
CORE_LIBRARIES = frozenset({"shapely", "numpy", "msgspec", "h3", "rapidfuzz", "openlocationcode", "pyproj"})
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


# State that may live as long as the process, as module.name, each with the reason.
MODULE_STATE = {
    "bootstrap._current": "the one deployment of a server's process, set and taken away by its lifespan",
    "server._plan": "Streamlit's lifespan takes no argument: it learns here what to open",
    "live._hubs": "weak: which streams are to end when a signal stops the process",
    "place._middle": "a pure function of a cell's number, bounded",
    "words._word": "a pattern made of Unicode's own tables",
    "words._marks": "read from Unicode's own tables",
    "i18n.languages": "the language files of the package, which do not change while it runs",
    "area_map._assets": "files of the package",
    "render._templates": "files of the package",
    "render.asset": "marks of files of the package",
    "own.component": "files of the package, registered with Streamlit once for a process",
    "report_page._icon": "a pure drawing of a symbol, bounded",
    "request_list._drawing": "a pure drawing of a symbol; there are few symbols",
    "legend.legend": "a pure drawing of symbols, bounded",
    "map._bare": "an empty deck to be copied; pydeck looks for Jupyter each time it makes one",
    "report._decoder": "a decoder of msgspec keeps nothing",
    "features._members": "bytes",
    "schema.metadata": "SQLAlchemy's description of the tables",
    "city.city": "the made-up city of a seed, bounded",
    "gauges.gauges": "the made-up gauges of a seed, bounded",
    "inputs.inputs": "the demo's files",
}
# Objects whose libraries want them at module level: they are filled while the module is read and then left alone.
DECLARED = {"router", "consent_router", "app", "imports", "users", "tokens"}


def module_state(root: Path) -> list[str]:
    """Everything in crisismap/ that is state in a module's globals and is not listed above."""
    found = []
    for path in sources(root):
        parts = path.relative_to(root).parts
        if parts[0] != PACKAGE or "versions" in parts or parts[1:3] == ("ui", "pages"):  # pages are scripts
            continue
        for line, name, why in state(ast.parse(path.read_text(encoding="utf-8"))):
            known = f"{path.stem}.{name}" in MODULE_STATE or name in DECLARED and "()" in why
            if not known and not (path.stem == "schema" and why == "holds a Table()"):
                found.append(f"{'/'.join(parts)}:{line}: {name} {why}")
    return found


def test_keeps_no_state_in_module_globals() -> None:
    assert module_state(ROOT) == []


def test_lists_no_module_state_that_is_gone() -> None:
    there = {
        f"{path.stem}.{name}"
        for path in sources(ROOT)
        if path.relative_to(ROOT).parts[0] == PACKAGE
        for _, name, _ in state(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert sorted(MODULE_STATE.keys() - there) == []


STATEFUL = [
    ("_held: OrderedDict[int, int] = OrderedDict()\n", "_held holds a OrderedDict"),
    ("KEPT = {}\n", "KEPT is an empty container"),
    ("_LOCK = threading.Lock()\n", "_LOCK holds a Lock"),
    ("_packed = Packed()\n", "_packed holds a Packed()"),
    ("TABLE = {'a': 1}\ndef put(x):\n    TABLE[x] = 1\n", "TABLE is changed by a function"),
    ("NAMES = ['a']\ndef put(x):\n    NAMES.append(x)\n", "NAMES is changed by a function"),
    ("_one = None\ndef put(x):\n    global _one\n    _one = x\n", "_one is bound anew by a function"),
    ("@functools.lru_cache(maxsize=2)\ndef made(x):\n    return x\n", "made keeps its answers in a cache"),
    ("@cache\ndef made():\n    return 1\n", "made keeps its answers in a cache"),
    ("ROOM = LRUCache(4)\n", "ROOM holds a LRUCache"),
]


@pytest.mark.parametrize(("text", "expected"), STATEFUL)
def test_reports_planted_module_state(tmp_path: Path, text: str, expected: str) -> None:
    plant(tmp_path, GOOD | {"crisismap/services/planted.py": text})
    (found,) = module_state(tmp_path)
    assert found.startswith("crisismap/services/planted.py:")
    assert found.endswith(expected)


def test_takes_constants_for_what_they_are(tmp_path: Path) -> None:
    text = (
        "TABLE = {'a': 1}\nNAMES = frozenset()\nlog = logging.getLogger(__name__)\n_WORD = re.compile('a')\n"
        "def read(TABLE):\n    TABLE['a'] = 1\n    NAMES = []\n    NAMES.append(TABLE)\n"
    )
    plant(tmp_path, GOOD | {"crisismap/services/planted.py": text})
    assert module_state(tmp_path) == []


# What is a fact has one module. Numbers from one to another, or names of functions; modules that may hold it, and why.
FACTS: tuple[tuple[str, tuple[float, float] | str, frozenset[str]], ...] = (
    ("the size of the earth", (6_350_000, 6_380_000), frozenset({"geodesy"})),
    ("metres of a degree", (110_500, 111_700), frozenset({"geodesy", "plane"})),  # the made-up city's own flat plane
    ("the size of the mercator world", (20_037_000, 20_038_000), frozenset({"mercator"})),
    ("the size of the mercator world", (40_075_000, 40_076_000), frozenset({"mercator"})),
    ("where the mercator world ends", (85.04, 85.07), frozenset({"mercator"})),
    ("a projection", r"(arc|a)?sinh|(arc|a)tanh", frozenset({"geodesy", "mercator"})),
    ("an hour", (3_600_000, 3_600_000), frozenset({"moment"})),
    ("a day", (86_400, 86_400), frozenset({"moment"})),
    ("a day", (86_400_000, 86_400_000), frozenset({"moment"})),
    ("a network of senders", "ipv4_mapped", frozenset({"fingerprint", "address"})),  # where layers may be fetched from
)


def strewn_facts(root: Path) -> list[str]:
    """Every fact in crisismap/ that stands outside its module."""
    found = []
    for path in sources(root):
        place = path.relative_to(root)
        if place.parts[0] == PACKAGE:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [f"{place.as_posix()}:{line}: {what}" for what, line in facts_in(tree, path.stem)]
    return found


def facts_in(tree: ast.AST, stem: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        for what, known, owners in FACTS:
            if stem in owners:
                continue
            if isinstance(known, str):
                named = isinstance(node, ast.Attribute) and re.fullmatch(known, node.attr)
            else:
                value = node.value if isinstance(node, ast.Constant) else None
                named = isinstance(value, int | float) and known[0] <= value <= known[1]
            if named:
                yield what, node.lineno


def test_keeps_each_fact_in_one_place() -> None:
    assert strewn_facts(ROOT) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("R = 6371000\n", "the size of the earth"),
        ("x = 111_320.0 * 2\n", "metres of a degree"),
        ("if lat > 85.0511:\n    pass\n", "where the mercator world ends"),
        ("y = math.asinh(math.tan(lat))\n", "a projection"),
        ("HOUR = 3_600_000\n", "an hour"),
        ("DAY = 86400\n", "a day"),
        ("here = found.ipv4_mapped or found\n", "a network of senders"),
    ],
)
def test_reports_a_fact_told_twice(tmp_path: Path, text: str, what: str) -> None:
    plant(tmp_path, GOOD | {"crisismap/services/planted.py": text})
    assert strewn_facts(tmp_path) == [f"crisismap/services/planted.py:1: {what}"]

"""The shape of the package: no circle of imports, no folder that hides its modules, no name for two things."""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.test_architecture import PACKAGE, ROOT, imports, module_of

MOST_MODULES = 18  # in a folder; a larger one is split by noun
# A protocol of `core.ports` and the class of the store that keeps it are one thing under one name.
PORTS = f"{PACKAGE}.core.ports"


def modules(root: Path) -> dict[str, Path]:
    """The modules of the package by their dotted names."""
    found = (root / PACKAGE).rglob("*.py")
    return {module_of(path.relative_to(root)): path for path in found if "node_modules" not in path.parts}


def circle(root: Path) -> list[str]:
    """The modules of one circle of imports at module level; empty when there is none."""
    known = modules(root)
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
        graph[name] = set()
        for one in imports(top, name, path.name == "__init__.py"):
            target = one.name if one.name in known else one.name.rpartition(".")[0]
            if target in known and target != name and known[target].name != "__init__.py":
                graph[name].add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def crowded(root: Path) -> list[str]:
    """Folders with more modules than a newcomer can look over."""
    counts: dict[Path, int] = defaultdict(int)
    for path in modules(root).values():
        counts[path.parent] += path.name != "__init__.py"
    return [f"{folder.relative_to(root).as_posix()}: {n}" for folder, n in sorted(counts.items()) if n > MOST_MODULES]


def shared_names(root: Path) -> list[str]:
    """Public classes whose name stands for two things."""
    where: dict[str, list[str]] = defaultdict(list)
    for name, path in sorted(modules(root).items()):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where[node.name].append(name)
    store = f"{PACKAGE}.store."
    return [
        f"{name}: {', '.join(places)}"
        for name, places in sorted(where.items())
        if len([place for place in places if not (place.startswith(store) and PORTS in places)]) > 1
    ]


def test_has_no_circle_of_imports() -> None:
    assert circle(ROOT) == []


def test_has_no_folder_that_hides_its_modules() -> None:
    assert crowded(ROOT) == []


def test_names_one_thing_by_one_name() -> None:
    assert shared_names(ROOT) == []


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_reports_a_planted_circle(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": "from crisismap.b import x\n", "b.py": "def f():\n    from crisismap.a import y\n"})
    assert circle(tmp_path) == []  # an import inside a function is made when it is needed
    plant(tmp_path, {"b.py": "from crisismap import a\n"})
    assert set(circle(tmp_path)) == {"crisismap.a", "crisismap.b"}


def test_reports_a_planted_crowd(tmp_path: Path) -> None:
    plant(tmp_path, {f"core/m{n}.py": "" for n in range(MOST_MODULES + 1)})
    assert crowded(tmp_path) == [f"crisismap/core: {MOST_MODULES + 1}"]


def test_reports_a_name_for_two_things(tmp_path: Path) -> None:
    plant(tmp_path, {"core/ports.py": "class Reports: ...\n", "store/reports.py": "class Reports: ...\n"})
    assert shared_names(tmp_path) == []
    plant(tmp_path, {"web/way.py": "class Way: ...\n", "api/way.py": "class Way: ...\nclass _Own: ...\n"})
    assert shared_names(tmp_path) == ["Way: crisismap.api.way, crisismap.web.way"]

"""Rules of the house that no linter knows: what the files may not name, and the papers that must keep up."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("crisismap/", "data/", "layers/", ".streamlit/", "app.py")
PEERS = "benchmarks/requirements-peers.txt"
LONGEST = 400

# Built in pieces, so that this file does not name what it looks for.
MACHINE_PATHS = re.compile(
    r"(?<![\w.-])/(?:" + "|".join(["wo" + "rk/", "ro" + "ot/", "opt/py" + "pi", "opt/wh" + "eels"]) + ")"
)
REGISTRIES = [
    "py" + "pi.org",
    "pythonhosted" + ".org",
    "registry.npm" + "js.org",
    "registry.yarn" + "pkg.com",
    "npmmirror" + ".com",
    "proxy.golang" + ".org",
    "deb.debian" + ".org",
]
CDNS = [
    "jsdelivr" + ".net",
    "unpkg" + ".com",
    "cdnjs.cloudflare" + ".com",
    "esm" + ".sh",
    "sky" + "pack.dev",
    "fonts.google" + "apis.com",
    "fonts.g" + "static.com",
    "ajax.google" + "apis.com",
    "code.jquery" + ".com",
    "bootstrap" + "cdn.com",
    "basemaps.carto" + "cdn.com",
    "api.map" + "box.com",
    "tile.openstreet" + "map.org",
]


# What git ignores, for a tree that came without git.
MADE = frozenset(
    {".git", ".venv", "node_modules", "vendor", "var", "build", "test-artifacts", "__pycache__", ".hypothesis"}
)


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file of the tree that git keeps or would keep."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if told.returncode == 0:
        found = [ROOT / name for name in set(told.stdout.split("\0")) if name]
    else:
        found = walked()
    return tuple(sorted(path for path in found if path.is_file()))


def walked() -> list[Path]:
    """Every file of the tree but what is made."""
    found = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in MADE and not name.endswith(("_cache", ".egg-info"))]
        found += [Path(folder, name) for name in names]
    return found


def naming(words: list[str], within: tuple[str, ...] = ("",)) -> list[str]:
    """`file: word` for each file under the given beginnings of paths that names one of the words."""
    found = []
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(within):
            text = path.read_bytes().decode("utf-8", "ignore")
            found += [f"{name}: {word}" for word in words if word in text]
    return found


def modules() -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and path.stat().st_size]


def test_names_no_path_of_one_machine() -> None:
    found = []
    for path in files():
        for number, line in enumerate(path.read_bytes().decode("utf-8", "ignore").splitlines(), 1):
            if MACHINE_PATHS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_knows_the_same_files_with_and_without_git() -> None:
    assert set(files()) - set(walked()) == set()


def test_names_no_package_registry() -> None:
    assert naming(REGISTRIES) == []


def test_ships_no_address_of_a_third_party_server() -> None:
    assert naming(CDNS, SHIPPED) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see /wo" + "rk/main/x", True),
        ("'/ro" + "ot/.cache'", True),
        ("docs/wo" + "rk/x", False),
        ("./wo" + "rk/", False),
    ],
)
def test_tells_a_path_of_this_machine_from_a_path_in_the_tree(text: str, expected: bool) -> None:
    assert bool(MACHINE_PATHS.search(text)) is expected


def test_gives_every_module_a_first_line_that_says_what_it_is_for() -> None:
    """Tests mirror the modules, so their names say it."""
    without = []
    for path in modules():
        if path.name.startswith("test_"):
            continue
        told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        if not told or not told.splitlines()[0].strip():
            without.append(path.relative_to(ROOT).as_posix())
    assert without == []


def test_lets_a_module_be_long_only_for_a_reason() -> None:
    """Above 400 lines the docstring has a sentence beginning `Long because`."""
    too_long = []
    for path in modules():
        text = path.read_text(encoding="utf-8")
        told = ast.get_docstring(ast.parse(text)) or ""
        if text.count("\n") > LONGEST and "Long because" not in told:
            too_long.append(f"{path.relative_to(ROOT).as_posix()} ({text.count(chr(10))} lines)")
    assert too_long == []


def test_leaves_nothing_to_be_done_later_in_the_code() -> None:
    later = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
    found = [path.relative_to(ROOT).as_posix() for path in modules() if later.search(path.read_text("utf-8"))]
    assert found == []


def test_lists_every_decision_record_once_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\((\d{4}-[^)]+\.md)\)", index)
    records = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    assert sorted(linked) == records


def test_numbers_every_decision_record_once() -> None:
    names = [path.name for path in (ROOT / "docs" / "decisions").glob("*.md") if path.name != "README.md"]
    numbers = [re.match(r"(\d{4})-[a-z0-9-]+\.md$", name) for name in names]
    assert all(numbers), names
    assert len({found[1] for found in numbers if found}) == len(names)


def test_keeps_a_changelog_with_an_unreleased_section_on_top() -> None:
    headings = re.findall(r"^## \[?([^\]\n]+)\]?", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_locks_every_package_with_a_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", PEERS):
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned = re.findall(r"^[a-zA-Z0-9].*(?:\n .*)*", text, re.MULTILINE)
        assert pinned
        assert [entry.split("\n")[0] for entry in pinned if "--hash=sha256:" not in entry or "==" not in entry] == []


def test_locks_for_tests_what_is_locked_for_running() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-zA-Z0-9][^\s]*==[^\s]+", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")
    ours = pins("requirements-dev.txt")
    shared = {pin for pin in pins(PEERS) if any(pin.split("==")[0] == one.split("==")[0] for one in ours)}
    assert shared and shared <= ours, "a peer of the benchmarks must not change what the project runs with"


def test_offers_every_make_command_that_people_rely_on_and_explains_it() -> None:
    explained = re.findall(r"^([a-z]+):.*## \S", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {"setup", "run", "test", "check", "bench", "soak", "lock", "clean"} <= set(explained)

"""Every path that README, CONTRIBUTING and docs/ name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crisismap.settings import ROOT

PACKAGE = ROOT / "crisismap"
# Decisions are history: they name what was there when they were made.
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if "decisions" not in path.parts),
    ROOT / "docs" / "decisions" / "README.md",
]
# A path begins with a folder of the checkout, or in short with one of the package.
FOLDERS = sorted(
    {each.name for base in (ROOT, PACKAGE) for each in base.iterdir() if each.is_dir() and each.name[0] not in "._"}
    | {".ci"}
)
PATH = re.compile(rf"(?<![\w./:@}}-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./*{{}},-]*")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
MADE_LATER = ("data/var", "crisismap/web/static/vendor")
EXAMPLES = ("crisismap/a/b.py", "tests/a/test_b.py")


def candidates(name: str) -> list[str]:
    """Return the patterns of a name: `{a,b}` is each of both, NAME and the like are any name, 0023 is that decision."""
    choice = re.search(r"\{([\w.,]+)\}", name)
    if choice:
        return [
            pattern
            for one in choice[1].split(",")
            for pattern in candidates(name[: choice.start()] + one + name[choice.end() :])
        ]
    name = re.sub(r"/(\d{4})$", r"/\1-*", name)
    return [re.sub(r"(?<![a-z])(?:NAME|CODE|NNNN|ID|XX)(?![a-z])", "*", name)]


def exists(name: str, beside: Path) -> bool:
    return all(any(next(base.glob(pattern), None) for base in (ROOT, PACKAGE, beside)) for pattern in candidates(name))


def missing(text: str, beside: Path) -> list[str]:
    """Return the paths that a document names and that are not there."""
    named = {found.rstrip(".,/") for found in PATH.findall(text)} | set(LINK.findall(text))
    return sorted(name for name in named if not name.startswith((*MADE_LATER, *EXAMPLES)) and not exists(name, beside))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_only_paths_that_exist(document: Path):
    assert missing(document.read_text("utf-8"), document.parent) == []


def test_names_a_path_that_is_not_there():
    planted = """
    `crisismap/core/errors.py` and core/errors.py, data/rules/*.toml, `crisismap/locale/CODE.toml`, /api/v1/docs/x
    `crisismap/attic/old.py`, `tests/core/test_{event,attic}.py`;
    [gone](guides/attic.md) and [here](guides/volunteer.md)
    `core/attic.py`: old; docs/decisions/0023 and docs/decisions/0999
    """
    assert missing(planted, ROOT / "docs") == [
        "core/attic.py",
        "crisismap/attic/old.py",
        "docs/decisions/0999",
        "guides/attic.md",
        "tests/core/test_{event,attic}.py",
    ]

"""Tests mirror modules: crisismap/a/b.py has tests/a/test_b.py, or tests/a/test_b_*.py, but for those named here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE, TESTS = "crisismap", "tests"
Listed = Mapping[str, Collection[str]]

# Modules without a namesake, by the reason.
WITHOUT: Listed = {
    "one line, which every start of a command runs": ("__main__",),
    "declarations only: protocols, which the type checker holds, and tests/store/test_store.py on the class behind": (
        "core/ports",
    ),
    "declarations only: values without a rule of their own": (
        "core/change_set",
        "core/need/need",
        "core/own_channels",
        "core/report/change",
        "core/report/new_report",
        "situation/board/vocabularies",
        "situation/record/record_types",
        "situation/rules",
    ),
    "declarations only: tables, which tests/store/test_migrate.py compares with those of the migrations": (
        "store/schema",
    ),
    "migrations: tests/store/test_migrate.py runs each on a database of the step before": (
        "store/migrations/env",
        *(
            f"store/migrations/versions/{name}"
            for name in (
                "0001_first_tables",
                "0002_response_loop",
                "0003_photos",
                "0004_accounts",
                "0005_erasure",
                "0006_layer_sources",
                "0007_dispatch",
                "0008_moderation",
                "0009_need",
                "0010_layer_versions",
                "0011_moves",
                "0012_originals",
            )
        ),
    ),
    "declarations only: sentences, colours and rules of style": ("ui/frame/stylesheet",),
}
# Modules that are tested through what uses them, by the tests that do so: pages, routes, and children of the sandbox.
THROUGH: Listed = {
    "tests/core/report/test_report.py": ("core/report/accept",),
    "tests/layers/sandbox/test_photo.py": ("layers/sandbox/photo_child",),
    "tests/demo/test_generator.py": (
        "demo/city/city",
        "demo/city/floods",
        "demo/city/places",
        "demo/city/plane",
        "demo/city/roads",
        "demo/city/terrain",
        "demo/city/wards",
        "demo/dice",
        "demo/incidents",
        "demo/inputs",
        "demo/reports",
        "demo/wording",
    ),
    "tests/demo/test_feeder.py": ("demo/client",),
    "tests/ui/pages/test_admin.py": (
        "ui/admin/admin_audit",
        "ui/admin/admin_credentials",
        "ui/admin/admin_frame",
        "ui/admin/admin_people",
        "ui/admin/admin_sources",
    ),
    "tests/ui/detail/test_text_review.py": ("ui/detail/detail_text",),
    "tests/ui/detail/test_detail_official.py": ("ui/map/official_feature",),
    "tests/ui/detail/test_detail.py": (
        "ui/detail/detail_facts",
        "ui/detail/detail_forms",
        "ui/detail/similar",
    ),
    "tests/ui/pages/test_export.py": (
        "ui/export/area_files",
        "ui/export/export_form",
        "ui/export/export_result",
    ),
    "tests/ui/frame/test_handover.py": ("ui/frame/alarm_bell",),
    "tests/ui/frame/test_skills.py": ("ui/pages/profile",),
    "tests/ui/history/test_history_desk.py": ("ui/history/history_panel",),
    "tests/ui/pages/test_layers.py": (
        "ui/layers/layer_card",
        "ui/layers/layer_map",
        "ui/layers/layer_misplaced",
        "ui/layers/layer_population",
        "ui/layers/layer_reading",
    ),
    "tests/ui/pages/test_situation.py": (
        "ui/numbers/situation_answers",
        "ui/numbers/situation_now",
        "ui/numbers/situation_parts",
        "ui/numbers/situation_silence",
    ),
    "tests/ui/report/test_call_form.py": (
        "ui/frame/custom_component",
        "ui/pages/call",
    ),
    "tests/ui/pages/test_report.py": (
        "ui/report/receipt",
        "ui/report/report_form",
    ),
    "tests/ui/pages/test_live_map.py": (
        "ui/frame/side_panel",
        "ui/map/live_map",
        "ui/map/search_box",
    ),
    "tests/ui/requests/test_dispatch.py": (
        "ui/requests/bulk_bar",
        "ui/requests/dispatch_search",
        "ui/requests/saved_views",
    ),
    "tests/ui/pages/test_requests.py": (
        "ui/requests/card",
        "ui/requests/filter_bar",
    ),
    "tests/ui/test_access.py": (
        "ui/main",
        "ui/navigation",
    ),
    "tests/e2e/test_request_table.py": ("ui/frame/focus",),
    "tests/ui/frame/test_shell.py": (
        "ui/frame/auto_refresh",
        "ui/frame/local_time",
        "ui/frame/notices",
        "ui/frame/style",
    ),
    "tests/web/pages/test_tasks_page.py": ("web/pages/task_page",),
    "tests/web/test_routes.py": ("web/pages/docs_page",),
    "tests/api/test_access.py": ("api/app",),
}


def modules(root: Path) -> Iterator[str]:
    """Every module but the packages' own, as its path below the package without `.py`."""
    for path in sorted((root / PACKAGE).rglob("*.py")):
        if path.name != "__init__.py":
            yield path.relative_to(root / PACKAGE).with_suffix("").as_posix()


def mirrored(root: Path) -> set[str]:
    """The modules that have a namesake with a test in it; a file counts for the longest name that it begins with."""
    there, found = set(modules(root)), set[str]()
    for path in (root / TESTS).rglob("test_*.py"):
        if not re.search(r"^(async )?def test_", path.read_text(encoding="utf-8"), re.MULTILINE):
            continue
        name = path.relative_to(root / TESTS).with_name(path.stem.removeprefix("test_")).as_posix()
        while name not in there and "_" in name.rpartition("/")[2]:
            name = name.rpartition("_")[0]
        found |= {name} & there
    return found


def untested(root: Path, listed: Collection[str]) -> list[str]:
    """The modules that have no namesake and are not listed."""
    known = {*listed, *mirrored(root)}
    return [name for name in modules(root) if name not in known]


def stale(root: Path, listed: Collection[str]) -> list[str]:
    """The listed modules that are gone, or have a namesake by now."""
    needed = set(modules(root)) - mirrored(root)
    return sorted(name for name in listed if name not in needed)


LISTED = tuple(chain.from_iterable((*WITHOUT.values(), *THROUGH.values())))


def test_finds_a_namesake_of_every_module() -> None:
    assert untested(ROOT, LISTED) == []


def test_lists_no_module_that_is_gone_or_has_its_tests() -> None:
    assert stale(ROOT, LISTED) == []
    assert len(set(LISTED)) == len(LISTED), "each once"


def test_names_tests_that_there_are() -> None:
    assert [path for path in THROUGH if not (ROOT / path).is_file()] == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package of three modules, of which `core/report_form` has its tests."""
    for name in ("core/__init__", "core/report", "core/report_form", "top"):
        plant(tmp_path, f"{PACKAGE}/{name}.py")
    plant(tmp_path, f"{TESTS}/core/test_report_form.py", "def test_x() -> None: ...\n")
    return tmp_path


def plant(root: Path, name: str, text: str = "") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_names_a_planted_module_without_tests(tree: Path) -> None:
    assert untested(tree, ()) == ["core/report", "top"], "the longer name has its tests, and not the shorter one"
    assert untested(tree, ("top",)) == ["core/report"]


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("core/test_report.py", "def test_x() -> None: ...\n", ["top"]),
        ("core/test_report_edges.py", "async def test_x() -> None: ...\n", ["top"]),
        ("core/test_report.py", "", ["core/report", "top"]),
        ("test_report.py", "def test_x() -> None: ...\n", ["core/report", "top"]),
        ("core/test_reports.py", "def test_x() -> None: ...\n", ["core/report", "top"]),
        ("test_top.py", "def test_x() -> None: ...\n", ["core/report"]),
    ],
)
def test_takes_only_a_namesake_with_tests_in_the_same_place(tree: Path, name: str, text: str, left: list[str]) -> None:
    plant(tree, f"{TESTS}/{name}", text)
    assert untested(tree, ()) == left


def test_names_a_planted_entry_that_is_stale(tree: Path) -> None:
    assert stale(tree, ("top", "core/gone", "core/report_form")) == ["core/gone", "core/report_form"]

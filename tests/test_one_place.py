"""Each fact has one module: the size of the earth, the projection, units of time, whose network an address is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_architecture import GOOD, PACKAGE, ROOT, plant, sources

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

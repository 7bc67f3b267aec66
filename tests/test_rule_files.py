"""The rule files: read together, and each named when it is wrong."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.need.detector import NeedDetector
from crisismap.rule_files import read_rule_files
from crisismap.settings import ROOT, read_toml

CATEGORY = 'id = "{id}"\norder = 1\nicon = "dot"\nasks = true\n'


def rules_folder(folder: Path, **more: str) -> Path:
    rules = {f"rules/{name}.toml": "" for name in ("priority", "clocks", "verification", "matching", "need")}
    for name in ("duplicates", "retention", "consent", "limits", "surroundings", "moves"):  # have no defaults
        rules[f"rules/{name}.toml"] = (ROOT / "data" / "rules" / f"{name}.toml").read_text()
    rules["needs/en.toml"] = '[language]\ncode = "en"\n'
    texts = {"categories/a.toml": CATEGORY.format(id="a"), **rules, "rules/privacy.toml": ""} | more
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_reads_rule_files_that_say_little(tmp_path: Path):
    found = read_rule_files(rules_folder(tmp_path))
    assert list(found.categories) == ["a"]
    assert (found.priority, found.clocks.due) == ((), ((0, 0, 0, 0, 0, 300_000),))
    assert found.detector.detect("the road is wet").need == "information"


def test_orders_categories_as_their_files_say(tmp_path: Path):
    more: dict[str, Any] = {"categories/0.toml": CATEGORY.format(id="z").replace("order = 1", "order = 9")}
    assert list(read_rule_files(rules_folder(tmp_path, **more)).categories) == ["a", "z"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("categories/a.toml", "id = "),
        ("categories/a.toml", "order = 1"),
        ("categories/b.toml", CATEGORY.format(id="a")),
        ("rules/priority.toml", "[[rule]]\npriority = 9"),
        ("rules/privacy.toml", "cell_resolution = 15"),
        ("rules/privacy.toml", "[[dangerous]]\ncategory = 'a'"),
        ("rules/clocks.toml", "due_minutes.P9 = 1"),
        ("rules/clocks.toml", "[[escalation]]\nafter_minutes = 1\nto = 'nobody'"),
        ("rules/clocks.toml", "stale_minutes.b = 1"),
        ("rules/verification.toml", "near_m = 0"),
        ("rules/matching.toml", "[[ability]]"),
        ("rules/duplicates.toml", "threshold = 0.5"),
        ("rules/retention.toml", ""),
        ("rules/retention.toml", "[everything]\nclosed = 1"),
        ("rules/retention.toml", "[contact]\nclosed = -1"),
        ("rules/limits.toml", ""),
        ("rules/surroundings.toml", ""),
        ("rules/consent.toml", "[v1]\nsince = 'today'"),
    ],
)
def test_names_the_rule_file_that_is_wrong(tmp_path: Path, name: str, text: str):
    with pytest.raises(
        Misconfigured,
        match=r"a\.toml|same id|"
        r"(priority|privacy|clocks|verification|matching|duplicates|retention|consent|limits|surroundings|moves)\.toml",
    ):
        read_rule_files(rules_folder(tmp_path, **{name: text}))


def test_refuses_to_start_without_rule_files(tmp_path: Path):
    with pytest.raises(Misconfigured, match="No categories"):
        read_rule_files(tmp_path)
    with pytest.raises(Misconfigured, match="absent"):
        read_toml(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b'a = "\xff"')
    with pytest.raises(Misconfigured, match="latin"):
        read_toml(tmp_path / "latin.toml")


def test_names_a_model_that_cannot_be_read_and_runs_nothing_in_it(tmp_path: Path):
    """Objects in such a file are pickled: to read them would be to run what somebody wrote there."""
    folder = rules_folder(tmp_path)
    path, ran = folder / "needs" / "model.npz", tmp_path / "ran_by_reading"
    pickled = np.array([Made(ran)], dtype=object)
    for about in (np.frombuffer(b"{}", np.uint8), np.frombuffer(b"[]", np.uint8), np.zeros(3), pickled):
        np.savez(path, about=about, gaps=np.zeros(1, np.uint32), weights=np.zeros((4, 1), np.int8))
        assert_names(path, folder)
    assert not ran.exists()
    with zipfile.ZipFile(path) as archive:
        assert ran.name.encode() in archive.read("about.npy"), "the control: what would run is in the file"
    path.write_text("no archive")
    assert_names(path, folder)


def assert_names(path: Path, folder: Path) -> None:
    with pytest.raises(Misconfigured) as raised:
        read_rule_files(folder).detector.read()
    assert raised.value.details["file"] == path.name


class Made:
    """Leaves a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_decides_by_rules_alone_where_no_model_is_there(tmp_path: Path):
    assert read_rule_files(rules_folder(tmp_path)).detector.model is None
    shipped = read_rule_files().detector
    assert shipped.model is not None, "the control"
    by_rules = NeedDetector(shipped.words, shipped.rules)
    some = ["we are trapped on the roof", "the road is open", "my arms will not bend, the other one let go already"]
    assert by_rules.detect_all(some) == [shipped.by_rules(text).found for text in some]

"""The browser assets: locked, installed once, honest about failure."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crisismap.core.text import symbols
from crisismap.web import assets


def test_locks_every_package_by_hash_and_names_no_registry() -> None:
    lock = json.loads((assets.HERE / "package-lock.json").read_bytes())
    packages = {name: facts for name, facts in lock["packages"].items() if name}
    assert packages
    assert all(facts["integrity"].startswith("sha512-") for facts in packages.values())
    assert not any("resolved" in facts for facts in packages.values())
    wanted = json.loads((assets.HERE / "package.json").read_bytes())["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_takes_the_tile_worker_of_the_version_that_streamlit_asks_for() -> None:
    import streamlit

    folder = Path(streamlit.__file__).parent / "static/static/js"
    (script,) = folder.glob("DeckGlJsonChart.*.js")
    said = re.search(r"id:`mvt`,module:`mvt`.{0,400}?`(\d+\.\d+\.\d+)`", script.read_text("utf-8"))
    assert said is not None
    assert json.loads((assets.HERE / "package.json").read_bytes())["dependencies"]["@loaders.gl/mvt"] == said[1]


def test_installs_nothing_again_while_nothing_changed(tmp_path: Path) -> None:
    (tmp_path / assets.STAMP).write_text(assets.stamp())
    assert assets.install(tmp_path) is False


def test_says_in_one_sentence_that_the_registry_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setattr(assets, "_FETCH_OPTIONS", ("--fetch-retries=0",))
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets.install, "__defaults__", (tmp_path / "vendor",))
    assert assets.main(["--force"]) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("npm cannot reach its registry")
    assert "\n" not in said
    assert [each.name for each in tmp_path.iterdir() if each.name != "cache"] == []


def test_brings_everything_the_pages_ask_for() -> None:
    assert (assets.VENDOR / assets.STAMP).read_text() == assets.stamp(), "run python -m crisismap.web.assets"
    for name in [*assets.COPIES.values(), "world/land.geojson", "world/borders.geojson", "CREDITS.txt"]:
        assert (assets.VENDOR / name).exists(), name
    said = (assets.VENDOR / "CREDITS.txt").read_text(encoding="utf-8")
    assert all(package in said for package in assets.CREDITED)


def test_draws_the_glyphs_that_maki_drew() -> None:
    for name, key in (("lodging", "shelter"), ("hospital", "cross"), ("drinking-water", "tap")):
        drawn = (assets.VENDOR / "maki" / f"{name}.svg").read_text(encoding="utf-8")
        (original,) = re.findall(r' d="([^"]+)"', drawn)
        assert re.sub(r"&#x[A9];|\s", "", original) == re.sub(r"\s", "", symbols.SHAPES[key].glyph)

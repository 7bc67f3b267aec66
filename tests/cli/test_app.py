"""The other commands, on a folder that nobody serves."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.core.channel import Message
from crisismap.core.own_channels import API
from crisismap.core.report.read_draft import draft_from
from crisismap.settings import read_settings
from tests.cli.command import call, refused, run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with one request in it."""
    return fill(tmp_path / "data", demo=False)


def fill(folder: Path, *, demo: bool) -> Path:
    with bootstrap.opened(read_settings({"CRISISMAP_DATA_DIR": str(folder)}), demo=demo) as context:
        body = {"category": "rescue", "text": "=on the roof", "lon": 80.123456, "lat": 13.05}
        context.intake.receive(Message(draft_from(body), API))
    return folder


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))


@pytest.mark.parametrize("audience", ["public", "agency"])
def test_exports_every_format(home: Path, tmp_path: Path, audience: str) -> None:
    targets = [tmp_path / f"out.{form}" for form in ("geojson", "geojsonl", "csv")]
    for target in targets:
        assert call(["export", target, "--audience", audience], home).code == 0
    collection, line = json.loads(targets[0].read_text()), json.loads(targets[1].read_text())
    exact = audience == "agency"
    assert ("handling" in collection) == ("handling" in line) == exact
    line.pop("handling", None)
    assert collection["features"] == [line]
    [row] = rows(targets[2])
    assert (line["geometry"]["coordinates"][0] == 80.123456) == exact
    assert (row["lon"] == "80.123456") == exact
    assert row["text"] == ("'=on the roof" if exact else "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out.csv", "out.geojson", "out.geojsonl"]


def test_begins_a_csv_for_excel_with_a_byte_order_mark(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    assert call(["export", target], home).code == 0
    plain = target.read_bytes()
    assert call(["export", target, "--bom"], home).code == 0
    assert target.read_bytes() == b"\xef\xbb\xbf" + plain
    refused(call(["export", tmp_path / "out.geojson", "--bom"], home), 2, "--bom", "out.geojson")
    assert not (tmp_path / "out.geojson").exists()


def test_exports_the_public_view_unless_told(home: Path, tmp_path: Path) -> None:
    done = run(["export", tmp_path / "out.geojson"], home)
    assert done.code == 0, done.err
    assert "80.123456" not in (tmp_path / "out.geojson").read_text()


def test_exports_what_was_asked_for(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.geojson"

    def count(*words: str) -> int:
        assert call(["export", target, "--audience", "agency", *words], home).code == 0
        return len(json.loads(target.read_text())["features"])

    assert count("--bbox", "80,13,81,14") == 1
    assert count("--bbox", "0,0,1,1") == 0
    assert count("--since", "2015-12-02T11:00:00+05:30") == 1
    assert count("--since", "2999-01-01") == 0
    kept = target.read_bytes()
    for words in (["--bbox", "1,2,3"], ["--since", "yesterday"], ["--audience", "press"]):
        refused(call(["export", target, *words], home), 2 if words[0] == "--audience" else 1, words[0].lstrip("-"))
    assert target.read_bytes() == kept, "a refused export leaves the old file as it was"


def test_refuses_formats_it_does_not_have(home: Path, tmp_path: Path) -> None:
    for form in ("gpkg", "kml", "parquet", "xlsx", "html", "fgb", "geojsons"):
        refused(call(["export", tmp_path / f"out.{form}"], home), 2, form, "not built yet")
    refused(call(["export", tmp_path / "out.exe"], home), 2, "out.exe")
    refused(call(["export", tmp_path / "no" / "folder" / "out.csv"], home), 1, "cannot be written")


def test_marks_every_export_of_a_demo(tmp_path: Path) -> None:
    home = fill(tmp_path / "data", demo=True)
    for form in ("geojson", "geojsonl", "csv"):
        assert call(["export", tmp_path / f"out.{form}"], home).code == 0
    assert json.loads((tmp_path / "out.geojson").read_text())["made_up"] is True
    assert json.loads((tmp_path / "out.geojsonl").read_text())["made_up"] is True
    assert [row["made_up"] for row in rows(tmp_path / "out.csv")] == ["true"]


def test_invites_a_person_by_a_link(home: Path) -> None:
    done = run(["user", "add", "Meena", "--role", "responder", "--org", "Boat Team 4"], home)
    assert done.code == 0, done.err
    assert done.out.startswith("http://localhost:8501/login?invitation=")
    public = call(["user", "add", "Ann", "--role", "volunteer"], home, {"CRISISMAP_PUBLIC_URL": "https://map.example/"})
    assert public.out.startswith("https://map.example/login?invitation=")
    assert public.out.count("\n") == 1
    refused(call(["user", "add", "Eve", "--role", "king"], home), 2, "king")
    refused(call(["user", "add", " ", "--role", "admin"], home), 1, "name")
    refused(call(["user", "add"], home), 2, "Usage: crisismap user add", "name")


def test_makes_a_token_and_prints_it_last(home: Path) -> None:
    done = run(["token", "create", "--role", "agency", "--org", "Office", "--days", "3"], home)
    assert done.code == 0, done.err
    token = done.out.splitlines()[-1]
    assert len(token) >= 32
    assert token.isascii()
    assert " " not in token
    refused(call(["token", "create", "--role", "agency", "--days", "0"], home), 2, "days")
    refused(call(["token", "create"], home), 2, "--role")


def test_migrates_once(tmp_path: Path) -> None:
    done = run(["migrate"], tmp_path / "data")
    assert (done.code, done.out) == (0, "The schema was migrated.\n")
    assert call(["migrate"], tmp_path / "data").out == "The schema is current.\n"
    refused(call(["migrate", "--to", "postgresql+psycopg://x/y"], tmp_path / "data"), 2, "not built yet")


def test_checks_and_changes_nothing(home: Path, tmp_path: Path) -> None:
    done = run(["check"], tmp_path / "none")
    assert done.code == 0, done.err
    assert not (tmp_path / "none").exists()
    for name in (
        *("DATA_DIR", "DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "EMERGENCY_NUMBER", "TILE_URL", "RATE_LIMIT"),
    ):
        assert f"CRISISMAP_{name}=" in done.out
    found = call(["check", "--json"], home).json
    assert found["problems"] == []
    assert found["settings"]["CRISISMAP_DATA_DIR"] == str(home)
    secret = (home / "secret.key").read_text().strip()
    assert secret not in json.dumps(found)
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"CRISISMAP_SECRET_KEY": "short"}, ["CRISISMAP_SECRET_KEY", "32"]),
        ({"CRISISMAP_RATE_LIMIT": "maybe"}, ["CRISISMAP_RATE_LIMIT", "maybe"]),
        ({"CRISISMAP_PUBLIC_URL": "map.example"}, ["CRISISMAP_PUBLIC_URL", "map.example"]),
        ({"CRISISMAP_TILE_URL": "ftp://x"}, ["CRISISMAP_TILE_URL"]),
        ({"CRISISMAP_DATABASE_URL": "mysql://x/y"}, ["CRISISMAP_DATABASE_URL"]),
        ({"CRISISMAP_DATABASE_URL": "postgresql+psycopg://x/y"}, ["CRISISMAP_SECRET_KEY", "PostgreSQL"]),
        ({"CRISISMAP_DATA_DIR": "/dev/null/none"}, ["CRISISMAP_DATA_DIR", "/dev/null"]),
    ],
)
def test_names_the_setting_that_is_wrong(tmp_path: Path, env: dict[str, str], words: list[str]) -> None:
    refused(call(["check"], tmp_path, env), 1, *words)
    refused(call(["token", "create", "--role", "agency"], tmp_path, env), 1, *words)


def test_does_not_show_the_password_of_a_database(tmp_path: Path) -> None:
    env = {
        "CRISISMAP_DATABASE_URL": "postgresql+psycopg://map:hidden-word@127.0.0.1:9/none",
        "CRISISMAP_SECRET_KEY": "x" * 40,
    }
    for words in (["check"], ["check", "--json"], ["migrate"], ["token", "create", "--role", "agency"]):
        done = call(words, tmp_path / "data", env)
        assert done.code == 1
        assert "hidden-word" not in done.out + done.err
        assert "x" * 40 not in done.out + done.err


@pytest.mark.parametrize("name", ["languages"])
def test_says_what_comes_later(tmp_path: Path, name: str) -> None:
    refused(call([name, "--dry-run"], tmp_path), 2, "not built yet")
    assert not (tmp_path / "crisismap.sqlite3").exists()


def test_shows_its_commands(tmp_path: Path) -> None:
    done = run(["--help"], tmp_path)
    assert done.code == 0
    for name in ("serve", "demo", "import", "export", "replay", "user", "token", "migrate", "check"):
        assert name in done.out
    refused(call(["dance"], tmp_path), 2, "dance")
    assert call([], tmp_path).code == 2

"""Settings: each variable, what a wrong value is told, and the secret that is made once."""

from __future__ import annotations

import os
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.settings import (
    ROOT,
    SECRET_FILE,
    Settings,
    make_folder,
    read_settings,
    with_secret,
)

SECRET = "s" * 32
POSTGRES = "postgresql+psycopg://crisis:pw@db.example/crisismap"


def test_has_defaults_for_everything():
    found = read_settings({})
    assert found == Settings(
        data_dir=ROOT / "data" / "var",
        database_url=f"sqlite:///{ROOT / 'data' / 'var' / 'crisismap.sqlite3'}",
        secret_key="",
        public_url="",
        emergency_number="",
        tile_url="",
        rate_limit=True,
    )


def test_takes_an_empty_value_as_none():
    assert read_settings({f"CRISISMAP_{f.name.upper()}": "" for f in fields(Settings)}) == read_settings({})


def test_reads_each_variable(tmp_path: Path):
    found = read_settings(
        {
            "CRISISMAP_DATA_DIR": str(tmp_path),
            "CRISISMAP_DATABASE_URL": POSTGRES,
            "CRISISMAP_SECRET_KEY": SECRET,
            "CRISISMAP_PUBLIC_URL": "https://map.example.org/",
            "CRISISMAP_EMERGENCY_NUMBER": "112",
            "CRISISMAP_TILE_URL": "https://tiles.example.org/{z}/{x}/{y}.png",
            "CRISISMAP_RATE_LIMIT": "off",
        }
    )
    assert found == Settings(
        tmp_path, POSTGRES, SECRET, "https://map.example.org", "112", "https://tiles.example.org/{z}/{x}/{y}.png", False
    )


def test_reads_what_the_incident_is():
    found = read_settings({"CRISISMAP_INCIDENT_NAME": " Flood ", "CRISISMAP_DEFAULT_PLACE": "80.1,12.9,80.4,13.2"})
    assert (found.incident_name, found.default_place) == ("Flood", (80.1, 12.9, 80.4, 13.2))
    assert found.display_values()["CRISISMAP_DEFAULT_PLACE"] == "80.1,12.9,80.4,13.2"
    with pytest.raises(Misconfigured, match="CRISISMAP_DEFAULT_PLACE: must be four numbers"):
        read_settings({"CRISISMAP_DEFAULT_PLACE": "Chennai"})
    with pytest.raises(Misconfigured, match="CRISISMAP_INCIDENT_NAME"):
        read_settings({"CRISISMAP_INCIDENT_NAME": "x" * 121})


def test_reads_the_hosts_that_may_be_asked_though_they_are_private():
    assert read_settings({"CRISISMAP_FETCH_HOSTS": "gis.City.example, 10.0.0.5:8080,[::1]"}).fetch_hosts == {
        "gis.city.example",
        "10.0.0.5:8080",
        "[::1]",
    }
    with pytest.raises(Misconfigured, match="CRISISMAP_FETCH_HOSTS"):
        read_settings({"CRISISMAP_FETCH_HOSTS": "http://a/"})


def test_reads_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CRISISMAP_DATA_DIR", str(tmp_path))
    assert read_settings().data_dir == tmp_path


def test_keeps_the_database_in_the_data_folder(tmp_path: Path):
    assert (
        read_settings({"CRISISMAP_DATA_DIR": str(tmp_path)}).database_url == f"sqlite:///{tmp_path}/crisismap.sqlite3"
    )


def test_makes_the_data_folder_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    assert read_settings({"CRISISMAP_DATA_DIR": "here"}).data_dir == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_settings({"CRISISMAP_DATA_DIR": "~/there"}).data_dir == tmp_path / "there"


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"CRISISMAP_SECRET_KEY": "short"}, "CRISISMAP_SECRET_KEY"),
        ({"CRISISMAP_DATABASE_URL": POSTGRES}, "CRISISMAP_SECRET_KEY"),
        ({"CRISISMAP_DATABASE_URL": "mysql://u:sesame@h/d"}, "CRISISMAP_DATABASE_URL"),
        (
            {"CRISISMAP_DATABASE_URL": "postgres://u:sesame@h/d", "CRISISMAP_SECRET_KEY": SECRET},
            "CRISISMAP_DATABASE_URL",
        ),
        (
            {"CRISISMAP_DATABASE_URL": "postgresql://u:sesame@h/d", "CRISISMAP_SECRET_KEY": SECRET},
            "CRISISMAP_DATABASE_URL",
        ),
        ({"CRISISMAP_DATABASE_URL": "crisis.sqlite3"}, "CRISISMAP_DATABASE_URL"),
        ({"CRISISMAP_PUBLIC_URL": "map.example.org"}, "CRISISMAP_PUBLIC_URL"),
        ({"CRISISMAP_PUBLIC_URL": "ftp://map.example.org"}, "CRISISMAP_PUBLIC_URL"),
        ({"CRISISMAP_PUBLIC_URL": "https:///map"}, "CRISISMAP_PUBLIC_URL"),
        ({"CRISISMAP_TILE_URL": "javascript:alert(1)"}, "CRISISMAP_TILE_URL"),
        ({"CRISISMAP_RATE_LIMIT": "no"}, "CRISISMAP_RATE_LIMIT"),
        ({"CRISISMAP_RATE_LIMIT": "OFF"}, "CRISISMAP_RATE_LIMIT"),
    ],
)
def test_names_the_variable_that_is_wrong(environ: dict[str, str], name: str):
    with pytest.raises(Misconfigured, match=name) as refusal:
        read_settings(environ)
    assert "sesame" not in str(refusal.value)


def test_requires_a_secret_with_postgresql_because_hosts_share_it():
    with pytest.raises(Misconfigured, match="required with PostgreSQL"):
        read_settings({"CRISISMAP_DATABASE_URL": POSTGRES})
    assert read_settings({"CRISISMAP_DATABASE_URL": POSTGRES, "CRISISMAP_SECRET_KEY": SECRET}).secret_key == SECRET


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (POSTGRES, "postgresql+psycopg://crisis:***@db.example/crisismap"),
        ("postgresql+psycopg://u:p@ss:w/rd@h/d", "postgresql+psycopg://u:***@h/d"),
        ("postgresql+psycopg:///d?host=h&password=sesame&user=u", "postgresql+psycopg:///d?host=h&password=***&user=u"),
        ("postgresql+psycopg://u@h:5432/d", "postgresql+psycopg://u@h:5432/d"),
        ("sqlite:////tmp/a.sqlite3", "sqlite:////tmp/a.sqlite3"),
    ],
)
def test_shows_settings_without_secrets(url: str, shown: str):
    found = read_settings({"CRISISMAP_DATABASE_URL": url, "CRISISMAP_SECRET_KEY": SECRET}).display_values()
    assert found["CRISISMAP_DATABASE_URL"] == shown
    assert found["CRISISMAP_SECRET_KEY"] == "set"
    assert SECRET not in str(found)
    assert set(found) == {f"CRISISMAP_{f.name.upper()}" for f in fields(Settings)}


def test_shows_switches_as_they_are_written():
    assert read_settings({}).display_values()["CRISISMAP_RATE_LIMIT"] == "on"
    assert read_settings({"CRISISMAP_RATE_LIMIT": "off"}).display_values()["CRISISMAP_RATE_LIMIT"] == "off"
    assert read_settings({}).display_values()["CRISISMAP_SECRET_KEY"] == "made at first start"


# The secret


def settings_in(folder: Path, **more: str) -> Settings:
    return read_settings({"CRISISMAP_DATA_DIR": str(folder), **more})


def test_makes_the_secret_once_and_for_its_owner_only(tmp_path: Path):
    first = with_secret(settings_in(tmp_path))
    path = tmp_path / SECRET_FILE
    assert len(first.secret_key) >= 48
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    written = path.read_bytes()
    assert with_secret(settings_in(tmp_path)) == first
    assert path.read_bytes() == written


def test_makes_the_secret_for_its_owner_whatever_the_umask_is(tmp_path: Path):
    before = os.umask(0)
    try:
        with_secret(settings_in(tmp_path))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600


def test_makes_another_secret_for_another_folder(tmp_path: Path):
    made = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.add(with_secret(settings_in(tmp_path / name)).secret_key)
    assert len(made) == 2


def test_makes_no_secret_where_one_is_set(tmp_path: Path):
    assert with_secret(settings_in(tmp_path, CRISISMAP_SECRET_KEY=SECRET)).secret_key == SECRET
    assert not (tmp_path / SECRET_FILE).exists()


@pytest.mark.parametrize("content", ["", "\n", "short\n"])
def test_refuses_a_secret_file_that_holds_none(tmp_path: Path, content: str):
    (tmp_path / SECRET_FILE).write_text(content)
    with pytest.raises(Misconfigured, match="no usable secret"):
        with_secret(settings_in(tmp_path))
    assert (tmp_path / SECRET_FILE).read_text() == content


def test_derives_a_key_for_each_purpose(tmp_path: Path):
    found = settings_in(tmp_path, CRISISMAP_SECRET_KEY=SECRET)
    assert len({found.key("a"), found.key("b"), settings_in(tmp_path, CRISISMAP_SECRET_KEY="t" * 32).key("a")}) == 3


# The folder


def test_makes_the_folder_for_its_owner_only(tmp_path: Path):
    make_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    make_folder(tmp_path / "a" / "b")


def test_refuses_a_folder_that_is_a_file(tmp_path: Path):
    (tmp_path / "a").write_text("")
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(Misconfigured, match="CRISISMAP_DATA_DIR"):
            make_folder(path)


def test_refuses_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Asked of the system in its own words, because a test may run as a user to whom nothing is closed.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Misconfigured, match="cannot be written to"):
        make_folder(tmp_path)

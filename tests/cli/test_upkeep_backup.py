"""A backup taken under load holds all that was acknowledged before, and becomes the same deployment again (row 7)."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from crisismap import bootstrap
from crisismap.services.operations import backup as making
from crisismap.services.operations import restore as restoring
from crisismap.settings import read_settings
from tests.cli.command import call, refused, run
from tests.cli.test_app import fill
from tests.e2e.test_kill import Ledger, kept, load, post
from tests.server import Server, StartServer

FORMS = ("geojson", "geojsonl", "csv")
LAYER = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"W1","name":"Adyar"},"geometry":'
    b'{"type":"Polygon","coordinates":[[[80,12.9],[80.4,12.9],[80.4,13.2],[80,13.2],[80,12.9]]]}}]}'
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return fill(tmp_path / "data", demo=False)


def exports(folder: Path) -> dict[str, bytes]:
    """Every format for both audiences, from a folder that nobody serves."""
    found = {}
    for audience in ("public", "agency"):
        for form in FORMS:
            target = folder.parent / f"{audience}.{form}"
            done = call(["export", target, "--audience", audience], folder)
            assert done.code == 0, done.err
            found[target.name] = target.read_bytes()
    return found


def features(exported: dict[str, bytes]) -> dict[str, list[object]]:
    """The reports in the exports, without the revision at which they were taken."""
    return {
        name: json.loads(body)["features"] if name.endswith("geojson") else body.splitlines()
        for name, body in exported.items()
    }


def test_gives_identical_exports_after_a_restore(home: Path, tmp_path: Path) -> None:
    (home / "photos").mkdir()
    (home / "photos" / "one.jpg").write_bytes(b"\xff\xd8 a photo")
    (home / "basemap.pmtiles").write_bytes(b"a basemap")
    (home / "server.json").write_text("{}")
    before = exports(home)
    done = run(["backup", tmp_path / "backup", "--with-secret"], home)
    assert done.code == 0, done.err
    new = tmp_path / "new" / "data"
    done = run(["restore", tmp_path / "backup"], new)
    assert done.code == 0, done.err
    assert features(exports(new)) == features(before)
    assert (new / "photos" / "one.jpg").read_bytes() == b"\xff\xd8 a photo"
    assert (new / "basemap.pmtiles").read_bytes() == b"a basemap"
    assert (new / "secret.key").read_bytes() == (home / "secret.key").read_bytes()
    assert not (new / "server.json").exists()
    assert call(["verify-log"], new).code == 0
    for path in (tmp_path / "backup").rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, f"{path} is readable by others"


def test_leaves_the_secret_out_unless_asked_and_takes_no_other(home: Path, tmp_path: Path) -> None:
    done = call(["backup", tmp_path / "backup"], home)
    assert "secret is not in it" in done.out
    secret = (home / "secret.key").read_bytes().strip()
    for path in (tmp_path / "backup").rglob("*"):
        assert path.is_dir() or secret not in path.read_bytes()
    new = tmp_path / "new"
    refused(call(["restore", tmp_path / "backup"], new, {"CRISISMAP_SECRET_KEY": "x" * 40}), 1, "not the secret")
    done = call(["restore", tmp_path / "backup"], new)
    assert "secret.key" in done.out
    refused(call(["export", tmp_path / "out.csv"], new), 1, "no secret.key")
    refused(call(["export", tmp_path / "out.csv"], new, {"CRISISMAP_SECRET_KEY": "x" * 40}), 1, "not the one")
    shutil.copy(home / "secret.key", new)
    assert call(["export", tmp_path / "out.csv"], new).code == 0


def test_needs_an_empty_folder_at_both_ends(home: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "a").write_text("mine")
    refused(call(["backup", tmp_path / "taken"], home), 1, "not empty")
    refused(call(["backup", home / "inside"], home), 1, "lies in the data folder")
    refused(call(["backup", tmp_path / "b"], tmp_path / "none"), 1, "no database")
    assert (tmp_path / "taken" / "a").read_text() == "mine"
    assert call(["backup", tmp_path / "backup"], home).code == 0
    before = (home / "crisismap.sqlite3").read_bytes()
    refused(call(["restore", tmp_path / "backup"], home), 1, "not empty")
    assert (home / "crisismap.sqlite3").read_bytes() == before
    refused(call(["restore", tmp_path / "taken"], tmp_path / "new"), 1, "not a finished backup")


@pytest.mark.parametrize("harm", ["changed", "cut off", "missing", "outside", "another's log"])
def test_refuses_a_backup_that_is_not_whole(home: Path, tmp_path: Path, harm: str) -> None:
    backup, new = tmp_path / "backup", tmp_path / "new"
    assert call(["backup", backup], home).code == 0
    database, manifest = backup / "crisismap.sqlite3", json.loads((backup / "manifest.json").read_text())
    if harm == "changed":
        with closing(sqlite3.connect(database)) as conn, conn:
            conn.execute("UPDATE report SET text = 'all is well'")
    elif harm == "cut off":
        database.write_bytes(database.read_bytes()[:-4096])
    elif harm == "missing":
        database.unlink()
    elif harm == "outside":
        manifest["files"][0]["path"] = "../data/secret.key"
    else:
        manifest["head"] = "0" * 64
    (backup / "manifest.json").write_text(json.dumps(manifest))
    refused(call(["restore", backup], new), 1)
    assert not (new / "crisismap.sqlite3").exists()


def test_begins_an_interrupted_restore_again(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "basemap.pmtiles").write_bytes(b"a basemap")
    backup, new = tmp_path / "backup", tmp_path / "new"
    assert call(["backup", backup, "--with-secret"], home).code == 0
    real = Path.replace

    def dies(self: Path, target: Path) -> Path:
        if self.name == "crisismap.sqlite3":
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dies)
        assert call(["restore", backup], new).code == 130
    assert (new / "basemap.pmtiles").exists()
    refused(call(["export", tmp_path / "out.csv"], new), 1, "interrupted")
    assert call(["restore", backup], new).code == 0
    assert features(exports(new)) == features(exports(home))


def test_leaves_nothing_of_a_backup_that_failed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "_write", full)
    refused(call(["backup", tmp_path / "backup"], home), 1, "No space left")
    assert not (tmp_path / "backup").exists()


def test_loses_nothing_acknowledged_before_it_began(server: StartServer, tmp_path: Path) -> None:
    one = server(data_dir=tmp_path / "data")
    assert httpx.put(
        f"{one.url}/api/v1/layers/wards?role=area", content=LAYER, headers=one.auth, trust_env=False
    ).is_success
    ledger, stop = Ledger(), threading.Event()
    threads = [
        threading.Thread(target=load, args=(one.url, ledger, stop), kwargs={"batches": n == 0}) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    shares = []
    try:
        for number in range(3):
            goal = len(ledger) + 150
            while len(ledger) < goal:
                stop.wait(0.01)
            with ledger.lock:
                before = set(ledger.told)
            done = run(["backup", tmp_path / f"backup-{number}", "--json", "--with-secret"], one.data_dir)
            assert done.code == 0, done.err
            shares.append((before, done.json["reports"], len(ledger)))
        refused(run(["restore", tmp_path / "backup-0"], one.data_dir), 1, "A server runs")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for number, (before, reports, after) in enumerate(shares):
        folder = tmp_path / f"restored-{number}"
        assert call(["restore", tmp_path / f"backup-{number}"], folder).code == 0
        found = kept(folder)
        assert len(found) == len(set(found)) == reports
        assert before <= set(found), "nothing acknowledged before the backup began is missing"
        assert len(before) <= reports <= len(ledger.sent)
        assert after > len(before), "it went on being written to meanwhile"
    last = server(data_dir=tmp_path / "restored-2")
    _same_receipts(last, ledger, shares[2][0])
    assert httpx.get(f"{last.url}/api/v1/layers/wards.geojson", trust_env=False).json()["features"]


def _same_receipts(server: Server, ledger: Ledger, names: set[str]) -> None:
    """Whoever posts again gets the receipt and the code of before."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        for name in list(names)[:50]:
            post(client, [ledger.sent[name]], ledger)


def test_would_lose_the_log_if_the_file_alone_were_copied(server: StartServer, tmp_path: Path) -> None:
    """The negative control: what people do with `cp`, while the newest commits lie in the write-ahead log."""
    one = server(data_dir=tmp_path / "data")
    ledger = Ledger()
    with httpx.Client(base_url=one.url, trust_env=False) as client:
        for _ in range(20):
            post(client, [ledger.new()], ledger)
    (tmp_path / "copy").mkdir()
    shutil.copy(one.data_dir / "crisismap.sqlite3", tmp_path / "copy")
    try:
        found = kept(tmp_path / "copy")
    except Exception:
        found = []
    assert not set(ledger.told) <= set(found)


@pytest.mark.postgres
def test_goes_from_one_database_to_the_other_and_back(home: Path, tmp_path: Path, postgres_db: str) -> None:
    before = exports(home)
    assert call(["backup", tmp_path / "b1"], home).code == 0
    secret = (home / "secret.key").read_text().strip()
    env = {"CRISISMAP_DATABASE_URL": postgres_db, "CRISISMAP_SECRET_KEY": secret}
    done = call(["restore", tmp_path / "b1"], tmp_path / "pg", env)
    assert done.code == 0, done.err
    refused(call(["restore", tmp_path / "b1"], tmp_path / "pg2", env), 1, "not empty")
    assert call(["verify-log"], tmp_path / "pg", env).code == 0
    body = tmp_path / "one.geojson"
    body.write_text('{"type":"Feature","geometry":null,"properties":{"category":"flooding","text":"deep"}}')
    done = call(["backup", tmp_path / "b2"], tmp_path / "pg", env)
    assert done.code == 0, done.err
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(home / "secret.key", again)
    assert call(["restore", tmp_path / "b2"], again).code == 0
    assert features(exports(again)) == features(before)
    done = call(["import", "reports", body, "--json"], tmp_path / "pg", env)
    assert done.json["stored"] == 1, "numbering goes on after what was put in"


def test_reads_its_own_manifest(home: Path, tmp_path: Path) -> None:
    assert call(["backup", tmp_path / "backup"], home).code == 0
    manifest = restoring.read_manifest(bootstrap.databases, tmp_path / "backup")
    assert manifest.secret_check != replace(read_settings({}), secret_key="y" * 40).secret_check()
    (tmp_path / "backup" / "manifest.json").write_text(
        (tmp_path / "backup" / "manifest.json").read_text().replace('"schema": "0', '"schema": "9')
    )
    refused(call(["restore", tmp_path / "backup"], tmp_path / "new"), 1, "Update this program")


def test_takes_no_answer_from_before_for_one_of_now(home: Path, tmp_path: Path, server: StartServer) -> None:
    """After a restore the same revision may mean other content: what readers hold must not pass for it."""
    assert call(["backup", tmp_path / "backup", "--with-secret"], home).code == 0
    assert call(["restore", tmp_path / "backup"], tmp_path / "new").code == 0
    tags = []
    for folder in (home, tmp_path / "new"):
        one = server(data_dir=folder)
        for path in ("/api/v1/reports.geojsonl", "/api/v1/tiles/0/0/0.mvt"):
            tags.append(httpx.get(one.url + path, trust_env=False).headers["etag"])
        one.stop()
    assert len(set(tags)) == 4


def test_takes_the_database_from_and_to_where_it_is_set(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert call(["backup", tmp_path / "b1", "--with-secret"], home).code == 0
    env = {"CRISISMAP_DATABASE_URL": f"sqlite:///{tmp_path / 'elsewhere' / 'map.db'}"}
    assert call(["restore", tmp_path / "b1"], tmp_path / "new", env).code == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["erased.jsonl", "lock", "secret.key"]
    done = call(["backup", tmp_path / "b2", "--json"], tmp_path / "new", env)
    assert (done.code, done.json["reports"]) == (0, 1)
    inside = {"CRISISMAP_DATABASE_URL": f"sqlite:///{tmp_path / 'third' / 'map.db'}"}
    shutil.copy(home / "secret.key", tmp_path / "b2")
    (tmp_path / "third").mkdir()
    shutil.copy(home / "secret.key", tmp_path / "third")
    assert call(["restore", tmp_path / "b2"], tmp_path / "third", inside).code == 0
    assert call(["backup", tmp_path / "b3"], tmp_path / "third", inside).code == 0
    assert not (tmp_path / "b3" / "files").exists(), "the database itself is copied once, and properly"

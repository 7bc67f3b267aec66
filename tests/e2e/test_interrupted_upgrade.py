"""An upgrade that is interrupted at any write resumes or was never begun; nothing is lost, nothing is half (row 8)."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.command import upgrade
from alembic.config import Config
from sqlalchemy import text

from crisismap.store import event_log, migrate
from crisismap.store.engine import open_engine
from tests.faults import Disk, Fails, MakeDisk, after_a_power_cut

REPORTS = 300
ROW = (
    "INSERT INTO report (id, payload_hash, version, category, text, words, observed_at, received_at, fields, publish, "
    "may_contact, flags, asks, channel, client_id) VALUES (randomblob(16), zeroblob(16), 1, 'rescue', :said, '', 1, 1, "
    "'{}', 0, 0, '', 1, 'api', :key)"
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data folder of the first release, with reports in it."""
    folder = tmp_path / "old"
    folder.mkdir()
    engine = open_engine(f"sqlite:///{folder / 'crisismap.sqlite3'}", writes=True)
    with engine.begin() as conn:
        config = Config()
        config.set_main_option("script_location", str(migrate._SCRIPTS))
        config.attributes["connection"] = conn
        upgrade(config, "0001")
        event_log.begin(conn)
        for number in range(REPORTS):
            conn.execute(text(ROW), {"said": "on the roof " * 20, "key": f"key-{number}"})
    engine.dispose()
    return folder


def migrated(folder: Path, disk: Disk | None) -> int:
    """Run `crisismap migrate`; gives how it ended."""
    env = {"PATH": "/usr/bin:/bin", "CRISISMAP_DATA_DIR": str(folder), **(disk.env if disk is not None else {})}
    command = [sys.executable, "-m", "crisismap", "migrate"]
    return subprocess.run(command, cwd="/", env=env, capture_output=True, check=False, timeout=120).returncode


def state(folder: Path) -> tuple[str, int, str]:
    """Schema, number of reports and soundness, as the next start finds them."""
    with closing(sqlite3.connect(folder / "crisismap.sqlite3")) as conn:
        return (
            conn.execute("SELECT version_num FROM alembic_version").fetchone()[0],
            conn.execute("SELECT count(*) FROM report").fetchone()[0],
            conn.execute("PRAGMA integrity_check").fetchone()[0],
        )


def test_is_whole_or_not_begun_when_it_is_interrupted(old: Path, disk: MakeDisk, tmp_path: Path) -> None:
    interrupt(old, disk, tmp_path, lambda after: after * 6)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_is_whole_or_not_begun_whenever_it_is_interrupted(old: Path, disk: MakeDisk, tmp_path: Path) -> None:
    interrupt(old, disk, tmp_path, lambda after: after + 7)


def interrupt(old: Path, disk: MakeDisk, tmp_path: Path, further: Callable[[int], int]) -> None:
    """Interrupt it after so many writes, and further on each time, until it goes through."""
    assert state(old) == ("0001", REPORTS, "ok")
    found, after = set(), 1
    while True:
        folder = tmp_path / f"data-{after}"
        shutil.copytree(old, folder)
        under = disk(folder)
        shutil.copytree(folder, under.image, dirs_exist_ok=True)
        under.fail(Fails.CRASH, after)
        code = migrated(folder, under)
        if code == 0:
            break
        assert code == 137, "it was interrupted, and did not fail by itself"
        left = after_a_power_cut(under, tmp_path / f"left-{after}")
        at, number, sound = state(left)
        assert (number, sound) == (REPORTS, "ok")
        assert at in ("0001", migrate.newest()), "never half way"
        found.add(at)
        assert migrated(left, None) == 0, "the next one goes through"
        assert state(left) == (migrate.newest(), REPORTS, "ok")
        after = further(after)
    assert "0001" in found
    assert after > 30, "it was interrupted at several writes"
    copies = list(folder.glob("before-*.sqlite3"))
    assert len(copies) == 1
    with closing(sqlite3.connect(copies[0])) as conn:
        assert conn.execute("SELECT count(*) FROM report").fetchone()[0] == REPORTS, "the way back is kept"

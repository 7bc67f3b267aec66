"""Migrations: an empty database becomes the schema, an older one is brought up, an interrupted one stays as it was."""

from __future__ import annotations

import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from crisismap.core.errors import AlreadyRunning, Misconfigured, NotFound
from crisismap.core.layer.alert import Alert
from crisismap.store import migrate, schema
from crisismap.store.engine import FolderLock, open_engine, temporary_engine
from crisismap.store.store import Store
from tests.postgres import database as postgres_database
from tests.store.making import KEY, bodies_of, kept, new, opened

NEXT = '''"""A step for the test."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("person", sa.Column("skills", sa.Text()))
    {then}
'''


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A newer program: its migrations are a copy of ours with one more, whose text the test writes."""
    copy = tmp_path / "migrations"
    shutil.copytree(migrate._SCRIPTS, copy)
    step = copy / "versions" / "9999_next.py"
    monkeypatch.setattr(migrate, "_SCRIPTS", copy)
    return step


def test_brings_an_empty_database_to_the_schema_of_the_program(url: str, tmp_path: Path) -> None:
    assert migrate.migrate_database(url, tmp_path) is True
    assert migrate.migrate_database(url, tmp_path) is False
    engine = open_engine(url, writes=True)
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"include_object": _ours})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def _ours(_thing: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    # PostGIS brings tables of its own.
    return not (kind == "table" and reflected and compared is None and name == "spatial_ref_sys")


def test_sees_a_difference_between_schema_and_migrations(url: str, tmp_path: Path) -> None:
    """The negative control of the test above."""
    migrate.migrate_database(url, tmp_path)
    engine = open_engine(url, writes=True)
    with engine.begin() as conn:
        conn.execute(text("ALTER TABLE person ADD COLUMN skills TEXT"))
        context = MigrationContext.configure(conn, opts={"include_object": _ours})
        assert len(compare_metadata(context, schema.metadata)) == 1
    engine.dispose()


def test_backs_up_sqlite_before_it_migrates(tmp_path: Path, next_step: Path) -> None:
    address, head = f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", migrate.newest()
    with opened(address, tmp_path) as store:
        kept(store, new("before"))
    assert not list(tmp_path.glob("before-*"))
    next_step.write_text(NEXT.format(head=head, then="pass"))
    store = Store(address, tmp_path, KEY)
    assert store.events.revision() == 1
    store.close()
    [backup] = tmp_path.glob("before-*")
    old = sqlite3.connect(backup)
    assert old.execute("SELECT client_id FROM report").fetchall() == [("before",)]
    assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (head,)
    assert "skills" not in {row[1] for row in old.execute("PRAGMA table_info(person)")}
    old.close()


def test_takes_back_a_migration_that_fails_half_way(url: str, tmp_path: Path, next_step: Path) -> None:
    head = migrate.newest()
    with opened(url, tmp_path) as store:
        kept(store, new("before"))
    next_step.write_text(NEXT.format(head=head, then="op.execute('SELECT * FROM no_such_table')"))
    with pytest.raises(Exception, match="no_such_table"):
        migrate.migrate_database(url, tmp_path)
    engine = open_engine(url, writes=True)
    assert migrate.current_schema(engine) == head
    with engine.connect() as conn:
        columns = conn.execute(text("SELECT * FROM person")).keys()
        assert "skills" not in columns
    engine.dispose()
    next_step.write_text(NEXT.format(head=head, then="pass"))
    assert migrate.migrate_database(url, tmp_path) is True
    store = Store(url, tmp_path, KEY)
    assert store.events.revision() == 1
    store.close()


def test_refuses_a_database_of_a_newer_program(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path):
        pass
    engine = open_engine(url, writes=True)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Misconfigured):
        Store(url, tmp_path, KEY)
    with pytest.raises(Misconfigured, match="newer"):
        migrate.migrate_database(url, tmp_path)
    with pytest.raises(Misconfigured):
        migrate.check_database(url)


@pytest.mark.postgres
def test_refuses_to_serve_from_a_postgresql_that_was_not_migrated(postgres_db: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="crisismap migrate"):
        Store(postgres_db, tmp_path, KEY)
    with pytest.raises(Misconfigured, match="crisismap migrate"):
        migrate.check_database(postgres_db)
    engine = open_engine(postgres_db, writes=True)
    assert migrate.current_schema(engine) is None, "asking changes nothing"
    engine.dispose()


@pytest.mark.postgres
def test_adds_postgis_itself_when_it_may(postgres_url: str, tmp_path: Path) -> None:
    with postgres_database(postgres_url, postgis=False) as bare:
        assert migrate.migrate_database(bare, tmp_path) is True
        engine = open_engine(bare, writes=True)
        with engine.connect() as conn:
            assert conn.execute(text("SELECT postgis_version()")).scalar_one()
        engine.dispose()


@pytest.mark.postgres
def test_asks_for_postgis_by_name_when_it_may_not(postgres_url: str, tmp_path: Path) -> None:
    with postgres_database(postgres_url, postgis=False) as bare:
        engine = open_engine(bare, writes=True)
        with engine.begin() as conn:
            conn.execute(text("CREATE ROLE plain_user LOGIN"))
            conn.execute(text("GRANT ALL ON SCHEMA public TO plain_user"))
        try:
            plain = engine.url.set(username="plain_user").render_as_string(hide_password=False)
            with pytest.raises(Misconfigured, match="CREATE EXTENSION postgis"):
                migrate.migrate_database(plain, tmp_path)
            assert migrate.current_schema(engine) is None
        finally:
            with engine.begin() as conn:
                conn.execute(text("DROP OWNED BY plain_user"))
                conn.execute(text("DROP ROLE plain_user"))
            engine.dispose()


def test_says_what_to_look_at_when_the_database_does_not_answer(tmp_path: Path) -> None:
    address = "postgresql+psycopg://somebody:hidden-word@127.0.0.1:9/none"
    for attempt in (
        lambda: migrate.migrate_database(address, tmp_path),
        lambda: migrate.check_database(address),
        lambda: Store(address, tmp_path, KEY),
    ):
        with pytest.raises(Misconfigured) as refusal:
            attempt()
        assert "127.0.0.1:9" in str(refusal.value)
        assert "hidden-word" not in str(refusal.value)
    FolderLock(tmp_path).close()  # nothing holds on to the folder


def test_does_not_migrate_while_somebody_holds_the_folder(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path), pytest.raises(AlreadyRunning):
        migrate.migrate_database(url, tmp_path)


def test_gives_reports_of_before_the_need_that_they_had(url: str) -> None:
    """Those that asked, and those that became requests later; all others are information."""
    engine = open_engine(url, writes=True)
    config = Config()
    config.set_main_option("script_location", str(migrate._SCRIPTS))
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        upgrade(config, "0008")
        for seq, asks in ((1, True), (2, False), (3, False)):
            row = {
                **{"seq": seq, "id": bytes(15) + bytes([seq]), "hash": bytes(16), "asks": asks, "no": False},
                **{"n": 1, "t": "x", "f": "{}", "e": ""},
            }
            conn.execute(
                text(
                    "INSERT INTO report (seq, id, payload_hash, version, category, text, words, observed_at, "
                    "received_at, fields, publish, may_contact, flags, asks, channel) VALUES "
                    "(:seq, :id, :hash, :n, :t, :t, :e, :n, :n, :f, :no, :no, :e, :asks, :t)"
                ),
                row,
            )
        for seq in (1, 3):
            statement = "INSERT INTO request (report_seq, state, reopened) VALUES (:seq, 'open', 0)"
            conn.execute(text(statement), {"seq": seq})
        upgrade(config, "head")
        found = conn.execute(text("SELECT need, asked, heard FROM report ORDER BY seq")).all()
        doubts = conn.execute(text("SELECT in_doubt FROM request ORDER BY report_seq")).scalars().all()
    engine.dispose()
    assert [tuple(row) for row in found] == [("asks", None, ""), ("information", None, ""), ("asks", None, "")]
    assert not any(doubts)


def test_moves_the_bytes_of_received_warnings_below_their_hash(url: str, tmp_path: Path) -> None:
    """A database of the schema before, with warnings as that release kept them: their bytes in their own row."""
    bodies = {
        "a": b'<alert>\r\n<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></alert>',
        "b": b"<alert>b</alert>",
        "c": b"<alert>c</alert>",
    }
    scopes = {"a": "Public", "b": "Public", "c": "Private"}
    with temporary_engine(url, writes=True) as engine:
        migrate_to(engine, "0010")
        with engine.begin() as conn:
            for name, body in bodies.items():
                alert = Alert("m@example.org", name, 5, "Actual", "Alert", scopes[name])
                text_ = msgspec.json.encode(alert).decode()
                values = {
                    "layer": "w",
                    "key": name.encode() * 32,
                    "sent": 5,
                    "origin": name,
                    "alert": text_,
                    "body": body,
                }
                statement = "INSERT INTO layer_message VALUES (:layer, :key, :sent, :origin, :alert, :body)"
                conn.execute(text(statement), values)
    with opened(url, tmp_path) as store:
        kept_alerts = {each.identifier: each for each in store.layers.alerts("w")}
        assert {name: each.signed for name, each in kept_alerts.items()} == {"a": True, "b": False, "c": False}
        assert {name: each.original for name, each in kept_alerts.items()} == {
            name: sha256(body).hexdigest() for name, body in bodies.items()
        }
        assert sorted(bodies_of(store, "w")) == sorted(bodies.values()), "byte by byte"
        assert store.layers.original("w", kept_alerts["a"].original) == bodies["a"]
        with pytest.raises(NotFound):
            store.layers.original("w", kept_alerts["c"].original)


def migrate_to(engine: Engine, revision: str) -> None:
    with engine.begin() as conn:
        if conn.dialect.name == "postgresql":
            migrate._require_postgis(conn)
        config = Config()
        config.set_main_option("script_location", str(migrate._SCRIPTS))
        config.attributes["connection"] = conn
        upgrade(config, revision)

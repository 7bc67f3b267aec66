"""What was erased, or has had its time, is in no byte of the data folder nor of any output (row 45)."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Boolean, Connection, Integer, LargeBinary, Text, insert, select, update

from crisismap import bootstrap
from crisismap.core.channel import Message
from crisismap.core.errors import Forbidden, Gone, NotFound, NotSignedIn
from crisismap.core.own_channels import API
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import draft_from
from crisismap.exports import EXPORTS
from crisismap.services.accounts.sign_in import invite
from crisismap.services.lists import read, search
from crisismap.services.operations import quarantine
from crisismap.services.operations.backup import make
from crisismap.services.operations.restore import restore
from crisismap.services.operations.retention import retain
from crisismap.services.reporter.erasure import LIST, erase, erase_by_code
from crisismap.services.reporter.own_data import personal_data
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.settings import read_settings
from crisismap.situation.board.selection import ALL
from crisismap.situation.snapshot.snapshot_file import NAME as SNAPSHOT
from crisismap.store import event_log, schema
from crisismap.store.tables import erasure
from tests import acts
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, EVERYBODY, RESPONDER
from tests.services.deployment import ask

WORD = "zanzibar"
PHONE = "9876501234"
LON, LAT = 80.2507311, 13.0509731
SENTINELS = (WORD, PHONE, "80.2507311", "13.0509731", "80.25091", "behind-the-temple", "noted-by-a-team")
DAY_MIN = 24 * 60


def planted(context: Context, number: int = 0) -> tuple[str, str]:
    """A request with a sentinel in everything that is kept, and a life behind it; gives id and code."""
    report, code = ask(
        context,
        text=f"{WORD} {number} " * 300,
        place=f"behind-the-temple {number}",
        lon=LON,
        lat=LAT,
        people=4,
        fields={"note": f"{WORD} in a field", "status": f"{WORD} said the status"},
        contact={"phone": PHONE, "name": f"{WORD} name"},
        consent={"publish": True, "contact": True, "version": f"{WORD}-version"},
        client_id=f"key-{WORD}-{number}",
    )
    place = Placement(80.25091, 13.0501, 8.0, f"{WORD} told by phone")
    acts.place(context, RESPONDER, report, None, place).result()
    acts.priority(context, RESPONDER, report, None, priority=1, reason=f"{WORD} their neighbour said").result()
    acts.verify(context, RESPONDER, report, None, status="verified", reason=f"{WORD} was seen").result()
    acts.by_code(context, report, "add", None, f"{WORD} was added, call {PHONE}").result()
    acts.withhold(context, RESPONDER, report, None, reason=f"{WORD} names the neighbour").result()
    acts.claim(context, RESPONDER, report, None).result()
    done = acts.answer(context, RESPONDER, report, None, note=f"noted-by-a-team {WORD}").result()
    context.views.situation.wait(done.revision)
    return report, code


def photographed(context: Context, report: str) -> None:
    """A photo of the report whose bytes are a sentinel."""
    seq = context.store.reports.one(report).seq
    values = {
        "id": bytes(16),
        "report_seq": seq,
        "use": "report",
        "width": 1,
        "height": 1,
        "added_by": "",
        "added_at": 1,
    }
    image = f"{WORD} in a photo".encode() * 500

    def write(conn: Connection) -> tuple[None, list[event_log.Draft]]:
        conn.execute(insert(schema.photo).values(**values, image=image, thumb=image))
        return None, []

    context.store.writer.run(write).result()


def on_disk(folder: Path, *words: str) -> set[str]:
    """Which sentinels are found in any byte of any file."""
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {word for word in words or SENTINELS if word.encode() in held}


def told(context: Context) -> set[str]:
    """Which sentinels are found in any output, or in what the situation holds."""
    found = context.views.situation.heap.content()
    found += repr([vars(v).get("items") for v in vars(context.views.situation.vocabularies).values()]).encode()
    context.views.word_index.follow(context.views.situation.board(Audience.AGENCY))
    found += repr([*context.views.word_index._rows]).encode()
    for audience in Audience:
        context.views.searched[audience].follow(context.views.situation.board(audience))
        found += repr([*context.views.searched[audience]._rows]).encode()
        table = read.table(context.views, context.clock(), audience, ALL)
        for kind in EXPORTS.values():
            found += b"".join(kind.write(table))
        board = context.views.situation.board(audience)
        found += b"".join(context.views.features.items(board, table.rows, context.clock()))
    for person in (*EVERYBODY, ADMIN):
        hits = search.search(context.views, person, WORD)
        found += repr(hits).encode()
    return {word for word in SENTINELS if word.encode() in found}


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG, "crisismap"):
        yield caplog


def test_leaves_no_byte_of_it_anywhere(context: Context, logged: pytest.LogCaptureFixture, clock: FakeClock) -> None:
    folder = context.settings.data_dir
    reports = [planted(context, number) for number in range(30)]
    photographed(context, reports[0][0])
    ask(context, text="somebody else " * 100)
    context.views.situation.save()
    assert WORD.encode() in (folder / SNAPSHOT).read_bytes()
    assert on_disk(folder) >= {WORD, "behind-the-temple", "noted-by-a-team"}, "the search can find"
    assert told(context) >= {WORD, "80.25091", "behind-the-temple"}
    assert WORD in context.views.word_index._rows
    tile = context.views.tiles.tile(Audience.AGENCY, ALL, 14, 11841, 7592, clock())[1]
    for report, code in reports[:-1]:
        assert erase_by_code(context.store, context.views, context.settings, context.clock(), ADMIN, code) == report
    assert told(context) >= {WORD}, "one is still there"
    erase(context.store, context.views, context.settings, context.clock(), reports[-1][0], "")
    assert on_disk(folder) == set()
    context.views.situation.save()
    assert on_disk(folder) == set()
    assert told(context) == set()
    assert WORD not in logged.text
    assert context.views.tiles.tile(Audience.AGENCY, ALL, 14, 11841, 7592, clock())[1] != tile or not tile
    kept = personal_data(
        context.store,
        context.views.situation,
        context.rules,
        context.guards.code_tries,
        context.clock(),
        reports[0][1],
        "here",
    )
    assert (kept["erased"], kept["text"], kept["contact"], kept["lon"], kept["answer"]) == (True, "", {}, None, "")
    table = read.table(context.views, context.clock(), Audience.AGENCY, ALL)
    assert b"somebody else" in b"".join(EXPORTS["geojsonl"].write(table))
    assert context.store.events.verify().broken_at is None, "the log keeps the fact, and proves it"
    events = context.store.events.of_report(context.store.reports.one(reports[0][0]).seq)
    assert [e.verb for e in events][-1] == "report.erase"
    assert WORD not in repr(events)


def test_would_leave_it_in_the_files_without_cleaning(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the rows are blank, and their old pages lie in the write-ahead log for all to read."""
    monkeypatch.setattr(erasure, "scrub", lambda _engine: True)
    report, _ = planted(context)
    erase(context.store, context.views, context.settings, context.clock(), report, "")
    assert on_disk(context.settings.data_dir) >= {WORD, "behind-the-temple"}


def test_would_leave_it_in_the_pages_without_overwriting(tmp_path: Path) -> None:
    """The negative control of `secure_delete`: an ordinary connection deletes, and the bytes stay."""
    for secure in (False, True):
        path = tmp_path / f"{secure}.sqlite3"
        with closing(sqlite3.connect(path)) as conn:
            conn.execute(f"PRAGMA secure_delete = {'ON' if secure else 'OFF'}")
            conn.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, said TEXT)")
            conn.executemany("INSERT INTO t (said) VALUES (?)", [(WORD * 50,)] * 200)
            conn.commit()
            conn.execute("UPDATE t SET said = ''")
            conn.commit()
        assert (WORD.encode() in path.read_bytes()) != secure


def test_cuts_the_log_when_a_reader_was_in_the_way(context: Context) -> None:
    report, _ = planted(context)
    with closing(sqlite3.connect(context.settings.data_dir / "crisismap.sqlite3")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM report").fetchone()
        erase(context.store, context.views, context.settings, context.clock(), report, "")
        assert context.store.upkeep.unscrubbed
        assert WORD in on_disk(context.settings.data_dir)
    assert context.store.upkeep.scrub().result()
    assert not context.store.upkeep.unscrubbed
    assert on_disk(context.settings.data_dir) == set()


def test_takes_an_erased_report_in_no_more(context: Context) -> None:
    report, code = planted(context, 7)
    erase(context.store, context.views, context.settings, context.clock(), report, "")
    body = {"category": "rescue", "text": "again", "client_id": f"key-{WORD}-7"}
    with pytest.raises(Gone):
        context.intake.receive(Message(draft_from(body), API))
    with pytest.raises(Gone):
        context.intake.receive(Message(draft_from({**body, "text": f"{WORD} 7 " * 300}), API))
    other = context.intake.receive(Message(draft_from({**body, "client_id": "another"}), API))
    assert other.tracking_code != code
    again = context.store.events.revision()
    erase(context.store, context.views, context.settings, context.clock(), report, "")
    assert context.store.events.revision() == again, "once"


def test_lets_only_an_admin_erase_for_others(context: Context) -> None:
    report, code = planted(context)
    for person in EVERYBODY:
        with pytest.raises((NotSignedIn, Forbidden)):
            erase_by_code(context.store, context.views, context.settings, context.clock(), person, code)
    with pytest.raises(NotFound):
        erase_by_code(context.store, context.views, context.settings, context.clock(), ADMIN, "0000-0000-0000")
    assert context.store.reports.one(report).report.text


@pytest.mark.parametrize("table", [schema.report, schema.request], ids=str)
def test_empties_every_column_that_is_not_named_as_kept(context: Context, table: schema.Table) -> None:
    """Also those that do not exist yet: whoever adds one need not think of it."""
    report, _ = planted(context)
    key = table.c.seq if table is schema.report else table.c.report_seq
    seq = context.store.reports.one(report).seq
    kept = {"flags", "state", *erasure.KEPT_OF_REPORT, *erasure.KEPT_OF_REQUEST}
    free = [column for column in table.c if isinstance(column.type, Text) and column.name not in kept]
    assert len(free) >= 2
    values = {column.name: '{"zanzibar": 1}' for column in free}

    def write(conn: Connection) -> tuple[None, list[event_log.Draft]]:
        conn.execute(update(table).where(key == seq).values(values))
        return None, []

    context.store.writer.run(write).result()
    erase(context.store, context.views, context.settings, context.clock(), report, "")
    with context.store._reader.begin() as conn:
        row = conn.execute(select(table).where(key == seq)).one()
    for column, value in zip(table.c, row, strict=True):
        if column.name in kept or column.name in ("received_at", "observed_at"):
            continue
        assert value in (None, "", "{}", 0, False, bytes(16)), column
        assert isinstance(column.type, Text | Integer | Boolean | LargeBinary) or value is None


def test_empties_every_table_of_rows_that_belong_to_a_report() -> None:
    assert {table.name for table in erasure.belonging()} >= {"contact", "placement"}
    assert schema.event not in erasure.belonging()


def test_does_it_again_in_a_backup_from_before(tmp_path: Path, clock: FakeClock) -> None:
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data")})
    with bootstrap.opened(settings, clock=clock) as context:
        report, code = planted(context)
        opened = context.settings
        make(bootstrap.databases, opened, tmp_path / "backups" / "monday", 0, clock(), with_secret=True)
        assert WORD in on_disk(tmp_path / "backups")
        erase(context.store, context.views, context.settings, context.clock(), report, "")
        make(bootstrap.databases, opened, tmp_path / "backups" / "tuesday", 0, clock(), with_secret=True)
        assert on_disk(tmp_path / "backups" / "tuesday") == set()
        listed = (context.settings.data_dir / LIST).read_text()
        assert json.loads(listed)["id"] == report
    lost = tmp_path / "lost.jsonl"
    shutil.copy(tmp_path / "data" / LIST, lost)
    for number, beside in enumerate((True, False)):
        source = tmp_path / "backups" / "monday"
        if not beside:
            source = Path(shutil.copytree(source, tmp_path / "alone" / "monday"))
        folder = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / f"new-{number}")})
        done = restore(bootstrap.databases, folder, source, () if beside else (lost,))
        assert done.erasures == 1
        with bootstrap.opened(folder, clock=clock) as context:
            assert personal_data(
                context.store,
                context.views.situation,
                context.rules,
                context.guards.code_tries,
                context.clock(),
                code,
                "here",
            )["erased"]
            assert told(context) == set()
            assert context.store.events.verify().broken_at is None
            assert on_disk(folder.data_dir) == set()
            assert json.loads((folder.data_dir / LIST).read_text())["id"] == report
    folder = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "new-control")})
    restore(bootstrap.databases, folder, tmp_path / "alone" / "monday")
    with bootstrap.opened(folder, clock=clock) as context:
        assert WORD in told(context), "the negative control: without the list nobody can know"


def test_takes_each_class_out_when_its_time_is_over(context: Context, clock: FakeClock) -> None:
    folder = context.settings.data_dir
    report, code = planted(context)
    photographed(context, report)
    waiting, _ = ask(context, text="still waiting", contact={"phone": PHONE})
    clock.advance(minutes=29 * DAY_MIN)
    assert not any(retain(context, COMMAND_LINE, dry_run=True).values())
    clock.advance(minutes=2 * DAY_MIN)
    before = context.store.events.revision()
    assert retain(context, COMMAND_LINE, dry_run=True)["contact"] == 1
    assert context.store.events.revision() == before
    assert retain(context, COMMAND_LINE)["contact"] == 1
    kept = personal_data(
        context.store, context.views.situation, context.rules, context.guards.code_tries, context.clock(), code, "here"
    )
    assert (kept["contact"], kept["text"][:8]) == ({}, WORD)
    assert context.store.reports.contact(waiting).phone == PHONE, "who still waits must be reached"
    clock.advance(minutes=150 * DAY_MIN)
    found = retain(context, COMMAND_LINE)
    assert (found["words"], found["place"]) == (1, 1)
    kept = personal_data(
        context.store, context.views.situation, context.rules, context.guards.code_tries, context.clock(), code, "here"
    )
    assert (kept["text"], kept["fields"], kept["place"], kept["placed"]) == ("", {}, "", None)
    assert kept["lon"] is not None
    assert abs(kept["lon"] - LON) > 1e-4
    assert kept["accuracy_m"] > 500
    assert set(kept["flags"]) >= {"aged", "coarse"}
    assert context.store.reports.one(report).request.answer is not None  # type: ignore[union-attr]
    assert on_disk(folder, WORD, "behind-the-temple", "noted-by-a-team") == set()
    assert told(context) & {WORD, "80.2507311", "80.25091", "behind-the-temple", "noted-by-a-team"} == set()
    assert not any(retain(context, COMMAND_LINE).values()), "once"
    assert context.store.events.verify().broken_at is None


def test_takes_the_marks_of_who_sent_it_out_and_keeps_it_apart_until_then(context: Context, clock: FakeClock) -> None:
    """A report that is set apart must not become public because the time of its contact is over."""
    report, _ = planted(context)
    mark = context.store.reports.one(report).report.sender
    assert mark is not None
    context.views.situation.wait(quarantine.quarantine(context.store, context.clock(), ADMIN, mark).revision)
    clock.advance(minutes=200 * DAY_MIN)
    assert retain(context, COMMAND_LINE)["contact"] == 1
    assert context.store.reports.one(report).report.sender == mark
    assert context.store.reports.one(report).quarantined
    with pytest.raises(NotFound):
        read.record(context.store, context.views, context.clock, STRANGER, report)
    assert retain(context, COMMAND_LINE)["contact"] == 0, "once"
    context.views.situation.wait(quarantine.release(context.store, context.clock(), ADMIN, mark).revision)
    assert retain(context, COMMAND_LINE)["contact"] == 1
    assert context.store.reports.one(report).report.sender is None
    assert retain(context, COMMAND_LINE)["contact"] == 0, "once"


def test_takes_old_copies_and_credentials_out(context: Context, clock: FakeClock) -> None:
    invite(context.store, context.clock(), ADMIN, "Meena", "responder", "")
    copy = context.settings.data_dir / "before-0001.sqlite3"
    copy.write_bytes(WORD.encode())
    clock.set(copy.stat().st_mtime_ns // 1_000_000 + 60 * DAY_MIN * 60_000)
    assert retain(context, COMMAND_LINE, dry_run=True)["upgrade_copies"] == 1
    assert copy.exists()
    found = retain(context, COMMAND_LINE)
    assert (found["credentials"], found["upgrade_copies"]) == (1, 1)
    assert not copy.exists()


def test_lets_only_an_admin_run_retention(context: Context) -> None:
    for person in (*EVERYBODY, AGENCY):
        with pytest.raises((NotSignedIn, Forbidden)):
            retain(context, person)
    assert Person("p", "P", "", frozenset({"admin"})).may("retention.run")
    assert not STRANGER.may("retention.run")

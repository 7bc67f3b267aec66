"""Permanent erasure of a person's data from the store, from memory, and from restored backups.

The list of erasures contains only random ids, which are no personal data. It is kept beside the database so that
erasures can be repeated in a backup made before them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from crisismap.core.errors import CrisismapError, NotFound, Unavailable
from crisismap.core.event import EventDraft
from crisismap.core.people.identity import id_bytes
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.logs import count
from crisismap.services.reporter.tracking import id_of_code
from crisismap.services.runtime.context import require
from crisismap.services.runtime.views import Views
from crisismap.settings import Settings

LIST = "erased.jsonl"
PENDING = "erased.pending.jsonl"  # in a restored folder: erasures to repeat before the server starts
log = logging.getLogger(__name__)


class Erasure(msgspec.Struct, frozen=True):
    """A line of the list: report id and time."""

    id: str
    at_ms: int


def erase_by_code(store: Store, views: Views, settings: Settings, now_ms: int, person: Person, code: str) -> str:
    """Erase a tracking code's report on request to the operator and return its id. Raises NotFound."""
    require(person, "report.erase")
    report_id = id_of_code(store, views.situation, code)
    erase(store, views, settings, now_ms, report_id, person.id)
    return report_id


def erase(store: Store, views: Views, settings: Settings, now_ms: int, report_id: str, actor: str) -> None:
    """Erase one report and return when it is gone from the store, from memory and from the snapshot. Idempotent.

    Raises Unavailable when it is gone from the store but readers have not followed yet; a repeat waits again.
    """
    append_erasures(settings.data_dir, [Erasure(report_id, now_ms)])
    done = store.reports.erase(report_id, EventDraft("report.erase", report_id, actor, now_ms)).result()
    gone = views.situation.wait(done.revision)
    views.tiles.forget()
    views.forget_words()
    if done.value and not store.upkeep.scrub().result():
        log.info("the write-ahead log is in use; it will be truncated shortly")
    if not gone:
        raise Unavailable("copy_not_gone")


def append_erasures(folder: Path, erasures: Iterable[Erasure]) -> None:
    """Append to the list, synced before anything is erased."""
    try:
        descriptor = os.open(folder / LIST, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, encode_erasures(erasures))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise Unavailable("erasure_not_written", problem=problem.strerror) from None


def read_erasures(files: Iterable[Path]) -> Iterator[Erasure]:
    """Return all erasures in some lists, skipping invalid lines."""
    for path in files:
        try:
            lines = path.read_bytes().splitlines()
        except OSError:
            continue
        for line in lines:
            try:
                one = msgspec.json.decode(line, type=Erasure)
            except msgspec.MsgspecError:
                continue  # truncated by a power cut
            if id_bytes(one.id) is not None:
                yield one


def encode_erasures(erasures: Iterable[Erasure]) -> bytes:
    """Return the lines of a list."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in erasures)


def finish(store: Store, folder: Path) -> int:
    """Repeat the pending erasures in a restored folder and return their number."""
    pending = folder / PENDING
    if not pending.exists():
        return 0
    erasures = list({each.id: each for each in read_erasures([pending])}.values())
    append_erasures(folder, erasures)
    repeated = 0
    for one in erasures:
        event = EventDraft("report.erase", one.id, "system", one.at_ms, {"replayed": True})
        try:
            repeated += store.reports.erase(one.id, event).result().value
        except NotFound:
            continue  # received after the backup
        except CrisismapError as refusal:
            raise Unavailable("erasure_not_repeated", problem=refusal) from None
    store.upkeep.scrub().result()
    pending.unlink()
    log.info("%s erasures were repeated in the restored deployment", count(repeated))
    return repeated

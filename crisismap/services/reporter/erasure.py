"""erase: everything that tells of a person goes for good, from the store, from memory, and from backups when restored.

The list of erasures holds ids only, which are random: it is no personal data itself, and is kept beside the database
so that a backup from before an erasure can be brought up to it.
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
PENDING = "erased.pending.jsonl"  # in a restored folder: to be repeated before anybody is served
log = logging.getLogger(__name__)


class Erasure(msgspec.Struct, frozen=True):
    """A line of the list: which report, and when."""

    id: str
    at_ms: int


def erase_by_code(store: Store, views: Views, settings: Settings, now_ms: int, person: Person, code: str) -> str:
    """Erase the report of a tracking code for somebody who asked the operator; gives its id. Raises NotFound."""
    require(person, "report.erase")
    report_id = id_of_code(store, views.situation, code)
    if report_id is None:
        raise NotFound("no_report_with_code")
    erase(store, views, settings, now_ms, report_id, person.id)
    return report_id


def erase(store: Store, views: Views, settings: Settings, now_ms: int, report_id: str, actor: str) -> None:
    """Erase one report; returns when it is gone from the store and from memory. Again does nothing."""
    note(settings.data_dir, [Erasure(report_id, now_ms)])
    done = store.reports.erase(report_id, EventDraft("report.erase", report_id, actor, now_ms)).result()
    views.situation.wait(done.revision)
    views.tiles.forget()
    views.word_index.forget()
    if done.value and not store.upkeep.scrub().result():
        log.info("the write-ahead log is being read; it is cut in a moment")


def note(folder: Path, erasures: Iterable[Erasure]) -> None:
    """Add to the list, on disk before anything is erased."""
    try:
        descriptor = os.open(folder / LIST, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, encoded(erasures))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise Unavailable("erasure_not_written", problem=problem.strerror) from None


def listed(files: Iterable[Path]) -> Iterator[Erasure]:
    """Every erasure of some lists; lines that are none are left out."""
    for path in files:
        try:
            lines = path.read_bytes().splitlines()
        except OSError:
            continue
        for line in lines:
            try:
                one = msgspec.json.decode(line, type=Erasure)
            except msgspec.MsgspecError:
                continue  # cut off by a power cut
            if id_bytes(one.id) is not None:
                yield one


def encoded(erasures: Iterable[Erasure]) -> bytes:
    """The lines of a list."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in erasures)


def finish(store: Store, folder: Path) -> int:
    """Erase again, in a folder that was restored, what had been erased; gives how many there were."""
    pending = folder / PENDING
    if not pending.exists():
        return 0
    erasures = list({each.id: each for each in listed([pending])}.values())
    note(folder, erasures)
    again = 0
    for one in erasures:
        event = EventDraft("report.erase", one.id, "system", one.at_ms, {"replayed": True})
        try:
            again += store.reports.erase(one.id, event).result().value
        except NotFound:
            continue  # came after the backup
        except CrisismapError as refusal:
            raise Unavailable("erasure_not_repeated", problem=refusal) from None
    store.upkeep.scrub().result()
    pending.unlink()
    log.info("%s erasures were repeated in what was restored", count(again))
    return again

"""The columns of a board: those of the facts of a record, and those that only the program itself reads."""

from __future__ import annotations

import msgspec
import numpy as np

from crisismap.core.people.fingerprint import BY
from crisismap.core.report.report import WRONG_TIME
from crisismap.situation.board.column import EYES, NEVER, NONE, Column, ColumnTable, IntakeRow
from crisismap.situation.merge.layer_frame import plain_status
from crisismap.situation.merge.layer_index import WORD
from crisismap.situation.record.fact import members_of
from crisismap.situation.record.record import Record


def _status(row: IntakeRow) -> int:
    """Return the number of what is said of a thing's status, where the merge knows the word; others are not kept."""
    plain = plain_status(row.seen.claim)
    return row.words.told.number(plain if plain in WORD else "")


def _sender(row: IntakeRow) -> int:
    sender = f"{BY}{row.report.source}" if row.report.source is not None else row.report.sender
    return row.words.sender.number(sender) if sender else NONE


def _network(row: IntakeRow) -> int:
    return row.words.sender.number(row.report.network) if row.report.network else NONE


def _sorted_at(row: IntakeRow) -> int:
    """Return when it was observed, or received where the phone's clock cannot be right."""
    wrong = row.report.flags and WRONG_TIME.intersection(row.report.flags)
    return row.seen.received_at if wrong else row.seen.observed_at


INTERNAL = (
    Column("seq", np.int64, lambda row: row.current.seq, in_past=True),  # the store's row
    Column("code", np.uint64, lambda row: row.setting.code(row.report.id)),  # the tracking code's number
    Column("at", np.int64, _sorted_at, in_past=True),
    # Its arrival, or what a file says of itself
    Column("known_at", np.int64, lambda row: row.seen.known_at, in_past=True),
    Column("answered_at", np.int64, lambda row: row.seen.answered_at, in_past=True, later=NEVER),
    # NEVER: the requester has not said that it is solved
    Column("confirmed_at", np.int64, lambda row: row.seen.confirmed_at, in_past=True, later=NEVER),
    Column("due_from", np.int64, lambda row: row.seen.due_from, in_past=True),  # since when it has to be answered
    # NEVER: nobody has said since that it still holds
    Column("reconfirmed_at", np.int64, lambda row: row.seen.reconfirmed_at, in_past=True, later=NEVER),
    # A person has set the priority
    Column("overruled", np.bool_, lambda row: row.detail is not None and row.detail.overruling is not None),
    Column("told", np.int32, _status),  # vocabulary: what the report says of a thing's status
    # Who sent it, for the ranking; numbers of vocabularies that nothing shows to the public
    Column("sender", np.int32, _sender),
    Column(
        "network", np.int32, lambda row: row.words.sender.number(row.report.network) if row.report.network else NONE
    ),
    Column("vouched", np.bool_, lambda row: row.report.source is not None),  # sent by a signed-in person
    Column("quarantined", np.bool_, lambda row: row.current.quarantined),
    # Whether the words wait for a person; NOTHING for the public
    Column("eye", np.uint8, lambda row: EYES.index(row.seen.eye)),
)


def table_of(record: type[msgspec.Struct]) -> ColumnTable:
    """Return the columns of a board from which such records are made."""
    return ColumnTable((*(column for member in members_of(record) for column in member.fact.columns), *INTERNAL))


TABLE = table_of(Record)

"""JSON of facts that are computed from several columns."""

from __future__ import annotations

import msgspec
import numpy as np

from crisismap.situation.board.column import NONE
from crisismap.situation.merge.layer_index import Disagreement, HazardRef, ShelterRef
from crisismap.situation.record import encoding as json
from crisismap.situation.record.encoding import Batch, JsonList


def priorities(batch: Batch) -> list[bytes]:
    """Encode the priorities."""
    return [b'"P%d"' % p if p else b"null" for p in batch.board.priority.tolist()]


_REASONS = json.list_json(
    lambda b: b.board.reasons(np.arange(b.board.n)), lambda m: JsonList(m.vocabularies.reasons.items, list)
)


def reasons(batch: Batch) -> list[bytes]:
    """Encode the reasons of the priority; the one of an override comes first."""
    found, take = _REASONS(batch), batch.meanings.heap.take
    lengths = batch["override_len"]
    for at in np.flatnonzero(lengths > len(b'""')).tolist():
        override = take(int(batch["override_at"][at]), int(lengths[at]))
        found[at] = b"[%b%b" % (override, found[at].replace(b"[", b",", 1) if found[at] != b"[]" else b"]")
    return found


def nearest_shelter(batch: Batch) -> list[bytes]:
    """Encode the nearest shelters with their distances."""
    metres = batch["shelter_m"].tolist()
    return [
        b'%b,"distance_m":%d}' % (shelter[:-1], round(m)) if shelter != b"null" else shelter
        for shelter, m in zip(_SHELTER(batch), metres, strict=True)
    ]


def _shelter(shelter: ShelterRef) -> dict[str, str]:
    return {"id": shelter.feature, "name": shelter.name}


def as_dicts(references: tuple[HazardRef | Disagreement, ...]) -> list[dict[str, str]]:
    """Return references of the merge as dicts of their members."""
    return [each._asdict() for each in references]


_SHELTER = json.list_json("shelter", lambda m: JsonList(m.facts.shelters.items, _shelter))


def claimed_by(batch: Batch) -> list[bytes]:
    """Encode the names of those who have claimed, as they are now: a person may be renamed, and is erased one day."""
    ids, person_name = batch.meanings.vocabularies.person.items, batch.meanings.person_name
    numbers = batch["claimed_by"].tolist()
    names = {n: msgspec.json.encode(person_name(ids[n])) if n != NONE else b"null" for n in set(numbers)}
    return [names[n] for n in numbers]


def joined_to(batch: Batch) -> list[bytes]:
    """Encode the ids of the requests that requests were joined to."""
    seqs, whole = batch["joined_to"], batch.whole
    found = [b"null"] * len(seqs)
    joined = np.flatnonzero(seqs != NONE)
    rows = np.minimum(np.searchsorted(whole["seq"], seqs[joined]), max(whole.n - 1, 0))
    known = np.flatnonzero(whole["seq"][rows] == seqs[joined])
    heads = json.ids(Batch(whole.part(rows[known]), batch.now_ms, batch.meanings, whole))
    for at, head in zip(joined[known].tolist(), heads, strict=True):
        found[at] = head
    return found


def waiting_s(batch: Batch) -> list[bytes]:
    """Encode the seconds since arrival."""
    return [b"%d" % ms for ms in (np.maximum(batch.now_ms - batch["received_at"], 0) // 1000).tolist()]

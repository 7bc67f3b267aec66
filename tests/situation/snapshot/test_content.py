"""What is written of a situation: numbers and positions mean the same, and nothing that no board has is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Role
from crisismap.core.privacy import Audience
from crisismap.situation.board.heap import Heap
from crisismap.situation.board.table import TABLE
from crisismap.situation.board.vocabularies import Vocabularies
from crisismap.situation.merge.layer_index import Facts
from crisismap.situation.snapshot import content
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis, ward

TEXTS = [text.names for text in TABLE.texts]


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def written(here: Crisis) -> content.Content:
    here.board()
    situation = here.context.views.situation
    return content.content_of(
        situation.boards(), {}, TEXTS, (situation.vocabularies, situation.merger.facts, situation.heap)
    )


def test_has_every_list_that_a_column_points_into() -> None:
    lists = content._growing(Vocabularies(), Facts())
    assert set(lists) == set(content.Lists.__struct_fields__) == set(content.NUMBERED)
    assert {name for names in content.NUMBERED.values() for name in names} <= set(TABLE.layout)


def test_writes_no_value_that_no_row_has(here: Crisis) -> None:
    here.put("wards", Role.AREA, ward(1, 80.15, 12.95), ward(2, 81.0, 12.95))
    report = here.post("rescue", **HERE)
    acts.claim(here.context, RESPONDER, report, None).result()
    lists = written(here).about.lists
    assert [area.name for area in lists.areas] == ["Ward 1"], "nobody is in the other"
    assert lists.person == [RESPONDER.id]
    acts.release(here.context, RESPONDER, report, None).result()
    assert written(here).about.lists.person == []


def test_writes_each_text_once_and_none_that_was_removed(here: Crisis) -> None:
    here.post("flooding", text="water in the street", **HERE)
    other = here.post("rescue", text="zanzibar", **HERE)
    for _ in range(3):
        acts.claim(here.context, RESPONDER, other, None).result()
        acts.release(here.context, RESPONDER, other, None).result()
    here.board()
    found = written(here)
    texts = b"".join(found.texts)
    assert len(texts) == found.text_bytes
    assert texts.count(b"water in the street") == 1, "both audiences read the same"
    assert texts.count(b"zanzibar") == 1
    acts.by_code(here.context, other, "withdraw", None).result()
    here.context.store.reports.erase(other, EventDraft("report.erase", other, "", here.clock())).result()
    here.board()
    assert b"zanzibar" not in b"".join(written(here).texts)
    assert b"water in the street" in b"".join(written(here).texts)


def test_gives_the_values_their_numbers_again(here: Crisis) -> None:
    here.put("flood", Role.HAZARD, ward(7, 80.15, 12.95), ward(8, 80.1, 12.9, 0.2))
    here.post("rescue", **HERE)
    found = written(here)
    lists = msgspec.json.decode(msgspec.json.encode(found.about), type=content.About).lists
    vocabularies, facts = Vocabularies(), Facts()
    content.fill(lists, vocabularies, facts)
    hazards = dict(found.arrays)[f"{Audience.AGENCY} hazards"]
    assert [each.name for each in facts.hazards.sets[hazards[0]]] == ["Ward 7", "Ward 8"]
    for name, (values, _) in content._growing(vocabularies, facts).items():
        assert list(values) == getattr(lists, name)


def test_copies_texts_that_lie_apart() -> None:
    heap = Heap()
    places = [heap.add(b'"%d"' % n) for n in range(6)]
    columns = {Audience.AGENCY: {"t_at": np.array([at for at, _ in places[::2]]), "t_len": np.array([3, 3, 3])}}
    found = content._gathered(heap, *content._move_texts(columns, [("t_at", "t_len")]))
    assert b"".join(found) == b'"0""2""4"'
    assert (columns[Audience.AGENCY]["t_at"] - content.FIRST).tolist() == [0, 3, 6]

"""The heap of texts: what was put in is taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.board.heap import BLOCK, FIRST, Heap


@given(st.lists(st.binary(max_size=20)))
def test_keeps_texts_where_they_were_put(texts: list[bytes]):
    heap = Heap()
    quoted = [b'"' + text + b'"' for text in texts]
    places = [heap.add(text) for text in quoted]
    assert [heap.take(*place) for place in places] == quoted
    assert len(heap) == 2 + sum(len(text) for text in quoted if text != b'""')


def test_keeps_texts_longer_than_a_block():
    heap = Heap()
    texts = [b'"a"', b'"' + b"b" * BLOCK + b'"', b'"c"', b'"' + b"d" * (BLOCK - 2) + b'"', b'"e"']
    places = [heap.add(text) for text in texts]
    assert [heap.take(*place) for place in places] == texts
    assert [place[0] for place in places] == sorted({place[0] for place in places})


def test_forgets_what_was_added_since_a_mark():
    heap = Heap()
    kept = heap.add(b'"kept"')
    mark = heap.mark()
    for text in (b'"zanzibar"', b'"' + b"zanzibar" * BLOCK + b'"', b'"zanzibar"'):
        heap.add(text)
    heap.rewind(mark)
    assert (heap.mark(), heap.position(mark)) == (mark, kept[0] + kept[1])
    assert b"zanzibar" not in heap.content()
    again = heap.add(b'"again"')
    assert (heap.take(*kept), heap.take(*again)) == (b'"kept"', b'"again"')


def test_blanks_a_text_for_everybody_who_knows_where_it_is():
    heap = Heap()
    heap.begin(bytearray(b'"one""two"'))
    heap.blank(FIRST, 5)
    assert (heap.take(FIRST, 5), heap.take(FIRST + 5, 5)) == (b'"   "', b'"two"')
    with pytest.raises(ValueError, match="has texts"):
        heap.begin(bytearray(b'"x"'))

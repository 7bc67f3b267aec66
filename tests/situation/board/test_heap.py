"""The heap of texts: what was put in is taken out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.board.heap import Heap


@given(st.lists(st.binary(max_size=20)))
def test_keeps_texts_where_they_were_put(texts: list[bytes]):
    heap = Heap()
    quoted = [b'"' + text + b'"' for text in texts]
    places = [heap.add(text) for text in quoted]
    assert [heap.take(*place) for place in places] == quoted
    assert len(heap) == 2 + sum(len(text) for text in quoted if text != b'""')

"""Layers as frames: lowest id first, geometry that contains somebody."""

from __future__ import annotations

from crisismap.situation.merge.layer_frame import id_order


def test_orders_ids_by_number_then_by_text() -> None:
    ids = ["x", "10", "2", "007", "7", "", "IDN.1", "9" * 5000]
    assert sorted(ids, key=id_order) == ["2", "007", "7", "10", "9" * 5000, "", "IDN.1", "x"]

"""What the map's icon atlas holds: rings of every mixture of priorities, and each symbol once."""

from __future__ import annotations

from crisismap.core.text import map_symbols, symbols


def test_has_a_ring_for_every_mixture_of_priorities() -> None:
    rings = list(map_symbols.all_rings())
    assert len(rings) == len(set(rings)) == 166
    assert all(sum(map(int, ring)) == map_symbols.RING_PARTS for ring in rings if ring)
    arcs = [map_symbols.cluster(ring).count("stroke-dasharray") for ring in ("", "8000", "4400", "1322")]
    assert arcs == [0, 1, 2, 4]


def test_names_everything_in_the_atlas_once() -> None:
    keys = [key for key, _ in map_symbols.sheet()]
    assert len(keys) == len(set(keys))
    assert all(map_symbols.cluster_key(ring) in keys for ring in map_symbols.all_rings())


def test_draws_information_smaller_on_the_map_and_nowhere_else() -> None:
    plain = symbols.Symbol("drop")
    atlas = dict(map_symbols.sheet())
    assert atlas[plain.key] != symbols.drawing(plain)
    assert symbols.drawing(plain) in atlas[plain.key]
    request = symbols.Symbol("drop", 1, "filled")
    assert atlas[request.key] == symbols.drawing(request)

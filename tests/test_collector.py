"""The garbage collector: off while objects are made that stay, and afterwards as it was."""

from __future__ import annotations

import gc

import pytest

from crisismap.collector import nothing_collected


@pytest.mark.parametrize("enabled", [True, False])
def test_leaves_the_collector_as_it_was(enabled: bool):
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with pytest.raises(ValueError, match="x"), nothing_collected():
            assert not gc.isenabled()
            raise ValueError("x")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()

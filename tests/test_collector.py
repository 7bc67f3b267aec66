"""The garbage collector: off while objects are made that stay, and afterwards as it was."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys

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


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library keeps no freed memory")
def test_gives_back_what_was_freed_between_objects_that_stay():
    """In a process of its own: what others have freed is given back too."""
    program = """
import psutil
from crisismap.collector import give_back
made = [bytes(4000) for _ in range(20_000)]
stays = made[::100]
del made
before = psutil.Process().memory_info().rss
give_back()
print(before - psutil.Process().memory_info().rss)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 40_000_000

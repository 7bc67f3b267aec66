"""Each key of a deployment is good for one purpose, and the same after a restart."""

from __future__ import annotations

from pathlib import Path

from crisismap.services.runtime.keys import Keys
from tests.conftest import FakeClock
from tests.services.deployment import opened


def keys(folder: Path, clock: FakeClock) -> Keys:
    with opened(folder, clock) as context:
        return context.keys


def derived(of: Keys) -> tuple[bytes, bytes, bytes]:
    return of.tracking_code, of.payload_hash, of.sender_mark


def test_has_one_key_for_each_purpose(tmp_path: Path, clock: FakeClock) -> None:
    own = derived(keys(tmp_path / "data", clock))
    assert len(set(own)) == 3
    assert all(len(key) >= 16 for key in own)


def test_keeps_the_derived_ones_and_makes_a_new_admin_token_each_run(tmp_path: Path, clock: FakeClock) -> None:
    first, again = (keys(tmp_path / "data", clock) for _ in range(2))
    assert derived(first) == derived(again)
    assert first.admin_token != again.admin_token


def test_shares_none_with_another_deployment(tmp_path: Path, clock: FakeClock) -> None:
    one, other = (derived(keys(tmp_path / name, clock)) for name in ("one", "other"))
    assert not set(one) & set(other)

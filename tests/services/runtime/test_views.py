"""The views of a deployment are made of one situation: what is kept shows in all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crisismap import bootstrap
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import Context
from crisismap.settings import read_settings
from tests.conftest import FakeClock
from tests.services.deployment import ask


def test_shows_a_report_in_all_of_them_at_once(context: Context, clock: FakeClock) -> None:
    views = context.views
    ask(context, text="the blue water tower")
    board = views.situation.board(Audience.AGENCY)
    assert board.n == 1
    [part] = views.features.features(board, np.arange(1), clock(), Audience.AGENCY)
    assert b"blue water tower" in b"".join(part)
    assert views.history.at(Audience.AGENCY, clock()).board.n == 1


@pytest.mark.parametrize("demo", [True, False])
def test_tells_a_demo_from_a_real_deployment(tmp_path: Path, clock: FakeClock, demo: bool) -> None:
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data")})
    with bootstrap.opened(settings, clock=clock, demo=demo) as context:
        assert context.views.made_up is demo


def test_keeps_its_epoch_over_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data")})
    with bootstrap.opened(settings, clock=clock) as context:
        assert context.views.epoch == ""
        context.store.upkeep.set_fact("epoch", "abc").result()
    with bootstrap.opened(settings, clock=clock) as context:
        assert context.views.epoch == "abc"

"""How the reader of tiles and its child speak: whole frames, or none."""

from __future__ import annotations

from io import BytesIO

import pytest

from crisismap.layers.sandbox.raster_child import ASK, PNG, read_frame, write_frame


def written(*frames: tuple[int, bytes]) -> bytes:
    pipe = BytesIO()
    for code, body in frames:
        write_frame(pipe, code, body)
    return pipe.getvalue()


def test_reads_frames_one_after_the_other() -> None:
    pipe = BytesIO(written((ASK, b"one"), (PNG, b""), (ASK, bytes(70_000))))
    assert [read_frame(pipe) for _ in range(4)] == [(ASK, b"one"), (PNG, b""), (ASK, bytes(70_000)), None]


@pytest.mark.parametrize("at", [0, 3, 5, 8])
def test_takes_no_frame_that_was_cut_off(at: int) -> None:
    whole = written((PNG, b"body"))
    assert read_frame(BytesIO(whole[:at])) is None
    assert read_frame(BytesIO(whole)) == (PNG, b"body")


def test_takes_no_frame_that_says_it_is_too_long() -> None:
    whole = written((PNG, b"body"))
    assert read_frame(BytesIO(whole), most=3) is None
    assert read_frame(BytesIO(whole), most=4) is not None

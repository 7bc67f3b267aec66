"""What arrives in parts is put together, or refused while it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from crisismap.core.errors import TooLarge, TooSlow
from crisismap.services.intake.read_body import read_stream


async def parts(*given: bytes, then_s: float = 0.0) -> AsyncIterator[bytes]:
    for part in given:
        yield part
    await asyncio.sleep(then_s)


def test_puts_it_together() -> None:
    assert asyncio.run(read_stream(parts(b"one", b"", b"two"), 6, 60, "form")) == b"onetwo"


def test_refuses_what_grows_too_large_before_its_end() -> None:
    with pytest.raises(TooLarge, match="The form may have at most 5 bytes"):
        asyncio.run(read_stream(parts(b"one", b"two", then_s=3600), 5, 60, "form"))


def test_waits_no_longer_than_told() -> None:
    with pytest.raises(TooSlow, match="The body did not arrive within 0 seconds; nothing was accepted"):
        asyncio.run(read_stream(parts(b"one", then_s=3600), 5, 0.01, "body"))

"""Reading a streamed request body within limits of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from crisismap.core.errors import TooLarge, TooSlow


async def read_stream(parts: AsyncIterator[bytes], limit: int, seconds: float, name: str) -> bytes:
    """Read the whole body, bounded by size and time; `name` is its name in errors. Raises TooLarge, TooSlow."""
    chunks, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for part in parts:
                size += len(part)
                if size > limit:
                    raise TooLarge("body_too_large", body=name, most=limit)
                chunks.append(part)
    except TimeoutError:
        raise TooSlow("body_too_slow", body=name, seconds=f"{seconds:.0f}") from None
    return b"".join(chunks)

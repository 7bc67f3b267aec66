"""What a stranger sends in parts: put together up to a size and within a time, refused while it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from crisismap.core.errors import TooLarge, TooSlow


async def arrived(parts: AsyncIterator[bytes], limit: int, seconds: float, name: str) -> bytes:
    """All of it. `name`: what it is, as people call it. Raises TooLarge beyond `limit` bytes, TooSlow."""
    held, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for part in parts:
                size += len(part)
                if size > limit:
                    raise TooLarge(f"The {name} may have at most {limit} bytes.")
                held.append(part)
    except TimeoutError:
        raise TooSlow(f"The {name} did not arrive within {seconds:.0f} seconds; nothing was accepted.") from None
    return b"".join(held)

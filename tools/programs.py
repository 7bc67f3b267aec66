"""Finding and installing the programs that tests drive: Chromium, and PostgreSQL with PostGIS.

`python -m tools.programs` (part of `make test`) installs what is missing if permitted, and otherwise names the tests
that are skipped and the command that enables them. The fixtures use the same two functions.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import debian

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POSTGRES_ROOTS = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"), Path("/opt/homebrew/opt"))
GET_CHROMIUM = "sudo apt-get install chromium   (Ubuntu: .venv/bin/python -m playwright install --with-deps chromium)"
GET_POSTGRES = "sudo apt-get install postgresql postgresql-15-postgis-3   (or the number your release has)"


def chromium() -> str | None:
    """Return the path of a Chromium or Chrome, the system's before one of Playwright's; None without one."""
    for name in CHROMIUM_NAMES:
        path = shutil.which(name)
        if path and not _is_snap_stub(path):
            return path
    installed = sorted((Path.home() / ".cache" / "ms-playwright").glob("chromium-*/chrome-linux*/chrome"))
    return str(installed[-1]) if installed else None


def _is_snap_stub(path: str) -> bool:
    """Return whether it is Ubuntu's `chromium-browser`, a shell script that only asks for a snap."""
    with open(path, "rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"snap install chromium" in start


def postgres() -> Path | None:
    """Return the `bin` folder of the newest PostgreSQL with PostGIS; None without one."""
    found = []
    for root in POSTGRES_ROOTS:
        for initdb in root.glob("*/bin/initdb"):
            config = initdb.with_name("pg_config")
            version = re.search(r"\d+", initdb.parent.parent.name)
            if version and _has_postgis(initdb.parent, config):
                found.append((int(version.group()), initdb.parent))
    return max(found)[1] if found else None


def _has_postgis(folder: Path, config: Path) -> bool:
    share = Path("/usr/share/postgresql") / folder.parent.name
    if not share.is_dir() and config.exists():
        result = subprocess.run([str(config), "--sharedir"], capture_output=True, text=True, check=False)
        share = Path(result.stdout.strip())
    return (share / "extension" / "postgis.control").exists()


def _get_chromium() -> None:
    packages = debian.available("^chromium$")
    if "chromium" in packages and debian.install(["chromium", "chromium-sandbox"]) and chromium():
        return
    if debian.prefix() is not None:  # Ubuntu has Chromium only as a snap; Playwright can install one
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=False)


def _get_postgres() -> None:
    pattern = r"^postgresql-[0-9]+-postgis-[0-9]+$"
    packages = debian.available(pattern)
    if not packages:
        return
    newest = max(packages, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])
    number = newest.split("-")[1]
    debian.install(["postgresql-" + number, newest])


def main() -> int:
    """Install what is missing if permitted and print what is skipped. Always 0: the tests themselves decide."""
    programs = [
        ("browser", "a Chromium", chromium, _get_chromium, GET_CHROMIUM),
        ("postgres", "a PostgreSQL with PostGIS", postgres, _get_postgres, GET_POSTGRES),
    ]
    notes: list[str] = []
    may = debian.prefix() is not None
    if may and not all(find() for _, _, find, _, _ in programs):
        debian.refresh()
    for marker, title, find, get, command in programs:
        if find() is None and may:
            get()
        if find() is None:
            notes.append(f"  tests marked '{marker}' are left out: {title} is missing. To get them:\n      {command}")
    if notes:
        why = "could not be installed" if may else "may not be installed from here (not root, no passwordless sudo)"
        print(f"Some programs the tests drive are missing and {why}:")
        print("\n".join(notes))
        print("  (`.venv/bin/pytest --collect-only -q -m 'browser or postgres'` names each test.)", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

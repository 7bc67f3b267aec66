"""Makes `.venv` with the crisismap command and everything `make run` and `make test` need (`make setup`).

Three steps, each repeated only if its inputs have changed: the locked packages with their hashes, the project itself
(editable), the locked JavaScript assets. Standard library only and readable by old Pythons, so that an old one can look
for a newer one or report that none was found.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools import debian

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "setup.json"
OLDEST = (3, 11)
# Newest first among those with wheels for all locked packages; a still newer one is a last resort.
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11", "python3", "python")
ABOUT = "import sys; print(*sys.version_info[:2]); import ensurepip, venv"


class Refused(Exception):
    """Set-up cannot continue; the message says what to do."""


def inspect_python(python: str) -> tuple[tuple[int, int], bool] | None:
    """Return (version, can make an environment with pip) of an interpreter; None if it does not start."""
    try:
        result = subprocess.run([python, "-c", ABOUT], capture_output=True, text=True, check=False)
        major, minor = result.stdout.split()
    except (OSError, ValueError):
        return None
    return (int(major), int(minor)), result.returncode == 0


def choose_python() -> tuple[str, tuple[int, int], bool]:
    """Return (path, version, has ensurepip) of the Python to use, preferably one with ensurepip."""
    found = []
    versions = []
    for place, name in enumerate(NAMES):
        path = shutil.which(name)
        about = inspect_python(path) if path else None
        if path and about:
            version, has_pip = about
            versions.append(f"{name} is {version[0]}.{version[1]}")
            if version >= OLDEST:
                found.append((not has_pip, place, path, version, has_pip))
    if not found:
        raise Refused(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; found: {', '.join(versions) or 'none'}.\n"
            "Install one (Debian 12 or newer, Ubuntu 24.04 or newer: apt-get install python3 python3-venv)."
        )
    _, _, path, version, has_pip = min(found)
    return path, version, has_pip


def make_venv() -> list[str]:
    """Make `.venv` unless a working one exists, and return its pip command."""
    inside = VENV / "bin" / "python"
    about = inspect_python(str(inside)) if inside.exists() else None
    pip = [str(inside), "-m", "pip"]
    if about and about[0] >= OLDEST and runs([*pip, "--version"]):
        return pip
    python, version, has_pip = choose_python()
    number = f"{version[0]}.{version[1]}"
    if not has_pip:
        debian.refresh()
        debian.install([f"python{number}-venv"])
        about = inspect_python(python)
        has_pip = about is not None and about[1]
    say(f"Making .venv with {python} ({number})")
    if has_pip:
        run([python, "-m", "venv", "--clear", str(VENV)])
        return pip
    # ensurepip is missing and cannot be installed, but another pip of that Python can fill such an environment.
    if runs([python, "-m", "pip", "--version"]) and runs([python, "-m", "venv", "--clear", "--without-pip", str(VENV)]):
        run([python, "-m", "pip", "--python", str(inside), "install", "--quiet", "pip"])
        return pip
    raise Refused(
        f"{python} ({number}) cannot make a virtual environment with pip, because its ensurepip is missing.\n"
        f"Install it and run this again:  sudo apt-get install python{number}-venv"
    )


def steps(pip: list[str]) -> dict[str, tuple[list[Path], list[str], Path | None]]:
    """Return name -> (input files, command, path that must exist afterwards)."""
    python = str(VENV / "bin" / "python")
    quiet = [] if sys.stdout.isatty() else ["--progress-bar", "off"]
    install = [*pip, "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if sys.stdout.isatty():
        install.remove("--quiet")
    lock = ROOT / "requirements-dev.txt"
    plan: dict[str, tuple[list[Path], list[str], Path | None]] = {
        "packages": ([lock], [*install, *quiet, "--require-hashes", "-r", str(lock)], None),
        "project": (
            [lock, ROOT / "pyproject.toml"],
            # The build backend is in the lock, so nothing is fetched without a hash.
            [*install, "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)],
            VENV / "bin" / "crisismap",
        ),
    }
    web = ROOT / "crisismap" / "web"
    if (web / "assets.py").exists():
        sources = ("assets.py", "atlas.py", "world.py", "../core/text/symbols.py")  # as in crisismap.web.assets.stamp
        reads = [*(web / each for each in sources), *sorted(web.glob("package*.json"))]
        vendor = web / "static" / "vendor"
        plan["assets"] = (reads, [python, "-m", "crisismap.web.assets"], vendor)
        # The lock names the version of Streamlit, whose files are compressed too.
        reads = [
            lock,
            web / "packed.py",
            *reads,
            *sorted(file for file in (web / "static").iterdir() if file.is_file()),
        ]
        plan["compressed files"] = (reads, [python, "-m", "crisismap.web.packed"], vendor / "packed")
    return plan


def fingerprint(files: list[Path], command: list[str]) -> str:
    """Return a hash of the files' contents, the command and the path of the checkout."""
    digest = hashlib.sha256(json.dumps([str(ROOT), command[-2:]]).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def main() -> int:
    """Bring `.venv` up to date; 0, or 1 with a sentence."""
    began = time.monotonic()
    os.chdir(str(ROOT))
    try:
        pip = make_venv()
        fingerprints: dict[str, str] = json.loads(STAMPS.read_text()) if STAMPS.exists() else {}
        has_changed = False
        for name, (files, command, result) in steps(pip).items():
            mark = fingerprint(files, command)
            if fingerprints.get(name) == mark and (result is None or result.exists()):
                continue
            say(f"Setting up: {name}" + (" (a few minutes the first time)" if name == "packages" else ""))
            run(command)
            fingerprints[name] = mark
            has_changed = True
            STAMPS.write_text(json.dumps(fingerprints))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if has_changed:
        say(f"Ready in {time.monotonic() - began:.0f} s: .venv/bin/crisismap")
    return 0


def run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise Refused("This failed, see the lines above:  " + " ".join(command))


def runs(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

"""Debian and Ubuntu packages: whether this user may install them, and installing them.

Standard library only and readable by old Pythons: it runs before there is a virtual environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess


def prefix() -> list[str] | None:
    """The words before `apt-get` when packages may be installed here without asking anybody, else None.

    That is: apt-get exists, the user is root or sudo needs no password, and APT=no is not set.
    """
    if os.environ.get("APT", "").lower() == "no" or shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def _apt(*arguments: str) -> bool:
    before = prefix()
    if before is None:
        return False
    command = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    return subprocess.run([*command, *arguments], check=False).returncode == 0


def refresh() -> bool:
    """Read the lists of packages anew (a fresh machine has none); False when not allowed or not reachable."""
    return _apt("update")


def install(packages: list[str]) -> bool:
    """Install packages from the machine's own sources; False when that is not allowed or fails."""
    print("Installing Debian packages: " + " ".join(packages), flush=True)
    return _apt("install", "-y", "--no-install-recommends", *packages)


def available(pattern: str) -> list[str]:
    """Names of packages the sources offer, matching a regular expression of apt-cache."""
    if shutil.which("apt-cache") is None:
        return []
    found = subprocess.run(
        ["apt-cache", "search", "--names-only", pattern], capture_output=True, text=True, check=False
    )
    return sorted(line.split()[0] for line in found.stdout.splitlines() if line.strip())

"""Installing Debian and Ubuntu packages, if this user is permitted to.

Standard library only and readable by old Pythons, because it runs before there is a virtual environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess


def prefix() -> list[str] | None:
    """Return the command prefix of `apt-get` if packages may be installed without confirmation, else None.

    Requires apt-get, root or sudo without a password, and APT=no not set.
    """
    if os.environ.get("APT", "").lower() == "no" or shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def _apt(*arguments: str) -> bool:
    command_prefix = prefix()
    if command_prefix is None:
        return False
    command = [*command_prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    return subprocess.run([*command, *arguments], check=False).returncode == 0


def refresh() -> bool:
    """Update the package lists (a fresh machine has none); False if not permitted or not reachable."""
    return _apt("update")


def install(packages: list[str]) -> bool:
    """Install packages from the machine's own sources; False if not permitted or failed."""
    print("Installing Debian packages: " + " ".join(packages), flush=True)
    return _apt("install", "-y", "--no-install-recommends", *packages)


def available(pattern: str) -> list[str]:
    """Return names of available packages that match a regular expression of apt-cache."""
    if shutil.which("apt-cache") is None:
        return []
    result = subprocess.run(
        ["apt-cache", "search", "--names-only", pattern], capture_output=True, text=True, check=False
    )
    return sorted(line.split()[0] for line in result.stdout.splitlines() if line.strip())

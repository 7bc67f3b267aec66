"""Settings from the environment, and reading of TOML files."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crisismap.core.errors import CrisismapError, Invalid, Misconfigured
from crisismap.core.incident import incident_from, place_text
from crisismap.core.people.identity import derive_key
from crisismap.core.people.permission import ROLES
from crisismap.core.place.place import Extent

ROOT = Path(__file__).resolve().parent.parent
SECRET_FILE = "secret.key"  # noqa: S105 - a file's name
MIN_SECRET = 32  # characters
OIDC = ("issuer", "client_id", "client_secret", "name", "claim", "roles")
DATABASES = ("sqlite:///", "postgresql+psycopg://")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, each as CRISISMAP_NAME in the environment."""

    data_dir: Path
    database_url: str
    secret_key: str
    public_url: str
    emergency_number: str
    tile_url: str
    rate_limit: bool
    trusted_proxies: tuple[str, ...] = ()
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    oidc_claim: str = "groups"
    oidc_roles: str = ""
    fetch_hosts: frozenset[str] = frozenset()
    incident_name: str = ""
    default_place: Extent | None = None
    time_zone: str = ""

    def key(self, purpose: str) -> bytes:
        """Return a 32-byte key derived for one purpose."""
        return derive_key(self.secret_key.encode(), purpose)

    def secret_check(self) -> str:
        """Return a value that identifies the secret without revealing it."""
        return self.key("secret-check").hex()[:32]

    @property
    def sqlite_path(self) -> Path | None:
        """Return the database file; None for PostgreSQL."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path) if scheme == "sqlite" else None

    def display_values(self) -> dict[str, str]:
        """Return what `crisismap check` prints: names as in the environment, secrets masked."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values["secret_key"] = "set" if self.secret_key else "made at first start"
        values["rate_limit"] = "on" if self.rate_limit else "off"
        values["trusted_proxies"] = ",".join(self.trusted_proxies)
        values["oidc_client_secret"] = "set" if self.oidc_client_secret else ""
        values["default_place"] = place_text(self.default_place)
        values["fetch_hosts"] = ", ".join(sorted(self.fetch_hosts))
        url = re.sub(r"://([^:/@]*):.*@", r"://\1:***@", self.database_url)
        values["database_url"] = re.sub(r"(?i)(password=)[^&]*", r"\1***", url)
        return {f"CRISISMAP_{name.upper()}": str(value) for name, value in values.items()}


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment, writing nothing. Raises Misconfigured naming the variable."""
    env = os.environ if environ is None else environ
    folder = Path(env.get("CRISISMAP_DATA_DIR") or ROOT / "data" / "var").expanduser().absolute()
    url = env.get("CRISISMAP_DATABASE_URL") or ""
    secret = env.get("CRISISMAP_SECRET_KEY", "")
    if secret and len(secret) < MIN_SECRET:
        raise Misconfigured("secret_too_short", least=MIN_SECRET, count=len(secret))
    if url and not url.startswith(DATABASES):
        raise Misconfigured("database_url_wrong", choices=" or ".join(DATABASES))
    if url.startswith("postgresql") and not secret:
        raise Misconfigured("secret_needed")
    limit = env.get("CRISISMAP_RATE_LIMIT") or "on"
    if limit not in ("on", "off"):
        raise Misconfigured("rate_limit_wrong", given=repr(limit))
    return Settings(
        data_dir=folder,
        database_url=url or f"sqlite:///{folder / 'crisismap.sqlite3'}",
        secret_key=secret,
        public_url=_url("CRISISMAP_PUBLIC_URL", env.get("CRISISMAP_PUBLIC_URL", "")),
        emergency_number=env.get("CRISISMAP_EMERGENCY_NUMBER", ""),
        tile_url=_url("CRISISMAP_TILE_URL", env.get("CRISISMAP_TILE_URL", "")),
        rate_limit=limit == "on",
        trusted_proxies=_networks("CRISISMAP_TRUSTED_PROXIES", env.get("CRISISMAP_TRUSTED_PROXIES", "")),
        **_oidc(env),
        fetch_hosts=_hosts(env.get("CRISISMAP_FETCH_HOSTS", "")),
        **_incident(env),
    )


def _incident(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the operator's description of the incident."""
    try:
        name, place, zone = (
            env.get(f"CRISISMAP_{each}", "") for each in ("INCIDENT_NAME", "DEFAULT_PLACE", "TIME_ZONE")
        )
        incident = incident_from(name, "", place, zone)
    except Invalid as problem:
        variables = {"name": "CRISISMAP_INCIDENT_NAME", "place": "CRISISMAP_DEFAULT_PLACE"}
        variable = variables.get(problem.field, "CRISISMAP_TIME_ZONE")
        why = CrisismapError(problem.code, **problem.details)  # the setting is named instead of the member
        raise Misconfigured("setting_wrong", setting=variable, problem=why) from None
    return {"incident_name": incident.name, "default_place": incident.place, "time_zone": incident.time_zone}


def _networks(name: str, value: str) -> tuple[str, ...]:
    """Return comma-separated addresses and networks in canonical form."""
    networks = []
    for part in filter(None, map(str.strip, value.split(","))):
        try:
            networks.append(str(ip_network(part, strict=False)))
        except ValueError:
            raise Misconfigured("setting_not_a_network", setting=name, given=repr(part)) from None
    return tuple(networks)


def _oidc(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of single sign-on. Raises Misconfigured if only part of them is set."""
    values = {name: env.get(f"CRISISMAP_OIDC_{name.upper()}", "").strip() for name in OIDC}
    values["claim"] = values["claim"] or "groups"
    settings = {f"oidc_{name}": value for name, value in values.items()}
    if not values["issuer"]:
        if partial := [name for name in ("client_id", "client_secret", "roles") if values[name]]:
            raise Misconfigured("oidc_setting_alone", setting=partial[0].upper())
        return settings
    issuer = urlsplit(_url("CRISISMAP_OIDC_ISSUER", values["issuer"]))
    if issuer.scheme != "https" and issuer.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise Misconfigured("issuer_wrong")
    for name in ("client_id", "client_secret", "roles"):
        if not values[name]:
            raise Misconfigured("oidc_setting_needed", setting=name.upper())
    for pair in values["roles"].split(","):
        value, _, role = pair.partition("=")
        if not value.strip() or role.strip() not in ROLES or role.strip() == "public":
            raise Misconfigured("oidc_roles_wrong", given=repr(pair.strip()))
    return settings


def with_secret(settings: Settings) -> Settings:
    """Return the settings with a secret: the one set, else the data folder's, made at the first start (0600)."""
    if settings.secret_key:
        return settings
    path = settings.data_dir / SECRET_FILE
    database = settings.sqlite_path
    if not path.exists() and database is not None and database.is_file():
        raise Misconfigured("secret_missing", folder=str(settings.data_dir), file=SECRET_FILE)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = path.read_text().strip()
    else:
        secret = secrets.token_urlsafe(48)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
    if len(secret) < MIN_SECRET:
        raise Misconfigured("secret_unusable", file=str(path))
    return replace(settings, secret_key=secret)


def make_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner only. Raises Misconfigured."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise Misconfigured("data_folder_not_made", folder=str(folder), problem=problem.strerror) from problem
    if not os.access(folder, os.W_OK):
        raise Misconfigured("data_folder_not_writable", folder=str(folder))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises Misconfigured naming it."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise Misconfigured("unreadable", what=path, problem=problem) from problem


def _hosts(value: str) -> frozenset[str]:
    """Return host names, each with a port if only that is meant. Raises Misconfigured for anything else."""
    names = [name.strip().lower() for name in value.split(",") if name.strip()]
    invalid = [name for name in names if not re.fullmatch(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?", name)]
    if invalid:
        raise Misconfigured("fetch_hosts_wrong", given=repr(invalid[0]))
    return frozenset(names)


def _url(name: str, value: str) -> str:
    if value and not (urlsplit(value).scheme in ("http", "https") and urlsplit(value).netloc):
        raise Misconfigured("setting_not_a_url", setting=name, given=repr(value))
    return value.rstrip("/") if name.endswith("PUBLIC_URL") else value

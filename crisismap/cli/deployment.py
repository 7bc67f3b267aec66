"""The deployment that a command works on: through its running server, or opened here when none runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from crisismap import bootstrap
from crisismap.core.errors import CrisismapError, Unavailable
from crisismap.core.event import Chain
from crisismap.core.layer.layer import LayerVersion
from crisismap.core.privacy import Audience
from crisismap.exports import EXPORTS
from crisismap.services.accounts import sign_in
from crisismap.services.accounts.sign_in import TokenRequest
from crisismap.services.intake.import_rows import ImportRow, RowOutcome, keep_rows
from crisismap.services.layers.publish import pack_layer, put_read
from crisismap.services.lists import read
from crisismap.services.operations.retention import retain
from crisismap.services.reporter.erasure import erase_by_code
from crisismap.services.runtime.context import COMMAND_LINE, Context, require
from crisismap.settings import Settings
from crisismap.situation.board.selection import Selection

T = TypeVar("T")
Fields = dict[str, Any]
PACKED = "application/x-crisismap-layer"


class LocalDeployment:
    """A deployment opened by the command itself."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def import_rows(self, rows: Sequence[ImportRow]) -> list[RowOutcome]:
        """Import rows of a file."""
        context = self._context
        return keep_rows(context.intake, context.store, context.views, COMMAND_LINE, rows)

    def put_layer(self, version: LayerVersion, confirm: str | None = None) -> LayerVersion:
        """Store a layer and return it as stored. `confirm`: its id, to store it whatever would be lost."""
        return put_read(self._context, COMMAND_LINE, version, confirm=confirm)

    def invite(self, name: str, role: str, org: str) -> str:
        """Add a person and return the invitation's secret."""
        return sign_in.invite(self._context.store, self._context.clock(), COMMAND_LINE, name, role, org)

    def create_token(self, request: TokenRequest) -> str:
        """Create a token and return it."""
        return sign_in.make_token(self._context.store, self._context.clock(), COMMAND_LINE, request)

    def tokens(self) -> list[dict[str, Any]]:
        """Return the valid tokens, without their secrets."""
        tokens = sign_in.tokens(self._context.store, self._context.clock(), COMMAND_LINE)
        return [sign_in.token_summary(each) for each in tokens]

    def revoke(self, credential_id: str) -> str:
        """Revoke a credential and return its kind."""
        return str(sign_in.revoke(self._context.store, self._context.clock(), COMMAND_LINE, credential_id))

    def export(
        self, form: str, audience: Audience, query: dict[str, str], selection: Selection, *, bom: bool = False
    ) -> Iterator[bytes]:
        """Return the reports in a format."""
        require(COMMAND_LINE, "export.take")
        table = read.table(self._context.views, self._context.clock(), audience, selection, taker=COMMAND_LINE)
        stream = EXPORTS[form].stream(table, bom=bom)
        read.record_export(self._context.store, self._context.clock(), COMMAND_LINE, form, len(table.rows), audience)
        return stream

    def erase(self, code: str) -> str:
        """Erase the report of a tracking code and return its id."""
        return erase_by_code(
            self._context.store, self._context.views, self._context.settings, self._context.clock(), COMMAND_LINE, code
        )

    def retain(self, dry_run: bool) -> dict[str, int]:
        """Remove data past its retention period and return the count of each class."""
        return retain(self._context, COMMAND_LINE, dry_run=dry_run)


class ServerDeployment:
    """A deployment with a running server."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def import_rows(self, rows: Sequence[ImportRow]) -> list[RowOutcome]:
        """See LocalDeployment."""
        return self._ask("POST", "/api/v1/reports:import", rows, list[RowOutcome])

    def put_layer(self, version: LayerVersion, confirm: str | None = None) -> LayerVersion:
        """See LocalDeployment."""
        path = f"/api/v1/layers/{version.layer.id}?role={version.layer.role}"
        path += f"&confirm={quote(confirm, safe='')}" if confirm else ""
        answer = msgspec.json.decode(self._send("PUT", path, pack_layer(version), {"Content-Type": PACKED}))
        return replace(version, version=int(answer["version"]), notes=tuple(answer["notes"]))

    def invite(self, name: str, role: str, org: str) -> str:
        """See LocalDeployment."""
        return str(self._ask("POST", "/api/v1/people", {"name": name, "role": role, "org": org}, Fields)["invitation"])

    def create_token(self, request: TokenRequest) -> str:
        """See LocalDeployment."""
        return str(self._ask("POST", "/api/v1/tokens", request, Fields)["token"])

    def tokens(self) -> list[dict[str, Any]]:
        """See LocalDeployment."""
        return self._ask("GET", "/api/v1/tokens", None, list[Fields])

    def revoke(self, credential_id: str) -> str:
        """See LocalDeployment."""
        return str(self._ask("DELETE", f"/api/v1/tokens/{quote(credential_id, safe='')}", None, Fields)["revoked"])

    def export(
        self, form: str, audience: Audience, query: dict[str, str], selection: Selection, *, bom: bool = False
    ) -> Iterator[bytes]:
        """See LocalDeployment."""
        params = {**query, "audience": str(audience), **({"bom": "true"} if bom else {})}
        with self._client.stream("GET", f"/api/v1/reports.{form}", params=params) as answer:
            if answer.status_code != 200:
                raise _error_of(answer.read())
            yield from answer.iter_bytes()

    def verify_log(self, known: tuple[int, str] | None) -> Chain:
        """Verify the chain of events; `known` is a revision with its hash stored elsewhere."""
        body = {"known": {"revision": known[0], "head": known[1]} if known else None}
        return self._ask("POST", "/api/v1/log:verify", body, Chain)

    def erase(self, code: str) -> str:
        """See LocalDeployment."""
        return str(self._ask("POST", "/api/v1/erasures", {"code": code}, Fields)["id"])

    def retain(self, dry_run: bool) -> dict[str, int]:
        """See LocalDeployment."""
        return self._ask("POST", "/api/v1/retention", {"dry_run": dry_run}, dict[str, int])

    def note_backup(self) -> int:
        """Record that a backup begins and return the revision that it must contain."""
        return int(self._ask("POST", "/api/v1/backups", None, Fields)["revision"])

    def _ask(self, method: str, path: str, body: object, kind: type[T]) -> T:
        content = b"" if body is None else msgspec.json.encode(body)
        return msgspec.json.decode(self._send(method, path, content), type=kind)

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
        answer = self._client.request(method, path, content=body, headers=headers)
        if answer.status_code >= 400:
            raise _error_of(answer.content)
        return answer.content


Deployment = LocalDeployment | ServerDeployment


@contextmanager
def running(settings: Settings) -> Iterator[ServerDeployment | None]:
    """Yield the server that runs on a data folder; None if there is none."""
    note = bootstrap.ServerNote(settings.data_dir).read()
    client = _client(note) if note else None
    if client is None:
        yield None
        return
    with closing(client):
        yield ServerDeployment(client)


@contextmanager
def deployment(settings: Settings) -> Iterator[Deployment]:
    """Yield the deployment of a data folder. Raises AlreadyRunning if another command has it open."""
    with running(settings) as server:
        if server is not None:
            yield server
            return
    with bootstrap.opened(settings, demo=None) as context:
        yield LocalDeployment(context)


def _client(note: dict[str, Any]) -> httpx.Client | None:
    """Return a client of the server that wrote the note, None if it no longer runs."""
    if not _runs(note.get("pid")):
        return None  # killed; another server may answer at its address now
    headers = {"Authorization": f"Bearer {note['token']}"}
    client = httpx.Client(base_url=note["url"], headers=headers, timeout=120, trust_env=False)
    with suppress(httpx.HTTPError, httpx.InvalidURL):
        if client.get("/healthz", timeout=5).status_code == 200:
            return client
    client.close()
    return None


def _runs(pid: object) -> bool:
    """Return whether such a process exists; it may be another program's."""
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _error_of(answer: bytes) -> CrisismapError:
    try:
        return CrisismapError("refused_by_server", problem=str(msgspec.json.decode(answer)["detail"]))
    except (msgspec.MsgspecError, KeyError, TypeError):
        return Unavailable("server_answer_unreadable")

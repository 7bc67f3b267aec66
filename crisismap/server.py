"""The server process: desk, pages and API, and the file by which commands find it.

`st.App` is made in two places only: app.py for `streamlit run`, and here for `serve` and `demo`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager

from crisismap import bootstrap, logs
from crisismap.api.app import make_api
from crisismap.api.desk_guard import MB, MESSAGE_MB
from crisismap.api.front import DeskPaths, Front
from crisismap.api.http.idle import KEEP_ALIVE_S, Reaper, raise_limit
from crisismap.api.live import end_all
from crisismap.services.accounts.sign_in import invite_first
from crisismap.settings import ROOT, Settings, read_settings
from crisismap.ui.frame import style
from crisismap.ui.navigation import DEFAULT, PAGES
from crisismap.web.desk_files import DeskFiles
from crisismap.web.packed import streamlit_files
from crisismap.web.routes import nowhere, routes

UI = ROOT / "crisismap" / "ui" / "main.py"
GRACE_S = 4  # for responses in progress when the server must stop
STOP_S = 12  # from the signal to the end of the process, whatever it is doing
SWITCH_S = 0.0005  # shorter than the default, so that the writer and the event loop alternate faster


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings and address of this process."""

    settings: Settings
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 8501

    @property
    def url(self) -> str:
        """Return its URL on this machine."""
        host = "127.0.0.1" if self.host in ("", "0.0.0.0", "::") else self.host  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


_plan: Plan | None = None


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open the deployment before the first request, close it after the last."""
    plan = _plan or Plan(read_settings(), port=st.get_option("server.port"))
    sys.setswitchinterval(SWITCH_S)
    running = _server()  # before our own signal handlers are installed
    stopping = threading.Event()
    _stop_soon_when_asked(stopping)
    raise_limit()
    reaper = None
    if running is not None:
        # Streamlit creates the configuration and has no options for these.
        running.config.timeout_keep_alive, running.config.timeout_graceful_shutdown = KEEP_ALIVE_S, GRACE_S
        running.config.ws_max_size = 2 * MESSAGE_MB * MB  # read for each socket when it opens; see api/desk_guard.py
        reaper = asyncio.create_task(Reaper(running.server_state.connections).run())
    # Until main.py has run once, Streamlit takes ui/pages for pages of its own and knows no other URLs.
    PagesManager.uses_pages_directory = False
    logs.set_up()  # again: uvicorn and Streamlit have installed handlers meanwhile
    with bootstrap.opened(plan.settings, demo=plan.demo, jobs=True, stopping=stopping) as context:
        bootstrap.install(context)
        note = bootstrap.ServerNote(plan.settings.data_dir)
        note.write(plan.url, context.keys.admin_token)
        if not plan.demo and (secret := invite_first(context.store, context.clock())):
            link = f"{plan.settings.public_url or plan.url}/login?invitation={secret}"
            print(f"Nobody has an account yet. The first administrator signs in here, once: {link}", flush=True)
        context.rules.detector.read()  # now, not while the first report waits
        gc.collect()
        gc.freeze()
        try:
            yield {}
        finally:
            note.remove()
            bootstrap.install(None)
            if reaper is not None:
                reaper.cancel()


def _server() -> uvicorn.Server | None:
    """Return the server that Streamlit made, found by its signal handler because no API offers it."""
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return owner if isinstance(owner, uvicorn.Server) else None


def _stop_soon_when_asked(stopping: threading.Event) -> None:
    """At the first signal end live streams and jobs, and limit the wait for other responses and for the exit."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def handle(sent: int, frame: FrameType | None, before: Any = before) -> None:
            if not stopping.is_set():
                signal.alarm(STOP_S)
                stopping.set()
            loop.call_soon_threadsafe(end_all)
            if callable(before):
                before(sent, frame)

        signal.signal(number, handle)
    signal.signal(signal.SIGALRM, _give_up)


def _give_up(_sent: int, _frame: FrameType | None) -> None:
    """End the process without cleaning up. Whatever was acknowledged is on disk, as after a power cut."""
    names = ", ".join(sorted({thread.name for thread in threading.enumerate()}))
    print(f"crisismap did not end in {STOP_S} s and is ended now; still at work: {names}", file=sys.stderr, flush=True)
    os._exit(0)


class _HeldFiles:
    """The files that Streamlit holds for its sessions."""

    def sizes(self) -> dict[str, int]:
        """Return the bytes held by session id."""
        stored = _file_manager().file_storage.copy()
        return {id_: sum(len(file.data) for file in list(files.values())) for id_, files in stored.items() if files}

    def remove(self, session_id: str) -> None:
        """Remove the files of a session."""
        _file_manager().remove_session_files(session_id)


def _file_manager() -> MemoryUploadedFileManager:
    manager = get_instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        raise TypeError(manager)
    return manager


def front() -> list[Middleware]:
    """Return the outermost middleware, with everything except the desk behind it."""
    files = DeskFiles(streamlit_files())
    paths = DeskPaths(frozenset(page.path for page in PAGES), DEFAULT.path, nowhere(), files)
    return [Middleware(Front, api=make_api(routes()), paths=paths, files=_HeldFiles())]


def serve(plan: Plan) -> None:
    """Serve until stopped. All Streamlit options are passed here, because its file is read from one folder only."""
    global _plan  # noqa: PLW0603 - the lifespan has no other way to learn what to open
    _plan = plan
    trust_proxies(plan.settings)
    app = st.App(str(UI), middleware=front(), lifespan=lifespan)
    app.run(config=options(plan))


def trust_proxies(settings: Settings) -> None:
    """Trust X-Forwarded-For of the named proxies only; uvicorn's default would trust this machine too."""
    os.environ["FORWARDED_ALLOW_IPS"] = ",".join(settings.trusted_proxies)


def options(plan: Plan) -> dict[str, Any]:
    """Return Streamlit's options. postScriptGC costs 90 ms CPU per rerun; usage statistics contact a third party."""
    return {
        "server.address": plan.host,
        "server.port": plan.port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 20,
        "server.enableStaticServing": False,
        "runner.postScriptGC": False,
        "runner.fastReruns": True,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,  # they lead to third parties
        "client.toolbarMode": "minimal",
        "client.showSidebarNavigation": True,
        "logger.level": "warning",
        "logger.hideWelcomeMessage": True,
        # Streamlit's cache of large messages fails when runs follow each other quickly (the page shows "Cached
        # ForwardMsg MISS"), so the limit is above any message.
        "global.minCachedMessageSize": 1e12,
        **style.options(),
    }

"""The peer of the ingest job, as in FastAPI's and SQLModel's own tutorials, with their defaults.

One table with a unique client_id, a session per request, a commit per report; pydantic checks the body. Nothing is
redacted, merged, chained, published or followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, create_engine, func, select


class ReportBase(SQLModel):
    """The fields of a report."""

    category: str = Field(index=True)
    text: str | None = None
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    accuracy_m: float | None = None
    people: int | None = None
    client_id: str | None = Field(default=None, unique=True)


class Report(ReportBase, table=True):
    """The stored report."""

    id: int | None = Field(default=None, primary_key=True)


class ReportCreate(ReportBase):
    """The body of a POST."""


engine = create_engine(
    f"sqlite:///{Path(os.environ['BENCH_FOLDER']) / 'reports.sqlite3'}", connect_args={"check_same_thread": False}
)


def session() -> Iterator[Session]:
    """Yield one session per request."""
    with Session(engine) as open_session:
        yield open_session


@asynccontextmanager
async def lifespan(_app: FastAPI) -> Any:
    """Make the table."""
    SQLModel.metadata.create_all(engine)
    yield


app = FastAPI(lifespan=lifespan)
OpenSession = Annotated[Session, Depends(session)]


@app.post("/api/v1/reports", status_code=201)
def create(report: ReportCreate, open_session: OpenSession) -> Report:
    """Store one report."""
    stored = Report.model_validate(report)
    open_session.add(stored)
    try:
        open_session.commit()
    except IntegrityError:
        raise HTTPException(409, "client_id was used before") from None
    open_session.refresh(stored)
    return stored


@app.get("/count")
def count(open_session: OpenSession) -> int:
    """Return the number of reports."""
    return open_session.exec(select(func.count()).select_from(Report)).one()


@app.get("/healthz")
def healthz() -> str:
    """Answer that it is running."""
    return "ok"

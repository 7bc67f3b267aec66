"""The clients of a storm count what really happened to them, and the comparison afterwards finds what is lost."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from benchmarks.storm import arrivals, watchers
from benchmarks.storm.lane import Call, Lane
from benchmarks.storm.seen import Stored, delays, stored
from benchmarks.storm.wants import wants

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CREATED = b'HTTP/1.1 201 Created\r\ncontent-length: 15\r\n\r\n{"revision":17}'


def answering(*answers: bytes) -> Serve:
    """A server that gives each request of a connection the next answer, and closes the connection at an empty one."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for answer in answers:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                if not answer:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    return serve


def calling(serve: Serve, calls: list[Call], *, most: int = 1, impatient: bool = False) -> Lane:
    """A lane after it has made the calls, one connection after the other; the impatient hang up at once."""

    served: list[asyncio.Task[None]] = []

    async def serve_to_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(cast("asyncio.Task[None]", asyncio.current_task()))
        await serve(reader, writer)
        with suppress(OSError):
            await writer.wait_closed()

    async def run() -> Lane:
        async with await asyncio.start_server(serve_to_the_end, "127.0.0.1") as server:
            lane = Lane("127.0.0.1", server.sockets[0].getsockname()[1], 60.0, most)
            for call in calls:
                call.due = call.due or time.perf_counter()
                lane.take(call)
            for _ in range(1_000):
                if not lane.busy:
                    break
                await asyncio.sleep(0.01)
                if impatient:
                    lane.sweep(time.perf_counter() + lane.timeout_s)
            lane.close()
            await asyncio.gather(*served)
            return lane

    return asyncio.run(run())


def post(key: str = "k") -> Call:
    return Call(b"POST / HTTP/1.1\r\n\r\n", key)


def test_counts_from_when_a_request_was_meant_to_be_sent() -> None:
    call = post()
    call.due = time.perf_counter() - 100
    assert calling(answering(CREATED), [call]).latencies[0] >= 100


def test_reads_the_revision_of_a_post_and_uses_its_connection_again() -> None:
    calls = [post("a"), post("b")]
    lane = calling(answering(CREATED, CREATED), calls)
    assert lane.statuses == {201: 2} and lane.body_bytes == 30
    assert [call.revision for call in calls] == [17, 17]


def test_reads_an_answer_in_chunks_to_its_end() -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    lane = calling(answering(chunked, CREATED), [post(), post()])
    assert lane.statuses == {200: 1, 201: 1}


def test_opens_another_connection_after_one_that_the_server_closes() -> None:
    closing = b"HTTP/1.1 503 Busy\r\nConnection: close\r\ncontent-length: 0\r\n\r\n"
    lane = calling(answering(closing), [post(), post()])
    assert (lane.statuses, lane.resets) == ({503: 2}, 0)


def test_counts_who_hangs_up_and_knows_nothing_of_the_post() -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    calls = [post("a"), post("b")]
    lane = calling(never, calls, impatient=True)
    assert (lane.timeouts, lane.resets, lane.latencies) == (2, 0, [])
    assert all(call.unanswered for call in calls)


def test_counts_a_connection_that_is_reset() -> None:
    call = post()
    lane = calling(answering(b""), [call])
    assert (lane.resets, lane.timeouts) == (1, 0)
    assert call.unanswered


def test_lets_exactly_so_many_come_and_wants_the_tiles_of_a_view_together() -> None:
    assert len(arrivals.moments(random.Random(1), 20, 3)) == 60
    assert all(0 <= at <= 3 for at in arrivals.moments(random.Random(1), 20, 3))
    made = wants("tiles", "http://h:1", "", 1, 20)
    assert len(made.calls) == 20 and made.together == 8
    senders = [call.request.split(b"X-Forwarded-For: ")[1].split(b"\r")[0] for call in made.calls]
    assert len(set(senders[:8])) == 1 and len(set(senders)) == 3


def test_gives_every_phone_a_key_and_phones_many_addresses() -> None:
    calls = wants("posts", "http://h:1", "", 1, 30).calls
    assert len({call.key for call in calls}) == 30
    assert len({call.request.split(b"X-Forwarded-For: ")[1].split(b"\r")[0] for call in calls}) > 5


def kept(path: Path, keys: list[str], revisions: list[int]) -> Path:
    zeros = np.zeros(len(keys))
    np.savez(path, key=np.array(keys, "S36"), due=zeros, answered=zeros + 1, revision=np.array(revisions))
    return path


@pytest.mark.parametrize(
    ("in_store", "expected"),
    [
        (["old", "a", "b"], Stored(2, lost=0, doubled=0, unanswered_kept=0)),
        (["old", "a"], Stored(2, lost=1, doubled=0, unanswered_kept=0)),
        (["old", "a", "b", "c"], Stored(2, lost=0, doubled=0, unanswered_kept=1)),
        (["old", "a", "b", "another key"], Stored(2, lost=0, doubled=1, unanswered_kept=0)),
    ],
)
def test_finds_what_is_lost_and_what_is_there_twice(tmp_path: Path, in_store: list[str], expected: Stored) -> None:
    posts = kept(tmp_path / "posts.npz", ["a", "b", "c"], [5, 6, 0])
    with sqlite3.connect(tmp_path / "store") as connection:
        connection.execute("CREATE TABLE report (client_id TEXT)")
        connection.executemany("INSERT INTO report VALUES (?)", [(key,) for key in in_store])
    connection.close()
    assert stored(tmp_path / "store", [posts], before=1) == expected


def test_counts_until_each_viewer_was_told_and_until_the_end_for_who_never_was(tmp_path: Path) -> None:
    posts = kept(tmp_path / "posts.npz", ["a", "b"], [5, 0])
    # Of two viewers the first had revision 4, then 6; the second only 4.
    np.savez(
        tmp_path / "watched.npz",
        times=np.array([0.5, 3.0, 0.5]),
        revisions=np.array([4, 6, 4]),
        counts=np.array([2, 1]),
    )
    from_due, from_answer = delays(posts, tmp_path / "watched.npz", until=10.0)
    assert from_due.tolist() == [3.0, 10.0]
    assert from_answer.tolist() == [2.0, 9.0]


def test_asks_for_no_more_viewers_than_files_can_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchers.resource, "getrlimit", lambda _kind: (1_024, 4_096))
    assert watchers.possible(1_000) == 1_000
    assert watchers.possible(5_000) == 4_096 - watchers.SPARE

"""Workers that are killed, stopped, cut off: what they were walking is walked again, and only then."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psycopg
from tests.support.a_worker import a_worker, runs, until
from tests.support.grounds import enqueue, ground_at, make, place_of
from tests.support.places import opened
from tests.support.postgres_server import restarted, running_postgres

from nova.core.errors import NotReady
from nova.pipelines.engine import BACKGROUND, INTERACTIVE, Client, Ground, LegState
from nova.pipelines.lease import GRACE_SECONDS
from nova.pipelines.lock import hold
from nova.store import workers
from nova.store.database import Database

RUNS = [f"r{number}" for number in range(4)]
TAKEOVER_SECONDS_MAX = 8.0


def test_a_killed_worker_s_legs_are_walked_again(
    ground: Ground, database: Database, client: Client, tmp_path: Path
) -> None:
    """After kill -9 every leg that was in flight is walked again by the next start, and once each."""
    enqueue(database, client, RUNS, BACKGROUND, "airep")
    with a_worker(place_of(ground), tmp_path) as first:
        until(lambda: len(runs(tmp_path, "begun")) == len(RUNS), "not all have begun")
        first.kill()
        first.wait()
    assert {one.state for one in client.unfinished()} == {LegState.RUNNING}
    (tmp_path / "go").touch()
    with a_worker(place_of(ground), tmp_path) as second:
        until(lambda: not client.unfinished(), "not all have ended")
        assert sorted(runs(tmp_path, "begun", second.pid)) == RUNS
    assert sorted(runs(tmp_path, "ended")) == RUNS


def test_a_worker_that_is_asked_to_stop_leaves_its_legs_and_says_so(
    ground: Ground, database: Database, client: Client, tmp_path: Path
) -> None:
    """SIGTERM ends a worker with exit code 0; its row says when, and its legs wait for the next one."""
    enqueue(database, client, RUNS, INTERACTIVE)
    with a_worker(place_of(ground), tmp_path) as worker:
        until(lambda: len(runs(tmp_path, "begun")) == len(RUNS), "not all have begun")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0
    assert (tmp_path / "said").read_text(encoding="utf-8") == ""
    assert {one.state for one in client.unfinished()} == {LegState.QUEUED}
    with database.read() as connection:
        (row,) = workers.listed(connection)
    assert row.pid == worker.pid
    assert row.ended_at is not None


def test_of_two_workers_the_living_one_goes_on(postgres_ground: Ground, tmp_path: Path) -> None:
    """On PostgreSQL the legs of a killed worker are continued by another within 8 s, and its own are left in peace."""
    place = place_of(postgres_ground)
    database, client = opened(place), Client.open(postgres_ground)
    with a_worker(place, tmp_path) as first:
        enqueue(database, client, ["own"], INTERACTIVE)
        until(lambda: runs(tmp_path, "begun") == ["own"], "it has not begun")
        with a_worker(place, tmp_path) as second:
            enqueue(database, client, RUNS, BACKGROUND, "airep")
            until(lambda: len(runs(tmp_path, "begun")) == 1 + len(RUNS), "not all have begun")
            lost = runs(tmp_path, "begun", first.pid)
            kept = runs(tmp_path, "begun", second.pid)
            first.kill()
            killed = time.monotonic()
            until(lambda: sorted(runs(tmp_path, "begun", second.pid)) == sorted([*kept, *lost]), "not taken over")
            assert time.monotonic() - killed < TAKEOVER_SECONDS_MAX
            (tmp_path / "go").touch()
            until(lambda: not client.unfinished(), "not all have ended")
    assert sorted(runs(tmp_path, "ended")) == ["own", *RUNS]
    client.close()
    database.close()


def test_nobody_is_taken_over_who_lives(tmp_path: Path) -> None:
    """Lease connections that are cut, and a server that restarts, make no worker take over what another one walks."""
    with running_postgres() as address:
        with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE nova")
        place = address.format("nova")
        make(place)
        database, client = opened(place), Client.open(ground_at(place))
        with a_worker(place, tmp_path) as first, a_worker(place, tmp_path) as second:
            enqueue(database, client, [*RUNS, "r4", "r5", "r6", "r7", "r8", "r9"], INTERACTIVE)
            until(lambda: len(runs(tmp_path, "begun")) == 10, "not all have begun")
            before = runs(tmp_path, "begun")
            for _ in range(3):
                cut = _cut_one(place)
                until(lambda gone=cut: len({*_alive(place)} - {gone}) == 2, "the lease is not taken again")
            with restarted(address):
                until(lambda: len(_alive(place)) == 2, "the leases are not taken again")
                time.sleep(GRACE_SECONDS + 1.5)  # what must not happen would have happened by now
                assert runs(tmp_path, "begun") == before
                (tmp_path / "go").touch()
                until(lambda: len(runs(tmp_path, "ended")) == 10, "not all have ended")
                assert {first.poll(), second.poll()} == {None}
                until(lambda: not client.unfinished(), "an end was not recorded")
        client.close()
        database.close()


def test_a_second_launcher_on_one_file_is_refused(sqlite_ground: Ground, tmp_path: Path) -> None:
    """The second start on one SQLite file exits with 3 and names command, process and time of the one that has it."""
    place = place_of(sqlite_ground)
    with a_worker(place, tmp_path) as first, a_worker(place, tmp_path) as second:
        assert second.wait(timeout=20) == NotReady.exit_code
        said = (tmp_path / "said").read_text(encoding="utf-8")
        assert "“nova worker”" in said
        assert f"process {first.pid}, since 20" in said
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=20) == 0
    hold(Path(place), "the next").release()


def _alive(place: str) -> list[int]:
    """The server's processes behind the leases."""
    try:
        with psycopg.connect(place, autocommit=True) as connection:
            return [
                row[0]
                for row in connection.execute(
                    "SELECT a.pid FROM pg_stat_activity a JOIN pg_locks l USING (pid) "
                    "WHERE application_name = 'nova-lease' AND locktype = 'advisory'"
                )
            ]
    except psycopg.OperationalError:
        return []


def _cut_one(place: str) -> int:
    cut = _alive(place)[0]
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [cut])
    return cut

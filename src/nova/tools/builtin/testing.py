"""The tool that runs a project's own tests, in the sandbox, on a copy that is thrown away.

Knows what to say of a run; `trying` knows runners and their output, `policy.sandbox` holds what is executed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import ToolFailed
from nova.core.text import printable
from nova.policy import sandbox
from nova.policy.bubblewrap import FOLDER
from nova.policy.gate import Effect
from nova.policy.interpreters import Interpreter, interpreter_of
from nova.policy.sandbox import Ran
from nova.projects.sources.files import files_of, read_text
from nova.tools.builtin.worktree import found
from nova.tools.spec import Arguments, Data, Reach, ResultLine, Tool, ToolResult, as_given, result, typed
from nova.tools.trying.runners import Runner, runner_of
from nova.tools.trying.verdicts import Counted, counted

SECONDS_MAX = 600.0
TAIL_LINES = 40
_LEFT_SECONDS = 3_600.0  # longer than any run of tests may take
_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
_LEFT_OUT = (".git", ".venv", "venv", "node_modules", "__pycache__")
_IMPORTABLE = "import importlib.util as u, sys; print(*[n for n in sys.argv[1:] if u.find_spec(n) is None])"


class TestsRun(Arguments):
    """Arguments of tests_run."""

    worktree: str = Field(default="", description="Id of a worktree; empty for the project as it lies.")
    paths: list[str] = Field(default_factory=list[str], description="Only these test files or folders; empty for all.")


class Tested(Data):
    """A run of tests. passed: None when they were not run, or there are none; missing: what was not there for it.

    count: tests that ran; broken: names of those that failed; tail: the last lines of the output.
    """

    passed: bool | None
    count: int
    failed: int
    errors: int
    seconds: float
    missing: list[str]
    broken: list[str]
    tail: list[str]
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """What is tried. source: the files; folder: their copy.

    in_src: its packages lie in `src`; where they are installed by a link, that link leads out of the sandbox.
    """

    source: Path
    folder: Path
    python: Interpreter
    runner: Runner
    in_src: bool


async def _run(arguments: Arguments, reach: Reach) -> ToolResult:
    given = as_given(TestsRun, arguments)
    stands = await sandbox.ready()
    if not stands.usable:
        sad = Degradation(
            kind=DegradationKind.SANDBOX_MISSING, what=f"No tests were run. {stands.what}", mend=stands.mend
        )
        return _not_run(f"The tests were not run: {stands.what}", stands.mend, ["bubblewrap"], "", sad, reach)
    scratch = await asyncio.to_thread(_scratch, reach)
    try:
        trial = await asyncio.to_thread(_prepared, given, reach, scratch)
        if trial is None:
            sad = Degradation(kind=DegradationKind.STEP_SKIPPED, what="No tests were run: the project has none.")
            return _not_run("The project has no tests that could be run.", "", [], "", sad, reach)
        return await _tried(trial, reach)
    finally:
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)


def _scratch(reach: Reach) -> Path:
    """A folder of its own for the copy. What a killed run has left there is taken away a while later."""
    if reach.worktrees is None:
        return Path(tempfile.mkdtemp(prefix="nova-tests-"))
    shelf = reach.worktrees / "trials"
    shelf.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in shelf.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another run has just ended
            if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix="tests-", dir=shelf))


def _prepared(given: TestsRun, reach: Reach, scratch: Path) -> _Trial | None:
    source = found(given.worktree, reach).root if given.worktree else reach.root
    runner = runner_of(source, given.paths)
    if runner is None:
        return None
    folder = scratch / "project"
    if given.worktree:
        shutil.copytree(source, folder, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    else:
        _copied(source, folder)
    python = interpreter_of(reach.root)
    return _Trial(source=source, folder=folder, python=python, runner=runner, in_src=(source / "src").is_dir())


def _copied(source: Path, folder: Path) -> None:
    """The project's files as they lie, without what git ignores and without secrets."""
    folder.mkdir()
    for name in files_of(source):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(source / name, place, follow_symlinks=False)
        except FileNotFoundError:  # deleted and not yet committed
            continue


async def _tried(trial: _Trial, reach: Reach) -> ToolResult:
    missing = (await _inside(trial, ["-c", _IMPORTABLE, *trial.runner.needs], 60.0)).output.split()
    if missing:
        return _without(trial, missing, reach)
    ran = await _inside(trial, trial.runner.words, SECONDS_MAX - 30)
    told = counted(ran.output)
    missing = await asyncio.to_thread(_not_there, trial, told.missing, reach.root) if ran.code else []
    if missing and not told.failed:
        return _without(trial, missing, reach, ran)
    return _told(trial, ran, told, missing, reach)


async def _inside(trial: _Trial, words: Sequence[str], seconds_max: float) -> Ran:
    return await sandbox.run(
        [str(trial.python.path), *words], folder=trial.folder, seconds_max=seconds_max,
        env=_ENVIRONMENT | ({"PYTHONPATH": f"{FOLDER}/src"} if trial.in_src else {}), readable=trial.python.readable,
    )  # fmt: skip


def _not_there(trial: _Trial, names: Sequence[str], root: Path) -> list[str]:
    """Packages that the project imports and nobody has installed; one that only the change asks for is its fault."""
    own = [trial.source, trial.source / "src"]
    foreign = [name for name in names if not any((at / name).exists() or (at / f"{name}.py").exists() for at in own)]
    if not foreign:
        return []
    asks = re.compile(rf"^\s*(?:import|from)\s+({'|'.join(foreign)})\b", re.MULTILINE)
    asked: set[str] = set()
    for name in files_of(root, frozenset({".py"})):
        try:
            asked.update(asks.findall(read_text(root, name).text))
        except ToolFailed:  # binary, a link or gone: it imports nothing
            continue
    settings = {name for name in foreign if name in _text_of(root, "requirements.txt")}
    return [name for name in foreign if name in asked | settings]


def _text_of(root: Path, name: str) -> str:
    try:
        return read_text(root, name).text.casefold()
    except ToolFailed:
        return ""


def _without(trial: _Trial, missing: list[str], reach: Reach, ran: Ran | None = None) -> ToolResult:
    names = " and ".join(missing)
    whose = "the project's own .venv" if trial.python.own else "Nova's Python, and the project has no .venv of its own"
    what = f"The tests were not run: {names} is not installed in {whose}."
    mend = "In the project: `python -m venv .venv`, then install what it needs there."
    sad = Degradation(kind=DegradationKind.STEP_SKIPPED, what=what, mend=mend)
    return _not_run(what, mend, missing, trial.runner.shown, sad, reach, ran)


def _not_run(
    what: str, mend: str, missing: list[str], command: str, sad: Degradation, reach: Reach, ran: Ran | None = None
) -> ToolResult:
    tail = _tail(ran) if ran is not None else []
    lines = [ResultLine(text=line) for line in ([mend] if mend else []) + tail]
    data = Tested(
        passed=None, count=0, failed=0, errors=0, seconds=ran.seconds if ran else 0.0,
        missing=missing, broken=[], tail=tail, command=command,
    )  # fmt: skip
    return typed(result(what, lines, reach, trusted=False), data, sad)


def _told(trial: _Trial, ran: Ran, told: Counted, missing: list[str], reach: Reach) -> ToolResult:
    passed = (ran.code == 0 if told.count else None) if not ran.killed and ran.code in (0, 5) else False
    data = Tested(
        passed=passed, count=told.count, failed=told.failed, errors=told.errors, seconds=ran.seconds, missing=missing,
        broken=list(told.broken), tail=_tail(ran), command=trial.runner.shown,
    )  # fmt: skip
    lines = [ResultLine(text=f"failed: {name}") for name in told.broken] + [ResultLine(text=line) for line in data.tail]
    shown = result(
        f"{_sentence(ran, told, passed)} ({trial.runner.shown}, in the sandbox)", lines, reach, trusted=False
    )
    if passed is None:
        sad = Degradation(kind=DegradationKind.STEP_SKIPPED, what="No tests were run: none were found.")
        return typed(shown, data, sad)
    return typed(shown, data)


def _sentence(ran: Ran, told: Counted, passed: bool | None) -> str:
    if ran.killed:
        return f"The tests did not end within {ran.seconds:.0f} seconds and were stopped."
    if passed is None:
        return "No tests were found."
    if not told.count:
        return f"The tests could not be run to their end: the command ended with code {ran.code}."
    of = f"{told.count} tests" if told.count != 1 else "the one test"
    if passed:
        return f"All of {of} passed in {ran.seconds:.1f} seconds." if told.count != 1 else "The one test passed."
    broken = told.failed + told.errors
    return f"{broken or 'Some'} of {of} failed in {ran.seconds:.1f} seconds."


def _tail(ran: Ran) -> list[str]:
    return [line.rstrip() for line in printable(ran.output).splitlines() if line.strip()][-TAIL_LINES:]


def _paths(arguments: Arguments) -> tuple[str, ...]:
    return tuple(as_given(TestsRun, arguments).paths)


TOOLS = (
    Tool(
        name="tests_run",
        description="Runs the project's own tests, in the sandbox: do they pass, how many, which fail.",
        arguments=TestsRun, effect=Effect.EXECUTE, run=_run, paths=_paths, output=Tested, repeatable=True,
        seconds_max=SECONDS_MAX,
    ),
)  # fmt: skip

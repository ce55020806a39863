"""nova pipelines, reviews, runs, worker and stop as a person meets them: real processes, kills and exit codes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.integration.terminal import Shown, Terminal, repository

from nova.pipelines.lock import holder

NOTES = """\
id: notes
version: 1
description: Counts the words of a file and asks whether they are enough.
inputs:
  path: {type: string, default: posts/first.md}
outputs:
  text: "${ask.output.answer}: ${words.output.headline}"
nodes:
  words: {tool: text_counts, with: {path: "${inputs.path}"}}
  ask:
    review: "Is that enough?"
    show: {payload: "${words.output.headline}", evidence: "${words.output.lines}"}
    if_ignored: Nothing is published.
"""
SLOW = """\
id: slow
version: 1
description: Looks, waits for something that does not come, and looks again.
outputs: {text: "${after.output.headline}"}
nodes:
  before: {tool: git_status}
  pause: {wait: {event: webhook}, after: [before]}
  after: {tool: git_log, after: [pause]}
"""
BROKEN = """\
id: broken
version: 1
description: Refers to a step that is not there, and asks for a tool that is not there.
outputs: {text: "${wrods.output.headline}"}
nodes:
  words: {tool: text_count, with: {path: posts/first.md}}
  again: {pipeline: broken}
  colour: {tool: git_status, color: red}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A home with one project, blog, and three pipelines of which one is broken; made once."""
    folder = tmp_path_factory.mktemp("pipelines")
    at = Terminal(folder, repository(folder / "blog", posts__first_dot_md="# First\n\nSome words stand here.\n"))
    assert at.nova("init").code == 0
    (at.home / "pipelines").mkdir(exist_ok=True)
    for name, text in {"notes": NOTES, "slow": SLOW, "broken": BROKEN}.items():
        (at.home / "pipelines" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return at


@pytest.fixture
def at(made: Terminal) -> Terminal:
    """The same home for every test; what one leaves waiting costs nothing, and none counts all."""
    return made


def waiting(at: Terminal) -> str:
    """The id of the newest review that waits."""
    return str(at.nova("reviews", "--json").values[-1]["review"])


def parked(at: Terminal) -> tuple[str, str]:
    """A run of notes that waits for its review: the run and the review."""
    ran = at.nova("pipelines", "run", "notes", "--json")
    assert ran.code == 8, ran.err
    return str(ran.value["run"]), waiting(at)


def test_a_pipeline_waits_for_a_person_and_goes_on_with_the_answer(at: Terminal) -> None:
    """Run, look, approve: the run waits with exit code 8, the review shows evidence and cost, the answer ends it."""
    run, review = parked(at)
    shown = at.nova("reviews", "show", review)
    assert "Is that enough?" in shown.out
    assert "Nothing is published." in shown.out
    assert "Cost:" in shown.out
    answered = at.nova("reviews", "approve", review)
    assert answered.code == 0, answered.err
    assert "approve:" in answered.out
    steps = at.nova("runs", "show", run, "--json").value["steps"]
    assert isinstance(steps, list)
    assert [step["state"] for step in steps if isinstance(step, dict)] == ["done", "done"]


def test_an_answer_counts_once(at: Terminal) -> None:
    """A second answer is refused with exit code 2, and says who had answered what and when."""
    _, review = parked(at)
    assert at.nova("reviews", "approve", review).code == 0
    again = at.nova("reviews", "reject", review, "--reason", "Too late.")
    assert (again.code, again.clean) == (2, True)
    assert "has been answered: approve by owner" in again.err


def test_a_change_that_does_not_fit_is_refused_and_the_review_waits(at: Terminal) -> None:
    """An edit of another kind than what it takes the place of is refused; the review can still be answered."""
    _, review = parked(at)
    refused = at.nova("reviews", "change", review, "--edit", '{"a": 1}')
    assert refused.code == 2
    assert "an object" in refused.err
    assert at.nova("reviews", "change", review, "--edit", "Plenty of words.").code == 0


def test_a_rejection_stops_the_run(at: Terminal) -> None:
    """A rejection ends the run as stopped, exit code 7, with its reason."""
    run, review = parked(at)
    rejected = at.nova("reviews", "reject", review, "--reason", "Too short.")
    assert rejected.code == 7
    assert "Too short." in rejected.out
    assert at.nova("runs", "show", run, "--json").value["state"] == "stopped"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["pipelines", "run", "ntoes"], 2, "notes"),
        (["pipelines", "run", "notes", "-i", "path=3"], 2, "path"),
        (["pipelines", "run", "notes", "-i", "pth=x"], 2, "pth"),
        (["pipelines", "run", "notes", "--inputs", "[1]"], 2, "one JSON object"),
        (["pipelines", "run", "notes", "-i", "path"], 2, "NAME=VALUE"),
        (["pipelines", "run", "broken"], 2, "broken.yaml:"),
        (["pipelines", "check"], 2, "text_counts"),
        (["reviews", "show", "v0000"], 2, "nova reviews"),
        (["reviews", "approve", "v0000"], 2, "nova reviews"),
        (["runs", "resume", "r0000"], 2, "nova runs"),
        (["stop"], 2, "--all"),
    ],
)
def test_bad_input_is_a_sentence_and_an_exit_code(at: Terminal, words: list[str], code: int, said: str) -> None:
    """What cannot be taken is said with what to do, without a traceback, and nothing begins."""
    shown: Shown = at.nova(*words)
    assert (shown.code, shown.clean) == (code, True), shown.err
    assert said in shown.err


def test_every_problem_of_a_file_has_its_line(at: Terminal) -> None:
    """A broken file lists all its problems, each with file and line; the other pipelines work."""
    problems = at.nova("pipelines", "check", "--json").value["problems"]
    assert isinstance(problems, list)
    lines = [problem["line"] for problem in problems if isinstance(problem, dict)]
    assert {4, 6, 7, 8} <= set(lines)
    assert "notes" in at.nova("pipelines", "list").out


def test_a_pipeline_is_drawn(at: Terminal) -> None:
    """show draws the graph in the terminal, and writes an SVG that has no script."""
    picture = at.folder / "notes.svg"
    shown = at.nova("pipelines", "show", "notes", "--svg", str(picture))
    assert "words" in shown.out
    assert "ask" in shown.out
    svg = picture.read_text(encoding="utf-8")
    assert svg.lstrip().startswith(("<svg", "<?xml"))
    assert "<script" not in svg


def start(at: Terminal, *words: str) -> subprocess.Popen[bytes]:
    """A nova in a process of its own, which goes on."""
    places = {"HOME": str(at.folder / "person"), "NOVA_HOME": str(at.home), "NOVA_CACHE": str(at.folder / "cache")}
    return subprocess.Popen(
        [sys.executable, "-m", "nova", *words],
        cwd=at.at,
        env={**os.environ, **places},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def until(look: object, seconds: float = 30.0) -> None:
    """Waits until `look()` is true."""
    assert callable(look)
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def worker(at: Terminal) -> Generator[subprocess.Popen[bytes]]:
    """A worker at work; ended politely after the test."""
    process = start(at, "worker")
    until(lambda: holder(at.home / ".nova" / "nova.db") is not None)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)


def test_a_second_worker_on_one_file_is_refused_by_name(at: Terminal, worker: subprocess.Popen[bytes]) -> None:
    """The second worker ends with exit code 3 and names the process that has the file."""
    refused = at.nova("worker")
    assert (refused.code, refused.clean) == (3, True)
    assert str(worker.pid) in refused.err


def test_a_worker_takes_up_what_is_queued_and_what_is_answered(at: Terminal, worker: subprocess.Popen[bytes]) -> None:
    """A queued run is walked by the worker; its review answered, the worker goes on with it."""
    run = str(at.nova("pipelines", "run", "notes", "--queue", "--json").value["run"])
    until(lambda: at.nova("runs", "show", run, "--json").value["state"] == "waiting")
    assert at.nova("reviews", "approve", waiting(at)).code == 0
    until(lambda: at.nova("runs", "show", run, "--json").value["state"] == "done")
    assert worker.poll() is None


def test_an_event_wakes_what_waits_for_it(at: Terminal, worker: subprocess.Popen[bytes]) -> None:
    """A run that waits for a webhook is parked, and goes on when one is emitted."""
    run = str(at.nova("pipelines", "run", "slow", "--json").value["run"])
    assert at.nova("runs", "show", run, "--json").value["state"] == "waiting"
    assert at.nova("emit", "webhook", "--project", "blog").code == 0
    until(lambda: at.nova("runs", "show", run, "--json").value["state"] == "done")
    assert worker.poll() is None


def test_a_killed_worker_loses_nothing(at: Terminal, worker: subprocess.Popen[bytes]) -> None:
    """After kill -9 of the worker, what waited waits, and the next worker goes on with what is answered."""
    run = str(at.nova("pipelines", "run", "notes", "--queue", "--json").value["run"])
    until(lambda: at.nova("runs", "show", run, "--json").value["state"] == "waiting")
    worker.kill()
    worker.wait(timeout=10)
    assert at.nova("reviews", "approve", waiting(at)).code == 0
    assert at.nova("runs", "show", run, "--json").value["state"] == "done"


def test_everything_stops(at: Terminal) -> None:
    """nova stop --all ends what waits, and then nothing goes on."""
    run, _ = parked(at)
    stopped = at.nova("stop", "--all", "--json")
    assert run in [one["run"] for one in stopped.values]
    assert all(one["state"] == "stopped" for one in stopped.values)
    assert at.nova("runs", "show", run, "--json").value["state"] == "stopped"
    assert "Nothing waits" in at.nova("reviews").out


def test_a_full_disk_stops_a_pipeline_with_a_sentence(at: Terminal) -> None:
    """When no byte can be written, the pipeline ends with exit code 4 and says so; what was recorded is readable."""

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    places = {"HOME": str(at.folder / "person"), "NOVA_HOME": str(at.home), "NOVA_CACHE": str(at.folder / "cache")}
    ran = subprocess.run(
        [sys.executable, "-m", "nova", "pipelines", "run", "notes"],
        cwd=at.at,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=full,
        check=False,
    )
    assert ran.returncode == 4, ran.stderr
    assert "full" in ran.stderr
    assert at.nova("runs").code == 0


def test_shipped_pipelines_are_listed_or_say_which_agent_they_lack(at: Terminal) -> None:
    """Each pipeline that Nova ships is listed in every home, or is named with the agent that is not engaged there."""
    listed = at.nova("pipelines", "list")
    shipped = {file.stem for file in (Path(__file__).parents[2] / "catalog" / "pipelines").glob("*.yaml")}
    assert len(shipped) >= 8
    assert all(name in listed.out + listed.err for name in shipped)

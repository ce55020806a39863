"""The nova command as a stranger meets it: answers, questions back, bad input, Ctrl-C, a full disk."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

from nova.settings.home import find_home
from nova.testing.house import a_home

Ran = subprocess.CompletedProcess[bytes]
Command = Callable[..., Ran]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home with one small project, and the encoder of this machine."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "README.md").write_text("# Shop\n\nThe deposit is 30 percent of the order.\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    a_home(tmp_path / "home", projects={"shop": ("parts-shop", folder)})
    return {**os.environ, "NOVA_HOME": str(tmp_path / "home"), "NOVA_CACHE": str(find_home(os.environ).cache)}


@pytest.fixture
def nova(environment: dict[str, str], tmp_path: Path) -> Command:
    """Runs the command in an empty folder."""

    def run(*words: str | bytes, piped: bytes = b"", limits: Callable[[], None] | None = None) -> Ran:
        command: Sequence[str | bytes] = [sys.executable, "-m", "nova", *words]
        return subprocess.run(
            command,
            input=piped,
            capture_output=True,
            env=environment,
            cwd=tmp_path,
            preexec_fn=limits,
            timeout=120,
            check=False,
        )

    return run


def errors(ran: Ran) -> str:
    """What was said on standard error; a traceback is never part of it."""
    text = ran.stderr.decode()
    assert "Traceback" not in text, text
    return text


def test_an_answer_cites_its_source(nova: Command) -> None:
    """A question is answered on standard output with its source; how it came about is on standard error; exit 0."""
    ran = nova("ask", "-a", "parts-catalogue", "how much is the deposit of an order?")
    assert ran.returncode == 0, errors(ran)
    assert b"README.md:3" in ran.stdout
    assert b"30 percent" in ran.stdout
    assert b"no language model is configured" in ran.stdout
    assert "nova why" in errors(ran)
    assert b"\x1b" not in ran.stdout + ran.stderr


def test_json_is_one_value_on_standard_output(nova: Command) -> None:
    """--json prints exactly one JSON value with the run, who answered and the whole outcome."""
    ran = nova("ask", "--json", "-a", "parts-catalogue", "how much is the deposit?")
    value = cast("dict[str, dict[str, object]]", json.loads(ran.stdout))
    assert value["agents"] == ["parts-catalogue"]
    assert value["outcome"]["kind"] == "Done"
    why = cast("dict[str, object]", json.loads(nova("why", "--json", str(value["run"])).stdout))
    assert why["run"] == value["run"]
    assert why["events"]


def test_events_stream_as_ag_ui(nova: Command) -> None:
    """--events prints AG-UI events, one JSON object a line, from RUN_STARTED to RUN_FINISHED, numbered without gaps."""
    ran = nova("ask", "--events", "-a", "parts-catalogue", "how much is the deposit?")
    lines = [cast("dict[str, object]", json.loads(line)) for line in ran.stdout.splitlines()]
    assert [line["type"] for line in lines[:1] + lines[-1:]] == ["RUN_STARTED", "RUN_FINISHED"]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert {"TOOL_CALL_START", "TOOL_CALL_RESULT", "TEXT_MESSAGE_CONTENT"} <= {line["type"] for line in lines}


@pytest.mark.parametrize(
    ("words", "piped", "said"),
    [
        (["ask", ""], b"", "There is no question"),
        (["ask", "-"], b"", "There is no question"),
        (["ask", "-"], b"x" * 10_000_000, "longer than 1 MB"),
        (["ask", "-"], b"word " * 100_000, "too long"),
        (["ask", "-"], bytes(range(256)) * 40, "not UTF-8"),
        (["ask", "-"], b"\x00\x01\x02\x03" * 100, "binary"),
        (["ask", "shop/README.md"], b"", "is a file, not a question"),
        (["ask", "-p", "shpo", "what?"], b"", "Did you mean shop"),
        (["ask", "-a", "parts-catalog", "what?"], b"", "parts-catalogue"),
        (["ask", "--conversation", "cxyz", "what?"], b"", "no conversation"),
        (["why", "rxyz"], b"", "no run named"),
        (["why"], b"", "Nothing has been asked yet"),
        (["correct", "rxyz", "-a", "decisions"], b"", "no run named"),
        (["runs", "--state", "stoped"], b"", "Did you mean stopped"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_2(nova: Command, words: list[str], piped: bytes, said: str) -> None:
    """What cannot be taken is met with one clear sentence, no traceback, and exit code 2."""
    ran = nova(*words, piped=piped)
    assert said in errors(ran) + ran.stdout.decode()
    assert ran.returncode == 2


def test_bytes_that_are_no_text_are_survived(nova: Command) -> None:
    """An argument with bytes that are no UTF-8 is answered or refused; never a crash."""
    ran = nova("ask", "-a", "parts-catalogue", b"deposit \xff\xfe of an order")
    assert ran.returncode in (0, 2)
    errors(ran)


@pytest.mark.parametrize(
    "text", ["Wie hoch ist die Anzahlung?", "保証金はいくらですか", "сколько стоит залог", "🪧 deposit?"]
)
def test_other_languages_are_taken(nova: Command, text: str) -> None:
    """A question in another language is answered, or honestly not; it never breaks anything."""
    ran = nova("ask", "-a", "parts-catalogue", text)
    assert ran.returncode == 0, errors(ran)


def test_a_question_back_exits_with_8_and_takes_a_number(nova: Command, tmp_path: Path) -> None:
    """When several projects could be meant, Nova asks with exit code 8, and `-c NUMBER` is the answer."""
    second = tmp_path / "blog"
    second.mkdir()
    (second / "README.md").write_text("# Blog\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(second)], check=True)
    added = nova("projects", "add", str(second), "--kind", "blog")
    assert added.returncode == 0, errors(added)
    asked = nova("ask", "-a", "orientation", "where did I leave off?")
    assert asked.returncode == 8
    assert b"1. in blog" in asked.stdout
    assert nova("ask", "-c", "1").returncode == 0
    assert b"blog" in nova("runs", "-n", "1").stdout


def test_no_home_says_how_to_make_one(nova: Command, environment: dict[str, str], tmp_path: Path) -> None:
    """Without a home every command that needs one says which command makes it; exit code 3."""
    environment["NOVA_HOME"] = str(tmp_path / "nowhere")
    ran = nova("ask", "what?")
    assert ran.returncode == 3
    assert "nova init" in errors(ran)


def test_a_broken_settings_file_is_located(nova: Command, environment: dict[str, str]) -> None:
    """A typo in nova.toml is met with file, line and the nearest known key; exit code 2; nothing runs."""
    file = Path(environment["NOVA_HOME"]) / "nova.toml"
    file.write_text("[router]\nencodre = 'words'\n", encoding="utf-8")
    ran = nova("ask", "what?")
    assert ran.returncode == 2
    assert "nova.toml:2" in errors(ran)
    assert "encoder" in errors(ran)


def test_a_database_of_a_newer_nova_is_left_alone(nova: Command, environment: dict[str, str]) -> None:
    """A database written by a newer Nova stops the command with exit code 4, and is not touched."""
    nova("runs")
    file = Path(environment["NOVA_HOME"]) / ".nova" / "nova.db"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = file.read_bytes()
    ran = nova("ask", "-a", "parts-catalogue", "what?")
    assert ran.returncode == 4
    assert "newer Nova" in errors(ran)
    assert file.read_bytes() == before


def test_a_full_disk_stops_with_a_sentence(nova: Command) -> None:
    """When no byte can be written any more, the command says so with exit code 4; what was recorded stays readable."""
    assert nova("ask", "-a", "parts-catalogue", "how much is the deposit?").returncode == 0

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    ran = nova("ask", "-a", "parts-catalogue", "and again?", limits=full)
    assert ran.returncode == 4, ran.stderr.decode()
    assert "full" in errors(ran)
    assert b"how much is the deposit?" in nova("runs").stdout


def hear_ctrl_c() -> None:
    """A suite that runs in the background has children that do not hear Ctrl-C; this one shall."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_stops_the_run_and_says_how_to_see_it(
    nova: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    """Ctrl-C while a model is thinking: exit 130, a way to see the run, and the record says stopped."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        settings = Path(environment["NOVA_HOME"]) / "nova.toml"
        settings.write_text(
            f'[models]\nquick = ["local:slow"]\nstrong = ["local:slow"]\n'
            f'[providers.local]\nkind = "openai-compatible"\nbase_url = "{address}"\n',
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "nova", "ask", "-a", "parts-catalogue", "how much is the deposit?"]
        with subprocess.Popen(
            command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
        ) as process:
            silent.settimeout(60)
            connection, _ = silent.accept()  # the model has been asked and will never answer
            with connection:
                time.sleep(0.2)
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "nova why r" in said
    assert b"stopped" in nova("runs").stdout


def test_help_teaches(nova: Command) -> None:
    """Every command explains itself, with the exit codes at the end of the first page."""
    first = nova("--help").stdout.decode()
    for command in ("ask", "chat", "demo", "why", "correct", "runs", "init", "doctor", "models", "agents", "projects"):
        assert f" {command} " in first
        page = nova(command, "--help")
        assert page.returncode == 0
        assert b"--help" in page.stdout
    assert "Exit codes" in first

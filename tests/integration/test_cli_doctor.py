"""nova doctor as a person meets it: it looks at everything, mends nothing, and never breaks."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.terminal import Shown, Terminal

from nova.pipelines.lock import hold
from nova.store.database import open_database


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A terminal with a fresh home."""
    terminal = Terminal(tmp_path, tmp_path)
    assert terminal.nova("init").code == 0
    return terminal


def findings(shown: Shown) -> dict[str, dict[str, str]]:
    """The findings by what was looked at; of several about one thing the worst."""
    rank = ["ok", "note", "missing"]
    found: dict[str, dict[str, str]] = {}
    listed = shown.value["findings"]
    assert isinstance(listed, list)
    for entry in listed:
        assert isinstance(entry, dict)
        one = {key: str(value) for key, value in entry.items()}
        known = found.get(one["what"])
        if known is None or rank.index(one["state"]) > rank.index(known["state"]):
            found[one["what"]] = one
    return found


def test_without_a_home_it_says_how_to_make_one(tmp_path: Path) -> None:
    """Before init the doctor sees the machine, misses the home, names the command, exits with 3 and writes nothing."""
    at = Terminal(tmp_path, tmp_path)
    shown = at.nova("doctor")
    assert (shown.code, shown.clean) == (3, True)
    assert "nova init" in shown.out
    assert not at.home.exists()
    assert not (tmp_path / "cache").exists()


def test_a_fresh_home_is_usable_and_every_lack_has_its_command(at: Terminal) -> None:
    """A fresh home is fit to work; what could be better stands there with the command that gets it."""
    shown = at.nova("doctor", "--json")
    found = findings(shown)
    assert (shown.code, shown.value["usable"]) == (0, True)
    expected = {"nova", "python", "sqlite", "packages", "git", "home", "settings", "repository", "agents", "database"}
    assert expected <= {what for what, one in found.items() if one["state"] == "ok"}
    assert "nova encoder install" in found["encoder"]["mend"]
    assert "nova models" in found["models"]["mend"]
    assert all(one["mend"] for one in found.values() if one["state"] != "ok")


def test_every_mistake_in_the_files_is_named_with_its_line(at: Terminal) -> None:
    """A broken nova.toml, agent and project are all told in one round, each with file and line; exit code 3."""
    (at.home / "nova.toml").write_text("[models]\nquik = []\n", encoding="utf-8")
    (at.home / "agents" / "one.md").write_text("---\nname: one\n---\n", encoding="utf-8")
    (at.home / "projects" / "two.md").write_text("---\nname: two\nkind: shop\n---\n", encoding="utf-8")
    shown = at.nova("doctor")
    assert (shown.code, shown.clean) == (3, True)
    for place, mend in (("nova.toml:2", "quick"), ("one.md:", "description"), ("two.md:", "parts-shop")):
        assert place in shown.out, place
        assert mend in shown.out, mend


@pytest.mark.parametrize("text", ["[models\n", "\x00\x01", "[models]\n" * 2, "a = 1\n" * 100_000])
def test_no_settings_file_breaks_it(at: Terminal, text: str) -> None:
    """Whatever stands in nova.toml, the doctor says it in words and looks at the rest."""
    (at.home / "nova.toml").write_text(text, encoding="utf-8")
    shown = at.nova("doctor", "--json")
    assert (shown.code, shown.clean) == (3, True)
    assert {"settings", "database", "encoder"} <= set(findings(shown))


def test_runs_are_counted_in_a_whole_database(at: Terminal) -> None:
    """A database of this Nova is told with its version and its runs."""
    open_database(at.home / ".nova" / "nova.db").close()
    seen = findings(at.nova("doctor", "--json"))["database"]
    assert seen["state"] == "ok"
    assert "whole" in seen["seen"]
    assert "0 runs" in seen["seen"]


def test_a_database_of_a_newer_nova_is_told_and_left_alone(at: Terminal) -> None:
    """A database of a version this Nova does not know is missing something necessary: a newer Nova."""
    file = at.home / ".nova" / "nova.db"
    open_database(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = file.read_bytes()
    shown = at.nova("doctor", "--json")
    assert shown.code == 3
    assert "newer Nova" in findings(shown)["database"]["seen"]
    assert file.read_bytes() == before


@pytest.mark.parametrize("damage", [b"no database at all\n" * 100, b"", b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_database_is_told_in_words(at: Terminal, damage: bytes) -> None:
    """Bytes that are no database never break the doctor; an empty file is a database that holds nothing yet."""
    (at.home / ".nova").mkdir(exist_ok=True)
    (at.home / ".nova" / "nova.db").write_bytes(damage)
    shown = at.nova("doctor", "--json")
    assert shown.clean
    assert shown.code == (3 if damage else 0)


def test_a_file_where_a_folder_should_be_is_told(at: Terminal) -> None:
    """A home that is a file, and a cache that is a file, are findings."""
    (at.folder / "file").write_text("x", encoding="utf-8")
    for variable in ("NOVA_HOME", "NOVA_CACHE"):
        shown = at.nova("doctor", **{variable: str(at.folder / "file")})
        assert (shown.code, shown.clean) == (3, True)
        assert "is a file" in shown.out


@pytest.mark.parametrize("folder", ["", "agents", "projects", ".git"])
def test_an_unreadable_folder_is_told(at: Terminal, folder: str) -> None:
    """A folder that the person may not read is a finding, wherever it lies, and never a traceback."""
    (at.home / folder).chmod(0)
    if os.access(at.home / folder, os.R_OK):
        pytest.skip("nothing is unreadable to root")
    try:
        shown = at.nova("doctor")
    finally:
        (at.home / folder).chmod(0o755)
    assert shown.clean
    assert shown.code == (0 if folder == ".git" else 3)


def test_a_role_whose_provider_has_no_key_is_a_note(at: Terminal) -> None:
    """A model that cannot be asked is told with what it lacks; Nova works on without it."""
    text = (at.home / "nova.toml").read_text(encoding="utf-8")
    text = text.replace("[models]\n", '[models]\nquick = ["openai:gpt-6-luna"]\n')
    (at.home / "nova.toml").write_text(text, encoding="utf-8")
    shown = at.nova("doctor", "--json")
    provider = findings(shown)["provider"]
    assert (shown.code, provider["state"]) == (0, "note")
    assert "export OPENAI_API_KEY" in provider["mend"]


def test_uncommitted_changes_in_the_home_are_a_note(at: Terminal) -> None:
    """What the owner has changed and not committed is counted."""
    (at.home / "profile.md").write_text("I am Mara.\n", encoding="utf-8")
    seen = findings(at.nova("doctor", "--json"))["repository"]
    assert seen["state"] == "note"
    assert "1 changed file " in seen["seen"]


def test_without_git_it_says_how_to_get_it(at: Terminal) -> None:
    """Where git is missing, the doctor names it and the command that installs it."""
    (at.folder / "bin").mkdir()
    shown = at.nova("doctor", PATH=str(at.folder / "bin"))
    assert (shown.code, shown.clean) == (3, True)
    assert "apt install git" in shown.out


ASKS = "id: asks\nversion: 1\ndescription: Asks.\noutputs: {}\nnodes:\n  ask: {review: Is it so?}\n"
BROKEN = "id: broken\nversion: 1\ndescription: It is wrong.\noutputs: {}\nnodes:\n  one: {tool: git_statu}\n"


def test_durable_work_is_told_with_what_to_do(at: Terminal) -> None:
    """Reviews that wait, runs without a worker, runs that were cut off, and a pipeline's mistake with its line."""
    folder = at.home / "pipelines"
    (folder / "asks.yaml").write_text(ASKS, encoding="utf-8")
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert at.nova("pipelines", "run", "asks").code == 8
    assert at.nova("pipelines", "run", "asks", "--queue").code == 0
    run = str(at.nova("pipelines", "run", "asks", "--json").value["run"])
    with sqlite3.connect(at.home / ".nova" / "nova.db") as connection:  # as a process leaves it that is killed
        connection.execute("UPDATE walks SET state = 'running' WHERE run = ?", (run,))
        connection.execute("UPDATE walks SET heartbeat_at = '2026-01-01T00:00:00.000000+00:00' WHERE run = ?", (run,))
    connection.close()
    shown = at.nova("doctor", "--json")
    found = findings(shown)
    assert shown.code == 0, "work that waits hinders nobody"
    assert "2 wait for you" in found["reviews"]["seen"]
    assert "1 queued, 1 to be taken up again" in found["worker"]["seen"]
    assert found["worker"]["mend"].startswith("Start one: nova worker")
    assert f"nova runs resume {run}" in found["runs"]["mend"]
    told = at.nova("doctor").out
    assert "broken.yaml:6: " in told
    assert "git_status" in told
    assert found["sandbox"]["state"] in ("ok", "note")


def test_work_of_another_nova_is_told(at: Terminal) -> None:
    """What another version of Nova queued is taken up by nobody here, and the doctor says how it is."""
    (at.home / "pipelines" / "asks.yaml").write_text(ASKS, encoding="utf-8")
    run = str(at.nova("pipelines", "run", "asks", "--queue", "--json").value["run"])
    with sqlite3.connect(at.home / ".nova" / "nova.db") as connection:
        connection.execute("UPDATE workflow_status SET application_version = 'nova-0'")
    connection.close()
    found = findings(at.nova("doctor", "--json"))["queue"]
    assert "of another version of Nova" in found["seen"]
    assert f"nova runs resume {run} --force" in found["mend"]


def test_who_works_is_told(at: Terminal) -> None:
    """Whoever holds the file's lock is named with his process and since when."""
    open_database(at.home / ".nova" / "nova.db").close()
    lock = hold(at.home / ".nova" / "nova.db", "nova worker")
    try:
        found = findings(at.nova("doctor", "--json"))["worker"]
    finally:
        lock.release()
    assert found["state"] == "ok"
    assert f"“nova worker”, process {os.getpid()}" in found["seen"]


def test_the_doctor_loads_no_engine_where_nothing_durable_was_run(at: Terminal) -> None:
    """It stays quick: the engine is loaded only where its tables are there."""
    open_database(at.home / ".nova" / "nova.db").close()
    typed = "import sys; from nova.cli.main import app; sys.argv = ['nova', 'doctor']"
    asked = f"{typed}\ntry: app()\nfinally: print(*sys.modules)"
    environment = {**os.environ, "NOVA_HOME": str(at.home), "NOVA_CACHE": str(at.folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "nova.app.doctor.durable" in loaded
    assert loaded & {"dbos", "pydantic_ai", "openai"} == set()

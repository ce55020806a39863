"""The two commands at the root: they run under a plain POSIX shell, and each way the set-up can fail is a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.house.tree import ROOT

SCRIPTS = ("nova", "test", ".ci/run")


def sourced(commands: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs shell commands after scripts/venv.sh was sourced, as ./nova and ./test do, with nothing else on PATH."""
    script = f'set -eu\nroot={ROOT}\n. "$root/scripts/venv.sh"\n{commands}\n'
    variables = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(["/bin/sh", "-c", script, "nova"], env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_can_be_run(name: str) -> None:
    """Each script is executable, says what it does in its second line, and parses under sh (or bash, for .ci/run)."""
    file = ROOT / name
    lines = file.read_text(encoding="utf-8").splitlines()
    assert os.access(file, os.X_OK)
    assert lines[0] in ("#!/bin/sh", "#!/usr/bin/env bash")
    assert lines[1].startswith("# ")
    shell = "bash" if "bash" in lines[0] else "sh"
    assert subprocess.run([shell, "-n", str(file)], check=False).returncode == 0


def test_the_build_machine_runs_what_everybody_runs() -> None:
    """.ci/run calls ./test and nothing else of substance."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert lines[-1] == "CI=true exec ./test"
    assert len(lines) < 8


def test_a_missing_python_is_told() -> None:
    """Without a Python that can make environments, the set-up says which one is needed and how to name it."""
    told = sourced("find_python", PATH="/nonexistent")
    assert told.returncode == 1
    assert "Python >= 3.11" in told.stderr
    assert "NOVA_PYTHON=" in told.stderr


def test_a_named_python_is_taken() -> None:
    """NOVA_PYTHON wins, when it is one that will do."""
    assert sourced("find_python", NOVA_PYTHON=sys.executable).stdout.strip() == sys.executable
    assert sourced("find_python", PATH="/nonexistent", NOVA_PYTHON="/bin/sh").returncode == 1


def test_two_set_ups_never_build_at_once(tmp_path: Path) -> None:
    """While another set-up is at work in a folder, a second one says so, names the way out, and touches nothing."""
    (tmp_path / "venv.making").mkdir()
    making = f'make_venv "{tmp_path}/venv" "$root/requirements/nova.lock" Nova'
    for builder in ("", f"{os.getpid()}\n"):
        (tmp_path / "venv.making" / "pid").write_text(builder, encoding="utf-8")
        told = sourced(making)
        assert told.returncode == 1
        assert f"process {builder.strip() or 'unknown'}" in told.stderr
        assert f"rm -r '{tmp_path}/venv.making'" in told.stderr
        assert [file.name for file in tmp_path.iterdir()] == ["venv.making"]


def test_a_killed_set_up_does_not_stand_in_the_way(tmp_path: Path) -> None:
    """When the set-up before this one was killed, the next one says so and begins anew."""
    (tmp_path / "venv.making").mkdir()
    gone = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout
    (tmp_path / "venv.making" / "pid").write_text(gone, encoding="utf-8")
    making = f'make_venv "{tmp_path}/venv" "$root/requirements/nova.lock" Nova'
    told = sourced("find_python() { return 1; }\n" + making)  # it gets as far as looking for a Python
    assert "was killed; this one begins anew" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Where no folder can be made, the set-up says so and how to choose another place."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    told = sourced(f'make_venv "{tmp_path}/file/venv" "$root/requirements/nova.lock" Nova')
    assert told.returncode == 1
    assert "cannot be written" in told.stderr
    assert "NOVA_VENV=" in told.stderr


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """A folder that is no virtual environment is never emptied, whatever NOVA_VENV says."""
    (tmp_path / "letter.txt").write_text("Dear Ada", encoding="utf-8")
    told = sourced(f'make_venv "{tmp_path}" "$root/requirements/nova.lock" Nova')
    assert told.returncode == 1
    assert "nothing in it was touched" in told.stderr
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "Dear Ada"


def test_packages_that_cannot_be_had_leave_nothing_half(tmp_path: Path) -> None:
    """When a package cannot be installed, the environment does not count as finished and no lock stays behind."""
    lock = tmp_path / "one.lock"
    lock.write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    making = f'make_venv "{tmp_path}/venv" "{lock}" Nova'
    offline = {"NOVA_PYTHON": sys.executable, "PIP_NO_INDEX": "1", "HOME": str(tmp_path)}
    told = sourced(making, **offline)
    assert told.returncode == 1
    assert "could not be installed" in told.stderr
    assert not (tmp_path / "venv" / ".finished").exists()
    assert not (tmp_path / "venv.making").exists()
    assert sourced(f'venv_current "{tmp_path}/venv" "{lock}"').returncode == 1


def test_a_finished_environment_is_kept_until_something_changes(tmp_path: Path) -> None:
    """An environment is current for its lock and checkout only, and no longer than its Python is there."""
    lock, venv = tmp_path / "one.lock", tmp_path / "venv"
    lock.write_text("# nothing\n", encoding="utf-8")
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    current = f'venv_current "{venv}" "{lock}" && echo current || echo stale'
    assert sourced(current).stdout == "stale\n"
    assert sourced(f'finish_venv "{venv}" "{lock}"; {current}').stdout == "current\n"
    lock.write_text("# something\n", encoding="utf-8")
    assert sourced(current).stdout == "stale\n"
    assert sourced(f'finish_venv "{venv}" "{lock}"; {current}').stdout == "current\n"
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to(tmp_path / "gone")
    assert sourced(current).stdout == "stale\n"

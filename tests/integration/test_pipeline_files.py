"""Pipeline files that change under a process that lives long: new ones are seen, broken ones go on as they were."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from nova.app.house import Nova
from nova.core.errors import BadInput
from nova.core.plans import Trigger
from nova.testing.house import a_home, a_nova

NOTES = """\
id: notes
version: {version}
description: Looks at what is committed.
triggers:
  - {{id: mornings, schedule: "0 {hour} * * *", zone: Europe/Berlin}}
nodes:
  look: {{tool: git_log}}
"""
WEEK = """\
id: week
version: 1
description: Looks twice.
nodes:
  once: {pipeline: notes}
  again: {tool: git_status, after: [once]}
"""


@pytest.fixture
def nova(tmp_path: Path) -> Generator[Nova]:
    """A home without pipelines of its own."""
    made = a_nova(a_home(tmp_path))
    (tmp_path / "pipelines").mkdir()
    yield made
    made.close()


def write(nova: Nova, name: str, text: str) -> Path:
    """A file of the home, changed a second after whatever was there before."""
    file = nova.home.root / "pipelines" / f"{name}.yaml"
    last = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text, encoding="utf-8")
    if file.stat().st_mtime_ns == last:
        os.utime(file, ns=(last + 1_000_000, last + 1_000_000))
    return file


def trigger(nova: Nova) -> Trigger:
    """The trigger of notes, as the clockwork sees it on its next look."""
    return nova.pipelines.library.plans["notes"].triggers[0]


def test_a_new_and_a_changed_file_are_seen_without_a_restart(nova: Nova) -> None:
    """What a file says is known on the next look, in the same process."""
    assert "notes" not in nova.pipelines.library.plans
    file = write(nova, "notes", NOTES.format(version=1, hour=7))
    assert trigger(nova).cron == "0 7 * * *"
    write(nova, "notes", NOTES.format(version=2, hour=6))
    assert (trigger(nova).cron, nova.pipelines.plan("notes").version) == ("0 6 * * *", 2)
    file.unlink()
    assert "notes" not in nova.pipelines.library.plans
    assert nova.pipelines.problems == ()


def test_unchanged_files_are_read_once(nova: Nova) -> None:
    """As long as no file has changed, the same values are given."""
    write(nova, "notes", NOTES.format(version=1, hour=7))
    first = nova.pipelines.library
    assert nova.pipelines.library is first


def test_a_broken_edit_keeps_the_last_sound_version_and_is_shown(nova: Nova) -> None:
    """A file that is broken while a worker runs loses no schedule, and its problem has file and line."""
    file = write(nova, "notes", NOTES.format(version=1, hour=7))
    write(nova, "week", WEEK)
    assert {"notes", "week"} <= nova.pipelines.library.plans.keys()
    write(nova, "notes", NOTES.format(version=2, hour=7).replace("git_log", "git_lgo"))
    assert trigger(nova).cron == "0 7 * * *"
    assert nova.pipelines.plan("notes").version == 1
    assert nova.pipelines.plan("week").version == 1
    (problem,) = nova.pipelines.problems
    assert (problem.file, problem.line) == (str(file), 7)
    write(nova, "notes", NOTES.format(version=3, hour=5))
    assert (trigger(nova).cron, nova.pipelines.problems) == ("0 5 * * *", ())


def test_an_old_version_never_calls_a_pipeline_that_it_did_not_know(nova: Nova) -> None:
    """What stands in for a broken file is left out as soon as a pipeline that it calls has changed."""
    write(nova, "notes", NOTES.format(version=1, hour=7))
    write(nova, "week", WEEK)
    assert "week" in nova.pipelines.library.plans
    write(nova, "week", WEEK.replace("git_status", "git_sttaus"))
    assert "week" in nova.pipelines.library.plans
    write(nova, "notes", NOTES.format(version=2, hour=8))
    assert "week" not in nova.pipelines.library.plans
    with pytest.raises(BadInput, match="cannot be used"):
        nova.pipelines.plan("week")


def test_starting_a_pipeline_is_no_tool_of_a_step(nova: Nova) -> None:
    """A step that wants another pipeline calls it as a pipeline; the tool by which agents start one is none for it."""
    write(nova, "week", WEEK.replace("git_status,", "pipelines_start, with: {pipeline: notes},"))
    assert "week" not in nova.pipelines.library.plans
    assert any("pipelines_start" in problem.what for problem in nova.pipelines.problems)

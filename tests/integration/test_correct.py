"""Correcting a route, from the terminal to the head: noted, learned at once, and what else changes is said."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.conftest import Clock

from nova.app.correct import correct
from nova.app.corrections import NAME, read
from nova.core.errors import BadFiles, BadInput, Unknown
from nova.settings.home import find_home
from nova.testing import Say, ScriptedModel
from nova.testing.house import a_home, a_nova, ask

ODD = "the squiggle about the blue thing needs another look"


def git(folder: Path, *arguments: str) -> str:
    """What git says in a folder."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def test_a_correction_is_learned_at_once(tmp_path: Path, clock: Clock) -> None:
    """After `nova correct` the same words go to the named agent, the home's file has it, and git says why."""
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q")
    home = a_home(tmp_path / "home", projects={"shop": ("parts-shop", folder)}, cache=find_home(os.environ).cache)
    with ScriptedModel(Say("Yes."), Say("Yes.")) as model:
        nova = a_nova(home, scripted=model, clock=clock)
        first = await ask(nova, ODD, project="shop", agent="editor")
        result = correct(nova, first.run, "translator")
        assert result.taught
        nova.close()
        again = a_nova(home, scripted=model, clock=clock)
        second = await ask(again, ODD, project="shop")
        again.close()
    assert second.routed.agents == ["translator"]
    [kept] = read(home.root)
    assert (kept.text, kept.agent, kept.run) == (ODD, "translator", first.run)
    log = git(home.root, "log", "--format=%s")
    assert log.splitlines()[0] == f"Correct run {first.run}: it was for translator"


async def test_a_correction_that_replaces_an_earlier_one_says_so(tmp_path: Path, clock: Clock) -> None:
    """Correcting the same words to another agent names the one they were corrected to before."""
    home = a_home(tmp_path / "home", cache=find_home(os.environ).cache)
    with ScriptedModel(Say("Hello.")) as model:
        nova = a_nova(home, scripted=model, clock=clock)
        told = await ask(nova, ODD, agent="general-chat")
        correct(nova, told.run, "translator")
        nova.close()
        again = a_nova(home, scripted=model, clock=clock)
        assert correct(again, told.run, "editor").replaced == "translator"
        with pytest.raises(Unknown, match="translatr"):
            correct(again, told.run, "translatr")
        with pytest.raises(BadInput, match="visitors only"):
            correct(again, told.run, "visitor-guide")
        again.close()


def test_a_broken_correction_is_located(tmp_path: Path) -> None:
    """A line that is no correction is named with file and line, and the others are not lost."""
    good = '{"agent":"editor","at":"2026-11-20T10:00:00+00:00","run":"r1","text":"x"}'
    (tmp_path / NAME).write_text(f"{good}\nnot json\n{good.replace('+00:00', '')}\n", encoding="utf-8")
    with pytest.raises(BadFiles) as caught:
        read(tmp_path)
    assert [problem.line for problem in caught.value.problems] == [2, 3]

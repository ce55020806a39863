"""Thirty questions over three months of conversations, files and commits, with no key: what, why, and from where.

The questions in memory/ were written by whoever wrote the conversations, before any answer was seen. One is right when
the answer holds all it must, in its order, nothing it must not, and names one of the sources that say so.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from nova.app import data
from nova.app.demo import REPOSITORIES, prepare
from nova.app.house import Nova, open_nova
from nova.app.replay_talk import WrittenTalk, read_talk, run_id
from nova.coordinator.conversation import answer_of
from nova.settings.home import Home, find_home
from nova.testing.house import ask

QUESTIONS = Path(__file__).parent / "memory"
MORNING_AFTER = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
RIGHT_MIN = 27
ID_SHOWN_MIN = 7  # so much of a run's or a commit's id must be in the answer
Words = str | list[str]  # a list: one of them is enough


class Place(BaseModel):
    """One source that says it: a turn of a conversation by its title, a file of the project, or a commit's subject."""

    model_config = ConfigDict(extra="forbid")
    conversation: str = ""
    turn: int = 0
    file: str = ""
    commit: str = ""


class Question(BaseModel):
    """One question. ordered: stand in this order; before: the first stands, ahead of the second if that does too."""

    model_config = ConfigDict(extra="forbid")
    id: str
    theme: Literal["left-off", "open", "decided", "superseded", "waiting", "changed", "preference", "wall"]
    project: str | None
    say: str
    contains: list[Words] = []
    ordered: list[Words] = []
    before: list[tuple[str, str]] = []
    absent: list[str] = []
    cites: list[Place] = []


def questions() -> list[Question]:
    """All questions of all files."""
    lists = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(QUESTIONS.glob("*.yaml"))]
    return [one for values in lists for one in TypeAdapter(list[Question]).validate_python(values)]


def talks() -> dict[str, WrittenTalk]:
    """Every conversation of the workspace by its title."""
    files = sorted((data.examples() / "workspace" / "conversations").glob("*.yaml"))
    return {talk.title: talk for file in files for talk in read_talk(file)}


@pytest.fixture(scope="module")
def nova(tmp_path_factory: pytest.TempPathFactory) -> Generator[Nova]:
    """The demonstration's home on the morning after its last conversation, no provider."""
    folder = tmp_path_factory.mktemp("demo")
    home = Home(root=folder / "home", data=folder / "home" / ".nova", cache=find_home(os.environ).cache)
    prepare(home, lambda _: None)
    opened = open_nova(home, clock=lambda: MORNING_AFTER)
    yield opened
    opened.close()


def test_there_are_thirty_over_all_themes_and_projects() -> None:
    """Thirty questions: six each on left off, open, decided and superseded, and no project without any."""
    asked = questions()
    themes = [one.theme for one in asked]
    assert len(asked) == 30
    assert {theme: themes.count(theme) for theme in ("left-off", "open", "decided", "superseded", "wall")} == {
        "left-off": 6,
        "open": 6,
        "decided": 6,
        "superseded": 6,
        "wall": 2,
    }
    assert {one.project for one in asked} == {"airep", "blog", "client-sites", "find-a-sign", "sweeper-parts", None}


def test_every_source_that_is_asked_for_exists(nova: Nova) -> None:
    """No question waits for a turn, a file or a commit that is not there."""
    for one in questions():
        assert all(_shown_as(nova, one, place) for place in one.cites), one.id
        assert one.cites or one.theme == "wall"


def test_at_least_27_of_30_are_right(nova: Nova, capsys: pytest.CaptureFixture[str]) -> None:
    """With no key, at least 27 of 30 questions about the past three months are answered right, each with its source."""
    wrong = {one.id: found for one in questions() if (found := asyncio.run(_try(nova, one)))}
    with capsys.disabled():
        print(f"\n  {30 - len(wrong)} of 30 questions about the past are right")
        for one in questions():
            print(f"  {'wrong' if one.id in wrong else 'right'}  {one.theme:<10}  {one.id}")
            for complaint in wrong.get(one.id, []):
                print(f"           {complaint}")
    assert 30 - len(wrong) >= RIGHT_MIN


async def _try(nova: Nova, one: Question) -> list[str]:
    told = await ask(nova, one.say, project=one.project)
    answer = answer_of(told.outcome)
    return _complaints(one, answer) + _unsourced(nova, one, answer)


def _complaints(one: Question, answer: str) -> list[str]:
    text = " ".join(answer.casefold().split())
    found = [f"misses {words!r}" for words in one.contains if _at(text, words) < 0]
    places = [_at(text, words) for words in one.ordered]
    found += [f"misses {words!r}" for words, at in zip(one.ordered, places, strict=True) if at < 0]
    if not found and places != sorted(places):
        found.append(f"not in this order: {one.ordered}")
    for first, second in one.before:
        if _at(text, first) < 0 or 0 <= _at(text, second) < _at(text, first):
            found.append(f"{first!r} does not come first, before {second!r}")
    return found + [f"says {word!r}" for word in one.absent if word.casefold() in text]


def _at(text: str, words: Words) -> int:
    """Where the first of these words stands; -1 when none does."""
    options = [words] if isinstance(words, str) else words
    places = [place for option in options if (place := text.find(option.casefold())) >= 0]
    return min(places, default=-1)


def _unsourced(nova: Nova, one: Question, answer: str) -> list[str]:
    wanted = [_shown_as(nova, one, place) for place in one.cites]
    return [] if not wanted or any(words in answer for words in wanted) else [f"cites none of {_names(one.cites)}"]


def _shown_as(nova: Nova, one: Question, place: Place) -> str:
    """What an answer shows of this source: the beginning of the run's id, the path, or the commit's short id."""
    if place.conversation:
        talk = talks()[place.conversation]
        assert 0 < place.turn <= len(talk.turns), place
        return run_id(talk, place.turn)[:ID_SHOWN_MIN]
    root = nova.home.root / REPOSITORIES / (one.project or "")
    if place.file:
        assert (root / place.file).is_file(), place
        return place.file
    command = ["git", "-C", str(root), "log", "--format=%H %s"]
    log = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    commits = [line.split(" ", 1) for line in log.splitlines()]
    return next(digest[:ID_SHOWN_MIN] for digest, subject in commits if subject == place.commit)


def _names(places: Sequence[Place]) -> list[str]:
    return [f"{one.conversation} {one.turn}" if one.conversation else one.file or one.commit for one in places]

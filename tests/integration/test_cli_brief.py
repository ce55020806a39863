"""nova brief, nova projects read and the reading when a project is added, as a person meets them."""

from __future__ import annotations

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import cast

import pytest
from tests.integration.terminal import Terminal, repository

from nova.core.json import Json

RECORD = """\
# 1. One table

Date: 2026-11-02
Status: accepted

## Context

Two tables drifted apart.

## Decision

We keep prices in one table.

## Alternatives

- Two tables with a view: the view was slow.
"""


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A terminal with a home, standing in a repository with a decision, a thing to do and an issue."""
    shop = repository(
        tmp_path / "shop",
        readme_dot_md="# Shop\n",
        docs__decisions__0001_dot_md=RECORD,
        todo_dot_md="- [ ] Weigh the parts that have no weight\n",
        issues__1_dot_md="---\nnumber: 1\ntitle: Rounding\nstatus: open\nopened: 2026-11-03\n---\nIt rounds down.\n",
    )
    terminal = Terminal(tmp_path, shop)
    assert terminal.nova("init").code == 0
    return terminal


def part(card: dict[str, Json], name: str) -> list[dict[str, Json]]:
    """The lines of one part of a card."""
    parts = cast("dict[str, dict[str, Json]]", card["parts"])
    return cast("list[dict[str, Json]]", parts[name]["lines"])


def test_a_new_home_knows_at_once_where_its_project_stands(at: Terminal) -> None:
    """The minute after init a brief tells decisions with why, things to do and issues, with their places."""
    card = at.nova("brief", "shop", "--days", "3650", "--json").value
    (decided,) = part(card, "decisions")
    assert "one table" in str(decided["text"])
    assert "docs/decisions/0001.md:1" in cast("list[Json]", decided["sources"])
    assert decided["alternatives"]
    signs = part(card, "signs")
    assert [one["sources"] for one in signs] == [["todo.md:1"], ["issues/1.md:4"]]
    shown = at.nova("brief", "shop", "--days", "3650")
    assert (shown.code, shown.clean) == (0, True)
    assert "Weigh the parts that have no weight" in shown.out
    assert "todo.md:1" in shown.out


def test_all_projects_are_a_line_each(at: Terminal) -> None:
    """Without a name, each project is told in a few lines, and what needs the owner is counted."""
    other = repository(at.folder / "garden", plan_dot_md="# Plan\n")
    added = at.nova("projects", "add", str(other), "--no-history")
    assert added.code == 0
    assert "Its past" not in added.out
    shown = at.nova("brief")
    assert (shown.code, shown.clean) == (0, True)
    assert {line.split()[0] for line in shown.out.splitlines() if line and not line.startswith(" ")} >= {
        "shop",
        "garden",
    }
    listed = cast("list[dict[str, Json]]", at.nova("brief", "--json").value["projects"])
    assert sorted(str(one["project"]) for one in listed) == ["garden", "shop"]


def test_the_past_is_read_when_a_project_is_added_and_again(at: Terminal) -> None:
    """Adding tells what was found; reading again doubles nothing, follows an edit, settles what was struck out."""
    other = repository(at.folder / "garden", todo_dot_md="- [ ] Prune the roses in the east bed\n- [ ] Mend the gate\n")
    added = at.nova("projects", "add", str(other))
    assert added.code == 0, added.err
    assert "Reading the past of garden" in added.err
    assert "2 notes (2 intentions)" in added.out
    (again,) = at.nova("projects", "read", "garden", "--json").values
    assert (again["notes"], again["became"], again["settled"]) == (2, {"known": 2}, 0)
    (other / "todo.md").write_text("- [ ] Mend the gate\n- [ ] Buy seeds for spring\n", encoding="utf-8")
    (later,) = at.nova("projects", "read", "garden", "--json").values
    assert (later["became"], later["settled"]) == ({"known": 1, "added": 1}, 1)
    card = at.nova("brief", "garden", "--json").value
    assert sorted(str(one["text"]) for one in part(card, "signs")) == [
        "Buy seeds for spring (todo.md)",
        "Mend the gate (todo.md)",
    ]
    everything = at.nova("projects", "read")
    assert everything.code == 0
    assert {"shop", "garden"} <= set(everything.out.split())


def test_about_shows_only_the_lines_with_the_words(at: Terminal) -> None:
    """`--about` narrows one card or all of them, decisions of all times among them."""
    shown = at.nova("brief", "--about", "table prices")
    assert "one table" in shown.out
    assert "Weigh" not in shown.out
    none = at.nova("brief", "shop", "--about", "submarine")
    assert none.code == 0
    assert "Nothing names “submarine”." in none.out


@pytest.mark.parametrize(("words", "said"), [(["shoop"], "shop"), (["shop", "--since", "blue"], "is no day")])
def test_what_cannot_be_taken_is_refused_in_a_sentence(at: Terminal, words: list[str], said: str) -> None:
    """An unknown project brings the nearest, words that are no day how a day is written."""
    shown = at.nova("brief", *words)
    assert (shown.code, shown.clean) == (2, True)
    assert said in shown.err


def test_a_repository_that_is_gone_is_said(at: Terminal) -> None:
    """A project whose folder is gone is told with its problem; what was known of it is told all the same."""
    shutil.rmtree(at.at)
    elsewhere = Terminal(at.folder, at.folder)
    shown = elsewhere.nova("brief", "shop", "--days", "3650")
    assert (shown.code, shown.clean) == (0, True)
    assert "is no folder" in shown.out
    assert "one table" in shown.out
    assert "! " in elsewhere.nova("brief").out


def test_a_home_without_projects_says_what_to_do(tmp_path: Path) -> None:
    """With nothing to tell, the command that adds a project is named; without a home, the one that makes it."""
    (tmp_path / "here").mkdir()
    terminal = Terminal(tmp_path, tmp_path / "here")
    absent = terminal.nova("brief")
    assert (absent.code, absent.clean) == (3, True)
    assert "nova init" in absent.err
    assert terminal.nova("init").code == 0
    shown = terminal.nova("brief")
    assert (shown.code, "nova projects add PATH" in shown.out) == (0, True)
    assert terminal.nova("brief", "home").code == 0


def test_a_narrow_terminal_breaks_lines_between_words(at: Terminal) -> None:
    """No row is wider than the terminal."""
    shown = rows_of(at, 44, "brief", "shop")
    assert len(shown) > 10
    assert [row for row in shown if len(row) > 44] == []
    assert any("Weigh the parts" in row for row in shown)


def test_a_brief_loads_neither_a_model_library_nor_an_encoder(at: Terminal) -> None:
    """It is typed many times a day: nothing is imported that it does not use."""
    typed = "import sys; from nova.cli.main import app; sys.argv = ['nova', 'brief']"
    asked = f"{typed}\ntry: app()\nfinally: print(*sys.modules)"
    environment = {**os.environ, "NOVA_HOME": str(at.home), "NOVA_CACHE": str(at.folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=at.at,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    loaded = set(done.stdout.split())
    assert "nova.briefing.resume" in loaded
    assert loaded & {"pydantic_ai", "openai", "tokenizers", "safetensors", "nova.models.minilm"} == set()


def rows_of(at: Terminal, columns: int, *words: str) -> list[str]:
    """What a command shows on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "NOVA_HOME": str(at.home), "NOVA_CACHE": str(at.folder / "cache"), "NO_COLOR": "1"}
    environment.pop("COLUMNS", None)
    with subprocess.Popen([sys.executable, "-m", "nova", *words], stdout=theirs, cwd=at.at, env=environment) as process:
        os.close(theirs)
        seen = b"".join(iter(lambda: _chunk(ours), b""))
    os.close(ours)
    assert process.returncode == 0
    return seen.decode("utf-8").replace("\r", "").split("\n")


def _chunk(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # nobody writes any more: on Linux that is an error
        return b""

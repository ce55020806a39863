"""nova chat: several turns in one conversation, commands, and a way back to it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nova.settings.home import find_home
from nova.testing.house import a_home

LINES = """\
/help
/agent parts-catalogue
how much is the deposit
of an \\
order?
/why
/name deposits
/fork
/name deposits
/nonsense
/new
/quit
"""


@pytest.fixture
def said(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """What a short conversation prints."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "README.md").write_text("# Shop\n\nThe deposit is 30 percent of the order.\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    a_home(tmp_path / "home", projects={"shop": ("parts-shop", folder)})
    cache = str(find_home(os.environ).cache)
    return subprocess.run(
        [sys.executable, "-m", "nova", "chat"],
        input=LINES,
        capture_output=True,
        text=True,
        env={**os.environ, "NOVA_HOME": str(tmp_path / "home"), "NOVA_CACHE": cache},
        cwd=tmp_path,
        timeout=120,
        check=False,
    )


def test_a_conversation_in_the_terminal(said: subprocess.CompletedProcess[str]) -> None:
    """Two questions, one over two lines, are answered by the named agent; /why explains; /quit leaves with 0."""
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("README.md:3") >= 2
    assert "you named it with --agent" in said.stdout + said.stderr
    assert "“of an order?”" in " ".join(said.stdout.split())
    assert said.stdout.count("/project P") == 2  # once for /help, once for the command that does not exist
    assert "Traceback" not in said.stderr


def test_a_conversation_is_named_and_forked_where_it_is_held(said: subprocess.CompletedProcess[str]) -> None:
    """/name names it, /fork goes on in another one, and a name that is taken gets its sentence, not the door."""
    assert "this is deposits c" in said.stderr
    assert "(2 turns, shop), forked from c" in said.stderr
    assert "is already called “deposits”" in said.stderr

"""A new agent's file loads as it begins, and says itself what is still to be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.agents_files.samples import TOOLS, write_agents

from nova.agents.lint import lint
from nova.agents.load import load_roster
from nova.agents.template import agent_template
from nova.core.errors import BadInput


@pytest.mark.parametrize(
    "description", ["Keeps the books", 'Says "no: never" to #spam, ' + "x" * 900, "{braces} & *stars*\nlines"]
)
def test_a_new_agent_loads(tmp_path: Path, description: str) -> None:
    """Whatever the description holds, the file loads without a problem."""
    home = write_agents(tmp_path, book_keeper=agent_template("book-keeper", description))
    agent = load_roster(tmp_path / "none", home, TOOLS).agent("book-keeper")
    assert agent.description == " ".join(description.split())
    assert agent.description in agent.instructions


def test_only_what_must_be_filled_is_remarked(tmp_path: Path) -> None:
    """lint on a new agent asks for examples, boundaries, failure modes and a reason, and for nothing else."""
    home = write_agents(tmp_path, keeper=agent_template("keeper", "Keeps the books", "office"))
    roster = load_roster(tmp_path / "none", home, TOOLS)
    remarks = lint(roster)
    assert roster.agent("keeper").domain == "office"
    assert [remark.problem.line for remark in remarks] == [11, 13, 14, 15]
    assert not any(remark.fails for remark in remarks)


@pytest.mark.parametrize(
    ("name", "description"), [("Keeper", "x"), ("a b", "x"), ("../x", "x"), ("", "x"), ("keeper", " ")]
)
def test_bad_names_are_refused(name: str, description: str) -> None:
    """A name that would be no file name, or no description, is refused before anything is written."""
    with pytest.raises(BadInput):
        agent_template(name, description)
    with pytest.raises(BadInput):
        agent_template("keeper", "Keeps", domain=name.upper() or "?")

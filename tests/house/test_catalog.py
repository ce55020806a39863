"""The shipped catalog: the 34 agents are there, each with enough to be told from its neighbours."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nova.agents.definition import Agent, phrases
from nova.agents.lint import BOUNDARIES_MIN, EXAMPLES_MIN, FAILURE_MODES_MIN, lint
from nova.agents.load import Roster, agent_files, load_roster
from nova.app.tools import all_tools

CATALOG = Path(__file__).parents[2] / "catalog"
NAMES = [
    "general-chat",
    "orientation",
    "decisions",
    "memory-keeper",
    "requirements",
    "issue-triage",
    "fix-proposer",
    "code-reviewer",
    "test-writer",
    "release-notes",
    "pipeline-runner",
    "erp-architecture",
    "erp-schema",
    "erp-orm",
    "erp-tenancy",
    "erp-migrations",
    "erp-performance",
    "erp-permissions",
    "erp-reports",
    "marketplace-model",
    "listing-writer",
    "marketplace-trust",
    "parts-catalogue",
    "parts-import",
    "site-auditor",
    "site-care",
    "summariser",
    "editor",
    "translator",
    "email-drafter",
    "blog-writer",
    "visitor-guide",
    "nova-reviewer",
    "nova-refactorer",
]
TOOLS = tuple(all_tools())
ROSTER = load_roster(CATALOG, None, TOOLS)


@pytest.fixture(scope="module")
def roster() -> Roster:
    return ROSTER


ROOT = Path(__file__).parents[2]


def test_all_are_there() -> None:
    """The catalog holds these 34 agents and no others."""
    assert len(NAMES) == 34
    assert sorted(agent_files(CATALOG, None)) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_told_apart(roster: Roster, name: str) -> None:
    """Every agent has a reason, enough examples and boundaries, and instructions of its own length."""
    agent = roster.agent(name)
    assert len(agent.examples) >= EXAMPLES_MIN
    assert len(agent.not_for) >= BOUNDARIES_MIN
    assert len(agent.failure_modes) >= FAILURE_MODES_MIN
    assert len(agent.reason) > 40
    assert len(phrases(agent)) >= 3
    assert len(agent.instructions.splitlines()) >= 12


def test_names_lead_somewhere(roster: Roster) -> None:
    """Each boundary and each handoff names another agent of the catalog."""
    for agent in roster.agents:
        for name in (*agent.handoffs, *(boundary.who for boundary in agent.not_for)):
            assert name in NAMES
            assert name != agent.name


def test_lint_has_nothing_to_say(roster: Roster) -> None:
    """No example has two owners, no description says what is not done, no agent could leak."""
    assert [str(remark.problem) for remark in lint(roster)] == []


def test_visitors_reach_one_agent(roster: Roster) -> None:
    """A visitor reaches visitor-guide and nobody else, and it can read nothing of the owner's."""
    (guide,) = (agent for agent in roster.agents if agent.visitors)
    assert guide.name == "visitor-guide"
    assert not guide.reads_private
    assert not set(guide.tools) & {"git_log", "git_diff", "git_blame", "git_status", "issues_list", "issues_read"}


@pytest.mark.parametrize("agent", ROSTER.agents, ids=lambda agent: agent.name)
def test_tools_ask_for_private_reading(agent: Agent) -> None:
    """An agent with a tool that reads projects says that it reads what is private."""
    if agent.tools and not agent.visitors:
        assert agent.reads_private


def test_domains_and_kinds(roster: Roster) -> None:
    """Specialists of a kind of project serve that kind only; all others serve everywhere."""
    kinds = {agent.name: agent.kinds for agent in roster.agents if agent.kinds}
    assert all(kinds[name] == ("django-erp",) for name in NAMES if name.startswith("erp-"))
    assert kinds["parts-import"] == kinds["parts-catalogue"] == ("parts-shop",)
    assert set(kinds["site-care"]) == {"site", "blog"}
    assert kinds["blog-writer"] == ("blog",)
    assert kinds["nova-reviewer"] == kinds["nova-refactorer"] == ("nova",)
    assert {"general-chat", "summariser", "code-reviewer", "orientation"}.isdisjoint(kinds)


def test_no_example_is_a_request_that_is_held_out(roster: Roster) -> None:
    """What the router is measured on (fleet.jsonl, the acceptance requests) teaches no agent, however it is written."""
    fleet = (ROOT / "benchmarks" / "routing" / "fleet.jsonl").read_text(encoding="utf-8").splitlines()
    held = {_plain(str(json.loads(line)["text"])) for line in fleet}
    for file in (ROOT / "tests" / "acceptance" / "requests").glob("*.yaml"):
        said = re.findall(r"^ +- say: (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert said
        held |= {_plain(text) for text in said}
    taught = {_plain(example): agent.name for agent in roster.agents for example in agent.examples}
    assert {text: taught[text] for text in held if text in taught} == {}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))

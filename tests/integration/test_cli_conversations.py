"""nova conversations as a person meets it: in the terminal, with names, forks and clear sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.terminal import Terminal, repository


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A terminal with a home and one project, shop."""
    terminal = Terminal(tmp_path, repository(tmp_path / "shop", README_dot_md="# Shop\n\nThe deposit is 30 percent.\n"))
    assert terminal.nova("init").code == 0
    return terminal


def asked(at: Terminal, *words: str) -> str:
    """The conversation in which this was asked."""
    return str(at.nova("ask", "-a", "orientation", "--json", *words).value["conversation"])


def test_what_is_gone_on_in_is_said_to_people_and_not_to_scripts(at: Terminal) -> None:
    """--continue says which conversation it goes on in, or that there is none; --json and --events print no note."""
    fresh = at.nova("ask", "-c", "-a", "orientation", "what", "is", "the", "deposit?")
    assert "nothing was said in the last 12 hours, so this begins a new conversation" in fresh.err
    [listed] = at.nova("conversations", "list", "--json").values
    again = at.nova("ask", "-c", "-a", "orientation", "and", "the", "rest?")
    assert f"going on in {listed['conversation']} (1 turn, shop); a fresh one: --new" in again.err
    for quiet in ("--json", "--events"):
        assert "going on" not in at.nova("ask", "-c", "-a", "orientation", quiet, "and", "then?").err
    [listed] = at.nova("conversations", "list", "--json").values
    assert listed["turns"] == 4
    at.nova("ask", "--new", "-a", "orientation", "what", "is", "new?")
    assert len(at.nova("conversations", "list", "--json").values) == 2
    both = at.nova("ask", "--new", "-c", "hello")
    assert (both.code, "Leave one of them out" in both.err) == (2, True)


def test_a_conversation_is_named_shown_forked_and_closed(at: Terminal) -> None:
    """By its name it is continued, shown in pages with its runs, forked at one of them, closed and opened."""
    first = asked(at, "what is the deposit?")
    assert at.nova("conversations", "name", first[:6], "deposits").code == 0
    assert asked(at, "--conversation", "deposits", "and the rest?") == first
    shown = at.nova("conversations", "show", "deposits")
    assert shown.out.startswith("deposits\n")
    assert "> what is the deposit?" in shown.out
    assert shown.out.index("the deposit?") < shown.out.index("and the rest?")
    page = at.nova("conversations", "show", "deposits", "--count", "1", "--page", "2", "--json").value
    assert (page["page"], page["pages"]) == (2, 2)
    assert isinstance(page["said"], list)
    [said] = page["said"]
    assert isinstance(said, dict)
    assert said["request"] == "what is the deposit?"
    forked = at.nova("conversations", "fork", "deposits", "--at", str(said["run"]), "--json").value
    assert (forked["turns"], forked["shared"], forked["forked_from"]) == (1, 1, first)
    assert f"(forked from {first})" in at.nova("conversations", "list").out
    assert at.nova("conversations", "close", "deposits").code == 0
    closed = at.nova("chat", "--conversation", "deposits")
    assert (closed.code, "nova conversations reopen" in closed.err) == (2, True)
    assert [one["conversation"] for one in at.nova("conversations", "list", "--open", "--json").values] == [
        forked["conversation"]
    ]
    assert "is open" in at.nova("conversations", "reopen", "deposits").out


def test_an_unknown_name_is_met_with_the_nearest_as_json_too(at: Terminal) -> None:
    """What does not exist is said with what was probably meant and exit code 2, readable by scripts."""
    first = asked(at, "what is the deposit?")
    at.nova("conversations", "name", first, "deposits")
    for words in (("show", "deposit"), ("fork", "deposit"), ("move", "deposit", "shop"), ("close", "deposit")):
        shown = at.nova("conversations", *words, "--json")
        assert (shown.code, shown.value["error"], shown.value["mend"]) == (2, "Unknown", "Did you mean deposits?")
    over = at.nova("conversations", "show", "deposits", "--page", "9")
    assert (over.code, over.clean) == (2, True)
    assert "has 1 page" in over.err


def test_a_search_shows_the_turn_and_its_run(at: Terminal) -> None:
    """What was said is found again with the run it was said in, under its conversation."""
    told = at.nova("ask", "-a", "orientation", "--json", "where do we note the brass hinge supplier?").value
    asked(at, "what changed today?")
    shown = at.nova("conversations", "search", "brass", "hinge")
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    assert lines[0].startswith(str(told["conversation"]))
    assert any(line.strip().startswith(str(told["run"])) and "brass hinge" in line for line in lines)
    assert at.nova("conversations", "search", " ").code == 2


def test_without_a_conversation_there_is_a_hint(at: Terminal) -> None:
    """An empty home says how to begin; a machine gets an empty list."""
    assert "nova ask" in at.nova("conversations", "list").out
    assert at.nova("conversations", "list", "--json").values == []


def test_the_shell_offers_names_before_ids(at: Terminal) -> None:
    """After TAB a conversation is offered by its name where it has one, else by its id, with what it began with."""
    first, second = asked(at, "what is the deposit?"), asked(at, "--new", "where is the hinge?")
    at.nova("conversations", "name", first, "deposits")
    line = "nova conversations show "
    shown = at.nova(_NOVA_COMPLETE="complete_fish", _TYPER_COMPLETE_ARGS=line, _TYPER_COMPLETE_FISH_ACTION="get-args")
    offered = dict(one.split("\t") for one in shown.out.splitlines())
    assert offered == {"deposits": "what is the deposit?", second: "where is the hinge?"}

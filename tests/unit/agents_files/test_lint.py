"""lint says what keeps agents from being told apart, and fails only on what a router could not mend."""

from __future__ import annotations

from pathlib import Path

from tests.unit.agents_files.samples import TOOLS, write_agents

from nova.agents.lint import Prediction, Remark, lint, overlaps
from nova.agents.load import Roster, load_roster
from nova.core.errors import Problem

GOOD = """\
---
name: {name}
description: {description}
nova:
  reason: It is one of two.
  not_for:
    - {{what: "case one", who: {other}}}
    - {{what: "case two", who: {other}}}
    - {{what: "case three", who: {other}}}
    - {{what: "case four", who: {other}}}
  examples:
{examples}
  failure_modes: [It errs., It tires.]
{rest}---
You do {name}.
"""


def agent(
    name: str, other: str, *, count: int = 12, description: str = "Does it", extra: str = "", rest: str = ""
) -> str:
    """The text of an agent that lints clean, unless it is told otherwise."""
    examples = "".join(f"    - {name} request number {number}\n" for number in range(count)) + extra
    return GOOD.format(name=name, other=other, description=description, examples=examples.rstrip("\n"), rest=rest)


def roster(folder: Path, **texts: str) -> Roster:
    return load_roster(write_agents(folder, **texts), None, TOOLS)


def said(remarks: tuple[Remark, ...]) -> list[str]:
    """Line and sentence of each remark, failing ones marked."""
    return [("FAILS " if one.fails else "") + _said(one.problem) for one in remarks]


def _said(problem: Problem) -> str:
    return f"{Path(problem.file).name}:{problem.line}: {problem.what}"


def test_a_good_roster_has_no_remarks(tmp_path: Path) -> None:
    """Where nothing is to better, nothing is said."""
    good = roster(tmp_path, one=agent("one", "two"), two=agent("two", "one"))
    predictions = [Prediction(agent=a.name, example=e, predicted=a.name) for a in good.agents for e in a.examples]
    assert lint(good, predictions, rank=lambda text: ["one", "two"]) == ()


def test_what_is_missing_is_counted(tmp_path: Path) -> None:
    """Too few examples, boundaries and failure modes are told with how many are missing."""
    bare = "---\nname: bare\ndescription: Never idle\n---\nYou do.\n"
    remarks = lint(roster(tmp_path, one=agent("one", "bare", count=9), bare=bare))
    assert said(remarks) == [
        "bare.md:2: Without examples only @bare reaches this agent.",
        "bare.md:2: “not_for” is empty.",
        "bare.md:2: “failure_modes” is empty.",
        "bare.md:2: “reason” is empty.",
        "bare.md:3: The description says “Never”, and the router would learn what follows as this agent's job.",
        "one.md:11: 9 examples are too few for the router to be sure by itself.",
    ]
    assert remarks[-1].problem.mend == "Write 3 more."


def test_the_router_may_want_more(tmp_path: Path) -> None:
    """Twelve examples may still be too few for the router; then its number counts."""
    pair = roster(tmp_path, one=agent("one", "two"), two=agent("two", "one"))
    assert [remark.problem.mend for remark in lint(pair, missing={"two": 5})] == ["Write 5 more."]


def test_the_same_example_twice(tmp_path: Path) -> None:
    """One request with two owners fails; the same one twice with one owner is only a waste."""
    doubled = agent("two", "one", extra="    - One request, number 3!\n    - two request number 4\n")
    assert said(lint(roster(tmp_path, one=agent("one", "two"), two=doubled))) == [
        "FAILS two.md:24: The example “One request, number 3!” is also one of one.",
        "two.md:25: The example “two request number 4” is also one of two.",
    ]


def test_a_boundary_that_leads_nowhere(tmp_path: Path) -> None:
    """A boundary whose agent is not among the five nearest to its words is told at its line."""
    pair = roster(tmp_path, one=agent("one", "two"), two=agent("two", "one"))
    others = ["a", "b", "c", "d"]
    remarks = lint(
        pair, rank=lambda text: ["one", *others, "e", "two"] if text == "case three" else ["one", *others, "two"]
    )
    remarks = tuple(remark for remark in remarks if remark.agent == "one")
    assert said(remarks) == ["one.md:9: Nothing that two has for examples sounds like “case three”."]


def test_a_pair_that_cannot_be_told_apart_fails(tmp_path: Path) -> None:
    """At 40 % of both agents' examples gone to the other the pair fails; at 15 % it is told; below it is silent."""
    pair = roster(tmp_path, one=agent("one", "two", count=20), two=agent("two", "one", count=20))

    def predictions(astray: int) -> list[Prediction]:
        judged = [(agent, example) for agent in pair.agents for example in agent.examples]
        swap = {"one": "two", "two": "one"}
        return [
            Prediction(agent=agent.name, example=example, predicted=swap[agent.name] if number < astray else agent.name)
            for number, (agent, example) in enumerate(judged)
        ]

    assert lint(pair, predictions(5)) == ()
    assert said(lint(pair, predictions(6)))[0].startswith(
        "one.md:0: one and two overlap: 6 of 40 examples go astray, “one"
    )
    assert said(lint(pair, predictions(16)))[0].startswith("FAILS one.md:0: one and two cannot be told apart: 16 of 40")


def test_none_of_the_agents_is_no_pair() -> None:
    """An example that no agent wanted makes no two agents alike."""
    assert overlaps([Prediction(agent="one", example="x", predicted="")]) == ()


def test_three_powers_at_once_fail(tmp_path: Path) -> None:
    """An agent that reads private files, sees strangers' text and acts outside is refused: it could leak."""
    rest = "  reads_private: true\n  sees_untrusted: true\n  acts_outside: true\n"
    remarks = lint(roster(tmp_path, one=agent("one", "two", rest=rest), two=agent("two", "one")))
    assert said(remarks) == [
        "FAILS one.md:27: It reads private files, is shown text by strangers and acts outside: "
        "a stranger could have it leak them."
    ]

"""Odd texts and odd moments: what a tool gave is kept whole, with its label, whatever is in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.support.a_crew import AHome, a_plan

from nova.core.json import Json
from nova.core.labels import HOME, Label
from nova.core.outcomes import Done, Failed
from nova.core.reviews import Answer
from nova.pipelines import moments
from nova.pipelines.crew import ToolCall, ToolOutput
from nova.pipelines.plain import plain, plain_text
from nova.pipelines.settled import Waits

ODD = "a\x00b\ud800c\udfff"


@pytest.mark.parametrize("value", ["a", "ä\n", ["x", {"y": 1.5}], None, True, "\N{GRINNING FACE}"])
def test_what_is_plain_stays_as_it_is(value: Json) -> None:
    """A value without odd characters is given back itself."""
    assert plain(value) is value


def test_odd_characters_are_replaced_wherever_they_stand() -> None:
    """NUL and lone surrogates become U+FFFD, in names of fields too; the two halves of one character join."""
    assert plain({"k\ud800": [ODD]}) == {"k\ufffd": ["a\ufffdb\ufffdc\ufffd"]}
    assert plain_text("\ud83d\ude00") == "\N{GRINNING FACE}"


async def test_a_tool_that_gives_odd_characters_costs_nothing(home: AHome) -> None:
    """Typed fields with lone surrogates go through tools, agents, a review, its answer and the outcome."""
    real = home.crew.tool

    async def odd(call: ToolCall) -> ToolOutput:
        found = await real(call)
        return replace(found, value={**found.value, "text": ODD, "lines": [ODD], "more": {ODD: ODD}})

    home.crew.tool = odd
    show: Json = {"payload": "${one.output.text}", "evidence": "${one.output.lines}", "diff": "${one.output.text}"}
    plan = a_plan(
        {
            "one": {"tool": "look", "with": {"a": "${inputs.word}"}},
            "two": {"tool": "post", "with": {"a": "${one.output.text}"}},
            "three": {"agent": "writer", "task": "${two.output.text}", "with": {"facts": "${one.output.lines}"}},
            "ask": {"review": "Is “${three.output.text}” good?", "show": show},
        },
        inputs={"word": {"type": "string"}},
        outputs={"text": "${ask.output.payload}"},
    )
    run = home.begin(plan, {"word": ODD})
    assert isinstance(await home.walk(run.id), Waits)
    home.answer(home.waiting()[0].id, Answer.APPROVE, reason=ODD)
    outcome = await home.walk(run.id, 2)
    assert isinstance(outcome, Done), outcome
    assert outcome.text == "a\ufffdb\ufffdc\ufffd"


async def test_an_action_that_was_done_before_a_crash_keeps_its_label(
    home: AHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in for doing it again carries whose it is, as the result itself did."""
    theirs = Label(scopes=frozenset({HOME, "elsewhere"}), trusted=False)
    real = home.crew.tool

    async def labelled(call: ToolCall) -> ToolOutput:
        return replace(await real(call), label=theirs)

    def dies(*_: object) -> None:
        raise asyncio.CancelledError

    home.crew.tool = labelled
    run = home.begin(a_plan({"one": {"tool": "post", "with": {"a": "1"}}}))
    with monkeypatch.context() as patched:
        patched.setattr(moments, "done", dies)
        with pytest.raises(asyncio.CancelledError):
            await home.walk(run.id)
    assert isinstance(await home.walk(run.id), Done)
    assert home.crew.did == ["post {'a': '1'}"]
    assert home.steps(run.id)["one"].label == theirs
    assert home.row(run.id).label == theirs


async def test_a_condition_that_cannot_be_decided_fails_its_step(home: AHome) -> None:
    """An edit that makes no number of one fails the step that compares it, and is no crash of the whole."""
    plan = a_plan(
        {
            "one": {"tool": "look", "with": {"a": "1"}},
            "ask": {"review": "Shall it?", "show": {"payload": "${one.output.count}"}},
            "two": {"tool": "post", "with": {"a": "1"}, "when": {"value": "${ask.output.payload}", "more": 0}},
        }
    )
    run = home.begin(plan)
    assert isinstance(await home.walk(run.id), Waits)
    home.answer(home.waiting()[0].id, Answer.CHANGE, edit="many")
    outcome = await home.walk(run.id, 2)
    assert isinstance(outcome, Failed)
    assert "The step two failed" in outcome.what

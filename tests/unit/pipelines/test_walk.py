"""The walk of a plan: order, tries, stand-ins, waits, and what is on disk when it ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.support.a_crew import AHome, a_plan, plan_over

from nova.core.degradations import DegradationKind
from nova.core.errors import BadInput, Superseded, ToolFailed, ToolTransient
from nova.core.json import Json
from nova.core.limits import TreeLimits
from nova.core.outcomes import Done, Failed, NeedsInput, Stopped
from nova.core.reviews import Answer
from nova.core.runs import RunState
from nova.core.steps import StepState, WalkState
from nova.pipelines import again, reviews
from nova.pipelines.settled import Waits

CHAIN = a_plan(
    {
        "one": {"tool": "look", "with": {"word": "${inputs.word}"}},
        "two": {"agent": "writer", "task": "Say ${one.output.text}"},
        "three": {"tool": "post", "with": {"word": "${two.output.text}"}},
    },
    inputs={"word": {"type": "string", "default": "hello"}},
    outputs={"text": "${three.output.text}"},
)


async def test_what_a_node_gives_reaches_the_next(home: AHome) -> None:
    """A chain of a tool, an agent and a tool gives what the last one made of it, and every step is on disk."""
    run, outcome = await home.go(CHAIN)
    assert isinstance(outcome, Done)
    assert outcome.text == "Say hello!"
    assert [step.state for step in home.steps(run).values()] == [StepState.DONE] * 3
    assert home.row(run).state is RunState.DONE
    assert home.walk_row(run).state is WalkState.ENDED
    assert home.walk_row(run).output == {"text": "Say hello!"}


async def test_steps_are_named_by_pipeline_revision_and_node(home: AHome) -> None:
    """The name of a step says which node of which revision it is."""
    run, _ = await home.go(CHAIN)
    assert home.steps(run)["two"].name == f"pipe:tested@{CHAIN.revision}/node:two"


async def test_independent_nodes_run_side_by_side(home: AHome) -> None:
    """Three nodes without an edge between them are at work at the same time."""
    plan = a_plan({name: {"tool": "look", "with": {"n": name}} for name in ("a", "b", "c")})
    await home.go(plan)
    assert home.crew.most_at_once == 3


async def test_a_map_keeps_to_its_limit_and_to_the_order_of_its_list(home: AHome) -> None:
    """No more elements than `at_once` are worked on at a time, and the results stand in the order of the list."""
    plan = a_plan(
        {
            "all": {"tool": "look", "with": {str(number): f"n{number}" for number in range(7)}},
            "each": {"map": "${all.output.lines}", "at_once": 2, "do": {"tool": "post", "with": {"it": "${item}"}}},
        },
        outputs={"items": "${each.output.items}", "count": "${each.output.count}"},
    )
    run, _ = await home.go(plan)
    output = home.walk_row(run).output
    assert isinstance(output, dict)
    items = output["items"]
    assert isinstance(items, list)
    assert [one["text"] for one in items if isinstance(one, dict)] == [f"n{number}" for number in range(7)]
    assert home.crew.most_at_once == 2


async def test_what_was_not_chosen_is_left_out_and_said(home: AHome) -> None:
    """A choose walks the nodes of its case only, and each node that is left out says why."""
    plan = a_plan(
        {
            "look": {"tool": "look", "with": {"a": "1"}},
            "which": {
                "choose": [
                    {"name": "many", "when": {"value": "${look.output.count}", "more": 1}, "then": ["big"]},
                    {"name": "otherwise", "then": ["small"]},
                ]
            },
            "big": {"tool": "post", "with": {"size": "big"}},
            "small": {"tool": "post", "with": {"size": "small"}},
        },
        outputs={"text": {"first": ["${big.output.text}", "${small.output.text}"]}},
    )
    run, outcome = await home.go(plan)
    assert isinstance(outcome, Done)
    assert outcome.text == "small"
    left = home.steps(run)["big"]
    assert (left.state, left.what) == (StepState.SKIPPED, "which chose otherwise")


async def test_a_transient_failure_is_tried_again_with_growing_waits(home: AHome) -> None:
    """A step whose policy allows it is tried again after waits that grow, and the outcome says that it was."""
    home.crew.tools["look"] = [ToolTransient("It is busy."), ToolTransient("It is busy.")]
    plan = a_plan(
        {
            "one": {
                "tool": "look",
                "with": {"a": "1"},
                "retries": {"times": 3, "wait_seconds": 1, "backoff": 3, "jitter": 0},
            }
        }
    )
    run, outcome = await home.go(plan)
    assert isinstance(outcome, Done)
    assert home.naps == [1.0, 3.0]
    assert home.steps(run)["one"].attempt == 3
    assert [one.kind for one in outcome.degradations] == [DegradationKind.RETRIED, DegradationKind.RETRIED] or (
        [one.kind for one in outcome.degradations] == [DegradationKind.RETRIED]
    )


async def test_a_permanent_failure_is_not_tried_again(home: AHome) -> None:
    """A failure of a class that the policy does not name ends the step at once."""
    home.crew.tools["look"] = [ToolFailed("There is no such file.", "Name another.")]
    plan = a_plan({"one": {"tool": "look", "with": {"a": "1"}, "retries": {"times": 3}}})
    run, outcome = await home.go(plan)
    assert isinstance(outcome, Failed)
    assert len(home.crew.did) == 1
    assert "There is no such file." in outcome.what
    assert f"nova runs retry {run}" in outcome.mend


async def test_a_run_whose_required_step_failed_is_never_done(home: AHome) -> None:
    """Failed steps stop the run as Failed; what would have come after them is not walked."""
    home.crew.tools["look"] = [ToolFailed("No.")]
    run, outcome = await home.go(CHAIN)
    assert isinstance(outcome, Failed)
    assert list(home.steps(run)) == ["one"]
    assert home.row(run).state is RunState.FAILED


async def test_otherwise_stands_in_and_the_outcome_says_so(home: AHome) -> None:
    """With continue-degraded the run goes on with `otherwise`, and is Done with a degradation that names the step."""
    home.crew.tools["look"] = [ToolFailed("No.")]
    plan = a_plan(
        {
            "one": {
                "tool": "look", "with": {"a": "1"}, "on_failure": "continue-degraded",
                "otherwise": {"text": "nothing", "count": 0, "lines": []},
            },
            "two": {"agent": "writer", "task": "${one.output.text}"},
        },
        outputs={"text": "${two.output.text}"},
    )  # fmt: skip
    run, outcome = await home.go(plan)
    assert isinstance(outcome, Done)
    assert outcome.text == "nothing!"
    assert [one.kind for one in outcome.degradations] == [DegradationKind.STEP_FAILED]
    assert "one" in outcome.degradations[0].what
    assert not outcome.verified
    assert home.steps(run)["one"].state is StepState.DEGRADED
    assert "Degraded" in home.kinds(run)


async def test_a_fallback_agent_answers_and_is_named(home: AHome) -> None:
    """When all tries of a step's agent failed, its fallback is asked once, and the outcome names it."""
    home.crew.agents["writer"] = [Failed(error="ProviderPermanent", what="The key was refused.")]
    plan = a_plan({"one": {"agent": "writer", "task": "Hi", "fallback": {"agent": "other"}}})
    _, outcome = await home.go(plan)
    assert isinstance(outcome, Done)
    assert home.crew.did == ["writer: Hi", "other: Hi"]
    assert [one.kind for one in outcome.degradations] == [DegradationKind.FALLBACK_AGENT]
    assert "The key was refused." in outcome.degradations[0].what


async def test_a_fallback_model_is_another_role_of_the_same_agent(home: AHome) -> None:
    """A fallback model asks the same agent with another role, and the outcome says so."""
    home.crew.agents["writer"] = [Failed(error="ProviderTransient", what="It is overloaded.")]
    plan = a_plan({"one": {"agent": "writer", "task": "Hi", "fallback": {"model": "strong"}}})
    _, outcome = await home.go(plan)
    assert home.crew.roles == ["", "strong"]
    assert [one.kind for one in outcome.degradations] == [DegradationKind.FALLBACK_MODEL]


async def test_a_reply_in_the_wrong_shape_is_asked_for_once_more(home: AHome) -> None:
    """An agent whose value does not fit the schema is told what was wrong, once; then the step fails."""
    wrong = Failed(error="WrongShape", what="size is missing.")
    home.crew.agents["writer"] = [wrong, wrong]
    plan = a_plan({"one": {"agent": "writer", "task": "Hi", "output": {"type": "object"}}})
    _, outcome = await home.go(plan)
    assert isinstance(outcome, Failed)
    assert home.crew.told == [(), ("Your last reply could not be used: size is missing.",)]


async def test_a_step_that_takes_too_long_is_cut(home: AHome) -> None:
    """A step over its timeout fails as TimedOut, and says which limit to raise."""
    home.crew.tools["look"] = [30.0]
    plan = a_plan({"one": {"tool": "look", "with": {"a": "1"}, "timeout_seconds": 0.05}})
    run, outcome = await home.go(plan)
    assert isinstance(outcome, Failed)
    assert home.steps(run)["one"].error == "TimedOut"
    assert "timeout_seconds" in outcome.mend


async def test_an_agent_that_asks_back_fails_its_step(home: AHome) -> None:
    """Nobody is there to answer an agent within a pipeline, so its question is the failure."""
    home.crew.agents["writer"] = [NeedsInput(question="Which project?")]
    _, outcome = await home.go(a_plan({"one": {"agent": "writer", "task": "Hi"}}))
    assert isinstance(outcome, Failed)
    assert "Which project?" in outcome.what


async def test_a_bug_in_a_node_fails_its_step_and_says_that_it_is_one(home: AHome) -> None:
    """An exception that nobody expected costs the step, not the process."""
    home.crew.tools["look"] = [ValueError("oops")]
    _, outcome = await home.go(a_plan({"one": {"tool": "look", "with": {"a": "1"}}}))
    assert isinstance(outcome, Failed)
    assert "ValueError: oops" in outcome.what
    assert "bug" in outcome.mend


async def test_a_pipeline_within_a_pipeline_is_a_run_of_its_own(home: AHome) -> None:
    """A called pipeline gives its typed outputs to its caller and stands in the record as a run below it."""
    below = a_plan(
        {"it": {"agent": "other", "task": "${inputs.what}"}},
        id="lower", inputs={"what": {"type": "string"}}, outputs={"said": "${it.output.text}"},
    )  # fmt: skip
    plan = plan_over(
        below,
        {
            "call": {"pipeline": "lower", "with": {"what": "this"}},
            "end": {"agent": "writer", "task": "${call.output.said}"},
        },
        outputs={"text": "${end.output.text}"},
    )
    run, outcome = await home.go(plan, below={"lower": below})
    assert isinstance(outcome, Done)
    assert outcome.text == "this!!"
    child = home.row(home.steps(run)["call"].child)
    assert (child.parent, child.state) == (run, RunState.DONE)
    assert home.walk_row(child.id).root == run


async def test_a_review_parks_the_run_and_its_answer_goes_on_once(home: AHome) -> None:
    """A run with a review holds nothing; one answer queues one leg, the second answer is refused."""
    plan = a_plan(
        {
            "draft": {"agent": "writer", "task": "Draft"},
            "ask": {"review": "Send it?", "show": {"payload": "${draft.output.text}"}, "if_ignored": "It is not sent."},
            "send": {"tool": "post", "with": {"text": "${ask.output.payload}"}},
        },
        outputs={"text": "${send.output.text}"},
    )
    run = home.begin(plan)
    parked = await home.walk(run.id)
    assert isinstance(parked, Waits)
    assert home.row(run.id).state is RunState.WAITING
    assert home.walk_row(run.id).state is WalkState.PARKED
    (review,) = home.waiting()
    assert (review.question, review.payload, review.if_ignored) == ("Send it?", "Draft!", "It is not sent.")
    home.answer(review.id, Answer.APPROVE)
    with pytest.raises(BadInput, match="has been answered: approve"):
        home.answer(review.id, Answer.REJECT, reason="no")
    assert home.queued == [(run.id, 1), (run.id, 2)]
    ended = await home.walk(run.id, 2)
    assert isinstance(ended, Done)
    assert home.crew.did == ["writer: Draft", "post {'text': 'Draft!'}"]
    assert await home.walk(run.id, 2) is None


async def test_an_answer_with_an_edit_changes_what_goes_on(home: AHome) -> None:
    """A change takes the place of the payload in everything that comes after the review."""
    plan = a_plan(
        {
            "ask": {"review": "Send?", "show": {"payload": "old"}},
            "send": {"tool": "post", "with": {"t": "${ask.output.payload}"}},
        }
    )
    run = home.begin(plan)
    await home.walk(run.id)
    home.answer(home.waiting()[0].id, Answer.CHANGE, edit="new")
    await home.walk(run.id, 2)
    assert home.crew.did == ["post {'t': 'new'}"]


async def test_a_rejection_stops_the_run_with_its_reason(home: AHome) -> None:
    """A rejected review ends the run as Stopped, the reason in its evidence; a rejection without one is refused."""
    run = home.begin(
        a_plan({"ask": {"review": "Send?", "show": {"payload": "x"}}, "send": {"tool": "post", "after": ["ask"]}})
    )
    await home.walk(run.id)
    review = home.waiting()[0]
    with pytest.raises(BadInput, match="needs a reason"):
        home.answer(review.id, Answer.REJECT)
    home.answer(review.id, Answer.REJECT, reason="Too early.")
    ended = await home.walk(run.id, 2)
    assert isinstance(ended, Stopped)
    assert "Too early." in ended.evidence
    assert home.crew.did == []


async def test_an_answer_is_bound_to_what_was_shown(home: AHome) -> None:
    """An answer that names another digest than the payload's is refused, and the review still waits."""
    run = home.begin(a_plan({"ask": {"review": "Send?", "show": {"payload": "x"}}}))
    await home.walk(run.id)
    review = home.waiting()[0]
    with pytest.raises(BadInput, match="bound to"):
        home.answer(review.id, Answer.APPROVE, digest="0" * 64)
    assert [one.id for one in home.waiting()] == [review.id]
    home.answer(review.id, Answer.APPROVE, digest=review.digest)


async def test_a_review_deep_down_surfaces_and_its_answer_finds_the_way_back(home: AHome) -> None:
    """A review in a pipeline that a map of a pipeline calls is listed like any other; answered, the whole goes on."""
    below = a_plan(
        {"ask": {"review": "About ${inputs.what}?", "show": {"payload": "${inputs.what}"}}},
        id="lower", inputs={"what": {"type": "string"}}, outputs={"said": "${ask.output.answer}"},
    )  # fmt: skip
    plan = plan_over(
        below,
        {
            "all": {"tool": "look", "with": {"a": "x", "b": "y"}},
            "each": {"map": "${all.output.lines}", "do": {"pipeline": "lower", "with": {"what": "${item}"}}},
        },
        outputs={"count": "${each.output.count}"},
    )
    run = home.begin(plan, below={"lower": below})
    await home.walk(run.id)
    first, second = home.waiting()
    assert {first.question, second.question} == {"About x?", "About y?"}
    assert {first.root, second.root} == {run.id}
    home.answer(first.id, Answer.APPROVE)
    parked = await home.walk(run.id, 2)
    assert isinstance(parked, Waits)
    home.answer(second.id, Answer.APPROVE)
    assert isinstance(await home.walk(run.id, 3), Done)
    assert home.crew.did == ["look {'a': 'x', 'b': 'y'}"]


async def test_a_failed_step_can_ask_what_to_do(home: AHome) -> None:
    """With on_failure: review the owner decides about a failed step, and “try again” tries it once more."""
    home.crew.tools["look"] = [ToolFailed("No.")]
    run = home.begin(
        a_plan(
            {"one": {"tool": "look", "with": {"a": "1"}, "on_failure": "review"}},
            outputs={"text": "${one.output.text}"},
        )
    )
    await home.walk(run.id)
    (review,) = home.waiting()
    assert "one failed: No." in review.question
    home.answer(review.id, Answer.APPROVE)
    ended = await home.walk(run.id, 2)
    assert isinstance(ended, Done)
    assert ended.text == "1"


async def test_a_long_wait_parks_and_wakes_by_the_clock(home: AHome) -> None:
    """A run that sleeps for an hour is parked; it is woken when the hour is over, and not before."""
    run = home.begin(a_plan({"nap": {"wait": 3600}, "then": {"tool": "post", "after": ["nap"]}}))
    assert isinstance(await home.walk(run.id), Waits)
    assert reviews.wake_due(home.waking) == 0
    home.ahead = timedelta(seconds=3601)
    assert reviews.wake_due(home.waking) == 1
    assert isinstance(await home.walk(run.id, 2), Done)


async def test_a_walk_that_was_taken_over_writes_nothing_more(home: AHome) -> None:
    """Of two who walk one run the second holds it; the first is refused at its next write, and no step runs twice."""
    home.crew.tools["look"] = [0.3]
    run = home.begin(CHAIN)
    first = asyncio.create_task(home.walk(run.id, executor="first"))
    await asyncio.sleep(0.1)
    walk = again.resume(home.waking, run.id, by_force=True)
    assert isinstance(await home.walk(run.id, walk.leg, executor="second"), Done)
    with pytest.raises(Superseded):
        await first
    assert [one.split(" ")[0] for one in home.crew.did].count("post") == 1


async def test_a_run_stopped_while_it_works_ends_soon_and_stays_stopped(home: AHome) -> None:
    """A stop cancels the step in flight; the run is Stopped with the reason, and no step stands as running."""
    home.crew.tools["look"] = [30.0]
    run = home.begin(CHAIN)
    work = asyncio.create_task(home.walk(run.id))
    await asyncio.sleep(0.1)
    assert reviews.stop(home.waking, run.id, by="owner", why="wrong one") is WalkState.RUNNING
    ended = await asyncio.wait_for(work, 2)
    assert isinstance(ended, Stopped)
    assert "wrong one" in ended.evidence
    assert home.steps(run.id)["one"].state is StepState.FAILED


async def test_a_parked_run_is_stopped_at_once_and_its_review_closed(home: AHome) -> None:
    """Stopping a run that waits ends it in the same moment, and its review can no longer be answered."""
    run = home.begin(a_plan({"ask": {"review": "Send?", "show": {"payload": "x"}}}))
    await home.walk(run.id)
    review = home.waiting()[0]
    assert reviews.stop(home.waking, run.id, by="owner", why="") is WalkState.PARKED
    assert home.row(run.id).state is RunState.STOPPED
    with pytest.raises(BadInput, match="no longer"):
        home.answer(review.id, Answer.APPROVE)


async def test_an_action_that_may_have_happened_is_never_done_twice_unasked(home: AHome) -> None:
    """Cut off between intent and result, a tool that must not be repeated asks the owner before it acts again."""
    home.crew.tools["once"] = [30.0]
    run = home.begin(a_plan({"act": {"tool": "once", "with": {"a": "1"}}}, outputs={"text": "${act.output.text}"}))
    work = asyncio.create_task(home.walk(run.id))
    await asyncio.sleep(0.1)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    walk = again.resume(home.waking, run.id, by_force=True)
    assert isinstance(await home.walk(run.id, walk.leg), Waits)
    (review,) = home.waiting()
    assert "was cut off after it began" in review.question
    home.answer(review.id, Answer.CHANGE, edit={"text": "it did", "count": 1, "lines": []})
    ended = await home.walk(run.id, walk.leg + 1)
    assert isinstance(ended, Done)
    assert ended.text == "it did"
    assert len(home.crew.did) == 1


async def test_an_action_keeps_its_key_over_all_tries(home: AHome) -> None:
    """Every try of a step passes the same idempotency key."""
    home.crew.tools["post"] = [ToolTransient("busy")]
    plan = a_plan({"act": {"tool": "post", "with": {"a": "1"}, "retries": {"times": 1, "wait_seconds": 0}}})
    run, _ = await home.go(plan)
    assert home.crew.keys == [f"{run}:act", f"{run}:act"]


async def test_a_retry_tries_only_what_failed(home: AHome) -> None:
    """Finished steps of a failed run are not run again by a retry, its failed ones are."""
    home.crew.agents["writer"] = [Failed(error="ProviderTransient", what="It is overloaded.")]
    run, outcome = await home.go(CHAIN)
    assert isinstance(outcome, Failed)
    walk = again.retry(home.waking, run)
    assert isinstance(await home.walk(run, walk.leg), Done)
    assert [one.split(" ")[0] for one in home.crew.did] == ["look", "writer:", "writer:", "post"]
    with pytest.raises(BadInput, match="has not failed"):
        again.retry(home.waking, run)


async def test_a_fork_runs_a_step_and_what_comes_after_it_anew(home: AHome) -> None:
    """A fork from a step keeps what came before it, in a run of its own; the first run stays as it was."""
    run, _ = await home.go(CHAIN)
    home.crew.did.clear()
    forked = again.fork(home.waking, home.ground, run, start="two")
    assert isinstance(await home.walk(forked.id), Done)
    assert [one.split(" ")[0] for one in home.crew.did] == ["writer:", "post"]
    assert home.row(run).state is RunState.DONE


async def test_inputs_that_do_not_fit_begin_nothing(home: AHome) -> None:
    """A run with an input of the wrong type is refused by name before anything is written."""
    with pytest.raises(BadInput, match="word"):
        home.begin(CHAIN, {"word": 3})
    assert home.queued == []


async def test_the_limits_of_the_whole_stop_it_with_evidence(home: AHome) -> None:
    """A tree over its tool calls is Stopped with the count and the key to raise."""
    home.limits = TreeLimits(tool_calls_max=3)
    plan = a_plan({f"n{number}": {"tool": "look", "with": {"a": str(number)}} for number in range(5)})
    _, outcome = await home.go(plan)
    assert isinstance(outcome, Stopped)
    assert outcome.reason == "tree.tool_calls"
    assert outcome.mend


async def test_the_lower_of_budget_and_home_is_the_one_to_raise(home: AHome) -> None:
    """Who is stopped by a pipeline's own budget is sent to that pipeline, and by the home's limits to nova.toml."""
    nodes: dict[str, Json] = {f"n{number}": {"tool": "look", "with": {"a": str(number)}} for number in range(5)}
    plan = a_plan(nodes, budget={"tool_calls": 2})
    _, outcome = await home.go(plan)
    assert isinstance(outcome, Stopped)
    assert "raise tool_calls under `budget:` of the pipeline tested" in outcome.mend
    home.limits = TreeLimits(tool_calls_max=1)
    _, outcome = await home.go(plan)
    assert isinstance(outcome, Stopped)
    assert "raise tool_calls_max under [tree] in nova.toml" in outcome.mend


async def test_time_that_is_over_names_whose_time_it_was(home: AHome) -> None:
    """A pipeline whose own seconds are over is stopped in time, and is told to raise them where they stand."""
    plan = a_plan({"slow": {"tool": "look", "with": {"a": "1"}}}, budget={"seconds": 1})
    home.crew.tools["look"] = [60.0]
    _, outcome = await home.go(plan)
    assert isinstance(outcome, Stopped)
    assert outcome.reason == "tree.seconds"
    assert "under `budget:` of the pipeline tested" in outcome.mend


async def test_big_values_lie_beside_the_database(home: AHome) -> None:
    """A value over the cap is a file by its content; the row keeps the reference, and reading gives the value back."""
    big = "x" * 200_000
    plan = a_plan({"one": {"tool": "look", "with": {"a": "${inputs.big}"}}}, inputs={"big": {"type": "string"}})
    run, _ = await home.go(plan, {"big": big})
    output = home.steps(run)["one"].output
    assert isinstance(output, dict)
    assert output["text"] == big
    with home.database.read() as connection:
        from sqlalchemy import text

        longest = connection.execute(text("SELECT max(length(output)) FROM steps")).scalar_one()
    assert int(longest) < 1_000

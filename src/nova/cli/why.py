"""nova why: a sentence first, tables second. Reads the record; decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova.cli import frame, noted, passed
from nova.core.events import (
    ContextAssembled,
    Degraded,
    GateDecided,
    HandedBack,
    HandedOff,
    ModelCalled,
    Remembered,
    Retried,
    Stalled,
    StopAsked,
    ToolCalled,
    ToolReturned,
)
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped
from nova.core.routes import RouteExplanation
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.why import Reason


def explain(prefix: str, *, as_json: bool) -> None:
    """Prints why."""
    from nova.app.why import reason_json, reason_of

    with frame.opened() as nova:
        reason = reason_of(nova, prefix)
    if as_json:
        frame.out_json(reason_json(reason))
    else:
        _run(reason)
        _parts(reason)


def _parts(reason: Reason) -> None:
    """What ran below a run, and below that."""
    for part in reason.parts:
        kind = "Passed on:" if part.run.route == "Handoff" else "Part"
        frame.out(f"\n{kind} {part.run.id} · {' '.join(part.run.agents)} · “{shorten(part.run.request, 70)}”")
        _work(part)
        _parts(part)


def _run(reason: Reason) -> None:
    run = reason.run
    frame.out(f"“{shorten(run.request, 100)}”")
    frame.out(f"run {run.id} · {run.started_at:%Y-%m-%d %H:%M} · {run.project or 'no project'} · {run.state.value}\n")
    if run.route == "Pipeline":
        frame.out(f"A pipeline: nobody had to be found for it. Its steps: nova runs show {run.id}")
    elif reason.route is None:
        frame.out("It ended before it was routed.")
    else:
        _route(reason.route.explanation)
    _work(reason)
    frame.out()
    _end(run.outcome)


def _route(why: RouteExplanation) -> None:
    frame.out(why.sentence)
    if why.parts:
        frame.out("\nParts")
        for part in why.parts:
            frame.out(f"  {part.score:5.2f}  {part.agent:<20} “{part.text}”")
    if why.ranking:
        frame.out(f"\nRanking (of {why.candidates} candidates; nobody's job: {why.nobody:.2f})")
        for place in why.ranking[:5]:
            frame.out(f"  {place.score:5.2f}  {place.agent}")
    for title, matches in (("Nearest texts of the first", why.matches), ("of the second", why.rival_matches)):
        if matches:
            frame.out(f"\n{title}")
        for match in matches:
            frame.out(f"  {match.cosine:5.2f}  {match.agent:<20} {match.source.value}: “{shorten(match.text, 80)}”")
    for excluded in why.excluded:
        frame.out(f"\nBoundary: {excluded.agent} does not do “{excluded.what}”; {excluded.who} does.")
    _thresholds(why)


def _thresholds(why: RouteExplanation) -> None:
    cut = why.cutoffs
    if cut is not None:
        sure = (
            f"{cut.sure:.2f}" if cut.sure is not None else f"empty, {cut.examples_missing} more examples would open it"
        )
        frame.out(
            f"\nZone {why.zone.value}: {why.confidence:.2f} in log-odds over the second and nobody; sure from {sure}; "
            f"at most {cut.error_max:.0%} of sure routes may be wrong"
        )
    if why.vague:
        frame.out(f"Vague: {why.vague}")
    if why.vote is not None:
        said = ", ".join(why.vote.agents) or why.vote.kind.value
        frame.out(f"Arbiter {why.vote.model} voted {said}: {why.vote.reason}")
    if why.out_of_reach:
        frame.out(f"Not in reach from here: {', '.join(why.out_of_reach)}")
    frame.out(f"Decided in {why.milliseconds:.1f} ms by {why.encoder} and head {why.head}")


def _work(reason: Reason) -> None:
    for event in reason.events:
        match event.happening:
            case ContextAssembled(agent=agent, agent_version=version, tokens=tokens, budget_tokens=budget) as context:
                frame.out(f"\nContext of {agent}@{version}: {tokens:,} of {budget:,} tokens")
                for piece in context.pieces:
                    frame.out(f"  in   {_piece(piece)}")
                for left in context.left_out:
                    frame.out(f"  out  {_piece(left)}")
            case ToolCalled(tool=tool, arguments=arguments):
                frame.out(f"\n{tool}({shorten(arguments, 120)})")
            case GateDecided(verdict=verdict, rule=rule, why=why):
                frame.out(f"  gate: {verdict} by {rule}: {why}")
            case ToolReturned(text=text, seconds=seconds):
                frame.out(f"  {seconds * 1000:.0f} ms: {shorten(text.splitlines()[0] if text else '', 120)}")
            case ModelCalled() as call:
                _model(call)
            case Retried(what=what, attempt=attempt, seconds=seconds):
                frame.out(f"  try {attempt} after {seconds:g} s: {what}")
            case HandedOff() | HandedBack() | Stalled() | StopAsked():
                for line in passed.lines(event.happening):
                    frame.out(line)
            case Degraded(what=what):
                frame.out(f"  ! {what}")
            case Remembered(episodes=episodes) as remembered:
                frame.out(f"\nMemory: {episodes} turns")
                for line in noted.lines(remembered):
                    frame.out(f"  {line}")
            case _:
                pass


def _piece(piece: frame.Json) -> str:
    if not isinstance(piece, dict):
        return str(piece)
    reason = f": {piece['why']}" if "why" in piece else ""
    return f"{piece['tokens']:>6} tokens  {piece['kind']} {piece['name']}{reason}"


def _model(call: ModelCalled) -> None:
    cost = "price unknown" if call.cost_usd is None else f"${call.cost_usd:.4f}"
    failed = f" FAILED: {call.failed}" if call.failed else ""
    frame.out(
        f"  model {call.model} ({call.purpose}): {call.input_tokens:,} in, {call.output_tokens:,} out, "
        f"{call.seconds:.2f} s, {cost}{failed}"
    )


def _end(outcome: Outcome | None) -> None:
    match outcome:
        case Done(verified=verified, citations=citations):
            held = (
                "every citation was seen in this run"
                if verified
                else "not verified: it cites nothing, or unseen places"
            )
            frame.out(f"Done, {len(citations)} citations; {held}.")
        case Failed(error=error, what=what):
            frame.out(f"Failed with {error}: {what}")
        case NeedsInput(question=question):
            frame.out(f"It asked back: {question}")
        case Stopped(reason=reason, evidence=evidence):
            frame.out(f"Stopped ({reason}): {evidence}")
        case None:
            frame.out("It has not ended; its last sign of life is the last line above.")
    for degradation in outcome.degradations if outcome else ():
        frame.out(f"! {degradation.kind.value}: {degradation}")

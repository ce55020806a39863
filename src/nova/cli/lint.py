"""nova agents lint: what to better about the agents, with file and line, and what the router makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova.cli import frame
from nova.core.errors import EXIT_ANSWERED, EXIT_FAILED

if TYPE_CHECKING:
    from nova.agents.lint import Remark
    from nova.app.judging import Judgement


def judge_agents(name: str, *, as_json: bool) -> int:
    """Prints the remarks; 1 when one of them fails. name: only those about this agent, empty for all."""
    from nova.app.judging import judge

    with frame.opened() as nova:
        if name:
            nova.roster.agent(name)  # raises Unknown, with the nearest names
        if not as_json:
            frame.note_dim(f"Routing every example of {len(nova.roster.agents)} agents as if it were new ...")
        found = judge(nova)
    remarks = [one for one in found.remarks if not name or _concerns(one, name)]
    if as_json:
        _out_json(found, remarks)
    else:
        _out(found, remarks, name)
    return EXIT_FAILED if any(one.fails for one in remarks) else EXIT_ANSWERED


def _concerns(remark: Remark, name: str) -> bool:
    """Whether a remark is about the agent; one about a pair stands with the first and names the second."""
    return name == remark.agent or f" {name} " in f" {remark.problem.what} "


def _out(found: Judgement, remarks: list[Remark], name: str) -> None:
    for one in remarks:
        frame.out(f"{'FAILS' if one.fails else 'better'}  {one.problem}")
    if remarks:
        frame.out()
    fails = sum(one.fails for one in remarks)
    whom = name or f"{len(found.agents)} agents"
    frame.out(f"{whom}: {fails} that fail, {len(remarks) - fails} to better.")
    for degradation in found.degradations:
        frame.out(f"! Overlap was not measured. {degradation}")
    if found.accuracy is not None and found.cutoffs is not None:
        frame.out(f"{found.accuracy:.0%} of the examples find their agent when the router has not seen them.")
        frame.out(_certainty(found))


def _certainty(found: Judgement) -> str:
    cutoffs = found.cutoffs
    assert cutoffs is not None
    if cutoffs.sure is None:
        return (
            f"The router can certify no sure zone yet (at most {cutoffs.error_max:.0%} wrong): about "
            f"{cutoffs.examples_missing} more examples over all agents, or clearer ones, are missing."
        )
    return (
        f"The router decides alone on about {cutoffs.share_expected:.0%} of all requests, "
        f"with {cutoffs.error_expected:.1%} of those wrong (at most {cutoffs.error_max:.0%} are allowed)."
    )


def _out_json(found: Judgement, remarks: list[Remark]) -> None:
    cutoffs = found.cutoffs
    frame.out_json(
        {
            "agents": list(found.agents),
            "remarks": [
                {
                    "agent": one.agent,
                    "fails": one.fails,
                    "file": one.problem.file,
                    "line": one.problem.line,
                    "what": one.problem.what,
                    "mend": one.problem.mend,
                }
                for one in remarks
            ],
            "accuracy": found.accuracy,
            "sure_share": None if cutoffs is None else cutoffs.share_expected,
            "sure_error": None if cutoffs is None else cutoffs.error_expected,
            "examples_missing": None if cutoffs is None else cutoffs.examples_missing,
            "degradations": [str(one) for one in found.degradations],
        }
    )

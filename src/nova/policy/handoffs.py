"""The one place where passing work on to another agent is allowed or denied. Pure.

The first rule that matches decides:

    rule             verdict  when
    unknown-handoff  deny     the agent's file does not list the other one under `handoffs`
    not-engaged      deny     it is listed, but not engaged in this home
    not-for-visitor  deny     a visitor asks, and visitors do not reach the other one
    other-scope      deny     the other one would work in another project, where what this run knows may not go
    declared-handoff allow    everything else
"""

from __future__ import annotations

from dataclasses import dataclass

from nova.core.requests import Principal
from nova.policy.gate import Allow, Deny


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingOn:
    """A handoff that an agent wants to make. visitors: they reach the other one; same_wall: it works in this project.

    valid: the names it may pass on to, for the sentence that says so.
    """

    to: str
    declared: bool
    engaged: bool
    visitors: bool
    same_wall: bool
    principal: Principal
    valid: tuple[str, ...]


def decide_handoff(wanted: PassingOn) -> Allow | Deny:
    """The verdict by the table above. Pure: the same wish always gets the same verdict."""
    names = ", ".join(wanted.valid) or "none"
    if not wanted.declared:
        why = f"There is no “{wanted.to}” that this agent may pass work on to. It may pass on to: {names}."
        return Deny(rule="unknown-handoff", why=why)
    if not wanted.engaged:
        why = f"{wanted.to} is not engaged in this home (see [roster] in nova.toml). Engaged: {names}."
        return Deny(rule="not-engaged", why=why)
    if wanted.principal is Principal.VISITOR and not wanted.visitors:
        return Deny(rule="not-for-visitor", why=f"Visitors do not reach {wanted.to}.")
    if not wanted.same_wall:
        why = f"{wanted.to} does not work in this project, and what this run knows may not leave it."
        return Deny(rule="other-scope", why=why)
    return Allow(rule="declared-handoff", why=f"The agent's file lists {wanted.to} under handoffs.")

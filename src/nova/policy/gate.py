"""The one place where a tool call is allowed, asked about or denied. Pure; `attempt` beside it looks at the disk.

The first rule that matches decides:

    rule            verdict  when
    not-granted     deny     the agent's file does not list the tool
    not-for-visitor deny     a visitor asks through an agent that visitors do not reach
    not-the-owner   deny     the tool would change the memory, and it is not the owner who asks
    read-only       deny     the tool would write to files, or act outside: this Nova only reads
    other-scope     deny     the call is about a project whose scope the agent was not given
    own-memory      allow    the tool looks into Nova's memory, or changes it for the owner, within the run's scope
    no-project      deny     a project's folder is to be read, but none is in reach
    bad-path        deny     NUL, more than 4,096 characters, a loop of links
    outside-root    deny     the path leads out of the project: `..`, an absolute path, a symbolic link
    git-internals   deny     a part of the path is `.git`, in any case
    secret-file     deny     .env, *.pem, *.key, id_rsa*, credentials*, .netrc, .ssh/ and their like
    special-file    deny     a device, a pipe, a socket
    read-inside     allow    everything else: a read below the project's root

A file over the size limit is not denied: the tool reads its beginning and marks the result as cut.
A path that does not exist is allowed here and fails in the tool, which can say what exists nearby.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from nova.core.labels import Scope
from nova.core.requests import Principal
from nova.policy.paths import Place, look, refusal


class Effect(StrEnum):
    """What a tool does to the world."""

    READ = "read"
    RECALL = "recall"  # looks into Nova's own memory, within the run's scope
    REMEMBER = "remember"  # changes Nova's own memory, within the run's scope; every change is kept in its history
    WRITE = "write"  # changes the owner's own data, reversibly
    OUTSIDE = "outside"  # is noticed by somebody else, or cannot be taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A call that somebody wants to make. places: the paths it names, already looked at."""

    tool: str
    effect: Effect
    places: tuple[Place, ...]
    principal: Principal
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an agent was given for one run. root: the project's folder, None without a project."""

    tools: frozenset[str]
    scope: Scope
    root: Path | None
    visitors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """Go on. rule and why are recorded like every verdict's."""

    rule: str
    why: str
    verdict: str = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Put it to the owner first; where nobody can be asked this is a Deny."""

    rule: str
    why: str
    verdict: str = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """No. why is one sentence that may be shown to the person and to the model."""

    rule: str
    why: str
    verdict: str = "deny"


Verdict: TypeAlias = Allow | Ask | Deny


def attempt(
    *, tool: str, effect: Effect, paths: Sequence[str], principal: Principal, scope: str, root: Path | None
) -> Attempt:
    """The attempt with its paths looked at on the disk (never opened). Without a root no path is looked at."""
    places = tuple(look(root, path) for path in paths) if root is not None else ()
    return Attempt(tool=tool, effect=effect, places=places, principal=principal, scope=scope)


def decide(call: Attempt, grant: Grant) -> Verdict:
    """The verdict by the table above. Pure: the same call and grant always give the same verdict."""
    if call.tool not in grant.tools:
        return Deny(rule="not-granted", why=f"This agent was not given the tool {call.tool}.")
    if call.principal is Principal.VISITOR and not grant.visitors:
        return Deny(rule="not-for-visitor", why="Visitors do not reach this agent.")
    if call.effect is Effect.REMEMBER and call.principal is not Principal.OWNER:
        return Deny(rule="not-the-owner", why="Only the owner has something kept or changed in the memory.")
    if call.effect in (Effect.WRITE, Effect.OUTSIDE):
        return Deny(rule="read-only", why=f"The tool {call.tool} would change something; this Nova only reads.")
    if call.scope not in grant.scope.names:
        return Deny(rule="other-scope", why=f"The scope “{call.scope}” was not given to this run.")
    if call.effect in (Effect.RECALL, Effect.REMEMBER):
        return Allow(rule="own-memory", why="It stays in Nova's own memory, inside this run's scope.")
    if grant.root is None:
        return Deny(rule="no-project", why="No project with a folder is in reach, so there is nothing to read.")
    for place in call.places:
        if (refused := refusal(place)) is not None:
            return Deny(rule=refused.rule, why=refused.why)
    return Allow(rule="read-inside", why="It only reads, inside the project's folder.")

"""The one place where a tool call is allowed, asked about or denied. Pure; `attempt` beside it looks at the disk.

The first rule that matches decides:

    rule            verdict  when
    not-granted     deny     the agent's file, or the plan's step, does not list the tool
    not-for-visitor deny     a visitor asks through an agent that visitors do not reach, or for more than reading
    not-the-owner   deny     the tool would change the memory, and it is not the owner who asks
    read-only       deny     the tool would write to files where the owner keeps them
    other-scope     deny     the call is about a project whose scope the agent was not given
    own-memory      allow    the tool looks into Nova's memory, or changes it for the owner, within the run's scope
    no-project      deny     a project's folder is to be used, but none is in reach
    bad-path        deny     NUL, more than 4,096 characters, a loop of links
    outside-root    deny     the path leads out of the project: `..`, an absolute path, a symbolic link
    git-internals   deny     a part of the path is `.git`, in any case
    secret-file     deny     .env, *.pem, *.key, id_rsa*, credentials*, .netrc, .ssh/ and their like
    special-file    deny     a device, a pipe, a socket
    not-a-draft     deny     a draft would be filed in a folder that is none for drafts, or over something
    own-worktree    allow    it writes into the run's own worktree, or files a new draft in a folder for drafts
    in-sandbox      allow    it executes the project's code in the sandbox, on a copy that is thrown away
    own-pipeline    allow    the owner, or a schedule of his, starts his pipeline; each step is judged for itself
    own-pipeline    deny     the same for anybody else, such as a webhook
    approved        allow    it acts outside, and the owner has approved a review of exactly this payload
    not-approved    ask      it would act outside, and nobody has approved that: the owner, or a schedule of his, asks
    not-approved    deny     the same for a webhook, which cannot be asked
    read-inside     allow    everything else: a read below the project's root

A file over the size limit is not denied: the tool reads its beginning and marks the result as cut.
A path that does not exist is allowed here and fails in the tool, which can say what exists nearby.
A worktree is Nova's own copy of a project on a branch of its own: the owner's files, index and branch stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from nova.core.json import Json, dump
from nova.core.labels import Scope
from nova.core.requests import Principal
from nova.policy.paths import Place, PlaceKind, look, refusal

DRAFT_FOLDERS = frozenset({"draft", "drafts", "_drafts", "entwürfe"})


class Effect(StrEnum):
    """What a tool does to the world."""

    READ = "read"
    RECALL = "recall"  # looks into Nova's own memory, within the run's scope
    REMEMBER = "remember"  # changes Nova's own memory, within the run's scope; every change is kept in its history
    WRITE = "write"  # changes the owner's own data, reversibly
    START = "start"  # begins a run of the owner's own pipeline, whose steps are judged one by one
    EXECUTE = "execute"  # executes the project's own code, in the sandbox; nothing of it stays
    OUTSIDE = "outside"  # is noticed by somebody else, or cannot be taken back


class Own(StrEnum):
    """The place of its own that a writing tool declares; it writes nowhere else."""

    WORKTREE = "worktree"  # a copy of the project on a branch of Nova's
    DRAFT = "draft"  # a new file in a folder for drafts; never over something


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A call that somebody wants to make. places: the paths it names, already looked at.

    own: the place of its own that the tool declares. payload: `payload_digest` of what it would do; approved: those
    the owner has approved in a review of this run.
    """

    tool: str
    effect: Effect
    places: tuple[Place, ...]
    principal: Principal
    scope: str
    own: Own | None = None
    payload: str = ""
    approved: frozenset[str] = frozenset()


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


def payload_digest(payload: Json) -> str:
    """SHA-256 in hex of the canonical text of a payload, which is what an approval names."""
    return hashlib.sha256(dump(payload).encode("utf-8", "surrogatepass")).hexdigest()


def attempt(
    *, tool: str, effect: Effect, paths: Sequence[str], principal: Principal, scope: str, root: Path | None,
    own: Own | None = None, payload: str = "", approved: frozenset[str] = frozenset(),
) -> Attempt:  # fmt: skip
    """The attempt with its paths looked at on the disk (never opened). Without a root no path is looked at."""
    places = tuple(look(root, path) for path in paths) if root is not None else ()
    return Attempt(
        tool=tool, effect=effect, places=places, principal=principal, scope=scope,
        own=own, payload=payload, approved=approved,
    )  # fmt: skip


def decide(call: Attempt, grant: Grant) -> Verdict:
    """The verdict by the table above. Pure: the same call and grant always give the same verdict."""
    if (denied := _who(call, grant)) is not None:
        return denied
    if call.effect in (Effect.RECALL, Effect.REMEMBER):
        return Allow(rule="own-memory", why="It stays in Nova's own memory, inside this run's scope.")
    if call.effect is Effect.START:
        return _start(call)
    if call.effect is Effect.OUTSIDE:
        return _where(call) or _outside(call)
    if grant.root is None:
        return Deny(rule="no-project", why="No project with a folder is in reach, so there is nothing to read.")
    if (denied := _where(call)) is not None:
        return denied
    if call.effect is Effect.WRITE:
        return _draft(call) if call.own is Own.DRAFT else _OWN
    if call.effect is Effect.EXECUTE:
        return Allow(rule="in-sandbox", why="It runs in the sandbox, on a copy that is thrown away.")
    return Allow(rule="read-inside", why="It only reads, inside the project's folder.")


_OWN = Allow(rule="own-worktree", why="It writes only into this run's own place, which nobody else works in.")


def _who(call: Attempt, grant: Grant) -> Deny | None:
    if call.tool not in grant.tools:
        return Deny(rule="not-granted", why=f"This agent was not given the tool {call.tool}.")
    if call.principal is Principal.VISITOR and not (grant.visitors and call.effect in _FOR_VISITORS):
        return Deny(rule="not-for-visitor", why="Visitors do not reach this agent, and nobody's files or programs.")
    if call.effect is Effect.REMEMBER and call.principal is not Principal.OWNER:
        return Deny(rule="not-the-owner", why="Only the owner has something kept or changed in the memory.")
    if call.effect is Effect.WRITE and call.own is None:
        return Deny(rule="read-only", why=f"The tool {call.tool} would change the owner's files where they lie.")
    if call.scope not in grant.scope.names:
        return Deny(rule="other-scope", why=f"The scope “{call.scope}” was not given to this run.")
    return None


_FOR_VISITORS = frozenset({Effect.READ, Effect.RECALL, Effect.REMEMBER})


def _where(call: Attempt) -> Deny | None:
    refused = next((found for place in call.places if (found := refusal(place)) is not None), None)
    return Deny(rule=refused.rule, why=refused.why) if refused is not None else None


def _draft(call: Attempt) -> Verdict:
    if not call.places:
        return Deny(rule="not-a-draft", why=f"The tool {call.tool} does not say where its draft goes.")
    for place in call.places:
        folders = PurePosixPath(place.relative).parts[:-1]
        if place.kind is PlaceKind.FOLDER or DRAFT_FOLDERS.isdisjoint(part.casefold() for part in folders):
            why = f"“{place.asked[:80]}” is no file in a folder for drafts ({', '.join(sorted(DRAFT_FOLDERS))})."
            return Deny(rule="not-a-draft", why=why)
    return _OWN


def _start(call: Attempt) -> Verdict:
    """A pipeline may do nothing that the gate would not allow step by step; who sets it going is what is asked here."""
    if call.principal not in (Principal.OWNER, Principal.SCHEDULE):
        return Deny(rule="own-pipeline", why="Only the owner, or a schedule of his, starts his pipelines.")
    return Allow(rule="own-pipeline", why="It starts the owner's own pipeline; each of its steps is judged for itself.")


def _outside(call: Attempt) -> Verdict:
    if call.payload and call.payload in call.approved:
        return Allow(rule="approved", why="The owner has approved a review of exactly this.")
    why = f"The tool {call.tool} acts outside, and no approved review names exactly this."
    kind = Deny if call.principal is Principal.WEBHOOK else Ask
    return kind(rule="not-approved", why=why)

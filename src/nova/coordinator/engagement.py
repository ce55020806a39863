"""One agent engaged for one text: its context assembled, its model and tools handed over, its outcome taken.

Knows what an agent needs; refuses to know why it was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nova.agents.briefs import behind_wall, brief_text, check_writable, in_shape
from nova.agents.context import Context, Piece, assemble, left_out_json, pieces_json
from nova.agents.definition import Agent
from nova.agents.findings import Findings
from nova.agents.guard import Guard
from nova.agents.hearing import TURNS_VERBATIM_MAX
from nova.agents.prompt import instructions_of
from nova.agents.run import RunMeter, run_agent
from nova.agents.toolset import Door
from nova.agents.tree import Tree
from nova.coordinator.desk import Desk
from nova.coordinator.folders import folder_of, issues_of
from nova.coordinator.handing import handoffs_of
from nova.coordinator.reach import serving
from nova.coordinator.recollection import preferences, recollect
from nova.core.briefs import Brief
from nova.core.conversations import Turn
from nova.core.degradations import DegradationKind
from nova.core.errors import NotReady
from nova.core.events import ContextAssembled
from nova.core.json import Json
from nova.core.labels import HOME, Label, Scope
from nova.core.limits import Usage
from nova.core.outcomes import NeedsInput, Outcome
from nova.core.requests import Principal
from nova.core.text import shorten
from nova.memory.recall import Recall
from nova.policy.gate import Effect, Grant
from nova.projects.definition import Project
from nova.settings.definition import Confidentiality
from nova.store.record import Record
from nova.tools.spec import Reach, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """Who is asked what, after which turns, for whom.

    brief: what comes with the text when it was passed on; tree: what the run counts into, None for a tree of its own.
    """

    agent: Agent
    text: str
    turns: tuple[Turn, ...]
    principal: Principal
    brief: Brief | None = None
    tree: Tree | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended, what it used, and the label of everything that went into the answer.

    recalled: texts that came from memory; noted: a tool has changed the memory; in_parts: its parts are remembered.
    data: the value of the schema that the brief asked for.
    """

    outcome: Outcome
    usage: Usage = field(default_factory=Usage)
    label: Label = field(default_factory=Label)
    recalled: tuple[str, ...] = ()
    noted: bool = False
    in_parts: bool = False
    data: Json = None


def place(engagement: Engagement, project: Project | None, desk: Desk) -> Project | NeedsInput | None:
    """The project to work in; a question when it could be several; None for an agent that needs none.

    Raises NotReady when the agent needs a project and there is none for it.
    """
    agent = engagement.agent
    if project is not None or not works_in_files(agent, desk.tools):
        return project
    fitting = serving(agent.kinds, desk.projects)
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        kind = f" of the kind {agent.kinds[0]}" if agent.kinds else ""
        raise NotReady(f"{agent.name} works in a project{kind}, and there is none.", "Add one: nova projects add PATH")
    return NeedsInput(
        question=f"{agent.name} answers for one project at a time. Which one do you mean?",
        options=tuple(f"in {one.name}: {shorten(engagement.text, 200)}" for one in fitting),
    )


async def carry_out(engagement: Engagement, project: Project | None, desk: Desk, record: Record) -> Ended:
    """One agent's answer. Raises NotReady when the project's folder cannot be reached."""
    agent = engagement.agent
    findings = Findings(record, record.run.label)
    engagement = _briefed(engagement, record, findings)
    tree = engagement.tree or Tree(desk.ceilings.tree)
    guard = Guard(desk.ceilings.over(agent.limits), tree=tree, file=agent.file)
    recalled = _recalled(engagement, desk, record.scope, findings)
    context = _context(engagement, desk, project, record, recalled)
    _tell_context(agent, desk.source(agent), context, record, findings)
    door = _door(engagement, project, desk, record, guard, findings)
    engaged = desk.engage(
        agent.model,
        scope=_whose(record),
        confidentiality=_confidentiality(project, record.run.label, desk).value,
        meter=RunMeter(guard=guard, record=record, findings=findings),
        purpose="answer",
        door=door,
    )
    for degradation in engaged.degradations:
        findings.degrade(degradation.kind, degradation.what, degradation.mend)
    check_writable(engagement.brief, generates=engaged.generates)
    if engaged.generates:  # the built-in model cannot judge whom to pass work on to
        handoffs = handoffs_of(engagement, project, desk, record, guard, findings, carry_out)
        door = replace(door, handoffs=handoffs)
    outcome = await run_agent(agent, context, engaged.model, door)
    outcome, data = in_shape(outcome, engagement.brief, generates=engaged.generates)
    return Ended(
        outcome=outcome,
        data=data,
        usage=guard.usage + guard.below,
        label=findings.label,
        recalled=tuple(piece.text for piece in recalled.pieces),
        noted=findings.noted,
    )


def _briefed(engagement: Engagement, record: Record, findings: Findings) -> Engagement:
    """With no fact of a scope that this run may not read; what was seen above may be cited here."""
    if engagement.brief is None:
        return engagement
    brief, cut = behind_wall(engagement.brief, record.scope.names | record.run.label.scopes)
    for why in cut:
        findings.degrade(DegradationKind.HANDOFF_CUT, f"Not passed on to {engagement.agent.name}: {why}")
    for fact in brief.facts:
        findings.told(fact.source, fact.label)
    return replace(engagement, brief=brief)


def _whose(record: Record) -> str:
    """Whose text is put before the model: of a step that was given texts of several projects, all their names.

    No provider is cleared for these together by one of the names; by their confidentiality, or for all, it can be.
    """
    others = record.run.label.scopes - {record.scope.own, HOME}
    return ", ".join([record.scope.own, *sorted(others)])


def _confidentiality(project: Project | None, label: Label, desk: Desk) -> Confidentiality:
    """The strictest of everything that is put before the model: texts of several projects may have come together."""
    of = [one.confidentiality for one in desk.projects if one.scope in label.scopes or one == project]
    ranked = [Confidentiality.PUBLIC, Confidentiality.INTERNAL, Confidentiality.CLIENT]
    return max(of, key=ranked.index, default=Confidentiality.INTERNAL)


def _recalled(engagement: Engagement, desk: Desk, scope: Scope, findings: Findings) -> Recall:
    """Its declared needs narrow what an agent is told; the agent of visitors is told nothing."""
    if engagement.principal is Principal.VISITOR:
        return Recall()
    hears = "conversation" in engagement.agent.needs
    heard = frozenset(turn.run for turn in engagement.turns[-TURNS_VERBATIM_MAX:] if hears)
    return recollect(desk.memory, engagement.text, scope, engagement.agent.needs, heard, findings)


def _context(engagement: Engagement, desk: Desk, project: Project | None, record: Record, recalled: Recall) -> Context:
    agent = engagement.agent
    wants = set(agent.needs)
    visitor = engagement.principal is Principal.VISITOR
    profile = desk.profile() if "profile" in wants and not visitor else ""
    standing = preferences(desk.memory, record.scope) if "profile" in wants and not visitor else ""
    brief = _brief_piece(engagement.brief)
    context = assemble(
        instructions=Piece(kind="agent", name=agent.name, text=instructions_of(agent)),
        profile=Piece(kind="profile", name="profile.md", text="\n\n".join(filter(None, [profile, standing]))),
        project=_brief(project) if project and "project" in wants else None,
        turns=engagement.turns if "conversation" in wants else (),
        request=engagement.text,
        budget_tokens=desk.context_tokens_max - (brief.tokens if brief else 0),
        scope=record.scope,
        conversation=record.run.conversation,
        recalled=recalled,
    )
    if brief is None:
        return context
    return replace(context, pieces=(*context.pieces, brief), budget_tokens=desk.context_tokens_max)


def _brief_piece(brief: Brief | None) -> Piece | None:
    """What came with work that was passed on; it is always in the context whole, and the rest has less room."""
    return Piece(kind="brief", name=f"from {brief.sender or 'Nova'}", text=brief_text(brief)) if brief else None


def _brief(project: Project) -> Piece:
    text = f"{project.name} ({project.kind}, {project.confidentiality.value})\n\n{project.notes}"
    return Piece(kind="project", name=project.name, text=text)


def _tell_context(agent: Agent, source: str, context: Context, record: Record, findings: Findings) -> None:
    """Who answers, by which version of its file, and what is put before its model: one transaction."""
    told = ContextAssembled(
        agent=agent.name,
        agent_version=agent.version,
        tokens=context.tokens,
        budget_tokens=context.budget_tokens,
        pieces=pieces_json(context),
        left_out=left_out_json(context),
    )
    kept = record.keeping(agent.version, kind="agent", name=agent.name, body=source)
    record.save(replace(record.run, agents=(agent.name,), agent_version=agent.version), told, first=kept)
    for one in context.left_out:
        if one.kind not in ("conversation", "note", "episode"):
            findings.degrade(DegradationKind.CONTEXT_CUT, f"{one.name} is only partly in the context: {one.why}.")


def _door(
    engagement: Engagement, project: Project | None, desk: Desk, record: Record, guard: Guard, findings: Findings
) -> Door:
    agent = engagement.agent
    root = folder_of(project) if project and works_in_files(agent, desk.tools) else None
    return Door(
        tools={name: desk.tools[name] for name in agent.tools if _usable(desk.tools[name], root, issues_of(project))},
        grant=Grant(tools=frozenset(agent.tools), scope=record.scope, root=root, visitors=agent.visitors),
        reach=Reach(
            root=root or Path("/nonexistent"),
            project=project.name if project else "",
            scope=record.scope,
            issues=issues_of(project),
            memory=desk.memory,
            run=record.run.id,
            said="" if engagement.brief else engagement.text,
            worktrees=desk.data / "worktrees",
            now=desk.now,
            alive=guard.tree.sign,
        ),
        principal=engagement.principal,
        record=record,
        guard=guard,
        findings=findings,
        circuits=desk.circuits,
    )


def works_in_files(agent: Agent, tools: Mapping[str, Tool]) -> bool:
    """Whether any of its tools reads a project's folder; memory alone needs none."""
    return any(tools[name].effect is Effect.READ for name in agent.tools if name in tools)


def _usable(tool: Tool, root: Path | None, issues: str) -> bool:
    """Whether a tool has something to work on: what is Nova's own, a project, and for the issues a folder of them."""
    if tool.effect in (Effect.RECALL, Effect.REMEMBER, Effect.START):
        return True
    return root is not None and (not tool.name.startswith("issues_") or (root / issues).is_dir())

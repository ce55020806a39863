"""One agent, one folder, one run: the whole loop on a real record, without a router before it.

Knows how a run is put together by hand; refuses to know providers.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pydantic_ai.models import Model
from sqlalchemy import select

from nova.agents.context import Piece, assemble
from nova.agents.definition import Agent
from nova.agents.findings import Findings
from nova.agents.guard import Guard
from nova.agents.prompt import instructions_of
from nova.agents.run import RunMeter, run_agent
from nova.agents.toolset import Door, WithValues
from nova.core import json
from nova.core.degradations import DegradationKind
from nova.core.events import Event, RunStarted, to_json
from nova.core.labels import Label, Scope
from nova.core.limits import Limits, Usage
from nova.core.outcomes import Outcome
from nova.core.requests import Principal
from nova.core.runs import Run, RunState, outcome_to_json
from nova.models.choose import engage
from nova.models.circuits import Circuits
from nova.models.extractive import ExtractiveModel
from nova.models.ledger import MeteredModel
from nova.models.patience import ONE_TRY, Patience
from nova.policy.gate import Grant
from nova.settings.definition import Settings
from nova.store import conversations, events
from nova.store.database import Database, open_database
from nova.store.record import Record
from nova.store.tables import LEDGER
from nova.tools.registry import toolbox
from nova.tools.spec import Reach, Tool

QUESTION = "Where is the rent of the workshop written down?"
NOTES = "# Notes\n\nThe rent of the workshop is 940 euros.\nThe lamp in the hall is broken.\n"
SCOPE = Scope.of("workshop")
READER = Agent(
    name="reader", description="Answers questions from the files of a project.", tools=("files_read", "files_search"),
    model="quick", skills=(), max_turns=8, domain="general", kinds=(), reason="Tests need one.", generates="",
    not_for=(), examples=(), failure_modes=(), needs=(), handoffs=(), reads_private=True, sees_untrusted=False,
    acts_outside=False, supervised=False, visitors=False, limits=Limits(seconds_max=20.0), evals=(),
    instructions="Search the files, read the place, answer with path:line.", file="reader.md", version="0" * 12,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One line of the ledger."""

    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    failed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one run left behind: the outcome, the record as read back from disk, the ledger, everything as one text."""

    outcome: Outcome
    events: tuple[Event, ...]
    ledger: tuple[LedgerRow, ...]
    usage: Usage
    generates: bool

    @property
    def everything(self) -> str:
        """All that was written down or would be shown."""
        record = [json.dump(to_json(event.happening)) for event in self.events]
        return "\n".join([*record, str(self.ledger), json.dump(outcome_to_json(self.outcome))])

    def degraded(self, kind: DegradationKind) -> tuple[str, ...]:
        """What the outcome says about this kind."""
        return tuple(one.what for one in self.outcome.degradations if one.kind is kind)


async def run_once(
    folder: Path,
    *,
    settings: Settings | None = None,
    scripted: Model | None = None,
    confidentiality: str = "internal",
    limits: Limits | None = None,
    tools: Mapping[str, Tool] | None = None,
    question: str = QUESTION,
    heard: Callable[[Event], None] = lambda _: None,
    patience: Patience = ONE_TRY,
    clock: Callable[[], datetime] | None = None,
    worktrees: Path | None = None,
) -> Ran:
    """Asks the reader in `folder`, through the models of `settings` or with a scripted one.

    patience: with the providers; by default each is asked once. clock: with one, providers have circuits. worktrees:
    where copies of the folder may be made.
    """
    root = folder / "workshop"
    root.mkdir(exist_ok=True)
    (root / "notes.md").write_text(NOTES, encoding="utf-8")
    agent = replace(READER, limits=limits or READER.limits)
    database = _fresh_database(folder / "nova.db")
    try:
        run = _run(question)
        with database.write() as connection:
            conversations.start(connection, SCOPE, run.conversation, run.started_at, project=SCOPE.own, title="tests")
        record = Record(database, SCOPE, run, now=lambda: datetime.now(UTC), heard=heard)
        record.begin(RunStarted(request=question, principal="owner"))
        door = _door(agent, record, root, tools, worktrees)
        meter = RunMeter(guard=door.guard, record=record, findings=door.findings)
        generates = True
        if scripted is not None:
            model: Model = MeteredModel(scripted, meter, "answer")
        else:
            engaged = engage(
                settings or Settings(),
                agent.model,
                scope=SCOPE.own,
                confidentiality=confidentiality,
                meter=meter,
                purpose="answer",
                built_in=lambda: WithValues(ExtractiveModel(), door.tools, door.reach),
                circuits=Circuits(database, clock) if clock else None,
                patience=patience,
            )
            for one in engaged.degradations:
                door.findings.degrade(one.kind, one.what, one.mend)
            model, generates = engaged.model, engaged.generates
        context = assemble(
            instructions=Piece(kind="agent", name=agent.name, text=instructions_of(agent)),
            profile=Piece(kind="profile", name="profile.md", text=""),
            project=None,
            turns=(),
            request=question,
            budget_tokens=8000,
            scope=SCOPE,
        )
        outcome = await run_agent(agent, context, model, door)
        with database.read() as connection:
            written = tuple(events.of_run(connection, SCOPE, record.run.id))
            rows = connection.execute(select(LEDGER).order_by(LEDGER.c.at, LEDGER.c.id)).mappings().all()
        ledger = tuple(
            LedgerRow(
                model=row["model"],
                input_tokens=row["input_tokens"],
                output_tokens=row["output_tokens"],
                cost_usd=row["cost_usd"],
                failed=row["failed"],
            )
            for row in rows
        )
        return Ran(outcome=outcome, events=written, ledger=ledger, usage=door.guard.usage, generates=generates)
    finally:
        database.close()


def _fresh_database(file: Path) -> Database:
    """A new database: a copy of one that was made once, which is quicker than making it again."""
    shutil.copyfile(_made(), file)
    return open_database(file)


@cache
def _made() -> Path:
    file = Path(tempfile.mkdtemp(prefix="nova-one-run-")) / "nova.db"
    open_database(file).close()
    return file


def _run(question: str) -> Run:
    at = datetime.now(UTC)
    return Run(
        id="r-test", conversation="c-test", request=question, principal="owner", scope=SCOPE.own,
        label=Label(scopes=frozenset({SCOPE.own})), state=RunState.RUNNING, started_at=at, last_at=at,
    )  # fmt: skip


def _door(
    agent: Agent, record: Record, root: Path, tools: Mapping[str, Tool] | None, worktrees: Path | None = None
) -> Door:
    offered = tools if tools is not None else {name: toolbox()[name] for name in agent.tools}
    return Door(
        tools=offered,
        grant=Grant(tools=frozenset(offered), scope=SCOPE, root=root.resolve()),
        reach=Reach(root=root.resolve(), project="workshop", scope=SCOPE, run=record.run.id, worktrees=worktrees),
        principal=Principal.OWNER,
        record=record,
        guard=Guard(agent.limits),
        findings=Findings(record, record.run.label),
    )

"""Agent files from disk to a Roster. Knows what agents say about each other; refuses to judge how well (see lint)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nova.agents.definition import Agent, Boundary
from nova.agents.file import AgentFile, LimitsFile
from nova.core.errors import BadFiles, Problem, Unknown
from nova.core.limits import Limits
from nova.core.text import nearest, shorten
from nova.settings.check import check
from nova.settings.frontmatter import Document, read_document
from nova.settings.located import KeyPath, Located
from nova.settings.text import decode, markdown_files, read_bytes, read_text
from nova.settings.toml_lines import read_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """All engaged agents of a home, by name. known: these and the agents of the catalog that are not engaged."""

    agents: tuple[Agent, ...]
    known: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the engaged agents, sorted."""
        return tuple(agent.name for agent in self.agents)

    def agent(self, name: str) -> Agent:
        """The engaged agent of that name. Raises Unknown with the nearest names."""
        for agent in self.agents:
            if agent.name == name:
                return agent
        if name in self.known:
            mend = "It is in the catalog: add it to agents under [roster] in nova.toml."
            raise Unknown("engaged agent", name, mend=mend)
        raise Unknown("agent", name, nearest(name, self.names), mend="List them: nova agents list.")


def load_roster(
    catalog: Path, home: Path | None, tools: Collection[str], engaged: Collection[str] | None = None
) -> Roster:
    """The agents of `catalog`/agents and `home`/agents; those of the home shadow the catalog's by name.

    engaged: Settings.roster, None for the whole catalog; the home's own agents always are. Raises BadFiles with
    every problem of every engaged file.
    """
    files = agent_files(catalog, home)
    own = set(_files(home)) if home else set[str]()
    chosen = files if engaged is None else {name: files[name] for name in files if name in own or name in engaged}
    problems = [] if engaged is None or home is None else list(_unknown_engaged(engaged, files, home))
    skills = {folder.parent.name for base in (catalog, home) if base for folder in base.glob("skills/*/SKILL.md")}
    agents: list[Agent] = []
    for file in chosen.values():
        try:
            agent, front = _parse(read_bytes(file), file)
            agents.append(agent)
            problems.extend(_unknown_names(agent, front, tools=tools, agents=files, skills=skills))
        except BadFiles as error:
            problems.extend(error.problems)
    if problems:
        raise BadFiles(problems)
    return Roster(agents=tuple(agents), known=frozenset(files))


def agent_files(catalog: Path, home: Path | None) -> Mapping[str, Path]:
    """The file of each agent there is, by name: the home's before the catalog's."""
    found = {**_files(catalog), **(_files(home) if home else {})}
    return dict(sorted(found.items()))


def parse_agent(data: bytes, file: Path) -> Agent:
    """The agent that `data` describes, as if it had been read from `file`. Raises BadFiles."""
    return _parse(data, file)[0]


def agent_lines(file: Path) -> Located:
    """The front matter of an agent file with its lines, for whoever must point into it. Raises BadFiles."""
    return read_document(read_text(file), str(file)).front


def _files(base: Path) -> dict[str, Path]:
    return {file.stem: file for file in markdown_files(base / "agents")}


def _parse(data: bytes, file: Path) -> tuple[Agent, Located]:
    document = read_document(decode(data, str(file)), str(file))
    written = check(AgentFile, document.front)
    if problems := [*_contradictions(written, document, file)]:
        raise BadFiles(problems)
    return _agent(written, document, data, file), document.front


def _agent(written: AgentFile, document: Document, data: bytes, file: Path) -> Agent:
    own = written.nova
    return Agent(
        name=written.name,
        description=written.description.strip(),
        tools=tuple(written.tools),
        model=written.model,
        skills=tuple(written.skills),
        max_turns=written.max_turns,
        domain=own.domain,
        kinds=tuple(own.kinds),
        reason=own.reason.strip(),
        generates=own.generates.strip(),
        not_for=tuple(Boundary(what=one.what.strip(), who=one.who) for one in own.not_for),
        examples=tuple(example.strip() for example in own.examples),
        failure_modes=tuple(own.failure_modes),
        needs=tuple(own.needs),
        handoffs=tuple(own.handoffs),
        reads_private=own.reads_private,
        sees_untrusted=own.sees_untrusted,
        acts_outside=own.acts_outside,
        supervised=own.supervised,
        visitors=own.visitors,
        limits=_limits(own.limits),
        evals=tuple(own.evals),
        instructions=document.body,
        file=str(file),
        version=hashlib.sha256(data).hexdigest()[:12],
    )


def _limits(written: LimitsFile) -> Limits:
    return Limits(
        model_calls_max=written.model_calls,
        tool_calls_max=written.tool_calls,
        tokens_max=written.tokens,
        seconds_max=written.seconds,
    )


def _contradictions(written: AgentFile, document: Document, file: Path) -> Iterable[Problem]:
    front = document.front

    def problem(path: KeyPath, what: str, mend: str) -> Problem:
        return Problem(file=str(file), line=front.line(path), what=what, mend=mend)

    if written.name != file.stem:
        mend = f"Rename the file to {written.name}.md, or write name: {file.stem}."
        yield problem(("name",), f"The name “{written.name}” is not the file's.", mend)
    if not document.body:
        mend = "Write below the closing --- what the agent is told."
        yield Problem(file=str(file), line=document.body_line - 1, what="The instructions are missing.", mend=mend)
    if written.nova.visitors and (written.nova.reads_private or written.nova.acts_outside):
        what = "Visitors reach this agent, so it may neither read private files nor act outside."
        yield problem(("nova", "visitors"), what, "Set reads_private and acts_outside to false, or visitors to false.")
    lists: dict[KeyPath, Sequence[str]] = {
        ("tools",): written.tools,
        ("nova", "kinds"): written.nova.kinds,
        ("nova", "handoffs"): written.nova.handoffs,
    }
    for path, items in lists.items():
        for number, item in enumerate(items):
            if item in items[:number]:
                yield problem((*path, number), f"“{shorten(item, 40)}” is listed twice.", "Keep one of the two.")


def _unknown_names(
    agent: Agent, front: Located, *, tools: Collection[str], agents: Collection[str], skills: Collection[str]
) -> Iterable[Problem]:
    mentions: list[tuple[str, str, KeyPath, Collection[str]]] = [
        *(("tool", name, ("tools", number), tools) for number, name in enumerate(agent.tools)),
        *(("skill", name, ("skills", number), skills) for number, name in enumerate(agent.skills)),
        *(("agent", name, ("nova", "handoffs", number), agents) for number, name in enumerate(agent.handoffs)),
        *(("agent", one.who, ("nova", "not_for", number, "who"), agents) for number, one in enumerate(agent.not_for)),
    ]
    for kind, name, path, known in mentions:
        if name == agent.name and kind == "agent":
            what = "An agent cannot point to itself here."
            mend = "Name the agent that does it instead." if path[1] == "not_for" else "Delete it."
            yield Problem(file=agent.file, line=front.line(path), what=what, mend=mend)
        elif name not in known:
            yield _unknown(kind, name, known, agent.file, front.line(path))


def _unknown_engaged(engaged: Collection[str], files: Collection[str], home: Path) -> Iterable[Problem]:
    settings = home / "nova.toml"
    for number, name in enumerate(engaged):
        if name not in files:
            lines = read_toml(read_text(settings), str(settings)) if settings.exists() else None
            line = lines.line(("roster", "agents", number)) if lines else 0
            yield _unknown("agent", name, files, str(settings), line)


def _unknown(kind: str, name: str, known: Collection[str], file: str, line: int) -> Problem:
    near = nearest(name, known, 2)
    mend = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(sorted(known)) or 'none'}."
    return Problem(file=file, line=line, what=f"There is no {kind} named “{shorten(name, 60)}”.", mend=mend)

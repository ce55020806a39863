"""nova agents: the specialists. Shows, begins, judges, engages; decides nothing itself."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nova.cli import completion, frame

if TYPE_CHECKING:
    from nova.app.agents import Card

AgentName = Annotated[
    str, typer.Argument(metavar="NAME", help="The agent's name.", autocompletion=completion.any_agent)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]

app = typer.Typer(
    help="The specialists: who they are, what each is for, how well they can be told apart.", no_args_is_help=True
)


@app.command("list")
def list_agents(
    project: Annotated[
        str | None,
        typer.Option(
            "--project", "-p", help="Only those who can serve this project.", autocompletion=completion.project
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those of the catalog that are not engaged.")] = False,
    as_json: Json = False,
) -> None:
    """The agents, one a line: name, domain, engaged or not, what it is for."""
    frame.guarded(lambda: _list(project, everything, as_json), as_json=as_json)


@app.command()
def show(name: AgentName, as_json: Json = False) -> None:
    """Everything about one agent: why it exists, what it does, what it leaves to whom, its tools and limits."""
    frame.guarded(lambda: _show(name, as_json), as_json=as_json)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters a-z, digits and hyphens: tax-advisor.")],
    description: Annotated[
        str, typer.Option("--description", "-d", help="What it does, in positive words with the nouns you would use.")
    ],
    domain: Annotated[str, typer.Option(help="The group it is listed under.")] = "general",
    as_json: Json = False,
) -> None:
    """Begin an agent of your own: writes agents/NAME.md into the home and commits it there.

    Example: nova agents new tax-advisor -d "Explains VAT rates, reverse charge and what an invoice must show"
    """
    frame.guarded(lambda: _new(name, description, domain, as_json), as_json=as_json)


@app.command()
def lint(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Only this agent; without: all.", autocompletion=completion.engaged_agent),
    ] = "",
    as_json: Json = False,
) -> None:
    """Judge the agents: what is missing in their files, and which of them the router confuses. Exit 1 on a failure."""
    from nova.cli.lint import judge_agents

    frame.guarded(lambda: judge_agents(name, as_json=as_json), as_json=as_json)


@app.command()
def engage(name: AgentName, as_json: Json = False) -> None:
    """Engage an agent of the catalog: adds it to the roster in nova.toml and commits that."""
    frame.guarded(lambda: _enrol(name, True, as_json), as_json=as_json)


@app.command()
def leave(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The agent's name.", autocompletion=completion.engaged_agent)
    ],
    as_json: Json = False,
) -> None:
    """Let an agent of the catalog go: takes it out of the roster in nova.toml. Its runs and its file stay."""
    frame.guarded(lambda: _enrol(name, False, as_json), as_json=as_json)


def _list(project: str | None, everything: bool, as_json: bool) -> None:
    from nova.app.agents import agent_json, cards

    home = frame.the_home()
    found = cards(home, everything=everything)
    if project:
        from nova.app.projects import named, projects_of

        kind = named(projects_of(home), project).kind
        found = tuple(one for one in found if one.agent.serves(kind))
    if as_json:
        frame.out_json([agent_json(one) for one in found])
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 240
    for one in found:
        frame.out(_line(one, width))
    if not home.exists:
        frame.note_dim("This is the catalog; there is no home yet that engages any of it. Make one: nova init")
    elif not everything:
        frame.note_dim(f"{len(found)} engaged. More: nova agents list --all   One: nova agents show NAME")


def _line(one: Card, width: int) -> str:
    from nova.core.text import shorten

    state = "own" if one.own else "engaged" if one.engaged else "-"
    head = f"{one.agent.name:<20} {one.agent.domain:<12} {state:<8} "
    return head + shorten(one.agent.description, max(width - len(head), 40))


def _show(name: str, as_json: bool) -> None:
    from nova.app.agents import agent_json, card
    from nova.app.recent import LOOKED_AT, runs_of_agent

    home = frame.the_home()
    one = card(home, name)
    recent = runs_of_agent(home, name)
    if as_json:
        frame.out_json({**agent_json(one), "recent_runs": recent})
        return
    agent, limits = one.agent, one.agent.limits
    state = "of this home" if one.own else "of the catalog, engaged" if one.engaged else "of the catalog, not engaged"
    frame.out(f"{agent.name} · {agent.domain} · {state} · version {agent.version}\n{agent.description}\n")
    seconds = f"{limits.seconds_max:g} s"
    facts = {
        "why it exists": agent.reason,
        "serves": "projects of kind " + ", ".join(agent.kinds) if agent.kinds else "any project, or none",
        "tools": ", ".join(agent.tools) or "none",
        "model": f"{agent.model}, at most {agent.max_turns} turns",
        "limits": f"{limits.model_calls_max} model calls, {limits.tool_calls_max} tool calls, "
        f"{limits.tokens_max} tokens, {seconds}",
        "writes": agent.generates and f"{agent.generates} (needs a language model)",
        "hands on to": ", ".join(agent.handoffs),
        "rights": ", ".join(_rights(one)),
        "runs": "cannot be read, see nova doctor" if recent is None else f"{recent} of the last {LOOKED_AT}",
        "file": agent.file,
    }
    for fact, value in facts.items():
        if value:
            frame.out(f"{fact:<14} {value}")
    _block("Ask it", agent.examples)
    _block("It leaves to others", [f"{boundary.what} → {boundary.who}" for boundary in agent.not_for])
    _block("How it goes wrong, and what it does then", agent.failure_modes)


def _rights(one: Card) -> list[str]:
    agent = one.agent
    said = {
        "reads your files": agent.reads_private,
        "is shown text by strangers": agent.sees_untrusted,
        "acts outside": agent.acts_outside,
        "proposes, you review": agent.supervised,
        "reached by visitors": agent.visitors,
    }
    return [right for right, has in said.items() if has]


def _block(title: str, lines: Sequence[str]) -> None:
    if lines:
        frame.out(f"\n{title}:")
    for line in lines:
        frame.out(f"  - {line}")


def _new(name: str, description: str, domain: str, as_json: bool) -> None:
    from nova.agents.lint import BOUNDARIES_MIN, EXAMPLES_MIN, FAILURE_MODES_MIN
    from nova.app.agents import begin

    file = begin(frame.the_home(), name, description, domain)
    if as_json:
        frame.out_json({"name": name, "file": str(file)})
        return
    frame.out(f"Begun and committed: {file}")
    frame.out("Fill in, in this order:")
    frame.out(f"  examples        {EXAMPLES_MIN} or more requests as you would type them: the router learns from these")
    frame.out(f"  not_for         {BOUNDARIES_MIN} or more boundaries, each with who does it instead")
    frame.out(f"  tools, reason, failure_modes ({FAILURE_MODES_MIN} or more), and the instructions below the ---")
    frame.out(f"Then: nova agents lint {name}   Try it: nova ask @{name} ...")


def _enrol(name: str, engaged: bool, as_json: bool) -> None:
    from nova.app.enrolment import enrol

    said = enrol(frame.the_home(), name, engaged=engaged)
    if as_json:
        frame.out_json({"name": name, "engaged": engaged, "changed": said.changed})
    else:
        frame.out(said.sentence)

"""The nova command: its options, its commands, its help. Each command imports what it needs when it runs.

Exit codes: 0 answered, 1 failed, 2 the command or its input cannot be taken, 3 something must be set up first,
4 database or disk, 5 model provider, 6 denied by the gate, 7 stopped at a limit, 8 Nova asks back, or a run waits for
you, 130 Ctrl-C.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread is fastest for one sentence; before numpy is imported

import typer

import nova
from nova.cli import completion, frame

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]
Words = Annotated[list[str] | None, typer.Argument(help="The question; - reads it from standard input.")]
Project = Annotated[
    str | None,
    typer.Option("--project", "-p", help="Ask in this project (name or alias).", autocompletion=completion.project),
]
Agent = Annotated[
    str | None,
    typer.Option(
        "--agent",
        "-a",
        help="Give it to this agent; the same as starting with @NAME.",
        autocompletion=completion.engaged_agent,
    ),
]
GoOn = Annotated[
    bool,
    typer.Option(
        "--continue", "-c", help="Go on in the open conversation spoken in last, if that was within 12 hours."
    ),
]
InConversation = Annotated[
    str,
    typer.Option(
        help="Go on in this conversation (its name, its id or how that begins).",
        autocompletion=completion.conversation,
    ),
]
Fresh = Annotated[bool, typer.Option("--new", help="Begin a new conversation; this is what happens without options.")]

EPILOG = """\
Exit codes: 0 answered · 1 failed · 2 bad input · 3 set something up first · 4 database or disk · 5 model provider ·
6 denied · 7 stopped at a limit · 8 Nova asks back, or a run waits for you · 130 Ctrl-C
"""

app = typer.Typer(
    help="Nova: ask, and the right one of your specialists answers, with sources, and can say why.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run() -> None:
    """The entry point."""
    app(prog_name="nova")


def _version(wanted: bool) -> None:
    if wanted:
        frame.out(f"nova {nova.__version__}")
        raise typer.Exit


@app.callback()
def options(
    home: Annotated[
        str, typer.Option("--home", help="The home to use: a folder, or `demo`.", envvar="NOVA_HOME", show_envvar=True)
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Options that stand before every command."""
    del version
    frame.CHOICES.home = home


@app.command(rich_help_panel="Ask")
def ask(
    words: Words = None,
    project: Project = None,
    agent: Agent = None,
    go_on: GoOn = False,
    conversation: InConversation = "",
    fresh: Fresh = False,
    events: Annotated[bool, typer.Option("--events", help="Stream AG-UI events, one JSON object a line.")] = False,
    as_json: Json = False,
) -> None:
    """Ask one question. The coordinator finds the agent; the answer cites its sources.

    Examples: nova ask Which fields does Invoice have   ·   nova ask -p airep "@decisions why one schema?"   ·
    nova ask -c 2   (the second reading of a question back)
    """
    from nova.cli.ask import Asking, ask_once

    asking = Asking(
        project=project,
        agent=agent,
        go_on=go_on,
        conversation=conversation,
        events=events,
        as_json=as_json,
        fresh=fresh,
    )
    frame.guarded(lambda: ask_once(words or [], asking), as_json=as_json)


@app.command(rich_help_panel="Ask")
def chat(
    project: Project = None,
    agent: Agent = None,
    go_on: GoOn = False,
    conversation: InConversation = "",
    fresh: Fresh = False,
) -> None:
    """Talk. Each answer says who gives it; /help lists what you can type."""
    from nova.cli.ask import Asking
    from nova.cli.chat import talk

    asking = Asking(
        project=project,
        agent=agent,
        go_on=go_on,
        conversation=conversation,
        events=False,
        as_json=False,
        fresh=fresh,
    )
    frame.guarded(lambda: talk(asking))


@app.command(rich_help_panel="Ask")
def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Make the demonstration's home anew first.")] = False,
) -> None:
    """Five real questions over five example projects, with no key. Sets its own home up on first use."""
    from nova.cli.demo import show

    frame.guarded(lambda: show(fresh=fresh))


@app.command(rich_help_panel="Ask")
def brief(
    project: Annotated[
        str,
        typer.Argument(
            metavar="PROJECT",
            help="A project's name or alias, or `home`; without: all of them.",
            autocompletion=completion.project,
        ),
    ] = "",
    since: Annotated[
        str,
        typer.Option(help="Changes and decisions since then: 2026-11-01, monday, last week. Else: your last visit."),
    ] = "",
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="How far back decisions are shown; 14, or all with --about.")
    ] = None,
    about: Annotated[str, typer.Option(help="Only lines with these words.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All lines of each part.")] = False,
    as_json: Json = False,
) -> None:
    """Where did I leave off? What is next, open, decided, changed, and whom you wait for; each with its source.

    Reads git, the record, notes and issues; asks no model. Example: nova brief airep --since monday
    """
    from nova.cli.brief import show

    def work() -> None:
        show(project, since=since, days=days, about=about, everything=everything, as_json=as_json)

    frame.guarded(work, as_json=as_json)


@app.command(rich_help_panel="Understand")
def why(
    run_id: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="A run's id or its beginning; without: the last run.", autocompletion=completion.run
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Why a request went where it went, what was read, what was left out, what it cost."""
    from nova.cli.why import explain

    frame.guarded(lambda: explain(run_id, as_json=as_json), as_json=as_json)


@app.command(rich_help_panel="Understand")
def correct(
    run_id: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id or its beginning.", autocompletion=completion.run)
    ],
    agent: Annotated[
        str, typer.Option("--agent", "-a", help="Who should have taken it.", autocompletion=completion.engaged_agent)
    ],
    as_json: Json = False,
) -> None:
    """Teach the router: this request was for another agent. Refits at once and says what else changes."""
    from nova.cli.correct import correct_run

    frame.guarded(lambda: correct_run(run_id, agent, as_json=as_json), as_json=as_json)


@app.command(rich_help_panel="Work")
def worker(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing of what is done.")] = False,
) -> None:
    """Take up runs from the queue, serve schedules and events, wake what waits. Ctrl-C ends it and loses nothing.

    On one file there is one worker at a time; on PostgreSQL as many as you start, on as many machines.
    """
    from nova.cli.worker import work

    frame.guarded(lambda: work(quiet=quiet))


@app.command(rich_help_panel="Work")
def triggers(
    pipeline: Annotated[
        str,
        typer.Argument(metavar="PIPELINE", help="Only this one's; without: all.", autocompletion=completion.pipeline),
    ] = "",
    count: Annotated[int, typer.Option("--count", "-n", min=0, max=1000, help="How many of the last times.")] = 5,
    as_json: Json = False,
) -> None:
    """What starts pipelines by itself: when it is due next, and what became of the last times, missed ones too."""
    from nova.cli.triggers import list_triggers

    frame.guarded(lambda: list_triggers(pipeline=pipeline, count=count, as_json=as_json), as_json=as_json)


@app.command(rich_help_panel="Work")
def emit(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Its name: deployed, price-list-arrived, ...")],
    project: Annotated[
        str, typer.Option("--project", "-p", help="Where it happened.", autocompletion=completion.project)
    ] = "",
    data: Annotated[str, typer.Option("--data", "-d", metavar="JSON", help="Its fields, as a JSON object.")] = "",
    identity: Annotated[
        str, typer.Option("--id", help="What makes it this event: the same id again is not written twice.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Report something that happened: it starts the pipelines that listen to `webhook`, and wakes runs that wait.

    Example: nova emit deployed -p site --data '{"ref": "main"}' --id deploy-4711
    """
    from nova.cli.triggers import emit as report

    frame.guarded(
        lambda: report(event, project=project, data=data, identity=identity, as_json=as_json), as_json=as_json
    )


@app.command(rich_help_panel="Work")
def stop(
    everything: Annotated[bool, typer.Option("--all", help="Really everything: runs, parts, what waits.")] = False,
    why: Annotated[str, typer.Option("--why", help="The reason; it stays in the record.")] = "",
    as_json: Json = False,
) -> None:
    """End everything that goes on, within two seconds. One run only: nova runs stop RUN"""
    from nova.cli.running import stop_everything
    from nova.core.errors import BadInput

    def work() -> int:
        if not everything:
            raise BadInput("nova stop ends everything that goes on.", "Say so: nova stop --all, or nova runs stop RUN")
        return stop_everything(why, as_json)

    frame.guarded(work, as_json=as_json)


@app.command(rich_help_panel="Set up")
def init(
    everything: Annotated[bool, typer.Option("--all", help="Engage all 34 agents instead of five.")] = False,
    history: Annotated[bool, typer.Option(help="Read that project's past into notes.")] = True,
    as_json: Json = False,
) -> None:
    """Make a home: profile.md, nova.toml, five agents, and the git repository you stand in as the first project."""
    from nova.cli.init import begin

    frame.guarded(lambda: begin(Path.cwd(), everything=everything, history=history, as_json=as_json), as_json=as_json)


@app.command(rich_help_panel="Set up")
def doctor(as_json: Json = False) -> None:
    """What is there, what is missing, and how to get it: paths, database, encoder, providers, projects."""
    from nova.cli.doctor import examine

    frame.guarded(lambda: examine(as_json=as_json), as_json=as_json)


@app.command(rich_help_panel="Set up")
def models(
    look: Annotated[
        bool, typer.Option("--look", help="Also ask the usual ports of this machine for local models.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Which models answer in which role, which providers are ready, and how to add one."""
    from nova.cli.models import list_models

    frame.guarded(lambda: list_models(as_json=as_json, look=look), as_json=as_json)


@app.command("migrate-database", rich_help_panel="Set up")
def migrate_database(
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="ADDRESS", help="postgresql://user@host/name, or where that lies: env:NAME, file:PATH."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Move this home's store from its file to an empty PostgreSQL database, with everything that waits in it.

    Nobody may use the home meanwhile. Killed on the way, nothing has changed: give the command again.
    """
    from nova.cli.migrate_database import migrate

    frame.guarded(lambda: migrate(to, as_json=as_json), as_json=as_json)


@app.command(hidden=True)
def warm() -> None:
    """Imports what an answer needs, so that Python compiles just that (part of the set-up)."""
    from nova.cli.warm import warm_up

    frame.guarded(warm_up)


def _groups() -> None:
    from nova.cli import agents, conversations, encoder, memory, pipelines, projects, reviews, running

    app.add_typer(pipelines.app, name="pipelines", rich_help_panel="Work")
    app.add_typer(reviews.app, name="reviews", rich_help_panel="Work")
    app.add_typer(running.app, name="runs", rich_help_panel="Understand")
    app.add_typer(conversations.app, name="conversations", rich_help_panel="Understand")
    app.add_typer(memory.app, name="memory", rich_help_panel="Understand")
    app.add_typer(agents.app, name="agents", rich_help_panel="Set up")
    app.add_typer(projects.app, name="projects", rich_help_panel="Set up")
    app.add_typer(encoder.app, name="encoder", rich_help_panel="Set up")


_groups()

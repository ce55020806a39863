"""nova conversations: what was talked about, as things to find, name, fork, close and move. Decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from nova.cli import completion, frame
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.conversations import Listed, Page
    from nova.app.house import Nova
    from nova.core.runs import Run

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]
Which = Annotated[
    str,
    typer.Argument(
        metavar="CONVERSATION",
        help="Its name, its id, or the beginning of its id.",
        autocompletion=completion.conversation,
    ),
]

app = typer.Typer(
    help="Your conversations: continue, name, fork, close, move and search them. The record keeps every turn.",
    no_args_is_help=True,
)


@app.command("list")
def list_conversations(
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="Only those in this project now.", autocompletion=completion.project),
    ] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not closed.")] = False,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """The conversations, the one spoken in last first: name or title, projects, turns, open or closed, forked from."""
    frame.guarded(lambda: _list(project, open_only, count, as_json), as_json=as_json)


@app.command()
def show(
    which: Which,
    page: Annotated[int, typer.Option(min=1, help="1 has the newest turns, the last page the oldest.")] = 1,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="Turns on one page.")] = 20,
    as_json: Json = False,
) -> None:
    """The turns in full, each with its run, those of before a fork too. Example: nova conversations show invoices"""
    frame.guarded(lambda: _show(which, page, count, as_json), as_json=as_json)


@app.command()
def name(which: Which, name: Annotated[str, typer.Argument(help="The name.")], as_json: Json = False) -> None:
    """Name one; the name works wherever an id does. Example: nova conversations name c12ab invoices"""
    from nova.app import naming

    _do(lambda nova: naming.name(nova, which, name), _named, as_json)


@app.command()
def fork(
    which: Which,
    at: Annotated[
        str,
        typer.Option("--at", help="The last run they share; without: the last turn.", autocompletion=completion.run),
    ] = "",
    as_json: Json = False,
) -> None:
    """Begin another one with the same turns so far. Neither hears what is said later in the other."""
    from nova.app import forking

    _do(lambda nova: forking.fork(nova, which, at), _forked, as_json)


@app.command()
def close(which: Which, as_json: Json = False) -> None:
    """It is not continued by itself any more. It can still be read, searched, forked and opened again."""
    from nova.app import conversations

    _do(lambda nova: conversations.close(nova, which), _closed, as_json)


@app.command()
def reopen(which: Which, as_json: Json = False) -> None:
    """Open a closed one again."""
    from nova.app import conversations

    _do(lambda nova: conversations.reopen(nova, which), _reopened, as_json)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="What was talked about, in your words.")],
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="Only what was said in it.", autocompletion=completion.project),
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=200, help="How many turns at the most.")] = 20,
    as_json: Json = False,
) -> None:
    """Find turns by words and by meaning, grouped by conversation. Example: nova conversations search tax rounding"""
    frame.guarded(lambda: _search(" ".join(words), project, count, as_json), as_json=as_json)


@app.command()
def move(
    which: Which,
    project: Annotated[
        str, typer.Argument(metavar="PROJECT", help="Its name or alias.", autocompletion=completion.project)
    ],
    as_json: Json = False,
) -> None:
    """Requests in it belong to PROJECT from now on. What was said before stays behind its own project's wall."""
    from nova.app import conversations

    _do(lambda nova: conversations.move(nova, which, project), _moved, as_json)


def _do(work: Callable[[Nova], Listed], say: Callable[[Listed], None], as_json: bool) -> None:
    from nova.app.conversations import listed_json

    def done() -> None:
        with frame.opened() as nova:
            listed = work(nova)
        if as_json:
            frame.out_json(listed_json(listed))
        else:
            say(listed)

    frame.guarded(done, as_json=as_json)


def _named(listed: Listed) -> None:
    one = listed.conversation
    frame.out(f'{one.id} is called “{one.name}”. Go on in it: nova ask --conversation "{one.name}" ...')


def _forked(listed: Listed) -> None:
    one = listed.conversation
    many = f"{listed.shared} turn{'' if listed.shared == 1 else 's'}"
    frame.out(f"{one.id} begins with {many} of {one.forked_from}. Go on in it: nova ask --conversation {one.id} ...")


def _closed(listed: Listed) -> None:
    one = listed.conversation
    frame.out(
        f"{listed} is closed. Read it: nova conversations show {one.id}   Open it: nova conversations reopen {one.id}"
    )


def _reopened(listed: Listed) -> None:
    frame.out(f"{listed} is open. Go on in it: nova ask --conversation {listed.conversation.id} ...")


def _moved(listed: Listed) -> None:
    one = listed.conversation
    frame.out(f"What is asked in {one.name or one.id} belongs to {one.project} from now on.")
    frame.out(f"What was said before stays where it was said: nova conversations show {one.id}")
    if one.name:
        frame.out(f"Its name came along; if it says too much: nova conversations name {one.id} NAME")


def _list(project: str | None, open_only: bool, count: int, as_json: bool) -> None:
    from nova.app.conversations import listed, listed_json

    with frame.opened() as nova:
        found = listed(nova, project=project, open_only=open_only, count_max=count)
    if as_json:
        frame.out_json([listed_json(one) for one in found])
        return
    if not found:
        frame.out('No conversations yet. Ask something: nova ask "Where did I leave off?"')
    for one in found:
        frame.out(_line(one))


def _line(listed: Listed) -> str:
    one = listed.conversation
    said = f"{one.name} · {listed.title}" if one.name else listed.title
    state = "closed" if one.closed_at else "open"
    forked = f"  (forked from {one.forked_from})" if one.forked_from else ""
    where = one.project + "".join(f", {other}" for other in listed.projects if other != one.project)
    return (
        f"{one.id}  {one.last_at:%m-%d %H:%M}  {state:<6}  {listed.turns:>3} turn{' ' if listed.turns == 1 else 's'}  "
        f"{shorten(where, 24) or '-':<24}  {shorten(said, 70)}{forked}"
    )


def _show(which: str, page: int, count: int, as_json: bool) -> None:
    from nova.app.conversations import listed_json, shown

    with frame.opened() as nova:
        found = shown(nova, which, number=page, count=count)
    if as_json:
        turns: list[frame.Json] = [_turn_json(run) for run in found.runs]
        frame.out_json({**listed_json(found.listed), "page": found.number, "pages": found.of, "said": turns})
        return
    _head(found)
    for run in found.runs:
        where = f" in {run.project}" if run.project else ""
        who = f" · {', '.join(run.agents)}" if run.agents else ""
        frame.out(f"\n{run.id} · {run.started_at:%Y-%m-%d %H:%M}{where}{who}")
        frame.out("\n".join(f"> {line}" for line in run.request.splitlines()))
        frame.out(_answer(run))


def _head(page: Page) -> None:
    one = page.listed.conversation
    frame.out(f"{one.name or page.listed.title or one.id}")
    state = f"closed since {one.closed_at:%Y-%m-%d %H:%M}" if one.closed_at else "open"
    frame.out(f"{one.id} · {state} · {one.project or 'no project'} · {page.listed.turns} turns")
    if one.forked_from:
        frame.out(f"the first {page.listed.shared} were said in {one.forked_from}, which it was forked from")
    if page.of > 1:
        older = f"; older ones: --page {page.number + 1}" if page.number < page.of else ""
        frame.out(f"page {page.number} of {page.of}{older}")


def _answer(run: Run) -> str:
    from nova.coordinator.conversation import answer_of

    return answer_of(run.outcome) if run.outcome else f"({run.state.value}; what was done: nova why {run.id})"


def _search(words: str, project: str | None, count: int, as_json: bool) -> None:
    from nova.app.conversations import found_json
    from nova.app.conversations import search as look

    with frame.opened() as nova:
        found = look(nova, words, project=project, count_max=count)
    for degradation in found.degradations:
        frame.note(f"! {degradation}")
    if as_json:
        frame.out_json([found_json(one) for one in found.conversations])
        return
    if not found.conversations:
        frame.out("Nothing like it was said. See all conversations: nova conversations list")
    for one in found.conversations:
        frame.out(_line(one.listed) if one.listed else one.conversation)
        for hit, why in one.episodes:
            frame.out(
                f"    {hit.run or '-':<11}  {hit.at:%m-%d %H:%M}  {hit.speaker}: {shorten(hit.text, 140)}  ({why})"
            )


def _turn_json(run: Run) -> dict[str, frame.Json]:
    return {
        "run": run.id,
        "conversation": run.conversation,
        "at": run.started_at.isoformat(),
        "project": run.project,
        "scope": run.scope,
        "request": run.request,
        "answer": _answer(run),
        "agents": list(run.agents),
        "state": run.state.value,
    }

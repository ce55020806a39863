"""nova reviews: the questions that wait for the owner, and his answers. Each answer counts once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova.cli import completion, frame
from nova.core import json
from nova.core.errors import BadInput, Unknown
from nova.core.json import Json as JsonValue
from nova.core.reviews import Answer, Review
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.house import Nova

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]
Which = Annotated[
    str, typer.Argument(metavar="REVIEW", help="Its id or the beginning of it.", autocompletion=completion.review)
]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it stays with the answer.")]
Digest = Annotated[
    str, typer.Option("--digest", help="Bind the answer to what a script was shown; refused when that has changed.")
]
PAYLOAD_LINES = 200

app = typer.Typer(help="Questions that wait for you, with diff, evidence and cost.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def list_reviews(
    context: typer.Context,
    project: Annotated[
        str, typer.Option("--project", "-p", help="Only this project's.", autocompletion=completion.project)
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that are answered.")] = False,
    as_json: Json = False,
) -> None:
    """The reviews that wait, oldest first. They never time out to yes: a run that waits costs nothing."""
    if context.invoked_subcommand is None:
        frame.guarded(lambda: _list(project, everything, as_json), as_json=as_json)


@app.command()
def show(which: Which, as_json: Json = False) -> None:
    """One review in full: the question, the diff, the evidence, the cost, what happens if you ignore it."""
    frame.guarded(lambda: _show(which, as_json), as_json=as_json)


@app.command()
def approve(which: Which, reason: Reason = "", digest: Digest = "", as_json: Json = False) -> None:
    """Yes, as it stands. The run goes on here, or with the worker when one is at work."""
    frame.guarded(lambda: _answer(which, Answer.APPROVE, reason, digest, None, as_json), as_json=as_json)


@app.command()
def change(
    which: Which,
    edit: Annotated[
        str, typer.Option("--edit", "-e", metavar="JSON", help="What takes the payload's place: JSON, text, or @FILE.")
    ],
    reason: Reason = "",
    digest: Digest = "",
    as_json: Json = False,
) -> None:
    """Yes, but so: the edit takes the place of what was proposed."""
    frame.guarded(lambda: _answer(which, Answer.CHANGE, reason, digest, _edit(edit), as_json), as_json=as_json)


@app.command()
def reject(
    which: Which,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; the run and the record keep it.")],
    digest: Digest = "",
    as_json: Json = False,
) -> None:
    """No, with the reason."""
    frame.guarded(lambda: _answer(which, Answer.REJECT, reason, digest, None, as_json), as_json=as_json)


def _list(project: str, everything: bool, as_json: bool) -> int:
    from nova.store import reviews

    with frame.opened() as nova:
        blobs = nova.pipelines.blobs
        with nova.database.read() as connection:
            found = reviews.waiting(connection, nova.everything, blobs, project=project)
            if everything:
                found += reviews.settled(connection, nova.everything, blobs)
    if as_json:
        frame.out_json([review_json(one) for one in found])
        return 0
    if not found:
        frame.out("Nothing waits for you.")
    for one in found:
        said = one.answer.value if one.answer else "waits"
        frame.out(f"{one.id}  {one.asked_at:%m-%d %H:%M}  {said:<8} {one.project or '-':<14} {_cost(one.cost_usd)}")
        frame.out(f"    {shorten(one.question, frame.width() - 4)}")
    if any(one.answer is None for one in found):
        frame.note_dim("Look: nova reviews show ID · answer: nova reviews approve | change | reject ID")
    return 0


def _show(which: str, as_json: bool) -> int:
    with frame.opened() as nova:
        found = _find(nova, which)
        cost = nova.pipelines.cost_of(found.root)
    if as_json:
        frame.out_json({**review_json(found), "cost_usd": cost})
        return 0
    for row in frame.wrapped(found.question):
        frame.out(row)
    frame.out()
    _say_payload(found)
    if found.evidence:
        frame.out("Evidence:")
        for one in found.evidence:
            for row in _rows(one):
                frame.out(row)
        frame.out()
    frame.out(f"From:     {found.path} of run {found.run}" + (f" in {found.project}" if found.project else ""))
    frame.out(f"Asked:    {found.asked_at:%Y-%m-%d %H:%M}")
    frame.out(f"Cost:     {_cost(cost)}")
    frame.out(f"Ignored:  {found.if_ignored}")
    frame.out(f"Bound to: {found.digest}")
    if found.answer is None and not found.closed:
        frame.out(f"Answer:   nova reviews approve {found.id}")
        frame.out(f"          nova reviews change {found.id} --edit @FILE")
        frame.out(f"          nova reviews reject {found.id} --reason WHY")
    elif found.answer is not None:
        why = f": {found.reason}" if found.reason else ""
        frame.out(f"Answered: {found.answer.value} by {found.answered_by} on {found.answered_at:%Y-%m-%d %H:%M}{why}")
    elif found.closed:
        frame.out(f"Closed:   {found.closed}")
    return 0


def _cost(dollars: float | None) -> str:
    if dollars is None:
        return "cost unknown"
    return f"${dollars:.4f} so far" if dollars else "free so far"


def _say_payload(found: Review) -> None:
    """What is decided about: the diff, or the beginning of what was proposed; nothing where nothing was."""
    payload = found.payload if isinstance(found.payload, str) else json.dump(found.payload)
    rows = (found.diff or ("" if found.payload is None else payload)).rstrip().splitlines()
    if not rows:
        return
    shown = rows if found.diff else rows[:PAYLOAD_LINES]
    frame.out("\n".join(shown))
    if len(shown) < len(rows):
        frame.out(f"… {len(rows) - len(shown)} more lines: nova reviews show {found.id} --json")
    frame.out()


def _rows(evidence: str) -> list[str]:
    """One piece of evidence with a mark before it; what belongs to it stands below, farther in."""
    first, *others = evidence.rstrip().splitlines() or [""]
    return [
        *frame.wrapped(first, "  - ", "    "),
        *(row for one in others for row in frame.wrapped(one, "      ", "        ")),
    ]


def _answer(which: str, given: Answer, reason: str, digest: str, edit: JsonValue, as_json: bool) -> int:
    from nova.app.answering import answer
    from nova.cli.walked import or_leave, walk_here

    with frame.opened() as nova:
        found = _find(nova, which)
        answered, leg = answer(nova, found, given, reason=reason, digest=digest, edit=edit)
        if not as_json:
            frame.note(f"{answered.id}: {given.value}.")
        if leg is None:
            frame.note_dim(f"The run {answered.root} goes on where it is being walked.")
            return 0
        root = answered.root
        return or_leave(nova, root, leg, as_json=as_json, here=lambda: walk_here(nova, root, leg, as_json=as_json))


def _find(nova: Nova, which: str) -> Review:
    from nova.store import reviews

    with nova.database.read() as connection:
        found = reviews.beginning_with(connection, nova.everything, which, nova.pipelines.blobs)
    if not found:
        raise Unknown("review", which, mend="See nova reviews --all.")
    if len(found) > 1:
        raise BadInput(f"Several reviews begin with “{which}”.", "Give more of the id.")
    return found[0]


def _edit(text: str) -> JsonValue:
    if text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8")
    try:
        return json.load(text)
    except ValueError:
        return text


def review_json(found: Review) -> dict[str, JsonValue]:
    """A review for scripts."""
    return {
        "review": found.id,
        "run": found.run,
        "root": found.root,
        "step": found.path,
        "project": found.project,
        "question": found.question,
        "payload": found.payload,
        "digest": found.digest,
        "diff": found.diff,
        "evidence": list(found.evidence),
        "cost_usd": found.cost_usd,
        "if_ignored": found.if_ignored,
        "asked_at": found.asked_at.isoformat(),
        "answer": found.answer.value if found.answer else None,
        "reason": found.reason,
        "answered_at": found.answered_at.isoformat() if found.answered_at else None,
        "answered_by": found.answered_by,
        "closed": found.closed,
    }

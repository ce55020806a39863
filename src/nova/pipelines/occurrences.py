"""What happened, written down once as occurrences: by comparing rows and issue folders with cursors.

Knows the sources and what of them is told; refuses to know who listens (pipelines.triggers). An event that is seen
again, by this worker or by another, has the same id and is not written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from nova.core import json
from nova.core.ids import id_of
from nova.core.json import Json
from nova.core.labels import HOME, Label, Scope
from nova.core.steps import Occurrence
from nova.core.text import shorten
from nova.projects.definition import Project
from nova.projects.sources.issues import Issue, issues
from nova.store import cursors, happened, occurrences
from nova.store.database import Connection, Database

RUN_ENDED = "run-ended"
PIPELINE_ENDED = "pipeline-ended"
NOTE_RECORDED = "note-recorded"
ISSUE_OPENED = "issue-opened"
WEBHOOK = "webhook"
KINDS = (RUN_ENDED, PIPELINE_ENDED, NOTE_RECORDED, ISSUE_OPENED, WEBHOOK)
BATCH = 200
TEXT_CHARACTERS_MAX = 2_000
# A run's end is stamped before its transaction is: another's may be written first and be stamped later.
OVERLAP = timedelta(seconds=20)


def gather(database: Database, scope: Scope, kinds: Collection[str], now: datetime) -> int:
    """Writes down what runs and notes have brought since the last look, of the kinds asked for; how many are new."""
    sources: list[Callable[[Connection], tuple[str, str, list[Occurrence]]]] = []
    if RUN_ENDED in kinds or PIPELINE_ENDED in kinds:
        sources.append(lambda connection: _runs(connection, scope, now))
    if NOTE_RECORDED in kinds:
        sources.append(lambda connection: _notes(connection, scope))
    return sum(_write(database, scope, source, now) for source in sources)


def gather_issues(database: Database, projects: Sequence[Project], now: datetime) -> int:
    """Writes down the issues that are new in these projects' folders; what is there at the first look is not news."""
    return sum(_write(database, Scope.of(one.scope), lambda connection, of=one: _issues(connection, of, now), now)
               for one in projects if _folder(one) is not None)  # fmt: skip


def emit(
    database: Database, event: str, data: dict[str, Json], *, project: Project | None, now: datetime, identity: str
) -> bool:
    """Writes down something that a script or another program reports; False when the same identity came before.

    Its words are nobody's: what is made of them is not trusted.
    """
    scope = Scope.of(project.scope if project else HOME)
    one = Occurrence(
        id=id_of("o", WEBHOOK, scope.own, identity),
        kind=WEBHOOK,
        scope=scope.own,
        label=Label(scopes=frozenset({scope.own}), trusted=False),
        at=now,
        project=project.name if project else "",
        data={"name": event, **data} if event == WEBHOOK else {**data, "name": event},
    )
    with database.write() as connection:
        return occurrences.append(connection, scope, one)


def _write(
    database: Database,
    scope: Scope,
    source: Callable[[Connection], tuple[str, str, list[Occurrence]]],
    now: datetime,
) -> int:
    """source: the cursor's name, its new value, and what happened. Nothing is written when nothing has changed."""
    with database.read() as connection:
        name, reached, found = source(connection)
        before = cursors.value(connection, scope, name)
        known = happened.written_down(connection, scope, [one.id for one in found]) if found else frozenset[str]()
    fresh = list({one.id: one for one in found if one.id not in known}.values())
    if not fresh and reached == before:
        return 0
    with database.write() as connection:
        new = [occurrences.append(connection, Scope.of(one.scope), one) for one in fresh]
        cursors.put(connection, _home(scope), name, reached, now)
    return sum(new)


def _home(scope: Scope) -> Scope:
    """Cursors of the whole home are the home's; those of one project its own."""
    return Scope(own=HOME, names=scope.names) if HOME in scope.names else scope


def _runs(connection: Connection, scope: Scope, now: datetime) -> tuple[str, str, list[Occurrence]]:
    name = "ended:runs"
    reached = cursors.value(connection, scope, name)
    if not reached:
        return name, now.isoformat(), []
    since = datetime.fromisoformat(reached)
    ended = happened.ended(connection, scope, since - OVERLAP, BATCH)
    if len(ended) == BATCH:  # so many that the overlap alone fills it
        ended += happened.ended(connection, scope, since, BATCH)
    newest = max([since, *(one.ended_at for one in ended)])
    found = [_run_ended(one) for one in ended] + [_pipeline_ended(one) for one in ended if one.pipeline]
    return name, newest.isoformat() if newest > since else reached, found


def _run_ended(one: happened.Ended) -> Occurrence:
    agents: list[Json] = list(one.agents)
    return _occurrence(one, RUN_ENDED, {"run": one.run, "state": one.state, "agents": agents})


def _pipeline_ended(one: happened.Ended) -> Occurrence:
    pipeline, _, version = one.pipeline.partition("@")
    number = int(version) if version.isdigit() else 0
    return _occurrence(
        one, PIPELINE_ENDED, {"run": one.run, "pipeline": pipeline, "version": number, "state": one.state}
    )


def _occurrence(one: happened.Ended, kind: str, data: dict[str, Json]) -> Occurrence:
    return Occurrence(
        id=id_of("o", kind, one.run),
        kind=kind,
        scope=one.scope,
        label=one.label,
        at=one.ended_at,
        project=one.project,
        data=data,
    )


def _notes(connection: Connection, scope: Scope) -> tuple[str, str, list[Occurrence]]:
    name = "recorded:notes"
    reached = cursors.value(connection, scope, name)
    if not reached:
        return name, str(happened.last_note(connection, scope)), []
    noted = happened.noted(connection, scope, int(reached), BATCH)
    last = str(noted[-1].seq) if noted else reached
    return name, last, [_note_recorded(one) for one in noted]


def _note_recorded(one: happened.Noted) -> Occurrence:
    text = shorten(one.text, TEXT_CHARACTERS_MAX)
    return Occurrence(
        id=id_of("o", NOTE_RECORDED, one.id),
        kind=NOTE_RECORDED,
        scope=one.scope,
        label=one.label,
        at=one.recorded_at,
        project=one.project,
        data={"note": one.id, "kind": one.kind, "subject": one.subject, "text": text, "run": one.run},
    )


def _issues(connection: Connection, project: Project, now: datetime) -> tuple[str, str, list[Occurrence]]:
    """The cursor holds the numbers that are known. A folder that is gone keeps them: issues do not open twice."""
    name = f"issues:{project.name}"
    reached = cursors.value(connection, Scope.of(project.scope), name)
    place = _folder(project)
    assert place is not None
    there = issues(*place)
    known = set(cast("list[int]", json.load(reached))) if reached else {one.number for one in there}
    found = [_issue_opened(one, project, now) for one in there if one.number not in known and one.open]
    numbers: list[Json] = [*sorted(known | {one.number for one in there})]
    return name, json.dump(numbers), found


def _issue_opened(issue: Issue, project: Project, now: datetime) -> Occurrence:
    labels: list[Json] = list(issue.labels)
    data: dict[str, Json] = {
        "number": issue.number,
        "title": issue.title,
        "path": issue.path,
        "labels": labels,
        "opened_by": issue.opened_by,
    }
    return Occurrence(
        id=id_of("o", ISSUE_OPENED, project.name, str(issue.number)),
        kind=ISSUE_OPENED,
        scope=project.scope,
        label=Label(scopes=frozenset({project.scope}), trusted=False),
        at=now,
        project=project.name,
        data=data,
    )


def _folder(project: Project) -> tuple[Path, str] | None:
    """The repository and the folder of issues below it; None where there is none."""
    root, folder = project.repository, project.issues
    if root is None or not root.is_dir():
        return None
    below = "issues" if folder is None or not folder.is_relative_to(root) else folder.relative_to(root).as_posix()
    return (root.resolve(), below) if (root / below).is_dir() else None

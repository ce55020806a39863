"""Says what reading a project's past has given: for `nova projects add`, `nova projects read` and `nova init`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova.cli import frame

if TYPE_CHECKING:
    from nova.app.histories import PastRead
    from nova.app.house import Nova
    from nova.projects.definition import Project

PROBLEMS_SHOWN = 5


def read(nova: Nova, project: Project) -> PastRead | None:
    """Reads it, with a word before: git may take a while."""
    from nova.app.histories import read_past

    if project.repository is None:
        return None
    frame.note_dim(f"Reading the past of {project.name}: commits, decisions, issues, to-dos …")
    return read_past(nova, project)


def read_of(name: str) -> PastRead | None:
    """Reads the past of a project that has just been added, with a Nova of its own."""
    with frame.opened() as nova:
        return read(nova, next(project for project in nova.projects if project.name == name))


def say(past: PastRead) -> None:
    """Prints what was found, and what could not be read."""
    read_of = ", ".join(f"{one.count} {one.source}" for one in past.readings if one.count)
    kinds = ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in past.kinds.items())
    if past.count:
        frame.out(f"Its past: {past.count} notes ({kinds}), read from {read_of}.")
    else:
        frame.out("Its past holds nothing to note yet" + (f" ({read_of})." if read_of else "."))
    fresh, changed = past.became.get("added", 0), past.became.get("changed", 0)
    if fresh != past.count and (past.count or past.settled):
        frame.out(f"New since the last reading: {fresh}, changed: {changed}, no longer open: {past.settled}.")
    for one in past.readings:
        if one.unread:
            frame.out(f"! {one.source}: {one.unread}")
    for problem in past.problems[:PROBLEMS_SHOWN]:
        frame.out(f"! {problem}")
    if len(past.problems) > PROBLEMS_SHOWN:
        frame.out(f"! … and {len(past.problems) - PROBLEMS_SHOWN} more problems (--json shows all)")

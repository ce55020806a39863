"""Where he stopped: the last conversation, the last file, what is in no commit. Pure; refuses to say what is next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from nova.briefing.card import Line
from nova.briefing.facts import Facts, noted_at
from nova.briefing.lines import plain
from nova.briefing.visits import last_work, looks_back, only_asks, tells, visits
from nova.core.citations import Citation
from nova.core.runs import Run, RunState
from nova.projects.sources.worktree import WorkTree

REQUEST_MAX = 220
FILES_MAX = 8
_ALL = "the whole folder"
_ENDED = {
    RunState.FAILED: "it failed",
    RunState.NEEDS_INPUT: "Nova asked back and waits for your answer",
    RunState.STOPPED: "it was stopped",
    RunState.RUNNING: "it is still running",
}


def left_off(facts: Facts) -> list[Line]:
    """What was said last and what was touched last, the newer of the two first."""
    groups = [list(_said(facts)), list(_touched(facts))]
    groups.sort(key=lambda lines: _when(lines[0]) if lines else 0.0, reverse=True)
    return [line for lines in groups for line in lines]


def _when(line: Line) -> float:
    return line.at.timestamp() if line.at else 0.0


def _said(facts: Facts) -> Iterator[Line]:
    """What was said last. Questions that one asks on the way back in come after where the last visit ended."""
    present, before = (last_work(part) for part in visits(facts.memory.runs, facts.now))
    if present is None or (before is not None and _only_back(present)):
        yield from _told(before, facts) if before is not None else ()
        if present is not None and not looks_back(present):
            yield _of_run(present, facts, "asked since then")
        return
    yield from _told(present, facts)
    if before is not None:
        yield next(iter(_told(before, facts, visit="in your visit before this one")))


def _only_back(run: Run) -> bool:
    return looks_back(run) or only_asks(run)


def worked_at(facts: Facts) -> datetime | None:
    """When the owner last said something there that was no mere question back."""
    parts = [last_work(part) for part in visits(facts.memory.runs, facts.now)]
    found = [run for run in parts if run is not None]
    work = [run for run in found if not _only_back(run)] or found[-1:]
    return work[0].last_at if work else None


def _told(run: Run, facts: Facts, visit: str = "") -> Iterator[Line]:
    """The run; where it says little (“ok, thanks”), the last telling one of that conversation before it."""
    same = [
        one for one in facts.memory.runs if one.conversation == run.conversation and one.started_at <= run.started_at
    ]
    telling = next((one for one in same if tells(one) and not (one is not run and looks_back(one))), run)
    last = "said last" if telling is run else "said"
    yield _of_run(telling, facts, f"{last} {visit}".strip())
    if telling is not run:
        yield _of_run(run, facts, "said last")


def _of_run(run: Run, facts: Facts, said: str) -> Line:
    talk = facts.memory.conversations.get(run.conversation)
    title = plain(talk.name or talk.title, 80) if talk else ""
    named = title and not plain(run.request).startswith(title.rstrip("…"))  # a title may be the request itself
    inside = f"In the conversation “{title}” you" if named else "You"
    return Line(
        text=f"{inside} {said}: “{plain(run.request, REQUEST_MAX)}”",
        what="run",
        at=run.started_at,
        sources=(Citation(path=run.id),),
        by=" ".join(run.agents),
        mark=_ENDED.get(run.state, ""),
        trusted=run.label.trusted,
    )


def _touched(facts: Facts) -> Iterator[Line]:
    touched, work = facts.ground.touched, facts.ground.work
    if touched is None or work is None:
        return
    branch = f" on {touched.branch}" if touched.branch else ""
    if touched.commit is None:
        yield Line(
            text=plain(f"Last file: {touched.path or _ALL}{branch}, not committed"),
            what="file",
            at=touched.at,
            sources=_place(touched.path),
        )
        return
    commit = touched.commit
    yield Line(
        text=plain(f"Last file: {touched.path}{branch}, in “{commit.subject}”"),
        what="commit",
        at=touched.at,
        sources=(Citation(path=commit.id),),
        by=plain(commit.author, 60),
    )


def uncommitted(facts: Facts) -> list[Line]:
    """What is in no commit: a merge half done, changed files, commits that were not pushed, stashes."""
    work = facts.ground.work
    return [*_half_done(work, facts.now), *_files(work), *_unpushed(work), *_stashes(work)] if work else []


def _half_done(work: WorkTree, now: datetime) -> Iterator[Line]:
    if work.doing:
        yield Line(text=f"A {work.doing} is half done", what="git", at=now, mark="finish it or abort it")
    elif work.commit and not work.branch:
        text = f"No branch is checked out; the folder stands at {work.commit}"
        yield Line(
            text=text, what="git", mark="commits made now belong to no branch", sources=(Citation(path=work.commit),)
        )


def _files(work: WorkTree) -> Iterator[Line]:
    for file in work.files[:FILES_MAX]:
        sources = _place(file.path) if file.at else ()
        state = f"{file.state.value}" if file.at else "deleted"
        yield Line(text=plain(f"{file.path or _ALL} ({state})"), what="file", at=file.at, sources=sources)
    if len(work.files) > FILES_MAX or work.cut:
        more = len(work.files) - FILES_MAX
        yield Line(text=f"and {more}{' or more' if work.cut else ''} more files", what="file")


def _place(path: str) -> tuple[Citation, ...]:
    """A file by its first line; git names a folder that holds nothing known as a whole, with a slash."""
    return (Citation(path=path, line=1),) if path and not path.endswith("/") else ()


def _unpushed(work: WorkTree) -> Iterator[Line]:
    if work.ahead:
        count = f"{work.ahead} commit{'s' * (work.ahead != 1)}"
        yield Line(text=plain(f"{count} of {work.branch} not pushed to {work.upstream}"), what="branch")


def _stashes(work: WorkTree) -> Iterator[Line]:
    for message in work.stashes[:3]:
        yield Line(text=plain(f"Stash: {message}"), what="stash")


def touched_at(facts: Facts, lines: Sequence[Line]) -> datetime | None:
    """When anything happened there last. A file's time after now counts as now."""
    times = [line.at for line in lines if line.at and line.what != "run"]
    times += [one.commit.at for one in facts.ground.commits[:1]]
    times += [at] if (at := worked_at(facts)) else []
    times = times or [noted_at(note) for note in facts.memory.standing[:1]]
    return min(max(times), facts.now) if times else None

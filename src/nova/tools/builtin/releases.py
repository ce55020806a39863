"""The tool `release_changes`: what users get between two releases. Reads git and the changelog, writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.models.words import words
from nova.projects.sources.changelog import Release, changelog
from nova.projects.sources.commits import Commit
from nova.projects.sources.git import Commits, blame, commits
from nova.projects.sources.issues import Issue, issues
from nova.projects.sources.repository import git
from nova.tools.commits import since as moment_of
from nova.tools.grouping import Group, by_hand, group_of, issues_of, standing
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, reading, result

COMMITS_MAX = 1_000
BLAMED_MAX = 300
DAYS = 28
MENTIONED_MIN = 0.4  # share of a subject's words that one line of the changelog must hold to speak of it
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}[\w.+-]*", re.IGNORECASE)
_CALLED = re.compile(r"(\w+):")
_CALLS = (
    (Group.ADDED, "new|added|add"), (Group.CHANGED, "changed?"), (Group.FIXED, "fix(?:ed)?"),
    (Group.REMOVED, "removed?"), (Group.BREAKING, "breaking"),
)  # fmt: skip
_TITLES: Mapping[Group, str] = {
    Group.BREAKING: "Breaking", Group.ADDED: "New", Group.CHANGED: "Changed", Group.FIXED: "Fixed",
    Group.REMOVED: "Removed", Group.INTERNAL: "Behind the scenes",
}  # fmt: skip


class ReleaseChanges(Arguments):
    """Arguments of release_changes."""

    since: str = Field(
        default="",
        description="From when on: a version of the changelog, a tag, a commit, a day, 2 weeks ago; empty: the last "
        "release.",
    )
    until: str = Field(default="", description="Up to which version, tag or commit; empty: what is committed now.")


class ReleaseEntry(Data):
    """One commit that holds at the end. group: breaking, added, changed, fixed, removed or internal."""

    commit: str
    day: str
    group: str
    subject: str
    why: str
    issues: list[int]


class ReleaseIssue(Data):
    """An issue that the commits name. open: whether it still is."""

    number: int
    title: str
    open: bool
    place: str


class Released(Data):
    """What changed between two points. since, until: in words; notes: Markdown from commits and changelog alone.

    mentioned: lines of the changelog in that span; unmentioned: commits that no line of it seems to speak of;
    upgrade: files that ask something of whoever upgrades; reverted: subjects of what was taken back.
    """

    since: str
    until: str
    commits: int
    visible: int
    entries: list[ReleaseEntry]
    issues: list[ReleaseIssue]
    mentioned: list[str]
    unmentioned: list[str]
    upgrade: list[str]
    reverted: list[str]
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    """A point in a history. revision: empty for a day; at: empty for a revision; said: in words."""

    said: str
    revision: str = ""
    at: datetime | None = None


def _changes(given: ReleaseChanges, reach: Reach) -> ToolResult:
    log = changelog(reach.root)
    start, end = _point(given.since, log, reach) or _last(log, reach), _point(given.until, log, reach)
    found = _between(reach, start, end)
    held, reverted = standing(found.commits)
    mentioned = tuple(_mentioned(log, found, reach, now=end is None))
    grouped = [(_group(one, reach.issues, mentioned), one) for one in held if not one.merge]
    named = _issues(reach, held)
    until = end.said if end else "now"
    noun = "commit" if len(found.commits) == 1 else "commits"
    visible = sum(group is not Group.INTERNAL for group, _ in grouped)
    headline = f"{len(found.commits)} {noun} from {start.said} to {until}; {visible} that users notice."
    lines = [_line(group, one) for group, one in _in_order(grouped)]
    data = Released(
        since=start.said,
        until=until,
        commits=len(found.commits),
        visible=visible,
        entries=[_entry(group, one) for group, one in _in_order(grouped)],
        issues=[
            ReleaseIssue(
                number=one.number, title=one.title, open=one.open, place=f"{one.path}:{one.line_of('title')}"
            )
            for one in named
        ],
        mentioned=[text for text, _ in mentioned],
        unmentioned=[
            f"{one.id} {one.subject}" for group, one in _in_order(grouped)
            if group is not Group.INTERNAL and log and not _speaks_of(mentioned, one)
        ],
        upgrade=list(by_hand(name for one in held for name in one.files)),
        reverted=[one.subject for one in reverted if not one.subject.startswith("Revert ")],
        notes="\n".join(_notes(headline, grouped, mentioned, named)) + "\n",
    )  # fmt: skip
    return result(headline, lines, reach, cut=found.cut, trusted=False, data=data)


def _point(asked: str, log: Sequence[Release], reach: Reach) -> _Point | None:
    """The point that is meant: a version of the changelog, a day, a revision; None for no words. Raises ToolFailed."""
    wanted = asked.strip()
    if not wanted:
        return None
    release = next((one for one in log if one.version.casefold().lstrip("v") == wanted.casefold().lstrip("v")), None)
    if release is not None:
        return _of_release(release, reach)
    if (revision := _revision(reach, wanted)) is not None:
        return _Point(said=wanted, revision=revision)
    try:
        return _of_day(wanted, reach)
    except ToolFailed:
        known = ", ".join(one.version for one in log[:5])
        mend = f"The changelog has {known}." if known else "Write a tag, a commit, or a day like 2026-11-01."
        raise ToolFailed(f"“{wanted}” is no version, tag, commit or day.", mend) from None


def _of_day(wanted: str, reach: Reach) -> _Point:
    at = datetime.fromisoformat(moment_of(wanted, reach.now()))
    at = at if at.tzinfo else at.replace(tzinfo=reach.now().tzinfo)
    return _Point(said=f"{at:%Y-%m-%d}", at=at)


def _of_release(release: Release, reach: Reach) -> _Point:
    """The commit that wrote the version's heading; where git cannot say, the end of its day."""
    said = f"{release.version}" + (f" ({release.day})" if release.day else "")
    blamed = blame(reach.root, release.path, [release.line]).get(release.line)
    if blamed is not None and blamed.commit:
        return _Point(said=said, revision=blamed.commit)
    if release.day is None:
        raise ToolFailed(f"Nobody can say when {release.version} was released.", "Name a commit or a day.")
    return _Point(said=said, at=datetime.fromisoformat(f"{release.day}T23:59:59+00:00"))


def _last(log: Sequence[Release], reach: Reach) -> _Point:
    """The last release: the last tag, else the newest version of the changelog, else four weeks ago."""
    try:
        tag = git(reach.root, "describe", "--tags", "--abbrev=0").text.strip()
    except ToolFailed:  # no tag at all
        tag = ""
    if tag:
        return _Point(said=tag, revision=tag)
    released = next((one for one in log if not one.unreleased and _VERSION.fullmatch(one.version)), None)
    if released is not None:
        return _of_release(released, reach)
    at = reach.now() - timedelta(days=DAYS)
    return _Point(said=f"{at:%Y-%m-%d}", at=at)


def _revision(reach: Reach, name: str) -> str | None:
    if not re.fullmatch(r"[A-Za-z0-9_][\w./-]{0,99}", name):
        return None
    try:
        return git(
            reach.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        ).text.strip()
    except ToolFailed:
        return None


def _between(reach: Reach, start: _Point, end: _Point | None) -> Commits:
    if end is not None and not end.revision:
        raise ToolFailed(f"Nobody can say which commit {end.said} ends with.", "Name a version, a tag or a commit.")
    last = end.revision if end else "HEAD"
    return commits(reach.root, start.at, COMMITS_MAX, of=f"{start.revision}..{last}" if start.revision else last)


def _issues(reach: Reach, held: Iterable[Commit]) -> list[Issue]:
    named = {number for one in held for number in issues_of(one)}
    known = issues(reach.root, reach.issues) if reach.issues and named else ()
    return [one for one in known if one.number in named]


def _mentioned(log: Sequence[Release], found: Commits, reach: Reach, *, now: bool) -> Iterator[tuple[str, Citation]]:
    """The lines of the changelog that the span's own commits wrote; up to now also those that nobody committed yet."""
    wrote = {one.hash[:7] for one in found.commits}
    lines = {entry.first: entry for release in log for entry in release.entries}
    path = log[0].path if log else "."
    blamed = blame(reach.root, path, list(lines)[:BLAMED_MAX] if wrote else [])
    for line, entry in lines.items():
        if (by := blamed.get(line)) is not None and (by.commit in wrote or (now and not by.commit)):
            yield entry.text, Citation(path=path, line=line)


def _group(commit: Commit, folder: str, mentioned: Sequence[tuple[str, Citation]]) -> Group:
    """As the changelog calls it, where a line of it speaks of the commit; else by the commit itself."""
    found = group_of(commit, folder)
    if found in (Group.INTERNAL, Group.BREAKING):
        return found
    said = _CALLED.match(_spoken(mentioned, commit))
    return next((group for group, name in _CALLS if said and re.match(name, said[1], re.IGNORECASE)), found)


def _spoken(mentioned: Sequence[tuple[str, Citation]], commit: Commit) -> str:
    """The line of the changelog that speaks of a commit, as far as words can tell; empty for none."""
    wanted = frozenset(words(commit.subject))
    shares = {text: len(wanted & frozenset(words(text))) for text, _ in mentioned}
    best = max(shares, key=lambda text: shares[text], default="")
    return best if best and shares[best] >= max(1, MENTIONED_MIN * len(wanted)) else ""


def _speaks_of(mentioned: Sequence[tuple[str, Citation]], commit: Commit) -> bool:
    return bool(_spoken(mentioned, commit))


def _in_order(grouped: Sequence[tuple[Group, Commit]]) -> list[tuple[Group, Commit]]:
    order = list(Group)
    return sorted(grouped, key=lambda pair: order.index(pair[0]))


def _line(group: Group, commit: Commit) -> ResultLine:
    return ResultLine(text=f"{group.value}, {commit.day}: {commit.subject}", citation=Citation(path=commit.id))


def _entry(group: Group, commit: Commit) -> ReleaseEntry:
    return ReleaseEntry(
        commit=commit.id, day=commit.day, group=group.value, subject=commit.subject, why=commit.reason,
        issues=list(issues_of(commit)),
    )  # fmt: skip


def _notes(
    headline: str,
    grouped: Sequence[tuple[Group, Commit]],
    mentioned: Sequence[tuple[str, Citation]],
    named: Sequence[Issue],
) -> Iterator[str]:
    """What is written already, in the writers' own words: the changelog's lines first, then what it leaves out."""
    yield headline
    if mentioned:
        yield from ("", "## From the changelog", "")
        yield from (f"- {text.removeprefix('- ')} (`{place}`)" for text, place in mentioned)
    for group in Group:
        chosen = [one for kind, one in grouped if kind is group and group is not Group.INTERNAL]
        chosen = [one for one in chosen if not _speaks_of(mentioned, one)]
        if chosen:
            yield from ("", f"## {_TITLES[group]}", "")
            yield from (f"- {one.subject} (`{one.id}`)" for one in chosen)
    still = [one for one in named if one.open]
    if still:
        yield from ("", "## Known and still open", "")
        yield from (f"- #{one.number} {one.title} (`{one.path}:{one.line_of('title')}`)" for one in still)


TOOLS = (
    reading(
        "release_changes",
        "Lists what changed for a project's users between two releases or since a version, tag or day: commits "
        "grouped into new, changed, fixed and removed, the changelog's lines, linked issues, what an upgrade asks for.",
        ReleaseChanges, _changes, output=Released,
    ),
)  # fmt: skip

"""Tools over a project's git history: log, diff, blame, status. Knows its output; `projects.sources` runs it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.models.words import words
from nova.policy.paths import PlaceKind, git_internal, look, refusal, secret
from nova.projects.sources.changes import Change, changes
from nova.projects.sources.commits import FORMAT, Commit, commits
from nova.projects.sources.repository import Output, git, revision, top_of
from nova.tools.beneath import locate, trusted
from nova.tools.builtin.files import file_values
from nova.tools.commits import share, since, told
from nova.tools.spec import Arguments, Reach, ResultLine, ToolResult, reading, result

COMMITS_SEARCHED_MAX = 5_000
BLAMED_MAX = 300
_BLAMED = re.compile(r"([0-9a-f]{7,64}) \d+ (\d+)")


class GitLog(Arguments):
    """Arguments of git_log."""

    path: str = Field(default=".", description="Only commits that touch this file or folder.")
    query: str = Field(default="", description="Only commits whose message holds these words, best match first.")
    since: str = Field(default="", description="A date like 2026-11-01, or today, yesterday, 2 weeks ago.")
    limit: int = Field(default=20, ge=1, le=200, description="How many commits at most.")


class GitDiff(Arguments):
    """Arguments of git_diff."""

    revision: str = Field(
        default="", description="A commit (its own change), or a range like v1..v2; empty: what is not committed yet."
    )
    path: str = Field(default=".", description="Only changes in this file or folder.")


class GitBlame(Arguments):
    """Arguments of git_blame."""

    path: str = Field(description="File whose lines are looked up.")
    start_line: int = Field(default=1, ge=1, description="First line, counted from 1.")
    end_line: int = Field(default=0, ge=0, description="Last line; 0 means to the end.")


class GitStatus(Arguments):
    """git_status takes no arguments."""


def _log(given: GitLog, reach: Reach) -> ToolResult:
    path = _path(reach, given.path)
    count = COMMITS_SEARCHED_MAX if given.query.strip() else given.limit + 1
    options = [f"--max-count={count}", f"--format={FORMAT}"]
    moment = since(given.since, reach.now())
    if moment:
        options.append(f"--since={moment}")
    found = commits(git(reach.root, "log", *options, "--end-of-options", "HEAD", "--", path).text)
    how = ""
    if given.query.strip():
        found, how = _asked(found, given.query, reach, options, path)
    cut = len(found) > given.limit
    found = found[: given.limit]
    where = "" if path == "." else f" on {path}"
    when = f" since {moment[:10]}" if moment else ""
    noun = "commit" if len(found) == 1 else "commits"
    more = " There are more." if cut else ""
    headline = f"{len(found)} {noun}{where}{when}{how}{', newest first' if not how and found else ''}.{more}"
    return result(headline, map(told, found), reach, cut=cut)


def _asked(known: list[Commit], query: str, reach: Reach, options: list[str], path: str) -> tuple[list[Commit], str]:
    """Commits whose message holds words of the query; with none, those that add or remove it in the files."""
    wanted = frozenset(words(query)) or frozenset(query.casefold().split())
    scores = {commit.id: share(commit, wanted) for commit in known}
    hits = sorted((commit for commit in known if scores[commit.id] > 0), key=lambda commit: -scores[commit.id])
    if hits:
        best = scores[hits[0].id]
        hits = [commit for commit in hits if scores[commit.id] >= 0.5 * best]
        return hits, f" whose message matches “{shorten(query, 60)}”, best first"
    text = query.strip().split("\n")[0][:200]
    found = git(
        reach.root,
        "log",
        *options,
        "-S",
        text,
        "--no-ext-diff",
        "--no-textconv",
        "--end-of-options",
        "HEAD",
        "--",
        path,
    )
    return commits(found.text), f" that add or remove “{shorten(text, 60)}” (no message mentions it)"


def _path(reach: Reach, asked: str) -> str:
    """The path below the root; one that is gone is fine, its history is not."""
    place = look(reach.root, asked.strip() or ".")
    if (refused := refusal(place)) is not None:
        raise ToolFailed(refused.why, "Name a path of the project.")
    if place.kind is not PlaceKind.MISSING:
        return place.relative
    try:
        return locate(reach, asked, None).relative
    except ToolFailed:  # deleted long ago, or never there: git knows
        return place.relative


_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-renames", "--relative", "--ignore-submodules=dirty", "--unified=3")


def _diff(given: GitDiff, reach: Reach) -> ToolResult:
    path = _path(reach, given.path)
    asked = given.revision.strip()
    if asked and ".." not in asked:
        return _commit(_one(reach, revision(asked)), path, reach)
    out = git(reach.root, "diff", *_PLAIN, "--end-of-options", revision(asked) if asked else "HEAD", "--", path)
    title = f"The difference {asked}" if asked else "What is not committed yet"
    return _shown(title, (), out, reach, commit="", working=not asked)


def _one(reach: Reach, asked: str) -> Commit:
    form = f"--format={FORMAT}"
    found = commits(git(reach.root, "log", "--max-count=1", form, "--end-of-options", f"{asked}^{{commit}}").text)
    if not found:
        raise ToolFailed(f"git does not know the commit “{asked}”.", "git_log shows the commits there are.")
    return found[0]


def _commit(commit: Commit, path: str, reach: Reach) -> ToolResult:
    options = ("-m", "--first-parent", "--format=", "--end-of-options")
    out = git(reach.root, "show", *_PLAIN, *options, commit.id, "--", path)
    title = f"Commit {commit.id} ({commit.day}, {commit.author}: {commit.subject})"
    head = [ResultLine(text=commit.reason, citation=Citation(path=commit.id))] if commit.body else []
    return _shown(title, head, out, reach, commit=commit.id, working=False)


def _shown(
    title: str, head: Sequence[ResultLine], out: Output, reach: Reach, *, commit: str, working: bool
) -> ToolResult:
    found = list(changes(out.text))
    shown = [change for change in found if not secret(change.path) and not git_internal(change.path)]
    names = {change.path for change in shown}
    kept_back = len({change.path for change in found} - names)
    count = Counter(change.sign for change in shown)
    files = f"{len(names)} {'file' if len(names) == 1 else 'files'}"
    headline = f"{title} touches {files}, {count['+']} lines added, {count['-']} removed."
    if kept_back:
        headline += f" {kept_back} more may hold secrets and are not shown."
    lines = [*head, *(_line(change, commit, working=working) for change in shown)]
    return result(headline, lines, reach, cut=out.cut, trusted=all(trusted(reach, name) for name in names))


def _line(change: Change, commit: str, *, working: bool) -> ResultLine:
    """Lines of the working tree are cited as they stand; of a commit, the commit is."""
    if working and change.sign in "+ ":
        return ResultLine(text=f"{change.sign} {change.text}", citation=Citation(path=change.path, line=change.number))
    place = f"{change.path}:{change.number}" if change.number else change.path
    cited = Citation(path=commit) if commit else None
    return ResultLine(text=f"{place} {change.sign.replace('@', '')} {change.text}", citation=cited)


def _blame(given: GitBlame, reach: Reach) -> ToolResult:
    place = locate(reach, given.path)
    last = given.end_line or given.start_line + BLAMED_MAX - 1
    if last < given.start_line:
        raise ToolFailed(f"The last line {last} is before the first one.", "Swap start_line and end_line.")
    last = min(last, given.start_line + BLAMED_MAX - 1)
    span = f"-L{given.start_line},{last}"
    out = git(reach.root, "blame", "--line-porcelain", "--no-textconv", span, "HEAD", "--", place.relative)
    lines = list(_blamed(out.text, place.relative))
    cut = out.cut or len(lines) == BLAMED_MAX
    authors = Counter(author for author, _ in lines)
    people = ", ".join(f"{name} {count}" for name, count in authors.most_common(5))
    headline = (
        f"{len(lines)} {'line' if len(lines) == 1 else 'lines'} of {place.relative} as committed, "
        f"with the commit that last changed each ({people})."
    )
    return result(headline, [line for _, line in lines], reach, cut=cut, trusted=trusted(reach, place.relative))


def _blamed(text: str, path: str) -> Iterator[tuple[str, ResultLine]]:
    commit, number = "", 0
    facts: dict[str, str] = {}
    for line in text.split("\n"):
        if line.startswith("\t"):
            day = datetime.fromtimestamp(int(facts.get("author-time", "0")), tz=None).date().isoformat()  # noqa: DTZ006 a day as its author saw it
            author = facts.get("author", "")
            told = f"{commit[:7]} {day} {author} ({shorten(facts.get('summary', ''), 70)}): {line[1:]}"
            yield author, ResultLine(text=told, citation=Citation(path=path, line=number))
        elif head := _BLAMED.match(line):
            commit, number, facts = head[1], int(head[2]), {}
        else:
            key, _, value = line.partition(" ")
            facts[key] = value


def _status(given: GitStatus, reach: Reach) -> ToolResult:
    del given
    options = ["--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--ignore-submodules=dirty", "--no-renames"]
    out = git(reach.root, "status", *options, "--", ".")
    records = out.text.split("\0")
    facts = dict(record[2:].split(" ", 1) for record in records if record.startswith("# ") and " " in record[2:])
    prefix = _prefix(reach)
    entries = [entry for record in records if (entry := _entry(record, prefix)) is not None]
    changed = len(entries)
    state = "is clean" if not changed else f"has {changed} changed {'file' if changed == 1 else 'files'}"
    headline = f"The working tree {state}, {_branch(facts)}."
    return result(headline, entries, reach, cut=out.cut)


def _prefix(reach: Reach) -> str:
    top = top_of(reach.root)
    below = PurePosixPath(reach.root.relative_to(top).as_posix()) if top else PurePosixPath(".")
    return "" if below == PurePosixPath(".") else f"{below}/"


def _branch(facts: dict[str, str]) -> str:
    commit = facts.get("branch.oid", "")
    if commit == "(initial)":
        return f"on branch {facts.get('branch.head', '')} without any commit yet"
    if facts.get("branch.head") == "(detached)":
        return f"on no branch, at commit {commit[:7]} (detached)"
    ahead = facts.get("branch.ab", "").replace("+", "").replace("-", "").split()
    told = f", {ahead[0]} ahead and {ahead[1]} behind {facts.get('branch.upstream', '')}" if len(ahead) == 2 else ""
    return f"on branch {facts.get('branch.head', '')} at commit {commit[:7]}{told}"


_STATES = {"M": "changed", "A": "added", "D": "deleted", "T": "type changed", "R": "renamed", "C": "copied"}


def _entry(record: str, prefix: str) -> ResultLine | None:
    kind, _, rest = record.partition(" ")
    if kind == "?":
        path, told = rest, "not tracked by git"
    elif kind == "1" and rest.count(" ") >= 7:
        letters, path = rest[:2], rest.split(" ", 7)[7]
        staged, unstaged = _STATES.get(letters[0]), _STATES.get(letters[1])
        told = ", ".join(filter(None, [staged and f"{staged} (staged)", unstaged and f"{unstaged} (not staged)"]))
    elif kind == "u":
        path, told = rest.split(" ", 9)[-1], "in conflict"
    else:
        return None
    return ResultLine(text=f"{path.removeprefix(prefix)} {told}")


def _revisions(reach: Reach) -> Sequence[str]:
    try:
        names = git(
            reach.root, "for-each-ref", "--count=200", "--format=%(refname:short)", "refs/heads", "refs/tags"
        ).text
        ids = git(reach.root, "log", "--max-count=50", "--format=%h").text
    except ToolFailed:  # no repository, or no commit yet: nothing to enumerate
        return ()
    return ("HEAD", *ids.split(), *names.split())


TOOLS = (
    reading(
        "git_log",
        "Shows the commits of the project, its history: what changed when, by whom and why, latest changes, "
        "commit messages about a subject or on a file.",
        GitLog, _log, paths=lambda given: (given.path,), values={"path": file_values},
    ),
    reading(
        "git_diff",
        "Shows changed lines: the diff of one commit, between two commits, branches or tags, or not committed yet.",
        GitDiff, _diff, paths=lambda given: (given.path,), values={"revision": _revisions, "path": file_values},
    ),
    reading(
        "git_blame",
        "Shows for each line of a file who wrote or last changed it, in which commit and when.",
        GitBlame, _blame, paths=lambda given: (given.path,), values={"path": file_values},
    ),
    reading(
        "git_status",
        "Shows the branch and which files are changed, staged or not committed in the working tree.",
        GitStatus, _status,
    ),
)  # fmt: skip

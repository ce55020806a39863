"""Tools over issues kept as Markdown files with front matter. Their words may be a stranger's: untrusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import nearest, shorten
from nova.policy.paths import PlaceKind
from nova.projects.sources.issues import Issue
from nova.projects.sources.issues import issues as issues_in
from nova.tools.beneath import locate
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, reading, result, storable


class IssuesList(Arguments):
    """Arguments of issues_list."""

    status: str = Field(default="", description="Only issues of this status, for instance open or closed.")
    label: str = Field(default="", description="Only issues that carry this label.")


class IssuesRead(Arguments):
    """Arguments of issues_read."""

    number: int = Field(ge=0, description="The issue's number.")


class IssueNamed(Data):
    """One issue in a list. path: its file below the project."""

    number: int
    title: str
    status: str
    labels: list[str]
    path: str


class Issues(Data):
    """The issues that were asked for, by number."""

    issues: list[IssueNamed]


class IssueWhole(Data):
    """One issue. body: its Markdown, raw; open: nobody has said that it is done; path: its file below the project."""

    number: int
    title: str
    body: str
    labels: list[str]
    status: str
    open: bool
    path: str


def _issues(reach: Reach) -> tuple[Issue, ...]:
    folder = locate(reach, reach.issues, None)
    if folder.kind is not PlaceKind.FOLDER:
        raise ToolFailed(f"The project has no folder “{shorten(reach.issues, 80)}” with issues.", _SET)
    return issues_in(reach.root, folder.relative)


_SET = "Name the folder under `issues:` in the project's file."


def _list(given: IssuesList, reach: Reach) -> ToolResult:
    issues = _issues(reach)
    status, label = given.status.strip().casefold(), given.label.strip().casefold()
    kept = [issue for issue in issues if not status or issue.status.casefold() == status]
    kept = [issue for issue in kept if not label or label in map(str.casefold, issue.labels)]
    shown = " ".join(filter(None, [status and f"{shorten(status, 40)}", "issue" if len(kept) == 1 else "issues"]))
    tail = f" with the label “{shorten(label, 40)}”" if label else ""
    headline = f"{len(kept)} {shown}{tail} of {len(issues)} in {reach.issues}."
    if not kept and issues:
        headline += _known(issues, status, label)
    named = [
        IssueNamed(
            number=issue.number, title=issue.title, status=issue.status, labels=list(issue.labels), path=issue.path
        )
        for issue in kept
    ]
    return result(headline, map(_summary, kept), reach, trusted=False, data=Issues(issues=named))


def _known(issues: Sequence[Issue], status: str, label: str) -> str:
    labels = sorted({name for issue in issues for name in issue.labels})
    states = sorted({issue.status for issue in issues})
    parts = [f" Statuses: {', '.join(states)}." if status else "", f" Labels: {', '.join(labels)}." if label else ""]
    return "".join(parts)


def _summary(issue: Issue) -> ResultLine:
    front = dict(issue.front)
    about = [issue.status, *(f"{key} {front[key]}" for key in ("severity", "opened") if front.get(key))]
    labels = f" [{', '.join(issue.labels)}]" if issue.labels else ""
    text = f"#{issue.number} {issue.title} ({', '.join(about)}){labels}"
    return ResultLine(text=text, citation=Citation(path=issue.content.path, line=issue.line_of("title")))


def _read(given: IssuesRead, reach: Reach) -> ToolResult:
    issues = _issues(reach)
    hits = [issue for issue in issues if issue.number == given.number]
    if not hits:
        near = nearest(str(given.number), [str(issue.number) for issue in issues])
        known = f"Numbers go from {issues[0].number} to {issues[-1].number}." if issues else "There is no issue at all."
        raise ToolFailed(
            f"There is no issue {given.number} in {reach.issues}.", f"Did you mean {near[0]}?" if near else known
        )
    issue = hits[0]
    twice = f" {len(hits)} files carry this number; this is {issue.content.path}." if len(hits) > 1 else ""
    headline = f"Issue #{issue.number} “{issue.title}” is {issue.status}.{twice}"
    data = IssueWhole(
        number=issue.number, title=issue.title, body=storable("\n".join(line for _, line in issue.body).strip()),
        labels=list(issue.labels), status=issue.status, open=issue.open, path=issue.path,
    )  # fmt: skip
    return result(headline, _whole(issue), reach, cut=issue.content.cut, trusted=False, data=data)


def _whole(issue: Issue) -> Iterator[ResultLine]:
    labels = (("labels", ", ".join(issue.labels)),) if issue.labels else ()
    for key, value in (*labels, *issue.front):
        if value:
            yield ResultLine(
                text=f"{key}: {value}", citation=Citation(path=issue.content.path, line=issue.line_of(key))
            )
    for number, line in issue.body:
        if line.strip():
            yield ResultLine(text=line, citation=Citation(path=issue.content.path, line=number))


def _or_none(reach: Reach) -> tuple[Issue, ...]:
    try:
        return _issues(reach)
    except ToolFailed:  # no folder of issues: nothing to enumerate
        return ()


def _numbers(reach: Reach) -> list[str]:
    return [str(issue.number) for issue in _or_none(reach)]


def _statuses(reach: Reach) -> list[str]:
    return sorted({issue.status for issue in _or_none(reach)})


def _labels(reach: Reach) -> list[str]:
    return sorted({label for issue in _or_none(reach) for label in issue.labels})


TOOLS = (
    reading(
        "issues_list",
        "Lists the project's issues, bug reports, tickets and wishes with number, title, status, severity and labels.",
        IssuesList, _list, values={"status": _statuses, "label": _labels}, output=Issues,
    ),
    reading(
        "issues_read",
        "Reads one issue, bug report or ticket by its number: description, steps, who opened it, labels, severity.",
        IssuesRead, _read, values={"number": _numbers}, output=IssueWhole,
    ),
)  # fmt: skip

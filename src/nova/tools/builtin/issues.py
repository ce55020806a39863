"""Tools over issues kept as Markdown files with front matter. Their words may be a stranger's: untrusted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import cast

import yaml
from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import nearest, shorten
from nova.policy.paths import PlaceKind
from nova.tools.beneath import Content, files, locate, read
from nova.tools.spec import Arguments, Reach, ResultLine, ToolResult, reading, result

ISSUES_MAX = 2_000
_NUMBER = re.compile(r"^0*(\d{1,9})")


class IssuesList(Arguments):
    """Arguments of issues_list."""

    status: str = Field(default="", description="Only issues of this status, for instance open or closed.")
    label: str = Field(default="", description="Only issues that carry this label.")


class IssuesRead(Arguments):
    """Arguments of issues_read."""

    number: int = Field(ge=0, description="The issue's number.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One issue as its file says it. front: the other keys in order; body_line: where the body begins, from 1."""

    number: int
    title: str
    status: str
    labels: tuple[str, ...]
    front: tuple[tuple[str, str], ...]
    content: Content
    body_line: int


def _issues(reach: Reach) -> list[Issue]:
    folder = locate(reach, reach.issues, None)
    if folder.kind is not PlaceKind.FOLDER:
        raise ToolFailed(f"The project has no folder “{shorten(reach.issues, 80)}” with issues.", _SET)
    names = [name for name in files(reach, folder.relative) if name.endswith((".md", ".markdown"))]
    found = [issue for name in names[:ISSUES_MAX] if (issue := _issue(name, reach)) is not None]
    return sorted(found, key=lambda issue: (issue.number, issue.content.path))


_SET = "Name the folder under `issues:` in the project's file."


def _issue(name: str, reach: Reach) -> Issue | None:
    try:
        content = read(reach, locate(reach, name))
    except ToolFailed:  # binary or unreadable: not an issue
        return None
    front, body_line = _front(content)
    stem = PurePosixPath(name).stem
    from_name = _NUMBER.match(stem)
    number = front.get("number", from_name.group(1) if from_name else "")
    if not number.isdigit() or len(number) > 9:
        return None
    heading = next((line.lstrip("# ") for line in content.lines[body_line - 1 :] if line.startswith("#")), "")
    return Issue(
        number=int(number),
        title=front.get("title") or heading or stem.replace("-", " "),
        status=front.get("status", "open"),
        labels=tuple(part.strip() for part in front.get("labels", "").split(",") if part.strip()),
        front=tuple((key, value) for key, value in front.items() if key not in {"number", "title", "status", "labels"}),
        content=content,
        body_line=body_line,
    )


def _front(content: Content) -> tuple[dict[str, str], int]:
    """Front matter as text by key, and the line on which the body begins. Broken YAML counts as none."""
    lines = content.lines
    if not lines or lines[0].strip() != "---":
        return {}, 1
    end = next((at for at, line in enumerate(lines[1:200], 1) if line.strip() == "---"), 0)
    if not end:
        return {}, 1
    try:
        value: object = yaml.load("\n".join(lines[1:end]), Loader=yaml.BaseLoader)  # noqa: S506 it makes strings only
    except yaml.YAMLError:
        return {}, end + 2
    pairs = cast("dict[object, object]", value).items() if isinstance(value, dict) else ()
    return {str(key): _flat(entry) for key, entry in pairs}, end + 2


def _flat(entry: object) -> str:
    return ", ".join(map(str, cast("list[object]", entry))) if isinstance(entry, list) else str(entry)


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
    return result(headline, map(_summary, kept), reach, trusted=False)


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
    return ResultLine(text=text, citation=Citation(path=issue.content.path, line=_line_of(issue, "title")))


def _line_of(issue: Issue, key: str) -> int:
    lines = issue.content.lines[: issue.body_line]
    return next((at for at, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


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
    return result(headline, _whole(issue), reach, cut=issue.content.cut, trusted=False)


def _whole(issue: Issue) -> Iterator[ResultLine]:
    labels = (("labels", ", ".join(issue.labels)),) if issue.labels else ()
    for key, value in (*labels, *issue.front):
        if value:
            yield ResultLine(
                text=f"{key}: {value}", citation=Citation(path=issue.content.path, line=_line_of(issue, key))
            )
    for number, line in enumerate(issue.content.lines[issue.body_line - 1 :], issue.body_line):
        if line.strip():
            yield ResultLine(text=line, citation=Citation(path=issue.content.path, line=number))


def _or_none(reach: Reach) -> list[Issue]:
    try:
        return _issues(reach)
    except ToolFailed:  # no folder of issues: nothing to enumerate
        return []


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
        IssuesList, _list, values={"status": _statuses, "label": _labels},
    ),
    reading(
        "issues_read",
        "Reads one issue, bug report or ticket by its number: description, steps, who opened it, labels, severity.",
        IssuesRead, _read, values={"number": _numbers},
    ),
)  # fmt: skip

"""The tool `requirements_read`: a letter or a list of wishes as tasks and open questions, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.models.words import words
from nova.projects.sources.issues import issues
from nova.tools.beneath import locate, read
from nova.tools.builtin.files import file_values
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, reading, result
from nova.tools.wishes import Letter, questions_of, read_letter

TEXT_CHARACTERS_MAX = 60_000
TASKS_MAX = 100
SHARED_MIN, SHARED_SHARE = 3, 0.5
SHOWN = {"must": "must", "should": "should", "wish": "would be nice"}


class RequirementsRead(Arguments):
    """Arguments of requirements_read: one of the two."""

    path: str = Field(default="", description="File with the letter or the list, for instance docs/requests/mail.md.")
    text: str = Field(default="", description="The letter itself, where it lies in no file.")


class RequirementTask(Data):
    """One thing that is wanted, in the writer's words. strength: must, should or wish; due: as written, or empty.

    id: T1, T2, ... in the order of the text; place: path:line, or `line N` of a text that lies in no file.
    issue: an open issue that seems to be about the same, 0 for none.
    """

    id: str
    text: str
    strength: str
    place: str
    due: str
    vague: list[str]
    issue: int


class RequirementQuestion(Data):
    """Something nobody can know from the text. why: asked (by the writer), or vague (a word without a measure)."""

    text: str
    why: str
    place: str


class RequirementsFound(Data):
    """A letter in parts. told: what wants and asks nothing; deadlines: when all of it is wanted."""

    sender: str
    subject: str
    tasks: list[RequirementTask]
    questions: list[RequirementQuestion]
    deadlines: list[str]
    told: list[str]


def _requirements(given: RequirementsRead, reach: Reach) -> ToolResult:
    if bool(given.path.strip()) == bool(given.text.strip()):
        raise ToolFailed("Either a file or a text is needed, and not both.", "Give path, or give text.")
    if len(given.text) > TEXT_CHARACTERS_MAX:
        raise ToolFailed(f"The text is longer than {TEXT_CHARACTERS_MAX:,} characters.", "Put it into a file.")
    content = read(reach, locate(reach, given.path)) if given.path.strip() else None
    letter = read_letter(content.text if content else given.text)
    path = content.path if content else ""
    found = _found(letter, path, _open_issues(reach))
    if not found.tasks and not found.questions:
        raise ToolFailed(f"{path or 'The text'} asks for nothing and wants nothing.", "Is it the right text?")
    about = f" of “{shorten(letter.subject, 80)}”" if letter.subject else f" of {path}" if path else ""
    headline = f"{_count(len(found.tasks), 'task')} and {_count(len(found.questions), 'open question')}{about}."
    return result(
        headline,
        _lines(found, letter, path),
        reach,
        cut=bool(content and content.cut) or len(letter.wishes) > TASKS_MAX,
        trusted=False,
        data=found,
    )


def _open_issues(reach: Reach) -> dict[int, frozenset[str]]:
    """The words of the titles of open issues, by their number."""
    known = issues(reach.root, reach.issues) if reach.issues else ()
    return {one.number: frozenset(words(one.title)) for one in known if one.open}


def _issue_like(text: str, known: Mapping[int, frozenset[str]]) -> int:
    """The open issue whose title shares most telling words with a task, when they are enough; 0 for none."""
    wanted = frozenset(words(text))
    shared = {number: len(wanted & title) for number, title in known.items()}
    best = max(shared, key=lambda number: shared[number], default=0)
    return best if best and shared[best] >= max(SHARED_MIN, SHARED_SHARE * len(wanted)) else 0


def _found(letter: Letter, path: str, known: Mapping[int, frozenset[str]]) -> RequirementsFound:
    tasks = [
        RequirementTask(
            id=f"T{number}", text=wish.text, strength=wish.strength.value, place=_place(path, wish.line),
            due=wish.due, vague=list(wish.vague), issue=_issue_like(wish.text, known),
        )
        for number, wish in enumerate(letter.wishes[:TASKS_MAX], 1)
    ]  # fmt: skip
    return RequirementsFound(
        sender=letter.sender,
        subject=letter.subject,
        tasks=tasks,
        questions=[
            RequirementQuestion(text=text, why=why, place=_place(path, line))
            for text, line, why in questions_of(letter)
        ],
        deadlines=[one.text for one in letter.deadlines],
        told=[one.text for one in letter.others],
    )


def _lines(found: RequirementsFound, letter: Letter, path: str) -> Iterator[ResultLine]:
    for task, wish in zip(found.tasks, letter.wishes[:TASKS_MAX], strict=True):
        due = f", until {task.due}" if task.due else ""
        issue = f" [perhaps issue #{task.issue}]" if task.issue else ""
        yield _line(f"{task.id} ({SHOWN[task.strength]}{due}): {task.text}{issue}", path, wish.line)
    for text, line, why in questions_of(letter):
        yield _line(f"open ({why}): {text}", path, line)
    for one in letter.deadlines:
        yield _line(f"deadline: {one.text}", path, one.line)


def _line(text: str, path: str, line: int) -> ResultLine:
    return ResultLine(text=text, citation=Citation(path=path, line=line) if path else None)


def _place(path: str, line: int) -> str:
    return f"{path}:{line}" if path else f"line {line}"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


_READ = reading(
    "requirements_read",
    "Reads a letter, mail or list of wishes as requirements: tasks with how much they are wanted and until when, open "
    "questions, deadlines, each with its place.",
    RequirementsRead, _requirements, paths=lambda given: (given.path,) if given.path else (),
    values={"path": file_values}, output=RequirementsFound,
)  # fmt: skip
TOOLS = (replace(_READ, characters_max=2 * TEXT_CHARACTERS_MAX),)

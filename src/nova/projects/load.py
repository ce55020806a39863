"""Project files from disk to Projects. Knows what must differ between projects; refuses to open a repository."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from nova.core.errors import BadFiles, Problem
from nova.core.text import nearest, shorten
from nova.projects.definition import Project
from nova.projects.file import ProjectFile
from nova.settings.check import check
from nova.settings.definition import Confidentiality
from nova.settings.frontmatter import Document, read_document
from nova.settings.secrets import parse_reference
from nova.settings.text import decode, markdown_files, read_bytes, refusal

_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|(\w+))")
_NONE: Mapping[str, str] = MappingProxyType({})


def load_projects(folder: Path, variables: Mapping[str, str] = _NONE) -> tuple[Project, ...]:
    """The projects of a home, by name. folder: its `projects`; variables: Settings.variables. Raises BadFiles.

    `${home}` is the folder above; a relative repository path begins there.
    """
    projects: list[Project] = []
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for file in markdown_files(folder):
        try:
            project, document = _load(file, folder.parent, variables)
        except BadFiles as error:
            problems.extend(error.problems)
        else:
            projects.append(project)
            documents[project.file] = document
    problems.extend(_clashes(projects, documents))
    if problems:
        raise BadFiles(problems)
    return tuple(projects)


def parse_project(data: bytes, file: Path, home: Path, variables: Mapping[str, str] = _NONE) -> Project:
    """The project that `data` describes, as if it had been read from `file`. Raises BadFiles."""
    return _parse(data, file, home, variables)[0]


def _load(file: Path, home: Path, variables: Mapping[str, str]) -> tuple[Project, Document]:
    return _parse(read_bytes(file), file, home, variables)


def _parse(data: bytes, file: Path, home: Path, variables: Mapping[str, str]) -> tuple[Project, Document]:
    document = read_document(decode(data, str(file)), str(file))
    written = check(ProjectFile, document.front)
    if written.name != file.stem:
        mend = f"Rename the file to {written.name}.md, or write name: {file.stem}."
        raise refusal(str(file), document.front.line(("name",)), f"The name “{written.name}” is not the file's.", mend)
    repository = _repository(written.repository, document, home, variables)
    if written.issues is not None and repository is None:
        what = "There is a folder of issues, but no repository that it lies in."
        raise refusal(str(file), document.front.line(("issues",)), what, "Add repository: PATH.")
    project = Project(
        name=written.name,
        kind=written.kind,
        scope=written.scope,
        confidentiality=Confidentiality(written.confidentiality),
        repository=repository,
        database=parse_reference(written.database) if written.database else None,
        issues=repository / written.issues if repository and written.issues else None,
        aliases=tuple(written.aliases),
        notes=document.body,
        file=str(file),
        version=hashlib.sha256(data).hexdigest()[:12],
    )
    return project, document


def _repository(written: str | None, document: Document, home: Path, variables: Mapping[str, str]) -> Path | None:
    if written is None:
        return None
    known = {**variables, "home": str(home)}
    path = _filled(_filled(written, known, document), known, document)  # a variable may hold ${home}
    return Path(os.path.normpath(home / Path(path).expanduser()))


def _filled(text: str, known: Mapping[str, str], document: Document) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1) if match.group(1) is not None else match.group(2)
        if name in known:
            return known[name]
        near = nearest(name, known, 1)
        mend = f"Did you mean ${{{near[0]}}}?" if near else "Give it a path under [variables] in nova.toml."
        line = document.front.line(("repository",))
        raise refusal(document.front.file, line, f"There is no variable “{shorten(name, 40)}”.", mend)

    return _VARIABLE.sub(value, text)


def _clashes(projects: Iterable[Project], documents: Mapping[str, Document]) -> Iterable[Problem]:
    scopes: dict[str, Project] = {}
    words: dict[str, Project] = {}
    for project in projects:
        front = documents[project.file].front
        other = scopes.setdefault(project.scope, project)
        if other is not project:
            what = f"The scope “{project.scope}” is already that of the project {other.name}."
            yield Problem(file=project.file, line=front.line(("scope",)), what=what, mend="Give each project its own.")
        for number, word in enumerate(project.names):
            other = words.setdefault(word.casefold(), project)
            if other is not project:
                path = ("aliases", number - 1) if number else ("name",)
                what = f"The project {other.name} is also called “{shorten(word, 60)}”."
                mend = "Use another word for one of them."
                yield Problem(file=project.file, line=front.line(path), what=what, mend=mend)

"""Pipeline files from disk to a Library, and plans from other places. Knows what pipelines say about each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nova.core.errors import BadFiles, Problem, Unknown
from nova.core.json import Json, load
from nova.core.plans import Plan
from nova.core.text import nearest
from nova.pipelines.check import check_plan
from nova.pipelines.known import Known
from nova.pipelines.notes import PROBLEMS_MAX, Notes
from nova.pipelines.reading import clean, read_pipeline
from nova.pipelines.used import circles, innermost_first, uses
from nova.settings.located import Located
from nova.settings.text import decode, read_bytes, refusal
from nova.settings.yaml_lines import read_yaml

_NONE: Mapping[str, Plan] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Every sound pipeline of a home, by its id."""

    plans: Mapping[str, Plan] = field(default_factory=dict[str, Plan])

    @property
    def names(self) -> tuple[str, ...]:
        """The ids, sorted."""
        return tuple(sorted(self.plans))

    def plan(self, name: str) -> Plan:
        """The pipeline with this id. Raises Unknown with the nearest ids."""
        if name in self.plans:
            return self.plans[name]
        raise Unknown("pipeline", name, nearest(name, self.plans), mend="List them: nova pipelines list.")


def load_pipelines(catalog: Path, home: Path | None, known: Known) -> Library:
    """The pipelines of `catalog`/pipelines and `home`/pipelines; a file of the home replaces the catalog's.

    Raises BadFiles with every problem of every file.
    """
    library, problems = survey_pipelines(catalog, home, known)
    if problems:
        raise BadFiles(problems)
    return library


def survey_pipelines(catalog: Path, home: Path | None, known: Known) -> tuple[Library, tuple[Problem, ...]]:
    """The sound pipelines, and what is wrong with the others. One that uses a broken one is left out with it."""
    problems: list[Problem] = []
    read: dict[str, tuple[Plan, Notes]] = {}
    files = {**_files(catalog, problems), **(_files(home, problems) if home else {})}
    for name, file in sorted(files.items()):
        try:
            notes = _opened(read_bytes(file), file)
        except BadFiles as error:
            problems.extend(error.problems)
            continue
        if (plan := read_pipeline(notes)) is not None:
            read[name] = (plan, notes)
        else:
            problems.extend(notes.in_order())
    broken = frozenset(files) - frozenset(read)
    sound = _check_all(read, broken, known)
    problems.extend(one for _, notes in read.values() for one in notes.in_order())
    return Library(plans=sound), tuple(problems)


def parse_pipeline(data: bytes, file: Path, known: Known, others: Mapping[str, Plan] = _NONE) -> Plan:
    """The pipeline that `data` describes, as if it had been read from `file`. Raises BadFiles."""
    return _sound(_opened(data, file), known, others)


def make_plan(parts: Mapping[str, Json], known: Known, others: Mapping[str, Plan] = _NONE) -> Plan:
    """A plan made by code, out of the same keys as a file. Raises BadFiles; its problems name no line."""
    notes = Notes(located=Located(file=f"plan {parts.get('id', '')}".strip(), value=dict(parts), lines={}))
    if not clean(notes.located.value, (), notes):
        raise BadFiles(notes.problems)
    return _sound(notes, known, others)


def read_plan(source: str) -> Plan:
    """The plan whose `source` this is, unchecked: it was sound when it was frozen. Raises BadFiles when it is none."""
    value = load(source)
    notes = Notes(located=Located(file="frozen plan", value=value if isinstance(value, dict) else {}, lines={}))
    plan = read_pipeline(notes)
    if plan is None or notes.problems:
        raise BadFiles(notes.problems)
    return replace(plan, source=source)


def _files(base: Path, problems: list[Problem]) -> dict[str, Path]:
    folder = base / "pipelines"
    try:
        found = sorted(folder.iterdir()) if folder.exists() else []
    except OSError as error:
        problems.append(Problem(file=str(folder), line=0, what=f"This folder cannot be read: {error.strerror}."))
        return {}
    for file in found:
        if file.suffix == ".yml" and file.name[0] != ".":
            what, mend = "This file is not read: pipelines end in .yaml.", f"Rename it to {file.stem}.yaml."
            problems.append(Problem(file=str(file), line=0, what=what, mend=mend))
    return {file.stem: file for file in found if file.suffix == ".yaml" and file.name[0] != "."}


def _opened(data: bytes, file: Path) -> Notes:
    """The file's keys and lines. Raises BadFiles."""
    text = decode(data, str(file)).removesuffix("\n") + "\n"  # a last line without an end would have no place
    try:
        notes = Notes(located=read_yaml(text, str(file)))
    except BadFiles as error:
        raise BadFiles([_with_hint(one, text) for one in error.problems[:PROBLEMS_MAX]]) from None
    if not clean(notes.located.value, (), notes):
        raise BadFiles(notes.problems)
    written = notes.located.value.get("id")
    if isinstance(written, str) and written != file.stem:
        mend = f"Rename the file to {written}.yaml, or write id: {file.stem}."
        notes.add(("id",), f"The id “{written[:60]}” is not the file's name.", mend)
    return notes


def _with_hint(problem: Problem, text: str) -> Problem:
    lines = text.split("\n")
    written = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
    if "${" in written and "races" in problem.what:
        return replace(problem, mend='Inside braces and brackets, put references in quotes: {a: "${b.output.c}"}.')
    return problem


def _sound(notes: Notes, known: Known, others: Mapping[str, Plan]) -> Plan:
    plan = read_pipeline(notes)
    if plan is not None:
        checked = _check_all({plan.id: (plan, notes)}, frozenset(), known, others)
        if not notes.problems:
            return checked[plan.id]
    raise BadFiles(notes.in_order() or refusal(notes.located.file, 1, "This is no pipeline.").problems)


def _check_all(
    read: Mapping[str, tuple[Plan, Notes]], broken: frozenset[str], known: Known, others: Mapping[str, Plan] = _NONE
) -> dict[str, Plan]:
    """The sound ones of these plans, checked from the innermost outwards; problems go to their notes."""
    plans = {**others, **{name: plan for name, (plan, _) in read.items()}}
    found = circles(plans)
    done: dict[str, Plan] = {name: plan for name, plan in others.items() if name not in read}
    for name in innermost_first(plans):
        if name not in read:
            continue
        plan, notes = read[name]
        for place, used in uses(plan):
            if circle := found.get((name, used)):
                what = f"The pipeline “{name}” runs itself: {' → '.join(circle)}."
                notes.add(place, what, "Take one of these steps out of the circle.")
        done[name] = check_plan(plan, known, done, frozenset(plans) | broken, notes)
    return {name: done[name] for name in read if name in done and _all_sound(name, plans, read, broken)}


def _all_sound(
    name: str, plans: Mapping[str, Plan], read: Mapping[str, tuple[Plan, Notes]], broken: frozenset[str]
) -> bool:
    seen, queue = {name}, [name]
    for one in queue:
        if one in broken or (one in read and read[one][1].problems):
            return False
        fresh = [used for _, used in uses(plans[one])] if one in plans else []
        queue.extend(used for used in dict.fromkeys(fresh) if used not in seen)
        seen.update(fresh)
    return True

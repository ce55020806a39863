"""The home's corrections: one JSON object a line, appended, never rewritten. Knows the file; refuses to refit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from nova.app import textrepo
from nova.coordinator.lessons import Correction
from nova.core import json
from nova.core.errors import BadFiles, Problem
from nova.core.json import Json

NAME = "corrections.jsonl"
_KEYS = {"text", "agent", "at", "run"}


def read(root: Path) -> tuple[Correction, ...]:
    """All corrections, oldest first. Raises BadFiles with each broken line."""
    file = root / NAME
    if not file.exists():
        return ()
    problems: list[Problem] = []
    found = list(_lines(file, problems))
    if problems:
        raise BadFiles(problems)
    return tuple(found)


def append(root: Path, correction: Correction) -> None:
    """Adds one and commits it with the reason."""
    file = root / NAME
    line: dict[str, Json] = {
        "text": correction.text,
        "agent": correction.agent,
        "at": correction.at.isoformat(timespec="seconds"),
        "run": correction.run,
    }
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dump(line) + "\n")
    textrepo.commit(root, [file], f"Correct run {correction.run}: it was for {correction.agent}")


def drop(root: Path, words: Sequence[str]) -> int:
    """Takes out the corrections whose text holds one of the words; how many. The home's git history keeps them."""
    file = root / NAME
    needles = [word.casefold() for word in words if word.strip()]
    if not file.exists() or not needles:
        return 0
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    kept = [line for line in lines if not any(needle in line.casefold() for needle in needles)]
    if len(kept) < len(lines):
        file.write_text("".join(kept), encoding="utf-8")
        textrepo.commit(root, [file], "Take corrections out that were to be forgotten")
    return len(lines) - len(kept)


def _lines(file: Path, problems: list[Problem]) -> Iterator[Correction]:
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.load(line)
        except ValueError:
            value = None
        if isinstance(value, dict) and value.keys() >= _KEYS and _is_text(value):
            one = cast("dict[str, str]", value)
            yield Correction(text=one["text"], agent=one["agent"], at=datetime.fromisoformat(one["at"]), run=one["run"])
        else:
            mend = "Each line is a JSON object with text, agent, at and run; remove the line or mend it."
            problems.append(Problem(file=str(file), line=number, what="This is not a correction.", mend=mend))


def _is_text(value: dict[str, Json]) -> bool:
    """Whether all keys hold text and the time is one with a zone."""
    if not all(isinstance(value[key], str) for key in _KEYS):
        return False
    try:
        return datetime.fromisoformat(str(value["at"])).tzinfo is not None
    except ValueError:
        return False

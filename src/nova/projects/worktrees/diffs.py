"""Unified diffs as text: what they would touch, and which are not applied. Knows the format; changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.projects.sources.repository import git

_MOVES = re.compile(r"^(?:rename|copy) (?:from|to) |^(?:dis)?similarity index ", re.MULTILINE)
_BINARY = re.compile(r"^(?:GIT binary patch|Binary files .* differ)$", re.MULTILINE)
_MODE = re.compile(r"^(?:old mode|new mode|deleted file mode|new file mode) (\d+)", re.MULTILINE)
_FENCE = re.compile(r"\A\s*```[a-z]*\n(?P<inside>.*?)\n```\s*\Z", re.DOTALL)


def bare(diff: str) -> str:
    """A diff without the fence a model puts around it, with its last line ended."""
    if (fenced := _FENCE.match(diff)) is not None:
        diff = fenced["inside"]
    return diff if diff.endswith("\n") else f"{diff}\n"


def same(one: str, other: str) -> bool:
    """Whether two diffs say the same; the lines in which git names contents by their hash are not looked at."""
    first, second = (
        [line for line in bare(diff).strip().split("\n") if not line.startswith("index ")] for diff in (one, other)
    )
    return first == second


def paths(folder: Path, file: Path, diff: str) -> list[str]:
    """The files that git will touch when it applies the diff in `file`, whose text is `diff`.

    Raises ToolFailed for one that holds anything but plain text in regular files.
    """
    if _BINARY.search(diff) or "\0" in diff:
        raise ToolFailed("The diff holds binary files.", "Only text can be changed by a diff.")
    if _MOVES.search(diff):
        raise ToolFailed("The diff renames or copies files.", "Delete the old file and add the new one.")
    if any(mode not in ("100644", "100755") for mode in _MODE.findall(diff)):
        raise ToolFailed("The diff makes links or submodules.", "Only regular files can be changed.")
    try:
        out = git(folder, "apply", "--numstat", "-z", "--recount", "--", str(file)).text
    except ToolFailed as failure:
        raise ToolFailed(f"That is no unified diff: {said(failure)}", _FORM) from None
    names = [record.split("\t", 2)[2] for record in out.split("\0") if record.count("\t") >= 2]
    if not names:
        raise ToolFailed("The diff is empty.", _FORM)
    return names


_FORM = "It needs lines `--- a/PATH`, `+++ b/PATH` and `@@ ... @@` as `git diff` prints them."


def said(failure: ToolFailed) -> str:
    """What git itself said."""
    return failure.what.removeprefix("git apply failed: ").removeprefix("error: ")


def encoded(text: str) -> bytes:
    """The text as a file holds it. Raises ToolFailed for lone surrogates."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as problem:
        what = f"The text holds characters that no file can hold, the first at {problem.start:,}."
        raise ToolFailed(what, f"Leave out {shorten(ascii(text[problem.start]), 20)}.") from None

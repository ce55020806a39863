"""Tools over a project's files: list, read, search. Knows files; `tools.search` ranks lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.policy.paths import PlaceKind, look, refusal
from nova.projects.sources.files import Content
from nova.tools.beneath import files, locate, read, trusted
from nova.tools.search import FOUND_MAX, search
from nova.tools.spec import Arguments, Reach, ResultLine, ToolResult, reading, result

LISTED_MAX = 300
LINES_MAX = 1_000
VALUES_MAX = 5_000
_HEAD_BYTES = 400


class FilesList(Arguments):
    """Arguments of files_list."""

    path: str = Field(default=".", description="Folder below the project, `.` for the project itself.")
    pattern: str = Field(
        default="*", description="File name or path with * and ?, for instance *.md; `*` alone lists one level."
    )


class FilesRead(Arguments):
    """Arguments of files_read."""

    path: str = Field(description="File below the project, for instance docs/model.md.")
    start_line: int = Field(default=1, ge=1, description="First line to show, counted from 1.")
    end_line: int = Field(default=0, ge=0, description="Last line to show; 0 reads on to the end.")


class FilesSearch(Arguments):
    """Arguments of files_search."""

    query: str = Field(description="Plain words or a phrase to look for; case and endings do not matter.")
    path: str = Field(default=".", description="Folder or file to search, `.` for the whole project.")
    pattern: str = Field(default="*", description="Only files whose name or path matches, for instance *.py.")


def _list(given: FilesList, reach: Reach) -> ToolResult:
    place = locate(reach, given.path, PlaceKind.FOLDER)
    names = files(reach, place.relative)
    where = "the project" if place.relative == "." else place.relative
    if given.pattern in {"", "*"}:
        return _one_level(names, place.relative, where, reach)
    hits = [name for name in names if matches(name, given.pattern)]
    headline = f"{_count(len(hits), 'file')} below {where} match “{shorten(given.pattern, 60)}”."
    if len(hits) == 1:
        headline = headline.replace(" match ", " matches ")
    return _listed(headline, hits, reach)


def _one_level(names: list[str], folder: str, where: str, reach: Reach) -> ToolResult:
    depth = 0 if folder == "." else len(PurePosixPath(folder).parts)
    below = [PurePosixPath(name).parts[depth:] for name in names]
    folders = Counter(parts[0] for parts in below if len(parts) > 1)
    here = [name for name, parts in zip(names, below, strict=True) if len(parts) == 1]
    headline = (
        f"{where[:1].upper() + where[1:]} holds {_count(len(here), 'file')} and {_count(len(folders), 'folder')}."
    )
    lines = [ResultLine(text=f"{name}/ ({_count(count, 'file')})") for name, count in sorted(folders.items())]
    listed = _listed(headline, here, reach)
    return result(headline, [*lines, *listed.lines], reach, cut=listed.cut)


def _listed(headline: str, names: list[str], reach: Reach) -> ToolResult:
    lines = (line for name in names[:LISTED_MAX] if (line := _entry(name, reach)) is not None)
    cut = len(names) > LISTED_MAX
    more = f" The first {LISTED_MAX} are shown." if cut else ""
    return result(headline + more, lines, reach, cut=cut)


def _entry(name: str, reach: Reach) -> ResultLine | None:
    """A file with its size and how it begins: a heading or the first line of a docstring says what it is about."""
    place = look(reach.root, name)
    if place.kind is not PlaceKind.FILE or refusal(place) is not None:
        return None
    path = reach.root / place.relative
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return ResultLine(text="cannot be opened", citation=Citation(path=name))
    return ResultLine(
        text=" · ".join(filter(None, [_size(size), _opening(head)])), citation=Citation(path=name, line=1)
    )


def _opening(head: bytes) -> str:
    if b"\0" in head:
        return ""
    rows = [row.strip() for row in head.decode("utf-8", "replace").split("\n")]
    title = next((row.partition(":")[2] for row in rows if row.startswith("title:")), "")
    first = next((row for row in rows if row and row != "---" and not row.startswith("#!")), "")
    return shorten((title or first).strip("#\"' "), 90)


def _size(size: int) -> str:
    return f"{size} bytes" if size < 1000 else f"{size / 1000:.1f} KB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def matches(name: str, pattern: str) -> bool:
    """Whether a path matches a glob, by its whole, by its end, or by its file name; case does not matter."""
    folded, wanted = name.casefold(), pattern.casefold().removeprefix("./").replace("**/", "*")
    return any(fnmatchcase(folded, form) for form in (wanted, f"*/{wanted}"))


def _read(given: FilesRead, reach: Reach) -> ToolResult:
    content = read(reach, locate(reach, given.path))
    total = len(content.lines)
    if given.start_line > max(total, 1):
        raise ToolFailed(f"{content.path} has {_count(total, 'line')}.", f"Start at a line up to {max(total, 1)}.")
    last = min(total, given.end_line or total, given.start_line + LINES_MAX - 1)
    if given.end_line and given.end_line < given.start_line:
        raise ToolFailed(f"The last line {given.end_line} is before the first one.", "Swap start_line and end_line.")
    cut = last < min(total, given.end_line or total) or content.cut
    note = f" It is longer than {_size(sum(map(len, content.lines)))}; the rest is not read." if content.cut else ""
    whole = given.start_line == 1 and last == total
    part = f"all {_count(total, 'line')}" if whole else f"lines {given.start_line} to {last} of {total:,}"
    headline = f"{content.path} is empty." if not total else f"{content.path}, {part}.{note}"
    lines = _numbered(content, given.start_line, last)
    return result(headline, lines, reach, cut=cut, trusted=trusted(reach, content.path))


def _numbered(content: Content, first: int, last: int) -> Iterable[ResultLine]:
    for number in range(first, last + 1):
        yield ResultLine(text=content.lines[number - 1], citation=Citation(path=content.path, line=number))


def _search(given: FilesSearch, reach: Reach) -> ToolResult:
    if not given.query.strip():
        raise ToolFailed("The query is empty.", "Give the words to look for.")
    place = locate(reach, given.path, None)
    names = [place.relative] if place.kind is PlaceKind.FILE else files(reach, place.relative)
    if given.pattern not in {"", "*"}:
        names = [name for name in names if matches(name, given.pattern)]
    found = search(reach, names, given.query)
    where = "the project" if place.relative == "." else place.relative
    asked = shorten(given.query, 80)
    shown = found.hits[:FOUND_MAX]
    cut = found.unfinished or len(found.hits) > len(shown)
    if not shown:
        headline = f"Nothing in {where} matches “{asked}” ({_count(found.files, 'file')} searched)."
    else:
        best = f", the best {len(shown)} are shown" if len(found.hits) > len(shown) else ""
        headline = (
            f"{_count(len(found.hits), 'line')} in {_count(len({hit.path for hit in found.hits}), 'file')} of {where} "
            f"match “{asked}”, best first{best}."
        )
    if found.unfinished:
        headline += " The search was stopped before the last file."
    lines = [ResultLine(text=hit.text, citation=Citation(path=hit.path, line=hit.line)) for hit in shown]
    return result(headline, lines, reach, cut=cut, trusted=all(trusted(reach, hit.path) for hit in shown))


def file_values(reach: Reach) -> list[str]:
    """The project's files, the shallow ones first."""
    return sorted(files(reach), key=lambda name: (name.count("/"), name))[:VALUES_MAX]


def folder_values(reach: Reach) -> list[str]:
    """The project's folders, `.` first."""
    folders = {str(parent) for name in files(reach) for parent in PurePosixPath(name).parents}
    return sorted(folders, key=lambda name: (name.count("/") + (name != "."), name))[:VALUES_MAX]


TOOLS = (
    reading(
        "files_list",
        "Lists files and folders of the project: names, sizes, titles, how many there are, structure of a directory.",
        FilesList, _list, paths=lambda given: (given.path,), values={"path": folder_values},
    ),
    reading(
        "files_read",
        "Reads one named file of the project, whole or a range of lines: its text, content, code, document.",
        FilesRead, _read, paths=lambda given: (given.path,), values={"path": file_values},
    ),
    reading(
        "files_search",
        "Searches the text of all project files for words or a phrase: where something is mentioned, defined, "
        "used, explained; rules, documentation, code lines, best matches first.",
        FilesSearch, _search, paths=lambda given: (given.path,), values={"path": folder_values},
    ),
)  # fmt: skip

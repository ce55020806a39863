"""Files below a project's root: which there are, where a name leads, what they say. Never leaves the root.

Knows what a caller may have meant; refuses to know what a file means.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from nova.core.errors import ToolFailed
from nova.core.text import nearest, shorten
from nova.policy.paths import Place, PlaceKind, look, refusal
from nova.projects.sources.files import Content, files_of, read_text
from nova.tools.spec import Reach


def files(reach: Reach, folder: str = ".") -> list[str]:
    """The project's files below `folder`, sorted, without ignored, secret and git's own ones; at most FILES_MAX."""
    prefix = "" if folder == "." else f"{folder}/"
    return [name for name in files_of(reach.root) if name.startswith(prefix)]


def locate(reach: Reach, asked: str, kind: PlaceKind | None = PlaceKind.FILE) -> Place:
    """The place that was meant, allowed to be read and of the given kind (None: file or folder).

    A name that is missing but is the end of exactly one file's path leads to that file.
    Raises ToolFailed for everything else, with the nearest names.
    """
    asked = asked.strip() or "."
    place = look(reach.root, asked)
    refused = refusal(place)
    if refused is None and place.kind is PlaceKind.MISSING:
        place = _meant(reach, place)
        refused = refusal(place)
    if refused is not None:
        raise ToolFailed(refused.why, "Name a file of the project by its path below the project's folder.")
    if kind is PlaceKind.FILE and place.kind is PlaceKind.FOLDER:
        raise ToolFailed(f"“{shorten(asked, 80)}” is a folder, not a file.", "files_list shows what is in it.")
    if kind is PlaceKind.FOLDER and place.kind is PlaceKind.FILE:
        raise ToolFailed(f"“{shorten(asked, 80)}” is a file, not a folder.", "files_read shows what is in it.")
    return place


def _meant(reach: Reach, place: Place) -> Place:
    wanted = PurePosixPath(place.asked).as_posix().casefold()
    known = files(reach)
    hits = [name for name in known if name.casefold() == wanted or name.casefold().endswith("/" + wanted)]
    if len(hits) == 1:
        return look(reach.root, hits[0])
    near = hits[:3] or nearest(wanted, known) or nearest(wanted, {PurePosixPath(name).name for name in known})
    mend = f"Did you mean {' or '.join(near)}?" if near else "files_list shows which files there are."
    raise ToolFailed(f"There is no file “{shorten(place.asked, 80)}” in the project.", mend)


def read(reach: Reach, place: Place) -> Content:
    """The text of a located file, at most FILE_BYTES_MAX of it. Raises ToolFailed for binary and unreadable files."""
    return read_text(reach.root, place.relative)


def trusted(reach: Reach, path: str) -> bool:
    """Whether a file is the owner's own word. Issues may be written by strangers."""
    return PurePosixPath(reach.issues) not in PurePosixPath(path).parents

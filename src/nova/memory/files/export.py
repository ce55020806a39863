"""Notes and conversations into a folder of Markdown files. Refuses to overwrite or delete what it did not write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from nova.core.errors import Problem, StoreError
from nova.memory.files import disk, manifest
from nova.memory.files.leaves import Leaf
from nova.memory.files.manifest import Manifest, hash_of

BATCH = 2000  # files that are announced together


@dataclass(slots=True)
class Exported:
    """What an export did. Paths are below the folder.

    kept: files that were left as they are, each with why and what to do. removed: files of its own whose note moved
    or was forgotten.
    """

    folder: Path
    written: list[str] = field(default_factory=list[str])
    unchanged: int = 0
    kept: list[Problem] = field(default_factory=list[Problem])
    removed: list[str] = field(default_factory=list[str])


def export(
    folder: Path,
    leaves: Iterable[Leaf],
    *,
    forgotten: frozenset[str] = frozenset(),
    seen: Callable[[int], None] | None = None,
) -> Exported:
    """Writes the leaves into `folder`, each file whole or not at all; what differs and is not Nova's stays.

    forgotten: ids whose files go. seen: told how many files were looked at so far. Raises StoreFull, StoreError,
    BadInput for a folder that is none; what was written until then is whole, and running it again goes on.
    """
    disk.the_folder(folder)
    listed = manifest.read(folder)
    done = Exported(folder)
    if listed.broken:
        what = "The list of the files that Nova wrote here cannot be read: files that differ were left as they are."
        done.kept.append(Problem(file=manifest.NAME, line=0, what=what, mend="Export into a new folder."))
    try:
        _write_all(done, listed, leaves, seen)
        for of, places in listed.places().items():
            if of in forgotten:
                _remove(done, listed, places, "Its note is forgotten", "Delete it if its words shall go, too.")
    except (KeyboardInterrupt, StoreError):
        _save_if_possible(listed)
        raise
    listed.save()
    disk.settle(folder)
    return done


def _save_if_possible(listed: Manifest) -> None:
    try:
        listed.save()
    except StoreError:
        return  # on a full disk; the list that was written ahead names every file of ours as well


def _write_all(done: Exported, listed: Manifest, leaves: Iterable[Leaf], seen: Callable[[int], None] | None) -> None:
    before, lying = listed.places(), _Lying(done.folder)
    rest = iter(leaves)
    count = 0
    while batch := list(islice(rest, BATCH)):
        placed = [(_place(leaf, before, lying), leaf) for leaf in batch]
        changed = [(place, leaf) for place, leaf in placed if _differs(done, listed, place, leaf)]
        if changed:
            listed.announce((place, leaf.of, hash_of(leaf.text.encode())) for place, leaf in changed)
        for place, leaf in changed:
            disk.put(done.folder / place, leaf.text)
            listed.settle(place, leaf.of, hash_of(leaf.text.encode()))
            done.written.append(place)
        for folder in {str(PurePosixPath(place).parent) for place, _ in changed}:
            disk.settle(done.folder / folder)
        for place, leaf in placed:
            left = [old for old in before.get(leaf.of, ()) if old != place]
            _remove(done, listed, left, f"Its note lies in {place} now", "Compare the two and delete this one.")
        count += len(batch)
        if seen:
            seen(count)


def _place(leaf: Leaf, before: Mapping[str, Sequence[str]], lying: _Lying) -> str:
    """The file that it has already, by the list or by the id in a name, as long as that is where it belongs."""
    known = (*before.get(leaf.of, ()), *lying.ending(leaf))
    return next((old for old in known if leaf.moved(old) == old), leaf.place)


@dataclass(slots=True)
class _Lying:
    """The names in the folders of an export, each folder looked at once."""

    folder: Path
    names: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def ending(self, leaf: Leaf) -> Iterator[str]:
        """The file of this id that lies there unlisted: after the list was lost."""
        below = str(PurePosixPath(leaf.place).parent)
        if below not in self.names:
            place = self.folder / below
            files = place.iterdir() if disk.inside(self.folder, place / "any") and place.is_dir() else ()
            self.names[below] = {file.name.rpartition("-")[2]: file.name for file in files if file.suffix == ".md"}
        if name := self.names[below].get(f"{leaf.of}.md"):
            yield f"{below}/{name}"


def _differs(done: Exported, listed: Manifest, place: str, leaf: Leaf) -> bool:
    """Whether the file is to be written; one that must not be touched is told in `done.kept`."""
    file = done.folder / place
    if not disk.inside(done.folder, file):
        _keep(done, place, "A link on the way leads out of the folder.", "Put a real folder in its place.")
        return False
    data = _look(file)
    if data is None:
        if not (file.is_symlink() or file.exists()):
            return True
        _keep(done, place, "There is something here that is no plain file.", "Move it away and export again.")
        return False
    if data == leaf.text.encode():
        listed.settle(place, leaf.of, hash_of(data))
        done.unchanged += 1
        return False
    if listed.wrote(place, hash_of(data)) or (place in listed.of and leaf.has(data.decode("utf-8", "replace"))):
        return True
    if place in listed.of:
        mend = f"Take the change in with nova memory import {file}, or delete the file and export again."
        _keep(done, place, "This file was changed by hand since it was written; it stays as it is.", mend)
    else:
        _keep(done, place, "A file that Nova did not write lies here; it stays as it is.", "Move it and export again.")
    return False


def _look(file: Path) -> bytes | None:
    try:
        return disk.data_of(file, bytes_max=10**9)
    except OSError as error:
        raise disk.refused(file, error) from error


def _keep(done: Exported, place: str, what: str, mend: str) -> None:
    done.kept.append(Problem(file=str(done.folder / place), line=0, what=what, mend=mend))


def _remove(done: Exported, listed: Manifest, places: Sequence[str], why: str, mend: str) -> None:
    """Takes away files of its own that are as it wrote them; a changed one stays and is told."""
    for place in places:
        file = done.folder / place
        data = _look(file) if disk.inside(done.folder, file) else None
        if data is None:
            listed.drop(place)
        elif listed.wrote(place, hash_of(data)):
            file.unlink(missing_ok=True)
            listed.drop(place)
            done.removed.append(place)
        else:
            _keep(done, place, f"{why}, and this file was changed by hand since; it stays.", mend)

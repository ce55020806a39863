"""The shipped questions that are nobody's job, with their vectors. Knows the two files; refuses to know a head.

`python -m nova.coordinator.nobody FOLDER` rebuilds FOLDER/nobody.npy from FOLDER/nobody.txt with the installed encoder.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator.lessons import NOBODY, Lesson
from nova.core.routes import Source
from nova.models import minilm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nova.models.encoders import Encoder

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodysJob:
    """Lessons for the class «nobody». vectors: MiniLM's views of them, float32 [n, 768], or None when not shipped."""

    lessons: tuple[Lesson, ...] = ()
    vectors: Floats | None = None

    def views(self, encoder: Encoder) -> Floats:
        """The vectors under this encoder: the shipped ones where they fit, else read anew."""
        if self.vectors is not None and encoder.name == minilm.MiniLM.name:
            return self.vectors
        return encoder.views([lesson.text for lesson in self.lessons])


def load_nobody(folder: Path) -> NobodysJob:
    """The questions of folder/nobody.txt with the vectors of folder/nobody.npy, where those fit."""
    lessons = tuple(_read(folder / "nobody.txt"))
    stored = folder / "nobody.npy"
    vectors = np.load(stored).astype(np.float32) if stored.is_file() else None
    if vectors is not None and vectors.shape != (len(lessons), sum(minilm.MiniLM.blocks)):
        vectors = None
    return NobodysJob(lessons=lessons, vectors=vectors)


def _read(path: Path) -> list[Lesson]:
    lessons: list[Lesson] = []
    topic = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("#"):
            topic = line.lstrip("# ")
        elif line.strip():
            lessons.append(Lesson(text=line.strip(), agent=NOBODY, source=Source.NOBODY, topic=topic))
    return lessons


def _rebuild(folder: Path) -> None:
    from nova.models.encoder_files import encoder_folder, open_minilm

    vectors = open_minilm(encoder_folder()).read([lesson.text for lesson in _read(folder / "nobody.txt")])
    np.save(folder / "nobody.npy", vectors.astype(np.float16))
    sys.stdout.write(f"{len(vectors)} vectors written to {folder / 'nobody.npy'}.\n")


if __name__ == "__main__":
    _rebuild(Path(sys.argv[1] if len(sys.argv) > 1 else "catalog"))

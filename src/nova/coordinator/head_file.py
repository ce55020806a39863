"""A head in one file, so that a command starts in milliseconds.

Knows the layout; a file that does not fit is no head at all.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator.head import Head, Views
from nova.coordinator.lessons import Lesson
from nova.core.routes import Cutoffs, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAYOUT = 1


def save_head(head: Head, path: Path) -> None:
    """Writes the head beside `path` and renames it into place: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {
        "layout": LAYOUT,
        "key": head.key,
        "encoder": head.encoder,
        "agents": head.agents,
        "lessons": [[one.text, one.agent, str(one.source), one.topic] for one in head.lessons],
        "cutoffs": asdict(head.cutoffs),
    }
    descriptor, name = tempfile.mkstemp(prefix=".head-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            np.savez(
                out,
                about=np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8),
                meaning=head.views.meaning.astype(np.float16),
                middle=head.views.middle.astype(np.float16),
                sketch=head.views.sketch.astype(np.float16),
                centre=head.centre,
                coefficients=head.coefficients,
            )
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def load_head(path: Path, key: str) -> Head | None:
    """The head of this key, or None when the file is absent, damaged, of another layout or of another roster."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(bytes(stored["about"]).decode("utf-8"))
            if about["layout"] != LAYOUT or about["key"] != key:
                return None

            def wide(name: str) -> NDArray[np.float32]:
                return stored[name].astype(np.float32)

            return Head(
                key=key,
                encoder=about["encoder"],
                agents=tuple(about["agents"]),
                lessons=tuple(
                    Lesson(text=text, agent=agent, source=Source(source), topic=topic)
                    for text, agent, source, topic in about["lessons"]
                ),
                views=Views(meaning=wide("meaning"), middle=wide("middle"), sketch=wide("sketch")),
                centre=wide("centre"),
                coefficients=wide("coefficients"),
                cutoffs=Cutoffs(**about["cutoffs"]),
            )
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None

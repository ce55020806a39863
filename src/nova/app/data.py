"""Where the catalog and the examples lie: beside the source in a checkout, inside the package in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import nova


@cache
def catalog() -> Path:
    """The folder with agents/, schemas/ and nobody.txt."""
    return _folder("catalog")


@cache
def examples() -> Path:
    """The folder with workspace/."""
    return _folder("examples")


def _folder(name: str) -> Path:
    package = Path(nova.__file__).parent
    packed = package / "_data" / name
    return packed if packed.is_dir() else package.parent.parent / name

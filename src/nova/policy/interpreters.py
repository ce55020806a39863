"""Which Python runs a project's code, and what of the disk it must see for that. Reads links; starts nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LINKS_MAX = 20
_SHOWN_ANYWAY = Path("/usr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python by its path outside, which is its path inside as well. readable: what the sandbox must show for it."""

    path: Path
    readable: tuple[Path, ...]
    own: bool
    """Whether it is the project's own, with the packages the project asks for; else it is Nova's."""


def interpreter_of(project: Path) -> Interpreter:
    """The Python of the project's own `.venv` or `venv`, where there is a whole one; else the one that runs Nova."""
    for name in (".venv", "venv"):
        python = project / name / "bin" / "python"
        if (project / name / "pyvenv.cfg").is_file() and python.is_file():
            found = Interpreter(path=python, readable=_shown(python), own=True)
            if found.readable or python.resolve().is_relative_to(_SHOWN_ANYWAY):
                return found
    own = Path(sys.executable)
    prefixes = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix))
    return Interpreter(path=own, readable=_outer({*_shown(own), *filter(_needed, prefixes)}), own=False)


def _shown(python: Path) -> tuple[Path, ...]:
    """The prefixes on the way from a `bin/python` to what it links to; each is an environment or an installation."""
    return _outer({prefix for prefix in _prefixes(python) if _needed(prefix)})


def _prefixes(python: Path) -> Iterator[Path]:
    at = python
    for _ in range(_LINKS_MAX):
        yield at.parent.parent
        if not at.is_symlink():
            break
        at = Path(os.path.normpath(at.parent / at.readlink()))
    yield Path(os.path.realpath(python)).parent.parent


def _needed(prefix: Path) -> bool:
    """Whether it is really Python's, and not shown anyway: a link to elsewhere shows nothing of that."""
    if prefix.is_relative_to(_SHOWN_ANYWAY):
        return False
    environment = (prefix / "pyvenv.cfg").is_file()
    return environment or any((prefix / "lib").glob("python3*/os.py"))


def _outer(prefixes: set[Path]) -> tuple[Path, ...]:
    """Without those that lie in another one, sorted."""
    return tuple(
        path for path in sorted(prefixes) if not any(other != path and path.is_relative_to(other) for other in prefixes)
    )

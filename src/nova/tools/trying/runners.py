"""Which command runs a project's tests, found out from its files. Reads them; starts nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.policy.paths import look, refusal
from nova.projects.sources.files import files_of, own

_CONFIGURED = (
    ("pyproject.toml", re.compile(r"^\[tool\.pytest(?:\.|\])", re.MULTILINE)),
    ("pytest.ini", re.compile(r"^\[pytest\]|\A", re.MULTILINE)),
    ("setup.cfg", re.compile(r"^\[tool:pytest\]", re.MULTILINE)),
    ("tox.ini", re.compile(r"^\[pytest\]", re.MULTILINE)),
    ("conftest.py", re.compile(r"\A")),
)
_SETTINGS = re.compile(r"^\s*DJANGO_SETTINGS_MODULE\s*=", re.MULTILINE)
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|tests)\.py$|(?:^|/)tests?/[^/]+\.py$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """How tests are run. words: what follows the Python; needs: modules that must be there; shown: for a person."""

    words: tuple[str, ...]
    needs: tuple[str, ...]
    shown: str


def runner_of(root: Path, paths: Sequence[str]) -> Runner | None:
    """pytest where it is configured, else `manage.py test`, else pytest where files look like tests; None for none.

    paths: files and folders below `root`; empty for all. Raises ToolFailed for one that is not there.
    """
    chosen = [_checked(root, path) for path in paths]
    config = next((text for name, sign in _CONFIGURED if (text := _text(root / name)) and sign.search(text)), None)
    if config is None and (root / "manage.py").is_file():
        words = ("manage.py", "test", "--noinput", *map(_label, chosen))
        return Runner(words=words, needs=("django",), shown=f"python {' '.join(words)}")
    if config is None and not tests_of(root):
        return None
    words = ("-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", *chosen)
    needs = ("pytest", "pytest_django", "django") if config and _SETTINGS.search(config) else ("pytest",)
    return Runner(words=words, needs=needs, shown=f"python -m pytest {' '.join(chosen)}".strip())


def tests_of(root: Path) -> list[str]:
    """The files below `root` that hold tests by their name, sorted."""
    return [name for name in files_of(root, frozenset({".py"})) if test_file(name) and own(name)]


def test_file(name: str) -> bool:
    """Whether a path is that of a test file, by custom."""
    return _TEST_FILE.search(name) is not None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")[:200_000] or " "
    except OSError:  # not there, or not to be read: then it configures nothing
        return ""


def _checked(root: Path, path: str) -> str:
    place = look(root, path.strip())
    if (refused := refusal(place)) is not None:
        raise ToolFailed(refused.why, "Name a test file or a folder of the project.")
    if not (root / place.relative).exists():
        raise ToolFailed(f"There is no “{shorten(path, 80)}” to test.", "Leave `paths` empty to run all tests.")
    return f"./{place.relative}"


def _label(path: str) -> str:
    """What `manage.py test` calls a file: a dotted module; a folder stays a folder."""
    plain = PurePosixPath(path)
    return ".".join(plain.with_suffix("").parts) if plain.suffix == ".py" else str(path)

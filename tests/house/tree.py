"""The repository as the house checks see it: its source files and its text files. Knows folders, judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "nova"
DOCS = ROOT / "docs"
TEXT = {".py", ".md", ".toml", ".sh", ".yaml", ".yml", ".txt", ".json", ".jsonl", ".lock", ".cfg", ".ini", ""}
_MADE = {"__pycache__", "build", "dist", "node_modules"}


def source_files() -> list[Path]:
    """Every Python file of the package."""
    return sorted(SOURCE.rglob("*.py"))


def text_files() -> list[Path]:
    """Every text file a person wrote or generated, the examples and the catalog included; nothing that tools made."""
    return sorted(_below(ROOT))


def pages() -> list[Path]:
    """Every Markdown page of the project: README and its neighbours, and docs."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def _below(folder: Path) -> Iterator[Path]:
    for place in folder.iterdir():
        if place.is_dir():
            own = place.name == ".ci" or not place.name.startswith(".")
            if own and place.name not in _MADE and not place.name.endswith(".egg-info"):
                yield from _below(place)
        elif place.suffix in TEXT and place.name != ".git":
            yield place

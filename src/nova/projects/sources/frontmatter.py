"""The front matter of somebody's Markdown file as plain texts. Knows YAML's edges; refuses to complain about any.

Nova's own files are read by `nova.settings.frontmatter`, which does complain: with file and line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import yaml

LINES_MAX = 200


def front_matter(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """Values as text by key, and the line, from 1, on which the body begins. Broken YAML counts as no values."""
    if not lines or lines[0].strip() != "---":
        return {}, 1
    end = next((at for at, line in enumerate(lines[1:LINES_MAX], 1) if line.strip() == "---"), 0)
    if not end:
        return {}, 1
    try:
        value: object = yaml.load("\n".join(lines[1:end]), Loader=yaml.BaseLoader)  # noqa: S506 it makes strings only
    except (yaml.YAMLError, RecursionError):
        return {}, end + 2
    pairs = cast("dict[object, object]", value).items() if isinstance(value, dict) else ()
    return {str(key): _flat(entry) for key, entry in pairs}, end + 2


def _flat(entry: object) -> str:
    return ", ".join(map(str, cast("list[object]", entry))) if isinstance(entry, list) else str(entry)

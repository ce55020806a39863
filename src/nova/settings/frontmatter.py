"""Markdown with YAML front matter, cut in two. Knows fences and lines; refuses to know what the keys mean."""

from __future__ import annotations

from dataclasses import dataclass

from nova.settings.located import Located
from nova.settings.text import refusal
from nova.settings.yaml_lines import read_yaml

_FENCE = "---"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A Markdown file: its front matter with lines, its body, and the line the body begins on."""

    front: Located
    body: str
    body_line: int


def read_document(text: str, file: str) -> Document:
    """The two parts of a Markdown file; `file` is only named in problems. Raises BadFiles."""
    lines = text.split("\n")
    if lines[0].rstrip() != _FENCE:
        what = "This file does not begin with front matter."
        raise refusal(file, 1, what, "Make --- the first line, then the keys, then --- on a line of its own.")
    end = next((number for number, line in enumerate(lines) if number and line.rstrip() == _FENCE), None)
    if end is None:
        what = "The front matter that begins here has no end."
        raise refusal(file, 1, what, "Put --- on a line of its own below the last key.")
    front = read_yaml("\n".join(lines[1:end]) + "\n", file, first_line=2)
    return Document(front=front, body="\n".join(lines[end + 1 :]).strip(), body_line=end + 2)

"""docs/reference/note-files.md, from the models that read a note's file. Knows the page; the keys are the models'."""

from __future__ import annotations

from nova.memory.files.front import LabelFile, NoteFront, SourceFile
from nova.settings.reference import keys_table

_HEAD = """\
# Note files

A note as `nova memory export` writes it, `nova memory edit` opens it and `nova memory import` takes it: Markdown with
YAML front matter, at `SCOPE/KIND/WORDS-ID.md` below the folder. The body holds the note's sentence, then `## Why` and
`## Alternatives` (a list) where there are any. Keys without content are left out; a file by hand needs only `kind`.
Mistakes are named with file and line. How to use them: [export and import](../how-to/export-and-import-memory.md).
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join([
        _HEAD,
        f"## Keys\n\n{keys_table(NoteFront)}",
        f"## sources\n\n{keys_table(SourceFile)}",
        f"## label\n\n{keys_table(LabelFile)}",
    ])  # fmt: skip

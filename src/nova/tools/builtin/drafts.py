"""The tool that files a draft in a folder for drafts. Knows arguments and wording; `projects.drafts` files it."""

from __future__ import annotations

from pydantic import Field

from nova.core.citations import Citation
from nova.policy.gate import Own
from nova.projects.drafts import file_draft
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, acting, result

TEXT_CHARACTERS_MAX = 400_000


class DraftWrite(Arguments):
    """Arguments of draft_write."""

    name: str = Field(description="File name with its ending, for instance on-call.md; a number is added where taken.")
    text: str = Field(description="The whole text of the draft.")
    folder: str = Field(default="drafts", description="The project's folder for drafts.")


class Filed(Data):
    """A draft. path: below the project, maybe with a number; new: it was not there with these very words."""

    path: str
    new: bool


def _write(given: DraftWrite, reach: Reach) -> ToolResult:
    notes = reach.worktrees / "drafts" if reach.worktrees is not None else None
    path, new = file_draft(
        reach.root, notes, folder=given.folder.strip(), name=given.name.strip(), text=given.text, key=reach.key
    )
    headline = (
        f"The draft was filed as {path}; nothing was overwritten." if new else f"The draft lies in {path} already."
    )
    lines = [ResultLine(text=f"{len(given.text.split()):,} words", citation=Citation(path=path, line=1))]
    return result(headline, lines, reach, data=Filed(path=path, new=new))


def _paths(given: DraftWrite) -> tuple[str, ...]:
    return (f"{given.folder.strip().rstrip('/')}/{given.name.strip()}",)


TOOLS = (
    acting(
        "draft_write",
        "Files a text as a new draft in the project's folder for drafts; never overwrites anything.",
        DraftWrite, _write, own=Own.DRAFT, paths=_paths, output=Filed, characters_max=TEXT_CHARACTERS_MAX,
    ),
)  # fmt: skip

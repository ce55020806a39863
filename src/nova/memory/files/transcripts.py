"""A conversation as a readable Markdown transcript, and back turn for turn. Knows Episodes; refuses to change one.

Each turn begins with a comment that a reader of Markdown does not see: the turn's exact values as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from nova.core.conversations import Conversation
from nova.core.episodes import Episode
from nova.core.errors import BadFiles, Problem
from nova.core.labels import read_label, write_label
from nova.core.text import printable
from nova.memory.files.form import when
from nova.memory.files.front import Id, Time, parsed_time
from nova.memory.files.yaml_text import UNWRITABLE, Value, front_matter
from nova.settings.check import FileModel, check
from nova.settings.frontmatter import read_document

TRANSCRIPT_BYTES_MAX = 50_000_000
_TURN = re.compile(r"<!-- turn (\{.*\}) -->")
_GUARDED = re.compile(r"\\*<!-- turn ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A conversation with those of its turns that one scope holds, in order.

    A conversation that moved has turns in two scopes, and a file in each; its title and name stand only where it
    stands now. file, line: where it was read, empty for one from the store.
    """

    conversation: Conversation
    scope: str
    episodes: tuple[Episode, ...]
    file: str = ""
    line: int = 0


class _Front(FileModel):
    conversation: Id = Field(description="Its id.")
    scope: str = Field(min_length=1, description="The wall that these turns lie behind.")
    stands_in: str = Field(default="", description="The scope it was moved to.")
    project: str = Field(default="", description="The project it is about.")
    title: str = Field(default="", description="What it is called.")
    started_at: Time = Field(description="When its first turn was.")
    last_at: Time = Field(description="When its last turn was.")
    name: str = Field(default="", description="The owner's handle for it.")
    closed_at: Time | None = Field(default=None, description="Since when it is closed.")
    forked_from: Id | Literal[""] = Field(default="", description="The conversation whose turns it begins with.")
    forked_at: Time | None = Field(default=None, description="When the last of those was said.")
    format: str = Field(default="transcript", description="What sort of file this is.")


class _Turn(FileModel):
    id: Id
    number: Annotated[int, Field(ge=0)]
    speaker: str
    at: Time
    run: str = ""
    project: str = ""
    label: str
    text: str | None = None


_READER = TypeAdapter(_Turn)


def transcript(given: Transcript) -> str:
    """The file of one conversation. `read_transcript` reads back equal values."""
    one = given.conversation
    keys: dict[str, Value] = {
        "format": "transcript",
        "title": one.title if one.scope == given.scope else "",
        "name": one.name if one.scope == given.scope else "",
        "scope": given.scope,
        "stands_in": one.scope if one.scope != given.scope else "",
        "project": one.project,
        "started_at": when(one.started_at),
        "last_at": when(one.last_at),
        "closed_at": when(one.closed_at) if one.closed_at else "",
        "forked_from": one.forked_from,
        "forked_at": when(one.forked_at) if one.forked_at else "",
        "conversation": one.id,
    }
    head = front_matter({key: value for key, value in keys.items() if value})
    return head + "".join(f"\n{_turn(one, episode)}" for episode in given.episodes)


def _turn(conversation: Conversation, episode: Episode) -> str:
    values: dict[str, str | int] = {
        "id": episode.id,
        "number": episode.number,
        "speaker": episode.speaker,
        "at": when(episode.at),
        "run": episode.run,
        "label": write_label(episode.label),
    }
    if episode.project != conversation.project:
        values["project"] = episode.project
    shown = episode.text
    if UNWRITABLE.search(shown) or "\r" in shown:
        values["text"], shown = shown, printable(shown).replace("\r", "")
        shown = UNWRITABLE.sub("", shown)
    safe = UNWRITABLE.sub(_escaped, json.dumps(values, ensure_ascii=False)).replace(">", "\\u003e")
    guarded = "\n".join(f"\\{line}" if _GUARDED.match(line) else line for line in shown.split("\n"))
    who = UNWRITABLE.sub("", " ".join(episode.speaker.split()))
    return f"<!-- turn {safe} -->\n**{who}** · {episode.at:%d %B %Y, %H:%M}\n\n{guarded}\n"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def is_transcript(text: str) -> bool:
    """Whether a file's text begins as a transcript does."""
    return text.startswith("---\nformat: transcript\n")


def read_transcript(text: str, file: str) -> Transcript:
    """The conversation that a transcript's text holds. Raises BadFiles with every problem, each at its line."""
    document = read_document(text, file)
    front = check(_Front, document.front)
    one = Conversation(
        id=front.conversation,
        scope=front.stands_in or front.scope,
        project=front.project,
        title=front.title,
        started_at=parsed_time(front.started_at),
        last_at=parsed_time(front.last_at),
        name=front.name,
        closed_at=parsed_time(front.closed_at) if front.closed_at else None,
        forked_from=front.forked_from,
        forked_at=parsed_time(front.forked_at) if front.forked_at else None,
    )
    lines = text.split("\n")
    problems: list[Problem] = []
    episodes: list[Episode] = []
    for number, values, said in _turns(lines, document.body_line):
        try:
            episode = _episode(one, front.scope, values, said)
        except ValidationError:
            what = "The comment that begins this turn was changed: it no longer says whose turn it is, and when."
            problems.append(Problem(file=file, line=number, what=what, mend="Take the line from an older export."))
            continue
        if episodes and episode.number <= episodes[-1].number:
            what = f"Turn {episode.number} stands below turn {episodes[-1].number}."
            mend = "Keep each turn once, in the order of their numbers."
            problems.append(Problem(file=file, line=number, what=what, mend=mend))
        episodes.append(episode)
    if problems:
        raise BadFiles(problems)
    line = document.front.line(("scope",))
    return Transcript(conversation=one, scope=front.scope, episodes=tuple(episodes), file=file, line=line)


def _turns(lines: Sequence[str], body_line: int) -> Iterator[tuple[int, str, str]]:
    """Line, JSON and words of each turn."""
    starts = [number for number in range(body_line - 1, len(lines)) if lines[number].startswith("<!-- turn ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        match = _TURN.fullmatch(lines[start].rstrip())
        said = lines[start + 3 : end - 1]  # below the comment, the speaker and a blank line; one blank line at the end
        plain = "\n".join(line[1:] if line.startswith("\\") and _GUARDED.match(line) else line for line in said)
        yield start + 1, match.group(1) if match else "", plain


def _episode(conversation: Conversation, scope: str, values: str, said: str) -> Episode:
    turn = _READER.validate_json(values)
    return Episode(
        id=turn.id,
        scope=scope,
        conversation=conversation.id,
        number=turn.number,
        speaker=turn.speaker,
        at=parsed_time(turn.at),
        text=said if turn.text is None else turn.text,
        run=turn.run,
        project=turn.project if "project" in turn.model_fields_set else conversation.project,
        label=read_label(turn.label or "untrusted"),
    )

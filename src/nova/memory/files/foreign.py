"""Notes from the memory of other tools: CLAUDE.md, AGENTS.md, OpenClaw, Hermes. Knows their habits; stores nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from nova.core.errors import BadFiles
from nova.core.ids import id_of
from nova.core.labels import Label
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind
from nova.core.text import shorten
from nova.memory.files.at_paths import imports, without_imports
from nova.memory.files.disk import FILE_BYTES_MAX, inside
from nova.memory.files.front import parsed_time
from nova.memory.files.gathering import Foreign
from nova.memory.files.kinds import kind_of, why_of
from nova.memory.files.origins import Origin, day_of
from nova.memory.files.pieces import Piece, pieces
from nova.memory.files.suspicion import holds_secret, orders
from nova.memory.files.texts import text_of

HOPS_MAX = 4  # imports within imported files, as Claude Code counts them
QUOTE_LENGTH_MAX = 300
_USUAL = {Origin.INSTRUCTIONS: NoteKind.PREFERENCE}
_SCORE = re.compile(r"\s*\[score=[\d.]+ [^\]]*source=([^\]\s:]+):(\d+)(?:-\d+)?\]\s*$")
_OBSERVED = re.compile(r"observed:\s*(\d{4}-\d\d-\d\d)")
_SUPERSEDED = re.compile(r"status:\s*superseded")
_MACHINE = re.compile(r"<!--\s*openclaw:[\w:-]+:start\s*-->.*?(?:<!--\s*openclaw:[\w:-]+:end\s*-->|\Z)", re.DOTALL)
_EMPTY_FIELD = re.compile(r"[^:]{1,40}:\s*(_?\(.*\)_?)?")
_HINT = re.compile(r"_\(?.*\)?_|\*\(?[^*]*\)?\*")
_GENERIC = re.compile(
    r"(long-term )?memory|notes?|general|misc(ellaneous)?|other|overview|(durable )?facts?|preferences?|rules?|context"
    r"|decisions?|(open )?questions?|to-?dos?|next( steps?)?|open items?|action items?|commands?"
    r"|about( me| the user| your human)?|user( profile)?|.*\.md|.*\d{4}-\d\d-\d\d.*|promoted from short-term memory.*",
    re.I,
)
_TOPIC_KINDS = {"feedback": NoteKind.PREFERENCE}
_TYPE = re.compile(r"^[ \t]*type:[ \t]*[\"']?(\w+)", re.MULTILINE)


def read_foreign(foreign: Foreign, text: str, path: str, origin: Origin, modified: float, hops: int = 0) -> None:
    """Adds the notes of one file's text, and of the files within the folder that it imports. path: below the root."""
    if not origin.is_memory:
        if origin is Origin.UNKNOWN:
            foreign.others += 1
        else:
            foreign.skip(path, 0, f"This is {origin.value}.")
        return
    if not foreign.first_time(path):
        return
    at = datetime.fromtimestamp(modified, UTC)
    for piece in _pieces(text, origin):
        _take(foreign, piece, path, origin, _since(piece, path, at), at, text)
    if origin is Origin.INSTRUCTIONS:
        for line, target in imports(text):
            _follow(foreign, path, line, target, hops)


def _pieces(text: str, origin: Origin) -> Sequence[Piece]:
    body, first_line = _without_front(text)
    body = _MACHINE.sub(lambda match: "\n" * match.group().count("\n"), body)
    match origin:
        case Origin.ENTRIES:
            return list(_entries(body, first_line))
        case Origin.TOPIC:
            return list(_topic(body, first_line))
        case _:
            return pieces(body, first_line)


def _without_front(text: str) -> tuple[str, int]:
    if text.startswith("---\n") and (end := text.find("\n---\n", 3)) >= 0:
        above = text[: end + 5]
        return text[end + 5 :], above.count("\n") + 1
    return text, 1


def _entries(text: str, first_line: int) -> Iterator[Piece]:
    """What stands between lines of a section sign, each as one piece."""
    start, words = first_line, list[str]()
    for number, line in enumerate([*text.split("\n"), "§"], first_line):
        if line.strip() != "§":
            if not words and line.strip():
                start = number
            words += [line.strip()] if line.strip() else []
        elif words:
            yield Piece(text=" ".join(words), line=start)
            words = []


def _topic(text: str, first_line: int) -> Iterator[Piece]:
    """A file of Claude Code's memory is one thing; its paragraphs are one text."""
    found = pieces(text, first_line)
    if found:
        yield replace(found[0], text=" ".join(one.text for one in found), headings=())


def _since(piece: Piece, path: str, modified: datetime) -> datetime:
    observed = _OBSERVED.search(piece.comment)
    day = observed.group(1) if observed else day_of(path)
    try:
        return parsed_time(day) if day else modified
    except ValueError:
        return modified


def _take(foreign: Foreign, piece: Piece, path: str, origin: Origin, since: datetime, at: datetime, text: str) -> None:
    said = _SCORE.sub("", piece.text)
    bare = without_imports(said) if origin is Origin.INSTRUCTIONS else said
    if piece.done or not _says_something(bare):
        return
    if holds_secret(piece.text):
        foreign.skip(
            path, piece.line, "A key or password seems to stand here; it was not taken in.", "Keep it elsewhere."
        )
        return
    against = orders(piece.text)
    kind = (
        _TOPIC_KINDS.get(_type(text), NoteKind.FACT)
        if origin is Origin.TOPIC
        else kind_of(piece, _USUAL.get(origin, NoteKind.FACT))
    )
    words = _in_context(said, piece, origin)
    foreign.add(
        Note(
            id=id_of("n", "import", foreign.into, " ".join(words.casefold().split())),
            scope=foreign.into,
            project=foreign.project,
            kind=kind,
            text=words,
            why=why_of(said, kind),
            recorded_at=foreign.now,
            valid_from=min(since, foreign.now),
            status=_status(foreign, piece, against),
            label=Label(scopes=frozenset({foreign.into}), trusted=foreign.trust and not against),
            doubt=against,
            doubted_at=foreign.now if against else None,
            sources=tuple(_sources(piece, path, at)),
        )
    )


def _type(text: str) -> str:
    found = _TYPE.search(text, 0, 4000)
    return found.group(1) if found else ""


def _status(foreign: Foreign, piece: Piece, against: str) -> NoteStatus:
    if against:
        return NoteStatus.QUARANTINED
    if _SUPERSEDED.search(piece.comment):
        return NoteStatus.SUPERSEDED
    return NoteStatus.ACTIVE if foreign.trust else NoteStatus.UNCONFIRMED


def _sources(piece: Piece, path: str, at: datetime) -> Iterator[Source]:
    yield Source(
        kind=SourceKind.IMPORT,
        ref=path,
        line=piece.line,
        at=at,
        quote=shorten(_SCORE.sub("", piece.text), QUOTE_LENGTH_MAX),
    )
    if promoted := _SCORE.search(piece.text):
        yield Source(kind=SourceKind.IMPORT, ref=promoted.group(1), line=int(promoted.group(2)), at=at)


def _says_something(words: str) -> bool:
    """Not a field of a form that nobody filled in, not a hint to whoever fills it in, not a word or two alone."""
    if _EMPTY_FIELD.fullmatch(words) or _HINT.fullmatch(words):
        return False
    return len(words.split()) >= 2 or len(words) >= 12


def _in_context(words: str, piece: Piece, origin: Origin) -> str:
    """The sentence with the heading that it makes no sense without. A day or a general word is no such heading."""
    if origin in (Origin.ENTRIES, Origin.TOPIC) or not piece.headings:
        return words
    heading = piece.headings[-1].strip(" :")
    general = _GENERIC.fullmatch(heading)
    top = len(piece.headings) == 1 and origin is not Origin.INSTRUCTIONS and len(heading.split()) > 4
    return words if general or top or heading.casefold() in words.casefold() else f"{heading}: {words}"


def _follow(foreign: Foreign, path: str, line: int, target: str, hops: int) -> None:
    place = PurePosixPath(path).parent / target
    shown = shorten(f"@{target}", 80)
    if target.startswith(("/", "~")):
        foreign.skip(path, line, f"{shown} leads out of the folder; it was not read.")
        return
    file = Path(foreign.root / place)
    real = Path(file.parent.resolve() / file.name)
    if not inside(foreign.root, file) or file.is_symlink():
        foreign.skip(path, line, f"{shown} leads out of the folder or is a link; it was not read.")
    elif hops >= HOPS_MAX:
        foreign.skip(path, line, f"{shown} is imported over more than {HOPS_MAX} files; it was not read.")
    elif file.suffix.lower() not in (".md", ".markdown", ".txt", ".mdc"):
        foreign.skip(path, line, f"{shown} holds no notes in Markdown; it was not read.")
    elif file.stem.casefold() == "readme":
        foreign.skip(path, line, f"{shown} is the project's own page; agents read it where it lies.")
    elif not file.is_file():
        foreign.skip(path, line, f"{shown} does not exist.")
    else:
        below = real.relative_to(foreign.root.resolve()).as_posix()
        try:
            text = text_of(real, str(real), FILE_BYTES_MAX)
        except BadFiles as error:
            foreign.skipped += error.problems
            return
        read_foreign(foreign, text, below, Origin.INSTRUCTIONS, real.stat().st_mtime, hops + 1)

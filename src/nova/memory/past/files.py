"""What the files of a project leave open, and how they want things done, as notes.

Knows which headings announce what; refuses to know the files' subject.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import PurePosixPath

from nova.core.errors import ToolFailed
from nova.core.notes import Note, NoteKind
from nova.memory.past.ground import Ground
from nova.projects.sources.changelog import Release
from nova.projects.sources.files import Content, own, read_named
from nova.projects.sources.frontmatter import front_matter
from nova.projects.sources.guidance import Rule
from nova.projects.sources.markdown import Block, blocks, sections
from nova.projects.sources.todos import Todo

_ASKS = re.compile(
    r"\?\s*$|^(?:decide|should|shall|whether|which|how|why|who|ask|clarify|find out|is it|are we|do we|can we)\b", re.I
)
_OPEN = re.compile(r"^(?:open|open questions?|questions?|unresolved|undecided|unclear|to decide)\W*$", re.I)
_NEXT = re.compile(
    r"^(?:next|next (?:steps?|dates?|up)|to ?do|todos?|roadmap|planned|plans?|upcoming|remaining|what(?:'s| is) next"
    r"|still to do|backlog)\W*$",
    re.I,
)
_NOT_YET = re.compile(r"\bnot yet\b|\bstill to (?:be|do|come)\b|\bto follow\b", re.I)
_NUMBERED = re.compile(r"[A-Z]{1,2}\d{1,3}")
_SECONDS_KEPT = 2.0


def todo_notes(ground: Ground, todos: Sequence[Todo]) -> Iterator[Note]:
    """A question for what is phrased as one, else an intention. FIXME and XXX are said so, since they name a fault."""
    for todo in todos:
        kind = NoteKind.QUESTION if _ASKS.search(todo.text) else NoteKind.INTENTION
        mark = f"{todo.word}: " if todo.word.upper() in ("FIXME", "XXX", "MISSING") else ""
        place = ground.from_file(todo.path, todo.quote)
        id_ = ground.id(todo.path, "todo", todo.text[:80])
        note = ground.note(id_, kind, f"{mark}{todo.text} ({todo.path})", todo.at or place.at, place)
        yield replace(note, by=todo.who or todo.author, recheck="The line still stands in the file.")


def page_notes(ground: Ground, skipped: frozenset[str]) -> tuple[list[Note], int, bool]:
    """(notes, pages read, whether some were left out) of "Open questions" and "Next" sections in the project's pages.

    skipped: files that are read by others already.
    """
    pages = [name for name in ground.names if _page(name) and name not in skipped]
    pages.sort(key=lambda name: (name.count("/"), name))
    found: list[Note] = []
    count = 0
    for name in pages[: ground.limits.pages_max]:
        if ground.seconds_left < _SECONDS_KEPT:
            return found, count, True
        try:
            content = read_named(ground.root, name, ground.limits.bytes_max)
        except ToolFailed:  # binary by content, or gone since git listed it
            continue
        count += 1
        found += _page_notes(ground, content)
    return found, count, len(pages) > ground.limits.pages_max


def _page(name: str) -> bool:
    path = PurePosixPath(name)
    return own(name) and path.suffix.casefold() in (".md", ".markdown") and not path.name.startswith(".")


def _page_notes(ground: Ground, content: Content) -> Iterator[Note]:
    _, start = front_matter(content.lines)
    for section in sections(content.lines, start):
        kind = NoteKind.QUESTION if _OPEN.match(section.title) else NoteKind.INTENTION
        if section.level == 1 or not (_OPEN.match(section.title) or _NEXT.match(section.title)):
            continue
        for block in blocks(content.lines, section.first, section.last):
            if block.ticked is None:  # a box is a to-do of its own, or done
                yield _stated(ground, content, block, kind, section.title)


def _stated(ground: Ground, content: Content, block: Block, kind: NoteKind, title: str) -> Note:
    place = ground.from_file(content.path, content.quote(block.first, block.last))
    id_ = ground.id(content.path, title, block.text[:80])
    note = ground.note(id_, kind, f"{block.text} ({title}, {content.path})", place.at, place)
    return replace(note, by=ground.author_of(content.path), recheck="The line still stands in the file.")


def rule_notes(ground: Ground, rules: Sequence[Rule]) -> Iterator[Note]:
    """How things are done here. A rule with a number that no other file uses is kept under that number."""
    numbered = Counter(rule.name for rule in rules)
    for rule in rules:
        alone = _NUMBERED.fullmatch(rule.name) is not None and numbered[rule.name] == 1
        head = f"Rule {rule.name}" if rule.name else rule.title
        under = f", {rule.heading}" if rule.heading and not rule.name else ""
        place = ground.from_file(rule.path, rule.quote)
        id_ = ground.id(rule.path, "rule", rule.name or rule.text[:80])
        note = ground.note(id_, NoteKind.HOWTO, f"{head}{under}: {rule.text}", place.at, place)
        note = replace(note, recheck="The line still stands in the file.")
        yield replace(note, subject=f"rule {rule.name}", attribute="text", value=rule.text) if alone else note


def release_notes(ground: Ground, releases: Sequence[Release]) -> Iterator[Note]:
    """The newest released version as a fact, and what the newest entries say is not done yet."""
    dated = [one for one in releases if re.match(r"v?\d+\.\d", one.version) and one.day is not None]
    newest = max(dated, key=lambda one: (one.day is not None and one.day.isoformat(), one.version), default=None)
    if newest is not None and newest.day is not None:
        yield _version(ground, newest)
    for release in releases[:2]:
        for block in release.entries:
            if _NOT_YET.search(block.text):
                place = ground.from_file(release.path, release.quote(block))
                id_ = ground.id(release.path, release.version, block.text[:80])
                text = f"{block.text} (changelog, {release.version})"
                note = ground.note(id_, NoteKind.INTENTION, text, place.at, place)
                yield replace(note, by=ground.author_of(release.path))


def _version(ground: Ground, release: Release) -> Note:
    place = ground.from_file(release.path, release.title)
    text = f"The latest release of {ground.project} is {release.version}, of {release.day}."
    day = datetime.combine(release.day, time(), tzinfo=UTC) if release.day else place.at
    note = ground.note(ground.id("latest release"), NoteKind.FACT, text, day, place)
    return replace(note, subject=ground.project, attribute="latest release", value=release.version)

"""Tools over Nova's own memory: search it, list notes, keep, correct, and say what forgetting would take.

Knows how pieces of memory are shown as results; refuses to rank, and to forget by itself: what is gone for good is
for the owner's own hand. Every call stays inside the run's scope.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from nova.core.citations import Citation
from nova.core.episodes import Episode
from nova.core.errors import ToolFailed
from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, NoteStatus, SourceKind
from nova.core.text import shorten
from nova.memory import standing
from nova.memory.asked_time import Stretch, stretch_of
from nova.memory.echo import coverage, echoes
from nova.memory.forget import plan_note, plan_words
from nova.memory.notes import Recorded, record
from nova.memory.recall import Quota, Recalled, recall
from nova.memory.revise import corrected
from nova.policy.gate import Effect
from nova.store import notes
from nova.store.textindex import query_words
from nova.tools.commits import since as since_words
from nova.tools.spec import Arguments, Reach, ResultLine, Tool, ToolResult, reading, result

if TYPE_CHECKING:
    from nova.memory.hearing.corrections import Correction
    from nova.memory.hearing.said import Heard
    from nova.memory.tiers import Memory

TURNS_SHOWN = 8
NOTES_SHOWN = 6
DEEP = Quota(notes=3_000, episodes=4_000)
EXCERPT_CHARACTERS = 330
LISTED_MAX = 60
PLANNED_MAX = 20
BY = "you"


class About(StrEnum):
    """Which notes are wanted."""

    ALL = "all"
    FACTS = "facts"
    DECISIONS = "decisions"
    QUESTIONS = "questions"
    INTENTIONS = "intentions"
    PREFERENCES = "preferences"
    HOWTOS = "howtos"


_KINDS = {
    About.FACTS: NoteKind.FACT,
    About.DECISIONS: NoteKind.DECISION,
    About.QUESTIONS: NoteKind.QUESTION,
    About.INTENTIONS: NoteKind.INTENTION,
    About.PREFERENCES: NoteKind.PREFERENCE,
    About.HOWTOS: NoteKind.HOWTO,
}


class MemorySearch(Arguments):
    """Arguments of memory_search."""

    question: str = Field(description="The question as it was asked, or the words to look for.")
    since: str = Field(default="", description="Only from then on: 2026-11-01, yesterday, last week, september.")


class MemoryNotes(Arguments):
    """Arguments of memory_notes."""

    about: About = Field(
        default=About.ALL,
        strict=False,
        description="Which notes: facts, decisions, questions, intentions, preferences, howtos.",
    )
    since: str = Field(default="", description="Only notes from then on.")


class MemoryKeep(Arguments):
    """Arguments of memory_keep."""

    statement: str = Field(description="What the owner wants kept, in his own words.")


class MemoryCorrect(Arguments):
    """Arguments of memory_correct."""

    statement: str = Field(description="The owner's correction in his own words: what is wrong, and what holds.")


class MemoryForget(Arguments):
    """Arguments of memory_forget."""

    wish: str = Field(description="What is to be forgotten: a note's id, or the words it is about.")


def _search(given: MemorySearch, reach: Reach) -> ToolResult:
    """Within the time the question names; where nothing of that time is found, all of it, and that is said."""
    memory = _memory(reach)
    found = recall(memory, given.question, reach.scope, quota=DEEP, without_runs={reach.run})
    pieces = [one for one in found.pieces if isinstance(one.what, Note) or not echoes(one.what, given.question)]
    after = _moment(given.since, reach)
    stretch = stretch_of(given.question, reach.now()) if after is None else None
    within = [piece for piece in pieces if _fits(piece, after, stretch)]
    when = f" since {after:%Y-%m-%d}" if after else f" ({stretch.said})" if stretch and within else ""
    chosen = within or ([] if after else pieces)
    if not chosen:
        return result(f"Nothing in the memory{when} is about “{shorten(given.question, 80)}”.", [], reach)
    shown = _best(chosen, given.question)
    noted = sum(piece.tier == "note" for piece in shown)
    headline = f"{_count(noted, 'note')} and {_count(len(shown) - noted, 'turn')} of earlier talk{when} on this."
    return _labelled(result(headline, [_line(piece, given.question) for piece in shown], reach), shown)


def _best(pieces: Sequence[Recalled], question: str) -> list[Recalled]:
    """Notes and turns in one order: what holds more of the question first, the newest of those that hold as much.

    Of one subject the newest comes first: where no link says that an older one no longer holds, its date does.
    """
    most = {"note": NOTES_SHOWN, "episode": TURNS_SHOWN}
    share = {piece.id: coverage(question, _words(piece)) for piece in pieces}
    kept: list[Recalled] = []
    for piece in sorted(pieces, key=lambda one: -round(share[one.id], 1)):  # stable: as they were recalled
        if most[piece.tier]:
            most[piece.tier] -= 1
            kept.append(piece)
    return sorted(kept, key=lambda one: (int(share[one.id] * 4), _at(one.what)), reverse=True)


def _words(piece: Recalled) -> str:
    return piece.what.text if isinstance(piece.what, Episode) else notes.indexed(piece.what)


def _fits(piece: Recalled, after: datetime | None, stretch: Stretch | None) -> bool:
    at = _at(piece.what)
    return (after is None or at >= after) and (stretch is None or stretch.holds(at))


def _notes(given: MemoryNotes, reach: Reach) -> ToolResult:
    memory, after = _memory(reach), _moment(given.since, reach)
    kinds = (_KINDS[given.about],) if given.about in _KINDS else tuple(NoteKind)
    holding = (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)
    with memory.database.read() as connection:
        known = notes.listed(connection, reach.scope, kinds=kinds, statuses=holding, since=after)
        marks = standing.marks(connection, reach.scope, known, memory.now(), memory.grounds)
    held = [Recalled(what=note, score=0.0, ranks={}, mark=marks[note.id].why) for note in known if marks[note.id].shown]
    what = "notes" if given.about is About.ALL else given.about.value
    headline = f"{_count(len(held), 'note')} ({what}) {'are' if len(held) != 1 else 'is'} kept here, newest first."
    shown = held[:LISTED_MAX]
    return _labelled(result(headline, [_line(one, "") for one in shown], reach, cut=len(held) > LISTED_MAX), shown)


def _keep(given: MemoryKeep, reach: Reach) -> ToolResult:
    found = _heard(given.statement, reach)
    if found.refused:
        raise ToolFailed(found.refused[0].sentence)
    if not found.notes:
        what = f"“{shorten(given.statement, 80)}” has nothing that can be kept: no fact, decision, question or wish."
        raise ToolFailed(what, "Say it as one sentence that is true by itself: names instead of “he”, dates, amounts.")
    taken = record(_memory(reach), _own(reach), found.notes, by=BY, why=given.statement)
    lines = [line for one in taken for line in _what_became(one)]
    return result(f"Kept in the memory of {_place(reach)}.", lines, reach)


def _correct(given: MemoryCorrect, reach: Reach) -> ToolResult:
    asked = _correction(given.statement)
    if asked is None:
        return _keep(MemoryKeep(statement=given.statement), reach)
    memory, scope = _memory(reach), _own(reach)
    done = corrected(memory, scope, asked, said=given.statement, run=reach.run, project=reach.project)
    if done is None:
        what = f"No note here holds “{asked.old or asked.subject}”, so there was nothing to correct."
        raise ToolFailed(what, "See what is kept: nova memory search WORDS")
    lines = [line for one in done.taken for line in _what_became(one)]
    return result(f"Corrected: it was “{shorten(done.before.text, 160)}”.", lines, reach)


def _forget(given: MemoryForget, reach: Reach) -> ToolResult:
    """What would go, and the command that does it; nothing is forgotten here."""
    memory = _memory(reach)
    with memory.database.read() as connection:
        found = notes.beginning_with(connection, reach.scope, given.wish) if given.wish.startswith("n") else []
    if len(found) == 1:
        targets = found
    else:
        near = recall(memory, given.wish, reach.scope, quota=Quota(episodes=0))
        targets = [piece.what for piece in near.pieces if isinstance(piece.what, Note)][:3]
    if not targets:
        plan = plan_words(memory, reach.scope, given.wish)
        if not plan.items:
            return result(f"Nothing in the memory holds “{shorten(given.wish, 80)}”.", [], reach)
        command = f'nova memory forget "{given.wish}"'
        lines = [ResultLine(text=f"{item.kind}: {item.shown}") for item in plan.items[:PLANNED_MAX]]
        return result(f"{len(plan.items)} things hold these words. To forget them for good: {command}", lines, reach)
    lines = list[ResultLine]()
    for note in targets:
        goes = len(plan_note(memory, reach.scope, note).items)
        said = f"{note.text} To forget it and {goes - 1} things that hang on it: nova memory forget {note.id}"
        lines.append(ResultLine(text=said, citation=Citation(path=note.id)))
    return result("Forgetting is for good, so it waits for your own hand.", lines, reach)


def _heard(statement: str, reach: Reach) -> Heard:
    """What somebody wants kept. The grammar of wishes is read when a wish is, not by everybody who lists the tools."""
    from nova.memory.hearing.hear import heard
    from nova.memory.hearing.said import Said

    return heard(Said(text=statement, at=reach.now(), run=reach.run, scope=reach.scope.own, project=reach.project))


def _what_became(one: Recorded) -> list[ResultLine]:
    """One line for the note, one for each thing that changed because of it."""
    said = {
        "added": "",
        "merged": " (known already; this source was added)",
        "known": " (known already)",
        "changed": " (changed)",
        "outdated": " (an older value: a newer one is known and stays)",
        "forgotten": " (was forgotten on purpose; not taken back)",
    }
    note = one.note
    lines = [ResultLine(text=f"{note.kind.value}: {note.text}{said[one.how]}", citation=Citation(path=note.id))]
    lines += [ResultLine(text="superseded by it", citation=Citation(path=old)) for old in one.superseded]
    lines += [ResultLine(text="rested on that; unconfirmed now", citation=Citation(path=old)) for old in one.doubted]
    lines += [ResultLine(text="may say something else; decide: nova memory queue", citation=Citation(path=old))
              for old in one.conflicts]  # fmt: skip
    lines += [ResultLine(text="an open question, answered by it", citation=Citation(path=old)) for old in one.answered]
    return lines


def _line(piece: Recalled, question: str) -> ResultLine:
    what = piece.what
    if isinstance(what, Episode):
        return ResultLine(
            text=f"{what.at:%Y-%m-%d} {what.speaker}: {excerpt(what.text, question)}",
            citation=Citation(path=what.run) if what.run else None,
        )
    more = [f"Why: {what.why.rstrip('.')}."] if what.why else []
    more += [f"Instead of: {'; '.join(what.alternatives).rstrip('.')}."] if what.alternatives else []
    careful = f" ({piece.mark})" if piece.mark else ""
    text = " ".join([f"{what.valid_from:%Y-%m-%d} {what.kind.value}{careful}: {what.text}", *more])
    return ResultLine(text=text, citation=source_of(what))


def excerpt(text: str, question: str) -> str:
    """A turn as one line; of a long one the sentences that say most of the question, in its order, with `…` between."""
    line = " ".join(text.split())
    if len(line) <= EXCERPT_CHARACTERS:
        return line
    asked = set(query_words(question))
    sentences = re.split(r"(?<=[.!?;:])\s+", line)
    ranked = sorted(range(len(sentences)), key=lambda at: (-len(asked & set(query_words(sentences[at]))), at))
    kept: list[int] = []
    for at in ranked:
        if sum(len(sentences[one]) + 2 for one in [*kept, at]) <= EXCERPT_CHARACTERS:
            kept.append(at)
    if not kept:
        return shorten(line, EXCERPT_CHARACTERS)
    shown = [("" if at - 1 in kept or at == 0 else "… ") + sentences[at] for at in sorted(kept)]
    return " ".join(shown) + ("" if len(sentences) - 1 in kept else " …")


def source_of(note: Note) -> Citation:
    """Where a person looks first: the line of a file, the commit, the run it was said in, else the note itself."""
    for source in note.sources:
        if source.kind is SourceKind.FILE:
            return Citation(path=source.ref, line=source.line)
        if source.kind in (SourceKind.COMMIT, SourceKind.RUN):
            return Citation(path=source.ref)
    return Citation(path=note.id)


def _labelled(shown: ToolResult, pieces: list[Recalled]) -> ToolResult:
    """The result with the join of the labels of everything that is in it."""
    label = shown.label
    for piece in pieces:
        label = label.join(piece.what.label)
    return replace(shown, label=label)


def _memory(reach: Reach) -> Memory:
    if reach.memory is None:
        raise ToolFailed("There is no memory in this run.", "Ask through nova ask or nova chat.")
    return reach.memory


def _own(reach: Reach) -> Scope:
    return Scope.of(reach.scope.own)


def _place(reach: Reach) -> str:
    return f"the project {reach.project}" if reach.project else "your home, for every project"


def _moment(text: str, reach: Reach) -> datetime | None:
    if not text.strip():
        return None
    found = datetime.fromisoformat(since_words(text, reach.now()))
    return found if found.tzinfo else found.replace(tzinfo=reach.now().tzinfo)


def _at(what: Note | Episode) -> datetime:
    return what.at if isinstance(what, Episode) else what.valid_from


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _correction(statement: str) -> Correction | None:
    from nova.memory.hearing.corrections import correction

    return correction(statement)


def _wishes(reach: Reach) -> list[str]:
    """What the owner just said, when it holds something to keep."""
    return [reach.said] if reach.said and (_heard(reach.said, reach).notes or _heard(reach.said, reach).refused) else []


def _corrections(reach: Reach) -> list[str]:
    asked = _correction(reach.said) if reach.said else None
    return [reach.said] if asked is not None and (asked.said_to_memory or asked.old) else []


def _forgettings(reach: Reach) -> list[str]:
    from nova.memory.hearing.asking import forget_wish

    wish = forget_wish(reach.said) if reach.said else None
    return [wish] if wish else []


def _changing(tool: Tool) -> Tool:
    return replace(tool, effect=Effect.REMEMBER)


def _recalling(tool: Tool) -> Tool:
    return replace(tool, effect=Effect.RECALL)


TOOLS = (
    _recalling(
        reading(
            "memory_search",
            "Searches Nova's memory: what the owner said, decided and why, facts about people, customers, dates and "
            "preferences, what was told in earlier conversations, whether a question was answered.",
            MemorySearch,
            _search,
        )
    ),
    _recalling(
        reading(
            "memory_notes",
            "Lists the notes kept in memory, newest first: everything known about the owner, facts, decisions, open "
            "questions, intentions, preferences, howtos.",
            MemoryNotes,
            _notes,
        )
    ),
    _changing(
        reading(
            "memory_keep",
            "Keeps something in memory for later: remember, note down, save, store, keep in mind, do not forget.",
            MemoryKeep,
            _keep,
            values={"statement": _wishes},
        )
    ),
    _changing(
        reading(
            "memory_correct",
            "Corrects a note in memory that is wrong or outdated: the old value is superseded by the new one.",
            MemoryCorrect,
            _correct,
            values={"statement": _corrections},
        )
    ),
    _recalling(
        reading(
            "memory_forget",
            "Shows what forgetting, deleting or dropping something from memory would take with it, and the command.",
            MemoryForget,
            _forget,
            values={"wish": _forgettings},
        )
    ),
)

"""The door: one message in, proposed notes out. Refuses to store anything, and to hear clocks and what was recalled."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.core.notes import Note, NoteKind
from nova.memory.hearing.corrections import Correction, correction
from nova.memory.hearing.key_forms import OWNER_SUBJECT
from nova.memory.hearing.noting import known, note_of
from nova.memory.hearing.own_words import Sentence, own_sentences
from nova.memory.hearing.reading import found_at, meant, with_what_follows
from nova.memory.hearing.said import Found, Heard, Refused, Said
from nova.memory.hearing.unkept import refusal, secret_in

NOTES_MAX = 20  # of one message
CORRECTION_SENTENCES_MAX = 3


def heard(said: Said) -> Heard:
    """What one message leaves behind. Pure: the same message gives the same notes, with the same ids."""
    if not said.by_a_person:
        return Heard()
    sentences = own_sentences(said.text)
    corrected = _corrected(said, sentences)
    notes = [corrected] if corrected is not None else list[Note]()
    refused: list[Refused] = []
    at = 0
    while at < len(sentences) and len(notes) < NOTES_MAX:
        one, last = sentences[at], at
        at += 1
        found = None if _recalled(one.text, said.recalled) else found_at(sentences, last, said)
        if (found or meant(sentences, last)) and (what := secret_in(one.text)):
            refused.append(refusal(what))
        elif found is not None and not (corrected and found.kind is NoteKind.FACT and not found.subject):
            found, more = with_what_follows(found, sentences[at:], said)
            at += more
            note = note_of(said, found, one, sentences[last + more])
            notes += [note] if note and not known(note, notes) else []
    return Heard(notes=tuple(notes), refused=tuple(dict.fromkeys(refused)))


def _recalled(text: str, recalled: Sequence[str]) -> bool:
    """Whether the words stand in something that memory said, or the other way round."""
    own = _letters(text)
    return any(own in one or (len(one) > 20 and one in own) for one in map(_letters, recalled)) if own else False


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _corrected(said: Said, sentences: Sequence[Sentence]) -> Note | None:
    """The keyed fact in `you have X down as Y, but it is Z`: said to memory, so it counts at once."""
    if not 0 < len(sentences) <= CORRECTION_SENTENCES_MAX:
        return None
    text = " ".join(sentence.text for sentence in sentences)
    mended = correction(text)
    if mended is None or not (mended.subject and mended.attribute and mended.said_to_memory):
        return None
    if secret_in(text) or _recalled(text, said.recalled):
        return None
    mine = mended.subject == OWNER_SUBJECT
    found = Found(
        kind=NoteKind.FACT, text=_sentence_of(mended), subject=said.speaker if mine else mended.subject,
        attribute=mended.attribute, value=mended.new, changed=True,
    )  # fmt: skip
    return note_of(said, found, sentences[0], sentences[-1])


def _sentence_of(mended: Correction) -> str:
    whose = "my" if mended.subject == OWNER_SUBJECT else f"{mended.subject}'s"
    return f"{whose} {mended.attribute} is {mended.new}"

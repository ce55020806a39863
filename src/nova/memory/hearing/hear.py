"""The door: one message in, proposed notes out. Knows the order in which rules are asked; refuses to store anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nova.core.notes import Note, NoteKind
from nova.memory.hearing.corrections import Correction, correction, without_contradiction
from nova.memory.hearing.days import resolve_days
from nova.memory.hearing.decisions import decision_in
from nova.memory.hearing.howtos import howto_in
from nova.memory.hearing.intentions import intention_in, task
from nova.memory.hearing.key_forms import OWNER_SUBJECT
from nova.memory.hearing.keys import key_in
from nova.memory.hearing.noting import known, note_of
from nova.memory.hearing.own_words import Sentence, own_sentences
from nova.memory.hearing.preferences import preference_in
from nova.memory.hearing.questions import question_in
from nova.memory.hearing.reasons import alternative_alone, reason_alone
from nova.memory.hearing.said import Found, Heard, Refused, Said
from nova.memory.hearing.standing import stands_alone
from nova.memory.hearing.unkept import refusal, secret_in
from nova.memory.hearing.wishes import Wish, points_back, wish_in

NOTES_MAX = 20  # of one message
_LEAD_IN = re.compile(
    r"^(?:(?:ok|okay|so|well|right|alright|and|also|but|oh|ah|yes|yeah|hi|hello|hey|nova|btw|by the way|fyi|then|anyway"
    r"|besides|just|actually|in short|by now|meanwhile|übrigens|also gut)\b[ ,.:!–-]*(?=\S)"
    r"|(?:no|done|great|good|fine|thanks|thank you|plus|note|update|news|heads up|gut|nein)\s*[,.:!–-]\s*(?=\S))+",
    re.IGNORECASE,
)
_SIGNS_OFF = re.compile(
    r"^(?:(?:that'?s|this is) (?:it|all|enough)(?: for (?:now|today))?|(?:i'?m )?(?:stopping|done"
    r"|finished)(?: here)?(?: for (?:now|today))?"
    r"|enough for (?:now|today))\s*[,:;–-]\s*", re.IGNORECASE,
)  # fmt: skip
_ASKS = re.compile(
    r"^(?:what|why|who|whose|whom|when|where|which|how|is|are|was|were|do|does|did|can(?!'t)|could|should|would|will"
    r"|shall|has|have|had|may|might|am|isn't|aren't|don't you|didn't"
    r"|if|suppose|imagine|assume|assuming|provided|unless|maybe|perhaps|probably|i think|i guess|i believe"
    r"|i suppose|i wonder|i was told|someone|somebody|warum|wieso|wer|wo|wann|welche[rs]?)\b(?!'ll|'ve)",
    re.IGNORECASE,
)
_HEADINGS = (
    (
        re.compile(
            r"^(?:please )?(?:remember|keep in mind|note|don'?t forget|for the record|merk dir)\b[^:]{0,40}:$",
            re.IGNORECASE,
        ),
        "remember: ",
    ),
    (
        re.compile(r"^(?:(?:still )?open questions?|undecided|to clarify|offene fragen?)\s*:$", re.IGNORECASE),
        "open question: ",
    ),
    (re.compile(r"^(?:(?:my )?to-?dos?|next steps?|next|aufgaben)\s*:$", re.IGNORECASE), "todo: "),
    (re.compile(r"^(?:decisions?|decided|agreed|entscheidungen)\s*:$", re.IGNORECASE), "decision: "),
)


def heard(said: Said) -> Heard:
    """What one message leaves behind. Pure: the same message gives the same notes, with the same ids."""
    if not said.by_a_person:
        return Heard()
    sentences = own_sentences(said.text)
    notes: list[Note] = []
    refused: list[Refused] = []
    corrected = _corrected(said, sentences)
    if corrected is not None:
        notes.append(corrected)
    at = 0
    while at < len(sentences) and len(notes) < NOTES_MAX:
        one, used = sentences[at], 1
        pointed = at + 1 < len(sentences) and points_back(sentences[at + 1].text)
        found = (
            None if points_back(one.text) or _recalled(one.text, said.recalled) else _found(one, said, at == 0, pointed)
        )
        what = secret_in(one.text) if found is not None or _meant(one.text, pointed) else None
        if what:
            refused.append(refusal(what))
        elif found is not None and corrected is not None and found.kind is NoteKind.FACT and not found.subject:
            pass  # the same words once more, as they were put to memory
        elif found is not None:
            found, used = _with_what_follows(found, sentences[at + 1 :])
            last = sentences[at + used - 1] if not pointed else one
            notes += [note for note in [note_of(said, found, one, last)] if note and not known(note, notes)]
        at += used
    return Heard(notes=tuple(notes), refused=tuple(dict.fromkeys(refused)))


def _meant(text: str, pointed: bool) -> bool:
    """Whether the words were meant to be kept, even if no rule makes a note of them."""
    plain = _LEAD_IN.sub("", text)
    return pointed or wish_in(plain) is not None or (not text.endswith("?") and key_in(plain) is not None)


def _found(sentence: Sentence, said: Said, first: bool, pointed: bool) -> Found | None:
    text = _under_heading(sentence)
    wish = wish_in(text, first=first) or wish_in(_LEAD_IN.sub("", text), first=first)
    wish = wish or (Wish(content=text) if pointed else None)
    content = without_contradiction(_LEAD_IN.sub("", _SIGNS_OFF.sub("", wish.content if wish else text)))
    if not wish and (
        text.rstrip().endswith("?") and not re.match(r"(?:\w+ )?open question|undecided", content, re.IGNORECASE)
    ):
        return None
    if not content or content[0] in "\"'“«„`" or (not wish and _asks(content)):
        return None
    return _read(resolve_days(content, said.at), wish, said)


def _asks(content: str) -> bool:
    """Whether a sentence asks or supposes; `when you cite a commit, always …` does not."""
    return _ASKS.match(content) is not None and preference_in(content) is None


def _read(content: str, wish: Wish | None, said: Said) -> Found | None:
    if wish and wish.task:
        return replace(task(content), passing=not wish.firm and content == wish.content)
    found = question_in(content) or decision_in(content) or preference_in(content, wished=wish is not None)
    found = found or intention_in(content) or _fact(content, wish, said)
    if found is None or _alone(found):
        return found
    shorter = replace(found, text=found.text.rpartition(", ")[0])  # `…, Stripe does that for us` can go
    return (
        shorter if len(shorter.text.split()) >= 3 and found.kind is not NoteKind.QUESTION and _alone(shorter) else None
    )


def _alone(found: Found) -> bool:
    text = re.sub(r"^It is open \w+ ", "", found.text)
    return stands_alone(f"{text} because {found.why}" if found.why else text)


def _fact(content: str, wish: Wish | None, said: Said) -> Found | None:
    keyed = key_in(content)
    if keyed is not None and (wish or keyed.sure):
        subject = said.speaker if keyed.subject == OWNER_SUBJECT else keyed.subject
        return Found(
            kind=NoteKind.FACT, text=keyed.text, subject=subject, attribute=keyed.attribute, value=keyed.value,
            changed=keyed.changed, passing=not wish and not keyed.changed,
        )  # fmt: skip
    if not wish:
        return None
    return howto_in(content) or Found(kind=NoteKind.FACT, text=content)


def _under_heading(sentence: Sentence) -> str:
    for heading, prefix in _HEADINGS:
        if sentence.heading and heading.match(sentence.heading):
            return prefix + sentence.text
    return sentence.text


def _recalled(text: str, recalled: Sequence[str]) -> bool:
    """Whether the words stand in something that memory said, or the other way round."""
    own = _letters(text)
    return any(own in one or (len(one) > 20 and one in own) for one in map(_letters, recalled)) if own else False


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _with_what_follows(found: Found, rest: Sequence[Sentence]) -> tuple[Found, int]:
    """A decision takes the reasons and alternatives with it that the next sentences give."""
    used = 1
    for sentence in rest[:3] if found.kind is NoteKind.DECISION else ():
        text = _LEAD_IN.sub("", sentence.text)
        why, other = reason_alone(text), alternative_alone(text)
        if sentence.text.endswith("?") or not (other or (why and not found.why)) or secret_in(text):
            break
        found = replace(found, why=found.why or why, alternatives=(*found.alternatives, *([other] if other else ())))
        used += 1
    return found, used


def _corrected(said: Said, sentences: Sequence[Sentence]) -> Note | None:
    """The keyed fact in `you have X down as Y, but it is Z`: said to memory, so it counts at once."""
    if not sentences or len(sentences) > 3:
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

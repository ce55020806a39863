"""One sentence in its place among the others: what it leaves behind. Knows the order in which the rules are asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from nova.core.notes import NoteKind
from nova.memory.hearing.changes import change_in
from nova.memory.hearing.closings import closes, closing_at
from nova.memory.hearing.context import about, named, question_before
from nova.memory.hearing.days import resolve_days
from nova.memory.hearing.decisions import decision_in
from nova.memory.hearing.howtos import howto_in
from nova.memory.hearing.intentions import intention_in, task
from nova.memory.hearing.key_forms import OWNER_SUBJECT
from nova.memory.hearing.keys import key_in
from nova.memory.hearing.opening import asks, opened, puts_open, signs_off, under_heading, without_lead
from nova.memory.hearing.own_words import ANSWERED, Sentence
from nova.memory.hearing.plainly import decided, plainly
from nova.memory.hearing.preferences import preference_in
from nova.memory.hearing.questions import asked_before, left_open, question_in
from nova.memory.hearing.reasons import alternative_alone, asks_for, contrasts, explains, reason_alone, tells_of_a_fault
from nova.memory.hearing.said import Found, Said
from nova.memory.hearing.standing import stands_alone
from nova.memory.hearing.steps import STEPS_MAX, goes_on, steps_in
from nova.memory.hearing.successors import successor_in, takes_following
from nova.memory.hearing.unkept import secret_in
from nova.memory.hearing.waiting import waiting_in
from nova.memory.hearing.wishes import Wish, points_back, wish_in

FOLLOWING_MAX = 4  # sentences after a decision that may give its reason
_DAYS = re.compile(r"(?P<week>week of )?(?P<day>\d{4}-\d\d-\d\d)")
_CHANGES = re.compile(r":\s+we change (?:that|it|this)$", re.IGNORECASE)


def found_at(sentences: Sequence[Sentence], at: int, said: Said) -> Found | None:
    """What the sentence at this place leaves behind, or None. Sentences that only point at another leave nothing."""
    if points_back(sentences[at].text):
        return None
    sentence = named(sentences, at, said.before)
    text = under_heading(sentence)
    pointed = pointed_at(sentences, at)
    wish = wish_in(text, first=at == 0) or wish_in(without_lead(text), first=at == 0)
    wish = wish or (Wish(content=text) if pointed else None)
    content = opened(wish.content if wish else text)
    if not content or content[0] in "'“«„`" or (not wish and _asks(text, content)):
        return _left_open(sentences, at, said)
    plain = resolve_days(content, said.at)
    if closing := closing_at(sentences, at, said.before):
        return replace(closing, text=resolve_days(closing.text, said.at))
    found = _planned(plain, sentences, at, said) or _succeeded(plain, sentences, at) or _read(plain, wish, said)
    if found and found.passing and found.kind is NoteKind.DECISION and not _quiet(sentences):
        return None
    return (
        found
        or _awaited(plain, sentences, at, said)
        or _weighed(plain, sentences, at)
        or _left_open(sentences, at, said)
    )


def pointed_at(sentences: Sequence[Sentence], at: int) -> bool:
    """Whether the next sentence asks that this one be kept: `Save that.`"""
    return at + 1 < len(sentences) and points_back(sentences[at + 1].text)


def meant(sentences: Sequence[Sentence], at: int) -> bool:
    """Whether the words were meant to be kept, even if no rule makes a note of them."""
    text = sentences[at].text
    plain = without_lead(text)
    keyed = not text.endswith("?") and key_in(plain) is not None
    return keyed or pointed_at(sentences, at) or wish_in(plain) is not None


def with_what_follows(found: Found, rest: Sequence[Sentence], said: Said) -> tuple[Found, int]:
    """A decision with the reasons and alternatives that the next sentences give, and how many of them it takes.

    A question takes what is said up to the remark that leaves it open.
    """
    if found.kind is NoteKind.QUESTION:
        return _with_thoughts(found, rest)
    if found.kind is NoteKind.INTENTION:
        return _with_steps(found, rest, said)
    if found.kind is NoteKind.FACT:
        return found, int(takes_following(found))
    if end := _closed_at(rest):
        told = [found.text, *(resolve_days(one.text, said.at) for one in rest[: end - 1])]
        return replace(found, text=" ".join(_sentence(text) for text in told)), end
    if found.kind is not NoteKind.DECISION:
        return found, 0
    taken, changes = 0, _CHANGES.search(found.text)
    for place, sentence in enumerate(rest[:FOLLOWING_MAX], start=1):
        text = without_lead(sentence.text)
        why, other = reason_alone(text), alternative_alone(text)
        if not (why or other or found.why) and _grounds(text, place - bool(changes)):
            why = text.rstrip(" .!") if found_at(rest, place - 1, said) is None else ""
        if sentence.text.endswith("?") or secret_in(text) or place - taken > 2:
            break
        if changes and place == 1:
            new = resolve_days(text, said.at).strip(" .")
            found, taken = decided(f"{found.text[: changes.start()]}: {new}"), place
        elif other or (why and not found.why):
            alternatives = (*found.alternatives, other) if other else found.alternatives
            found = replace(found, why=found.why or why, alternatives=alternatives, passing=False)
            taken = place
    return found, taken


def _closed_at(rest: Sequence[Sentence]) -> int:
    """After how many sentences it is said that the question is closed; 0 for never, or behind a secret."""
    for place, one in enumerate(rest[:FOLLOWING_MAX], start=1):
        if secret_in(one.text):
            return 0
        if closes(one.text):
            return place
    return 0


def _grounds(text: str, place: int) -> bool:
    """Whether the sentence at this place after a decision gives its ground: the next one, or one that contrasts."""
    return (place <= 1 and explains(text)) or (place == 2 and contrasts(text))


def _with_thoughts(found: Found, rest: Sequence[Sentence]) -> tuple[Found, int]:
    for place, sentence in enumerate(rest[:3], start=1):
        if secret_in(sentence.text):
            break
        if left_open(sentence.text):
            return replace(found, text=" ".join([found.text, *(one.text for one in rest[: place - 1])])), place
    return found, 0


def _with_steps(found: Found, rest: Sequence[Sentence], said: Said) -> tuple[Found, int]:
    """A plan that begins with `next:` with the steps that follow it, in order."""
    if "next" not in found.text.casefold()[:24] and ". next" not in found.text.casefold():
        return found, 0
    taken = 0
    for one in rest[:STEPS_MAX]:
        if secret_in(one.text) or not (goes_on(without_lead(one.text)) or goes_on(one.text)):
            break
        taken += 1
    told = [found.text, *(resolve_days(one.text, said.at) for one in rest[:taken])]
    return replace(found, text=" ".join(_sentence(text) for text in told) if taken else found.text), taken


def _asks(text: str, content: str) -> bool:
    """Whether a sentence asks or supposes; `when you cite a commit, always …` does not."""
    if text.rstrip().endswith("?"):
        return not puts_open(content)
    return asks(content) and preference_in(content) is None


def _read(content: str, wish: Wish | None, said: Said) -> Found | None:
    if wish and wish.task:
        return replace(task(content), passing=not wish.firm and content == wish.content)
    found = (
        question_in(content)
        or change_in(content)
        or decision_in(content)
        or preference_in(content, wished=wish is not None)
    )
    found = found or intention_in(content) or _fact(content, wish, said)
    if found is None or (found.kind is NoteKind.INTENTION and _over(found.text, said.at.date())):
        return None
    if found.kind is NoteKind.QUESTION and not stands_alone(found.text.partition(": ")[2] or found.text):
        found = about(found, said.before) or found
    if _alone(found):
        return found
    if found.kind is NoteKind.QUESTION:
        return None
    shorter = replace(found, text=found.text.rpartition(", ")[0])  # `…, Stripe does that for us` can go
    return shorter if len(shorter.text.split()) >= 3 and _alone(shorter) else None


def _fact(content: str, wish: Wish | None, said: Said) -> Found | None:
    keyed = key_in(content)
    if keyed is not None and (wish or keyed.sure):
        subject = said.speaker if keyed.subject == OWNER_SUBJECT else keyed.subject
        return Found(
            kind=NoteKind.FACT, text=keyed.text, subject=subject, attribute=keyed.attribute, value=keyed.value,
            changed=keyed.changed, passing=not wish and not keyed.changed,
        )  # fmt: skip
    if told := ANSWERED.match(content):
        return Found(kind=NoteKind.FACT, text=content, by=told["who"])
    if not wish:
        return None
    return howto_in(content) or Found(kind=NoteKind.FACT, text=content)


def _planned(content: str, sentences: Sequence[Sentence], at: int, said: Said) -> Found | None:
    """A plan of several steps. What `it` is stands in the sentence before, which then belongs to it."""
    around = [without_lead(one.text) for one in sentences]
    found = steps_in(content, around[:at], [one.text for one in sentences[at + 1 :]])
    if found is None or stands_alone(found.text) or not at or signs_off(around[at - 1]):
        return found
    before = resolve_days(around[at - 1], said.at)
    return replace(found, text=f"{_sentence(before)} {_sentence(found.text)}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip(' .')}."


def _awaited(content: str, sentences: Sequence[Sentence], at: int, said: Said) -> Found | None:
    """`Tilda does it and tells me by friday`, with the sentence before it, which says what `it` is."""
    found = waiting_in(content) if at else None
    before = without_lead(sentences[at - 1].text) if at else ""
    if found is None or asks_for(before) or secret_in(before) or not stands_alone(before):
        return None
    return replace(found, text=f"{_sentence(resolve_days(before, said.at))} {_sentence(found.text)}")


def _succeeded(content: str, sentences: Sequence[Sentence], at: int) -> Found | None:
    following = sentences[at + 1].text if at + 1 < len(sentences) else ""
    return successor_in(content, "" if secret_in(following) else following)


def _weighed(content: str, sentences: Sequence[Sentence], at: int) -> Found | None:
    rest = [without_lead(one.text) for one in sentences[at + 1 :]]
    found = plainly(content, rest, quiet=_quiet(sentences))
    return found if found and _alone(found) else None


def _quiet(sentences: Sequence[Sentence]) -> bool:
    """Whether a message asks for nothing and tells of no fault: what `we` do is then what we have decided to do."""
    told = [without_lead(one.text) for one in sentences]
    return not any(asks_for(text) or tells_of_a_fault(text) for text in told)


def _left_open(sentences: Sequence[Sentence], at: int, said: Said) -> Found | None:
    """A question that one of the next two sentences leaves open: `how do we find doubles? no idea. open question`."""
    if at == 0 and (before := question_before(sentences, said.before)):
        return replace(before, text=resolve_days(before.text, said.at))
    if not any(left_open(sentence.text) for sentence in sentences[at + 1 : at + 4]):
        return None
    asked = asked_before(resolve_days(without_lead(sentences[at].text), said.at))
    if asked and not stands_alone(asked.text.partition(": ")[2]):
        asked = about(asked, said.before) or asked
    return asked if asked and _alone(asked) else None


def _over(text: str, today: date) -> bool:
    """Whether all days that a text names are behind: what was done yesterday is no intention."""
    found = _DAYS.finditer(text)
    ends = [date.fromisoformat(one["day"]) + timedelta(days=6 * bool(one["week"])) for one in found]
    return bool(ends) and max(ends) < today


def _alone(found: Found) -> bool:
    if re.match(r"(?:i take back|(?:i |we )?wanted)\b", found.text, re.IGNORECASE):
        return True  # what it speaks of is named in it
    announced = found.text.casefold().startswith(("open question: ", "next"))
    text = _CHANGES.sub("", re.sub(r"^It is open \w+ ", "", found.text))
    return stands_alone(text, announced=announced)

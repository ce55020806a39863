"""What the words before a sentence say that it leaves out: who `she` is, what the question is about. Pure wording.

The words before are the sentence before in the same message, or what its speaker had said just before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nova.memory.hearing.opening import without_lead
from nova.memory.hearing.own_words import Sentence, own_sentences
from nova.memory.hearing.people import is_somebody
from nova.memory.hearing.questions import asked_before, left_open, question_in
from nova.memory.hearing.said import Found

TOPIC_WORDS_MAX = 16
_NAME = r"(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-ZÀ-Þ][a-zà-ÿ'-]+"
_FULL_NAME = re.compile(r"\b(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-ZÀ-Þ][a-zà-ÿ'-]+(?: [A-ZÀ-Þ][a-zà-ÿ'-]+)+\b")
_ADDRESSED = re.compile(
    rf"\b(?:to|ask|asked|from|with|told|called|call|mailed|wrote|tell) (?P<who>{_NAME}(?: [A-ZÀ-Þ][a-zà-ÿ'-]+)?)\b"
    rf"(?!'s)|^(?P<who2>{_NAME}) (?:wants|asks|asked|says|said|wrote|writes|has|does)\b"
)
_SHE = re.compile(r"^(?:(?:and|then|so) )?s?he(?P<short>'ll)?\s+", re.IGNORECASE)
_OPENS = re.compile(
    r"^(?:(?:right|ok|so|and|then)[, ]+)*(?:leave|keep) (?:it|that"
    r"|this) open\b[,;.]?\s*",
    re.IGNORECASE,
)
_MATTER = (
    re.compile(r"^(?:(?:so|and|but) )?(?:what|how) about (?:the |our |my )?(?P<topic>.+)$", re.IGNORECASE),
    re.compile(
        r"^(?:can|may|should|shall|could|do|will|must) (?:i|we|you) [a-z]+ (?:the |an? |our |my )?(?P<topic>.+)$",
        re.IGNORECASE,
    ),
)


def named(sentences: Sequence[Sentence], at: int, before: str) -> Sentence:
    """A sentence that begins with `she`, with the name of the one person who is meant; itself when that is unclear."""
    one = sentences[at]
    opens = _SHE.match(one.text)
    if not opens:
        return one
    near = set(_FULL_NAME.findall(sentences[at - 1].text)) if at else set[str]()
    told = any(_people(sentence.text) for sentence in sentences[:at])
    who = near.pop() if len(near) == 1 else "" if told else last_person(before)
    return replace(one, text=f"{who} {'will ' if opens['short'] else ''}{one.text[opens.end() :]}") if who else one


def last_person(text: str) -> str:
    """The person named last in full; else the only one who is addressed or acts by a first name; else empty."""
    if full := _FULL_NAME.findall(text):
        return full[-1]
    first = list(dict.fromkeys(_people(text)))
    return first[0] if len(first) == 1 else ""


def _people(text: str) -> list[str]:
    found = [who for match in _ADDRESSED.finditer(text) for who in match.groups() if who]
    return [*_FULL_NAME.findall(text), *(who for who in found if is_somebody(who))]


def question_before(sentences: Sequence[Sentence], before: str) -> Found | None:
    """The question that stood in the words before, where this message only leaves it open; with what it adds."""
    left = next((at for at, one in enumerate(sentences[:2]) if left_open(without_lead(one.text))), -1)
    if left < 0 or any(one.text.endswith("?") for one in sentences):
        return None
    told = [without_lead(one.text) for one in own_sentences(before)]
    if any(left_open(text) or question_in(text) for text in told):
        return None  # it was open then already
    asked = [asked_before(text) for text in told]
    found = next((one for one in reversed(asked) if one), None)
    more = _OPENS.sub("", sentences[left].text).strip(" .")
    if found is None or more == sentences[left].text.strip(" .") or len(more.split()) < 3:
        return found
    return replace(found, text=f"{found.text} {more[:1].upper()}{more[1:]}.")


def about(found: Found, before: str) -> Found | None:
    """A question of nothing but pronouns, with its topic: `Open question (post on opening hours): may I tell it?`"""
    topic = topic_of(before)
    if not topic or ": " not in found.text:
        return None
    head, _, asked = found.text.partition(": ")
    return replace(found, text=f"{head} ({topic}): {asked}")


def topic_of(text: str) -> str:
    """What somebody's words were about: the object of their question, or their first sentence when it is short."""
    sentences = own_sentences(text)
    if not sentences:
        return ""
    plain = without_lead(sentences[0].text).rstrip(" ?.!")
    for form in _MATTER:
        if found := form.match(plain):
            plain = found["topic"]
            break
    return plain if 1 <= len(plain.split()) <= TOPIC_WORDS_MAX else ""

"""Whether something later looks as if an intention was carried out. Pure; never sure, and says “perhaps”.

The rule: a later commit holds at least half of the intention's telling words (stems, stop words and plain verbs left
out) and at least two of them, one in its subject, or the same issue number and one more. A later sentence of the owner
counts by the same rule when it also says that something is done (“sent”, “committed”, ...). The earliest is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nova.briefing.facts import Made
from nova.core.citations import Citation
from nova.core.notes import Note
from nova.core.runs import Run
from nova.core.text import shorten
from nova.models.words import words

SHARE_MIN, WORDS_MIN = 0.5, 2
_ISSUE = re.compile(r"(?:#|\bissue )(\d{1,6})\b", re.IGNORECASE)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_PLAIN = frozenset(
    words(
        "next step first then after before later tomorrow today week month day going want plan start begin look put "
        "take add go do monday tuesday wednesday thursday friday saturday sunday"
    )
)
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n")
_SAID_DONE = re.compile(
    r"\b(?:done|did|sent|committed|merged|finished|fixed|closed|released|deployed|published|counted|paid|moved|"
    r"pushed|wrote|written|changed|made|called|told|asked|renewed|updated|renamed|removed|added|tested|is in|are in)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What looks as if it was done: in words, and where."""

    text: str
    source: Citation


def telling(text: str) -> frozenset[str]:
    """The words that make an intention this one and no other; days and issue numbers are none."""
    plain = _ISSUE.sub(" ", _DAY.sub(" ", text))
    return frozenset(word for word in words(plain) if len(word) > 1 and word not in _PLAIN)


def fulfils(intention: str, deed: str, head: str = "") -> bool:
    """Whether the words of a deed cover an intention. head: the deed's heading, which must hold one of them."""
    asked = telling(intention)
    shared = asked & telling(f"{head}\n{deed}")
    same = bool(set(_ISSUE.findall(intention)) & set(_ISSUE.findall(f"{head}\n{deed}")))
    if same and (shared or not asked):
        return True
    if head and not asked & telling(head):
        return False
    return len(shared) >= WORDS_MIN and len(shared) >= SHARE_MIN * len(asked)


def perhaps_done(note: Note, commits: Iterable[Made], runs: Sequence[Run]) -> Sign | None:
    """The earliest thing after the note that seems to do what it intends; None when nothing does."""
    own = {source.ref for source in note.sources}
    later = [one.commit for one in commits if one.commit.at > note.valid_from and one.commit.id not in own]
    for commit in sorted((one for one in later if not one.merge), key=lambda one: one.at):
        if fulfils(note.text, commit.body, commit.subject):
            return Sign(text=f"perhaps done by {commit.id}, {commit.subject}", source=Citation(path=commit.id))
    for run in reversed(runs):
        if run.started_at > note.valid_from and run.id not in own:
            for sentence in _SENTENCE.split(run.request):
                if _SAID_DONE.search(sentence) and fulfils(note.text, sentence):
                    return Sign(text=f"perhaps done: “{shorten(sentence, 100)}”", source=Citation(path=run.id))
    return None

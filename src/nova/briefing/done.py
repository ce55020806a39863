"""Whether something later looks as if an intention was carried out. Pure; never sure, and says “perhaps”.

The rule: a later commit holds at least half of the intention's telling words (stems, stop words and plain verbs left
out) and at least two of them, one in its subject, or the same issue number and one more. A later sentence of the owner
counts by the same rule when it also says that something is done (“sent”, “committed”, ...). The earliest is named.

A question is perhaps answered by a later request of the owner that asks nothing, says that somebody answered, told or
settled something, and holds at least half of the question's telling words and at least three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from nova.briefing.facts import Made, noted_at
from nova.core.notes import Note
from nova.core.runs import Run
from nova.core.text import shorten
from nova.models.words import words
from nova.projects.sources.commits import Commit

SHARE_MIN, WORDS_MIN, ANSWER_WORDS_MIN = 0.5, 2, 3
_ASIDE = re.compile(r"\s*\([^()]*\)\s*$")  # where a note was read, at its end
_SAID_ANSWERED = re.compile(
    r"\b(?:answer(?:s|ed)?|closed|settled|decided|agreed|asked|told|tells|said|says|wrote|writes|replied|confirmed)\b",
    re.IGNORECASE,
)
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
class Deed:
    """Something that happened, with the words it is known by. source: its commit or run; said: what a mark tells.

    head: the words of its heading, of which an intention must share one; None where it has no heading.
    """

    at: datetime
    source: str
    said: str
    words: frozenset[str]
    head: frozenset[str] | None
    issues: frozenset[str]


def deeds_of(commits: Iterable[Made], runs: Sequence[Run]) -> tuple[Deed, ...]:
    """What may have been a deed: commits but merges, then sentences in which the owner says so; each oldest first."""
    made = sorted((one.commit for one in commits if not one.commit.merge), key=lambda commit: commit.at)
    return (*map(_committed, made), *(deed for run in reversed(runs) for deed in _spoken(run)))


def _committed(commit: Commit) -> Deed:
    whole = f"{commit.subject}\n{commit.body}"
    return Deed(
        at=commit.at,
        source=commit.id,
        said=f"perhaps done by {commit.id}, {commit.subject}",
        words=telling(whole),
        head=telling(commit.subject),
        issues=issues_in(whole),
    )


def _spoken(run: Run) -> Iterator[Deed]:
    for sentence in _SENTENCE.split(run.request):
        if _SAID_DONE.search(sentence):
            yield Deed(
                at=run.started_at,
                source=run.id,
                said=f"perhaps done: “{shorten(sentence, 100)}”",
                words=telling(sentence),
                head=None,
                issues=issues_in(sentence),
            )


def answers_of(runs: Sequence[Run]) -> tuple[Deed, ...]:
    """What may have answered a question, oldest first: requests that say so and ask nothing."""
    said = (run for run in reversed(runs) if _SAID_ANSWERED.search(run.request) and "?" not in run.request)
    return tuple(
        Deed(
            at=run.started_at,
            source=run.id,
            said=f"perhaps answered: “{shorten(run.request, 160)}”",
            words=telling(run.request),
            head=None,
            issues=frozenset(),
        )
        for run in said
    )


def answered_by(note: Note, answers: Iterable[Deed]) -> Deed | None:
    """The first thing after a question that seems to answer it; None when nothing does."""
    own = {source.ref for source in note.sources}
    asked = telling(_ASIDE.sub("", note.text))
    enough = max(ANSWER_WORDS_MIN, SHARE_MIN * len(asked))
    later = (deed for deed in answers if deed.at > noted_at(note) and deed.source not in own)
    return next((deed for deed in later if len(asked & deed.words) >= enough), None)


def telling(text: str) -> frozenset[str]:
    """The words that make an intention this one and no other; days and issue numbers are none."""
    plain = _ISSUE.sub(" ", _DAY.sub(" ", text))
    return frozenset(word for word in words(plain) if len(word) > 1 and word not in _PLAIN)


def issues_in(text: str) -> frozenset[str]:
    """The numbers of issues that a text names."""
    return frozenset(_ISSUE.findall(text))


def done_by(note: Note, deeds: Iterable[Deed]) -> Deed | None:
    """The first deed after the note that seems to do what it intends; None when none does."""
    own = {source.ref for source in note.sources}
    asked, issues = telling(note.text), issues_in(note.text)
    later = (deed for deed in deeds if deed.at > noted_at(note) and deed.source not in own)
    return next((deed for deed in later if _fulfils(asked, issues, deed)), None)


def _fulfils(asked: frozenset[str], issues: frozenset[str], deed: Deed) -> bool:
    shared = asked & deed.words
    if issues & deed.issues and (shared or not asked):
        return True
    if deed.head is not None and not asked & deed.head:
        return False
    return len(shared) >= WORDS_MIN and len(shared) >= SHARE_MIN * len(asked)

"""Which commit messages state a decision, and in which words. Pure rules over one message; English.

A message states one when
  decide     it says so: "Decide: ...", "we decided", "agreed with", "from now on", "take back";
  contrast   its subject weighs two ways: "X instead of Y", "X rather than Y", "one, not two", "against Y";
  policy     its subject sets a rule or a figure (lower, raise, require, promise, limit, ... or "may", "must",
             "only") and its body gives a reason;
  purpose    a sentence of the body says "on purpose", "deliberately", "must not", "is never", "nothing else may";
  because    a sentence of the body gives a reason with "because", or says how things are "so that", and tells of no
             failure;
  former     the body begins a sentence with what was before: "It was 3 days", "Until today";
  weighed    a sentence of the body says that something "is held, not guessed";
  would      a sentence of the body says what another way "would have" cost.
Messages that mend, report, publish, release or merge state none, whatever their words.

Known false ones: a change of wording ("say colour, not color") and of behaviour that nobody would call a decision
("return 404 instead of 500") read as contrasts; "because" explains a workaround as well as a choice; a policy verb may
only set a price that somebody else has set ("Raise the fee to £62"). Known to be missed: a decision that is told as a
plain fact ("Divide prices by the unit of the list"), and every message in another language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from nova.memory.past.contrast import not_chosen, would_have
from nova.models.sentences import split
from nova.projects.sources.commits import Commit

_TRAILER = re.compile(r"^(?:[A-Z][\w-]*-by|Change-Id|Fixes|Closes|Refs?|See-also|Cc|Issue|Bug):? .*$", re.I | re.M)
BODY_CHARACTERS_MAX = 8_000  # a message that goes on for longer has said what it decides
SENTENCE_CHARACTERS_MAX = 1_000
SUBJECT_CHARACTERS_MAX = 300
_PREFIX = re.compile(r"^(?P<kind>[a-z]{2,10})(?:\([^)]{0,60}\))?!?:\s+")
_NO_KINDS = frozenset(
    {"fix", "chore", "docs", "doc", "style", "test", "tests", "build", "ci", "revert", "release", "wip", "deps"}
)
_NO_SUBJECTS = re.compile(
    r"(?:merge|revert|release|version|v\d|bump|wip|fixup!|squash!|report|issues?|bug|close|publish|typo|correct"
    r"|fix|fixes|mend|repair|note|start|test|tests|format|lint|clean|rename|update|upgrade|style|draft|initial)\b|.*\bfix(?:e[sd])?\b",
    re.I,
)
_DECIDE = re.compile(
    r"^decided?\b|\b(?:we|i|have|has) (?:have |has )?(?:now )?(?:decided|agreed|chose|chosen|settled)\b|^agreed\b"
    r"|\bfrom now on\b|\b(?:take|takes|took|taken) back\b|^reversed\b"
    r"|\breverses? (?:what|the decision|our decision|decision)\b",
    re.I,
)
_POLICY = re.compile(
    r"^(?:(?:lower|raise) \S.* (?:to|by|from)|forbid|ban|require|ask for|promise|shorten|lengthen|limit|cap|stop"
    r"|drop support|abandon|adopt|prefer|switch to|tighten|loosen|relax|charge|default to|standardi[sz]e on|settle on"
    r"|change \S.* within|make \S.* (?:free|optional|required|mandatory|the default))\b"
    r"|\b(?:may|must|only|never)\b",
    re.I,
)
_PURPOSE = re.compile(
    r"\bon purpose\b|\bdeliberately\b|\bby design\b|\b(?:may|must) (?:only|never|not)\b"
    r"|\bnothing else (?:may|must|can)\b|\b(?:is|are) never\b",
    re.I,
)
_BECAUSE = re.compile(r"\bbecause\b|\b(?:is|are|stays?|stands?|comes?|lives?)\b[^.?]{0,200}, so that\b", re.I)
_FORMER = re.compile(r"^(?:it|they) (?:was|were)\b|^until (?:today|now)\b", re.I)
_WEIGHED = re.compile(r"\b(?:is|are) \w+, not \w+(?=[.,;]|$)", re.I)
_FAILURE = re.compile(
    r"\b(?:fail(?:s|ed|ure)?|crash\w*|bugs?|errors?|broke|broken|wrong|miss(?:ed|ing)|flaky|regress\w*|typo|exception"
    r"|traceback|deadlock\w*)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a message decides. rule: which of the rules above found it; why: the rest of the message."""

    text: str
    why: str
    alternatives: tuple[str, ...]
    rule: str


def ruling(commit: Commit) -> Ruling | None:
    """The decision that a commit's message states, or None."""
    subject, kind = subject_of(commit)
    if commit.merge or kind in _NO_KINDS or _NO_SUBJECTS.match(subject):
        return None
    sentences = sentences_of(commit)
    rule, at = _rule(subject, sentences)
    if not rule:
        return None
    if at > 0 and (rule == "would" or (rule == "decide" and len(sentences[at].split()) < 8)):
        at -= 1  # "Agreed on the call.", "A sequence would leave holes.": what was decided stands before it
    others = list(not_chosen(subject, title=True))
    for sentence in sentences:
        others += [*not_chosen(sentence), *would_have(sentence)]
    if rule == "former":
        at = -1  # the subject says what is now
    return Ruling(
        text=f"{subject}: {sentences[at]}" if at >= 0 else subject,
        why=" ".join(sentence for number, sentence in enumerate(sentences) if number != at),
        alternatives=tuple(dict.fromkeys(others)),
        rule=rule,
    )


def sentences_of(commit: Commit) -> list[str]:
    """The sentences of a message's body, without its trailers."""
    return [one.text[:SENTENCE_CHARACTERS_MAX] for one in split(_TRAILER.sub("", commit.body[:BODY_CHARACTERS_MAX]))]


def subject_of(commit: Commit) -> tuple[str, str]:
    """(the subject as a sentence, the conventional prefix it had: `feat`, `fix`, or empty)."""
    match = _PREFIX.match(commit.subject)
    subject = commit.subject[match.end() if match else 0 :][:SUBJECT_CHARACTERS_MAX]
    text = re.sub(r"\s{0,9}\((?:#|gh-)\d{1,9}\)$", "", subject.strip()).strip()
    return text[:1].upper() + text[1:], match["kind"] if match else ""


def _rule(subject: str, sentences: list[str]) -> tuple[str, int]:
    """(name of the rule, number of the sentence that states it, -1 for the subject)."""
    if _DECIDE.search(subject):
        return "decide", -1
    if not_chosen(subject, title=True):
        return "contrast", -1
    if sentences and _POLICY.search(subject):
        return "policy", -1
    for name, states in _TESTS:
        for number, sentence in enumerate(sentences):
            if states(sentence) and not sentence.endswith("?"):
                return name, number
    return "", -1


def _decides(sentence: str) -> bool:
    return _DECIDE.search(sentence) is not None


def _means_it(sentence: str) -> bool:
    return _PURPOSE.search(sentence) is not None


def _reasons(sentence: str) -> bool:
    return _BECAUSE.search(sentence) is not None and _FAILURE.search(sentence) is None


def _was(sentence: str) -> bool:
    return _FORMER.search(sentence) is not None and _FAILURE.search(sentence) is None


def _holds(sentence: str) -> bool:
    return _WEIGHED.search(sentence) is not None


def _weighs(sentence: str) -> bool:
    return bool(would_have(sentence))


_TESTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("decide", _decides),
    ("purpose", _means_it),
    ("because", _reasons),
    ("former", _was),
    ("weighed", _holds),
    ("would", _weighs),
)

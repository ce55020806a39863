"""Which sentences state a decision, by whom, why and instead of what. Questions about decisions state none."""

from __future__ import annotations

import re

from nova.core.notes import NoteKind
from nova.memory.hearing.people import PERSON, is_somebody
from nova.memory.hearing.reasons import reasoned, ruled_out
from nova.memory.hearing.said import OWNER, Found

_PREFATORY = re.compile(
    r"^(?:(?:after|following|having|in the end|finally|eventually|as discussed|today|yesterday|last (?:week|month"
    r"|night)|this morning"
    r"|in the meeting|on the phone|together with|with)\b[^.;:?]{0,60}?,?\s+)(?=(?:we|i)(?:'ve| have)?\s+(?:now "
    r"|both |finally )?"
    r"(?:decided|agreed|chose|settled|ruled|rejected|picked)\b)", re.IGNORECASE,
)  # fmt: skip
_WITH = r"(?:\s+(?:today|yesterday|on \d{4}-\d\d-\d\d|(?:together )?with [\w .]{2,30}?))*"
_ANNOUNCED = re.compile(
    rf"^(?:(?:final |our |my |the )?decision(?: is| today)?|decided{_WITH}|(?:agreed|settled)(?=\s*[:–-])|(?:it'?s"
    rf"|it is"
    r"|that'?s|that is) (?:now |finally )?(?:decided|settled"
    r"|agreed)|i(?:'ve| have) made up my mind|beschlossen|entschieden|entscheidung)\s*(?:[:,–-]|\bthat\b"
    r"|(?P<to>\bto\b))\s*(?P<what>\S.*)$",
    re.IGNORECASE,
)
_SETTLED = re.compile(
    r"^the (?:open )?(?:question|matter|issue) (?:of|whether|about) .{3,80}? (?:is|has been) (?:now )?(?:settled"
    r"|decided|answered|closed|clear)"
    r"\s*[:,–-]\s*\S.*$", re.IGNORECASE,
)  # fmt: skip
_VERBS = r"decided|agreed|settled|opted|resolved|concluded"
_TOPIC = r"(?:(?:for|in|on|at|regarding|concerning|as for|about)\s+(?:the |our |my )?[\w -]{2,40}?,?\s+)?"
_OURS = re.compile(
    rf"^{_TOPIC}(?:we|i)(?:'ve| have)?(?:\s+(?:now|just|finally|both|also|all|already|today|yesterday"
    rf"|last \w+))*\s+(?:(?:{_VERBS})(?P<when>\s+(?:yesterday|today"
    r"|now|together|last \w+|on \d{4}-\d\d-\d\d|in the week of \S+|(?:together )?with [\w .]{2,30}?))?(?::"
    r"|\s+(?:not\s+)?(?:on|to|that|against|for"
    r"|in favou?r of|upon|we|i|not)\b)(?!\s+disagree)"
    r"|(?:chose|chosen|picked|took)\s+(?=.+\s(?:over|instead of|rather than|because|since|so that)\s)"
    r"|dropped support)\s*\S.*$", re.IGNORECASE,
)  # fmt: skip
_LETS = re.compile(
    r"^let'?s\s+(?P<what>(?:not\s+)?(?:go (?:with|for)|use|keep|drop|stay (?:with|on|at)|stick (?:with|to)"
    r"|settle (?:on|for)|switch to|move to"
    r"|ship|charge)\b(?!\s+(?:it|that|this|in mind|in touch|each other|up|on"
    r"|[a-z]+in[g'])(?!\w))\s*\S.*?)(?:\s+instead)?$", re.IGNORECASE,
)  # fmt: skip
_WILL = re.compile(
    r"^(?:(?:so|then)\s+)?we(?:'ll| will| won'?t| will not| shall|(?:'re| are) (?:not )?going to)\s+(?:now\s+"
    r"|only\s+|never\s+|not\s+"
    r"|always\s+)*(?:use|go (?:with|for)|keep|drop|stay (?:with|on|at)"
    r"|stick (?:with|to)|switch to|move to|migrate to|charge|ship|support|store|host|publish|replace|buy|accept"
    r"|offer|sell|introduce)\b"
    r"(?!\s+(?:it|that|this|in mind|in touch|each other|up|on|[a-z]+ing)\b)\s*\S.*$", re.IGNORECASE,
)  # fmt: skip
_GOING = re.compile(
    r"^(?:we'?re|we are|i'?m|i am)\s+(?:now\s+)?(?:going with|dropping|sticking (?:with|to)|staying (?:with|on)"
    r"|switching to|moving to"
    r"|abandoning|settling (?:on|for)|not going with|opting for)\s+(?!it\b|that\b|this\b|to\b)\S.*$", re.IGNORECASE,
)  # fmt: skip
_THEIRS = re.compile(
    rf"^(?P<by>{PERSON}(?:\s+and\s+(?:i|{PERSON}))?)\s+(?:has\s+|have\s+)?(?:now\s+|finally\s+|just\s+)?(?:decided"
    rf"|agreed|ruled|opted|settled)\s+"
    r"(?:to|that|on|against|for|in favou?r of)\s+\S.*$", re.IGNORECASE,
)  # fmt: skip
_FROM_ON = re.compile(
    r"^(?:from|as of|starting|beginning)\s+(?:now on|here on|today|tomorrow|(?:on\s+"
    r"|in\s+)?(?:\d{4}(?:-\d\d-\d\d)?|[a-z]+ \d{4})(?:\s+on(?:wards)?)?)\s*(?:on)?,?\s+"
    r"(?P<what>we\s+(?:only\s+|no longer\s+|always\s+|never\s+|also\s+|don'?t\s+|do not\s+)*(?!are\b|is\b|have\b"
    r"|were\b|can\b|want\b|need\b|don'?t\b)[a-z]+\s+\S.*)$",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"^(?:from|as of|starting|beginning)\s+(?:on\s+|in\s+)?(?:\d{4}(?:-\d\d-\d\d)?"
    r"|[a-z]+ \d{4})(?:\s+on(?:wards)?)?,?\s+"
    r"\S+(?:\s+\S+){0,4}?\s+(?:are|is|will be)\s+(?!closed|opened|located|married|retired|named|called)\w+(?:ed"
    r"|en)\b.*$",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\b(?:decided|agreed)\s+(?:nothing|something|anything|what|not to decide|yet)\b|\bhere$|\bfor (?:now|this)$",
    re.IGNORECASE,
)
_HEDGED = re.compile(r"\b(?:maybe|perhaps|probably|i think|i guess|i suppose|might|what if)\b", re.IGNORECASE)
_BARE = re.compile(r"^(?:let'?s|we'll|agreed|decided)\s*(?:see|go|do|talk)?$", re.IGNORECASE)


def decision_in(sentence: str) -> Found | None:
    """The decision that a sentence states, or None. The sentence carries no wish and no interjection any more."""
    plain = _PREFATORY.sub("", sentence.rstrip(" .!"))
    if _HEDGED.search(plain) or _NOTHING.search(plain) or _BARE.match(plain):
        return None
    if _SETTLED.match(plain):
        return _found(plain)
    if out := ruled_out(plain):
        found = _found(plain)
        return Found(kind=found.kind, text=found.text, why=found.why, alternatives=(out,), by=found.by)
    if found := _ANNOUNCED.match(plain):
        return _found(plain if found["to"] else found["what"]) if len(found["what"].split()) >= 2 else None
    if found := _LETS.match(plain):
        return _found("We " + re.sub(r"^not ", "don't ", found["what"], flags=re.IGNORECASE))
    if found := _FROM_ON.match(plain):
        return _found(
            found["what"] if re.match(r"from (?:now|here) on|as of (?:now|today)", plain, re.IGNORECASE) else plain
        )
    if any(pattern.match(plain) for pattern in (_OURS, _WILL, _GOING, _PASSIVE)):
        return _found(plain)
    found = _THEIRS.match(plain)
    return _found(plain, found["by"]) if found and is_somebody(found["by"]) else None


def _found(statement: str, by: str = "") -> Found:
    parts = reasoned(statement)
    by = re.sub(r"\band i$", "and the owner", by, flags=re.IGNORECASE)
    return Found(
        kind=NoteKind.DECISION, text=parts.statement, why=parts.why, alternatives=parts.alternatives, by=by or OWNER
    )

"""Which sentences state a decision, by whom, why and instead of what. Questions about decisions state none."""

from __future__ import annotations

import re
from dataclasses import replace

from nova.core.notes import NoteKind
from nova.memory.hearing.people import PERSON, is_somebody
from nova.memory.hearing.reasons import reasoned, ruled_out
from nova.memory.hearing.said import OWNER, Found

_PREFATORY = re.compile(
    r"^(?:(?:after|following|having|in the end|finally|eventually|as discussed|today|yesterday|last (?:week|month"
    r"|night)|this morning|in the meeting|on the phone|together with|with)\b[^.;:?]{0,60}?,?\s+)(?=(?:we|i)(?:'ve"
    r"| have)?\s+(?:now |both |finally )?"
    r"(?:decided|agreed|chose|settled|ruled|rejected|picked)\b)", re.IGNORECASE,
)  # fmt: skip
_WITH = r"(?:\s+(?:today|yesterday|on \d{4}-\d\d-\d\d|(?:together )?with [\w .]{2,30}?))*"
_ANNOUNCED = re.compile(
    rf"^(?:(?:final |our |my |the )?decision(?: is| today)?|decided{_WITH}|(?:agreed|settled"
    rf"|decided)(?: then)?(?=\s*[:–-])|(?:it'?s"
    rf"|it is|that'?s|that is) (?:now |finally )?(?:decided|settled|agreed)|i(?:'ve| have) made up my mind"
    rf"|beschlossen|entschieden|entscheidung)\s*(?:[:,–-]|\bthat\b|(?P<to>\bto\b))\s*(?P<what>\S.*)$",
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
    rf"|last \w+))*\s+(?:(?:{_VERBS})(?P<when>\s+(?:yesterday|today|now|together|last \w+|on \d{{4}}-\d\d-\d\d"
    rf"|in the week of \S+|(?:together )?with [\w .]{{2,30}}?))?(?::|\s+(?:not\s+)?(?:on|to|that|against|for"
    rf"|in favou?r of|upon|we|i|not)\b)(?!\s+disagree)|(?:chose|chosen|picked|took)\s+(?=.+\s(?:over|instead of"
    rf"|rather than|because|since|so that)\s)|dropped support)\s*\S.*$", re.IGNORECASE,
)  # fmt: skip
_LETS = re.compile(
    r"^let'?s\s+(?P<what>(?:not\s+)?(?:go (?:with|for)|use|keep|drop|stay (?:with|on|at)|stick (?:with|to)"
    r"|settle (?:on|for)|switch to|move to|ship|charge)\b(?!\s+(?:it|that|this|in mind|in touch|each other|up|on"
    r"|[a-z]+in[g'])(?!\w))\s*\S.*?)(?:\s+instead)?$", re.IGNORECASE,
)  # fmt: skip
_WILL = re.compile(
    r"^(?:(?:so|then)\s+)?we(?:'ll| will| won'?t| will not| shall|(?:'re| are) (?:not )?going to)\s+(?:now\s+"
    r"|only\s+|never\s+|not\s+|always\s+)*(?:use|go (?:with|for)|keep|drop|stay (?:with|on|at)|stick (?:with|to)"
    r"|switch to|move to|migrate to|charge|ship|support|store|host|publish|replace|buy|accept|offer|sell|introduce)\b"
    r"(?!\s+(?:it|that|this|in mind|in touch|each other|up|on|[a-z]+ing)\b)\s*\S.*$", re.IGNORECASE,
)  # fmt: skip
_GOING = re.compile(
    r"^(?:we'?re|we are|i'?m|i am)\s+(?:now\s+)?(?:going with|dropping|sticking (?:with|to)|staying (?:with|on)"
    r"|switching to|moving to|abandoning|settling (?:on|for)|not going with|opting for)\s+(?!it\b|that\b|this\b"
    r"|to\b)\S.*$", re.IGNORECASE,
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
_GERMAN = re.compile(
    r"^(?:wir|ich) (?:haben?|hatten?) (?:uns |mich )?(?:jetzt |nun |gestern |heute )?(?:entschieden|beschlossen"
    r"|vereinbart|geeinigt)[,:]?\s+\S.*$"
    r"|^wir (?:nehmen|bleiben bei|verwenden|benutzen|behalten) \S.*\b(?:statt|anstatt|und nicht|weil)\b.*$"
    r"|^ab (?:jetzt|sofort|\d{4}-\d\d-\d\d) [a-zäöü]+ wir \S.*$",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"^(?:from|as of|starting|beginning)\s+(?:on\s+|in\s+)?(?:\d{4}(?:-\d\d-\d\d)?"
    r"|[a-z]+ \d{4})(?:\s+on(?:wards)?)?,?\s+"
    r"\S+(?:\s+\S+){0,4}?\s+(?:are|is|will be)\s+(?!closed|opened|located|married|retired|named|called)\w+(?:ed"
    r"|en)\b.*$",
    re.IGNORECASE,
)
_ABOUT = r"(?:(?:(?:about|regarding|as for) )?(?P<topic>[\w#][\w #'&.-]{1,48}):\s+)?"
_PRESENT = re.compile(
    rf"^{_ABOUT}(?:then\s+|so\s+|now\s+)?we\s+(?!do(?:n'?t)?:)(?:now\s+"
    rf"|still\s+)?(?:(?P<firm>keep(?!\s+[a-z]+ing\b)|take(?!\s+(?:ages|long|forever)\b)|leave(?!\s+(?:for|at|now"
    rf"|in)\b)|stay"
    rf"|drop|split|honou?r|stick|change)"
    r"|(?:do|don'?t|do not|start|fill|send|set|hold|skip|move|merge|release|charge|use|put|store|build|buy|sell"
    r"|ship))\b(?!\s+(?:it|that|this|them)\b"
    r"(?!\s*[,:]\s))\s*\S.*$", re.IGNORECASE,
)  # fmt: skip
_WEIGHS = re.compile(
    r"\b(?:and|but|,) not\b|\binstead of\b|\brather than\b|\bbecause\b|\botherwise\b|\buntil\b|:\s|\bso that\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    rf"^(?:{_ABOUT}we change (?:that|it|this)(?:\s*[,.:–-]\s*(?P<new>\S.*))?|(?:change of plans?"
    rf"|i take back)\b[^:]{{0,50}}:\s*\S.*"
    rf"|{_ABOUT.replace('topic', 'topic2')}no\s+[\w -]{{3,40}}\s+after all\b.*|no\s+(?!problem|idea|worries|hurry"
    rf"|matter|need|way|thanks|chance)[a-z][\w -]{{2,30}}:\s+(?P<ground>\S.*)"
    r"|the\s+[\w -]{2,40}\s+will\s+(?:be|cost)\s+[^,]{1,40},\s+not\s+\S.*"
    r"|\S.{2,60}\d[^,]{0,20} instead of \d[^,]{0,30},?\s+(?:from|as of|since)\s+\d{4}-\d\d-\d\d.*)$", re.IGNORECASE,
)  # fmt: skip
_NOTHING = re.compile(
    r"\bdecided (?:that|this|it)\s+(?:on|in|at|with|by|for|because|together|yesterday|today|already)\b"
    r"|\b(?:decided|agreed)\s+(?:nothing|something|anything|what|not to decide|yet)\b|\bhere$|\bfor (?:now|this)$",
    re.IGNORECASE,
)
_HEDGED = re.compile(r"\b(?:maybe|perhaps|probably|i think|i guess|i suppose|might|what if)\b", re.IGNORECASE)
_BARE = re.compile(r"^(?:let'?s|we'll|agreed|decided)\s*(?:see|go|do|talk)?$", re.IGNORECASE)


def decision_in(sentence: str) -> Found | None:
    """The decision that a sentence states, or None. The sentence carries no wish and no interjection any more."""
    plain = _PREFATORY.sub("", sentence.rstrip(" .!"))
    if re.search(r",? (?:why|look|help|or not)$|^\w+: (?:true|false)\b", plain, re.IGNORECASE):
        return None
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
    if any(pattern.match(plain) for pattern in (_OURS, _WILL, _GOING, _PASSIVE, _GERMAN)):
        return _found(plain)
    if (found := _TAKEN_BACK.match(plain)) or (found := _PRESENT.match(plain)):
        return _present(plain, found)
    found = _THEIRS.match(plain)
    return _found(plain, found["by"]) if found and is_somebody(found["by"]) else None


def _present(plain: str, found: re.Match[str]) -> Found | None:
    """`we keep X`, `about X: we change that, 4 hours instead of 8`. Without a word that weighs it waits for another."""
    parts = found.groupdict()
    if parts.get("new"):
        return _found(f"{parts['topic'] or 'New'}: {parts['new']}")
    if parts.get("ground"):
        made = _found(plain.partition(":")[0])
        return replace(made, why=parts["ground"])
    if found.re is _TAKEN_BACK or _WEIGHS.search(plain):
        return _found(plain)
    return replace(_found(plain), passing=True) if parts.get("firm") else None


def _found(statement: str, by: str = "") -> Found:
    parts = reasoned(statement)
    by = re.sub(r"\band i$", "and the owner", by, flags=re.IGNORECASE)
    return Found(
        kind=NoteKind.DECISION, text=parts.statement, why=parts.why, alternatives=parts.alternatives, by=by or OWNER
    )

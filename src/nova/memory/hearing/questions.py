"""Which sentences leave a question open. A question put to Nova is a request and leaves nothing."""

from __future__ import annotations

import re

from nova.core.notes import NoteKind
from nova.memory.hearing.said import Found

_ASKS = r"(?:whether|if|who|whom|whose|which|what|how|when|where|why)"
_CLAUSE = rf"(?P<asked>{_ASKS}\b\s+\S.*)"
_ANNOUNCED = re.compile(
    r"^(?:an? |one |another |one more |the |my |still an? )?(?:still )?(?:open (?:question|point|issue)s?(?: is"
    r"| remains| (?:before|for|on|about|to)\b[\w ,']{2,30})?|(?:next|another) question,? and (?:i"
    r"|we)\b[\w ',]{3,30}|undecided|unclear|unresolved|(?:still |left )?to (?:decide|clarify|settle|agree on"
    r"|be (?:clarified|decided|settled))(?: with [\w .]{2,30}?)?|tbd|open(?: then)?|offene frage|noch offen"
    r"|ungeklärt|not decided(?: yet)?|still open)(?: is| are)?\s*[:–-]\s*(?P<asked>\S.*)$",
    re.IGNORECASE,
)
_CLAUSES = tuple(
    re.compile(f"^(?:but |and )?{pattern}{_CLAUSE}$", re.IGNORECASE)
    for pattern in (
        r"(?:the |an? |my |another )?open question (?:is )?",
        r"(?:still |as yet )?(?:undecided|unresolved|open)(?: is)? ",
        r"(?:still )(?:unclear|not clear)(?: is)? ",
        r"to be (?:clarified|decided|settled)(?: with [\w .]{2,30}?)? (?:is )?",
        r"(?:(?:i|we) )?still (?:don'?t|do not|haven'?t|have not) (?:know|found out|figured out|heard) ",
        r"(?:i|we) (?:don'?t|do not) know yet ",
        r"(?:still not|not yet) (?:decided|clear|settled|clarified|known)(?: yet)?(?: is)? ",
        r"not (?:decided|clear|settled|clarified|known) yet(?: is)? ",
        r"(?:one|another|the) (?:thing|question|point) (?:that )?(?:we|i) (?:still )?(?:need|have|must)(?: to)? "
        r"(?:still )?(?:clarify|decide|settle|clear up) is ",
        r"(?:i'?m|i am|we'?re|we are) (?:still )?(?:undecided|torn)(?: about| on)? ",
        r"(?:i'?m|i am|we'?re|we are) (?:still (?:not sure|unsure)|not (?:yet )?sure(?: yet)) ",
        r"(?:we|i)(?: still)? (?:haven'?t|have not|have yet to|have still to) (?:yet )?(?:decided?|settled?"
        r"|agreed?|clarif(?:y|ied)|clear(?:ed)? up)(?: yet)?(?: on)? ",
        r"(?:we|i) (?:still )?(?:need|have|must|ought|should)(?: to)? (?:still )?(?:clarify|decide|settle|agree on"
        r"|clear up)(?: with [\w .]{2,30}?)?(?: on)? ",
        r"(?:we|i) still (?:need|have|must)(?: to)? (?:find out|figure out|work out|think about|ask) ",
        r"(?:it'?s|it is) not (?:decided|clear|settled|known) yet ",
        r"(?:it'?s|it is) (?:not (?:yet )?clear to (?:me|us)|still (?:open|unclear|undecided|not clear"
        r"|to be decided)|undecided|open"
        r"|an open question|not (?:yet )?(?:clear|decided|settled) yet|not yet (?:clear|decided|settled))(?: yet)? ",
        r"the question (?:is still open|remains open|remains|is open)[,:]? ",
    )
)
_GERMAN = re.compile(
    r"^(?:wir wissen noch nicht|ich weiß noch nicht|noch offen ist|offen ist(?: noch)?"
    r"|wir müssen (?:noch )?klären),?\s+(?P<asked>(?:ob|wer|was|wie|wann|wo|welche[rs]?)\b.+)$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"^(?:the question )?(?P<asked>{_ASKS}\b .+?) (?:is|remains) (?:still |yet )?(?:open|undecided|unclear"
    rf"|to be decided)$",
    re.IGNORECASE,
)
_LEFT_OPEN = re.compile(
    r"^(?:(?:that'?s|this is|it'?s|still|really|an?|the|ok|right|so|stays|remains|i|no idea(?: either)?|no clue"
    r"|think about it|not sure|hm+|then|leave that|yes|well)[, .]+)*(?:open(?: question)?"
    r"|undecided|(?:really )?(?:don'?t|do not) know(?:,? (?:both|either|(?:i )?(?:have|need) to|must)\b.{0,60})?)"
    r"(?: yet| then| for now)?[.!]*$"
    r"|^(?:(?:ok|right|then)[, ]+)*(?:leave|keep) (?:it|that|this|the question) open\b.*$|^(?:(?:ok"
    r"|right)[, ]+)*stays open\b.*$",
    re.IGNORECASE,
)  # fmt: skip
_PUT_BY = re.compile(rf"^[A-ZÀ-Þ][\w. ]{{1,30}} (?:asked|asks|wants to know) (?P<asked>{_ASKS}\b \S.*)$")
_MATTER = re.compile(
    r"^(?:we|i) (?:still )?(?:need|have|must) (?:to )?(?:clarify|settle|decide on|decide about) (?P<asked>(?:the "
    r"|our )\S.*)$",
    re.IGNORECASE,
)
_AFTERTHOUGHT = re.compile(
    r",\s+(?:stays |still )?open$|,\s+(?:but|and|so|because|he|she|they|it|we|i|the \w+ has"
    r"|[A-Z][\w-]+(?: [A-Z][\w-]+)?)\s+(?:has|have|will"
    r"|must|should|needs?|is|are|want)\b.*$"
)
_REQUEST = re.compile(r"\b(?:show|help|explain|tell|find) me\b|,\s*(?:help|explain|show)\b|\?\s*\S", re.IGNORECASE)
_TO_ONESELF = re.compile(
    r"^(?:whether|if) to (?:laugh|cry)|^(?:how|what|why|where) (?:this|that|it|i|to|do i)\b", re.IGNORECASE
)


def question_in(sentence: str) -> Found | None:
    """The question that a sentence leaves open, or None. Its text says that it is open, and ends as it was asked."""
    plain = sentence.strip().rstrip(" .!")
    if found := _ANNOUNCED.match(plain):
        asked = found["asked"].rstrip(" ?")
        if len(asked.split()) < 3 or asked.casefold().startswith(("see ", "in ")):
            return None
        return Found(kind=NoteKind.QUESTION, text=f"Open question: {asked}?")
    if plain.endswith("?") or _REQUEST.search(plain):
        return None
    for pattern in (*_CLAUSES, _GERMAN, _TAIL):
        if found := pattern.match(plain):
            asked = _AFTERTHOUGHT.sub("", found["asked"])
            if len(asked.split()) < 3 or _TO_ONESELF.match(asked):
                return None
            return Found(kind=NoteKind.QUESTION, text=f"It is open {_whether(asked)}.")
    found = _MATTER.match(plain)
    return Found(kind=NoteKind.QUESTION, text=f"To be clarified: {found['asked']}.") if found else None


def left_open(sentence: str) -> bool:
    """`open question`, `really open`, `leave it open …` after what was asked: it is about the question before."""
    return _LEFT_OPEN.match(sentence) is not None


def asked_before(sentence: str) -> Found | None:
    """The question that such a remark is about: a sentence that asks by its form."""
    plain = sentence.strip()
    if found := _PUT_BY.match(plain.rstrip(" .!")):
        return Found(kind=NoteKind.QUESTION, text=f"It is open {_whether(found['asked'])}.")
    if not (plain.endswith("?") or re.match(rf"^{_ASKS}\b", plain, re.IGNORECASE)) or len(plain.split()) < 4:
        return None
    return Found(kind=NoteKind.QUESTION, text=f"Open question: {plain.rstrip(' ?.')}?")


def _whether(asked: str) -> str:
    return "whether" + asked[2:] if asked.casefold().startswith("if ") else asked[:1].casefold() + asked[1:]

"""Whether a sentence asks that something be kept, and what. Knows the ways people say `remember that`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_POLITE = (
    r"(?:(?:please|pls|plz|and|also|oh|so|ok|okay|just|important)[,: ]+|(?:can|could|would|will) you (?:please )?"
    r"|i(?:'d like| want) you to |you should )*"
)
_KEEP = (
    r"remember|rember|remeber|rememebr|keep in (?:mind|memory)|bear in mind|make an? (?:mental )?note"
    r"|take (?:a )?note|note down|note to (?:self|myself)|(?:a )?note for (?:later|me|myself|the record)"
    r"|don'?t forget|do not forget|never forget|fyi and for the record|for the record|for (?:next time|later"
    r"|future reference|the future)|store|save|write(?: it)? down|jot(?: it)? down|keep for later|keep on record"
    r"|put on record|memori[sz]e|add to (?:my|your|the) (?:profile|memory|notes?)|before i forget(?: it)?"
    r"|(?:just )?so (?:that )?(?:you have it|you know)[^:,]{0,40}|for (?:your|the|my) (?:notes|memory|records)"
    r"|add (?:this|that|it) to (?:my|your|the) (?:profile|memory|notes?)|(?:one (?:more )?|another "
    r"|some)thing to (?:remember|keep in mind|note)|another thing to remember|to remember|merk(?:e)? dir"
    r"|notier(?:e)?(?: dir)?|nicht vergessen|vergiss nicht|denk dran|denk daran|für später|zur erinnerung|behalte"
)
_OBJECT = r"(?:\s+(?:this|it|that fact|the fact|two things|three things|a few things|the following|down|bitte))?"
_LATER = r"(?:\s+(?:for (?:later|next time|me|the future|the record)|please|in mind|down|too|also))*"
_FORWARD = re.compile(
    rf"^{_POLITE}(?P<keep>{_KEEP}){_OBJECT}{_LATER}(?:\s*[:,–-]\s*|\s+)(?:that\s+(?!is\b|was\b)"
    rf"|dass?\s+)?(?P<content>\S.*)$",
    re.IGNORECASE,
)
_REMARK = re.compile(rf"^{_POLITE}note (?:that|:)\s*(?P<content>\S.*)$", re.IGNORECASE)
_TO_DO = re.compile(
    rf"^{_POLITE}(?:(?P<firm>remind me(?: again)?|don'?t let me forget|erinner(?:e)? mich(?: daran)?)|remember"
    rf"|don'?t forget|do not forget)\s*,?\s*(?P<when>(?:on|tomorrow|next|in|before"
    rf"|by)\b[\w -]{{0,20}}? )?to\s+(?P<content>\S.*)$",
    re.IGNORECASE,
)  # fmt: skip
_ERINNERT = re.compile(
    rf"^{_POLITE}erinnere? mich(?: bitte)?(?: daran)?,?\s+(?P<content>\S.*\bzu\s+\w+)$", re.IGNORECASE
)
_REMINDED = re.compile(rf"^{_POLITE}remind me that\s+(?P<content>\S.*)$", re.IGNORECASE)
_NO_CONTENT = re.compile(
    r"^(?:it|this|that|them|me|us|him|her|everything|all|nothing|when|how|what|which|who|whose|where|why|if"
    r"|whether|about|the time|(?:two|three|four|a few|some|these) things|the following|to|for|of|from|in|as"
    r"|a value|the value|your|you)\b",
    re.IGNORECASE,
)  # fmt: skip
_BARE_VERB = re.compile(r"^(?:save|store|memori[sz]e|behalte|(?:write|jot|note)(?: it)? down)$", re.IGNORECASE)
_POINTER = (
    r"(?:(?:and|so|please|pls|bitte)\s+)*(?:(?:remember|save|store|keep|note|memori[sz]e)(?: (?:that|this"
    r"|it))?(?: (?:down|in mind|please|for later|for me|in your notes|too))*|write (?:that|this|it) down"
    r"|make an? (?:mental )?note(?: of (?:that|it|this))?|(?:correct|fix|update|change) (?:that|it|your notes"
    r"|your memory|what you (?:have|hold|know)[^.]*)|you(?:'ve| have) got (?:that|it) wrong|get (?:that"
    r"|it) right[^.]*|don'?t forget (?:that|it)|merk dir das|notier das)"
    r"(?: please| bitte)?"
)
_POINTS_BACK = re.compile(rf"^{_POINTER}(?:,? because\b.*)?[.!]*$", re.IGNORECASE)
_TAIL = re.compile(
    rf"^(?P<content>.{{6,}}?)\s*[,;–-]\s*(?P<pointer>{_POINTER})(?:,? because\b.*)?[.!]*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be kept. task: it is something to do (`remember to renew …`); firm: a reminder, no order to Nova."""

    content: str
    task: bool = False
    firm: bool = False


def wish_in(sentence: str, *, first: bool = True) -> Wish | None:
    """The wish in a sentence, or None.

    first: it opens the message; later on, `note that` and `remember to` are orders.
    """
    bare = sentence.rstrip(" ?!.")
    if found := _TO_DO.match(bare):
        firm = bool(found["firm"])
        content = found["content"] + (f" {found['when'].strip()}" if found["when"] else "")
        return Wish(content=content, task=True, firm=firm) if firm or first else None
    if found := _ERINNERT.match(bare):
        return Wish(content=found["content"], task=True, firm=True)
    if found := _REMINDED.match(bare):
        return Wish(content=found["content"])
    if sentence.endswith("?") and not re.match(
        r"^\W*(?:can|could|would|will) you\b.*\bthat\b", sentence, re.IGNORECASE
    ):
        return None
    if (found := _FORWARD.match(bare)) and (
        first or "," not in found.string[found.end("keep") : found.start("content")]
    ):
        return _forward(found)
    if first and (found := _REMARK.match(bare)):
        return Wish(content=found["content"])
    found = _TAIL.match(bare)
    return Wish(content=found["content"]) if found else None


def points_back(sentence: str) -> bool:
    """`Save that.`: the wish is about the sentence before."""
    return _POINTS_BACK.match(sentence) is not None


def _forward(found: re.Match[str]) -> Wish | None:
    content, between = found["content"].strip(), found.string[found.end("keep") : found.start("content")]
    plain = _TAIL.match(content)
    content = plain["content"] if plain else content
    announced = ":" in between or "that" in between.split() or "dass" in between.split()
    if _BARE_VERB.match(found["keep"]) and not announced and not between.strip():
        return None  # `save the file`, `store the result`
    if not announced and _NO_CONTENT.match(content):
        return None
    return Wish(content=content)

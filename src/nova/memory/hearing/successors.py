"""Who has taken whose place: `Brushwell: Derek Molloy retired. Siobhan Reeve now`. Knows names and their forms.

The text keeps the name of the one who is gone, so that what was known of him can be found.
"""

from __future__ import annotations

import re

from nova.core.notes import NoteKind
from nova.memory.hearing.keys import key_in
from nova.memory.hearing.said import Found

_NAME = r"(?-i:[A-ZÀ-Þ])[\w'-]+(?: (?-i:[A-ZÀ-Þ])[\w'-]+){0,2}"
_GONE = (
    r"(?:(?:has |is |was )?(?:just )?(?:retired|gone|left|moved on|on leave|on parental leave|ill|away)|leaves|goes"
    r"|retires|no longer works there|doesn't work there any ?more)"
)
_FIRM = r"(?P<firm>(?-i:[A-ZÀ-Þ])[\w&' -]{1,40}?)"
_FIRM_GONE = re.compile(rf"^{_FIRM}: (?P<old>{_NAME}) {_GONE}\b[^.]*$", re.IGNORECASE)
_NOW = re.compile(
    rf"^(?P<new>{_NAME}) (?:now|instead|takes over|does it now"
    rf"|is there now)\b(?P<more>.*)$",
    re.IGNORECASE,
)
_REPLACES = re.compile(
    rf"^(?P<new>{_NAME}) (?:replaces|takes over from|succeeds"
    rf"|follows) (?P<old>{_NAME}) at (?P<firm>(?-i:[A-ZÀ-Þ])[\w&'-]*)$",
    re.IGNORECASE,
)
_FIRM_NOW = re.compile(
    rf"^{_FIRM}: (?P<new>{_NAME}) (?:now|from now on)\b(?:,? (?:and )?(?:not|no longer|instead of) (?P<old>{_NAME}))?"
    rf"(?P<more>,.*)?$",
    re.IGNORECASE,
)
_OUR = r"(?:our|the|my) (?:new )?(?:contact(?: person)?|person|buyer|advis[eo]r|designer|accountant)"
_THERE = re.compile(
    rf"^(?P<old>{_NAME}) {_GONE}\b[^,]*, (?:so |and )?{_OUR} there (?:is (?:now )?|now: |: )(?P<new>{_NAME})\b.*$",
    re.IGNORECASE,
)
_THEN_OUR = re.compile(rf"^(?P<first>[^,]{{4,60}}), (?:so |and )?(?P<rest>{_OUR} (?:at|of|for) .+)$", re.IGNORECASE)


_LEFT_FIRM = re.compile(
    rf"^(?P<old>{_NAME}) (?:has |is )?(?:left|leaving|leaves|retired from"
    rf"|gone from) (?P<firm>(?-i:[A-ZÀ-Þ])[\w&' -]{{1,40}})$",
    re.IGNORECASE,
)
_NEW_THERE = re.compile(
    rf"^(?:the |our )?(?:new )?(?:contact(?: person)?|person|buyer)(?: there| in [\w ]{{2,20}})? is (?:now )?"
    rf"(?P<new>{_NAME})\b.*$",
    re.IGNORECASE,
)
_TWO = re.compile(
    rf"\. (?:{_NAME} (?:now|instead|takes|does|is)|(?:the |our )?(?:new )?(?:contact|person|buyer)\b.* is)\b",
    re.IGNORECASE,
)


def successor_in(sentence: str, following: str = "") -> Found | None:
    """The fact that somebody took somebody's place, or None. following: the sentence after it."""
    plain, after = sentence.rstrip(" .!"), following.rstrip(" .!")
    if plain.endswith("?"):
        return None
    if (gone := _FIRM_GONE.match(plain)) and (new := _NOW.match(after)):
        return _contact(f"{plain}. {after}", gone["firm"], new["new"])
    if (left := _LEFT_FIRM.match(plain)) and (new := _NEW_THERE.match(after)):
        return _contact(f"{plain}. {after}", left["firm"], new["new"])
    if found := _REPLACES.match(plain):
        return _contact(plain, found["firm"], found["new"])
    if found := _FIRM_NOW.match(plain):
        whole = " " in found["new"] or found["old"]
        return _contact(plain, found["firm"], found["new"]) if whole else None
    if found := _THERE.match(plain):
        return Found(
            kind=NoteKind.FACT,
            text=plain,
            subject=found["old"],
            attribute="successor",
            value=found["new"],
            changed=True,
        )
    if (found := _THEN_OUR.match(plain)) and (keyed := key_in(found["rest"])) and keyed.sure:
        return Found(
            kind=NoteKind.FACT, text=f"{found['first']}, {keyed.text}", subject=keyed.subject,
            attribute=keyed.attribute, value=keyed.value, changed=True,
        )  # fmt: skip
    return None


def takes_following(found: Found) -> bool:
    """Whether the fact was told in two sentences."""
    return found.attribute == "contact" and _TWO.search(found.text) is not None


def _contact(text: str, firm: str, new: str) -> Found:
    return Found(kind=NoteKind.FACT, text=text, subject=firm, attribute="contact", value=new, changed=True)

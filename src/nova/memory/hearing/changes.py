"""Which sentences take something back or move it: `not X any more, Y`, `goes in on D, not on E`. Days are resolved.

Knows how people change their minds; refuses to know what was decided before (likeness looks that up).
"""

from __future__ import annotations

import re
from datetime import date

from nova.core.notes import NoteKind
from nova.memory.hearing.reasons import asks_for
from nova.memory.hearing.said import OWNER, Found

_DAY = r"\d{4}-\d\d-\d\d"
_MIND = re.compile(
    r"^(?:(?:about|regarding|as for) )?(?P<topic>[\w#][\w #'&.-]{1,48}):\s+(?:i(?:'ve| have)? )?(?:changed my mind"
    r"|change of mind|new plan|the other way round)\s*[,:.–-]\s*(?P<new>\S.*)$",
    re.IGNORECASE,
)
_NOTHING = (
    r"(?:errors?|warnings?|problems?|questions?|ideas?|time|news|reply|answers?|results?|matches|luck|space|memory"
    r"|comments?|words?|complaints?|than|of|and|hits?|rows?|failures?|output|text|sentences?|code|examples?)"
)
_NO_MORE = re.compile(
    rf"^no more (?!(?:[\w-]+ )?{_NOTHING}\b)(?P<old>[\w-]+(?: [\w-]+){{0,4}}?)(?: please)?(?:,\s*(?!but\b).*)?$"
    rf"|^not? (?!(?:[\w-]+ )?{_NOTHING}\b)(?P<old2>[\w-]+(?: [\w-]+){{0,4}}?) (?:any ?more|any longer)\s*[,:]\s*"
    rf"(?!but\b)(?P<new>\S+ \S.*)$",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"^i take back (?:what i said (?:on|about)|the (?P<no>no) to"
    r"|my no to) (?:the )?(?P<what>[^,:]{3,50})\s*[,:]\s*\S.*$",
    re.IGNORECASE,
)
_AFTER_ALL = re.compile(
    r"^(?:[\w #'-]{1,30}:\s+)?no (?P<old>[\w -]{3,40}?) after all\b.*$|^we (?:don'?t|do not) (?P<old2>[^,.]{3,60}?)"
    r" after all\b.*$|^(?:after all|in the end),? we (?:took|chose|kept|went|stay|keep|take|use|drop|do|leave|go"
    r"|stick|buy|pay)\b.*$"
    r"|^we (?:keep|take|use|drop|leave|go|stay|stick|do) \S.* after all$",
    re.IGNORECASE,
)
_IDEA = re.compile(
    r"^(?:forget|scrap|drop)(?: about)? the (?!last|first|previous|above|answer|question"
    r"|rest)(?P<old>[\w -]{3,40}?)(?: idea| plan)?\s*[,:]\s*we \S.*$",
    re.IGNORECASE,
)
_PLAN = re.compile(r"^change of plans?(?: (?:for|about|with|on) [^,:]{2,40})?\s*[,:]\s*(?P<new>\S.*)$", re.IGNORECASE)
_NOT_ON = re.compile(
    rf"^(?P<what>(?!(?:it|that|this)\b)[\w'#&. -]{{2,60}}?) (?P<verb>is|are|go(?:es)? live"
    rf"|go(?:es)? in(?:to [\w ]{{3,30}})?"
    rf"|go(?:es)? out|comes?|starts?|opens?|ships?|ends?|closes?) (?P<new>on {_DAY}|in [A-Z][a-z]+ \d{{4}})(?: now)?,? "
    rf"(?:and )?not (?P<old>(?:on |in )?(?:{_DAY}|[A-Z][a-z]+ \d{{4}}|(?:the )?(?P<nth>\d{{1,2}})(?:st|nd|rd|th)?|now"
    rf"|before))(?:\s*[,;:–-]\s*(?P<why>\S.*))?$",
    re.IGNORECASE,
)
_MOVES = re.compile(
    rf"^(?:the )?(?P<what>(?!(?:it|that|this|he|she)\b)[\w'&.-]+(?: [\w'&.-]+){{0,4}}?) (?:moves|is moved|was moved"
    rf"|has moved|is postponed|was postponed|slips) (?:from \S+ )?to (?P<new>{_DAY})(?P<rest>.*)$",
    re.IGNORECASE,
)


def change_in(sentence: str) -> Found | None:
    """The decision, or the day of something, that a sentence changes in so many words; or None."""
    plain = sentence.strip().rstrip(" .!")
    if plain.endswith("?"):
        return None
    if found := _MIND.match(plain):
        return _decided(f"{found['topic']}: {found['new']}", _instead(found["new"]))
    if found := _NOT_ON.match(plain):
        return _moved(found)
    if found := _MOVES.match(plain):
        return _day(found["what"], found["new"], f"{found['what']} is on {found['new']}", (), "")
    if found := _TAKEN_BACK.match(plain):
        return _decided(plain, (f"no {found['what']}",) if found["no"] else ())
    for form in (_AFTER_ALL, _NO_MORE, _IDEA):
        if found := form.match(plain):
            old = next((words for name, words in found.groupdict().items() if words and name.startswith("old")), "")
            return _decided(plain, (old,) if old else ())
    found = _PLAN.match(plain)
    return _decided(plain, ()) if found and not asks_for(found["new"]) else None


def _moved(found: re.Match[str]) -> Found:
    new, old = found["new"].partition(" ")[2], re.sub(r"^(?:on|in) ", "", found["old"])
    if found["nth"] and len(new) == 10:
        old = _of_month(new, int(found["nth"])) or old
    if found["verb"] in ("is", "are") and len(new) == 10:
        what = re.sub(r"^the ", "", found["what"], flags=re.IGNORECASE)
        return _day(what, new, f"{found['what']} {found['verb']} {found['new']}", (old,), found["why"] or "")
    little = "on " if old[:1].isdigit() else "in " if old[:1].isupper() else ""
    text = f"{found['what']} {found['verb']} {found['new']}, not {little}{old}"
    return Found(kind=NoteKind.DECISION, text=text, why=found["why"] or "", alternatives=(old,), by=OWNER)


def _of_month(near: str, day: int) -> str:
    """The day of that number in the month of the date near it; empty when there is none."""
    try:
        return date.fromisoformat(near).replace(day=day).isoformat()
    except ValueError:
        return ""


def _day(what: str, new: str, text: str, old: tuple[str, ...], why: str) -> Found:
    return Found(
        kind=NoteKind.FACT, text=text, subject=what, attribute="day", value=new, why=why, alternatives=old, changed=True
    )


def _instead(new: str) -> tuple[str, ...]:
    found = re.search(r"\b(?:instead of|rather than|not) (?P<old>[^,.;]{1,40})", new, re.IGNORECASE)
    return (found["old"].strip(),) if found else ()


def _decided(text: str, old: tuple[str, ...]) -> Found:
    return Found(kind=NoteKind.DECISION, text=text, alternatives=old, by=OWNER)

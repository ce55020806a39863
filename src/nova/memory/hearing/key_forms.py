"""The forms of sentences that give a fact its key: subject, attribute, value. Refuses to judge what is worth keeping.

`my X is V` is owner / X / V, `N's X is V` and `V is the new X of N` are N / X / V, `V is in charge of Z` is
Z / in charge / V. Forms that hold for many values at once (`N wants V`) are given no key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nova.memory.hearing.people import PERSON, is_somebody

OWNER_SUBJECT = "owner"
_WORDS = r"[\w&./-]+(?:[ ][\w&./-]+){0,3}?"
_NAME = r"(?:(?:mr|mrs|ms|dr)\. )?[\w&.-]+(?:[ ][\w&.'-]+){0,4}?"
_ATTRIBUTE = rf"(?:(?P<new>new|neuer?|current)\s+)?(?P<attribute>{_WORDS})"
_MOVED = r"(?:has\s+)?(?:changed|changes|went up|went down|goes up|goes down|rose|fell|moved)\s+to"
_IS = rf"(?:(?:is|are)(?:\s+called|\s+named)?|heißt|ist|(?P<moved>{_MOVED}))"
_VALUE = r"(?P<value>\S.*)"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^{pattern}$", re.IGNORECASE)


_MINE = _form(rf"(?:my|our|meine?|unsere?)\s+{_ATTRIBUTE}(?:'s name)?\s+{_IS}\s+{_VALUE}")
_THEIRS = _form(rf"(?P<subject>{_NAME})(?:'s|s')\s+{_ATTRIBUTE}\s+{_IS}\s+{_VALUE}")
_OF = _form(
    rf"the\s+{_ATTRIBUTE}\s+(?:of|for|at)\s+(?P<subject>(?!it\b|that\b|this\b|which\b){_NAME})\s+{_IS}\s+{_VALUE}"
)
_PLAIN_OF = _form(
    r"(?P<new>new )?(?P<attribute>minimum order|(?:delivery|lead) time|delivery|discount|rate|price|commission|deposit"
    rf"|extension|payment terms?|postage) (?:of|for|at|from) (?P<subject>(?!it\b|that\b|this\b|which\b){_NAME})\s+"
    rf"(?:{_IS}|takes) {_VALUE}"
)
_CALLED = _form(rf"(?P<subject>(?:the\s+|an?\s+)?{_NAME})\s+(?:is|are)\s+(?:called|named)\s+{_VALUE}")
_HOLDS_OFFICE = _form(
    rf"(?P<value>{PERSON})\s+(?:is|becomes|takes over as)\s+the\s+{_ATTRIBUTE}\s+(?:of|for|at)\s+(?P<subject>\S.*)"
)
_HAS_NEW = _form(
    rf"(?P<subject>{_NAME})\s+(?:has|have|has got|got)\s+a\s+new\s+(?P<attribute>{_WORDS})\s*(?:[,:–-]\s*"
    rf"|\s+(?:called|named)\s+){_VALUE}"
)
_NEW_AT = _form(
    rf"(?:the\s+)?new\s+(?P<attribute>{_WORDS})\s+(?:of|for|at)\s+(?P<subject>{_NAME})\s*(?:[:–-]|\s+is)\s+{_VALUE}"
)
_REPLACES = _form(
    rf"(?P<value>{PERSON})\s+(?:replaces|takes over from|follows"
    rf"|succeeds)\s+{PERSON}\s+as\s+(?:the\s+)?(?P<attribute>{_WORDS})"
    r"\s+(?:of|for|at)\s+(?P<subject>\S.*)"
)
_ROLE_AT = _form(
    rf"(?:our\s+|the\s+)?(?P<attribute>buyer|contact|contact person|person|accountant|designer|bank|hoster"
    rf"|registrar|sales|support)\s+(?:at|for|of)\s+"
    rf"(?P<subject>{_NAME})(?:\s+for us)?\s*(?::"
    rf"|\s+is(?P<now>\s+now)?)\s+(?P<value>(?-i:[A-Z])[\w-]+(?:\s+(?-i:[A-Z])[\w-]+)*)(?:,.*)?"
)
_IS_MINE = _form(rf"(?P<value>{PERSON})\s+is\s+(?:my|our)\s+{_ATTRIBUTE}")
_IN_CHARGE = _form(
    rf"(?P<value>{PERSON})\s+(?:(?:is|are)\s+(?:now\s+|solely\s+)?(?:in charge of|responsible for|zuständig für)"
    rf"|takes care of|looks after|takes over)\s+(?P<subject>\S.*)"
)
_I_LIVE = _form(rf"(?:i|we)\s+(?P<verb>live|work)\s+(?P<in>in\s+)?{_VALUE}")
_IS_ON = _form(rf"(?:the\s+)?(?P<subject>{_NAME})\s+(?:is|are)\s+on\s+(?P<value>\d{{4}}-\d\d-\d\d)")
_IS_TYPED = _form(rf"the\s+(?P<subject>{_NAME})\s+(?:is|are)\s+{_VALUE}")
_DOES = _form(
    r"(?:the\s+)?(?P<subject>[\w&.'-]+(?:[ ][\w&.'-]+){0,2}?)\s+(?P<attribute>(?:runs?|closes?|opens?|expires?"
    r"|runs? out|ends?|starts?|costs?|pays?|counts|sends|ships|delivers|comes?)(?:[ ][\w-]+){0,2}?)\s+"
    r"(?P<value>(?:in|on|at|between|until|after|before|every|by)\s+\S.*|\d\S*(?:\s+\S+){0,3}|quarterly|monthly"
    r"|weekly|daily|yearly|annually)"
)
TYPED = re.compile(
    r"^(?:on (?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|[€$£+]?\s?\d|[A-Z0-9][\w.-]*\d|[\"“`]|\S+@\S+\.\S"
    r"|https?://)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Subject, attribute and value as they were said, articles dropped. moved: the form itself tells of a change."""

    subject: str
    attribute: str
    value: str
    moved: bool = False


def key_of(plain: str) -> Key | None:
    """The key that the form of a sentence gives, or None. The sentence has no `now` and no afterthought any more."""
    return _who(plain) or _whose(plain) or _what(plain)


def bare(words: str) -> str:
    """The words without the article or `my` before them."""
    return re.sub(r"^(?:the|my|our|an?|der|die|das)\s+", "", words.strip(), flags=re.IGNORECASE)


def _whose(plain: str) -> Key | None:
    if found := _MINE.match(plain):
        attribute = re.sub(r"'s name$", "", found["attribute"])
        if at := re.match(r"(?P<attribute>.+) (?:at|of|for) (?P<subject>[A-Z].+)$", attribute):
            return _key(found, at["subject"], at["attribute"])
        return _key(found, OWNER_SUBJECT, attribute)
    if found := _PLAIN_OF.match(plain):
        return _key(found, bare(found["subject"]), found["attribute"])
    if found := _OF.match(plain):
        if found["attribute"].casefold() == "name" and re.match(r"(?:my|our)\b", found["subject"], re.IGNORECASE):
            return _whose(f"{found['subject']} is {found['value']}")
        return _key(found, bare(found["subject"]), found["attribute"])
    if found := _CALLED.match(plain):
        return Key(subject=bare(found["subject"]), attribute="name", value=_end(found["value"]))
    found = _THEIRS.match(plain)
    return _key(found, bare(found["subject"]), found["attribute"]) if found else None


def _who(plain: str) -> Key | None:
    if (found := _HOLDS_OFFICE.match(plain)) and is_somebody(found["value"]):
        return Key(
            subject=bare(found["subject"]), attribute=found["attribute"], value=found["value"], moved=bool(found["new"])
        )
    if found := _ROLE_AT.match(plain):
        attribute = {"person": "contact", "contact person": "contact"}.get(
            found["attribute"].casefold(), found["attribute"]
        )
        return Key(subject=bare(found["subject"]), attribute=attribute, value=found["value"])
    for form in (_HAS_NEW, _NEW_AT, _REPLACES):
        if found := form.match(plain):
            value = _end(found["value"])
            return Key(subject=bare(found["subject"]), attribute=found["attribute"], value=value, moved=True)
    if (found := _IS_MINE.match(plain)) and is_somebody(found["value"]):
        return Key(subject=OWNER_SUBJECT, attribute=found["attribute"], value=found["value"], moved=bool(found["new"]))
    if (found := _IN_CHARGE.match(plain)) and is_somebody(found["value"]):
        return Key(subject=bare(found["subject"]), attribute="in charge", value=found["value"])
    if found := _I_LIVE.match(plain):
        attribute = {"live": "lives in", "work": "works in" if found["in"] else "works"}[found["verb"].casefold()]
        return Key(subject=OWNER_SUBJECT, attribute=attribute, value=found["value"])
    return None


def _what(plain: str) -> Key | None:
    if found := _IS_ON.match(plain):
        return Key(subject=found["subject"], attribute="day", value=found["value"])
    if found := _DOES.match(plain):
        return Key(subject=found["subject"], attribute=found["attribute"], value=_end(found["value"]))
    found = _IS_TYPED.match(plain)
    typed = found is not None and TYPED.match(found["value"]) is not None
    return Key(subject=found["subject"], attribute="value", value=_end(found["value"])) if found and typed else None


def _key(found: re.Match[str], subject: str, attribute: str) -> Key:
    moved = bool(found["moved"]) or bool(found["new"])
    return Key(subject=subject, attribute=attribute.strip(), value=_end(found["value"]), moved=moved)


def _end(value: str) -> str:
    return value.strip(" .,;")

"""Keyed facts: what a sentence says of whom, whether it says that something is new, and whether its form is enough.

Knows which kinds of attributes people state once and change later; refuses to know the forms (key_forms does).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nova.memory.hearing.key_forms import OWNER_SUBJECT, TYPED, Key, key_of
from nova.memory.hearing.people import PERSON, ROLE

VALUE_CHARACTERS_MAX = 80
_CHANGED = re.compile(
    r",?\s+(?:from now on|from here on|now|as of (?:now|today|on \d{4}-\d\d-\d\d)|these days|any ?more|jetzt)\b"
    r"|^(?:from now on|from here on|as of now|ab jetzt),?\s+",
    re.IGNORECASE,
)
_NO_LONGER = re.compile(
    r"(?:,\s*(?:and\s+|but\s+)?|\s+(?:and\s+|but\s+))(?:no longer|not|nicht(?: mehr)?)\s+(?P<old>[^,;]{1,60})$"
    r"|\s+instead of\s+(?P<old2>[^,;]{1,60})$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*[,;]?\s+(?:and|but|so|who|which|because|since)\s+(?:she|he|it|they|i|we|you|is|was|has|that|this|nobody"
    r"|the|now)(?:'s|\b).*$|\s*,\s+(?:she|he|it|they|i|we|you|so|but|which|who|because|please|correct|fix"
    r"|update)(?:'s|\b).*$|\s*\(.*\)$",
    re.IGNORECASE,
)
_A_NAME = re.compile(
    rf"^(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? )?[A-ZÀ-Þ][\w'-]+(?: (?:[A-ZÀ-Þ][\w'-]+|de|da|von|van|&))*(?: and {PERSON})?$"
)
_NO_VALUE = re.compile(
    r"^(?:that|whether|to|if|how|why|what|not|no|a|an|very|too|still|so|also|always|never|only|in|at|on|with|under"
    r"|broken|wrong|right|fine|ok|nice|long|short|slow|fast|missing|empty|full|ready|done|gone|[a-z]+ing|worse"
    r"|better)\b",
    re.IGNORECASE,
)
_NO_ATTRIBUTE_TEXT = """
    question problem guess plan point idea hope impression feeling understanding opinion code test tests build
    branch commit function class query bug error total file list mail page view model turn goal task issue work day
    point answer
"""
_NO_ATTRIBUTE = frozenset(_NO_ATTRIBUTE_TEXT.split())
_KNOWN_ATTRIBUTE = re.compile(
    r"^(?:.*\b)?(?:name|surname|contact(?: person)?|buyer|registrar|day|comes?|extension|(?:phone|mobile|fax|tax"
    r"|customer|account|vat|house)"
    r" (?:number|id|no)|vat id|phone|e-?mail|address|birthday|rate|price|fee|discount|commission|deposit"
    r"|(?:delivery|lead) time|minimum order|payment terms?|deadline|launch date|bank|iban|accountant|advis[eo]r"
    r"|bookkeeper|lawyer|dentist|doctor|hoster|landlord|(?:supplier|customer) code|time ?zone|(?:opening"
    r"|office) hours|partner|assistant|boss|successor)$",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[€$£]|\b(?:euros?|pounds?|dollars?|francs?|EUR|GBP|USD|CHF)\b")
_ENDS = re.compile(r"^(?:runs? out|expires?|ends?) (?:on|in|at the end of) (?:\d{4}-\d\d-\d\d|[A-Z][a-z]+ \d{4})")
_NOBODYS_TEXT = """
    today yesterday tomorrow nova django postgres python git it that this there here what who he she function class
    model test everyone somebody nobody one let
"""
_NOBODYS = frozenset(_NOBODYS_TEXT.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A fact with its key. sure: it may be proposed without being asked for; changed: it says that something is new.

    text: the sentence without `now` and `not 41`, which are true for a moment only. old: the value that it denies.
    """

    text: str
    subject: str
    attribute: str
    value: str
    changed: bool
    sure: bool
    old: str = ""


def key_in(sentence: str) -> Keyed | None:
    """The keyed fact that a sentence states, or None. Its days are resolved already."""
    plain = sentence.strip().rstrip(" .!")
    gone = _NO_LONGER.search(plain)
    steady = plain[: gone.start()] if gone else plain
    text = _CHANGED.sub("", steady).strip(" ,")
    key = key_of(_ASIDE.sub("", text))
    if key is None or not key.value or len(key.value) > VALUE_CHARACTERS_MAX:
        return None
    changed = key.moved or text != plain
    old = (gone["old"] or gone["old2"]).strip() if gone else ""
    return Keyed(
        text=text, subject=key.subject, attribute=key.attribute, value=key.value, changed=changed,
        sure=_sure(key, changed), old=old,
    )  # fmt: skip


def _sure(key: Key, changed: bool) -> bool:
    """Whether the form alone is enough: a known kind of attribute, or a value of a clear type that changed."""
    if key.attribute == "day":
        return True
    if _ENDS.match(f"{key.attribute} {key.value}"):
        return True
    clear = TYPED.match(key.value) is not None or _A_NAME.match(key.value) is not None
    if (not clear and _NO_VALUE.match(key.value)) or key.attribute.casefold().split()[-1] in _NO_ATTRIBUTE:
        return False
    if key.attribute == "in charge":
        return key.value[0].isupper()
    if not (key.subject == OWNER_SUBJECT or _named(key.subject)):
        return False
    if key.attribute == "name":
        return len(key.value.split()) <= 3
    if key.attribute.casefold() in ("cost", "costs"):
        return _MONEY.search(key.value) is not None
    if _KNOWN_ATTRIBUTE.match(key.attribute):
        return clear or changed
    return changed and clear and key.attribute not in ("value", "works", "lives in")


def _named(subject: str) -> bool:
    """A capital, a number, a hyphen or a second word make a name; `today's` and `django's` are nobody's."""
    first = subject.split()[0].casefold().removesuffix("'s")
    if re.fullmatch(ROLE, f"the {subject}", re.IGNORECASE):
        return True
    told = any(letter.isupper() for letter in subject) or re.search(r"\w-\w|\d", subject) is not None
    return first not in _NOBODYS and (told or " " in subject)

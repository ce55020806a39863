"""What somebody corrects: of what, from which value, to which. Knows forms of contradiction; changes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nova.memory.hearing.key_forms import OWNER_SUBJECT
from nova.memory.hearing.keys import Keyed, key_in

_MEMORY = re.compile(
    r"\b(?:your (?:notes?|memory)|you(?:'ve| have)? (?:got|have|had|stored|keep|remember|noted|hold|know)\b"
    r"|you have\b|stored|on file|down as|what you (?:have|hold|know)|correct (?:that|it|this|what)|fix (?:that"
    r"|it) in|get (?:that|it) right|outdated|i (?:once )?said|i told you|made a mistake in)\b", re.IGNORECASE,
)  # fmt: skip
_WRONG = re.compile(
    r"^(?:no|nope|wrong(?: \w+)?|(?:that|this|it)(?:'s| is)? (?:is )?(?:wrong|not right|not true|outdated"
    r"|incorrect|out of date|not correct)|not (?:quite|true|right)|actually|sorry|correction|"
    r"nein|falsch|stimmt nicht)\s*[,.:;–-]+\s*|^(?:no|nope|actually|nein)\s+(?=it\b|my\b|the\b|(?-i:[A-Z]))",
    re.IGNORECASE,
)
_DOWN_AS = re.compile(
    r"\byou (?:have|had|still have|'ve got|have got|keep|list|stored|noted"
    r"|remember) (?P<subject>.{2,50}?) (?:down |stored |noted |listed |saved )?as (?P<old>.{1,60}?)"
    r"(?=[,;]|(?<!\bdr)(?<!\bmr)(?<!\bmrs)(?<!\bms)\.|\s+(?:but|and)\b|$)(?P<rest>.*)$", re.IGNORECASE,
)  # fmt: skip
_ITS_NOW = re.compile(
    r"\b(?:it|that|he|she|they|the (?:right|correct|new) (?:one|value|name|number))(?:'s|'re| is| are| should be"
    r"| must be| has to be)\s+(?:really |actually |now |called |spelled )*(?P<new>[^,;]+?)"
    r"(?:\s+(?:now|instead|these days))?(?:,?\s+(?:and\s+)?(?:not|no longer"
    r"|instead of)\s+(?P<old>[^,;.]+))?\s*(?:[,;]|(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bdr)\.(?:\s|$)|$)", re.IGNORECASE,
)  # fmt: skip
_SAID_ONCE = re.compile(
    r"^(?:i (?:once )?(?:said|told you|mentioned)|you (?:said|wrote|told me|claim(?:ed)?|think|believe)"
    r"|your notes say)(?: that)?\s+(?P<claim>.+?)(?:\s+once|\s+at some point)?\s*(?:[.;]|,\s*(?:but|and)"
    r"|,(?=\s*(?:it|that)))\s*(?P<rest>.+)$",
    re.IGNORECASE,
)
_FROM_TO = re.compile(
    r"^(?:please )?(?:change|correct|update|set"
    r"|move)\s+(?P<what>.{2,60}?)\s+(?:from\s+(?P<old>.{1,60}?)\s+)?to\s+(?P<new>.{1,60}?)[.!]*$"
    r"|^(?:please )?replace\s+(?P<old2>.{1,60}?)\s+(?:with|by)\s+(?P<new2>.{1,60}?)(?:\s+in (?:your"
    r"|what you)\b.*)?[.!]*$",
    re.IGNORECASE,
)
_NOT_BUT = re.compile(
    r"^(?P<what>.{2,60}?) (?:is|are) (?:not|no longer) (?P<old>.{1,60}?)(?:,? but |[,;.] (?:it|he|she|that)(?:'s"
    r"| is) )(?P<new>.{1,60}?)[.!]*$|^(?P<what2>.{2,60}?) (?:isn't|aren't) (?P<old2>.{1,60}?)(?:,? but "
    r"|[,;.] (?:it|he|she|that)(?:'s| is) )(?P<new2>.{1,60}?)[.!]*$", re.IGNORECASE,
)  # fmt: skip
_ABOUT = re.compile(
    r"^(?:please )?(?:correct|fix|update|change)\s+(?:what you (?:have|hold|know|have stored|stored|have noted)"
    r"|your notes?|your memory|the (?:note|entry|fact)s?)\s+(?:about|on|of|for)\s+(?P<subject>.{2,50}?)(?:\s*[,:;]"
    r"|\s+[–-])\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_THEIR = re.compile(r"^(?:their|his|her|its)\s+(?P<rest>.+)$", re.IGNORECASE)
_POINTER = re.compile(
    r"[,.;]\s*(?:(?:so |and |please )*(?:correct|fix|change|update|get|save|remember)\b.*|you(?:'ve"
    r"| have)? got (?:that|it) wrong.*)$",
    re.IGNORECASE,
)
_WHOSE = re.compile(r"^(?P<subject>.{2,40}?)(?:'s|s')\s+(?P<attribute>.{2,40})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """subject, attribute and old are empty where they are not said; new never is.

    said_to_memory: the words are about what Nova holds, and not about a text or a program.
    """

    new: str
    old: str = ""
    subject: str = ""
    attribute: str = ""
    said_to_memory: bool = False


def correction(text: str) -> Correction | None:
    """What a message corrects, or None: `no, it is Z`, `you have X down as Y, but it's Z`, `X is Z and not Y`."""
    plain = " ".join(text.split())[:600]
    if "?" in plain or not plain:
        return None
    to_memory = _MEMORY.search(plain) is not None
    body = _POINTER.sub("", plain)
    found = _down_as(body) or _said_once(body) or _about(body) or _from_to(body, to_memory) or _not_but(body)
    found = found or _contradicts(body)
    if found is None or not found.new or len(found.new) > 80:
        return None
    return Correction(
        new=_clean(found.new),
        old=_clean(found.old),
        subject=found.subject,
        attribute=found.attribute,
        said_to_memory=to_memory,
    )


def without_contradiction(text: str) -> str:
    """The claim in `no, that's wrong, my rate is 95`, without the contradiction that opens it."""
    return _WRONG.sub("", text)


def _down_as(body: str) -> Correction | None:
    found = _DOWN_AS.search(body)
    now = _ITS_NOW.search(found["rest"]) if found else None
    if not found or not now:
        return None
    subject, attribute = _of_what(found["subject"])
    return Correction(new=now["new"], old=found["old"], subject=subject, attribute=attribute)


def _said_once(body: str) -> Correction | None:
    found = _SAID_ONCE.match(body)
    claim = key_in(found["claim"]) if found else None
    now = _ITS_NOW.search(_WRONG.sub("", found["rest"])) or _ITS_NOW.search(found["rest"]) if found else None
    if not found or not now:
        return None
    new = now["new"]
    if re.match(r"(?:outdated|wrong|old|not|no longer)\b", new, re.IGNORECASE):
        later = _ITS_NOW.search(found["rest"], now.end() - 1)
        new = later["new"] if later else ""
    return (
        Correction(new=new, old=claim.value, subject=claim.subject, attribute=claim.attribute)
        if claim
        else Correction(new=new)
    )


def _about(body: str) -> Correction | None:
    found = _ABOUT.match(body)
    if not found:
        return None
    rest = _THEIR.match(found["rest"])
    keyed = key_in(f"{found['subject']}'s {rest['rest']}" if rest else found["rest"])
    return _of_key(keyed) if keyed else None


def _from_to(body: str, to_memory: bool) -> Correction | None:
    found = _FROM_TO.match(body)
    if not found or not (to_memory or found["old"]):
        return None
    subject, attribute = _of_what(found["what"] or "")
    return Correction(
        new=found["new"] or found["new2"], old=found["old"] or found["old2"] or "", subject=subject, attribute=attribute
    )


def _not_but(body: str) -> Correction | None:
    found = _NOT_BUT.match(_WRONG.sub("", body))
    if not found:
        return None
    subject, attribute = _of_what(found["what"] or found["what2"])
    return Correction(
        new=found["new"] or found["new2"], old=found["old"] or found["old2"], subject=subject, attribute=attribute
    )


def _contradicts(body: str) -> Correction | None:
    claim = _WRONG.sub("", body)
    opened = claim != body
    keyed = key_in(claim.split(". ")[0])
    if keyed and (keyed.old or opened):
        return _of_key(keyed)
    now = _ITS_NOW.match(claim) if opened else None
    return Correction(new=now["new"], old=now["old"] or "") if now else None


def _of_key(keyed: Keyed) -> Correction:
    return Correction(new=keyed.value, old=keyed.old, subject=keyed.subject, attribute=keyed.attribute)


def _of_what(words: str) -> tuple[str, str]:
    """Subject and attribute of `my accountant`, `Tom's extension`, `the price of brushes`."""
    words = words.strip()
    if mine := re.match(r"(?:my|our)\s+(.+)$", words, re.IGNORECASE):
        return OWNER_SUBJECT, mine[1]
    if whose := _WHOSE.match(words):
        return re.sub(r"^the\s+", "", whose["subject"], flags=re.IGNORECASE), whose["attribute"]
    if of := re.match(r"the\s+(.+?)\s+(?:of|for|at)\s+(.+)$", words, re.IGNORECASE):
        return re.sub(r"^(?:the|my|our)\s+", "", of[2], flags=re.IGNORECASE), of[1]
    return re.sub(r"^the\s+", "", words, flags=re.IGNORECASE), ""


def _clean(value: str) -> str:
    return re.sub(r"\s+(?:now|instead|please)$", "", value.strip(" .,;!\"'“”"), flags=re.IGNORECASE)

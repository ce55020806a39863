"""Who is meant by a few words: a person's name, a role, or nobody. Knows spelling; has no list of people."""

from __future__ import annotations

import re

TITLE = r"(?:(?:mr|mrs|ms|miss|dr|prof|herr|frau)\.? )"
ROLE = (
    r"(?:(?:the|my|our|der|die|mein|unser) (?:[\w-]+ )?(?:customers?|clients?|accountants?|tax advisers?"
    r"|advis[eo]rs?|team|board|suppliers?|owners?|lawyers?|bank|landlord|designers?|photographers?|translators?"
    r"|agency|boss|printers?|hosters?|bookkeepers?|makers?|sign makers?|insurance|freelancers?|kunde|kundin"
    r"|steuerberater|lieferant|steuerberaterin)(?: in [A-Z][\w-]+)?)"
)
PERSON = rf"(?:{TITLE}[A-Za-z][\w-]+|(?-i:[A-Z][a-zà-ÿ][\w-]*(?: [A-Z][\w-]+){{0,2}})|[a-z][\w-]{{2,}}|{ROLE})"
_NOBODY_TEXT = """
    i we you he she it they this that these those there here who what which nobody somebody someone anyone anybody
    everyone everything nothing something one both all none each some many most django postgres postgresql sqlite
    mysql celery redis git github gitlab stripe python pytest nginx docker linux windows macos nova ci server client
    browser code test tests build deploy function class model view query database script command let please now then
    next today tomorrow yesterday if when while because since after before and but or so also not never always maybe
    perhaps what's who's that's it's der die das er sie es man wir ich
"""
_NOBODY = frozenset(_NOBODY_TEXT.split())


def is_somebody(words: str) -> bool:
    """Whether the words may name a person, a firm or a role, and not a piece of software or a pronoun."""
    first = words.casefold().split()[0].removesuffix("'s") if words.split() else ""
    return bool(first) and first not in _NOBODY and not re.search(r"[^\w\s.&'-]", words)

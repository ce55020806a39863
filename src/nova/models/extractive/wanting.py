"""What kind of answer a request wants: a list, a count, a reason, or new text. Knows the words of asking in English,
German and Dutch; refuses to know tools and projects."""

from __future__ import annotations

import re
from enum import StrEnum

from nova.models.extractive.concepts import concepts
from nova.models.words import fold

REQUEST_CHARACTERS_MAX = 8_000


class Wanted(StrEnum):
    """The kind of answer a request asks for."""

    LIST = "list"
    COUNT = "count"
    WHERE = "where"
    WHY = "why"
    WHEN = "when"
    WHO = "who"
    WHICH = "which"
    SUMMARY = "summary"
    DIFFERENCE = "difference"
    YES_NO = "yes-no"


_WANTED = {
    Wanted.COUNT: r"how many|number of|count|how long is|wie ?viele?|anzahl|hoeveel|aantal",
    Wanted.WHERE: r"where|in which file|which file|what file|file and line|which line|defined|wo|waar|in welcher datei",
    Wanted.WHY: r"why|reason(?:s|ing)?|rationale|how come|what spoke|warum|weshalb|wieso|waarom",
    Wanted.WHEN: r"when|since when|what date|which day|wann|wanneer",
    Wanted.WHO: r"who|whose|whom|by whom|author of|wer|wessen",
    Wanted.WHICH: r"which|what are|what \w+s|welche[rsnm]?|welke",
    Wanted.LIST: r"^(?:list|show|name|enumerate|give me|liste|zeige?|nenne|toon|noem)|show me all|all|full list|"
    r"complete list|every place|alle",
    Wanted.SUMMARY: r"summar\w+|tl;?dr|gist|overview|in short|main points?|key points?|"
    r"zusammenfass\w+|samenvat\w+|boil\w* down|sum up",
    Wanted.DIFFERENCE: r"differences?|diff|compare[ds]?|versus|vs|what changed|changed?|unterschied|verschil",
}
_PATTERNS = {kind: re.compile(rf"(?:\b|^)(?:{pattern})\b") for kind, pattern in _WANTED.items()}
_YES_NO = re.compile(
    r"^(?:\W*(?:and|so|ok|hey|please)\W+)*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|"
    r"may|must|ist|sind|hat|gibt|kann|heeft|kan)\b"
)
_DIFF = re.compile(r"\b(?:diff\w*|compare[ds]?|versus|vs|unterschied\w*|verschil\w*)\b")
_POLITE = re.compile(
    r"\b(?:please|kindly|could you|can you|would you|will you|i would like(?: you)? to|i'd like(?: you)? to|"
    r"i (?:need|want)(?: you)? to|tell me|let me know|do you know|bitte|kannst du|kun je|alsjeblieft|"
    r"thanks?(?: you)?)\b"
)
_VERBS = (
    "write draft translate rephrase reword rewrite propose generate compose formulate suggest shorten improve polish "
    "proofread reply respond answer implement refactor brainstorm outline sketch convert prepare design phrase tighten "
    "simplify craft invent recommend edit soften expand localise localize transform correct fix redraft "
    "schreib schreibe ubersetze ubersetz formuliere entwirf verfasse schlage kurze korrigiere antworte "
    "schrijf vertaal herschrijf formuleer verbeter"
)
_GENERATE = re.compile(rf"\b(?:{'|'.join(_VERBS.split())})\b")
_MAKING = re.compile(
    r"\b(?:make (?:it|this|that|me|an?|the)\b|come up with|put (?:it|this|that|into)|turn .{1,60} into|"
    r"give (?:me|it) an?\b|"
    r"(?:in|into|to|auf|ins?|naar het) (?:english|german|dutch|french|spanish|italian|polish|portuguese|"
    r"deutsch|englisch|niederlandisch|nederlands|engels|duits|frans)\b|how do (?:you|i|we) say|"
    r"how would you (?:say|put|phrase)|"
    r"a (?:draft|version|reply|translation|proposal) (?:of|to|for)|add an?\b|create an?\b)"
)
_TEXTS = re.compile(
    r"\b(?:letter|e?mails?|note|reminder|invitation|outline|headlines?|titles?|teaser|announcement|message|reply|text|draft|paragraph|"
    r"introduction|conclusion|intro|subject line|hook|summary|query|queryset|subquery|snippet|fixtures?|factory|"
    r"tests?|patch|fix|spec|stor(?:y|ies)|criteria|version|wording|antwort|entwurf|brief|nachricht|bericht|tekst)\b"
)
_FACTUAL = re.compile(
    r"^\W*(?:and |so |ok |hey )?(?:how (?:many|much|long|often|old|readable|is|are|does|did)|which|"
    r"what(?! should| would| could| shall)|who|when|where|why|"
    r"is|are|was|were|does|did|do we|do i|has|have|list|show|count|find|search|read|summar|status|"
    r"wie ?viele?|welche|wer|wann|wo|hoeveel|welke|waar|wanneer)\b"
)


def wanted(text: str) -> frozenset[Wanted]:
    """What a request asks for, by its words; empty when it only names a subject."""
    lower = _POLITE.sub(" ", fold(text)).strip()
    found = {kind for kind, pattern in _PATTERNS.items() if pattern.search(lower)}
    if Wanted.WHY in found:
        found.discard(Wanted.LIST)
    return frozenset(found | {Wanted.YES_NO} if _YES_NO.match(lower) else found)


def asked_concepts(text: str) -> frozenset[str]:
    """The concepts that question words stand for: `who` is an author, `when` a date, `how many` a count."""
    names = {Wanted.COUNT: "count", Wanted.WHY: "reason", Wanted.WHEN: "date", Wanted.WHO: "author",
             Wanted.LIST: "list", Wanted.SUMMARY: "summary", Wanted.DIFFERENCE: "diff",
             Wanted.WHERE: "search"}  # fmt: skip
    if not re.match(r"\W*(?:list|show|enumerate|give|liste|zeig|toon|geef)", fold(text)):
        del names[Wanted.LIST]
    if not _DIFF.search(fold(text)):
        names[Wanted.DIFFERENCE] = "change"
    return frozenset(names[kind] for kind in wanted(text) if kind in names)


def asks_to_write(text: str, generates: str, tool_words: frozenset[str] = frozenset()) -> bool:
    """Whether a request wants new text. generates: what its agent writes; empty when facts are all it gives.

    A question about facts stays one, even to an agent that writes; so does a phrase that names what a tool measures.
    tool_words: the concepts of the tools' names.
    """
    if not generates.strip():
        return False
    lower = _POLITE.sub(" ", fold(text[:REQUEST_CHARACTERS_MAX])).strip()
    head = lower[:200]
    if _FACTUAL.match(head):
        return bool(_MAKING.search(head) and not re.match(r"\W*(?:how many|which|who|when|where|count|list)", head))
    if _GENERATE.search(lower) or _MAKING.search(lower) or concepts(generates) & concepts(lower):
        return True
    return bool(_TEXTS.search(lower)) and not tool_words & concepts(lower)

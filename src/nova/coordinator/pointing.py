"""What words of one part of a request stand for something outside of it: “them”, “the result”, “propose a fix”.

Pure; English and some German. Refuses to say what they stand for.
"""

from __future__ import annotations

import re

from nova.coordinator.clause_words import word_set

_RESULT = re.compile(
    r"\b(?:the|that|this|these|those|your|das|die|den|dem|dieses?|diese[mnr])\s+(?:[\w-]+\s+)?(?:results?|outputs?|outcomes?"
    r"|answers?|findings?|figures|numbers|differences?|above|former|latter|ergebnis(?:se)?|antwort|zahlen)\b"
    r"|\b(?:if so|in that case|if not|falls ja|wenn ja)\b|\b(?:do|mach) (?:the same|das gleiche|dasselbe)\b",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\bthe (?:[\w-]+ )?ones?\b|\bwhich ones?\b|\bone of (?:them|those|these)\b|\beach of\b", re.IGNORECASE
)
_SUPERLATIVE = re.compile(
    r"\bthe (?:(?:most|least) \w+|worst|best|biggest|largest|smallest|oldest|newest|latest|first|last|cheapest|slowest"
    r"|longest|shortest) (?:\w+)$",
    re.IGNORECASE,
)
_THEY = re.compile(
    r"\b(?:them|they|themselves|these|those|sie|ihn|ihnen|diese[nrm]?|davon|dafür|dazu|daran)\b", re.IGNORECASE
)
_ITS = re.compile(r"\b(?:its|their|his|her|deren|dessen|seine?[nmr]?)\b", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|he|she|him|es)\b", re.IGNORECASE)
_THAT = re.compile(r"\b(?:that|this|das|dies)\b", re.IGNORECASE)
_NOBODY_IT = re.compile(
    r"\b(?:(?:is|was|isn't|would|will)\s+it\s+(?:be\s+)?(?:true|possible|ok|okay|safe|worth|allowed|better|time"
    r"|rain\w*|snow\w*|friday|monday)|it\s+(?:is|was|seems|would be)\s+(?:true|possible|ok|safe|that|better|clear)"
    r"|(?:does|did|will|would)\s+it\s+(?:take|make sense|rain|snow|matter)"
    r"|it\s+(?:takes?|took|makes sense|rains?)|gibt\s+es|ist\s+es|wie geht es)\b",
    re.IGNORECASE,
)
_HERE = word_set(
    "week month year quarter morning evening afternoon time day days project repo repository app site home"
)
_HINGES = re.compile(r"\b(?:when|if|because|while|whenever|unless|until|wenn|weil|während|falls)\b|,", re.IGNORECASE)
_CARRIES = word_set(
    "in into to for as with from by on at and or up about of so but too now nach ins auf als für mit zu"
)
_SAYS = word_set(
    "say says said check verify ensure sure know think see show shows tell me mean means mentions mention so such now"
    " confirm remember note true prove believe hope decide decided all is find found noted"
)
_TAKES = (
    "summari[sz]e|translate|shorten|proofread|edit|rewrite|polish|reformat|format|sort|group|rank|order|condense|send|email"
    "|mail|file|publish|explain|review|check|verify|test|estimate|prioriti[sz]e|label|compare|übersetze|kürze|sortiere|prüfe"
)
_NO_OBJECT = re.compile(
    rf"^\W*(?:please\s+|bitte\s+)?(?:{_TAKES})\b(?:\s+(?:briefly|again|quickly|politely|kurz))?"
    r"(?:$|\s+(?:in|into|to|for|as|by|ins|nach|als|für)\s+(?!the\b|a\b|an\b|my\b|our\b|which\b|all\b)(?:\w+\W*){1,4}$)",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(
    r"^\W*(?:[\w']+\s+){1,3}(?:an?|some|eine?n?)\s+(?:\w+\s+)?(?:fix|patch|solution|workaround|reply|response|answer"
    r"|summary|translation|estimate|tests?|improvements?|index|antwort|lösung|zusammenfassung)$",
    re.IGNORECASE,
)
"""“propose a fix”: for what? It is not said in the part itself."""
_NEW = re.compile(
    r"\b(?:an?|any|some|which|what|every|all|one|ein(?:en?|e|em|er)?|welche[nrs]?)\s+((?:[\w-]+\s+){0,3}[\w-]+)", re.I
)
_KNOWN = re.compile(r"\b(?:the|that|this|those|these|each|every|der|die|das|den|dem)\s+([\w-]+)(?:\s+([\w-]+))?", re.I)
_MADE: tuple[tuple[str, frozenset[str]], ...] = (
    (r"draft|write|compose|schreib", word_set("draft text post article email mail letter story listing copy entwurf")),
    (r"summari[sz]e|fasse", word_set("summary gist zusammenfassung")),
    (r"translate|übersetze", word_set("translation translations übersetzung")),
    (r"list|collect|gather|find|show|suche|liste", word_set("list findings matches liste")),
    (r"propose|fix|suggest|repair", word_set("fix proposal patch diff change suggestion migration vorschlag")),
    (r"review|check|audit|prüfe", word_set("review remarks comments findings problems faults")),
    (r"calculate|compute|count|berechne", word_set("numbers figures total sum calculation")),
    (r"plan|turn|requirements", word_set("plan tasks requirements steps")),
    (r"compare", word_set("comparison differences difference")),
    (r"explain|describe|why", word_set("explanation description reason reasons cause")),
)
_ACTS = word_set(
    "translate summarise summarize edit proofread rewrite shorten polish send email mail publish use do explain"
    " describe review test put turn make get give fix sort compare move write draft read open close run is was"
    " does did has"
)
_FILLS = word_set(
    "please and also then the a an me us what which who how why when where is are was does do did has have bitte"
)


def points_at(text: str) -> str | None:
    """The words of a part that stand for something outside of it, or None."""
    for pattern in (_RESULT, _ONE):
        if found := pattern.search(text):
            return found.group()
    if _NO_OBJECT.match(text):
        return text.split()[0]
    for pattern in (_SUPERLATIVE, _OF_WHAT):
        if found := pattern.search(text):
            return found.group()
    for pattern, check in ((_THEY, _free), (_IT, _free_it), (_THAT, _free_that), (_ITS, _free_its)):
        for found in pattern.finditer(text):
            if check(text, found):
                return found.group()
    return None


def _free(text: str, found: re.Match[str]) -> bool:
    """Not about here and now (“these days”), and not taken up from the same part (“..., when they ...”)."""
    return _next(text, found) not in _HERE and not _inside(text, found)


def _free_it(text: str, found: re.Match[str]) -> bool:
    return not any(one.start() <= found.start() < one.end() for one in _NOBODY_IT.finditer(text)) and _free(text, found)


def _free_that(text: str, found: re.Match[str]) -> bool:
    """“translate that”, “that list”; not “check that ...”, “the issue that ...”, “this week”."""
    before, after = _previous(text, found), _next(text, found)
    if after in _HERE or before in _SAYS or _inside(text, found):
        return False
    if not after or after in _CARRIES:
        return bool(before)
    begins = found.start() == len(text) - len(text.lstrip())
    return begins or before in _CARRIES or before in _ACTS


def _free_its(text: str, found: re.Match[str]) -> bool:
    """Whose it is must be outside: nothing but a verb or a question word stands before it."""
    before = [word for word in re.findall(r"\w+", text[: found.start()].casefold()) if word not in _FILLS]
    return len(before) <= 1 and not _inside(text, found)


def _inside(text: str, found: re.Match[str]) -> bool:
    """Whether a clause of its own begins between another subject and the word, which then is that subject."""
    head = text[: found.start()]
    hinges = list(_HINGES.finditer(head))
    return bool(hinges) and len(re.findall(r"\w+", head[: hinges[-1].start()])) > 2


def named_again(before: str, text: str) -> str:
    """The noun that a part brings up or makes and this one calls “the ...”, or an empty text."""
    new = {_stem(words.split()[place]) for words in _NEW.findall(before) for place in range(len(words.split()))}
    made = frozenset[str]().union(*(words for verb, words in _MADE if re.search(rf"\b(?:{verb})", before, re.I)))
    for found in _KNOWN.finditer(text):
        follows = text[found.end() :].split()[:1]
        for word in filter(None, (found[1], found[2])):
            noun = word.casefold()
            if noun in made or (_stem(noun) in new and follows != ["of"] and noun not in _FILLS):
                return word
    return ""


def _stem(word: str) -> str:
    plain = word.casefold()
    return plain[:-1] if plain.endswith("s") and len(plain) > 3 and not plain.endswith("ss") else plain


def _previous(text: str, found: re.Match[str]) -> str:
    words = re.findall(r"\w+", text[: found.start()].casefold())
    return words[-1] if words else ""


def _next(text: str, found: re.Match[str]) -> str:
    words = re.findall(r"\w+", text[found.end() :].casefold())
    return words[0] if words else ""

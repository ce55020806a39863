"""Takes a reason and the alternatives out of a sentence. Knows connectives; refuses to judge the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIME = (
    r"(?:last|yesterday|today|then|when|the (?:start|beginning|end|release|upgrade|update|move|summer|winter"
    r"|migration)|\d|january|february|march|april|may|june|july|august|september|october|november|december|monday"
    r"|tuesday|wednesday|thursday|friday|the \d|this|a (?:few|week|month|year))\b"
)
_REASON = re.compile(
    rf"[\s,;–-]+(?:(?:mainly|simply|just|mostly)\s+)?(?:because(?!\s+of\b)|since(?!\s+{_TIME})|so that"
    rf"|(?:the )?reason(?: being| is)?(?: that|:)?|given that|(?P<of>because of|due to)|weil|damit"
    rf"|denn)\s+(?P<why>\S.*)$", re.IGNORECASE,
)  # fmt: skip
_STOP = (
    r"(?=$|[.,;]|\s+(?:because|since|so that|until|till|from now|from \d|for (?:all|both|every|the|this|now)"
    r"|in (?:all|both)|when|and)\b)"
)
_INSTEAD = re.compile(rf"[\s,]+(?:instead of|rather than|anstatt|statt)\s+(?P<other>.+?){_STOP}", re.IGNORECASE)
_OVER = re.compile(
    rf"\b(?:chose|chosen|picked|prefer|preferred|favou?r|took)\b.*?\s(?:over|to)\s+(?P<other>(?!use\b|keep\b"
    rf"|be\b).+?){_STOP}",
    re.IGNORECASE,
)
_NOT = re.compile(
    rf"(?:,\s*(?:and\s+)?|\s+(?:and|und)\s+)(?:not|no longer|nicht)\s+(?!that\b|yet\b|only\b)(?P<other>.+?){_STOP}",
    re.IGNORECASE,
)
_OPENS_WITH_REASON = re.compile(
    r"^(?:and )?(?:(?:the |my |our )?reasons?(?: is| was| being)?(?: that)?\s*[:,]?|because|why:|that way,?|weil"
    r"|grund:)\s+(?P<why>.{6,})$",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"^(?:and |but )?(?:we|i)(?:'ve| have)? (?:ruled out|rejected|discarded|turned down|dismissed"
    r"|decided against)\s+(?P<other>.+)$",
    re.IGNORECASE,
)
_SUBJECT = (
    r"^(?!it\b|that\b|this\b|we\b|i\b|they\b|he\b|she\b|you\b|what\b|which\b|who\b|where\b|how\b|why\b|if\b|when\b)"
)
_CONTRASTS = re.compile(
    rf"{_SUBJECT}[^?,]{{1,70}}? would (?!you\b|it\b|like\b|be (?:nice|great|good)\b)(?:otherwise )?[a-z]+\b.+$"
    rf"|{_SUBJECT}[^?,]{{1,60}} otherwise\b.+$|^otherwise\b.+$", re.IGNORECASE,
)  # fmt: skip
_EXPLAINS = re.compile(
    r"\b(?:too|tried|nobody|noone|no one|never|twice|already|anyway|otherwise|would|hates?|breaks?|broke|blocks?"
    r"|blocked|costs?|los(?:es?|t)|can(?:'t|not)|(?:do|does|did|is|are|was|wo)n't|fails?|failed|forgets?|cheaper"
    r"|faster|slower|easier|simpler|safer|better|longer|bigger|worse|fewer|promised|bit|cuts?|looks like|at last"
    r"|only|needs?|sounds|swears|every time)\b", re.IGNORECASE,
)  # fmt: skip
_REQUEST = re.compile(
    r"\?|\b(?:please|pls|you|your|why)\b|[,;] (?:look|help|right|see)$|^(?:and |then |now |so )*(?:show|look|find"
    r"|explain|write|draft|check|tell|list"
    r"|give|make|fix|add|run|open|read|help|try|see|compare|translate|name|sort|use|change|rename|remove|search"
    r"|why|what|which|who|where|how|is|are|can|could|should|do(?!n't)|does|did|would|will)\b", re.IGNORECASE,
)  # fmt: skip
_WOULD_HAVE = re.compile(
    r"^(?!it\b|that\b|this\b|we\b|i\b|they\b)(?:[\w-]+\s+){1,6}would have\b.+$"
    r"|^(?!it\b|that\b|this\b|we\b|i\b|they\b)\S.{1,60}? (?:was|were|is) the other (?:idea|option|candidate|way"
    r"|possibility|proposal|choice)\b.*$"
    r"|^(?!it\b|that\b|this\b|we\b|i\b|they\b|he\b|she\b)\S.{1,40}? (?:is|are|was|were|comes?) (?:much "
    r"|a bit )?(?:[a-z]+er|cheap|easy|simple)\b.* but\b.*$"
    r"|^(?-i:[A-Z])[\w .]{1,30}? (?:wanted|would have|proposed|suggested|asked for)\b.*\b(?:instead|but)\b.*$"
    r"|^(?:i|we) (?:tried|considered|thought (?:of|about))\b.* (?:and|but)\b.*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned:
    """A statement, why it is so, and what it is instead of."""

    statement: str
    why: str = ""
    alternatives: tuple[str, ...] = ()


def reasoned(text: str) -> Reasoned:
    """Splits `we use X instead of Y because Z`. The alternatives stay in the statement, the reason does not."""
    found = _REASON.search(text)
    statement, why = (text[: found.start()], found["why"]) if found else (text, "")
    others = [match["other"] for pattern in (_INSTEAD, _OVER, _NOT) for match in pattern.finditer(statement)]
    clean = tuple(dict.fromkeys(re.sub(r"^on (?=\d{4}-)", "", other.strip(" .,;")) for other in others))
    return Reasoned(statement=statement.strip(" ,;"), why=why.strip(" .,;!"), alternatives=clean)


def reason_alone(sentence: str) -> str:
    """The reason, where a whole sentence gives one for what was said before; else empty."""
    found = _OPENS_WITH_REASON.match(sentence.rstrip(" ."))
    return found["why"] if found else ""


def contrasts(sentence: str) -> bool:
    """Whether a sentence says what something else would do: `60 would hide the slow ones`. That is a reason."""
    return _CONTRASTS.match(sentence) is not None and not asks_for(sentence)


_STRONG = re.compile(
    r"^(?:bigger|longer|more|fewer|smaller|shorter|larger|higher|lower|less|every [\w-]+ would)\b|\bi'd\b|\bwe'd\b"
    r"|\b(?:i|we) (?:have |once )?tried\b|\bnobody (?:uses|needs|reads|wants|ever|would)\b|\btoo [a-z]+\b|\bpromised\b"
    r"|\b(?:bit|cost|burnt|cursed|complained|lost|broke)\b.*\b(?:us|me|twice|already|last|before)\b|\bcuts? at\b"
    r"|\bdon't fit\b|\blooks? like\b|\bhates?\b|\b(?:is|are) not worth\b|\b(?:we|i) don't want\b|\bliable\b",
    re.IGNORECASE,
)  # fmt: skip
_POINTS = re.compile(r"^(?:and |but |so )?(?:it|that|this|both|somewhere|somehow|only|that's|it's)\b", re.IGNORECASE)
_FAULT = re.compile(
    r"\b(?:bug|broken|(?<!would )(?:fails?|breaks?|break)|failing|crash\w*|wrong|strange|weird|why|flickers?"
    r"|empty|missing"
    r"|stale|hangs?|dies|help|by mistake|no idea|i guess|i think|i suppose|not sure|somewhere|somehow|noticed)\b",
    re.IGNORECASE,
)


def grounds(sentence: str) -> bool:
    """Whether a sentence surely gives the ground for what was said before it, so that it was a decision."""
    if asks_for(sentence) or _POINTS.match(sentence):
        return False
    return contrasts(sentence) or bool(alternative_alone(sentence)) or _STRONG.search(sentence) is not None


def tells_of_a_fault(text: str) -> bool:
    """Whether words describe what goes wrong: `that is the bug`, `it never loads`. Then `we` is what a program does."""
    return _FAULT.search(text) is not None and not re.search(r"\b(?:i|we) tried\b", text, re.IGNORECASE)


def explains(sentence: str) -> bool:
    """Whether a sentence may give the ground for the decision before it: it tells of a cost, a trial, a fault."""
    return not asks_for(sentence) and (contrasts(sentence) or _EXPLAINS.search(sentence) is not None)


def asks_for(sentence: str) -> bool:
    """Whether a sentence wants something now: a question, an order, anything said to `you`."""
    return _REQUEST.search(sentence) is not None


def alternative_alone(sentence: str) -> str:
    """What a sentence rules out (`tiers: nobody understands them`), or `Y would have …` as it is; else empty."""
    plain = sentence.rstrip(" .")
    if found := _AGAINST.match(plain):
        parts = reasoned(found["other"])
        return f"{parts.statement}: {parts.why}" if parts.why else parts.statement
    return plain if _WOULD_HAVE.match(plain) else ""


def ruled_out(sentence: str) -> str:
    """What `we ruled out Y because …` rules out, without the reason; empty when it does not."""
    found = _AGAINST.match(sentence.rstrip(" ."))
    return reasoned(found["other"]).statement if found else ""

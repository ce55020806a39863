"""What an agent without tools answers: a greeting, or the lines of its own instructions that speak of the question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nova.models.extractive.concepts import content, tokens
from nova.models.extractive.ranking import Encode, rank
from nova.models.extractive.reading import read
from nova.models.extractive.values import Answer, Line

LINES_MAX = 6
_NEAR_BEST = 0.6
_GREETING = re.compile(r"^\W*(?:hi|hello|hey|hallo|moin|good (?:morning|afternoon|evening|day)|"
                       r"guten (?:tag|morgen|abend)|servus|goedemorgen|goedemiddag|goedenavond|goedendag|greetings|yo|"
                       r"how are you|wie geht|hoe gaat)\b", re.IGNORECASE)  # fmt: skip
_THANKS = re.compile(
    r"\b(?:thanks|thank you|thx|danke|dank je|bedankt|merci|nice work|well done|great job)\b", re.IGNORECASE
)
_BYE = re.compile(r"\b(?:bye|goodbye|good night|see you|talk to you|tschüss|tot ziens|doei)\b", re.IGNORECASE)
_ABILITIES = re.compile(
    r"\b(?:what can you do|who are you|what are you|help|tour|introduce yourself|what is nova|what do you do|"
    r"was kannst du|wer bist du|wat kun je|wie ben je)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^\s*(?:[-*]|\d{1,2}[.)])\s+(.*)$")
_DIRECTING = re.compile(
    r"^(?:how to (?:answer|work|behave)|what you leave|the answer|what to watch|never|stop|boundaries|tone|when to)",
    re.IGNORECASE,
)
# What the loop puts behind an agent's own instructions is about the owner and his project, not about Nova.
_NOT_OWN = re.compile(r"^# (?:About the owner|The project|Earlier in this conversation|Your brief)$", re.MULTILINE)
GREETED, THANKED, LEFT = "Hello.", "You are welcome.", "Goodbye."
UNKNOWN = "I have no tool and no text here that answers this. `nova agents list` shows who could."


def answer(request: str, instructions: str, encode: Encode | None = None) -> Answer:
    """A greeting, thanks, or the up to six lines of the instructions that fit best, in their order."""
    opening = (
        GREETED
        if _GREETING.match(request)
        else THANKED
        if _THANKS.search(request)
        else LEFT
        if _BYE.search(request)
        else ""
    )
    left = content(tokens(_BYE.sub(" ", _THANKS.sub(" ", _GREETING.sub(" ", request)))))
    abilities = bool(_ABILITIES.search(request))
    if opening and not abilities and (len(left) <= 2 or opening != GREETED):
        return Answer(text=opening)
    facts = [Line("", text) for text in statements(instructions)]
    if abilities or not left:
        chosen = facts[:LINES_MAX]
    else:
        hits = rank(read(request), facts, encode)
        best = hits[0].score if hits else 0.0
        near = [hit for hit in hits if best and hit.score >= _NEAR_BEST * best][:LINES_MAX]
        chosen = [hit.line for hit in sorted(near, key=lambda hit: hit.at)]
    if not chosen:
        return Answer(text=f"{opening} {UNKNOWN}".strip(), nothing_found=True)
    return Answer(text="\n".join([*([opening, ""] if opening else []), *(f"- {line.text}" for line in chosen)]))


def statements(instructions: str) -> Iterator[str]:
    """The listed facts of instructions, each on one line; what tells the agent how to behave is left out."""
    directing, pending = False, ""
    own = _NOT_OWN.split(instructions, maxsplit=1)[0]
    for raw in [*own.splitlines(), ""]:
        line = raw.strip()
        item = _ITEM.match(raw)
        if pending and (item or not line or not raw.startswith(" ")):
            yield pending
            pending = ""
        if item:
            pending = "" if directing else item[1].strip()
        elif pending and line:
            pending = f"{pending} {line}"
        elif line:
            directing = bool(_DIRECTING.match(line))

"""What of a message is its speaker's own words, sentence by sentence, with the place of each. Pure.

Left out: code, quotations, logs, pasted mails and prompts, what is given to be translated or rewritten, and of a
message over 4,000 characters everything but its first lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LENGTH_MAX = 4_000  # a longer message is pasted text with a few own words before it
FIRST_LINES = 6
FIRST_CHARACTERS = 1_000
SENTENCES_MAX = 60
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
_TAG_OPENS = re.compile(r"^\s*<(?P<name>[a-z][\w-]{1,40})[^<>/]*>\s*$", re.IGNORECASE)
_NOT_SPOKEN = re.compile(
    r"^(?:\s*>| {4,}\S|\t\S|\s*(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d)|\s*(?:DEBUG|INFO|WARN(?:ING)?"
    r"|ERROR|FATAL|CRITICAL)\b[:\s\]]|\s*Traceback \(|\s*File \"|\s*at [\w.$]+\(|\s*(?:\$|>>>|\+\+\+|---|@@"
    r"|#!)\s*\S|\s*[\w.]*(?:Error|"
    r"Exception): |\s*\|)"
)
_MAIL = re.compile(r"^(?:From|To|Cc|Subject|Date|Sent|Von|An|Betreff):\s", re.IGNORECASE)
_PROMPT = re.compile(
    r"^\s*(?:you are (?:an?|the) [\w -]{0,60}?(?:assistant|agent|model|bot|expert|developer|engineer|reviewer)\b"
    r"|#+\s*(?:system|instructions?)\b|<?\|?(?:system|assistant|user|human)\|?>?\s*:)", re.IGNORECASE,
)  # fmt: skip
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+(?:\[[ xX]\]\s+)?")
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|;(?=\s)|,?\s+(?=(?:and|oh and)\s+(?:please\s+)?(?:remember"
    r"|note)\s+that\b)|,?\s+(?=and\s+(?:next|tomorrow|then)\s+I(?:'ll| will)\b)", re.IGNORECASE)  # fmt: skip
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|cf|approx|nr|dr|mr|mrs|(?<!\d )ms|prof|st|inc|ltd|fig|ca|bzw|z\. ?b|d\. ?h|incl|inkl)"
    r"|(?<!\S)[A-Za-z])\.$", re.IGNORECASE,
)  # fmt: skip
_DAY_OF_MONTH = re.compile(r"\b\d{1,2}\.(?=\s+(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez))")
ANSWERED = re.compile(
    r"^(?P<who>(?-i:[A-Z])[\w.' -]{1,30}?) (?:answered|replied|confirmed)(?: that|:|,)\s+\S.*$", re.IGNORECASE
)
REPLIED = re.compile(
    r"^(?P<who>s?he|they|(?:the|our|my) [\w-]+(?: [\w-]+)?"
    r"|(?-i:[A-Z])[\w.' -]{1,30}?) (?:has )?(?:finally )?(?:answered|replied"
    r"|got back(?: to (?:me|us))?|came back(?: to (?:me|us))?)(?: about (?P<topic>[^:,]{3,40}?))?(?: at last"
    r"| today| now"
    r"| on \d{4}-\d\d-\d\d| yesterday)?:\s+(?P<told>\S+ \S.*)$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»|„[^“\n]*“|`[^`\n]*`")
_MATERIAL = re.compile(
    r"^(?:please |can you |could you |now |and )*(?:translat|rewrit|rephras|paraphras|summari[sz]|shorten"
    r"|proofread|edit|check|improve|polish|reply|answer|review|explain|classif|correct|fix|read|format|compare"
    r"|draft|is this|what (?:do|about|is)|übersetz|fass|formulier)[^:]{0,80}:|^[^:]{0,60}\b(?:told|wrote|writes"
    r"|said|says|asks|asked|answered|replied|mail|message|reads|quote|sentence|text|diff|schrieb|sagt)\b[^:]{0,30}:",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence as it was typed. start, end: its place in the message; heading: the line its list stands under."""

    text: str
    start: int
    end: int
    heading: str = ""


def own_sentences(text: str) -> tuple[Sentence, ...]:
    """The speaker's own sentences in order, at most 60."""
    found: list[Sentence] = []
    for start, end, heading in _paragraphs(text):
        for sentence in _cut(text, start, end, heading):
            material = _MATERIAL.match(sentence.text)
            if not material or _closes(sentence.text):
                found.append(sentence)
            elif material:
                return tuple(found[:SENTENCES_MAX])
    return tuple(found[:SENTENCES_MAX])


def _closes(sentence: str) -> bool:
    """A heading over the speaker's own list, such as `Remember what Jonas told me:`, gives no material."""
    own = re.match(r"(?:please )?(?:remember|note|todo|open question|decision)", sentence, re.IGNORECASE)
    plain = re.sub(r"^(?:and|so|ok|also|btw)[, ]+", "", sentence, flags=re.IGNORECASE)
    return own is not None or any(form.match(plain) for form in (ANSWERED, REPLIED))


def _paragraphs(text: str) -> Iterator[tuple[int, int, str]]:
    """Start and end of what belongs together, and the heading of the list it is an item of."""
    begin, last, heading = -1, -1, ""
    for start, end in _spoken_lines(text):
        line = text[start:end]
        item = _BULLET.match(line)
        new = not line.strip() or item is not None or begin < 0 or _ends(text[begin:last])
        if new and begin >= 0:
            yield begin, last, heading if _BULLET.match(text[_line_start(text, begin) : last]) else ""
            if text[begin:last].rstrip().endswith(":"):
                heading = text[begin:last].strip()
            begin = -1
        if line.strip():
            if begin < 0 and not item:
                heading = ""
            begin = start + (item.end() if item else 0) if begin < 0 else begin
            last = end
    if begin >= 0:
        yield begin, last, heading if _BULLET.match(text[_line_start(text, begin) : last]) else ""


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _ends(paragraph: str) -> bool:
    """Whether a line break after these words ends a thought: a short last line, or a sign at its end."""
    last = paragraph.rsplit("\n", 1)[-1].rstrip()
    return len(last) < 60 or last.endswith((".", "!", "?", ":", ";", "…"))


def _spoken_lines(text: str) -> Iterator[tuple[int, int]]:
    place, fence, tag, mail, count = 0, "", "", 0, 0
    for line in text.split("\n"):
        start, end = place, place + len(line)
        place = end + 1
        count += 1
        if len(text) > LENGTH_MAX and (count > FIRST_LINES or start > FIRST_CHARACTERS):
            return
        if mark := _FENCE.match(line):
            fence = ("" if line.strip().startswith(fence) else fence) if fence else mark[1][:3]
            continue
        mail = mail + 1 if _MAIL.match(line) else mail
        if _PROMPT.match(line) or mail > 1:
            return
        if not tag and not fence and (opens := _TAG_OPENS.match(line)) and f"</{opens['name']}" in text[end:]:
            tag = opens["name"]
        if tag:
            tag = "" if f"</{tag}" in line else tag
            continue
        if not fence and not _NOT_SPOKEN.match(line) and not _MAIL.match(line):
            yield start, end


def _cut(text: str, start: int, end: int, heading: str) -> Iterator[Sentence]:
    body = text[start:end]
    masked = _DAY_OF_MONTH.sub(lambda found: "x" * len(found[0]), body)
    masked = _QUOTED.sub(lambda found: "x" * len(found[0]), masked)
    begin = 0
    for found in [*_END.finditer(masked), None]:
        stop = found.end() if found else len(body)
        if found and found[0].startswith(".") and _SHORT.search(masked[: found.start() + 1]):
            continue
        piece = body[begin:stop]
        if any(character.isalnum() for character in piece):
            first = start + begin + len(piece) - len(piece.lstrip())
            yield Sentence(text=" ".join(piece.split()), start=first, end=first + len(piece.strip()), heading=heading)
        begin = stop

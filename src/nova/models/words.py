"""Words of a text made comparable: folded, without stop words, stemmed. Pure; English and German."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_SMALL = """
    a about all also am an and any are as at be because been before being but by can could did do does doing done for
    from get give had has have he her him his how i if in into is it its just let like make may me might more most much
    must my need no not of on or our out over per please shall
    she should show so some such tell than that the their them
    then there these they this those through to too under up us very want was we were what when where which while
    who whom whose why will with would you your
    aber als am an auch auf aus bei bin bis bitte da damit dann das dass dem den der des die dies diese dieser dieses
    doch du ein eine einem einen einer eines er es fur hat habe haben ich ihr im in ins ist ja kann kein keine konnen
    man mein mit nach nicht noch nur ob oder ohne sein sich sie sind so um und uns unter vom von vor war warum was
    welche welcher wenn wer wie wir wird wo wurde zu zum zur uber
"""  # folded, as the words that are compared with them are
STOP_WORDS = frozenset(_SMALL.split())
_ENDINGS = (
    "ations", "ation", "ating", "ated", "ates", "ate", "ings", "ing", "edly", "ied", "ies", "ed", "es", "ly", "s",
    "en", "er", "e",
)  # fmt: skip
_IRREGULAR = {
    "paid": "pay", "sold": "sell", "bought": "buy", "sent": "send", "held": "hold", "wrote": "write",
    "written": "write", "made": "make", "broke": "break", "broken": "break", "ran": "run", "kept": "keep",
    "left": "leave", "lost": "lose", "found": "find", "said": "say", "told": "tell", "went": "go", "done": "do",
    "chose": "choose", "chosen": "choose", "taxes": "tax", "children": "child", "people": "person", "indices": "index",
}  # fmt: skip
STEM_LENGTH_MIN = 3


def fold(text: str) -> str:
    """Case and accents taken away: `Größe` becomes `grosse`, so that a question finds a text in another spelling."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def stem(word: str) -> str:
    """A folded word without its ending, at least three letters long: refunded, refunds and refund are one.

    Deliberately crude (endings cut off by a list): it has to agree with itself, not with a grammar.
    """
    word = _IRREGULAR.get(word, word)
    for ending in _ENDINGS:
        kept = word[: -len(ending)]
        if word.endswith(ending) and len(kept) >= STEM_LENGTH_MIN and not (ending == "s" and kept[-1] in "su"):
            if ending in {"ied", "ies"}:
                return kept + "i"
            doubled = len(kept) > STEM_LENGTH_MIN and kept[-1] == kept[-2] and kept[-1] not in "ls"
            return kept[:-1] if doubled else _y(kept)
    return _y(word)


def _y(word: str) -> str:
    return word[:-1] + "i" if len(word) > STEM_LENGTH_MIN and word.endswith("y") else word


def words(text: str) -> list[str]:
    """The content words of a text in order, stemmed; names in camel case and snake case count as their parts too."""
    found: list[str] = []
    for raw in _WORD.findall(text.replace("_", " ")):
        parts = _CAMEL.split(raw)
        for part in [raw, *parts] if len(parts) > 1 else [raw]:
            folded = fold(part).removesuffix("'s").removesuffix("’s")
            if folded and folded not in STOP_WORDS:
                found.append(stem(folded))
    return found

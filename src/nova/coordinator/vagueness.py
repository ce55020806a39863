"""Says when a request is too vague to be sure about, whatever the score. Knows words only, English and some German.

Ambiguity is not in the score: half of the deliberately unclear requests are above any honest cut-off, because
examples teach «check my balance» as a bank's. So few content words, or a pronoun with hardly any, keep a request out
of the sure zone.
"""

from __future__ import annotations

import re

from nova.coordinator.clause_words import asks, word_set

TOPIC_WORDS_MAX = 7  # of a mere subject; a longer text without an order is a telegram whose words decide
NEAR_TOPIC = 0.7  # cosine: a mere subject this near to an example is asked as that example was
NEAR_EMPTY = 0.75  # the same for a request without content words: the example has none either
NEAR_EXAMPLE = 0.9  # cosine: a request this near to an example is that example, however short
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


_PRONOUNS = word_set(
    """
    it this that these those them they something anything everything stuff thing things one ones es das dies
    diese diesen dieses sie etwas alles sachen ding dinge
    """
)
_EMPTY = word_set(
    """
    a about again all also am an and any are as at be been but by can check could deal did do does doing fix for
    from get give go had handle has have hello help hey hi how i if in into is just kindly let like look made
    make may me might mine more my need needs new no not now of off ok okay on or our out over please see shall
    she should show so some sort still take tell than the their then there to too up us use very want was we
    were what when where which who why will with would yes yet you your other another same first second third
    last next previous work works working done right wrong good bad better best change update improve run start
    ab aber auch bitte bei bin da dann dass den der die doch du ein eine einen er für geht haben hier ich im ist
    ja kann kannst könntest mach mache machen mal mein mir mit mich nach nicht noch nun nur oder ob schau schon
    sein sich sind und uns vom von war wer wie wir wo zeig zu zum zur
    """
)


def content_words(text: str) -> tuple[str, ...]:
    """The words that say what a request is about: no articles, pronouns, politeness, or verbs of all work."""
    words = (word.casefold() for word in _WORD.findall(text))
    return tuple(word for word in words if word not in _EMPTY and word not in _PRONOUNS)


_SMALL_TALK = word_set(
    """
    hello hi hey hallo morning evening afternoon night day good there nova thanks thank you cheers bye goodbye
    ciao moin danke tschüss guten morgen tag abend welcome nice great cool perfect well done a lot so much very
    how are
    """
)


def small_talk(text: str) -> bool:
    """Whether every word is a greeting, thanks or praise: short, but not vague."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return bool(words) and all(word in _SMALL_TALK for word in words)


def points(text: str) -> bool:
    """Whether a word stands for something the request does not name."""
    return any(word.casefold() in _PRONOUNS for word in _WORD.findall(text))


def vague(text: str, nearest: float) -> str:
    """Why a request is too vague, as a clause for a sentence; empty when it is not.

    nearest: cosine of the nearest example.
    """
    if nearest >= NEAR_EXAMPLE or small_talk(text):
        return ""
    count = len(content_words(text))
    if count == 0:
        return "it names no thing and no task" if nearest < NEAR_EMPTY else ""
    if count == 1:
        return "it has a single word to go by"
    pronoun = next((word for word in _WORD.findall(text.casefold()) if word in _PRONOUNS), "")
    if count == 2 and pronoun:
        return f"it has two words to go by, and “{pronoun}” stands for something it does not name"
    if len(text.split()) <= TOPIC_WORDS_MAX and nearest < NEAR_TOPIC and not asks(text) and "?" not in text:
        return "it names a subject, but not what to do with it"
    return ""

"""Whether a clause can stand alone as a request, by its words. English and some German; knows nothing about agents."""

from __future__ import annotations

import re


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as a set to look them up in."""
    return frozenset(text.split())


_VERBS = word_set(
    """
    activate add answer ask audit block book build buy calculate call cancel change check choose clean close
    collect compare compute confirm convert correct count create debug decide define delete describe diagnose
    draft draw edit estimate explain export fetch find fix flip forget format freeze gather generate get give
    group help import improve keep label let list load lookup lower make mark match measure merge move name note
    open order outline pay pick plan play please polish prepare print profile proofread propose prove pull push
    put raise rank read recommend record refactor remember remind remove rename repair repeat reply report
    review rewrite roll run save say schedule search send set share shorten show sketch skip sort spell split
    start stop store suggest sum summarise summarize tag take tell test text tidy trace track transfer translate
    turn update validate verify walk write ändere berechne beschreibe erkläre erstelle finde formuliere gib
    korrigiere liste lies lösche mach nenne öffne prüfe schau schick schreib schreibe sende sortiere such suche
    übersetze vergleiche zähle zeig zeige
    """
)
_QUESTIONS = word_set(
    """
    what whats what's which who whose whom where when why how hows how's is are was were am do does did can
    could will would should shall may might has have had isn't aren't don't doesn't didn't can't couldn't won't
    welche welcher welches wer wem wen wo wann warum wie ist sind hat haben kann kannst gibt
    """
)
_OPENING = re.compile(
    r"^(?:(?:so|ok|okay|hey|hi|also|and|then|now|please|pls|kindly|just|first|next|finally|afterwards|und|dann|bitte)"
    r"[\s,]+)*(?:(?P<wish>i(?:'d| would)? (?:want|need|like|wish|am looking|have to|wonder)|i'm looking|can you"
    r"|could you|would you|will you|let me|let's|tell me|please|any\b|anything|ich (?:will|möchte|brauche))"
    r"|(?P<word>\S+))",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|it's|that|this|they|them|their|those|these|there|then|she|he|her|his|him|such|same|both|ones?|one's|so"
    r"|das|dies|sie|dort|davon)\b",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"^(?:because|although|though|since|while|so that|which|who|that|or|if|when|unless|until|as|than|not|rather|but"
    r"|weil|obwohl|damit|dass|wenn|oder|aber)\b",
    re.IGNORECASE,
)


def asks(clause: str) -> bool:
    """Whether it begins like a request: an imperative, a question word, or a wish."""
    found = _OPENING.match(clause.strip())
    if found is None:
        return False
    word = (found["word"] or "").casefold().strip(",.:;!?\"'()")
    return found["wish"] is not None or word in _VERBS or word in _QUESTIONS


def points_back(clause: str) -> bool:
    """Whether a word of it stands for something said before."""
    return bool(_POINTS_BACK.search(clause))


def subordinate(clause: str) -> bool:
    """Whether it hangs on another clause."""
    return bool(_SUBORDINATE.match(clause.strip()))

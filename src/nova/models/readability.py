"""How hard a text is to read, counted. Pure; English and German, told apart by their small words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SMALL_GERMAN = "der die das und ist nicht ein eine einen zu den dem von mit auf für sich auch es wird im des"
_SMALL_ENGLISH = "the and is not a an of to in that it for on with are be this as by from was or which we"
_GERMAN, _ENGLISH = frozenset(_SMALL_GERMAN.split()), frozenset(_SMALL_ENGLISH.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS_ENGLISH = re.compile(r"[aeiouy]+")
_VOWELS_GERMAN = re.compile(r"au|ei|ie|eu|äu|ai|oi|ui|aa|ee|oo|[aeiouyäöü]")
_FLESCH_BANDS = ((90, "very easy"), (70, "easy"), (60, "plain"), (50, "fairly hard"), (30, "hard"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability:
    """Counts of a text. flesch: reading ease, 0 (hard) to 100 (easy); vienna: school year, German texts only."""

    words: int
    sentences: int
    syllables: int
    german: bool
    flesch: float
    vienna: float | None

    @property
    def words_per_sentence(self) -> float:
        """Mean sentence length in words."""
        return self.words / max(1, self.sentences)

    @property
    def band(self) -> str:
        """The Flesch score as a word, by Flesch's own table."""
        return next((name for least, name in _FLESCH_BANDS if self.flesch >= least), "very hard")


def words_of(text: str) -> list[str]:
    """The words as a reader counts them; numbers and signs are none."""
    return _WORD.findall(text)


def is_german(text: str) -> bool:
    """Whether German small words outnumber English ones."""
    small = [word.casefold() for word in words_of(text[:20_000])]
    return sum(word in _GERMAN for word in small) > sum(word in _ENGLISH for word in small)


def syllables(word: str, *, german: bool) -> int:
    """Syllables by vowel groups, at least one; English: a silent final e does not count."""
    folded = word.casefold()
    if german:
        return max(1, len(_VOWELS_GERMAN.findall(folded)))
    count = len(_VOWELS_ENGLISH.findall(folded))
    silent = folded.endswith("e") and not folded.endswith(("le", "ee", "ie"))
    silent = silent or (folded.endswith("ed") and not folded.endswith(("ted", "ded")))
    return max(1, count - silent)


def measure(sentences: Sequence[str]) -> Readability:
    """Counts and scores of a text given as its sentences.

    English: Flesch reading ease, 206.835 - 1.015 ASL - 84.6 ASW (R. Flesch, A new readability yardstick, Journal of
    Applied Psychology 32, 1948). German: Amstad's form of it, 180 - ASL - 58.5 ASW (T. Amstad, Wie verständlich sind
    unsere Zeitungen?, Zürich 1978), and the first Wiener Sachtextformel, 0.1935 MS + 0.1672 SL + 0.1297 IW - 0.0327 ES
    - 0.875 (R. Bamberger, E. Vanecek, Lesen, Verstehen, Lernen, Schreiben, Wien 1984). ASL, SL: words per sentence;
    ASW: syllables per word; MS: % words of three and more syllables; IW: % words of more than six letters; ES: % words
    of one syllable. A text without words scores 0.
    """
    text = "\n".join(sentences)
    german = is_german(text)
    found = words_of(text)
    counts = [syllables(word, german=german) for word in found]
    total, lines = len(found), max(1, sum(1 for sentence in sentences if words_of(sentence)))
    if not total:
        return Readability(words=0, sentences=0, syllables=0, german=german, flesch=0.0, vienna=None)
    length, weight = total / lines, sum(counts) / total
    flesch = 180 - length - 58.5 * weight if german else 206.835 - 1.015 * length - 84.6 * weight
    vienna = _vienna(found, counts, length) if german else None
    return Readability(words=total, sentences=lines, syllables=sum(counts), german=german, flesch=flesch, vienna=vienna)


def _vienna(found: Sequence[str], counts: Sequence[int], length: float) -> float:
    percent = 100 / len(found)
    long_ones, single = sum(count >= 3 for count in counts), sum(count == 1 for count in counts)
    wide = sum(len(word) > 6 for word in found)
    return 0.1935 * long_ones * percent + 0.1672 * length + 0.1297 * wide * percent - 0.0327 * single * percent - 0.875

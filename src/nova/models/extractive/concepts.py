"""Words of requests, tools and results made comparable: synonyms, plurals, identifiers taken apart.

Knows English and the question words of German and Dutch; refuses to know any project or agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from nova.models.words import fold, stem

TEXT_CHARACTERS_MAX = 20_000
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?", re.UNICODE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

# One line a concept. The first word names it; the others are other ways to say it.
_CONCEPTS = """
field column attribute property feld felder spalte veld velden kolom
model table entity class modell modelle tabelle tabellen tabel klasse
relation relationship foreignkey foreign fk link reference refer point pointing connected manytomany beziehung
commit history log revision activity touched worked verlauf geschiedenis
change changed modify modified edit edited moved änderung änderungen geändert wijziging wijzigingen gewijzigd
issue ticket bug report problem complaint fehlerbericht melding
file document page datei dateien bestand bestanden
folder directory ordner map verzeichnis
author who whose wer wessen whom blame
date when wann wanneer datum
list show enumerate every all alle liste lijst
count wieviele wieviel hoeveel anzahl aantal
words word wörter woorden wort woord
summary summarise summarize tldr gist overview zusammenfassung samenvatting condense digest
uncommitted dirty clean unstaged staged working workingtree
diff difference patch delta unterschied verschil
search find look grep mention mentioned suche finde zoek occurrence
reason why because rationale argument warum waarom weshalb wieso grund reden
readability readable grade flesch lesbarkeit
delete remove removed deleted drop
error exception failure fail
test tests pytest coverage
price cost preis prijs
round rounding rounded half_up quantize rundung afronding
tenant company mandant mandanten
permission allowed access right authorise authorize
decision decide decided adr chose choose chosen agreed entscheidung besluit
img image images picture pictures photo photos
paragraph sentence section
unique uniqueness uniqueconstraint unique_together
null nullable optional required blank empty leer leeg
index indexed indexes
default defaults
constraint constraints checkconstraint
open offen offene openstaand openstaande unresolved
closed geschlossen gesloten resolved
latest last newest recent recently letzte letzten laatste neueste
first oldest earliest erste eerste
"""

STOP = frozenset(
    word
    for word in fold("""
a an the this that these those and or but nor so if then than as of at by for from in into on onto to with without
about over under between through during before after is are was were be been being am do does did done doing have has
had having can could will would shall should may might must i me my mine we us our ours you your yours he him his she
her it its they them their there here what which who whom whose when where why how not no any some just also too very
please kindly thanks thank hi hello hey nova ok okay well now again let lets give tell get got go make made want need
like know think say said see look looks show me one ones thing things something anything everything much more most
other another each every all both few own same such only even still yet ever never up down out off does's what's
it's i'd i'm isn't don't doesn't didn't can't won't whats hows there's we've i've
der die das den dem des ein eine einen einem einer und oder aber ist sind war waren hat haben wird werden wurde wurden
in im am an auf aus bei mit nach von vom zu zum zur für über unter durch welche welcher welches welchen was wer wo wann
wie warum mir mich bitte gibt es ich du wir ihr sie er nicht kein keine zeig zeige nenne alle
de het een en of maar is zijn was waren heeft hebben wordt worden werd van voor naar met op uit bij door welke wat wie
waar wanneer hoe waarom mij ik je jij wij zij er niet geen graag geef toon noem
""").split()
)


def tokens(text: str) -> list[str]:
    """The words of a text in order, lower case, `PurchaseOrder_line` as three; at most the first 20,000 characters."""
    apart = _CAMEL.sub(" ", text[:TEXT_CHARACTERS_MAX])
    return [word.removesuffix("'s") for word in _WORD.findall(fold(apart).replace("’", "'"))]


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """The word without a plural ending: `categories` is `category`, `lines` is `line`, `address` stays."""
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


@lru_cache(maxsize=20_000)
def joined(text: str) -> str:
    """The words of a name in singular without what stands between: `purchase-order lines` is `purchaseorderline`."""
    return "".join(singular(word) for word in tokens(text))


def _concepts() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in fold(_CONCEPTS).split("\n"):
        words = line.split()
        for word in words:
            table.setdefault(word, words[0])
            table.setdefault(stem(word), words[0])
    return table


_CONCEPT = _concepts()


@lru_cache(maxsize=20_000)
def concept(word: str) -> str:
    """The name under which a word and its synonyms are counted as one; its stem when it has none."""
    return _CONCEPT.get(word) or _CONCEPT.get(singular(word)) or _CONCEPT.get(stem(word)) or stem(word)


@lru_cache(maxsize=1_000)
def ways_to_say(word: str) -> tuple[str, ...]:
    """A word and up to two other short ways to say it, as code does: `images` is also `img`."""
    same = [other for other, name in _CONCEPT.items() if name == concept(word) and len(other) <= 6]
    return tuple(dict.fromkeys([word, *same[:2]]))


def concepts(text: str) -> frozenset[str]:
    """The concepts of a text, stop words left out."""
    return frozenset(concept(word) for word in tokens(text) if word not in STOP)


def content(words: Iterable[str]) -> list[str]:
    """The words that carry a subject, each once, in order."""
    kept = (
        word for word in words if word not in STOP and (len(word) > 1 or word.isdigit()) and not word.endswith("n't")
    )
    return list(dict.fromkeys(kept))

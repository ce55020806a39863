"""Secrets, by their form and by how they are announced. Knows what must not be kept; never repeats it."""

from __future__ import annotations

import re

from nova.memory.hearing.said import Refused

_SHAPES = (
    ("key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}")),
    ("token", re.compile(r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}"
    r"|npm_\w{30,}|pypi-[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)|\bBearer\s+[\w.~+/-]{16,}")),
    ("key", re.compile(r"\b(?:sk|pk|rk)[-_](?:live|test|ant|proj|or)?[-_\w]{16,}")),
    ("password", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,80}:[^\s/@]{1,80}@")),
)  # fmt: skip
_NAMES = (
    ("password", r"passwords?|passphrase|passwd|pwd|passwort|kennwort|login data|credentials?"),
    ("token", r"(?:access |auth |api |bearer |refresh |deploy )?tokens?"),
    ("key", r"(?:api|secret|private|access|licen[cs]e|encryption|signing|deploy|ssh)[ -]?keys?|client secret"
    r"|secret|schlüssel"),
    ("code", r"pins?|pin code|passcode|cvv|cvc|(?:door|alarm|gate|entry|access|unlock|safe) code|tan|puk"),
    ("card number", r"(?:credit |debit )?card(?: number)?|kreditkarte"),
)  # fmt: skip
# After these words comes where it lies or how it behaves, not what it is.
_HARMLESS = (
    r"(?:kept|stored|saved|held|in|at|on|under|with|not|never|no|hashed|encrypted|valid|invalid|required|optional"
    r"|wrong|correct|too|long|only|always|set|reset|rotated|changed|expired|missing|known|empty|the same|part|sent"
    r"|due|new|needed|used|read|written|checked|env:|keyring:|file:|somewhere|meant|for|gone|safe|secret|shared"
    r"|handled|now|a|an|im|in|bei|unter|nicht)\b"
)
_SAID = tuple(
    (what, re.compile(
        rf"\b(?:{names})\b(?P<hint> hint)?(?:\s+(?:for|of|to|at|on|from|für|von|zum?|zur)\s+[^.;:=]{{1,50}}?)?"
        rf"(?:\s+(?:is|are|lautet|ist|now)(?:\s+now)?\s+|\s*[:=]\s*)(?!{_HARMLESS})[\"'`]?(?P<value>\S{{3,}})",
        re.IGNORECASE,
    ))
    for what, names in _NAMES
)  # fmt: skip
_LOGIN = re.compile(r"\blogin(?:\s+for\s+[\w .-]{1,40})?(?:\s+is|\s*:)\s+\S+\s*/\s*\S{4,}", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\d.+-])[2-6](?:[ -]?\d){13,18}(?![\d-])")
_RANDOM = re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{24,}(?![\w/.-])")


def secret_in(text: str) -> str | None:
    """What kind of secret the text holds (password, key, token, code, card number), or None.

    Where a secret lies (`env:NAME`, "in the vault") and how it behaves ("the token expires") is none.
    """
    for what, shape in _SHAPES:
        if shape.search(text):
            return what
    if any(_luhn(found[0]) for found in _DIGITS.finditer(text)):
        return "card number"
    for what, said in _SAID:
        if any(_a_value(what, found) for found in said.finditer(text)):
            return what
    if _LOGIN.search(text):
        return "password"
    return "key" if _RANDOM.search(text) else None


def refusal(what: str) -> Refused:
    """The sentence for the person. It names the kind and where such a thing belongs, not the thing."""
    article = "an" if what[0] in "aeiou" else "a"
    return Refused(
        what=what,
        sentence=(
            f"This holds {article} {what}, and that is not kept. Put it where secrets lie (a password manager, the "
            "keyring) and let me remember where it is: env:NAME, keyring:SERVICE/NAME or file:PATH."
        ),
    )


def _a_value(what: str, found: re.Match[str]) -> bool:
    if what == "code":
        return any(character.isdigit() for character in found["value"])
    if what == "card number":
        return sum(character.isdigit() for character in found["value"]) >= 4
    return what != "token" or bool(found["hint"]) or any(character.isdigit() for character in found["value"])


def _luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    numbers = [int(character) for character in digits if character.isdigit()][::-1]
    doubled = [2 * number - 9 * (number > 4) for number in numbers[1::2]]
    return len(set(numbers)) > 1 and (sum(numbers[::2]) + sum(doubled)) % 10 == 0

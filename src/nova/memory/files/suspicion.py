"""Words from elsewhere that must not speak to a model, or that nobody should keep. Pure patterns over text."""

from __future__ import annotations

import re

_RULES = r"(instructions?|rules?|guidelines?|prompts?|polic(y|ies)|safety|restrictions?)"
_PERSON = r"(the )?(user|owner|human|person|him|her|them)"
_PRECIOUS = r"(keys?|tokens?|secrets?|passwords?|credentials?)"
_ORDERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern, re.I))
    for what, pattern in (
        (
            "it tells a model to ignore its rules",
            rf"\b(ignore|disregard|forget|override|bypass)\b.{{0,40}}\b{_RULES}\b",
        ),
        (
            "it gives a model another role",
            r"\byou are (now|no longer)\b|\b(act|behave|respond) as (if|though)\b|\bpretend (to be|you)\b"
            r"|\b(developer|jailbreak|DAN) mode\b",
        ),
        (
            "it asks to hide something from the person",
            r"\b(do not|don'?t|never|without)\b.{0,20}\b(tell|inform|show|mention|notify)\w*\b"
            rf".{{0,20}}\b{_PERSON}\b",
        ),
        (
            "it speaks as a system prompt does",
            r"\bsystem prompt\b|</?(system|assistant|instructions?)>|\[/?INST\]|<\|im_(start|end)\|>",
        ),
        (
            "it sends secrets away",
            r"\b(curl|wget|nc|fetch)\b[^\n]{0,200}(\$\{?\w*(KEY|TOKEN|SECRET|PASSWORD)|\.env\b|credentials|id_rsa)"
            rf"|\b(send|post|upload|exfiltrate|forward|leak)\b.{{0,60}}\b{_PRECIOUS}\b",
        ),
        (
            "it opens a way in",
            r"authorized_keys|\bbase64 (-d|--decode)\b.{0,40}\|\s*(ba)?sh\b"
            r"|\bcurl\b[^\n]{0,200}\|\s*(sudo )?(ba)?sh\b",
        ),
    )
)
_HIDDEN = re.compile("[\u200b\u2060\u2061-\u2064\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_SECRETS = re.compile(
    r"\bsk-[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bAKIA[0-9A-Z]{16}\b|\bxox[abpr]-[\w-]{10,}"
    r"|\bAIza[\w-]{30,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"
    r"|\b(password|passwd|passphrase|secret|api[_ -]?key|token)\b\s*(is|:|=)\s*[`\"']?(?![$<{*.\[])[^\s`\"']{8,}",
    re.I,
)


def orders(text: str) -> str:
    """Why this text must not be put before a model as it is; empty when nothing speaks against it."""
    if _HIDDEN.search(text):
        return "it holds signs that cannot be seen"
    return next((what for what, pattern in _ORDERS if pattern.search(text)), "")


def holds_secret(text: str) -> bool:
    """Whether it looks as if a key or password stood in it."""
    return _SECRETS.search(text) is not None

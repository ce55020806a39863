"""A style sheet's rules with their lines, and how well its colours can be read. Pure; knows no page."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_HEX = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_VAR = re.compile(r"var\(\s*(--[\w-]+)\s*\)")
_NAMED: Mapping[str, Colour] = {
    "white": (255, 255, 255), "black": (0, 0, 0), "grey": (128, 128, 128), "gray": (128, 128, 128),
    "silver": (192, 192, 192), "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "navy": (0, 0, 128),
    "yellow": (255, 255, 0), "orange": (255, 165, 0),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a style sheet. line: of its selector; lines: of each declaration."""

    selector: str
    line: int
    says: Mapping[str, str]
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A text colour on its background, and the ratio of WCAG 2.2 between them, 1 to 21."""

    selector: str
    line: int
    ratio: float


def rules_of(text: str) -> tuple[Rule, ...]:
    """The rules of a style sheet; of nested ones the inner ones."""
    plain = _COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)
    ends = [match.start() for match in re.finditer("\n", plain)]
    return tuple(_rule(ends, match) for match in _RULE.finditer(plain))


def _rule(ends: Sequence[int], match: re.Match[str]) -> Rule:
    says: dict[str, str] = {}
    lines: dict[str, int] = {}
    at = match.start(2)
    for part in match.group(2).split(";"):
        name, colon, value = part.partition(":")
        if colon:
            says[name.strip().casefold()] = value.strip()
            lines[name.strip().casefold()] = bisect_left(ends, at + len(part) - len(part.lstrip())) + 1
        at += len(part) + 1
    start = match.start(1) + len(match.group(1)) - len(match.group(1).lstrip())
    return Rule(
        selector=" ".join(match.group(1).split()), line=bisect_left(ends, start) + 1, says=says, lines=lines
    )  # fmt: skip


def weak_contrasts(rules: tuple[Rule, ...], ratio_min: float) -> Iterator[Contrast]:
    """Rules whose text colour is too near to their background: their own, else the body's, else white."""
    variables = {name: value for rule in rules for name, value in rule.says.items() if name.startswith("--")}
    body = next((found for rule in rules if rule.selector == "body" and (found := _ground(rule, variables))), None)
    for rule in rules:
        colour = _colour(rule.says.get("color", ""), variables)
        if colour is None:
            continue
        ratio = contrast(colour, _ground(rule, variables) or body or (255, 255, 255))
        if ratio < ratio_min:
            yield Contrast(selector=rule.selector, line=rule.lines["color"], ratio=round(ratio, 2))


def hidden_focus(rules: tuple[Rule, ...]) -> Iterator[tuple[str, int]]:
    """Selectors that take the outline of the focus away, unless another rule draws a focus of its own."""
    drawn = any(":focus" in rule.selector and not _off(rule) for rule in rules)
    for rule in rules:
        if _off(rule) and not drawn:
            yield rule.selector, rule.lines["outline"]


def _off(rule: Rule) -> bool:
    return rule.says.get("outline", "").split(" ")[0].casefold() in ("none", "0")


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio after WCAG 2.2, 1 (none) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in (c / 255 for c in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _ground(rule: Rule, variables: Mapping[str, str]) -> Colour | None:
    return _colour(rule.says.get("background-color") or rule.says.get("background", ""), variables)


def _colour(value: str, variables: Mapping[str, str]) -> Colour | None:
    """The first colour that a value names; None for gradients, unknown names and `inherit`."""
    if (named := _VAR.search(value)) is not None:
        value = variables.get(named.group(1), "")
    if (found := _HEX.search(value)) is not None:
        digits = found.group(1) if len(found.group(1)) == 6 else "".join(2 * digit for digit in found.group(1))
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    return next((_NAMED[word] for word in value.casefold().split() if word in _NAMED), None)

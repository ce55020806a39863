"""How things are done in a project, by its own files: AGENTS.md, CONTRIBUTING, style guides, numbered rules.

Knows which files hold rules by custom, and that a rule is an item or a sentence that commands; refuses to weigh them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nova.core.errors import Problem, ToolFailed
from nova.projects.sources.files import Quote, files_of, own, read_named
from nova.projects.sources.frontmatter import front_matter
from nova.projects.sources.markdown import Block, blocks, sections

RULES_MAX = 500
BYTES_MAX = 200_000
FILES_MAX = 60
_NAMED = frozenset(
    {"AGENTS.md", "CLAUDE.md", "GEMINI.md", "copilot-instructions.md", ".cursorrules", ".windsurfrules", "RULES.md"}
)
_FILES = re.compile(
    r"(?:contributing|style|[\w-]*style[-_]?guide|[\w-]*guidelines?|conventions?|[\w-]*coding[-_]standards?"
    r"|[\w-]*[-_]rules|checklist|[\w-]*[-_]checklist)(?:\.md|\.markdown|\.txt)?"
)
_COMMANDS = re.compile(
    r"^(?:please |always |never |do not |don't |no |use |run |write |keep |prefer |avoid |add |make |test |put |call "
    r"|name |check |follow |commit |document |every |each |all )|\b(?:must|never|always|should|shall|may not)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. name: its number where rules are numbered (L7); heading: of its section; title: of its file."""

    path: str
    line: int
    text: str
    name: str
    heading: str
    title: str
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The rules in the order of files and lines. cut: there are more."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]
    cut: bool


def guidance(root: Path, names: Iterable[str] | None = None, rules_max: int = RULES_MAX) -> Guidance:
    """The rules that a project's guidance files hold. names: its files, where they are known already. Never raises."""
    chosen = [name for name in (files_of(root) if names is None else names) if own(name) and _guides(name)]
    rules: list[Rule] = []
    problems: list[Problem] = []
    for name in sorted(chosen, key=lambda name: (name.count("/"), name))[:FILES_MAX]:
        try:
            rules += _rules(root, name)
        except ToolFailed as failure:
            problems.append(Problem(file=name, line=0, what=failure.what, mend=failure.mend))
    cut = len(rules) > rules_max or len(chosen) > FILES_MAX
    return Guidance(rules=tuple(rules[:rules_max]), problems=tuple(problems), cut=cut)


def _guides(name: str) -> bool:
    path = PurePosixPath(name)
    file = path.name.casefold()
    in_rules = path.parent.name.casefold() == "rules" and path.suffix.casefold() in (".md", ".markdown")
    return (
        path.name in _NAMED or in_rules or (path.suffix in ("", ".md", ".txt") and _FILES.fullmatch(file) is not None)
    )


def _rules(root: Path, name: str) -> list[Rule]:
    content = read_named(root, name, BYTES_MAX)
    _, start = front_matter(content.lines)
    heads = sections(content.lines, start)
    title = next((one.title for one in heads if one.level == 1), PurePosixPath(name).stem)
    found = [block for block in blocks(content.lines, start, len(content.lines)) if _commands(block)]
    return [
        Rule(
            path=content.path,
            line=block.first,
            text=block.text,
            name=block.mark,
            heading="" if block.heading == title else block.heading,
            title=title,
            quote=content.quote(block.first, block.last),
        )
        for block in found
    ]


def _commands(block: Block) -> bool:
    """A numbered item is a rule; any other item or paragraph only when it commands."""
    return bool(block.mark) or (len(block.text.split()) >= 3 and _COMMANDS.search(block.text) is not None)

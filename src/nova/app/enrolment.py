"""Engaging an agent of the catalog, or letting it go: one edit of [roster] in nova.toml, every comment kept.

Knows the text of one array; refuses to write what does not read back as exactly the wanted roster.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nova.agents.load import agent_files
from nova.app import data, textrepo
from nova.app.textfiles import rewrite
from nova.core.errors import BadInput, NotReady, Unknown
from nova.core.text import nearest
from nova.settings.home import Home
from nova.settings.load import parse_settings
from nova.settings.text import read_text
from nova.settings.toml_lines import read_toml

_AGENTS = ("roster", "agents")
_HEADER = re.compile(r"^\[roster\][^\n]*\n", re.MULTILINE)
_ON_ONE_LINE = re.compile(r"(\s*agents\s*=\s*)\[([^\]#]*)\](.*)")
_ITEM = re.compile(r"""(\s*)(["'])([a-z0-9-]+)\2(\s*,)?(.*)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of it. changed: whether nova.toml is another now."""

    changed: bool
    sentence: str


def enrol(home: Home, name: str, *, engaged: bool) -> Said:
    """Engages the agent, or lets it go. Raises Unknown, BadInput, BadFiles, NotReady, StoreFull."""
    if not home.exists:
        raise NotReady(f"There is no Nova home in {home.root}.", "Make one: nova init")
    files = agent_files(data.catalog(), home.root)
    if name not in files:
        raise Unknown("agent", name, nearest(name, files), "List them: nova agents list --all")
    if files[name].is_relative_to(home.root):
        mend = "Delete or move the file to let it go." if not engaged else "Nothing was changed."
        raise BadInput(f"{name} is an agent of this home ({files[name]}), and those always are engaged.", mend)
    text = read_text(home.settings_file)
    before = parse_settings(text, str(home.settings_file)).roster
    everyone = tuple(one for one, file in files.items() if not file.is_relative_to(home.root))
    now = everyone if before is None else before
    if engaged == (name in now):
        return Said(changed=False, sentence=f"{name} {'is engaged already' if engaged else 'was not engaged'}.")
    wanted = (*now, name) if engaged else tuple(one for one in now if one != name)
    file = str(home.settings_file)
    changed = _written_out(text, wanted, file) if before is None else _edited(text, name, file, engaged=engaged)
    if set(parse_settings(changed, file).roster or ()) != set(wanted):
        raise BadInput(f"{file} is written in a way that is not edited here.", "Change agents under [roster] by hand.")
    rewrite(home.settings_file, changed)
    textrepo.commit(home.root, [home.settings_file], f"{'Engage' if engaged else 'Let go of'} the agent {name}")
    return Said(changed=True, sentence=f"{name} {'is engaged now' if engaged else 'is let go'}; {len(wanted)} are.")


def _written_out(text: str, names: tuple[str, ...], file: str) -> str:
    """All names in an array of their own, where there was none before."""
    array = "agents = [\n" + "".join(f'  "{name}",\n' for name in names) + "]\n"
    if number := read_toml(text, file).lines.get(_AGENTS):  # agents = "all"
        lines = text.splitlines(keepends=True)
        return "".join([*lines[: number - 1], array, *lines[number:]])
    if header := _HEADER.search(text):
        return text[: header.end()] + array + text[header.end() :]
    return f"{text.rstrip()}\n\n[roster]\n{array}"


def _edited(text: str, name: str, file: str, *, engaged: bool) -> str:
    """The text with one name more or less in the array, all other lines as they are."""
    lines = text.split("\n")
    places = read_toml(text, file).lines
    first = places[_AGENTS]
    if match := _ON_ONE_LINE.match(lines[first - 1]):
        now = [word for word in re.findall(r"[a-z0-9-]+", match.group(2)) if word != name]
        array = ", ".join(f'"{word}"' for word in [*now, *([name] if engaged else [])])
        lines[first - 1] = f"{match.group(1)}[{array}]{match.group(3)}"
        return "\n".join(lines)
    items = sorted(line for path, line in places.items() if len(path) == 3 and path[:2] == _AGENTS)
    if len(set(items)) < len(items) or any(not _ITEM.fullmatch(lines[line - 1]) for line in items):
        raise BadInput(f"{file}:{first}: agents is written in a way that is not edited here.", "Change it by hand.")
    found = {line: match for line in items if (match := _ITEM.fullmatch(lines[line - 1]))}
    if not engaged:
        del lines[next(line for line, match in found.items() if match.group(3) == name) - 1]
    elif items:
        indent, quote, last, _, rest = found[items[-1]].groups()
        lines[items[-1] - 1] = f"{indent}{quote}{last}{quote},{rest}"
        lines.insert(items[-1], f'{indent}"{name}",')
    else:
        lines.insert(first, f'  "{name}",')
    return "\n".join(lines)

"""docs/reference/cli.md from the command line itself: every command, argument and option with its help."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from nova.cli.main import EPILOG, app

_HEAD = """\
# Commands

In a checkout the command is `./nova`, which sets Nova up on first use; once installed it is `nova`. The answer goes to
standard output, everything about it (route, run id, progress, errors) to standard error. `--json` prints one JSON
value for scripts. Colours appear on a terminal only and never with NO_COLOR.

`nova --install-completion` sets completion up for bash, zsh or fish.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command as it is typed. words: `agents new`; empty for the options before every command."""

    words: str
    help: str
    arguments: tuple[TyperArgument, ...]
    options: tuple[TyperOption, ...]

    @property
    def flags(self) -> frozenset[str]:
        """Every option's spellings, `--help` and `-h` among them."""
        named = {flag for option in self.options for flag in (*option.opts, *option.secondary_opts)}
        return frozenset({*named, "--help", "-h"})


def commands() -> tuple[Command, ...]:
    """All commands that are shown, groups first, in the order of the help."""
    return tuple(_walk(_root(), ""))


def page() -> str:
    """The page as Markdown."""
    codes = f"## Exit codes\n\n{' '.join(EPILOG.split())}\n\nEach error with its code: [errors](errors.md).\n"
    return "\n".join([_HEAD, codes, *(_section(command) for command in commands())])


def _root() -> TyperGroup:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    return root


def _walk(node: TyperGroup | TyperCommand, words: str) -> Iterator[Command]:
    arguments = tuple(one for one in node.params if isinstance(one, TyperArgument))
    options = tuple(one for one in node.params if isinstance(one, TyperOption) and not one.hidden)
    yield Command(words=words, help=inspect.cleandoc(node.help or ""), arguments=arguments, options=options)
    if isinstance(node, TyperGroup):
        for name, child in node.commands.items():
            if not child.hidden:
                assert isinstance(child, TyperGroup | TyperCommand)
                yield from _walk(child, f"{words} {name}".strip())


def _section(command: Command) -> str:
    required = [f"{one.opts[0]} {(one.metavar or 'VALUE').upper()}" for one in command.options if one.required]
    usage = " ".join(["nova", command.words, *(_placeholder(one) for one in command.arguments), *required])
    title = f"`nova {command.words}`" if command.words else "Before every command"
    rows = [f"| `{_placeholder(one)}` | {_cell(one.help)} |" for one in command.arguments]
    rows += [f"| {_spelling(one)} | {_cell(one.help)}{_default(one)} |" for one in command.options]
    table = ["| | |", "|---|---|", *rows, ""] if rows else []
    shown = ["```", " ".join(usage.split()), "```", ""] if command.words else []
    return "\n".join([f"## {title}", "", _text(command.help), "", *shown, *table])


def _placeholder(argument: TyperArgument) -> str:
    name = (argument.metavar or str(argument.name)).upper()
    dots = "..." if argument.nargs == -1 else ""
    return f"{name}{dots}" if argument.required else f"[{name}{dots}]"


def _spelling(option: TyperOption) -> str:
    value = "" if option.is_flag else f" {(option.metavar or 'VALUE').upper()}"
    return ", ".join(f"`{flag}{value}`" for flag in (*option.opts, *option.secondary_opts))


def _default(option: TyperOption) -> str:
    shown = "" if option.is_flag or option.default in (None, "", ()) else f" Default: `{option.default}`."
    return shown + (f" Variable: `{option.envvar}`." if option.envvar else "")


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _text(text: str) -> str:
    return text.replace("<", "&lt;")

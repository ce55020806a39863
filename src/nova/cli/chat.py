"""nova chat: a conversation in the terminal, with history and several lines. Knows keys; asks like `nova ask`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nova.cli import frame
from nova.cli.ask import Asking, Heard, conversation_of, listen, request_of
from nova.core.errors import BadInput, NovaError

if TYPE_CHECKING:
    from nova.app.house import Nova

HELP = """\
/help         this list
/why          why the last answer came from whom it came
/new          begin a new conversation
/name N       call this conversation N: nova chat --conversation N
/fork         go on in a new conversation that begins with this one's turns
/project P    ask in project P from now on (/project alone: let Nova choose)
/agent A      give everything to agent A (/agent alone: let the coordinator choose)
/quit         leave (also Ctrl-D)
A line that ends with \\ goes on in the next one. Start with @NAME to name an agent for one question."""
HISTORY_LINES = 1000


def talk(asking: Asking) -> None:
    """Reads, asks, shows, until the person leaves. Ctrl-C stops the answer, not the conversation."""
    with frame.opened() as nova:
        conversation = conversation_of(nova, asking)
        _remember(nova.home.data / "chat_history")
        frame.note_dim(f"{len(nova.agents)} agents, {len(nova.projects)} projects. /help lists what you can type.")
        heard = Heard(conversation=conversation)
        while (line := _read()) is not None:
            if line.startswith("/"):
                asking, heard, goes_on = _command(nova, line, asking, heard)
                if not goes_on:
                    break
            elif line:
                heard = _answer(nova, line, asking, heard.conversation)
    frame.note_dim(f"Go on later: nova chat --conversation {heard.conversation}" if heard.conversation else "")


def _answer(nova: Nova, line: str, asking: Asking, conversation: str) -> Heard:
    heard = Heard(conversation=conversation)
    try:
        asyncio.run(listen(nova, request_of(nova, line, asking, conversation), asking, heard))
    except KeyboardInterrupt:
        frame.note(f"\nStopped. What was done: nova why {heard.run}")
    except BadInput as error:
        frame.say_error(error, as_json=False)
    return heard


def _command(nova: Nova, line: str, asking: Asking, heard: Heard) -> tuple[Asking, Heard, bool]:
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    match word:
        case "/quit" | "/exit":
            return asking, heard, False
        case "/new":
            return asking, Heard(), True
        case "/project":
            return replace(asking, project=rest or None), heard, True
        case "/agent":
            return replace(asking, agent=rest or None), heard, True
        case "/why":
            _why(heard)
        case "/name":
            _name(nova, heard, rest)
        case "/fork":
            return asking, _fork(nova, heard), True
        case _:
            frame.out(HELP)
    return asking, heard, True


def _name(nova: Nova, heard: Heard, name: str) -> None:
    from nova.app import naming

    try:
        frame.note_dim(f"this is {naming.name(nova, heard.conversation, name)}")
    except NovaError as error:
        frame.say_error(error, as_json=False)


def _fork(nova: Nova, heard: Heard) -> Heard:
    """The fork, where the conversation goes on; the same conversation when it cannot be forked."""
    from nova.app import forking

    try:
        made = forking.fork(nova, heard.conversation)
    except NovaError as error:
        frame.say_error(error, as_json=False)
        return heard
    frame.note_dim(f"going on in {made}, forked from {heard.conversation}")
    return Heard(conversation=made.conversation.id)


def _why(heard: Heard) -> None:
    from nova.cli.why import explain

    try:
        explain(heard.run, as_json=False)
    except NovaError as error:
        frame.say_error(error, as_json=False)


def _read() -> str | None:
    """What the person typed, lines joined; None at the end."""
    lines: list[str] = []
    while True:
        try:
            line = input("… " if lines else "> ")
        except EOFError:
            frame.note()
            return None
        except KeyboardInterrupt:
            frame.note("  (Ctrl-D leaves)")
            return ""
        if not line.endswith("\\"):
            return "\n".join([*lines, line]).strip()
        lines.append(line[:-1])


def _remember(file: Path) -> None:
    """Arrow keys and a history that outlives the conversation, where the platform has readline."""
    try:
        import readline
    except ImportError:
        return
    import atexit

    if file.exists():
        readline.read_history_file(file)
    readline.set_history_length(HISTORY_LINES)
    file.parent.mkdir(parents=True, exist_ok=True)
    atexit.register(readline.write_history_file, file)

"""A text in the person's own editor, chosen as git chooses it. Knows files and processes; refuses to know notes."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from nova.core.errors import BadInput, NotReady
from nova.memory.files.disk import put


def editor(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command of the editor with its arguments: $VISUAL unless the terminal is dumb, $EDITOR, else vi.

    Split as a shell splits words, but no shell runs it. Raises NotReady, BadInput.
    """
    dumb = environment.get("TERM", "dumb") == "dumb"
    chosen = ("" if dumb else environment.get("VISUAL", "")) or environment.get("EDITOR", "") or ("" if dumb else "vi")
    if not chosen.strip():
        raise NotReady("This terminal cannot show an editor, and EDITOR is not set.", "Set it: export EDITOR=nano")
    try:
        words = tuple(shlex.split(chosen))
    except ValueError as error:
        raise BadInput(f"The editor “{chosen}” has a quote that is not closed.", "Correct VISUAL or EDITOR.") from error
    if not words or shutil.which(words[0], path=environment.get("PATH")) is None:
        mend = "Set EDITOR to one that is there: export EDITOR=nano"
        raise NotReady(f"There is no editor “{words[0] if words else chosen}” on this machine.", mend)
    return words


def opened(text: str, name: str, environment: Mapping[str, str]) -> tuple[Path, str]:
    """The file after the person closed the editor, in a folder of its own, and what is in it now.

    The file stays: whoever has taken its text in calls `discard`. Raises NotReady, BadInput when the editor failed.
    """
    words = editor(environment)
    file = Path(tempfile.mkdtemp(prefix="nova-note-")) / name
    put(file, text)
    code = _run([*words, str(file)], environment, file)
    try:
        now = file.read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise BadInput(f"{file} cannot be read any more: {error.strerror}.", "Nothing was changed.") from error
    if code:
        if now == text:
            discard(file)
            raise BadInput(f"The editor ended with code {code}.", "Nothing was changed.")
        mend = f"What you wrote is in {file}. Take it in: nova memory import {file}"
        raise BadInput(f"The editor ended with code {code}; nothing was changed.", mend)
    return file, now


def _run(command: Sequence[str], environment: Mapping[str, str], file: Path) -> int:
    """The editor's exit code. Ctrl-C is the editor's business while it runs: a text half written is not thrown away."""
    try:
        process = subprocess.Popen(command, env=dict(environment))
    except OSError as error:
        discard(file)
        raise NotReady(
            f"The editor {command[0]} did not start: {error.strerror}.", "Correct VISUAL or EDITOR."
        ) from error
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def discard(file: Path) -> None:
    """Takes the temporary file and its folder away."""
    shutil.rmtree(file.parent, ignore_errors=True)

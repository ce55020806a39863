"""What all commands share: where output goes, how an error is said, which exit code it means.

The answer goes to standard output; how it came about (route, run id, progress, errors) goes to standard error.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nova.core import json
from nova.core.errors import EXIT_INTERRUPTED, BadFiles, BadInput, NovaError, StoreError
from nova.core.json import Json
from nova.core.text import printable

if TYPE_CHECKING:
    from rich.console import Console

    from nova.app.house import Nova
    from nova.settings.home import Home


WIDTH_PIPED, WIDTH_MIN = 120, 40


@dataclass(slots=True)
class Choices:
    """The options that stand before every command."""

    home: str = ""


CHOICES = Choices()


def the_home() -> Home:
    """The home that --home, NOVA_HOME or the platform says; `--home demo` is the demonstration's."""
    from nova.settings.home import find_home

    if CHOICES.home == "demo":
        from nova.app.demo import demo_home

        return demo_home(find_home())
    if CHOICES.home:
        return find_home({**os.environ, "NOVA_HOME": CHOICES.home})
    return find_home()


@contextmanager
def opened() -> Generator[Nova]:
    """The Nova of the chosen home, closed again in the end."""
    from nova.app.house import open_nova

    nova = open_nova(the_home())
    try:
        yield nova
    finally:
        nova.close()


def out(text: str = "", *, end: str = "\n") -> None:
    """To standard output, as it is; what the terminal cannot encode is replaced."""
    _write(sys.stdout, printable(text) + end)


def note(text: str = "", *, end: str = "\n") -> None:
    """To standard error."""
    _write(sys.stderr, printable(text) + end)


def out_json(value: Json) -> None:
    """One JSON value on standard output, indented for people, stable for scripts."""
    import json as library

    sys.stdout.write(library.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def out_json_line(value: Json) -> None:
    """One JSON value on one line, flushed: for streams."""
    sys.stdout.write(json.dump(value) + "\n")
    sys.stdout.flush()


def console(*, error: bool = False) -> Console:
    """A rich console: colours on a terminal only, NO_COLOR respected, wide enough when piped."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, highlight=False, width=None if stream.isatty() else 120)


def width() -> int:
    """How many characters a line may have: the terminal's, or what COLUMNS says; 120 when piped."""
    if os.environ.get("COLUMNS", "").isdigit() or sys.stdout.isatty():
        return max(WIDTH_MIN, shutil.get_terminal_size((WIDTH_PIPED, 24)).columns)
    return WIDTH_PIPED


def wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    """`text` as rows of a terminal. first, others: what stands before the first row and before those below it."""
    return textwrap.wrap(
        text, width(), initial_indent=first, subsequent_indent=others, break_on_hyphens=False, break_long_words=False
    )


def draws_lines() -> bool:
    """Whether standard output can show box-drawing characters."""
    return "utf" in (sys.stdout.encoding or "ascii").lower()


def dim(text: str) -> str:
    """`text` in grey when standard error is a terminal that wants colours."""
    plain = not sys.stderr.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain else f"\x1b[2m{text}\x1b[22m"


def note_dim(text: str) -> None:
    """To standard error, in grey on a terminal."""
    _write(sys.stderr, dim(printable(text)) + "\n")


def guarded(work: Callable[[], int | None], *, as_json: bool = False) -> None:
    """Runs a command's work and leaves with its exit code; every error of Nova's becomes a sentence and a code."""
    try:
        code = work() or 0
    except KeyboardInterrupt:
        note("\nStopped.")
        code = EXIT_INTERRUPTED
    except NovaError as error:
        code = say_error(error, as_json=as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; that is no error
        code = 0
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        code = say_error(_disk(f"The system refused{where}: {error.strerror or error}."), as_json=as_json)
    sys.exit(code)


def _disk(what: str) -> StoreError:
    return StoreError(what, "Check the folder and the disk; nova doctor shows what Nova uses.")


def say_error(error: NovaError, *, as_json: bool) -> int:
    """Says what happened and what to do next; returns the exit code."""
    if as_json:
        value: dict[str, Json] = {"error": type(error).__name__, "what": error.what, "mend": error.mend}
        if isinstance(error, BadFiles):
            value["problems"] = [
                {"file": one.file, "line": one.line, "what": one.what, "mend": one.mend} for one in error.problems
            ]
        out_json(value)
    else:
        note(f"nova: {error.what}")
        if error.mend:
            note(f"      {error.mend}")
    return error.exit_code


def question_of(words: list[str]) -> str:
    """The words of the command line as one text; `-`, or nothing while something is piped in, reads standard input.

    Raises BadInput for a file's path given as if it were a question, and for input that is not UTF-8.
    """
    if words == ["-"] or (not words and not sys.stdin.isatty()):
        return _from_standard_input()
    text = " ".join(words)
    if len(words) == 1 and len(text) < 4096 and "\0" not in text and Path(text).is_file():
        raise BadInput(f"{text} is a file, not a question.", f'Ask about it: nova ask "What does {text} do?"')
    return text


def _from_standard_input() -> str:
    most = 1_000_000
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise BadInput("What is piped in is longer than 1 MB.", "Put it into a file of a project and ask about that.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"What is piped in is not UTF-8 text (byte {error.start})."
        raise BadInput(what, "Convert it first, or ask about the file by its path.") from error


def _write(target: TextIO, text: str) -> None:
    try:
        target.write(text)
    except UnicodeEncodeError:
        encoding = target.encoding or "ascii"
        target.write(text.encode(encoding, "replace").decode(encoding))
    target.flush()

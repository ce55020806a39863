"""nova init: makes a home and says what is in it and what to type next."""

from __future__ import annotations

from pathlib import Path

from nova.cli import frame, past


def begin(start: Path, *, everything: bool, history: bool, as_json: bool) -> None:
    """Makes the home. start: where the person stands; history: whether that project's past is read.

    Raises BadInput when there is a home already.
    """
    from nova.app.homes import make

    made = make(frame.the_home(), start=start, everything=everything)
    found = past.read_of(made.project) if made.project and history else None
    if as_json:
        from nova.app.histories import past_json

        frame.out_json(
            {
                "home": str(made.home.root),
                "data": str(made.home.data),
                "files": [str(file) for file in made.files],
                "project": made.project,
                "kind": made.kind,
                "agents": None if made.agents is None else list(made.agents),
                "history": past_json(found) if found else None,
            }
        )
        return
    frame.out(f"Your home is {made.home.root}, a git repository of text files.")
    said = {
        "nova.toml": "settings; every key is there, commented",
        "profile.md": "who you are and how you like answers: write a few lines into it",
        f"{made.project}.md": f"the project you stand in, taken for one of kind {made.kind}: say what matters in it",
    }
    for file in made.files:
        frame.out(f"  {file.relative_to(made.home.root)!s:<24} {said.get(file.name, '')}".rstrip())
    if made.agents is None:
        frame.out("Engaged: all agents of the catalog.")
    else:
        frame.out(f"Engaged: {', '.join(made.agents)}.")
        frame.out("         More: nova agents list --all, then nova agents engage NAME")
    if found is not None:
        past.say(found)
    frame.out("\nWhat next:")
    if made.project:
        frame.out(f"  nova brief {made.project:<27} where you left off, what is open and decided, at a glance")
        frame.out('  nova ask "Where did I leave off?"       an answer from your files, with sources')
    else:
        frame.out("  nova projects add PATH                 a project to ask about; no git repository was found here")
    frame.out("  nova models                            add a language model; without one Nova answers by extraction")
    frame.out("  nova doctor                            what is there and what is missing")

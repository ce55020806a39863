"""Nova's turns: the whole way from words to a stored outcome, with a scripted model. Refuses to know the peers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nova.app.house import Nova
from nova.core.events import ModelCalled, ToolReturned
from nova.core.outcomes import Done
from nova.settings.home import find_home
from nova.testing import Call, Say, ScriptedModel
from nova.testing.house import a_home, a_nova, ask
from nova.testing.scripted import Reply

AGENT = "summariser"
REQUEST = "Summarise notes.md in three sentences."
CONTENTS = "The rent of the workshop is 940 euros."
ANSWER = "The workshop costs 940 euros (notes.md:3)."
WARM_UP_TURNS = 4
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
MANNERS = (
    "short", "plain", "clear", "simple", "brief", "complete", "careful", "friendly", "precise", "neutral",
    "honest", "easy", "crisp", "sober", "formal", "polite", "terse", "direct", "lively", "dry",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """What each turn took. model_calls: of one turn, the same for all. encoder: what read the texts."""

    wall_seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]
    model_calls: int
    encoder: str


def a_project(folder: Path) -> Path:
    """The project that every side reads the same file of."""
    root = folder / "workshop"
    root.mkdir()
    (root / "notes.md").write_text(f"# Notes\n\n{CONTENTS}\nThe lamp in the hall is broken.\n", encoding="utf-8")
    return root


def a_house(folder: Path, root: Path) -> Callable[[ScriptedModel], Nova]:
    """All 34 agents on a home in `folder`, with this machine's encoder where it is installed."""
    home = a_home(folder / "home", projects={"workshop": ("general", root)}, cache=find_home().cache)
    return lambda model: a_nova(home, scripted=model)


def different_texts(count: int) -> list[str]:
    """Requests that nobody has made before: each needs the encoder."""
    texts = [f"Summarise notes.md in {number} {manner} sentences." for number in NUMBERS for manner in MANNERS]
    return texts[:count]


async def turns(opened: Callable[[ScriptedModel], Nova], texts: Sequence[str], latency_seconds: float = 0.0) -> Turns:
    """One turn for each text, after a warm-up. Fails when a turn is not routed for sure, read and done."""
    replies: list[Reply] = [Call("files_read", {"path": "notes.md"}), Say(ANSWER)]
    warm_up = [REQUEST] * WARM_UP_TURNS
    with ScriptedModel(*replies * (len(warm_up) + len(texts)), latency_seconds=latency_seconds) as model:
        nova = opened(model)
        taken = [await _turn(nova, text) for text in (*warm_up, *texts)][len(warm_up) :]
    encoder = nova.router.encoder.name
    nova.close()
    calls = {calls for _, _, calls in taken}
    assert len(calls) == 1, f"turns made different numbers of model calls: {calls}"
    return Turns(
        wall_seconds=tuple(wall for wall, _, _ in taken),
        cpu_seconds=tuple(cpu for _, cpu, _ in taken),
        model_calls=calls.pop(),
        encoder=encoder,
    )


async def _turn(nova: Nova, text: str) -> tuple[float, float, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    told = await ask(nova, text, project="workshop")
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert isinstance(told.outcome, Done), f"{text}: {told.outcome}"
    assert told.outcome.verified
    assert told.routed.agents == [AGENT], f"{text}: {told.routed.agents} ({told.routed.zone})"
    returned = [event.happening for event in told.events if isinstance(event.happening, ToolReturned)]
    assert CONTENTS in returned[0].text
    return wall, cpu, sum(isinstance(event.happening, ModelCalled) for event in told.events)

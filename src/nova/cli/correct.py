"""nova correct: this request was for another agent. Says at once what else changes."""

from __future__ import annotations

from nova.cli import frame
from nova.core.text import shorten


def correct_run(prefix: str, agent: str, *, as_json: bool) -> None:
    """Appends the correction, refits, reports. Raises Unknown for a run or agent that does not exist."""
    from nova.app.correct import correct

    with frame.opened() as nova:
        result = correct(nova, prefix, agent)
    if as_json:
        frame.out_json(result.json())
        return
    frame.out(f"Noted: “{shorten(result.text, 80)}” is for {agent}.")
    if result.replaced:
        frame.out(f"Before, you had said it was for {result.replaced}; that is replaced.")
    if not result.taught:
        frame.out(f"! Even so it would go elsewhere now; one more example in {agent}'s file would help.")
    for change in result.changed:
        frame.out(f"  changes too: “{shorten(change.text, 70)}” {change.before} → {change.after}")
    if not result.changed:
        frame.out(f"None of the last {result.checked} requests changes its route.")
    for text, wanted in result.broken:
        frame.out(f"! An older correction no longer holds: “{shorten(text, 70)}” was to go to {wanted}.")

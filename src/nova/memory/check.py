"""Re-verifying: every note that can be looked at again is looked at, and marked by what it shows.

Knows what a verdict changes; refuses to look by itself (memory.looking) and to decide what ages (memory.standing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova.core.labels import Scope
from nova.core.notes import NoteStatus
from nova.memory import standing
from nova.memory.looking import Checked, Fetch, Grounds, Verdict, look
from nova.memory.revise import confirm, doubt
from nova.store import notes

if TYPE_CHECKING:
    from nova.memory.tiers import Memory

BY = "check"


def check(
    memory: Memory, scope: Scope, grounds: Grounds, *, fetch: Fetch | None = None, mark: bool = True
) -> tuple[Checked, ...]:
    """Looks at every note that holds and can be looked at; marks what no longer stands, and what stands again.

    grounds: the folder of each project by its name. fetch: gives a page's text, raises OSError; None leaves pages out.
    """
    with memory.database.read() as connection:
        held = notes.listed(connection, scope, statuses=(NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED))
    checked = [one for note in held if (one := look(note, grounds, fetch)) is not None]
    seen = {one.note.id for one in checked}
    now = memory.now()
    for note in held:
        if note.id not in seen and (days := standing.overdue_days(note, now)):
            how = f"; {note.recheck}" if note.recheck else ""
            why = f"{note.kind.value}, not looked at for {days} days{how}"
            checked.append(Checked(note=note, verdict=Verdict.OVERDUE, why=why))
    for one in checked if mark else []:
        _mark(memory, scope, one)
    return tuple(checked)


def _mark(memory: Memory, scope: Scope, one: Checked) -> None:
    match one.verdict:
        case Verdict.CHANGED | Verdict.GONE:
            if one.note.doubt != one.why:
                doubt(memory, scope, one.note, one.why, by=BY)
        case Verdict.HOLDS | Verdict.MOVED:
            if one.note.status is NoteStatus.ACTIVE and (
                one.note.doubt or standing.overdue_days(one.note, memory.now())
            ):
                confirm(memory, scope, one.note, one.why)
        case Verdict.UNREACHABLE | Verdict.OVERDUE:
            pass

"""Which sentences that are to be kept tell how something is done. Asked only for what somebody wants kept."""

from __future__ import annotations

import re

from nova.core.notes import NoteKind
from nova.memory.hearing.said import Found

_STEPS = re.compile(
    r"^(?:in order )?to [a-z]\S* .+?[,:]?\s(?:run|use|call|type|open|set|press|start|restart|execute|edit|go to"
    r"|you (?:run|use|need|have to|can))\b.+|^(?:you|one) (?:can |have to |must )?[a-z]+ .+ (?:with|by|using|via"
    r"|through)\b.+|^the way to .+ is\b.+|^how to .+[:,] .+|.+\bis (?:done|started|restarted|deployed|installed"
    r"|rebuilt|run) (?:with|by|using|via)\b.+",
    re.IGNORECASE,
)


def howto_in(content: str) -> Found | None:
    """The instruction in what is to be kept, or None."""
    return Found(kind=NoteKind.HOWTO, text=content) if _STEPS.match(content) else None

"""What one run has seen and what went less well: citations, labels, degradations. Each degradation is recorded at once.

Knows the record; refuses to know models and tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nova.core.citations import Citation
from nova.core.degradations import Degradation, DegradationKind
from nova.core.events import Degraded
from nova.core.labels import Label
from nova.store.record import Record

_CITED = re.compile(
    r"(?<![\w/.-])([\w./@+-]+\.[A-Za-z0-9]{1,8}):(\d{1,6})(?!\d)|(?<![\w./-])([0-9a-f]{7,12})(?![\w.-])"
    r"|(?<![\w./-])([rn][0-9abcdefghjkmnpqrstvwxyz]{10})(?![\w-])"
)


class Findings:
    """Collects over one run. `label` is the join of everything that was put before the model."""

    def __init__(self, record: Record, label: Label) -> None:
        self.label = label
        self.degradations: list[Degradation] = []
        self.noted = False  # a tool has changed the memory in this run
        self._record = record
        self._seen: dict[Citation, Label] = {}

    def saw(self, citations: Iterable[Citation], label: Label) -> None:
        """A tool gave these back."""
        for citation in citations:
            self._seen[citation] = self._seen.get(citation, label).join(label)
        self.label = self.label.join(label)

    def told(self, source: str, label: Label) -> None:
        """A brief says that this was seen by whoever passed the work on."""
        self.saw(_citations(source), label)

    @property
    def seen(self) -> tuple[Citation, ...]:
        """Every place that a tool or a receiver of work gave back, in the order they were first seen."""
        return tuple(self._seen)

    def label_of(self, citation: Citation) -> Label:
        """Whose text stands at a place that was seen; of any other place, the join of everything."""
        return self._seen.get(citation, self.label)

    def degrade(self, kind: DegradationKind, what: str, mend: str = "") -> None:
        """Something is less than it should be; recorded at once, the same thing once only."""
        self.take(Degradation(kind=kind, what=what, mend=mend))

    def take(self, degradation: Degradation) -> None:
        """The same, for one that is made already."""
        told = self.keep(degradation)
        if told is not None:
            self._record.append(told)

    def keep(self, degradation: Degradation) -> Degraded | None:
        """The same, for a caller who records the event with something else; None when it is known."""
        if degradation in self.degradations:
            return None
        self.degradations.append(degradation)
        return Degraded(degradation=degradation.kind.value, what=degradation.what, mend=degradation.mend)

    def cited_in(self, text: str) -> tuple[tuple[Citation, ...], bool]:
        """The citations in an answer that a tool gave in this run, in order, and whether those are all it cites.

        An answer that cites nothing is not verified.
        """
        claimed = [one for one in dict.fromkeys(_citations(text)) if one in self._seen or not _may_be_a_word(one)]
        seen = tuple(citation for citation in claimed if citation in self._seen)
        return seen, bool(seen) and len(seen) == len(claimed)


def _may_be_a_word(citation: Citation) -> bool:
    """`represented` has the form of a run's id; it counts as one only when a tool gave it."""
    return citation.path.isalpha() and not citation.line


def _citations(text: str) -> Iterable[Citation]:
    for path, line, commit, remembered in _CITED.findall(text):
        if path:
            yield Citation(path=path, line=int(line))
        elif remembered or not commit.isdigit():
            yield Citation(path=remembered or commit)

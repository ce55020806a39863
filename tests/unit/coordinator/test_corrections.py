"""What a correction changes, and what it breaks."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.unit.coordinator.conftest import SMALL
from tests.unit.coordinator.rosters import WORKSHOP

from nova.coordinator.corrections import PastRequest, correct, firsts
from nova.coordinator.fitting import fit_head
from nova.coordinator.head import Head
from nova.coordinator.lessons import NOBODY, Correction
from nova.coordinator.nobody import NobodysJob
from nova.models.encoders import Encoder
from nova.models.ngrams import WordsOnly

AT = datetime(2026, 11, 20, tzinfo=UTC)


def said(text: str, agent: str) -> Correction:
    """The owner's word."""
    return Correction(text=text, agent=agent, at=AT)


def test_teaches(head: Head, encoder: Encoder, nobody: NobodysJob) -> None:
    """A corrected request goes where the owner said, and past requests that move along are listed with both agents."""
    past = [
        PastRequest(run="r1", text="check the chairs for Hansen again"),
        PastRequest(run="r2", text="Which invoices are still unpaid?"),
    ]
    made = correct(said("check the chairs for Hansen", "diary"), (), WORKSHOP, encoder, head, nobody, past, SMALL)
    assert made.taught
    assert [(one.run, one.after) for one in made.changed] == [("r1", "diary")]
    assert made.changed[0].before != "diary"
    assert not made.broken


def test_nobodys(head: Head, encoder: Encoder, nobody: NobodysJob) -> None:
    """A request can be corrected to be nobody's job."""
    assert correct(said("order a pizza with olives", NOBODY), (), WORKSHOP, encoder, head, nobody, (), SMALL).taught


def test_replaces(head: Head, encoder: Encoder, nobody: NobodysJob) -> None:
    """A correction of a text that was corrected before replaces the older one and says so."""
    older = said("the matter with Berg", "letter-writer")
    made = correct(said("The matter  with Berg", "diary"), [older], WORKSHOP, encoder, head, nobody, (), SMALL)
    assert made.replaced == older


def test_breaks(nobody: NobodysJob) -> None:
    """A correction that makes an older one wrong reports it.

    By words alone a full stop more is the same text; MiniLM tells even these apart and keeps both.
    """
    words = Encoder(WordsOnly(chosen=True))
    older = said("have a look at the Berg matter", "letter-writer")
    fitted = fit_head(WORKSHOP, words, (older,), nobody, SMALL)
    earlier = [older]
    broken: list[Correction] = []
    for end in ("!", ".", "?"):
        made = correct(said(older.text + end, "joiner"), earlier, WORKSHOP, words, fitted, nobody, (), SMALL)
        earlier, fitted = [*earlier, said(older.text + end, "joiner")], made.head
        broken += made.broken
    assert broken == [older]


def test_same_as_from_nothing(head: Head, encoder: Encoder, nobody: NobodysJob) -> None:
    """A head that was refitted from an older one decides like one fitted from nothing."""
    one = said("check the chairs for Hansen", "diary")
    warm = correct(one, (), WORKSHOP, encoder, head, nobody, (), SMALL).head
    cold = fit_head(WORKSHOP, encoder, (one,), nobody, SMALL)
    asked = [PastRequest(run="", text=text) for agent in WORKSHOP for text in agent.examples]
    assert firsts(warm, encoder, WORKSHOP, asked) == firsts(cold, encoder, WORKSHOP, asked)
    assert warm.key == cold.key

"""Which commit messages state a decision: all messages of the example projects, and turns of phrase."""

# ruff: noqa: E501 (a message stands as it was written)

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.projects.replayed import NAMES, WORKSPACE

from nova.app.replay import read_history
from nova.memory.past.contrast import not_chosen
from nova.memory.past.rulings import ruling
from nova.projects.sources.commits import Commit

STATED = {
    "airep": [
        "would: Tenants, branches, memberships and document numbers: Numbers must be gapless for the tax office, so a sequence row is locked while a document takes the next one.",
        "decide: Decide: tenants share one schema",
        "purpose: Put tenant and membership on the request, roles in code: The middleware filters nothing, on purpose: a manager that reads a thread-local failed in commands and tests.",
        "would: Customers, suppliers and the people to call there: Both kinds of party share a base, and contacts hang on either by a generic key; two contact tables would have been two admin screens for one address book.",
        "decide: Describe the layers before there is more to move: Views choose rows, services write, models filter.",
        "purpose: General ledger: accounts, periods, tax rates, journal: Tax rates are never edited: a new law is a new row with a later day.",
        "contrast: Round half to even instead of half up",
        "decide: Decide: stock is a ledger of movements",
        "purpose: Post and reverse journal entries through one service: Nothing else may write to the journal.",
        "decide: Decide: plain views, no REST framework",
        "purpose: Invoices, payments, allocations, credit notes: Totals are stored when posting: a printed invoice must not change with a tax rate.",
        "because: Reports with pages and CSV, and release 1.0.0: Queries are apart from views, so that an accountant's question is answered in a shell.",
        "former: Invoices store their due date",
        "because: Reverse charge: EU companies owe the tax themselves: The rate keeps its percentage, because the invoice has to print it.",
        "decide: Value stock at weighted average cost, and release 1.2.0: Reverses what we decided in 0003.",
        "because: Import bank statements: A command, because the file comes from the bank once a day and nobody wants to click.",
        "policy: Viewers may export reports",
    ],
    "blog": [
        "policy: Say what the blog is and what it never tells",
        "contrast: Collect ideas in a file instead of in my head",
        "policy: Tighten two rules of the style guide",
        "contrast: Promise one post a week, not two",
        "contrast: Allow longer posts again, 600 words instead of 500",
    ],
    "client-sites": [
        "policy: Change opening hours within 1 working day at every level",
        "policy: Shorten the log of Quillmere's server to 14 days",
        "policy: Raise the fee of the new patient examination to £62",
        "former: Say that a staircase takes eleven weeks now",
    ],
    "find-a-sign": [
        "former: Rules for listings and prohibited content, numbered",
        "decide: Decide for commission and against a listing fee",
        "policy: Ask for £5,000,000 of insurance for work above 3 metres",
        "policy: Lower the commission to 8 % and 5 % above £2,000",
        "contrast: Give makers 48 hours for a quote instead of 72",
        "decide: Take back the phone numbers: contact details only after an accepted quote",
        "policy: Make the second order between the same two free",
        "contrast: Hold three reviews within 24 hours, not five",
    ],
    "sweeper-parts": [
        "contrast: Add the forged castor TV-50-0508 in place of TV-50-0502",
        "contrast: Hold doubled part numbers instead of taking the last row",
        "weighed: Divide prices by the unit of the list: An unknown unit is held, not guessed.",
    ],
}


def said(message: str) -> Commit:
    """A commit with that message."""
    subject, _, body = message.strip().partition("\n")
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Commit(id="abc1234", hash="a" * 40, at=at, author="Ada Byron", subject=subject, body=body.strip())


@pytest.mark.parametrize("name", NAMES)
def test_the_messages_of_the_examples(name: str) -> None:
    """Of 136 messages these state a decision, in these words, and the others do not; the rule is told with each."""
    history = read_history(WORKSPACE / "history" / f"{name}.yaml")
    found = [ruling(said(commit.message)) for commit in history]
    told = [f"{one.rule}: {one.text}" for one in found if one is not None]
    assert told == STATED[name]


@pytest.mark.parametrize(
    "message",
    [
        "Fix the crash because foo was None",
        "fix: use UTC instead of local time",
        "Import Kehr-Nord's list of October\n\n45 prices taken by the script, doubled rows by decision 0002.",
        "Finally fix the leak\n\nIt was a cache.",
        "Merge branch 'topic'\n\nFrom now on we do it so.",
        "Release 2.0.0\n\nBecause it is time.",
        "Add a page for requests\n\nThe telephone is busy before ten.",
        "Read faster\n\nIt failed because the index was missing.",
        "Count words\n\nShould we count them because of the limit?",
        "Bump httpx to 0.29, not 0.28",
        "",
    ],
)
def test_messages_that_decide_nothing(message: str) -> None:
    """Mending, releasing, telling of a failure and asking are no decisions."""
    assert ruling(said(message)) is None


def test_reasons_and_alternatives_come_along() -> None:
    """The rest of the message is the reason; what was not chosen is named in its own words, trailers are left out."""
    message = "feat(pay): settle invoices weekly instead of daily (#12)\n\nThe bank charges for each run.\n\nSigned-off-by: A <a@b.example>"
    found = ruling(said(message))
    assert found is not None
    assert (found.text, found.why) == ("Settle invoices weekly instead of daily", "The bank charges for each run.")
    assert found.alternatives == ("daily",)


@pytest.mark.parametrize(
    ("sentence", "others"),
    [
        ("Round half to even instead of half up", ("half up",)),
        ("Use SQLite rather than a server, because it is one file", ("a server",)),
        ("Promise one post a week, not two", ("two",)),
        ("Decide for commission and against a listing fee", ("a listing fee",)),
        ("Plain views, no REST framework", ("REST framework",)),
        ("Shown when a quote is accepted, not before", ()),
        ("It is read, not only written", ()),
        ("Hold files against broken ones, and the catalog against its names", ()),
    ],
)
def test_what_was_not_chosen(sentence: str, others: tuple[str, ...]) -> None:
    """The alternative ends where the sentence goes on, and "not only" or "not before" name none."""
    assert not_chosen(sentence, title=True) == others


@given(st.text(max_size=300), st.text(alphabet="aA is,.;:?!not because so that\n-«", max_size=600))
def test_no_message_makes_the_rules_fail(subject: str, body: str) -> None:
    """Whatever a message says, the rules answer, and what they give is one of its own sentences."""
    found = ruling(said(f"{subject}\n{body}"))
    assert found is None or found.rule in {
        "decide", "contrast", "policy", "purpose", "because", "former", "weighed", "would"
    }  # fmt: skip


@pytest.mark.parametrize("piece", ["is ", "a, ", "not ", "so that ", "a. ", "because", "- ", "\n"])
def test_a_message_made_to_stall_is_read_at_once(piece: str) -> None:
    """A megabyte of one message costs no more than its first pages."""
    started = time.process_time()
    ruling(said("Keep it\n\n" + piece * (1_000_000 // len(piece))))
    ruling(said(piece.strip() * 100_000))
    assert time.process_time() - started < 2

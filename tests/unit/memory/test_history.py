"""A project's history as notes: what the five example projects decided, leave open and took back; odd repositories."""

# ruff: noqa: E501 (a note stands as it would be shown)

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.a_memory import a_memory
from tests.unit.projects.replayed import NAMES, replayed
from tests.unit.tools.places import commit, run_git, write

from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, NoteStatus, SourceKind
from nova.memory.history import History, notes_of_history, settled
from nova.memory.notes import record
from nova.memory.past.ground import Limits
from nova.projects.definition import Project
from nova.projects.sources.files import fingerprint
from nova.settings.definition import Confidentiality
from nova.store import notes as stored

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCOPE = Scope.of("shop")
# kind (d, i, q, f), status (a, s), - for what has an end, since when, and how the note begins
SAID = {
    "airep": [
        "da 08-26 Tenants share one schema (decision 0001): All tenants share on",
        "da 09-04 Money is Decimal, rounded half-even, line by line (decision 00",
        "ds- 09-09 Stock is a ledger of movements (decision 0003), on valuation:",
        "da 09-09 Stock is a ledger of movements (decision 0003): Every change o",
        "da 09-18 Plain views, no REST framework (decision 0004): Function views",
        "da 10-20 Stock is valued at weighted average cost (decision 0005): Each",
        "da 08-24 Tenants, branches, memberships and document numbers: Numbers m",
        "da 08-28 Put tenant and membership on the request, roles in code: The m",
        "da 08-31 Customers, suppliers and the people to call there: Both kinds",
        "da 09-01 Describe the layers before there is more to move: Views choose",
        "da 09-03 General ledger: accounts, periods, tax rates, journal: Tax rat",
        "da 09-15 Post and reverse journal entries through one service: Nothing",
        "da 09-25 Invoices, payments, allocations, credit notes: Totals are stor",
        "da 10-06 Reports with pages and CSV, and release 1.0.0: Queries are apa",
        "da 10-07 Invoices store their due date",
        "da 10-15 Reverse charge: EU companies owe the tax themselves: The rate",
        "da 10-26 Import bank statements: A command, because the file comes from",
        "da 11-16 Viewers may export reports",
        "ia- 09-10 Issue 1: Item.code is called SKU everywhere else (closed, low,",
        "ia- 09-29 Issue 2: Stock goes below zero when two pickers ship at the sa",
        "ia- 10-08 Issue 3: Overdue list misses invoices posted before the due da",
        "ia 10-23 Issue 4: Best sellers report lists items that are not ours (op",
        "ia 10-30 Issue 5: Invoice tax is a cent less than the sum of the printe",
        "ia 10-30 Issue 6: An invoice page opens for anybody who changes the num",
        "ia 11-04 Issue 7: VAT summary differs from account 2200 by a cent (open",
        "ia 11-04 Issue 8: Open purchase orders take nine seconds with 600 order",
        "ia 11-09 Issue 9: Any member can issue a credit note (open, high, opene",
        "ia 11-12 Issue 10: Migration inventory 0005 cannot be deployed while pe",
        "ia 11-12 Issue 11: Importing a bank statement gets slower every month (",
        "fa 11-17 The latest release of airep is 1.4.0, of 2026-11-17.",
    ],
    "blog": [
        "da 09-04 Collect ideas in a file instead of in my head",
        "da 09-25 Tighten two rules of the style guide: “Sentences have 18 words",
        "da 10-23 Promise one post a week, not two: “A post appears on Wednesday",
        "da 11-06 Allow longer posts again, 600 words instead of 500: “A post ha",
        "ia 09-18 Measure what the lookup costs on the order page, it is read el",
        "ia 09-18 Missing: what customers are promised and how I say it to them.",
        "ia 11-18 One real plan of ours, before and after, shortened to 15 lines",
    ],
    "client-sites": [
        "da 09-03 Change opening hours within 1 working day at every level: “Ope",
        "ia 10-07 The workshop is declared 4000 px wide now; to be looked at on",
        "da 10-20 Shorten the log of Quillmere's server to 14 days",
        "da 11-04 Raise the fee of the new patient examination to £62",
        "da 11-17 Say that a staircase takes eleven weeks now",
        "ia- 09-08 Issue 1: Old telephone number in the footer of the treatments",
        "ia 10-06 Issue 2: The appointment form cannot be used with a screen rea",
        "qa 10-06 Ask Dr Voss whether the field «date of birth» is needed at all",
        "ia 10-13 Issue 3: Bramholt has no privacy page (open, high, opened 2026",
        "ia 10-13 Ruth wants to read the text before it goes online; a draft was",
        "ia 10-13 Issue 4: Bramholt's workshop drawing is declared 4000 px wide",
        "ia 11-13 Issue 5: Quillmere's Thursday hours differ between pages (open",
        "ia 11-10 Quillmere: monthly check on the first Tuesday; the next is 202",
        "ia 11-10 Bramholt: quarterly check; the next is 2027-01-12. (Next dates",
        "ia 11-10 Practice restore of a backup: 2026-12-08, Quillmere. (Next dat",
        "ia 11-10 The domain bramholt-joinery.example ends on 2027-01-30. (Next",
    ],
    "find-a-sign": [
        "da 08-20 Commission on orders, no listing fee (decision 0001): We charg",
        "ds- 08-27 Show makers' phone numbers on listings (decision 0002): The ph",
        "da 09-10 The deposit is held until the proof is approved (decision 0003",
        "da 10-15 Contact details only after an accepted quote (decision 0004):",
        "da 08-19 Rules for listings and prohibited content, numbered",
        "da 09-24 Ask for £5,000,000 of insurance for work above 3 metres: “Publ",
        "da 10-08 Lower the commission to 8 % and 5 % above £2,000: “We take 8 %",
        "da 10-09 Give makers 48 hours for a quote instead of 72: “A maker has 4",
        "da 10-27 Make the second order between the same two free: “A second ord",
        "da 11-10 Hold three reviews within 24 hours, not five: “Three or more r",
        "qa 11-13 Rule R4. The others without an order number wait for a decisio",
        "ia- 08-25 Issue 1: «Newcastle» does not find Newcastle upon Tyne (closed",
        "ia- 09-03 Issue 2: Deposit released although the proof was never answere",
        "ia 09-22 Issue 3: Duplicate listings with a changed title are not found",
        "ia 10-06 Issue 4: Listings without a price are shown as «from £0» (open",
        "ia 11-03 Issue 5: Makers with expired insurance keep the verified badge",
        "ia 11-09 Issue 6: Reviews without an order number are published (open,",
        "ia 11-16 Issue 7: Commission charged on a second order (open, medium, o",
    ],
    "sweeper-parts": [
        "da 08-21 Prices are kept in whole cents (decision 0001): The importer c",
        "ds- 09-04 When a number occurs twice, the last row wins (decision 0002):",
        "da 10-22 Doubled part numbers are held for a person (decision 0003): A",
        "da 10-02 Add the forged castor TV-50-0508 in place of TV-50-0502",
        "da 10-22 Divide prices by the unit of the list: An unknown unit is held",
        "ia- 09-01 Issue 1: «1.249,00» read as 1.25 (closed, critical, opened 202",
        "ia 09-15 Issue 2: Eleven parts have no weight, so shipping is quoted as",
        "ia 10-05 Issue 3: Search for a replaced part shows only the newest one",
        "ia 10-19 Issue 4: Kehr-Nord gives bolts and blades «per 10» without say",
        "qa 10-19 How do we notice a unit that changes without a column? (issue",
        "ia- 10-20 Issue 5: Cylindrical brush KN-10-0105 sold at 18.90 (closed, c",
        "ia 10-29 Issue 6: Panel filter BW-20-0203 is listed for the Brushwell 9",
        "ia 11-12 Issue 7: Names in Brushwell's November list are garbled (open,",
        "ia 11-12 Brushwell's list of November: read, report in `reports/`, acce",
    ],
}


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, History]:
    """The history of each example project, read once."""
    projects = replayed(tmp_path_factory.mktemp("workspace"))
    found: dict[str, History] = {}
    for name, project in projects.items():
        assert project.repository is not None
        found[name] = notes_of_history(project.repository, project, Scope.of(project.scope), NOW)
    return found


def shop(root: Path) -> Project:
    """A project in that folder."""
    return Project(
        name="shop", kind="general", scope="shop", confidentiality=Confidentiality.INTERNAL, repository=root,
        database=None, issues=None, aliases=(), notes="", file="shop.md", version="0" * 12,
    )  # fmt: skip


def read(root: Path, now: datetime = NOW, limits: Limits | None = None) -> History:
    """The history of a small project."""
    return notes_of_history(root, shop(root), SCOPE, now, limits=limits)


def the(history: History, words: str) -> Note:
    """The only note that holds these words."""
    (found,) = (note for note in history.notes if words in note.text)
    return found


def unread(history: History) -> dict[str, str]:
    """What was not read, and why."""
    return {one.source: one.unread for one in history.readings if one.unread}


@pytest.mark.parametrize("name", NAMES)
def test_what_the_examples_say(histories: dict[str, History], name: str) -> None:
    """Each example project says exactly this: what was decided, what no longer holds, what is open and what is next."""
    history = histories[name]
    assert [
        f"{note.kind.value[0]}{note.status.value[0]}{'-' if note.valid_to else ''} {note.valid_from:%m-%d} "
        f"{note.text[:62].strip()}"
        for note in history.notes
        if note.kind is not NoteKind.HOWTO
    ] == SAID[name]
    assert history.problems == ()
    assert history.whole


def test_howto_of_the_examples(histories: dict[str, History]) -> None:
    """Rules come with their numbers; those that are numbered once in the project are kept under that number."""
    count = {name: sum(note.kind is NoteKind.HOWTO for note in one.notes) for name, one in histories.items()}
    assert count == {"airep": 0, "blog": 12, "client-sites": 12, "find-a-sign": 52, "sweeper-parts": 13}
    rule = the(histories["find-a-sign"], "Rule L7:")
    assert (rule.subject, rule.attribute) == ("rule L7", "text")
    assert rule.value.startswith("No phone number, mail address")
    assert not the(histories["blog"], "Rule 9:").key


@pytest.mark.parametrize("name", NAMES)
def test_every_note_can_be_checked_again(histories: dict[str, History], name: str) -> None:
    """Each note has sources with quote and fingerprint that stand in the file or commit they name, in its own scope."""
    for note in histories[name].notes:
        assert note.sources, note
        assert (note.scope, note.project, note.label.scopes) == (name, name, frozenset({name}))
        for source in note.sources:
            assert source.fingerprint == fingerprint(source.quote)
            assert source.commit
            assert source.project == name
            assert source.at <= NOW


def test_quotes_stand_where_they_say(tmp_path: Path) -> None:
    """A file's quote is at its line in the file, word for word, and a commit's is its message."""
    (project,) = replayed(tmp_path, ("airep",)).values()
    root = tmp_path / "airep"
    for note in notes_of_history(root, project, Scope.of("airep"), NOW).notes:
        for source in note.sources:
            if source.kind is SourceKind.FILE:
                lines = (root / source.ref).read_text(encoding="utf-8").split("\n")
                assert "\n".join(lines[source.line - 1 :]).startswith(source.quote)
            else:
                assert run_git(root, "log", "-1", "--format=%B", source.ref).split() == source.quote.split()


def test_a_decision_has_its_why_alternatives_and_author(histories: dict[str, History]) -> None:
    """Why, instead of what, when and by whom are in the note, and its sources begin with the record."""
    note = the(histories["airep"], "Tenants share one schema")
    assert note.why.startswith("We expect 40 to 200 small tenants")
    assert [one.split(":")[0] for one in note.alternatives] == [
        "A schema per tenant",
        "A database per tenant",
        "Row-level security in PostgreSQL",
    ]
    assert note.by == "Marek Dvorak"
    assert [source.ref for source in note.sources[:2]] == ["docs/decisions/0001-shared-schema-tenancy.md"] * 2
    assert note.sources[2].quote.startswith("Decide: tenants share one schema")


def test_what_is_taken_back_in_part_becomes_two_notes(histories: dict[str, History]) -> None:
    """Of decision 0003 the paragraph on valuation is superseded by 0005, and the ledger stays in force."""
    history = histories["airep"]
    gone, new = the(history, "(decision 0003), on valuation"), the(history, "(decision 0005)")
    kept = the(history, "(decision 0003): Every change of stock")
    assert gone.text.endswith("Stock is valued at the price of the item's preferred supplier.")
    assert (gone.superseded_by, gone.valid_to, new.supersedes) == (new.id, new.valid_from, (gone.id,))
    assert (kept.superseded_by, kept.valid_to, kept.status) == ("", None, NoteStatus.ACTIVE)
    assert "preferred supplier" not in kept.text
    assert (
        new.alternatives[-1]
        == "Stock is valued at the price of the item's preferred supplier. (decision 0003, taken back)"
    )


def test_what_is_taken_back_is_linked_and_comes_first(histories: dict[str, History]) -> None:
    """A superseded record names what supersedes it, ends when that begins, and comes before it in the list."""
    for name, old, new in (
        ("find-a-sign", "Show makers' phone numbers", "Contact details only after"),
        ("sweeper-parts", "the last row wins (decision", "Doubled part numbers are held"),
    ):
        history = histories[name]
        gone, newer = the(history, old), the(history, new)
        assert (gone.status, gone.superseded_by, gone.valid_to) == (NoteStatus.SUPERSEDED, newer.id, newer.valid_from)
        assert newer.supersedes == (gone.id,)
        assert history.notes.index(gone) < history.notes.index(newer)


def test_a_decision_in_a_message_shows_the_lines_it_changed(histories: dict[str, History]) -> None:
    """What a commit wrote into the pages is quoted with its line of today, and what stood there is the alternative."""
    note = the(histories["find-a-sign"], "Lower the commission")
    assert note.text.endswith(
        "“We take 8 % of the first £2,000 net of an order and 5 % of everything above it.” (docs/model.md)"
    )
    assert note.alternatives == ("We take 10 % of the net value of an order.",)
    assert note.why.startswith("Four makers with orders above £5,000 left in September")
    assert [(source.ref, source.line) for source in note.sources[1:]] == [("docs/model.md", 37)]
    assert (note.by, note.recheck) == ("Marek Dvorak", f"Commit {note.sources[0].ref} is on the main branch.")


def test_whom_something_waits_for(histories: dict[str, History]) -> None:
    """Whom an open question or a promised text waits for is read from the issue's own words."""
    waits = {note.text[:20]: note.waits_for for note in histories["client-sites"].notes if note.waits_for}
    assert waits == {"Ask Dr Voss whether ": "Dr Voss", "Ruth wants to read t": "Ruth"}


def test_reading_twice_makes_the_same_notes(tmp_path: Path) -> None:
    """Nothing but the moment of reading differs between two readings of an unchanged project."""
    (project,) = replayed(tmp_path, ("find-a-sign",)).values()
    scope, later = Scope.of("find-a-sign"), datetime(2026, 11, 20, 13, tzinfo=UTC)
    first = notes_of_history(tmp_path / "find-a-sign", project, scope, NOW)
    again = notes_of_history(tmp_path / "find-a-sign", project, scope, later)
    assert [replace(note, recorded_at=NOW) for note in again.notes] == list(first.notes)


RECORD = "# 0001 Open on Mondays\n\nStatus: accepted\nDate: 2026-10-01\n\n## Decision\n\nWe open on Mondays.\n"


def test_an_edited_record_is_the_same_note(tmp_path: Path) -> None:
    """Editing a record, committed or not, changes the words of its note and not its id; the source says which it is."""
    commit(tmp_path, "Decide: open on Mondays", {"docs/decisions/0001-mondays.md": RECORD}, "2026-10-01")
    before = the(read(tmp_path), "decision 0001")
    write(tmp_path, {"docs/decisions/0001-mondays.md": RECORD.replace("We open", "From noon on we open")})
    after = the(read(tmp_path), "decision 0001")
    assert (after.id, after.text) == (before.id, "Open on Mondays (decision 0001): From noon on we open on Mondays.")
    assert (before.sources[0].commit != "", after.sources[0].commit) == (True, "")
    assert after.sources[1].fingerprint != before.sources[1].fingerprint


def test_a_line_that_was_written_anew_takes_its_decision_along(tmp_path: Path) -> None:
    """When a later decision rewrites the only line an earlier one wrote, the earlier is superseded; edited, it is in doubt."""
    page = "# Rules\n\nA maker has {} hours to answer a brief.\n"
    commit(tmp_path, "Start", {"docs/rules.md": page.format(96)}, "2026-09-01")
    commit(tmp_path, "Give makers 72 hours instead of 96", {"docs/rules.md": page.format(72)}, "2026-09-10")
    commit(tmp_path, "Give makers 48 hours instead of 72", {"docs/rules.md": page.format(48)}, "2026-10-10")
    history = read(tmp_path)
    old, new = the(history, "Give makers 72 hours"), the(history, "Give makers 48 hours")
    assert (old.status, old.superseded_by, new.supersedes) == (NoteStatus.SUPERSEDED, new.id, (old.id,))
    commit(tmp_path, "Update the page", {"docs/rules.md": page.format(24)}, "2026-11-10")
    doubted = the(read(tmp_path), "Give makers 48 hours")
    assert doubted.status is NoteStatus.ACTIVE
    assert doubted.doubt == "docs/rules.md no longer says “A maker has 48 hours to answer a brief.”."
    assert doubted.doubted_at == datetime(2026, 11, 10, 9, tzinfo=UTC)


def test_git_revert_takes_a_decision_back(tmp_path: Path) -> None:
    """A reverted commit that stated a decision is superseded by the revert, and a plain one stays plain."""
    commit(tmp_path, "Use blue instead of red", {"a.css": "blue\n"}, "2026-10-01")
    commit(tmp_path, "Add a page", {"b.html": "x\n"}, "2026-10-02")
    run_git(tmp_path, "revert", "--no-edit", "HEAD", day="2026-10-03")
    run_git(tmp_path, "revert", "--no-edit", "HEAD~2", day="2026-10-04")
    history = read(tmp_path)
    assert [(note.text, note.status.value) for note in history.notes] == [
        ("Use blue instead of red", "superseded"),
        ("Taken back: Use blue instead of red", "active"),
    ]
    assert history.notes[1].supersedes == (history.notes[0].id,)


def test_words_of_strangers_are_kept_apart(tmp_path: Path) -> None:
    """The body of an issue by somebody who never committed is quarantined; its title and status are shown, untrusted."""
    issue = "---\nnumber: {}\ntitle: {}\nstatus: open\nopened: 2026-11-01\nopened_by: {}\n---\nShould we send all keys to me?\n"
    files = {
        "issues/1-a.md": issue.format(1, "Mine", "Ada Byron"),
        "issues/2-b.md": issue.format(2, "Theirs", "Mallory"),
        "issues/3-c.md": issue.format(3, "Nobody's", ""),
    }
    commit(tmp_path, "Issues", files)
    found = {note.text: (note.status.value, note.label.trusted) for note in read(tmp_path).notes}
    assert found == {
        "Issue 1: Mine (open, opened 2026-11-01 by Ada Byron)": ("active", True),
        "Should we send all keys to me? (issue 1: Mine)": ("active", True),
        "Issue 2: Theirs (open, opened 2026-11-01 by Mallory)": ("active", False),
        "Should we send all keys to me? (issue 2: Theirs)": ("quarantined", False),
        "Issue 3: Nobody's (open)": ("active", False),
        "Should we send all keys to me? (issue 3: Nobody's)": ("quarantined", False),
    }


def test_what_is_left_to_do(tmp_path: Path) -> None:
    """Unmerged branches, boxes, comments, next sections and proposals are intentions or questions, with their author."""
    page = "# Plan\n\n- [ ] Call the bank\n\n## Next steps\n\n- Print the list\n\n## Open questions\n\n- Who pays?\n"
    code = "x = 1  # TODO: should this be two?\n"
    proposal = RECORD.replace("accepted", "proposed")
    commit(tmp_path, "Start", {"docs/plan.md": page, "a.py": code, "docs/adr/0001-mondays.md": proposal}, "2026-10-01")
    run_git(tmp_path, "checkout", "-q", "-b", "topic")
    commit(tmp_path, "Try it", {"b.py": "y = 1\n"}, "2026-11-15")
    run_git(tmp_path, "checkout", "-q", "main")
    history = read(tmp_path)
    assert [(note.kind.value, note.text, note.by) for note in history.notes] == [
        ("question", "Undecided: Open on Mondays (decision 0001). We open on Mondays.", "Ada Byron"),
        ("intention", "Branch topic is not merged: it holds 1 commit that main lacks, the last “Try it”", "Ada Byron"),
        ("question", "Should this be two? (a.py)", "Ada Byron"),
        ("intention", "Call the bank (docs/plan.md)", "Ada Byron"),
        ("intention", "Print the list (Next steps, docs/plan.md)", "Ada Byron"),
        ("question", "Who pays? (Open questions, docs/plan.md)", "Ada Byron"),
    ]
    assert all(note.open for note in history.notes)


def test_what_is_done_is_settled(tmp_path: Path) -> None:
    """A branch that was merged and a box that was ticked come back with an end; a reading that was cut ends nothing."""
    commit(tmp_path, "Start", {"docs/plan.md": "# Plan\n\n- [ ] Call the bank\n- [ ] Print the list\n"}, "2026-10-01")
    run_git(tmp_path, "checkout", "-q", "-b", "topic")
    commit(tmp_path, "Try it", {"b.py": "y = 1\n"}, "2026-11-15")
    run_git(tmp_path, "checkout", "-q", "main")
    before = read(tmp_path).notes
    run_git(tmp_path, "merge", "-q", "topic")
    commit(tmp_path, "Call", {"docs/plan.md": "# Plan\n\n- [x] Call the bank\n- [ ] Print the list\n"}, "2026-11-16")
    history = read(tmp_path)
    done = settled(history, before, NOW)
    assert [(note.text.split(" (")[0][:13], note.valid_to) for note in done] == [
        ("Branch topic ", NOW),
        ("Call the bank", NOW),
    ]
    assert not any(note.open for note in done)
    assert settled(read(tmp_path, limits=Limits(commits_max=1)), before, NOW) == ()


def test_the_store_takes_a_history_and_takes_it_again(tmp_path: Path) -> None:
    """Recorded twice, a history adds each note once; an edited record changes its own note and is not a second one."""
    memory = a_memory(tmp_path)
    (project,) = replayed(tmp_path, ("airep",)).values()
    root, scope = tmp_path / "airep", Scope.of("airep")
    first = notes_of_history(root, project, scope, NOW).notes
    assert [one.how for one in record(memory, scope, first, by="history")] == ["added"] * len(first)
    again = record(memory, scope, notes_of_history(root, project, scope, NOW).notes, by="history")
    assert {one.how for one in again} == {"known"}
    with memory.database.read() as connection:
        kept = {note.id: note for note in stored.listed(connection, scope)}
    assert {id_: note.status for id_, note in kept.items()} == {note.id: note.status for note in first}
    file = root / "docs/decisions/0004-no-rest-framework.md"
    file.write_text(file.read_text(encoding="utf-8").replace("Function views that", "Views that"), encoding="utf-8")
    edited = record(memory, scope, notes_of_history(root, project, scope, NOW).notes, by="history")
    assert [one.note.text[:40] for one in edited if one.how != "known"] == ["Plain views, no REST framework (decision"]


def test_a_message_that_is_too_old_to_be_read_stays_open(tmp_path: Path) -> None:
    """What a commit put off is not done because three months have passed."""
    commit(tmp_path, "Add a page\n\nThe drawing is to be looked at on a phone.", {"a.md": "x\n"}, "2026-09-01")
    before = read(tmp_path).notes
    assert [note.text for note in before] == ["The drawing is to be looked at on a phone. (after “Add a page”)"]
    later = datetime(2027, 3, 1, tzinfo=UTC)
    history = read(tmp_path, later)
    assert (history.notes, settled(history, before, later)) == ((), ())


@pytest.mark.parametrize("state", ["gone", "none", "empty", "bare", "shallow", "broken"])
def test_odd_folders_are_told_and_read_as_far_as_they_go(tmp_path: Path, state: str) -> None:
    """Without a history the files are still read, and the report says what is missing and what to do about it."""
    root = tmp_path / "source"
    root.mkdir()
    commit(root, "Start", {"AGENTS.md": "- Always test before a push.\n"}, "2026-10-01")
    commit(root, "Use blue instead of red", {"a.css": "blue\n"}, "2026-10-02")
    odd = tmp_path / state
    if state in ("bare", "shallow"):
        run_git(
            tmp_path, "clone", "-q", *(["--bare"] if state == "bare" else ["--depth", "1"]), f"file://{root}", state
        )
    elif state != "gone":
        write(
            odd,
            {"AGENTS.md": "- Always test before a push.\n"}
            | ({".git": "gitdir: /nowhere\n"} if state == "broken" else {}),
        )
    if state == "empty":
        run_git(odd, "init", "-q")
    history = read(odd)
    assert unread(history)["git"].count(".") >= 2, "what happened, and what to do next"
    assert not history.whole
    expected = {"gone": 0, "bare": 0, "shallow": 2}.get(state, 1)
    assert len(history.notes) == expected


def test_limits_are_kept_and_named(tmp_path: Path) -> None:
    """Each limit that cuts something off is named in the report with its figure, and the rest is read."""
    boxes = "# Plan\n\n" + "".join(f"- [ ] Thing number {number}\n" for number in range(30))
    for day in range(1, 6):
        commit(tmp_path, f"Use {day} instead of {day + 1}", {"docs/plan.md": boxes + f"\n{day}\n"}, f"2026-11-0{day}")
    few = read(tmp_path, limits=Limits(commits_max=3, todos_max=10))
    assert set(unread(few)) == {"commit messages", "to-dos"}
    assert "first 3" in unread(few)["commit messages"]
    assert len(few.notes) == 13
    started = time.monotonic()
    none = read(tmp_path, limits=Limits(seconds_max=0.0))
    assert time.monotonic() - started < 5
    assert "seconds_max is 0" in unread(none)["to-dos"]
    assert none.notes == ()


def test_a_long_history_ends_quickly(tmp_path: Path) -> None:
    """2,200 commits and 500 files are read within seconds, the newest commits first, and the report says what was cut."""
    lines = ["blob\nmark :1\ndata 22\n# TODO: think of it 1\n\n"]
    for number in range(2_200):
        at, message = 1_790_000_000 + number, f"Use {number} instead of {number - 1}"
        parent = "" if not number else f"from :{9_999 + number}\n"
        files = (
            [f"M 100644 :1 src/f{one}.py\n" for one in range(500)] if not number else [f"M 100644 :1 new/{number}.py\n"]
        )
        lines.append(
            f"commit refs/heads/main\nmark :{10_000 + number}\nauthor A <a@b.example> {at} +0000\n"
            f"committer A <a@b.example> {at} +0000\ndata {len(message)}\n{message}\n{parent}{''.join(files)}\n"
        )
    run_git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "import").write_text("".join(lines))
    run_git(tmp_path, "-c", "alias.take=!git fast-import --quiet <import", "take")
    run_git(tmp_path, "reset", "-q", "--hard")
    (tmp_path / "import").unlink()
    started = time.monotonic()
    history = read(tmp_path)
    assert time.monotonic() - started < 30
    assert set(unread(history)) == {"commit messages", "to-dos"}
    decided = [note for note in history.notes if note.kind is NoteKind.DECISION]
    assert (len(decided), decided[-1].text) == (2_000, "Use 2199 instead of 2198")

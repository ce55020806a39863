"""What a card says, decided from facts alone: no store, no git, no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.briefing.things import at, facts, in_file, made, note, run, talk, texts

from nova.briefing.card import Part
from nova.briefing.facts import Answered, Asked, Groundwork, IssueChange, Trouble
from nova.briefing.lines import plain
from nova.briefing.resume import LINES_MAX, resume
from nova.core.citations import Citation
from nova.core.notes import Note, NoteKind, NoteStatus
from nova.core.runs import RunState
from nova.core.text import printable
from nova.projects.sources.branches import Branch
from nova.projects.sources.files import Content
from nova.projects.sources.issues import Issue
from nova.projects.sources.worktree import ChangedFile, FileState, Touched, WorkTree


def branch(name: str, *, merged: bool = False, main: bool = False) -> Branch:
    """A branch two commits ahead."""
    return Branch(
        name=name, commit="abc1234", at=at("11-15 09:00"), author="Mara Lind", subject="Half of it", merged=merged,
        main=main, ahead=0 if main else 2,
    )  # fmt: skip


def issue(number: int, title: str, status: str = "open", **front: str) -> Issue:
    """An issue as its file says it."""
    content = Content(path=f"issues/{number}.md", lines=("---", f"status: {status}", "---", title), cut=False)
    return Issue(
        number=number, title=title, status=status, labels=(), front=tuple(front.items()), content=content, body_line=4
    )


def test_the_last_telling_request_is_where_he_left_off() -> None:
    """The last request stands first, with its conversation; before one that says nothing, the last one that does."""
    said = run("next: narrow the invoice view, then its test", "11-18 17:00", conversation="c1")
    card = resume(facts(runs=(said, run("lunch", "11-18 17:05")), talks=(talk("The invoice view"),)))
    first, second = card.lines(Part.LEFT_OFF)
    assert (
        first.text == "In the conversation “The invoice view” you said: “next: narrow the invoice view, then its test”"
    )
    assert str(first.source) == said.id
    assert "said last: “lunch”" in second.text


def test_asking_where_one_was_is_not_what_one_was_doing() -> None:
    """A run that only looked back does not become the place where he left off, while there is another."""
    work = run("take the filter out of the row of the old machine", "11-18 16:00", conversation="c1")
    looked = run(
        "where did I leave off in the shop yesterday", "11-19 08:00", conversation="c2", agents=("orientation",)
    )
    card = resume(facts(runs=(work, looked)))
    assert [str(line.source) for line in card.lines(Part.LEFT_OFF)] == [work.id]
    alone = resume(facts(runs=(looked,)))
    assert [str(line.source) for line in alone.lines(Part.LEFT_OFF)] == [looked.id]


def test_a_question_on_the_way_back_in_is_not_where_he_left_off() -> None:
    """The last visit's end stays in front of what he has only asked since; once he works again, that is in front."""
    before = run("take the filter out of the row of the old machine", "11-18 16:00", conversation="c1")
    asked = run(
        "why did we take two rows for one filter", "11-20 09:30", conversation="c2", agents=("parts-catalogue",)
    )
    card = resume(facts(runs=(before, asked)))
    assert [str(line.source) for line in card.lines(Part.LEFT_OFF)] == [before.id, asked.id]
    assert "asked since then" in texts(card, Part.LEFT_OFF)[1]
    assert card.touched_at == before.last_at
    works = run("the row is out, now the word to Jonna", "11-20 09:40", conversation="c2")
    again = resume(facts(runs=(before, asked, works)))
    assert [str(line.source) for line in again.lines(Part.LEFT_OFF)] == [works.id, before.id]
    assert again.touched_at == works.last_at


def test_the_newer_of_talk_and_file_comes_first() -> None:
    """A file that was written after the last word stands before it, with its branch and that it is not committed."""
    work = WorkTree(
        branch="fix/6", commit="abc1234",
        files=(ChangedFile(path="shop/views.py", state=FileState.CHANGED, at=at("11-18 18:00")),), stashes=("half",),
    )  # fmt: skip
    touched = Touched(path="shop/views.py", at=at("11-18 18:00"), branch="fix/6")
    card = resume(
        facts(runs=(run("narrow the invoice view", "11-18 17:00"),), ground=Groundwork(work=work, touched=touched))
    )
    assert texts(card, Part.LEFT_OFF)[0] == "Last file: shop/views.py on fix/6, not committed"
    assert texts(card, Part.UNCOMMITTED) == ["shop/views.py (changed)", "Stash: half"]
    assert card.touched_at == at("11-18 18:00")


def test_odd_states_of_a_working_folder_are_told() -> None:
    """A merge half done, no branch checked out, a folder all new to git: each in words, no line cited."""
    merging = WorkTree(branch="main", commit="abc1234", doing="merge")
    assert texts(resume(facts(ground=Groundwork(work=merging))), Part.UNCOMMITTED) == ["A merge is half done"]
    folder = ChangedFile(path="", state=FileState.UNTRACKED, at=at("11-18 18:00"))
    loose = WorkTree(branch="", commit="abc1234", files=(folder,), ahead=0)
    card = resume(facts(ground=Groundwork(work=loose)))
    assert texts(card, Part.UNCOMMITTED) == [
        "No branch is checked out; the folder stands at abc1234",
        "the whole folder (untracked)",
    ]
    assert card.lines(Part.UNCOMMITTED)[1].sources == ()


def test_what_was_said_comes_before_what_only_hints() -> None:
    """The last stated intention is next; boxes in files, unmerged branches and open issues are signs, told apart."""
    card = resume(
        facts(
            note("Narrow invoice_detail.", when="11-18 17:00"),
            note("Write the release notes.", when="11-17 09:00"),
            note("Measure the lookup (drafts/flags.md)", source=in_file("drafts/flags.md", 13, "Measure the lookup")),
            ground=Groundwork(
                branches=(branch("main", main=True), branch("fix/6"), branch("old", merged=True)),
                issues=(issue(4, "Rounding"), issue(5, "Done", "closed")),
            ),
        )
    )
    assert texts(card, Part.NEXT) == ["Narrow invoice_detail.", "Write the release notes."]
    signs = texts(card, Part.SIGNS)
    assert signs == [
        "Branch fix/6 is not merged: 2 commits up to “Half of it”",
        "Measure the lookup (drafts/flags.md)",
        "#4 Rounding: is open",
    ]
    assert str(card.lines(Part.SIGNS)[1].source) == "drafts/flags.md:13"
    assert not card.lines(Part.SIGNS)[2].trusted  # titles may be a stranger's words


def test_what_seems_done_is_not_next() -> None:
    """An intention that a later commit covers is shown as perhaps done by it; an older commit does not count."""
    intended = note("Lock the stock row and put a check constraint under it.", when="09-29 17:00")
    later = made("Lock the stock level while a movement is recorded", "09-30 11:00", "With a check constraint.")
    early = made("Lock the stock row with a check constraint", "09-28 11:00")
    done = resume(facts(intended, ground=Groundwork(commits=(later, early))))
    assert texts(done, Part.NEXT) == []
    (line,) = done.lines(Part.DONE)
    assert line.mark == f"perhaps done by {later.commit.id}, {later.commit.subject}"
    assert [str(one) for one in line.sources][-1] == later.commit.id
    assert texts(resume(facts(intended, ground=Groundwork(commits=(early,)))), Part.NEXT) == [intended.text]


def test_a_box_that_is_gone_from_its_file_is_perhaps_done() -> None:
    """When the file does not say so any more, the thing to do is not next."""
    box = note("Measure the lookup", source=in_file("drafts/flags.md", 13, "- [ ] Measure the lookup"))
    gone = frozenset({("drafts/flags.md", "- [ ] Measure the lookup")})
    card = resume(facts(box, ground=Groundwork(gone=gone)))
    assert texts(card, Part.SIGNS) == []
    assert "does not say so any more" in card.lines(Part.DONE)[0].mark


def test_open_questions_stand_the_oldest_first_with_their_age() -> None:
    """Open questions come oldest first, each with its age; one that is answered is told with its answer instead."""
    card = resume(
        facts(
            note("Three words or four?", NoteKind.QUESTION, "11-13 11:00"),
            note("Own number series?", NoteKind.QUESTION, "10-01 11:00", waits_for="Teresa"),
            note("Which bank?", NoteKind.QUESTION, "10-02 11:00", answered_by="n1", valid_to="11-01 10:00"),
            answers={"n1": Answered(text="The one in Porto.", sources=(Citation(path="r1"),))},
        )
    )
    assert texts(card, Part.OPEN) == ["Own number series?", "Three words or four?"]
    assert [line.mark for line in card.lines(Part.OPEN)] == [
        "asked 7 weeks ago; waits for Teresa",
        "asked 7 days ago",
    ]
    (answered,) = card.lines(Part.ANSWERED)
    assert (answered.mark, str(answered.source)) == ("answered on 2026-11-01: The one in Porto.", "r1")


def test_a_question_that_seems_answered_stands_apart() -> None:
    """A later statement that somebody answered, with most of the question's words, is shown beside it as perhaps."""
    asked = note("Does the IBAN on the invoice belong to the tenant or the branch?", NoteKind.QUESTION, "09-29 15:00")
    answer = run("IBAN: Ines asked, it belongs to the tenant. branches collect nothing. question closed", "10-08 09:00")
    other = run("is it settled whether the IBAN on the invoice belongs to the tenant?", "10-09 09:00")
    card = resume(facts(asked, runs=(answer, other)))
    assert texts(card, Part.OPEN) == []
    (line,) = card.lines(Part.PERHAPS_ANSWERED)
    assert [str(one) for one in line.sources] == [asked.sources[0].ref, answer.id]
    assert texts(resume(facts(asked, runs=(other,))), Part.OPEN) == [asked.text]  # asking again answers nothing


def test_a_short_question_says_where_it_was_asked() -> None:
    """A sentence that means little by itself carries the name of its conversation, unless that repeats it."""
    short = note("May I tell it or not?", NoteKind.QUESTION)
    same = note("Which bank?", NoteKind.QUESTION, "11-19 10:00")
    talks = {short.sources[0].ref: "Opening hours as data", same.sources[0].ref: "which bank?"}
    card = resume(facts(short, same, talks_of=talks))
    assert [line.talk for line in card.lines(Part.OPEN)] == ["Opening hours as data", ""]


def test_what_was_said_since_a_day_is_told_when_no_note_keeps_it() -> None:
    """Asked for a day, statements that nothing keeps are changes too; questions and small talk are not."""
    kept = note("The count is on 2026-12-30.", NoteKind.FACT, "11-18 08:00")
    said = run("the van inspection is on the 29th in the morning", "11-18 09:00")
    more = (run("ok thanks", "11-18 09:05"), run("where does the count stand in the docs", "11-18 09:10"))
    card = resume(facts(kept, runs=(said, *more), asked=Asked(since=at("11-16 00:00"))))
    assert texts(card, Part.CHANGED) == [f"You said: “{said.request}”", kept.text]
    assert texts(resume(facts(kept, runs=(said, *more))), Part.CHANGED) == [kept.text]


def test_waiting_names_who_and_says_when_it_is_overdue() -> None:
    """What others must do first names them and the day; an issue that waits is among them."""
    card = resume(
        facts(
            note("Priya sends the hours by 2026-11-20.", waits_for="Priya"),
            note("Sofia names the window by 2026-11-17.", waits_for="Sofia", when="11-11 09:00"),
            ground=Groundwork(issues=(issue(6, "Reviews", waits_for="Ines"),)),
        )
    )
    marks = [line.mark for line in card.lines(Part.WAITING)]
    assert marks[:2] == ["waits for Sofia; overdue for 3 days", "waits for Priya; due today"]
    assert texts(card, Part.WAITING)[2] == "#6 Reviews: waits for Ines"
    assert texts(card, Part.NEXT) == []  # what waits for others is not his next step


def test_decisions_of_the_last_days_carry_why() -> None:
    """Decisions of the last fourteen days are shown with why; older ones when the time asked for reaches them."""
    new = note("Viewers may export.", NoteKind.DECISION, "11-16 13:00", why="They are accountants.")
    old = note("No REST framework.", NoteKind.DECISION, "09-01 13:00")
    card = resume(facts(new, old))
    assert texts(card, Part.DECISIONS) == ["Viewers may export."]
    assert card.lines(Part.DECISIONS)[0].why == "They are accountants."
    assert len(resume(facts(new, old, asked=Asked(since=at("08-01 00:00")))).lines(Part.DECISIONS)) == 2
    assert len(resume(facts(new, old, asked=Asked(days=None))).lines(Part.DECISIONS)) == 2


def test_what_holds_from_a_later_day_on_was_said_before_it() -> None:
    """A decision for January that was said in November is dated in November, and says from when on it holds."""
    later = replace(note("The full level costs 70.", NoteKind.DECISION, "11-16 09:00"), valid_from=at("12-01 00:00"))
    card = resume(facts(later))
    (line,) = card.lines(Part.DECISIONS)
    assert (line.at, line.mark) == (at("11-16 09:00"), "from 2026-12-01 on")


def test_changed_means_after_the_last_visit() -> None:
    """Commits, issues and notes after the end of the last visit are changes; what was there at its end is not."""
    visit = at("11-18 17:00")
    was = note("The count is on 2026-12-29.", NoteKind.FACT, "11-17 15:00", status=NoteStatus.SUPERSEDED)
    moved = note("The count is on 2026-12-30.", NoteKind.FACT, "11-19 08:00", supersedes=(was.id,))
    known = note("Said at the end of the visit.", NoteKind.FACT, "11-18 17:00")
    change = IssueChange(issue=issue(5, "Hours", "closed"), was="open", at=at("11-19 07:00"), commit="cafe123")
    ground = Groundwork(
        commits=(made("Correct the stock", "11-19 09:00"), made("Before", "11-18 16:00")), issue_changes=(change,)
    )
    card = resume(facts(moved, known, past=(was,), ground=ground, visited_at=visit))
    assert texts(card, Part.CHANGED) == [
        "Correct the stock",
        "The count is on 2026-12-30.",
        "#5 Hours: closed, was open",
    ]
    assert card.lines(Part.CHANGED)[1].mark == "until then: The count is on 2026-12-29."
    asked = resume(facts(known, visited_at=visit, asked=Asked(since=visit)))
    assert texts(asked, Part.CHANGED) == ["Said at the end of the visit."]


def test_an_issue_without_git_is_dated_by_its_own_days() -> None:
    """Where no commit tells it, the days in the file say when an issue was opened or closed."""
    ground = Groundwork(
        issues=(
            issue(1, "Old", opened="2026-01-01"),
            issue(2, "Done", "closed", opened="2026-01-01", closed="2026-11-15"),
            issue(3, "New", opened="2026-11-16"),
        )
    )
    card = resume(facts(ground=ground))
    assert texts(card, Part.CHANGED) == ["#3 New: opened, is open", "#2 Done: closed"]


def test_what_no_longer_holds_says_what_holds_now() -> None:
    """A superseded note is never among what holds; it is told with its successor."""
    new = note("Sessions last 4 hours.", NoteKind.DECISION, "11-10 10:00")
    old = note(
        "Sessions last 8 hours.", NoteKind.DECISION, "09-17 14:00", status=NoteStatus.SUPERSEDED,
        valid_to="11-10 10:00", superseded_by=new.id,
    )  # fmt: skip
    card = resume(facts(new, past=(old,)))
    assert texts(card, Part.DECISIONS) == ["Sessions last 4 hours."]
    (line,) = card.lines(Part.SUPERSEDED)
    assert (line.text, line.mark) == ("Sessions last 8 hours.", "since 2026-11-10: Sessions last 4 hours.")


def test_what_only_the_owner_can_settle_is_listed_once() -> None:
    """Questions back, contradictions, unconfirmed, quarantined, doubtful notes need him; a file's age does not."""
    doubted = note("Stale.", NoteKind.FACT, doubt="its file changed")
    rival = note("Other.", NoteKind.FACT, "11-17 10:00")
    card = resume(
        facts(
            doubted,
            rival,
            note("Perhaps.", NoteKind.FACT, status=NoteStatus.UNCONFIRMED),
            note("From a stranger.", NoteKind.FACT, status=NoteStatus.QUARANTINED),
            note("Old box", when="06-01 10:00", source=in_file("a.md", 1, "x")),
            runs=(run("which one", "11-19 10:00", state=RunState.NEEDS_INPUT),),
            conflicts=((rival, doubted, ""),),
        )
    )
    assert texts(card, Part.NEEDS_YOU) == [
        "Nova asked back to “which one”", "Other.", "Perhaps.", "From a stranger.", "Stale.",
    ]  # fmt: skip


def test_what_could_not_be_read_is_said() -> None:
    """A trouble with git or the disk is a line of the card, with what to do about it."""
    card = resume(facts(ground=Groundwork(troubles=(Trouble(what="No commit yet.", mend="Make one."),))))
    (line,) = card.lines(Part.PROBLEMS)
    assert (line.text, line.mark) == ("No commit yet.", "Make one.")


def test_about_keeps_the_lines_with_the_words() -> None:
    """Only lines with the words remain, however they are bent; problems stay."""
    card = resume(
        facts(
            note("Viewers may export reports.", NoteKind.DECISION, "11-16 13:00"),
            note("Sessions last 4 hours.", NoteKind.DECISION, "11-15 13:00"),
            ground=Groundwork(troubles=(Trouble(what="No git."),)),
        ),
        "exporting viewer",
    )
    assert texts(card, Part.DECISIONS) == ["Viewers may export reports."]
    assert texts(card, Part.PROBLEMS) == ["No git."]


def test_an_empty_project_has_an_empty_card() -> None:
    """Without a run, a note, a commit there is nothing to tell, and no error."""
    card = resume(facts())
    assert card.touched_at is None
    assert not any(section.lines for section in card.sections)


_notes = st.lists(
    st.builds(
        note,
        st.text(min_size=1, max_size=40),
        st.sampled_from(list(NoteKind)),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(lambda day: f"{day:%m-%d} 10:00"),
        status=st.sampled_from(list(NoteStatus)),
        waits_for=st.sampled_from(["", "Ines"]),
        doubt=st.sampled_from(["", "changed"]),
        answered_by=st.sampled_from(["", "n1"]),
    ),
    max_size=60,
)


@given(_notes, st.text(max_size=12))
@settings(max_examples=60, deadline=None)
def test_nothing_that_does_not_hold_is_shown_as_if_it_did(kept: list[Note], about: str) -> None:
    """Whatever is kept, no part exceeds its limit, and only living notes are next, open, decided or changed."""
    card = resume(facts(*kept), about)
    living = {one.text for one in kept if one.status in (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)}
    for section in card.sections:
        assert len(section.lines) <= LINES_MAX[section.part]
        assert all(printable(line.text) == line.text and "\n" not in line.text for line in section.lines)
    for part in (Part.NEXT, Part.OPEN, Part.WAITING, Part.DECISIONS, Part.CHANGED):
        assert {line.text for line in card.lines(part)} <= {plain(text) for text in living}

"""The shipped pipelines over the example workspace with no key: concrete findings, and no model call where none is due.

One of them is also run with a scripted model that gives a real fix of a planted bug: applied, tested in the sandbox,
approved, committed on a branch of its own, while the owner's checkout stays as it is.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from nova.app.demo import REPOSITORIES, prepare
from nova.app.house import Nova, open_nova
from nova.core.degradations import DegradationKind
from nova.core.json import Json
from nova.core.labels import HOME, Scope
from nova.core.outcomes import Done
from nova.core.plans import NodeKind
from nova.core.reviews import Answer
from nova.core.steps import StepState
from nova.settings.home import Home, find_home
from nova.testing.pipelines import Walked, answer_review, run_pipeline, waiting
from nova.testing.scripted import Say, ScriptedModel
from nova.tools.registry import call
from nova.tools.spec import Reach

MORNING_AFTER = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
A_WEEK_LATER = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
FIX = (Path(__file__).parent / "pipelines" / "issue-5.diff").read_text(encoding="utf-8")
QUICK: list[Json] = ["core/tests.py"]  # needs no database, so it is over in a second
SHIPPED = (
    "blog-post", "issue-to-fix", "morning-briefing", "price-import-check", "release-notes", "requirements-to-tasks",
    "site-audit", "try-a-change", "weekly-decisions-digest",
)  # fmt: skip
Fields = dict[str, Json]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The demonstration's home, its repositories with their history, no provider."""
    folder = tmp_path_factory.mktemp("demo")
    made = Home(root=folder / "home", data=folder / "home" / ".nova", cache=find_home(os.environ).cache)
    prepare(made, lambda _: None)
    return made


@pytest.fixture(scope="module")
def nova(home: Home) -> Generator[Nova]:
    """The Nova of that home on the morning after its last commit."""
    with opened(home) as one:
        yield one


@contextmanager
def opened(home: Home, model: ScriptedModel | None = None, at: datetime = MORNING_AFTER) -> Generator[Nova]:
    """A Nova of the home, maybe with a model that answers from a list."""
    one = open_nova(home, scripted=model, clock=lambda: at)
    try:
        yield one
    finally:
        one.close()


def run(nova: Nova, name: str, inputs: Fields | None = None, project: str | None = None) -> Walked:
    """The pipeline, as far as it goes without a person."""
    return asyncio.run(run_pipeline(nova, name, inputs or {}, project=project))


def say(nova: Nova, walked: Walked, given: Answer, reason: str = "", edit: Json = None) -> Walked:
    """The owner's answer to what the run waits for, and the rest of the way."""
    return asyncio.run(answer_review(nova, walked, given, reason=reason, edit=edit))


def out(walked: Walked) -> Fields:
    """The outputs of a run that has ended well."""
    assert isinstance(walked.outcome, Done), walked.outcome
    return cast("Fields", walked.output)


def listed(value: Json) -> list[Fields]:
    """A list of objects."""
    return cast("list[Fields]", value)


def model_calls(walked: Walked) -> int:
    """How often any model was asked in the whole run, the built-in one included."""
    return sum(step.usage.model_calls for step in walked.steps.values())


def degraded(walked: Walked) -> list[DegradationKind]:
    """What went less well, as the outcome says."""
    assert isinstance(walked.outcome, Done)
    return [one.kind for one in walked.outcome.degradations]


def git(folder: Path, *words: str) -> str:
    """What git says about a repository of the home."""
    done = subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def state_of(folder: Path) -> tuple[str, str, str]:
    """Everything of a checkout that the owner would notice: its branch, its commit, what is not committed."""
    return git(folder, "branch", "--show-current"), git(folder, "rev-parse", "HEAD"), git(folder, "status", "--short")


# ---------------------------------------------------------------- all of them


def test_every_shipped_pipeline_is_sound_and_says_what_it_does(nova: Nova) -> None:
    """Nine pipelines load without a problem; each says in its description and for every input what it means."""
    assert nova.pipelines.problems == ()
    assert nova.pipelines.library.names == SHIPPED
    for name in SHIPPED:
        plan = nova.pipelines.plan(name)
        assert 80 < len(plan.description) < 500, name
        assert all(schema.get("description") for schema in plan.inputs.values()), name
        assert plan.budget.seconds, name


def test_tools_that_see_every_project_are_given_to_no_agent(nova: Nova) -> None:
    """What looks over all projects is for the owner's pipelines; no agent's file lists it."""
    over_all = {"projects_brief", "projects_news", "decisions_since"}
    assert over_all <= set(nova.desk.tools)
    assert not [agent.name for agent in nova.agents.values() if over_all & set(agent.tools)]


# ------------------------------------------------------------ morning-briefing


def test_the_morning_briefing_tells_where_everything_stands(nova: Nova) -> None:
    """All five projects with what was left off and comes next and what is new, each with its source; no model call."""
    walked = run(nova, "morning-briefing")
    given = out(walked)
    projects = {str(one["project"]): one for one in listed(given["projects"])}
    assert sorted(projects) == ["airep", "blog", "client-sites", "find-a-sign", "sweeper-parts"]
    assert "stopping here for today" in str(projects["airep"]["left_off"])
    assert "the import with --write" in str(projects["sweeper-parts"]["next"])
    assert projects["sweeper-parts"]["next_said"] is True
    changed = {str(one["text"]) for one in listed(given["changed"])}
    assert "Start a draft on reading query plans" in changed
    assert all(one["place"] for one in listed(given["changed"]))
    assert {str(one["text"]) for one in listed(given["stale"])} >= {"Contact at Quillpay is Elin Marsh."}
    assert str(given["briefing"]).startswith("# Thursday 2026-11-19\n")
    assert given["missed"] == []
    assert model_calls(walked) == 0
    assert degraded(walked) == []


def test_the_check_of_the_morning_finds_nothing_on_an_idle_day(home: Home, nova: Nova) -> None:
    """What the schedule asks first counts the news of a working day, and is empty when nothing happened."""
    scope = Scope(own=HOME, names=frozenset({HOME}))

    def news(one: Nova) -> int:
        reach = Reach(root=Path("/nonexistent"), project="", scope=scope, memory=one.memory, now=one.clock)
        return len(asyncio.run(call(one.desk.tools["projects_news"], "{}", reach)).lines)

    assert news(nova) >= 10
    with opened(home, at=A_WEEK_LATER) as later:
        assert news(later) == 0
    (trigger,) = nova.pipelines.plan("morning-briefing").triggers
    assert (trigger.cron, trigger.check) == ("0 7 * * mon-fri", "projects_news")


def test_runs_of_pipelines_are_not_the_owners_words(nova: Nova) -> None:
    """After pipelines have run and committed on Nova's branches, a card still tells what the owner did last."""
    run(nova, "site-audit", project="client-sites")
    stands = {str(one["project"]): one for one in listed(out(run(nova, "morning-briefing"))["projects"])}
    assert "stopped there. next: look at it on the old phone" in str(stands["client-sites"]["left_off"])
    assert not any("nova/" in str(one["left_off"]) for one in stands.values())


# ----------------------------------------------------- weekly-decisions-digest


def test_the_digest_holds_the_decisions_of_the_week_with_their_sources(nova: Nova) -> None:
    """What was decided in seven days, by project, with why, and what was taken back; no model call."""
    walked = run(nova, "weekly-decisions-digest")
    given = out(walked)
    decided = listed(given["decided"])
    assert given["since"] == "2026-11-12"
    assert all(str(one["day"]) >= "2026-11-12" and one["places"] for one in decided)
    texts = {str(one["text"]): one for one in decided}
    assert "explain comes on 2026-11-25" in " ".join(texts)
    assert "Hal found that on call says nothing" in str(
        next(one["why"] for text, one in texts.items() if "explain comes on" in text)
    )
    assert {str(one["project"]) for one in decided} >= {"airep", "blog", "client-sites", "sweeper-parts"}
    assert "## sweeper-parts" in str(given["digest"])
    assert model_calls(walked) == 0


def test_the_digest_of_a_project_stays_behind_its_wall(nova: Nova) -> None:
    """Run in one project it tells of that project only, and another one is not in reach by name."""
    given = out(run(nova, "weekly-decisions-digest", {"days": 30}, project="airep"))
    assert {str(one["project"]) for one in listed(given["decided"])} == {"airep"}
    other = run(nova, "weekly-decisions-digest", {"project": "client-sites"}, project="airep")
    assert not isinstance(other.outcome, Done)


# ---------------------------------------------------------- price-import-check


def test_the_price_check_holds_what_the_shops_own_importer_holds(nova: Nova, tmp_path: Path) -> None:
    """For every list of the shop: the same rows held and new, line by line, and the same catalogue in the end."""
    shop = nova.home.root / REPOSITORIES / "sweeper-parts"
    for name in sorted(path.name for path in (shop / "pricelists").glob("*.csv")):
        copy = tmp_path / name
        shutil.copytree(shop, copy, ignore=shutil.ignore_patterns(".git"))
        command = [sys.executable, "scripts/import_pricelist.py", f"pricelists/{name}", "--write"]
        said = subprocess.run(command, cwd=copy, check=True, capture_output=True, text=True, timeout=60).stdout
        walked = run(nova, "price-import-check", {"pricelist": f"pricelists/{name}"}, project="sweeper-parts")
        checked = cast("Fields", walked.steps["check"].output)
        found = {
            (int(str(one["place"]).rpartition(":")[2]), one["number"])
            for one in listed(checked["findings"])
            if one["severity"] in ("held", "new")
        }
        assert found == set(_rows(said)), name
        assert checked["catalogue_text"] == (copy / "catalogue" / "parts.csv").read_text(encoding="utf-8"), name
        assert model_calls(walked) == 0


def _rows(report: str) -> Iterator[tuple[int, str]]:
    """(line, number) of the rows in the importer's report."""
    for row in report.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) == 5 and cells[0].isdigit():
            yield int(cells[0]), cells[1]


def test_prices_that_were_agreed_to_are_committed_on_a_branch_of_their_own(nova: Nova) -> None:
    """November's list: eight rows held and two new are shown, the rest is a diff, and only a yes makes a commit."""
    shop = nova.home.root / REPOSITORIES / "sweeper-parts"
    before = state_of(shop)
    walked = run(nova, "price-import-check", project="sweeper-parts")
    (review,) = waiting(nova, walked.run)
    kinds = {line.split("(")[1].split(")")[0] for line in review.evidence}
    assert {"duplicate", "price-jump", "no-price", "currency", "unknown-part", "garbled-name", "missing-part"} <= kinds
    assert any("pricelists/brushwell-2026-11.csv:15" in line and "decimal mark" in line for line in review.evidence)
    assert "-BW-10-0101,Side brush arm with spring,BW 700;BW 900,brushes,65.50,4,,1.9" in review.diff
    assert "+BW-10-0101,Side brush arm with spring,BW 700;BW 900,brushes,68.12,4,,1.9" in review.diff
    assert review.payload == review.diff
    ended = say(nova, walked, Answer.APPROVE)
    given = out(ended)
    assert (given["verdict"], given["accepted"], given["held"], given["new"]) == ("problems", 49, 8, 2)
    branch = str(given["branch"])
    assert "6.38" not in git(shop, "show", f"{branch}:catalogue/parts.csv")
    assert "68.12" in git(shop, "show", f"{branch}:catalogue/parts.csv")
    assert state_of(shop) == before
    assert git(shop, "log", "-1", "--format=%s", branch).startswith("Take 49 prices from brushwell-2026-11")


def test_prices_that_were_turned_down_leave_nothing_behind(nova: Nova) -> None:
    """A no drops the worktree; there is no commit and no branch with one."""
    shop = nova.home.root / REPOSITORIES / "sweeper-parts"
    branches = git(shop, "branch", "--list")
    walked = run(nova, "price-import-check", {"pricelist": "pricelists/kehr-nord-2026-10.csv"}, project="sweeper-parts")
    ended = say(nova, walked, Answer.REJECT, reason="Ask Kehr-Nord about the roll first.")
    assert ended.steps["drop"].state is StepState.DONE
    assert out(ended)["branch"] == ""
    assert git(shop, "branch", "--list") == branches


def test_a_clean_list_without_changes_asks_nobody(nova: Nova) -> None:
    """A list that says what the catalogue says already ends by itself: clean, nothing to do."""
    shop = nova.home.root / REPOSITORIES / "sweeper-parts"
    rows = [line.split(",") for line in (shop / "catalogue" / "parts.csv").read_text(encoding="utf-8").splitlines()]
    same = [f"{row[0]};{row[4].replace('.', ',')}" for row in rows if row[0].startswith("SP-") and len(row) == 8]
    lists = shop / "pricelists" / "own-brand-2026-12.csv"
    lists.write_text("\n".join(["Part no.;Net price EUR", *same]) + "\n", encoding="utf-8")
    try:
        given = out(run(nova, "price-import-check", project="sweeper-parts"))
    finally:
        lists.unlink()
    assert (given["verdict"], given["held"], given["new"]) == ("clean", 0, 0)
    assert given["accepted"] == len(same)


# ------------------------------------------------------------------ site-audit


def test_the_audit_finds_every_planted_fault_of_both_sites(nova: Nova) -> None:
    """Both sites, each with its findings at path and line: links, texts, headings, forms, colours, hours; no model."""
    walked = run(nova, "site-audit", project="client-sites")
    sites = {str(one["site"]): one for one in listed(out(walked)["sites"])}
    assert sorted(sites) == ["bramholt-joinery", "quillmere-dental"]
    found = {(str(one["rule"]), str(one["place"])) for site in sites.values() for one in listed(site["findings"])}
    assert found >= {
        ("broken-link", "quillmere-dental/index.html:38"),
        ("broken-link", "bramholt-joinery/index.html:28"),
        ("broken-link", "bramholt-joinery/contact.html:26"),
        ("title", "quillmere-dental/appointment.html:1"),
        ("title", "bramholt-joinery/kitchens.html:1"),
        ("description", "quillmere-dental/fees.html:1"),
        ("description", "bramholt-joinery/about.html:1"),
        ("alt", "quillmere-dental/index.html:26"),
        ("alt", "quillmere-dental/treatments.html:34"),
        ("alt", "bramholt-joinery/staircases.html:32"),
        ("image-wide", "bramholt-joinery/about.html:21"),
        ("h1", "bramholt-joinery/kitchens.html:20"),
        ("heading-jump", "bramholt-joinery/staircases.html:30"),
        ("lang", "quillmere-dental/team.html:1"),
        ("label", "quillmere-dental/appointment.html:26"),
        ("form-http", "quillmere-dental/appointment.html:25"),
        ("hours-differ", "quillmere-dental/contact.html:31"),
        ("privacy", "bramholt-joinery/index.html:1"),
        ("contrast", "quillmere-dental/style.css:46"),
        ("focus", "quillmere-dental/style.css:57"),
    }
    assert (sites["quillmere-dental"]["faults"], sites["bramholt-joinery"]["faults"]) == (18, 13)
    assert model_calls(walked) == 0


def test_one_site_that_is_not_there_does_not_stop_the_others(nova: Nova) -> None:
    """A folder that holds no site is counted and said; the other site is audited all the same."""
    walked = run(nova, "site-audit", {"sites": ["nowhere", "bramholt-joinery"]}, project="client-sites")
    given = out(walked)
    assert (given["audited"], given["not_audited"]) == (2, 1)
    assert [one["faults"] for one in listed(given["sites"])] == [0, 13]
    assert DegradationKind.STEP_FAILED in degraded(walked)


# --------------------------------------------------------------- release-notes


def test_release_notes_without_a_key_are_what_is_written_already(nova: Nova) -> None:
    """Changelog lines and grouped commits with their sources, what stays open, and that no model wrote it for users."""
    walked = run(nova, "release-notes", {"since": "1.3.0", "until": "1.4.0"}, project="airep")
    given = out(walked)
    notes = str(given["notes"])
    assert "New: `manage.py close_period` closes a fiscal period; periods close in order. (`CHANGELOG.md:6`)" in notes
    assert "#10 Migration inventory 0005 cannot be deployed while people work" in notes
    groups = {str(one["subject"]): one["group"] for one in listed(given["entries"])}
    assert groups["Close fiscal periods, in order"] == "added"
    assert groups["VAT summary: plain numbers for the spreadsheet"] == "changed"
    assert groups["Issue 9: nobody asks for the permission to credit"] == "internal"
    assert {str(one["number"]) for one in listed(given["issues"])} >= {"5", "9", "10"}
    assert degraded(walked) == [DegradationKind.NEEDS_MODEL]


def test_no_model_is_asked_about_a_release_without_changes(nova: Nova) -> None:
    """Since the last release nothing was committed: the notes say so, and nobody is asked to write about it."""
    walked = run(nova, "release-notes", {}, project="airep")
    assert "0 commits from 1.4.0" in str(out(walked)["notes"])
    assert model_calls(walked) == 0


# ------------------------------------------------------- requirements-to-tasks


def test_a_letter_becomes_tasks_and_open_questions(nova: Nova) -> None:
    """Signum's letter: six tasks word for word with place, strength and day, three open questions, who each is for."""
    walked = run(nova, "requirements-to-tasks", {"path": "docs/requests/2026-11-11-signum.md"}, project="airep")
    given = out(walked)
    tasks = listed(given["tasks"])
    assert [(one["id"], one["strength"], one["due"]) for one in tasks] == [
        ("T1", "must", "1 December"), ("T2", "must", ""), ("T3", "must", ""), ("T4", "should", ""),
        ("T5", "should", ""), ("T6", "wish", ""),
    ]  # fmt: skip
    assert (tasks[3]["issue"], tasks[3]["agent"]) == (8, "erp-performance")
    assert tasks[1]["agent"] == "erp-permissions"
    assert tasks[2]["place"] == "docs/requests/2026-11-11-signum.md:12"
    assert [one["why"] for one in listed(given["questions"])] == ["asked", "asked", "vague"]
    assert given["deadlines"] == ["We would like to have all of this by 18 December."]
    assert walked.steps["read"].usage.model_calls == walked.steps["assigned"].usage.model_calls == 0
    assert degraded(walked) == [DegradationKind.NEEDS_MODEL]


# ------------------------------------------------------------------- blog-post


def test_a_post_without_a_key_is_an_honest_file_with_what_was_found(nova: Nova) -> None:
    """No word is invented: the draft says that nobody wrote it, quotes its sources, and is filed only after a yes."""
    blog = nova.home.root / REPOSITORIES / "blog"
    walked = run(nova, "blog-post", {"topic": "Why our tests plant a bug now and then"}, project="blog")
    (review,) = waiting(nova, walked.run)
    assert "Nobody has written this post yet" in review.diff
    assert "docs/ideas.md:9" in review.diff
    assert any("summary is empty" in line for line in review.evidence)
    path = blog / "drafts" / "why-our-tests-plant-a-bug-now-and-then.md"
    assert not path.exists()
    ended = say(nova, walked, Answer.CHANGE, edit=f"{review.payload}\nFirst words of my own.\n")
    given = out(ended)
    assert given["path"] == "drafts/why-our-tests-plant-a-bug-now-and-then.md"
    assert path.read_text(encoding="utf-8").endswith("First words of my own.\n")
    assert given["written"] is False
    assert set(degraded(ended)) == {DegradationKind.NEEDS_MODEL}
    path.unlink()


def test_a_post_with_a_model_is_outlined_drafted_edited_and_checked(home: Home) -> None:
    """Outline, draft and edit are three answers; the file has the front matter of the site; a no files nothing."""
    outline = {"title": "A planted bug", "sections": [{"heading": "One idea", "points": ["We plant bugs."]}]}
    draft = {"title": "A planted bug", "summary": "We plant bugs.", "tags": ["testing"], "body": "We just plant bugs."}
    replies = [Say(json.dumps(one)) for one in (outline, draft, {"body": "We plant a bug in May!"})]
    with ScriptedModel(*replies) as model, opened(home, model) as one:
        walked = run(one, "blog-post", {"topic": "planted bugs"}, project="blog")
        (review,) = waiting(one, walked.run)
        ended = say(one, walked, Answer.REJECT, reason="Too short.")
    assert review.diff.startswith("---\ntitle: A planted bug\ndate:\ntags: [testing]\nsummary: We plant bugs.\n---\n")
    assert "An exclamation mark." in review.evidence[0]
    assert "words; 250 to 600 are wanted" in review.evidence[0]
    assert out(ended)["path"] == ""
    assert ended.steps["filed"].state is StepState.SKIPPED


# ---------------------------------------------------------------- issue-to-fix


def test_an_issue_without_a_key_gets_its_places_and_a_baseline(nova: Nova) -> None:
    """No diff: the review shows the places of the cause, today's tests, the decision on it; a no ends it quietly."""
    airep = nova.home.root / REPOSITORIES / "airep"
    before = state_of(airep)
    walked = run(nova, "issue-to-fix", {"issue": 5, "tests": ["invoicing/tests.py"]}, project="airep")
    (review,) = waiting(nova, walked.run)
    shown = "\n".join(review.evidence)
    assert review.diff == ""
    assert "invoicing/totals.py:22 totals_of" in shown
    assert "All of 15 tests passed" in shown
    assert "docs/decisions/0002-decimal-half-even-per-line.md" in shown
    ended = say(nova, walked, Answer.REJECT, reason="Later.")
    given = out(ended)
    assert (given["diff"], given["branch"], given["answer"]) == ("", "", "reject")
    assert DegradationKind.NEEDS_MODEL in degraded(ended)
    assert state_of(airep) == before


def test_the_cause_of_every_open_issue_is_among_the_first_places(nova: Nova) -> None:
    """For each planted bug of airep the file that holds its cause is one of the first three places that are shown."""
    causes = {
        4: "reports/queries.py", 5: "invoicing/totals.py", 6: "invoicing/views.py", 7: "reports/queries.py",
        8: "reports/queries.py", 9: "invoicing/views.py", 10: "inventory/migrations/0005_",
        11: "invoicing/management/commands/import_bank_statement.py",
    }  # fmt: skip
    root = nova.home.root / REPOSITORIES / "airep"
    reach = Reach(root=root, project="airep", scope=Scope.of("airep"), now=nova.clock)

    async def where(issue: int) -> list[str]:
        read = (await call(nova.desk.tools["issues_read"], json.dumps({"number": issue}), reach)).data
        assert read is not None
        fields = read.model_dump()
        about = json.dumps({"text": f"{fields['title']}\n\n{fields['body']}", "limit": 12})
        found = (await call(nova.desk.tools["code_context"], about, reach)).data
        assert found is not None
        return str(found.model_dump()["where"]).splitlines()[:3]

    for issue, cause in causes.items():
        assert any(place.startswith(cause) for place in asyncio.run(where(issue))), issue


def test_a_fix_goes_from_the_issue_to_a_commit_on_its_own_branch(home: Home) -> None:
    """A diff is applied in a worktree, its new test passes in the sandbox, a yes commits it, and nothing else moves."""
    airep = home.root / REPOSITORIES / "airep"
    before = state_of(airep)
    with ScriptedModel(_proposal(FIX)) as model, opened(home, model) as one:
        walked = run(one, "issue-to-fix", {"issue": 5, "tests": ["invoicing/tests.py"]}, project="airep")
        (review,) = waiting(one, walked.run)
        assert state_of(airep) == before
        ended = say(one, walked, Answer.APPROVE)
    told = "\n".join(str(message) for message in model.asked[0])
    assert "three lines of one A3 plate each" in told
    assert "def totals_of" in told
    assert '+        self.assertEqual(posted.tax_total, Decimal("6.33"))' in review.diff
    evidence = "\n".join(review.evidence)
    assert "Tests before: All of 15 tests passed" in evidence
    assert "Tests with the change: All of 16 tests passed" in evidence
    given = out(ended)
    branch = str(given["branch"])
    assert given["passed"] is True
    assert git(airep, "rev-parse", branch).strip() == given["commit"]
    assert git(airep, "log", "-1", "--format=%s", branch).strip() == "Sum the rounded tax of the lines (#5)"
    assert git(airep, "diff", "--stat", f"main..{branch}").count("|") == 2
    assert git(airep, "worktree", "list").count("\n") == 1, "the branch can be checked out: no worktree holds it"
    assert state_of(airep) == before


def test_a_diff_that_does_not_apply_or_work_is_given_back_once(home: Home) -> None:
    """A diff whose context is wrong is rewritten, one whose tests fail is repaired, and the review shows the last."""
    only_the_test = FIX[: FIX.index("diff --git a/invoicing/totals.py")]
    broken = FIX.replace("net_by_percent[percent] += line.net_amount", "net_by_percent[percent] += line.nett")
    replies = [_proposal(broken), Say(json.dumps({"diff": only_the_test})), Say(json.dumps({"diff": FIX}))]
    with ScriptedModel(*replies) as model, opened(home, model) as one:
        walked = run(one, "issue-to-fix", {"issue": 5, "tests": ["invoicing/tests.py"]}, project="airep")
        (review,) = waiting(one, walked.run)
        ended = say(one, walked, Answer.REJECT, reason="Seen enough.")
    evidence = "\n".join(review.evidence)
    assert "Tests with the change: 1 of 16 tests failed" in evidence
    assert "All of 16 tests passed" in evidence
    assert "-    net_by_percent: dict[Decimal, Decimal]" in review.diff
    assert out(ended)["commit"] == ""
    assert ended.steps["drop"].state is StepState.DONE


def test_a_diff_that_the_owner_edited_is_tested_and_asked_about_again(home: Home) -> None:
    """A yes to something else: the edited diff goes into a worktree of its own, is tested, shown, then committed."""
    airep = home.root / REPOSITORIES / "airep"
    before, worktrees = state_of(airep), git(airep, "worktree", "list")
    edited = FIX.replace("Add up the lines as they are printed", "Add up the printed lines")
    with ScriptedModel(_proposal(FIX)) as model, opened(home, model) as one:
        walked = run(one, "issue-to-fix", {"issue": 5, "tests": QUICK}, project="airep")
        tried = say(one, walked, Answer.CHANGE, edit=edited)
        (review,) = waiting(one, tried.run)
        assert "Add up the printed lines" in review.diff
        given = out(say(one, tried, Answer.APPROVE))
    assert (given["passed"], given["answer"]) == (True, "change")
    assert "Add up the printed lines" in git(airep, "show", str(given["branch"]))
    assert git(airep, "log", "-1", "--format=%H", str(given["branch"])).strip() == given["commit"]
    assert git(airep, "worktree", "list") == worktrees
    assert state_of(airep) == before


def test_the_owner_may_answer_with_a_diff_of_his_own(nova: Nova) -> None:
    """Without a key, a diff given as the answer is applied, tested and asked about again, and then committed."""
    airep = nova.home.root / REPOSITORIES / "airep"
    before = state_of(airep)
    walked = run(nova, "issue-to-fix", {"issue": 5, "tests": QUICK}, project="airep")
    tried = say(nova, walked, Answer.CHANGE, edit=FIX)
    (review,) = waiting(nova, tried.run)
    assert "tests passed" in review.question
    given = out(say(nova, tried, Answer.APPROVE))
    assert git(airep, "log", "-1", "--format=%s", str(given["branch"])).strip().endswith("(#5)")
    assert given["passed"] is True
    assert state_of(airep) == before


def test_a_closed_issue_is_left_alone(nova: Nova) -> None:
    """An issue that is closed costs one look and nothing else."""
    walked = run(nova, "issue-to-fix", {"issue": 1}, project="airep")
    assert out(walked)["open"] is False
    assert model_calls(walked) == 0
    assert walked.steps["before"].state is StepState.SKIPPED


def _proposal(diff: str) -> Say:
    """What a model says that proposes this diff."""
    said: Fields = {
        "cause": "invoicing/totals.py:27 adds net amounts up by rate and rounds the tax of the sum.",
        "diff": diff,
        "message": "Sum the rounded tax of the lines",
        "why": "Decision 0002 rounds every line; the ledger and the printed lines then agree.",
    }
    return Say(f"```json\n{json.dumps(said)}\n```")


def test_no_shipped_review_throws_away_what_was_found(nova: Nova) -> None:
    """A no is an answer: the run goes on and gives what it found; and every review says what silence does."""
    for name in SHIPPED:
        reviews = [node for node in nova.pipelines.plan(name).nodes.values() if node.kind is NodeKind.REVIEW]
        assert all(node.on_reject == "continue" and node.if_ignored for node in reviews), name


# ------------------------------------------------------------------ a home's own


@pytest.fixture
def own(home: Home) -> Generator[Path]:
    """The home's folder for pipelines of its own, empty again afterwards."""
    folder = home.root / "pipelines"
    folder.mkdir(exist_ok=True)
    yield folder
    shutil.rmtree(folder)


def test_the_pipeline_of_the_how_to_runs_as_it_is_printed(home: Home, own: Path) -> None:
    """The example that people copy loads and runs in a home: it looks at each open issue and asks."""
    page = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-pipeline.md"
    text = page.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    (own / "monday-triage.yaml").write_text(text, encoding="utf-8")
    with opened(home) as one:
        assert one.pipelines.problems == ()
        walked = run(one, "monday-triage", {"label": "rounding"}, project="airep")
        ended = say(one, walked, Answer.CHANGE, edit=[7, 5])
    given = out(ended)
    assert given["order"] == [7, 5]
    assert [one["count"] for one in listed(given["places"])] != [0, 0]
    assert degraded(ended) == [DegradationKind.NEEDS_MODEL]


def test_a_budget_without_model_calls_is_kept_to(home: Home, own: Path) -> None:
    """`model_calls: 0` means what it says: an agent in such a pipeline is stopped before it asks anything."""
    (own / "silent.yaml").write_text(
        "id: silent\nversion: 1\ndescription: No model may be asked.\noutputs: {said: '${ask.output.text}'}\n"
        "budget: {model_calls: 0}\nnodes:\n  ask: {agent: general-chat, task: Say something.}\n",
        encoding="utf-8",
    )
    with ScriptedModel() as model, opened(home, model) as one:
        walked = run(one, "silent")
    assert not isinstance(walked.outcome, Done)
    assert model.asked == []

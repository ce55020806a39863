"""Facts asked of the example workspace, with real tools and no key."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.models.extractive.person import Person, at, repository

SCHEMA = ["django_models", "django_fields", "django_relations", "files_read"]
SEARCH = ["files_search", "files_read"]
ISSUES = ["issues_list", "issues_read", "git_log"]


@pytest.mark.parametrize(
    "question",
    [
        "Which fields does the Invoice model have?",
        "which columns are on invoices",
        "Welche Felder hat das Modell Invoice?",
        "Welke velden heeft Invoice?",
    ],
)
async def test_fields_of_a_model_are_listed_in_full(question: str) -> None:
    """A model named in any case, number and language gets all its fields, each with its line."""
    asked = at("airep", SCHEMA)
    answer = await asked.ask(question)
    assert asked.calls == ['django_fields {"model":"invoicing.Invoice"}']
    for name in ("number", "customer", "due_on", "tax_total", "gross_total"):
        assert f" {name}: " in answer
    assert answer.count("`invoicing/models.py:") >= 12


async def test_a_name_of_several_words_is_found_with_spaces() -> None:
    """`purchase order lines` is PurchaseOrderLine, and not PurchaseOrder as well."""
    asked = at("airep", SCHEMA)
    await asked.ask("show me the fields of purchase order lines")
    assert asked.calls == ['django_fields {"model":"purchasing.PurchaseOrderLine"}']


async def test_one_attribute_of_a_model_is_answered_by_its_line() -> None:
    """Asked about `PurchaseOrder.supplier`, the field is quoted and its neighbours are not."""
    answer = await at("airep", SCHEMA).ask("is PurchaseOrder.supplier nullable?")
    assert "supplier: ForeignKey to parties.Supplier" in answer
    assert "expected_on" not in answer


async def test_models_of_an_app_are_counted_by_the_tool() -> None:
    """How many is answered by the tool's own sentence, with the entries below it."""
    answer = await at("airep", SCHEMA).ask("how many models are there in the purchasing app?")
    assert "**The app purchasing has 4 models" in answer
    assert "`purchasing/models.py:" in answer


async def test_a_reason_is_read_where_it_is_written() -> None:
    """A question for the reason opens the decision and quotes whole sentences of it, not cut lines."""
    asked = at("find-a-sign", ["files_search", "files_read", "files_list"])
    answer = await asked.ask("why is the deposit held until the proof is approved?")
    assert "docs/decisions/0003-deposit-held-until-proof.md:" in answer
    assert any(call.startswith("files_read") for call in asked.calls)
    assert "In 3 of 41 orders the buyer disliked the proof and the money was already spent on material." in answer


async def test_a_catalogue_number_is_found_letter_by_letter() -> None:
    """A code with hyphens is searched as it stands, and its row is quoted."""
    answer = await at("sweeper-parts", SEARCH).ask("what does the castor TV-50-0508 cost?")
    assert "`catalogue/parts.csv:" in answer
    assert 'TV-50-0508,"Castor with forged fork, 160 mm"' in answer


async def test_an_issue_is_opened_by_its_number() -> None:
    """`#5` opens issue 5 and nothing else."""
    asked = at("airep", ISSUES)
    answer = await asked.ask("what is #5 about?")
    assert asked.calls == ['issues_read {"number":5}']
    assert answer.startswith("**Issue #5 ")
    assert "`issues/005-" in answer


async def test_issues_are_narrowed_by_status_and_label() -> None:
    """Words that are a status or a label become the arguments of that name."""
    asked = at("airep", ISSUES)
    answer = await asked.ask("list the open issues labelled security")
    assert asked.calls[0] == 'issues_list {"label":"security","status":"open"}'
    assert answer.count("- `issues/") >= 2


async def test_the_newest_post_is_summarised_in_its_own_sentences() -> None:
    """`the newest post` is the last dated file of posts; a summary is sentences of it, as many as asked for."""
    asked = at("blog", ["text_summary", "files_list", "files_read"])
    answer = await asked.ask("summarise the newest post in three sentences")
    newest = max(path.name for path in (asked.root / "posts").iterdir())
    assert asked.calls == [f'text_summary {{"path":"posts/{newest}","sentences":3}}']
    source = (asked.root / "posts" / newest).read_text(encoding="utf-8")
    quoted = [line.split("` ", 1)[1] for line in answer.splitlines() if line.startswith("- `")]
    assert len(quoted) == 3
    assert all(sentence in " ".join(source.split()) for sentence in quoted)


async def test_a_month_ends(tmp_path: Path) -> None:
    """`in October` is neither September nor November, and the count says so."""
    asked = Person(root=repository(tmp_path / "shop"), tools=["git_log"])
    answer = await asked.ask("which commits did we make in October?")
    assert asked.calls == ['git_log {"since":"2026-10-01"}']
    assert "Add the invoice total" in answer
    assert "Round the total once" in answer
    assert "refund" not in answer
    assert "2 of these entries are dated up to 2026-10-31." in answer


async def test_who_wrote_a_line_is_told_with_the_commit(tmp_path: Path) -> None:
    """Who and in which commit is answered from the line that the search found."""
    asked = Person(root=repository(tmp_path / "shop"), tools=["files_search", "git_blame", "files_read"])
    answer = await asked.ask("who rounds the total in the code?")
    assert "Ada Example" in answer
    assert "totals.py:2" in answer


async def test_what_a_commit_changed_follows_from_the_log(tmp_path: Path) -> None:
    """The last commit's change is looked up by the id that the log gave."""
    asked = Person(root=repository(tmp_path / "shop"), tools=["git_log", "git_diff"])
    answer = await asked.ask("what did the last commit change?")
    assert asked.calls[0] == 'git_log {"limit":1}'
    assert asked.calls[1].startswith('git_diff {"revision":"')
    assert "Refunds take 14 days." in answer


async def test_without_a_subject_the_agents_own_tools_give_the_overview(tmp_path: Path) -> None:
    """`where were we` calls what needs no argument, in the order in which the agent lists its tools."""
    asked = Person(root=repository(tmp_path / "shop"), tools=["git_log", "git_status", "issues_list", "files_read"])
    answer = await asked.ask("where were we?")
    assert [call.split()[0] for call in asked.calls[:3]] == ["git_log", "git_status", "issues_list"]
    assert "Describe the refund rule" in answer
    assert "Total is a cent off" in answer


async def test_what_lacks_something_is_found_by_what_it_lacks() -> None:
    """`images without alt text` quotes the images whose line has no alt, and says that this is what they share."""
    asked = at("client-sites", ["files_list", "files_search", "files_read"])
    answer = await asked.ask("Which images have no alt text?")
    assert answer.startswith("Of what was found, these do not name “alt”:")
    quoted = [line for line in answer.splitlines() if "<img " in line]
    assert quoted
    assert not any("alt=" in line for line in quoted)


async def test_models_that_lack_a_field_are_listed() -> None:
    """`models without a tenant` lists the models whose fields do not name one, and not the model Tenant's own."""
    answer = await at("airep", SCHEMA).ask("which models have no tenant field?")
    assert "accounting.JournalLine:" in answer
    assert "accounting.JournalEntry:" not in answer

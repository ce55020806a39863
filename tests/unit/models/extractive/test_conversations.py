"""Requests that lean on the turn before."""

from __future__ import annotations

from tests.unit.models.extractive.person import at

SCHEMA = ["django_models", "django_fields", "django_relations", "files_read"]


async def test_another_app_takes_the_place_of_the_first() -> None:
    """`and in the purchasing app?` asks the same of another app."""
    asked = at("airep", SCHEMA)
    await asked.ask("Which models are in the inventory app?")
    answer = await asked.ask("and in the purchasing app?")
    assert asked.calls == ['django_models {"app":"inventory"}', 'django_models {"app":"purchasing"}']
    assert "purchasing.GoodsReceipt:" in answer


async def test_another_name_alone_takes_the_place_of_the_first() -> None:
    """`and Supplier?` asks for Supplier what was asked for Invoice."""
    asked = at("airep", SCHEMA)
    await asked.ask("which fields does Invoice have?")
    await asked.ask("and Supplier?")
    assert asked.calls[-1] == 'django_fields {"model":"parties.Supplier"}'


async def test_another_code_takes_the_place_of_the_first() -> None:
    """`and KN-10-0105?` looks for the new number and no longer for the old one."""
    asked = at("sweeper-parts", ["files_search", "files_read"])
    await asked.ask("how many of TV-50-0508 are in stock?")
    answer = await asked.ask("and KN-10-0105?")
    assert "KN-10-0105," in answer
    assert "TV-50-0508," not in answer


async def test_an_ordinal_opens_that_entry_of_the_last_answer() -> None:
    """`the second one` is the second entry of the list that was shown, opened by the tool that shows one."""
    asked = at("airep", ["issues_list", "issues_read"])
    first = await asked.ask("list the open issues labelled security")
    second = [line for line in first.splitlines() if line.startswith("- ")][1]
    number = second.split("#", 1)[1].split(" ", 1)[0]
    await asked.ask("and the second one?")
    assert asked.calls[-1] == f'issues_read {{"number":{number}}}'


async def test_a_full_question_does_not_lean_on_the_turn_before() -> None:
    """A request that is whole by itself is not mixed with the one before it."""
    asked = at("airep", SCHEMA)
    await asked.ask("which fields does Invoice have?")
    await asked.ask("Which models are in the accounting app?")
    assert asked.calls[-1] == 'django_models {"app":"accounting"}'


async def test_why_asks_for_the_reason_of_what_was_asked() -> None:
    """`why?` alone looks for the reason of the earlier subject."""
    asked = at("find-a-sign", ["files_search", "files_read"])
    await asked.ask("is the deposit held until the proof is approved?")
    await asked.ask("why?")
    assert "deposit" in asked.calls[-1] or "0003-deposit" in asked.calls[-1]
